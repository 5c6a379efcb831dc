//! COBYLA for bounds (Powell, "A direct search optimization method that models the objective and constraint functions by
//! linear interpolation", 1994; radii as in Zhang, "PRIMA", 2023): steps to the minimum of a linear model within a ball.
//!
//! The model lives on a simplex, which is kept well shaped by steps off its faces. Bounds are part of the ball's
//! problem, which has a closed solution, so that no point outside them is ever asked for.
use serde::{Deserialize, Serialize};

use super::linear::{dot, length};
use super::linear_model::Simplex;
use super::question::{Answer, Method, Question, Step, Verdict};
use super::record::Record;
use crate::error::CoreResult;

const DEFAULT_TOLERANCE: f64 = 1e-4;
/// A vertex may be this many radii away.
const LONGEST: f64 = 2.0;
/// The radius of a step off a face, in radii.
const OFF_FACE: f64 = 0.5;
/// A step shorter than this share of the resolution is not worth an evaluation.
const SHORT: f64 = 0.1;
/// Shares of the predicted gain below which the radius shrinks, and above which it grows.
const POOR: f64 = 0.1;
const GOOD: f64 = 0.7;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// The vertices of the first simplex, one after the other from the best so far, at these distances along the axes.
    Starting { lengths: Vec<f64>, known: usize },
    /// A step to the minimum of the model, which foresees this gain.
    Stepping { step: Vec<f64>, gain: f64 },
    /// A step off the face opposite to a vertex; afterwards the radius may shrink.
    Shaping { step: Vec<f64>, vertex: usize },
}

/// `radius` is that of the next step; `resolution` bounds it from below and only shrinks, from `rhobeg` to the
/// tolerance. An iteration is one evaluation; its value is the best so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Cobyla {
    simplex: Option<Simplex>,
    radius: f64,
    resolution: f64,
    phase: Phase,
}

impl Cobyla {
    pub(super) fn new() -> Self {
        let phase = Phase::Starting { lengths: Vec::new(), known: 0 };
        Cobyla { simplex: None, radius: 0.0, resolution: 0.0, phase }
    }

    fn tolerance(record: &Record) -> f64 {
        record.settings.tolerance.unwrap_or(DEFAULT_TOLERANCE).max(f64::MIN_POSITIVE)
    }

    /// The next question of a search whose simplex is `simplex`.
    fn go(&mut self, next: Next, simplex: Simplex, record: &Record) -> Step {
        let mut next = next;
        let step = loop {
            next = match next {
                Next::Model => self.model_step(&simplex, record),
                Next::Shape => self.shape_step(&simplex, record),
                Next::Refine => self.refine(record),
                Next::Return(step) => break step,
            };
        };
        self.simplex = Some(simplex);
        step
    }

    /// To the minimum of the model, when that is worth a step.
    fn model_step(&mut self, simplex: &Simplex, record: &Record) -> Next {
        let slope = simplex.slope();
        let step = simplex.downhill(&slope, self.radius, &record.settings);
        let (gain, size) = (-dot(&slope, &step), length(&step));
        let is_compact = self.is_compact(simplex);
        if size <= SHORT * self.resolution || gain.is_nan() || gain <= 0.0 {
            self.set_radius(0.1 * self.radius);
            return self.after_poor_step(is_compact, size.min(self.radius));
        }
        let point = moved(simplex, &step, record);
        self.phase = Phase::Stepping { step, gain };
        Next::Return(Step::Ask(Question::value(&point)))
    }

    fn is_compact(&self, simplex: &Simplex) -> bool {
        simplex.is_compact(LONGEST * self.radius)
    }

    /// After a step that brought nothing: a better simplex first, then a finer resolution.
    fn after_poor_step(&self, was_compact: bool, size: f64) -> Next {
        if !was_compact {
            Next::Shape
        } else if self.radius.max(size) <= self.resolution {
            Next::Refine
        } else {
            Next::Model
        }
    }

    /// Brings the farthest vertex near, off the face of the others, unless none is far.
    fn shape_step(&mut self, simplex: &Simplex, record: &Record) -> Next {
        if self.is_compact(simplex) {
            return Next::Model;
        }
        let vertex = simplex.farthest();
        let step = simplex.off_face(vertex, OFF_FACE * self.radius, &simplex.slope(), &record.settings);
        let point = moved(simplex, &step, record);
        self.phase = Phase::Shaping { step, vertex };
        Next::Return(Step::Ask(Question::value(&point)))
    }

    /// A finer resolution, or the end.
    fn refine(&mut self, record: &Record) -> Next {
        let last = Self::tolerance(record);
        if self.resolution <= last {
            let message = format!("the radius of the model reached {last:?}");
            return Next::Return(Step::End(Verdict::success(message)));
        }
        let ratio = self.resolution / last;
        let finer = if ratio > 250.0 {
            0.1 * self.resolution
        } else if ratio <= 16.0 {
            last
        } else {
            libm::sqrt(ratio) * last
        };
        self.radius = (0.5 * self.resolution).max(finer);
        self.resolution = finer;
        Next::Model
    }

