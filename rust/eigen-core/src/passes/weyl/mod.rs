//! Two-qubit gates by their interaction: the Weyl (KAK) decomposition and the shortest words of an entangling gate.
mod clifford;
mod decomposition;
mod invariants;
mod simultaneous;
mod square;
mod word;

pub(super) use clifford::clifford_word;
pub(super) use invariants::{cx_count, least_cx};
pub(super) use square::{Four, Square, Two};
pub(super) use word::{Entangler, Link, Word};

#[cfg(test)]
mod tests;
