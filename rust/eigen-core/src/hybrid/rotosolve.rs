//! Rotosolve: the exact minimum along one rotation angle at a time (Ostaszewski et al., Quantum 5, 391, 2021).
use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::question::{Answer, Method, Question, Step, Verdict};
use super::record::{Record, failed};
use crate::error::CoreResult;

const PROBE: f64 = 1.0;
const AGREEMENT: f64 = 1e-6;
const DEFAULT_TOLERANCE: f64 = 1e-8;
/// After so many sweeps the value is measured: predictions must not drift away.
const MEASURED_EVERY: u64 = 8;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Starting,
    Solving,
    Measuring,
    Closing(Verdict),
}

/// Sweeps over the parameters; along each the objective must be `m + a cos(x) + b sin(x)`.
///
/// With exact values the first sweep proves that at a fourth point of each parameter; with values from shots it cannot
/// be proved, which the message says. Ends when a sweep improves the value by less than the tolerance (1e-8; from
/// shots, all sweeps are done).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rotosolve {
    point: Vec<f64>,
    /// The value at the point, as far as it is known.
    value: f64,
    /// The value before the sweep.
    before: f64,
    sweep: u64,
    place: usize,
    phase: Phase,
}

impl Rotosolve {
    pub(super) fn new(start: &[f64]) -> Self {
        let point = start.to_vec();
        Rotosolve { point, value: 0.0, before: 0.0, sweep: 0, place: 0, phase: Phase::Starting }
    }

    fn is_checked(&self, record: &Record) -> bool {
        record.settings.is_exact && self.sweep == 0
    }

    /// The points around the present parameter.
    fn ask(&mut self, record: &Record) -> Step {
        self.phase = Phase::Solving;
        let here = self.point[self.place];
        let shifts = [PI / 2.0, -PI / 2.0, PROBE];
        let count = if self.is_checked(record) { 3 } else { 2 };
        let points: Vec<Vec<f64>> = shifts[..count]
            .iter()
            .map(|shift| {
                let mut point = self.point.clone();
                point[self.place] = here + shift;
                point
            })
            .collect();
        Step::Ask(Question::values(points.iter().map(Vec::as_slice)))
    }

    /// Moves the parameter to its minimum; the value there is what the sinusoid predicts.
    fn solve(&mut self, answer: Answer<'_>, record: &Record) -> CoreResult<()> {
        let (above, below) = (answer.values[0], answer.values[1]);
        let mean = (above + below) / 2.0;
        let (cosine, sine) = (self.value - mean, (above - below) / 2.0);
        let amplitude = libm::hypot(cosine, sine);
        if self.is_checked(record) {
            let expected = mean + cosine * libm::cos(PROBE) + sine * libm::sin(PROBE);
            if (answer.values[2] - expected).abs() > AGREEMENT * (1.0 + amplitude) {
                return Err(failed(format!(
                    "`rotosolve` does not fit: along parameter `{}` the objective is not a sinusoid of period 2 pi",
                    self.place
                ))
                .with_hint(
                    "each parameter must be the angle of exactly one rotation, and the objective linear in the \
                     expectation values; another method, such as l-bfgs-b, takes any objective",
                ));
            }
        }
        if amplitude == 0.0 {
            return Ok(());
        }
        let moved = self.point[self.place] + libm::atan2(-sine, -cosine);
        let turns = libm::rint(moved / (2.0 * PI));
        self.point[self.place] = if moved.abs() > PI { moved - 2.0 * PI * turns } else { moved };
        self.value = mean - amplitude;
        Ok(())
    }

    fn end_of_sweep(&mut self, record: &mut Record) -> Step {
        let settings = &record.settings;
        let tolerance = settings.tolerance.or(settings.is_exact.then_some(DEFAULT_TOLERANCE));
        let unproved = "; values come from shots, so their sinusoidal form was not checked";
        let note = if settings.is_exact { "" } else { unproved };
        let max_iter = settings.max_iter;
        record.finish_iteration(self.value);
        self.sweep += 1;
        let improved = self.before - self.value;
        match tolerance {
            Some(tolerance) if improved < tolerance => self.close(Verdict::success(format!(
                "a sweep improved the value by less than {tolerance:?}{note}"
            ))),
            _ if self.sweep >= max_iter => self
                .close(Verdict { success: tolerance.is_none(), message: format!("all sweeps done{note}") }),
            _ => self.start_sweep(record),
        }
    }

    fn start_sweep(&mut self, record: &Record) -> Step {
        (self.before, self.place) = (self.value, 0);
        self.ask(record)
    }

    fn close(&mut self, verdict: Verdict) -> Step {
        self.phase = Phase::Closing(verdict);
        Step::Ask(Question::value(&self.point))
    }
}

impl Method for Rotosolve {
    fn begin(&mut self, _: &mut Record) -> CoreResult<Step> {
        Ok(Step::Ask(Question::value(&self.point)))
    }

    fn go_on(&mut self, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        match std::mem::replace(&mut self.phase, Phase::Solving) {
            Phase::Starting => {
                self.value = answer.values[0];
                Ok(self.start_sweep(record))
            }
            Phase::Measuring => {
                self.value = answer.values[0];
                Ok(self.end_of_sweep(record))
            }
            Phase::Closing(verdict) => Ok(Step::End(verdict)),
            Phase::Solving => {
                self.solve(answer, record)?;
                self.place += 1;
                if self.place < self.point.len() {
                    return Ok(self.ask(record));
                }
                if !record.settings.is_exact || self.sweep % MEASURED_EVERY == MEASURED_EVERY - 1 {
                    self.phase = Phase::Measuring;
                    return Ok(Step::Ask(Question::value(&self.point)));
                }
                Ok(self.end_of_sweep(record))
            }
        }
    }

    fn fits(&self, n: usize) -> bool {
        self.point.len() == n && (self.place < n || self.phase != Phase::Solving)
    }
}
