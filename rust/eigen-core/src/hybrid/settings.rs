//! How far and where a search goes.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{CoreError, CoreResult, ErrorCode};

/// Most parameters of a search.
pub const MOST_PARAMETERS: usize = 10_000;

/// Mini-batches: `epochs` passes over `count` samples in shuffled batches of `size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batches {
    /// Number of samples.
    pub count: usize,
    /// Samples in a batch.
    pub size: usize,
    /// Passes over all samples.
    pub epochs: usize,
}

/// Settings of one search. Every option of the method has its value; `None` stands for "chosen by the method".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Most iterations.
    pub max_iter: u64,
    /// Seed of everything random.
    pub seed: u64,
    /// Replaces the method's own tolerances of convergence.
    pub tolerance: Option<f64>,
    /// Bounds of each parameter; none where it is `None`.
    pub bounds: Option<Vec<(Option<f64>, Option<f64>)>>,
    /// The options of the method.
    pub options: BTreeMap<String, Option<f64>>,
    /// Mini-batches.
    pub batches: Option<Batches>,
    /// Most evaluations of the objective.
    pub max_evaluations: u64,
    /// What a gradient counts for in evaluations.
    pub gradient_cost: u64,
    /// Whether values are exact, not estimated from shots.
    pub is_exact: bool,
}

impl Settings {
    /// An option that has a value.
    pub(super) fn option(&self, name: &str) -> CoreResult<f64> {
        self.chosen(name)?.ok_or_else(|| invalid(format!("the option `{name}` needs a value")))
    }

    /// An option that the method may choose itself.
    pub(super) fn chosen(&self, name: &str) -> CoreResult<Option<f64>> {
        self.options.get(name).copied().ok_or_else(|| invalid(format!("the option `{name}` is missing")))
    }

    /// The tolerance of the search, else the option of that name.
    pub(super) fn tolerance_or(&self, name: &str) -> CoreResult<f64> {
        self.tolerance.map_or_else(|| self.option(name), Ok)
    }

    /// The least value of a parameter.
    pub(super) fn low(&self, k: usize) -> f64 {
        self.bounds.as_ref().and_then(|bounds| bounds[k].0).unwrap_or(f64::NEG_INFINITY)
    }

    /// The greatest value of a parameter.
    pub(super) fn high(&self, k: usize) -> f64 {
        self.bounds.as_ref().and_then(|bounds| bounds[k].1).unwrap_or(f64::INFINITY)
    }

    /// Moves a point inside the bounds.
    pub(super) fn clip(&self, point: &mut [f64]) {
        let Some(bounds) = &self.bounds else { return };
        for (x, (low, high)) in point.iter_mut().zip(bounds) {
            *x = x.max(low.unwrap_or(f64::NEG_INFINITY)).min(high.unwrap_or(f64::INFINITY));
        }
    }

    /// Refuses settings that do not fit `n` parameters.
    pub(super) fn check(&self, n: usize) -> CoreResult<()> {
        if n > MOST_PARAMETERS {
            return Err(CoreError::limit("parameters to minimise over", MOST_PARAMETERS, n));
        }
        if self.max_iter == 0 || self.max_evaluations == 0 || self.gradient_cost == 0 {
            return Err(invalid(
                "iterations, evaluations and the cost of a gradient are at least `1`".into(),
            ));
        }
        if self.tolerance.is_some_and(|tolerance| !(tolerance >= 0.0 && tolerance.is_finite())) {
            return Err(invalid("a tolerance is a number of at least `0`".into()));
        }
        if let Some((name, _)) =
            self.options.iter().find(|(_, value)| value.is_some_and(|number| !number.is_finite()))
        {
            return Err(invalid(format!("the option `{name}` is not finite")));
        }
        if self.batches.is_some_and(|plan| plan.count == 0 || plan.size == 0 || plan.epochs == 0) {
            return Err(invalid("samples, batch size and epochs are at least `1`".into()));
        }
        self.check_bounds(n)
    }

    fn check_bounds(&self, n: usize) -> CoreResult<()> {
        let Some(bounds) = &self.bounds else { return Ok(()) };
        if bounds.len() != n {
            return Err(invalid(format!("`{}` bounds for `{n}` parameters", bounds.len())));
        }
        let is_range = |k: usize| self.low(k) < self.high(k) && self.low(k) < f64::INFINITY;
        match (0..n).find(|k| !is_range(*k)) {
            Some(k) => Err(invalid(format!("the bounds of parameter {k} are no range: `{:?}`", bounds[k]))),
            None => Ok(()),
        }
    }
}

pub(super) fn invalid(message: String) -> CoreError {
    CoreError::new(ErrorCode::SimulationArguments, message)
}
