//! Gradient descent: Adam (Kingma and Ba, ICLR 2015) and SGD with heavy-ball momentum, whole or in mini-batches.
use serde::{Deserialize, Serialize};

use super::batching::Batching;
use super::question::{Answer, Method, Question, Step, Verdict};
use super::record::Record;
use crate::error::CoreResult;

/// How a gradient becomes a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    Adam { first: Vec<f64>, second: Vec<f64>, decays: (f64, f64) },
    Sgd { velocity: Vec<f64> },
}

/// Descent until every component of the gradient is below the tolerance, or all iterations are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Descent {
    rule: Rule,
    point: Vec<f64>,
    batching: Batching,
    /// Whether the last point is being evaluated over all samples.
    is_last: bool,
}

impl Descent {
    pub(super) fn adam(start: &[f64]) -> Self {
        let zeros = vec![0.0; start.len()];
        Self::new(Rule::Adam { first: zeros.clone(), second: zeros, decays: (1.0, 1.0) }, start)
    }

    pub(super) fn sgd(start: &[f64]) -> Self {
        Self::new(Rule::Sgd { velocity: vec![0.0; start.len()] }, start)
    }

    fn new(rule: Rule, start: &[f64]) -> Self {
        Descent { rule, point: start.to_vec(), batching: Batching::default(), is_last: false }
    }

    fn ask(&mut self, record: &Record) -> Step {
        if let Some(batch) = self.batching.next(&record.settings) {
            return Step::Ask(Question::gradient(&self.point).about(batch));
        }
        self.is_last = true;
        Step::Ask(Question::value(&self.point))
    }

    fn verdict(&self, record: &Record) -> Verdict {
        match record.settings.tolerance {
            Some(tolerance) if record.settings.batches.is_none() => Verdict::failure(format!(
                "the gradient did not fall below {tolerance:?} in {} iterations",
                record.settings.max_iter
            )),
            _ => Verdict::success("all iterations done"),
        }
    }
}

impl Method for Descent {
    fn begin(&mut self, record: &mut Record) -> CoreResult<Step> {
        Ok(self.ask(record))
    }

    fn go_on(&mut self, answer: Answer<'_>, record: &mut Record) -> CoreResult<Step> {
        if self.is_last {
            return Ok(Step::End(self.verdict(record)));
        }
        record.finish_iteration(answer.values[0]);
        if let (Some(tolerance), None) = (record.settings.tolerance, record.settings.batches)
            && answer.slopes.iter().all(|part| part.abs() < tolerance)
        {
            return Ok(Step::End(Verdict::success(format!("the gradient fell below {tolerance:?}"))));
        }
        self.rule.step(answer.slopes, &mut self.point, record)?;
        record.settings.clip(&mut self.point);
        Ok(self.ask(record))
    }

    fn fits(&self, n: usize) -> bool {
        let state = match &self.rule {
            Rule::Adam { first, second, .. } => first.len() == n && second.len() == n,
            Rule::Sgd { velocity } => velocity.len() == n,
        };
        state && self.point.len() == n
    }
}

impl Rule {
    /// Moves the point against the gradient.
    fn step(&mut self, slope: &[f64], point: &mut [f64], record: &Record) -> CoreResult<()> {
        let rate = record.settings.option("learning_rate")?;
        match self {
            Rule::Adam { first, second, decays } => {
                let (beta1, beta2) = (record.settings.option("beta1")?, record.settings.option("beta2")?);
                let epsilon = record.settings.option("epsilon")?;
                *decays = (decays.0 * beta1, decays.1 * beta2);
                for (k, g) in slope.iter().enumerate() {
                    first[k] = beta1 * first[k] + (1.0 - beta1) * g;
                    second[k] = beta2 * second[k] + (1.0 - beta2) * g * g;
                    let scale = libm::sqrt(second[k] / (1.0 - decays.1)) + epsilon;
                    point[k] -= rate * (first[k] / (1.0 - decays.0)) / scale;
                }
            }
            Rule::Sgd { velocity } => {
                let momentum = record.settings.option("momentum")?;
                for (k, g) in slope.iter().enumerate() {
                    velocity[k] = momentum * velocity[k] + rate * g;
                    point[k] -= velocity[k];
                }
            }
        }
        Ok(())
    }
}
