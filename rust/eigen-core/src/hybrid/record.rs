//! What a search has found so far: counts, the best point, the value at the end of each iteration.
use serde::{Deserialize, Serialize};

use super::question::{Answer, Question, Wants};
use super::settings::Settings;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Parameters that a message shows.
const SHOWN: usize = 8;

/// The record of one search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub settings: Settings,
    pub start: Vec<f64>,
    pub evaluations: u64,
    pub iterations: u64,
    /// The best value over all samples, and where.
    pub best: Option<(f64, Vec<f64>)>,
    /// The values of the iterations since `iterations - history.len()`; kept beside a checkpoint's state.
    #[serde(skip)]
    pub history: Vec<f64>,
}

impl Record {
    pub(super) fn new(settings: Settings, start: Vec<f64>) -> Self {
        Record { settings, start, evaluations: 0, iterations: 0, best: None, history: Vec::new() }
    }

    /// The end of an iteration, with the value that stands for it.
    pub(super) fn finish_iteration(&mut self, value: f64) {
        self.iterations += 1;
        self.history.push(value);
    }

    /// The best value so far.
    pub(super) fn best_value(&self) -> f64 {
        self.best.as_ref().map_or(f64::NAN, |best| best.0)
    }

    /// Takes answers in: refuses what is not finite, and remembers the best point.
    pub(super) fn learn(&mut self, question: &Question, answer: Answer<'_>) -> CoreResult<()> {
        let n = self.start.len();
        for (k, (point, value)) in question.rows().zip(answer.values).enumerate() {
            if !value.is_finite() {
                return Err(not_finite("objective", *value, point));
            }
            if question.wants == Wants::Gradients {
                let slope = &answer.slopes[k * n..(k + 1) * n];
                if let Some(bad) = slope.iter().find(|part| !part.is_finite()) {
                    return Err(not_finite("gradient of the objective", *bad, point));
                }
            }
            if question.batch.is_none() && self.best.as_ref().is_none_or(|best| *value < best.0) {
                self.best = Some((*value, point.to_vec()));
            }
        }
        Ok(())
    }
}

/// The error of a search that cannot go on.
pub(super) fn failed(message: String) -> CoreError {
    CoreError::new(ErrorCode::SearchFailed, message)
}

fn not_finite(what: &str, value: f64, point: &[f64]) -> CoreError {
    let value = if value.is_nan() { "nan".to_owned() } else { value.to_string() };
    let shown: Vec<String> = point.iter().take(SHOWN).map(f64::to_string).collect();
    let more = if point.len() > SHOWN { ", …" } else { "" };
    failed(format!("the {what} is `{value}` at the parameters [{}{more}]", shown.join(", ")))
}
