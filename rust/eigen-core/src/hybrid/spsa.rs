//! SPSA: a gradient estimate from two evaluations a step, for any number of parameters (Spall, IEEE TAC 37, 1992).
use serde::{Deserialize, Serialize};

use super::batching::Batching;
use super::question::{Answer, Method, Question, Step, Verdict};
use super::record::Record;
use crate::error::CoreResult;
use crate::rng::Philox;

const CALIBRATION_STREAM: u64 = 1;
const STEP_STREAM: u64 = 2;
/// A slope below this is taken for flat, and the gain is not calibrated by it.
const FLAT: f64 = 1e-10;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Calibrating,
    Stepping { signs: Vec<i8> },
    Closing(Verdict),
}

/// Gains a / (A + k)^alpha and perturbations c / k^gamma; directions of ±1 from a counter generator.
///
/// Without `a` the gain is calibrated so that the first step moves a parameter by `first_step` on average. With a
/// tolerance it ends when the step of every parameter stays below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Spsa {
    point: Vec<f64>,
    gain: f64,
    /// Steps begun.
    number: u64,
    batching: Batching,
    phase: Phase,
}

impl Spsa {
    pub(super) fn new(start: &[f64]) -> Self {
        let batching = Batching::default();
        Spsa { point: start.to_vec(), gain: 0.0, number: 0, batching, phase: Phase::Calibrating }
    }

    /// The directions of ±1 number `first`, `first + 1`, … of a stream.
    fn directions(&self, record: &Record, stream: u64, first: u64, count: usize) -> Vec<Vec<i8>> {
        let width = self.point.len();
        let mut draws = Philox::at(record.settings.seed, stream, first.wrapping_mul(width as u64));
        let mut draw = || if draws.below(2) == 1 { 1 } else { -1 };
        (0..count).map(|_| (0..width).map(|_| draw()).collect()).collect()
    }

    /// The two points of a direction.
    fn pair(&self, record: &Record, width: f64, signs: &[i8]) -> [Vec<f64>; 2] {
        [1.0, -1.0].map(|side| {
            let moved = self.point.iter().zip(signs).map(|(x, sign)| x + side * (width * f64::from(*sign)));
            let mut point: Vec<f64> = moved.collect();
            record.settings.clip(&mut point);
            point
        })
    }

    fn stability(record: &Record) -> CoreResult<f64> {
        Ok(record.settings.chosen("A")?.unwrap_or(0.1 * record.settings.max_iter as f64))
    }

    fn width(&self, record: &Record) -> CoreResult<f64> {
        Ok(record.settings.option("c")? / libm::pow(self.number as f64, record.settings.option("gamma")?))
    }

    fn calibrate(&mut self, record: &mut Record) -> CoreResult<Step> {
        let (pairs, width) = (record.settings.option("calibration")?, record.settings.option("c")?);
        let directions = self.directions(record, CALIBRATION_STREAM, 0, (pairs as usize).max(1));
        let points: Vec<Vec<f64>> =
            directions.iter().flat_map(|signs| self.pair(record, width, signs)).collect();
        let batch = self.batching.clone().next(&record.settings).flatten();
        Ok(Step::Ask(Question::values(points.iter().map(Vec::as_slice)).about(batch)))
    }

    fn calibrated(&self, answer: Answer<'_>, record: &Record) -> CoreResult<f64> {
        let width = record.settings.option("c")?;
        let mut total = 0.0;
        for pair in answer.values.chunks_exact(2) {
            total += ((pair[0] - pair[1]) / (2.0 * width)).abs();
        }
        let mut typical = total / (answer.values.len() / 2) as f64;
        if typical < FLAT {
            typical = 1.0;
        }
        let growth = libm::pow(Self::stability(record)? + 1.0, record.settings.option("alpha")?);
        Ok(record.settings.option("first_step")? * growth / typical)
    }

    fn ask(&mut self, record: &mut Record) -> CoreResult<Step> {
        let Some(batch) = self.batching.next(&record.settings) else {
            return Ok(self.close(Verdict::success("all iterations done")));
        };
        let signs = self.directions(record, STEP_STREAM, self.number, 1).remove(0);
        self.number += 1;
        let [above, below] = self.pair(record, self.width(record)?, &signs);
        self.phase = Phase::Stepping { signs };
        Ok(Step::Ask(Question::values([&above[..], &below[..]]).about(batch)))
    }

    /// The value at the last point, over all samples, ends the search.
    fn close(&mut self, verdict: Verdict) -> Step {
        self.phase = Phase::Closing(verdict);
        Step::Ask(Question::value(&self.point))
    }

    fn stepped(&mut self, signs: &[i8], answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        let settings = &record.settings;
        let (high, low) = (answer.values[0], answer.values[1]);
        let slope = (high - low) / (2.0 * self.width(record)?);
        let growth = libm::pow(Self::stability(record)? + self.number as f64, settings.option("alpha")?);
        let rate = self.gain / growth;
        let previous = self.point.clone();
        for (x, sign) in self.point.iter_mut().zip(signs) {
            *x -= rate * slope * f64::from(*sign);
        }
        settings.clip(&mut self.point);
        let steps = self.point.iter().zip(&previous).map(|(x, before)| (x - before).abs());
        let moved = steps.fold(0.0, f64::max);
        let tolerance = settings.tolerance;
        record.finish_iteration((high + low) / 2.0);
        match tolerance {
            Some(tolerance) if moved < tolerance => {
                let message = format!("every parameter moved by less than {tolerance:?}");
                Ok(self.close(Verdict::success(message)))
            }
            _ => self.ask(record),
        }
    }
}

impl Method for Spsa {
    fn begin(&mut self, record: &mut Record) -> CoreResult<Step> {
        match record.settings.chosen("a")? {
            Some(gain) => {
                self.gain = gain;
                self.ask(record)
            }
            None => self.calibrate(record),
        }
    }

    fn go_on(&mut self, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        match std::mem::replace(&mut self.phase, Phase::Calibrating) {
            Phase::Calibrating => {
                self.gain = self.calibrated(answer, record)?;
                self.ask(record)
            }
            Phase::Stepping { signs } => self.stepped(&signs, answer, record),
            Phase::Closing(verdict) => Ok(Step::End(verdict)),
        }
    }

    fn fits(&self, n: usize) -> bool {
        let signs = match &self.phase {
            Phase::Stepping { signs } => signs.len() == n,
            _ => true,
        };
        signs && self.point.len() == n
    }
}
