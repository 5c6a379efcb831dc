//! What a density matrix tells: probabilities, expectation values, and the parts of a measurement.
use std::collections::BTreeMap;

use crate::error::{CoreError, CoreResult};
use crate::limits::MAX_TERMS;
use crate::math::C64;
use crate::observable::Observable;
use crate::sim::amplitude::{Block, LANES, times_i_power};
use crate::sim::estimate::masks;
use crate::sim::state::State;

/// A density matrix of `num_qubits` qubits in a state of twice as many.
#[derive(Clone, Copy)]
pub(super) struct Entries<'a> {
    pub state: &'a State,
    pub num_qubits: usize,
}

impl Entries<'_> {
    fn get(&self, row: usize, column: usize) -> C64 {
        self.state.get(row | column << self.num_qubits)
    }

    /// The probabilities of the basis states.
    pub fn diagonal(&self) -> Vec<f64> {
        (0..1usize << self.num_qubits).map(|index| self.get(index, index).re).collect()
    }

    /// Probabilities that a qubit is 0 and that it is 1.
    pub fn weights(&self, qubit: usize) -> [f64; 2] {
        let mut out = [0.0; 2];
        for index in 0..1usize << self.num_qubits {
            out[index >> qubit & 1] += self.get(index, index).re;
        }
        out.map(|weight| weight.max(0.0))
    }

    /// The trace with a Hermitian sum of Pauli strings, `(x, z) -> coefficient`.
    pub fn expectation(&self, terms: &Masked) -> f64 {
        let mut sum = 0.0;
        for (x, group) in terms {
            let factors: Vec<(usize, C64)> = group
                .iter()
                .map(|(z, coefficient)| {
                    let ys = (x & z).count_ones();
                    (*z as usize, times_i_power(C64::new(*coefficient, 0.0), ys))
                })
                .collect();
            for index in 0..1usize << self.num_qubits {
                let entry = self.get(index, index ^ *x as usize);
                let signed = |(z, factor): &(usize, C64)| {
                    if (index & z).count_ones() % 2 == 1 { -factor } else { *factor }
                };
                let factor: C64 = factors.iter().map(signed).sum();
                sum += (factor * entry).re;
            }
        }
        sum
    }

    /// The reduced density matrix of some qubits, row-major; bit `k` of an index is `qubits[k]`.
    pub fn reduced(&self, qubits: &[usize]) -> Vec<C64> {
        let kept = qubits.iter().fold(0usize, |mask, qubit| mask | 1 << qubit);
        let spread = |value: usize| -> usize {
            qubits.iter().enumerate().map(|(k, qubit)| (value >> k & 1) << qubit).sum()
        };
        let places: Vec<usize> = (0..1 << qubits.len()).map(spread).collect();
        let mut out = vec![C64::ZERO; places.len() * places.len()];
        for rest in (0..1usize << self.num_qubits).filter(|index| index & kept == 0) {
            for (slot, value) in out.iter_mut().enumerate() {
                let (row, column) = (places[slot / places.len()], places[slot % places.len()]);
                *value += self.get(rest | row, rest | column);
            }
        }
        out
    }
}

/// A sum of Pauli strings: for each X-mask, Z-masks with coefficients.
pub(super) type Masked = BTreeMap<u64, BTreeMap<u64, f64>>;

/// The observable as it is measured: a letter P on a qubit whose readout errs is `a I + b P`, with `a = p01 - p10` and
/// `b = 1 - p01 - p10`.
pub(super) fn measured(
    observable: &Observable,
    num_qubits: usize,
    confusion: &[Option<[[f64; 2]; 2]>],
) -> CoreResult<Masked> {
    let mut out = Masked::new();
    let mut count = 0;
    for (string, coefficient) in observable.terms() {
        let (x, z) = masks(string, num_qubits)?;
        let mut terms = vec![(x, z, *coefficient)];
        for (qubit, matrix) in confusion.iter().enumerate().filter(|(q, _)| (x | z) >> q & 1 == 1) {
            let Some(matrix) = matrix else { continue };
            let (misread_one, misread_zero) = (matrix[1][0], matrix[0][1]);
            let (plain, kept) = (misread_one - misread_zero, 1.0 - misread_one - misread_zero);
            let without: Vec<_> = terms
                .iter()
                .filter(|_| plain != 0.0)
                .map(|(x, z, c)| (x & !(1 << qubit), z & !(1 << qubit), c * plain))
                .collect();
            terms.iter_mut().for_each(|(_, _, c)| *c *= kept);
            terms.extend(without);
            if terms.len() > MAX_TERMS {
                return Err(CoreError::limit(
                    "terms of an observable with readout errors",
                    MAX_TERMS,
                    terms.len(),
                ));
            }
        }
        count += terms.len();
        if count > MAX_TERMS {
            return Err(CoreError::limit("terms of an observable with readout errors", MAX_TERMS, count));
        }
        for (x, z, c) in terms {
            *out.entry(x).or_default().entry(z).or_insert(0.0) += c;
        }
    }
    Ok(out)
}

/// The distribution of what is recorded, from that of the basis states; only qubits in `read` are misread.
pub(super) fn recorded(
    mut probabilities: Vec<f64>,
    read: impl Iterator<Item = usize>,
    confusion: &[Option<[[f64; 2]; 2]>],
) -> Vec<f64> {
    for (qubit, matrix) in read.filter_map(|qubit| Some((qubit, confusion[qubit]?))) {
        for low in (0..probabilities.len()).filter(|index| index >> qubit & 1 == 0) {
            let (zero, one) = (probabilities[low], probabilities[low | 1 << qubit]);
            probabilities[low] = zero * matrix[0][0] + one * matrix[1][0];
            probabilities[low | 1 << qubit] = zero * matrix[0][1] + one * matrix[1][1];
        }
    }
    probabilities
}

/// A state whose squared amplitudes are probabilities, to be drawn from.
pub(super) fn drawable(probabilities: &[f64], state: &mut State) {
    state.blocks_mut().fill(Block::ZERO);
    for (index, probability) in probabilities.iter().enumerate() {
        state.blocks_mut()[index / LANES].re[index % LANES] = probability.max(0.0).sqrt();
    }
}