    /// Sets the radius; one that is near the resolution becomes it.
    fn set_radius(&mut self, radius: f64) {
        self.radius = if radius <= 1.5 * self.resolution { self.resolution } else { radius };
    }

    /// What follows from the value at the minimum of the model.
    fn stepped(
        &mut self,
        mut simplex: Simplex,
        step: &[f64],
        gain: f64,
        value: f64,
        record: &Record,
    ) -> Step {
        let (was_compact, size) = (self.is_compact(&simplex), length(step).min(self.radius));
        let share = (simplex.value - value) / gain;
        self.set_radius(if share <= POOR {
            0.5 * size
        } else if share <= GOOD {
            (0.5 * self.radius).max(size)
        } else {
            (0.5 * self.radius).max(2.0 * size)
        });
        let vertex = simplex.to_replace(step, value, self.resolution.max(0.1 * self.radius));
        if let Some(vertex) = vertex {
            simplex.replace(vertex, step, value);
        }
        let is_poor = share <= 0.0 || vertex.is_none();
        let next = if is_poor { self.after_poor_step(was_compact, size) } else { Next::Model };
        self.go(next, simplex, record)
    }

    /// Asks for the next vertex of the first simplex, or begins with the model when all are known.
    fn start(&mut self, simplex: Simplex, lengths: Vec<f64>, known: usize, record: &Record) -> Step {
        let Some(length) = lengths.get(known) else { return self.go(Next::Model, simplex, record) };
        let mut point = simplex.base.clone();
        point[known] += length;
        record.settings.clip(&mut point);
        self.simplex = Some(simplex);
        self.phase = Phase::Starting { lengths, known };
        Step::Ask(Question::value(&point))
    }

    /// Steps along the axes of the first simplex: up, or down where a bound leaves more room there.
    fn first_steps(&mut self, record: &Record) -> CoreResult<Vec<f64>> {
        let settings = &record.settings;
        let narrowest = (0..record.start.len()).map(|k| settings.high(k) - settings.low(k));
        let widest = narrowest.fold(f64::INFINITY, f64::min) / 2.0;
        self.resolution = settings.option("rhobeg")?.min(widest).max(Self::tolerance(record).min(widest));
        self.radius = self.resolution;
        let step = |(k, x): (usize, &f64)| {
            if x + self.radius <= settings.high(k) { self.radius } else { -self.radius }
        };
        Ok(record.start.iter().enumerate().map(step).collect())
    }
}

/// What a search does next, before it knows the question.
enum Next {
    Model,
    Shape,
    Refine,
    Return(Step),
}

/// The base moved by a step, inside the bounds whatever rounding does.
fn moved(simplex: &Simplex, step: &[f64], record: &Record) -> Vec<f64> {
    let mut point: Vec<f64> = simplex.base.iter().zip(step).map(|(x, d)| x + d).collect();
    record.settings.clip(&mut point);
    point
}

impl Method for Cobyla {
    fn begin(&mut self, record: &mut Record) -> CoreResult<Step> {
        self.phase = Phase::Starting { lengths: self.first_steps(record)?, known: 0 };
        Ok(Step::Ask(Question::value(&record.start)))
    }

    fn go_on(&mut self, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        let value = answer.values[0];
        record.finish_iteration(record.best_value());
        if record.iterations >= record.settings.max_iter {
            let message = format!("all {} evaluations done", record.settings.max_iter);
            return Ok(Step::End(Verdict::failure(message)));
        }
        let phase = std::mem::replace(&mut self.phase, Phase::Starting { lengths: Vec::new(), known: 0 });
        Ok(match (phase, self.simplex.take()) {
            (Phase::Stepping { step, gain }, Some(simplex)) => {
                self.stepped(simplex, &step, gain, value, record)
            }
            (Phase::Shaping { step, vertex }, Some(mut simplex)) => {
                simplex.replace(vertex, &step, value);
                self.go(Next::Model, simplex, record)
            }
            (Phase::Starting { lengths, known }, Some(mut simplex)) => {
                simplex.learn(known, value);
                self.start(simplex, lengths, known + 1, record)
            }
            (Phase::Starting { lengths, .. }, None) => {
                let simplex = Simplex::along_axes(record.start.clone(), value, &lengths);
                self.start(simplex, lengths, 0, record)
            }
            (_, None) => Step::End(Verdict::failure("the search has no simplex")),
        })
    }

    fn fits(&self, n: usize) -> bool {
        let phase = match &self.phase {
            Phase::Starting { lengths, known } => lengths.len() == n && *known < n,
            Phase::Stepping { step, .. } => step.len() == n && self.simplex.is_some(),
            Phase::Shaping { step, vertex } => step.len() == n && *vertex < n && self.simplex.is_some(),
        };
        phase && self.simplex.as_ref().is_none_or(|simplex| simplex.fits(n))
    }
}
