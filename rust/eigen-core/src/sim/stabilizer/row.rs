//! Pauli products as packed bits: `i^phase X^x Z^z`, all X to the left of all Z. In this form the sign of a product
//! needs one parity, and permutations of basis states (CX, SWAP) leave the phase alone.
use crate::observable::{Pauli, PauliString};

/// One Pauli product of its own; rows of a tableau have the same layout.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The words of x, then those of z.
    pub bits: Vec<u64>,
    /// Power of i.
    pub phase: u8,
}

impl Row {
    /// The identity on `num_qubits` qubits.
    pub fn identity(num_qubits: usize) -> Self {
        Row { bits: vec![0; 2 * words(num_qubits)], phase: 0 }
    }

    /// The words of x.
    pub fn x(&self) -> &[u64] {
        &self.bits[..self.bits.len() / 2]
    }

    /// `self` times another row.
    pub fn multiply(&mut self, bits: &[u64], phase: u8) {
        self.phase = (self.phase + phase + multiply(&mut self.bits, bits)) & 3;
    }
}

/// Words of `num_qubits` bits.
pub(super) fn words(num_qubits: usize) -> usize {
    num_qubits.div_ceil(64).max(1)
}

/// Bit `k` of packed words.
#[inline]
pub(super) fn bit(words: &[u64], k: usize) -> bool {
    words[k / 64] >> (k % 64) & 1 == 1
}

/// `into` times `by`, without their phases; gives the power of i that the order X before Z costs, 0 or 2.
pub(super) fn multiply(into: &mut [u64], by: &[u64]) -> u8 {
    let half = by.len() / 2;
    let ((into_x, into_z), (by_x, by_z)) = (into.split_at_mut(half), by.split_at(half));
    let mut crossed = 0;
    for (((ix, iz), bx), bz) in into_x.iter_mut().zip(into_z).zip(by_x).zip(by_z) {
        crossed ^= *iz & bx;
        *ix ^= bx;
        *iz ^= bz;
    }
    (crossed.count_ones() as u8 & 1) * 2
}

/// A sparse product `i^phase X^x Z^z` of a Pauli string: its letters, Y being i X Z.
pub(super) fn letters(string: &PauliString) -> impl Iterator<Item = (usize, bool, bool)> {
    string.factors().iter().map(|(qubit, letter)| (*qubit as usize, *letter != Pauli::Z, *letter != Pauli::X))
}
