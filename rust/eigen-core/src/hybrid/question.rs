//! What a search asks of its objective, and how a method goes on when it is answered.
use serde::{Deserialize, Serialize};

use super::record::Record;
use crate::error::CoreResult;

/// What is wanted at the points of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wants {
    /// The value of the objective.
    Values,
    /// The value and the gradient.
    Gradients,
}

/// Points at which a search wants to know its objective. They do not depend on each other's answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What is wanted.
    pub wants: Wants,
    /// Number of points.
    pub count: usize,
    /// The points, one after the other.
    pub points: Vec<f64>,
    /// The samples to take, by number; all of them when not told.
    pub batch: Option<Vec<usize>>,
}

impl Question {
    /// Asks for the values at some points.
    pub(super) fn values<'a>(points: impl IntoIterator<Item = &'a [f64]>) -> Self {
        let (mut flat, mut count) = (Vec::new(), 0);
        for point in points {
            flat.extend_from_slice(point);
            count += 1;
        }
        Question { wants: Wants::Values, count, points: flat, batch: None }
    }

    /// Asks for the value at one point.
    pub(super) fn value(point: &[f64]) -> Self {
        Self::values([point])
    }

    /// Asks for value and gradient at one point.
    pub(super) fn gradient(point: &[f64]) -> Self {
        Question { wants: Wants::Gradients, ..Self::value(point) }
    }

    /// The same question about some samples only.
    pub(super) fn about(mut self, batch: Option<Vec<usize>>) -> Self {
        self.batch = batch;
        self
    }

    /// The points.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        let width = self.points.len() / self.count.max(1);
        (0..self.count).map(move |k| &self.points[k * width..(k + 1) * width])
    }
}

/// Answers to a question: a value for each point, and the gradients one after the other where they were wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub values: &'a [f64],
    pub slopes: &'a [f64],
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the method's own criterion was met.
    pub success: bool,
    /// Why it ended.
    pub message: String,
}

impl Verdict {
    pub(super) fn success(message: impl Into<String>) -> Self {
        Verdict { success: true, message: message.into() }
    }

    pub(super) fn failure(message: impl Into<String>) -> Self {
        Verdict { success: false, message: message.into() }
    }
}

/// What a method does next.
pub(super) enum Step {
    Ask(Question),
    End(Verdict),
}

/// One optimisation method under way: its whole state is its fields.
pub(super) trait Method {
    /// The first question.
    fn begin(&mut self, record: &mut Record) -> CoreResult<Step>;

    /// What follows from the answer to the last question.
    fn go_on(&mut self, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step>;

    /// Whether a state that was read fits `n` parameters, so that going on indexes nothing that is not there.
    fn fits(&self, n: usize) -> bool;
}
