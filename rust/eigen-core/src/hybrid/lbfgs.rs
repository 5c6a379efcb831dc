//! Limited-memory BFGS with bounds (Liu and Nocedal, Math. Prog. 45, 503, 1989; bounds by projection as in Bertsekas,
//! SIAM J. Control Optim. 20, 221, 1982). Parameters held by a bound leave the two-loop recursion; its step is projected
//! into the bounds, and the line search goes along what is left of it.
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::line_search::{Line, LineSearch};
use super::linear::{dot, largest};
use super::question::{Answer, Method, Question, Step, Verdict};
use super::record::Record;
use crate::error::CoreResult;

/// The longest step where no bound ends it.
const MOST_STEP: f64 = 1e10;

/// A move and the change of the gradient along it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Correction {
    moved: Vec<f64>,
    turned: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Descent {
    direction: Vec<f64>,
    line: LineSearch,
    tries: u64,
}

/// Ends when the projected gradient is below `gtol`, or an iteration gains less than `ftol` of the value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Lbfgs {
    point: Vec<f64>,
    value: f64,
    slope: Vec<f64>,
    corrections: VecDeque<Correction>,
    descent: Option<Descent>,
}

impl Lbfgs {
    pub(super) fn new(start: &[f64]) -> Self {
        Lbfgs {
            point: start.to_vec(),
            value: 0.0,
            slope: vec![0.0; start.len()],
            corrections: VecDeque::new(),
            descent: None,
        }
    }

    /// The gradient where it leads inside the bounds.
    fn projected_slope(&self, record: &Record) -> Vec<f64> {
        let mut target: Vec<f64> = self.point.iter().zip(&self.slope).map(|(x, g)| x - g).collect();
        record.settings.clip(&mut target);
        self.point.iter().zip(target).map(|(x, y)| x - y).collect()
    }

    /// The quasi-Newton step over the parameters that no bound holds.
    fn newton_step(&self, record: &Record) -> Vec<f64> {
        let settings = &record.settings;
        let is_free: Vec<bool> = (0..self.point.len())
            .map(|k| {
                let (x, g) = (self.point[k], self.slope[k]);
                !(x <= settings.low(k) && g > 0.0 || x >= settings.high(k) && g < 0.0)
            })
            .collect();
        let over_free = |row: &[f64]| -> Vec<f64> {
            row.iter().zip(&is_free).map(|(x, free)| if *free { *x } else { 0.0 }).collect()
        };
        let pairs: Vec<(Vec<f64>, Vec<f64>, f64)> = self
            .corrections
            .iter()
            .map(|pair| (over_free(&pair.moved), over_free(&pair.turned)))
            .map(|(s, y)| (dot(&s, &y), s, y))
            .filter(|(curvature, _, y)| *curvature > f64::EPSILON * dot(y, y))
            .map(|(curvature, s, y)| (s, y, curvature))
            .collect();
        let mut step: Vec<f64> = over_free(&self.slope).iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(pairs.len());
        for (s, y, curvature) in pairs.iter().rev() {
            let share = dot(s, &step) / curvature;
            step.iter_mut().zip(y).for_each(|(d, y)| *d -= share * y);
            shares.push(share);
        }
        if let Some((_, y, curvature)) = pairs.last() {
            let scale = curvature / dot(y, y);
            step.iter_mut().for_each(|d| *d *= scale);
        }
        for ((s, y, curvature), share) in pairs.iter().zip(shares.iter().rev()) {
            let back = share - dot(y, &step) / curvature;
            step.iter_mut().zip(s).for_each(|(d, s)| *d += back * s);
        }
        step
    }

    /// The step with everything beyond a bound cut off.
    fn projected(&self, step: &[f64], record: &Record) -> Vec<f64> {
        if record.settings.bounds.is_none() {
            return step.to_vec();
        }
        let mut target: Vec<f64> = self.point.iter().zip(step).map(|(x, d)| x + d).collect();
        record.settings.clip(&mut target);
        target.iter().zip(&self.point).map(|(y, x)| y - x).collect()
    }

    /// How many times a direction fits between the point and the bounds.
    fn room(&self, direction: &[f64], record: &Record) -> f64 {
        let settings = &record.settings;
        let rooms = direction.iter().enumerate().filter(|(_, d)| **d != 0.0).map(|(k, d)| {
            let bound = if *d > 0.0 { settings.high(k) } else { settings.low(k) };
            (bound - self.point[k]) / d
        });
        rooms.fold(MOST_STEP, f64::min)
    }

