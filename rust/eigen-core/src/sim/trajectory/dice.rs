//! What a channel may do at a site: mostly one quiet operator, now and then another.
use crate::error::CoreResult;
use crate::math::{C64, Matrix};
use crate::noise::Channel;
use crate::sim::collapse;
use crate::sim::lower::fixed_step;
use crate::sim::memory;
use crate::sim::pauli_sum::inner_product;
use crate::sim::plan::Start;
use crate::sim::precision::Precision;
use crate::sim::segment::Segment;
use crate::sim::state::State;
use crate::sim::workers::Workers;

/// Largest entry of an operator that differs from the identity by nothing.
const NEGLIGIBLE: f64 = 1e-14;

/// A channel as a quiet operator and others. The operators of a mixture are unitary, whatever the state.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    /// The quiet operator; `None` when it is the identity.
    pub quiet: Option<Matrix>,
    others: Vec<Matrix>,
    odds: Odds,
}

/// How likely the operators are.
#[derive(Clone, Debug)]
enum Odds {
    /// The same for every state: the probability of each of the others.
    Fixed { others: Vec<f64> },
    /// `<K†K>`, a mean of |0> and |1>: the diagonals for the quiet operator and for each of the others.
    Diagonal { quiet: [f64; 2], others: Vec<[f64; 2]> },
    /// `<K†K>` of any form.
    General,
}

impl Dice {
    pub fn new(channel: &Channel) -> Self {
        if let Some(mixture) = channel.unitary_mixture() {
            let largest = position_of_largest(mixture.iter().map(|(probability, _)| *probability));
            let quiet = mixture.get(largest).map(|(_, matrix)| matrix.clone());
            let others: Vec<_> = mixture.into_iter().enumerate().filter(|(k, _)| *k != largest).collect();
            let probabilities = others.iter().map(|(_, (probability, _))| *probability).collect();
            let others = others.into_iter().map(|(_, (_, matrix))| matrix).collect();
            let quiet = quiet.filter(|matrix| !is_identity(matrix));
            return Dice { quiet, others, odds: Odds::Fixed { others: probabilities } };
        }
        let mut others = channel.operators();
        let quiet = others.remove(position_of_largest(others.iter().map(weight)));
        let squares: Option<Vec<[f64; 2]>> = others.iter().map(diagonal_square).collect();
        let odds = match (diagonal_square(&quiet), squares) {
            (Some(quiet), Some(others)) => Odds::Diagonal { quiet, others },
            _ => Odds::General,
        };
        Dice { quiet: Some(quiet), others, odds }
    }

    /// The rate `-ln(1 - q)` of a probability q of anything but the quiet operator, when no state changes it.
    pub fn fixed_rate(&self) -> Option<f64> {
        match &self.odds {
            Odds::Fixed { others } => Some(-libm::log1p(-others.iter().sum::<f64>().min(1.0))),
            _ => None,
        }
    }

    /// The rate for the completely mixed state: a guess where it depends on the state.
    pub fn usual_rate(&self) -> f64 {
        let usual = self.quiet.as_ref().map_or(1.0, |quiet| weight(quiet) / quiet.dim() as f64);
        self.fixed_rate().unwrap_or_else(|| -libm::log(usual.min(1.0)))
    }

    /// Probabilities of the quiet operator and of each of the others in a state of squared norm `norm`.
    pub fn probabilities(&self, at: At<'_>, norm: f64) -> CoreResult<(f64, Vec<f64>)> {
        match &self.odds {
            Odds::Fixed { others } => Ok((1.0 - others.iter().sum::<f64>(), others.clone())),
            Odds::Diagonal { quiet, others } => {
                let [zero, one] = collapse::weights(at.state, at.qubits[0], at.workers);
                let mean = |square: &[f64; 2]| (square[0] * zero + square[1] * one) / (zero + one);
                Ok((mean(quiet), others.iter().map(mean).collect()))
            }
            Odds::General => {
                let mean = |operator: &Matrix| -> CoreResult<f64> {
                    let mut image = memory::copy_of(at.state)?;
                    apply(operator, at.qubits, &mut image, at.workers);
                    Ok(inner_product(&image, &image, at.workers).re / norm)
                };
                let others = self.others.iter().map(mean).collect::<CoreResult<Vec<f64>>>()?;
                Ok((1.0 - others.iter().sum::<f64>(), others))
            }
        }
    }

    /// How many operators there are besides the quiet one.
    pub fn num_others(&self) -> usize {
        self.others.len()
    }

    /// Applies one of the others.
    pub fn apply(&self, kind: usize, qubits: &[usize], state: &mut State, workers: &Workers) {
        apply(&self.others[kind], qubits, state, workers);
    }

    /// Applies the quiet operator.
    pub fn apply_quiet(&self, qubits: &[usize], state: &mut State, workers: &Workers) {
        if let Some(quiet) = &self.quiet {
            apply(quiet, qubits, state, workers);
        }
    }

    /// Whether the operators change the norm.
    pub fn changes_norm(&self) -> bool {
        !matches!(self.odds, Odds::Fixed { .. })
    }
}

/// A state and the qubits of a site.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub state: &'a State,
    pub qubits: &'a [usize],
    pub workers: &'a Workers,
}

/// Applies an operator, unitary or not.
fn apply(operator: &Matrix, qubits: &[usize], state: &mut State, workers: &Workers) {
    let num_qubits = state.len().trailing_zeros() as usize;
    Segment::new(num_qubits, vec![fixed_step(qubits, operator.data())], Start::Anywhere, Precision::F64)
        .run(state, workers);
}

fn position_of_largest(values: impl Iterator<Item = f64>) -> usize {
    values.enumerate().fold((0, f64::MIN), |best, (k, v)| if v > best.1 { (k, v) } else { best }).0
}

/// The trace of `K†K`.
fn weight(operator: &Matrix) -> f64 {
    operator.data().iter().map(C64::norm_sqr).sum()
}

fn is_identity(matrix: &Matrix) -> bool {
    matrix.distance(&Matrix::identity(matrix.dim())) <= NEGLIGIBLE
}

/// The diagonal of `K†K` of a one-qubit operator when that is diagonal.
fn diagonal_square(operator: &Matrix) -> Option<[f64; 2]> {
    if operator.dim() != 2 {
        return None;
    }
    let square = operator.dagger().mul(operator);
    (square.get(0, 1).norm() <= NEGLIGIBLE).then(|| [square.get(0, 0).re, square.get(1, 1).re])
}
