//! The downhill simplex (Nelder and Mead, Computer Journal 7, 308, 1965), with steps adapted to the dimension when asked
//! (Gao and Han, Comput. Optim. Appl. 51, 259, 2012). Bounds by moving points inside.
use serde::{Deserialize, Serialize};

use super::question::{Answer, Method, Question, Step, Verdict};
use super::record::Record;
use crate::error::CoreResult;

/// The first simplex: a parameter grows by this share of itself, or by `FROM_ZERO` where it is 0.
const SHARE: f64 = 0.05;
const FROM_ZERO: f64 = 0.000_25;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Vertex {
    value: f64,
    point: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Starting,
    Reflecting { point: Vec<f64> },
    Expanding { reflected: Vertex, point: Vec<f64> },
    ContractingOutside { reflected: f64, point: Vec<f64> },
    ContractingInside { point: Vec<f64> },
    Shrinking,
}

/// Vertices from best to worst. Ends when all are within `xatol` of the best and their values within `fatol`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NelderMead {
    simplex: Vec<Vertex>,
    phase: Phase,
}

/// How far the steps go, in multiples of the way from the worst vertex to the middle of the others.
struct Steps {
    expand: f64,
    contract: f64,
    shrink: f64,
}

impl Steps {
    fn of(record: &Record) -> CoreResult<Self> {
        let n = record.start.len() as f64;
        Ok(if record.settings.option("adaptive")? != 0.0 {
            Steps { expand: 1.0 + 2.0 / n, contract: 0.75 - 1.0 / (2.0 * n), shrink: 1.0 - 1.0 / n }
        } else {
            Steps { expand: 2.0, contract: 0.5, shrink: 0.5 }
        })
    }
}

impl NelderMead {
    pub(super) fn new() -> Self {
        NelderMead { simplex: Vec::new(), phase: Phase::Starting }
    }

    /// Asks for the vertices from number `first` on.
    fn ask_from(&self, first: usize) -> Step {
        Step::Ask(Question::values(self.simplex[first..].iter().map(|vertex| &vertex.point[..])))
    }

    /// The point `length` times as far from the middle as the worst vertex, on the other side.
    fn beyond(&self, length: f64, record: &Record) -> Vec<f64> {
        let (worst, others) =
            (&self.simplex[self.simplex.len() - 1], &self.simplex[..self.simplex.len() - 1]);
        let n = others.len() as f64;
        let middle = |k: usize| others.iter().fold(0.0, |sum, vertex| sum + vertex.point[k]) / n;
        let mut point: Vec<f64> =
            worst.point.iter().enumerate().map(|(k, x)| (1.0 + length) * middle(k) - length * x).collect();
        record.settings.clip(&mut point);
        point
    }

    fn ask(&mut self, phase: Phase) -> Step {
        self.phase = phase;
        match &self.phase {
            Phase::Reflecting { point }
            | Phase::Expanding { point, .. }
            | Phase::ContractingOutside { point, .. }
            | Phase::ContractingInside { point } => Step::Ask(Question::value(point)),
            Phase::Starting => self.ask_from(0),
            Phase::Shrinking => self.ask_from(1),
        }
    }

    /// Looks at the sorted simplex: ends, or reflects the worst vertex.
    fn look(&mut self, record: &mut Record) -> CoreResult<Step> {
        let (settings, best) = (&record.settings, &self.simplex[0]);
        let (xatol, fatol) = (settings.tolerance_or("xatol")?, settings.tolerance_or("fatol")?);
        let is_near = |vertex: &Vertex| {
            let apart = vertex.point.iter().zip(&best.point).all(|(x, y)| (x - y).abs() <= xatol);
            apart && (vertex.value - best.value).abs() <= fatol
        };
        if self.simplex[1..].iter().all(is_near) {
            let message =
                format!("the simplex shrank below {xatol:?}, its values differ by at most {fatol:?}");
            return Ok(Step::End(Verdict::success(message)));
        }
        if record.iterations >= settings.max_iter {
            return Ok(Step::End(Verdict::failure(format!("all {} iterations done", settings.max_iter))));
        }
        let point = self.beyond(1.0, record);
        Ok(self.ask(Phase::Reflecting { point }))
    }

