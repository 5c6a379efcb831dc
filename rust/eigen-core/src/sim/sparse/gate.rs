//! What the sparse engine applies: a gate by what it does to basis states.
use crate::math::C64;

/// Controls: the gate acts where `key & mask == value`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Controls {
    pub mask: u128,
    pub value: u128,
}

impl Controls {
    /// Whether the gate acts on a basis state.
    pub fn admit(self, key: u128) -> bool {
        key & self.mask == self.value
    }
}

/// What happens where the controls hold.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// Bits flip.
    Flip { mask: u128 },
    /// Two qubits change places.
    Swap { a: u32, b: u32 },
    /// A factor for each value of the targets.
    Diagonal { targets: Vec<u32>, factors: Vec<C64> },
    /// A factor by the parity of bits.
    Parity { mask: u128, factors: [C64; 2] },
    /// A basis state of the targets goes to one other, with a factor.
    Permutation { targets: Vec<u32>, to: Vec<(usize, C64)> },
    /// A dense matrix on the targets, row-major.
    Mix { targets: Vec<u32>, matrix: Vec<C64> },
    /// `a + b P` for a Pauli string with X on at least one qubit.
    Pauli { x: u128, z: u128, numbers: [C64; 2] },
}

/// A gate under its controls.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub controls: Controls,
    pub action: Action,
    /// Position in the circuit, for messages.
    pub place: usize,
}

impl Action {
    /// The cheapest action of a matrix on targets.
    pub fn of_matrix(targets: Vec<u32>, matrix: &[C64]) -> Action {
        let dimension = 1usize << targets.len();
        let column = |c: usize| (0..dimension).filter(move |r| matrix[r * dimension + c] != C64::ZERO);
        if (0..dimension).any(|c| column(c).count() != 1) {
            return Action::Mix { targets, matrix: matrix.to_vec() };
        }
        let to: Vec<(usize, C64)> =
            (0..dimension).flat_map(|c| column(c).map(move |r| (r, matrix[r * dimension + c]))).collect();
        let plain = to.iter().all(|(_, factor)| *factor == C64::ONE);
        match (targets.as_slice(), to.iter().enumerate().all(|(c, (r, _))| c == *r)) {
            (_, true) => Action::Diagonal { targets, factors: to.into_iter().map(|(_, f)| f).collect() },
            ([target], false) if plain => Action::Flip { mask: 1 << target },
            ([a, b], false) if plain && to.iter().map(|(r, _)| *r).eq([0, 2, 1, 3]) => {
                Action::Swap { a: *a, b: *b }
            }
            _ => Action::Permutation { targets, to },
        }
    }
}

/// The value of the targets in a basis state: bit `k` is target `k`.
pub(super) fn extract(key: u128, targets: &[u32]) -> usize {
    targets.iter().enumerate().fold(0, |value, (k, target)| value | ((key >> target & 1) as usize) << k)
}

/// The bits of a value of the targets, in their places.
pub(super) fn deposit(value: usize, targets: &[u32]) -> u128 {
    targets.iter().enumerate().fold(0, |key, (k, target)| key | ((value >> k & 1) as u128) << target)
}