    /// Looks at a new point: ends, or goes on along a new direction.
    fn look(&mut self, record: &mut Record, gain: Option<f64>) -> CoreResult<Step> {
        let settings = &record.settings;
        let (gtol, ftol) = (settings.tolerance_or("gtol")?, settings.tolerance_or("ftol")?);
        if largest(&self.projected_slope(record)) <= gtol {
            let message = format!("the projected gradient is below {gtol:?}");
            return Ok(Step::End(Verdict::success(message)));
        }
        if gain.is_some_and(|gain| gain <= ftol) {
            let message = format!("an iteration gained at most {ftol:?} of the value");
            return Ok(Step::End(Verdict::success(message)));
        }
        if record.iterations >= settings.max_iter {
            return Ok(Step::End(Verdict::failure(format!("all {} iterations done", settings.max_iter))));
        }
        Ok(self.descend(record))
    }

    fn descend(&mut self, record: &Record) -> Step {
        let mut direction = self.projected(&self.newton_step(record), record);
        let mut incline = dot(&direction, &self.slope);
        if incline >= 0.0 || !incline.is_finite() {
            self.corrections.clear();
            direction = self.projected_slope(record).iter().map(|g| -g).collect();
            incline = dot(&direction, &self.slope);
        }
        let most = self.room(&direction, record).max(1.0);
        let length = libm::sqrt(dot(&direction, &direction));
        let first = if self.corrections.is_empty() { (1.0 / length).min(1.0) } else { 1.0 };
        let line = LineSearch::new(self.value, incline, first, most);
        self.descent = Some(Descent { direction, line, tries: 0 });
        self.ask(record, first)
    }

    fn at(&self, step: f64, direction: &[f64], record: &Record) -> Vec<f64> {
        let mut point: Vec<f64> = self.point.iter().zip(direction).map(|(x, d)| x + step * d).collect();
        record.settings.clip(&mut point);
        point
    }

    fn ask(&self, record: &Record, step: f64) -> Step {
        let direction = self.descent.as_ref().map_or(&[][..], |descent| &descent.direction);
        Step::Ask(Question::gradient(&self.at(step, direction, record)))
    }

    /// Takes the step, remembers its curvature.
    fn arrive(&mut self, point: Vec<f64>, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        let value = answer.values[0];
        let moved: Vec<f64> = point.iter().zip(&self.point).map(|(x, before)| x - before).collect();
        let turned: Vec<f64> = answer.slopes.iter().zip(&self.slope).map(|(g, before)| g - before).collect();
        if dot(&moved, &turned) > f64::EPSILON * -dot(&moved, &self.slope) {
            self.corrections.push_back(Correction { moved, turned });
            if self.corrections.len() as f64 > record.settings.option("maxcor")? {
                self.corrections.pop_front();
            }
        }
        let size = self.value.abs().max(value.abs()).max(1.0);
        let gain = (self.value - value) / size;
        (self.point, self.value, self.slope) = (point, value, answer.slopes.to_vec());
        record.finish_iteration(value);
        self.look(record, Some(gain))
    }

    /// The line search failed: forget the curvature and try again, unless there was none.
    fn lost(&mut self, record: &Record) -> Step {
        if self.corrections.is_empty() {
            return Step::End(Verdict::failure("the line search found no better point"));
        }
        self.corrections.clear();
        self.descend(record)
    }
}

impl Method for Lbfgs {
    fn begin(&mut self, _: &mut Record) -> CoreResult<Step> {
        Ok(Step::Ask(Question::gradient(&self.point)))
    }

    fn go_on(&mut self, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        let Some(mut descent) = self.descent.take() else {
            (self.value, self.slope) = (answer.values[0], answer.slopes.to_vec());
            return self.look(record, None);
        };
        let point = self.at(descent.line.step(), &descent.direction, record);
        let incline = dot(&descent.direction, answer.slopes);
        descent.tries += 1;
        match descent.line.tell(answer.values[0], incline) {
            Line::Found => self.arrive(point, answer, record),
            Line::Try(step) if (descent.tries as f64) < record.settings.option("maxls")? => {
                self.descent = Some(descent);
                Ok(self.ask(record, step))
            }
            Line::Try(_) | Line::Stuck => Ok(self.lost(record)),
        }
    }

    fn fits(&self, n: usize) -> bool {
        let pairs = self.corrections.iter().all(|pair| pair.moved.len() == n && pair.turned.len() == n);
        let line = self.descent.as_ref().is_none_or(|descent| descent.direction.len() == n);
        pairs && line && self.point.len() == n && self.slope.len() == n
    }
}