    /// Puts a vertex in place of the worst and ends the iteration.
    fn accept(&mut self, vertex: Vertex, record: &mut Record) -> CoreResult<Step> {
        self.simplex.pop();
        self.simplex.push(vertex);
        self.end_of_iteration(record)
    }

    fn end_of_iteration(&mut self, record: &mut Record) -> CoreResult<Step> {
        self.sort();
        record.finish_iteration(self.simplex[0].value);
        self.look(record)
    }

    fn sort(&mut self) {
        self.simplex.sort_by(|a, b| a.value.total_cmp(&b.value));
    }

    fn reflected(&mut self, reflected: Vertex, record: &mut Record) -> CoreResult<Step> {
        let (count, steps) = (self.simplex.len(), Steps::of(record)?);
        if reflected.value < self.simplex[0].value {
            let point = self.beyond(steps.expand, record);
            return Ok(self.ask(Phase::Expanding { reflected, point }));
        }
        if reflected.value < self.simplex[count.saturating_sub(2)].value {
            return self.accept(reflected, record);
        }
        if reflected.value < self.simplex[count - 1].value {
            let point = self.beyond(steps.contract, record);
            return Ok(self.ask(Phase::ContractingOutside { reflected: reflected.value, point }));
        }
        let point = self.beyond(-steps.contract, record);
        Ok(self.ask(Phase::ContractingInside { point }))
    }

    /// Draws all vertices towards the best.
    fn shrink(&mut self, record: &Record) -> CoreResult<Step> {
        let shrink = Steps::of(record)?.shrink;
        let (best, others) = self.simplex.split_at_mut(1);
        for vertex in others {
            for (x, centre) in vertex.point.iter_mut().zip(&best[0].point) {
                *x = centre + shrink * (*x - centre);
            }
            record.settings.clip(&mut vertex.point);
        }
        Ok(self.ask(Phase::Shrinking))
    }
}

/// The vertices of the first simplex, inside the bounds: one that would lie above is mirrored at its bound.
fn first_simplex(record: &Record) -> Vec<Vertex> {
    let settings = &record.settings;
    let mut rows = vec![record.start.clone()];
    for k in 0..record.start.len() {
        let mut row = record.start.clone();
        row[k] = if row[k] != 0.0 { (1.0 + SHARE) * row[k] } else { FROM_ZERO };
        if row[k] > settings.high(k) {
            row[k] = 2.0 * settings.high(k) - row[k];
        }
        settings.clip(&mut row);
        rows.push(row);
    }
    rows.into_iter().map(|point| Vertex { value: 0.0, point }).collect()
}

impl Method for NelderMead {
    fn begin(&mut self, record: &mut Record) -> CoreResult<Step> {
        self.simplex = first_simplex(record);
        Ok(self.ask(Phase::Starting))
    }

    fn go_on(&mut self, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        let value = answer.values[0];
        match std::mem::replace(&mut self.phase, Phase::Starting) {
            Phase::Starting => {
                self.simplex.iter_mut().zip(answer.values).for_each(|(vertex, value)| vertex.value = *value);
                self.sort();
                self.look(record)
            }
            Phase::Reflecting { point } => self.reflected(Vertex { value, point }, record),
            Phase::Expanding { reflected, point } => {
                let expanded = Vertex { value, point };
                self.accept(if expanded.value < reflected.value { expanded } else { reflected }, record)
            }
            Phase::ContractingOutside { reflected, point } if value <= reflected => {
                self.accept(Vertex { value, point }, record)
            }
            Phase::ContractingInside { point } if value < self.simplex[self.simplex.len() - 1].value => {
                self.accept(Vertex { value, point }, record)
            }
            Phase::ContractingOutside { .. } | Phase::ContractingInside { .. } => self.shrink(record),
            Phase::Shrinking => {
                let others = self.simplex[1..].iter_mut();
                others.zip(answer.values).for_each(|(vertex, value)| vertex.value = *value);
                self.end_of_iteration(record)
            }
        }
    }

    fn fits(&self, n: usize) -> bool {
        self.simplex.len() == n + 1 && self.simplex.iter().all(|vertex| vertex.point.len() == n)
    }
}
