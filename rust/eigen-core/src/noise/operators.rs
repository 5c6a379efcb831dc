//! The matrices of channels: Kraus operators, superoperators, and mixtures of unitaries where there are.
use super::Channel;
use crate::gate::pauli;
use crate::math::{C64, Matrix};

/// Largest entry that counts as zero when a channel is recognised as a mixture.
const NEGLIGIBLE: f64 = 1e-12;

/// Kraus operators of a channel, those that vanish left out.
pub(super) fn operators(channel: &Channel) -> Vec<Matrix> {
    let found = match channel {
        Channel::Kraus { operators } => operators.clone(),
        Channel::AmplitudeDamping { gamma, excited } => {
            relaxation(1.0 - gamma, (1.0 - gamma).sqrt(), *excited)
        }
        Channel::ThermalRelaxation { t1_ns, t2_ns, duration_ns, excited } => {
            relaxation(libm::exp(-duration_ns / t1_ns), libm::exp(-duration_ns / t2_ns), *excited)
        }
        Channel::Reset { zero, one } => reset(*zero, *one),
        Channel::Pauli { .. } | Channel::Depolarizing { .. } | Channel::PhaseDamping { .. } => {
            let probabilities = channel.pauli_probabilities().unwrap_or_default();
            let scaled = |(p, matrix): (f64, Matrix)| matrix.scale(C64::new(p.sqrt(), 0.0));
            pauli_matrices(&probabilities).into_iter().map(scaled).collect()
        }
    };
    found.into_iter().filter(|matrix| matrix.data().iter().any(|entry| *entry != C64::ZERO)).collect()
}

/// Populations that are kept with probability `kept`, coherences multiplied by `coherence <= sqrt(kept)`, and decay
/// to the thermal state with the population `excited` of |1>.
fn relaxation(kept: f64, coherence: f64, excited: f64) -> Vec<Matrix> {
    let dephased = (kept - coherence * coherence).max(0.0).sqrt();
    let decayed = (1.0 - kept).max(0.0).sqrt();
    let towards = |weight: f64, one: bool| {
        let real = |value: f64| C64::new(weight.sqrt() * value, 0.0);
        let (full, part) = (real(1.0), real(coherence));
        let (stay, lose, jump) = (real(dephased), C64::ZERO, real(decayed));
        if one {
            [two(part, full), two(stay, lose), Matrix::two(lose, lose, jump, lose)]
        } else {
            [two(full, part), two(lose, stay), Matrix::two(lose, jump, lose, lose)]
        }
    };
    towards(1.0 - excited, false).into_iter().chain(towards(excited, true)).collect()
}

fn two(first: C64, second: C64) -> Matrix {
    Matrix::diagonal(&[first, second])
}

fn reset(zero: f64, one: f64) -> Vec<Matrix> {
    let entry = |row: usize, column: usize, weight: f64| {
        let mut matrix = Matrix::zeros(2);
        matrix.set(row, column, C64::new(weight.sqrt(), 0.0));
        matrix
    };
    let nothing = Matrix::identity(2).scale(C64::new((1.0 - zero - one).max(0.0).sqrt(), 0.0));
    vec![nothing, entry(0, 0, zero), entry(0, 1, zero), entry(1, 0, one), entry(1, 1, one)]
}

/// `sum conj(K) (x) K`, the row's bits below the column's.
pub(super) fn superoperator(operators: &[Matrix]) -> Matrix {
    let dim = operators.first().map_or(2, Matrix::dim);
    let mut out = Matrix::zeros(dim * dim);
    for operator in operators {
        let conjugate = Matrix::from_entries(operator.data().iter().map(C64::conj).collect());
        let product = operator.kron_above(&conjugate.unwrap_or_else(|| Matrix::zeros(dim)));
        for row in 0..dim * dim {
            for column in 0..dim * dim {
                out.set(row, column, out.get(row, column) + product.get(row, column));
            }
        }
    }
    out
}

/// The Pauli string with this number on `qubits` qubits, the first qubit's letter in the lowest two bits.
fn string(index: usize, qubits: usize) -> Matrix {
    let letter = |k: usize| pauli(b"IXYZ"[index >> (2 * k) & 3]);
    (1..qubits).fold(letter(0), |matrix, k| matrix.kron_above(&letter(k)))
}

/// The strings that occur, each with its probability.
pub(super) fn pauli_matrices(probabilities: &[f64]) -> Vec<(f64, Matrix)> {
    let qubits = if probabilities.len() == 16 { 2 } else { 1 };
    let drawn = probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0);
    drawn.map(|(index, p)| (*p, string(index, qubits))).collect()
}

/// The probabilities of Pauli strings when the process matrix in their basis is diagonal.
pub(super) fn pauli_mixture(operators: &[Matrix]) -> Option<Vec<f64>> {
    let dim = operators.first()?.dim();
    let qubits = if dim == 4 { 2 } else { 1 };
    let strings: Vec<Matrix> = (0..dim * dim).map(|index| string(index, qubits)).collect();
    let parts: Vec<Vec<C64>> = operators
        .iter()
        .map(|operator| strings.iter().map(|string| trace_product(string, operator) / dim as f64).collect())
        .collect();
    let entry = |a: usize, b: usize| parts.iter().map(|part| part[a] * part[b].conj()).sum::<C64>();
    for a in 0..strings.len() {
        if (0..a).any(|b| entry(a, b).norm() > NEGLIGIBLE) {
            return None;
        }
    }
    let weights: Vec<f64> = (0..strings.len()).map(|a| entry(a, a).re).collect();
    let total: f64 = weights.iter().sum();
    Some(weights.iter().map(|weight| if *weight > NEGLIGIBLE { weight / total } else { 0.0 }).collect())
}

fn trace_product(a: &Matrix, b: &Matrix) -> C64 {
    (0..a.dim()).flat_map(|r| (0..a.dim()).map(move |c| (r, c))).map(|(r, c)| a.get(r, c) * b.get(c, r)).sum()
}

/// Unitaries with probabilities, when every operator is a multiple of a unitary.
pub(super) fn unitary_mixture(operators: &[Matrix]) -> Option<Vec<(f64, Matrix)>> {
    let scaled = |operator: &Matrix| {
        let square = operator.dagger().mul(operator);
        let weight = square.get(0, 0).re;
        let dim = square.dim();
        let is_multiple = (0..dim * dim).all(|k| {
            let wanted = if k / dim == k % dim { weight } else { 0.0 };
            (square.data()[k] - wanted).norm() <= NEGLIGIBLE
        });
        is_multiple.then(|| (weight, operator.scale(C64::new(1.0 / weight.sqrt(), 0.0))))
    };
    operators.iter().map(scaled).collect()
}
