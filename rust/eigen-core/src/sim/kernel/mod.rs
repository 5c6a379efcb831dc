//! Kernels: one linear operation on a contiguous run of amplitudes, single-threaded, on local qubit numbers.
//! They know nothing of circuits, threads or memory passes.
pub(crate) mod copy;
mod dense;
mod diagonal;
pub(crate) mod grow;
pub(crate) mod mean;
mod overlap;
mod pauli;
pub(crate) mod phases;
pub(crate) mod product;
pub(crate) mod register;
mod single;
pub(crate) mod unpack;

use super::amplitude::{Block, LANE_QUBITS, LANES};

pub(crate) use dense::{dense_any, dense_two};
pub(crate) use diagonal::{parity, scale};
pub(crate) use overlap::{overlap_dense, overlap_parity, overlap_pauli, overlap_scale};
pub(crate) use pauli::{PauliMasks, pauli_sum};
pub(crate) use single::{flip, single, swap};

/// Controls: the operation acts where `index & mask == value`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    pub mask: usize,
    pub value: usize,
}

impl Guard {
    #[inline(always)]
    fn block_mask(self) -> usize {
        self.mask >> LANE_QUBITS
    }

    #[inline(always)]
    fn block_value(self) -> usize {
        self.value >> LANE_QUBITS
    }

    /// Whether the controls inside a block let this lane through.
    #[inline(always)]
    fn lane_is_active(self, lane: usize) -> bool {
        (lane & self.mask & (LANES - 1)) == (self.value & (LANES - 1))
    }

    #[inline(always)]
    fn has_lane_controls(self) -> bool {
        self.mask & (LANES - 1) != 0
    }
}

/// Every index below `len` whose bits under `fixed` equal `base`, ascending.
///
/// A plain loop over it, and no closure, so that a kernel is one function and is compiled for each instruction set.
#[derive(Clone)]
pub(crate) struct Indices {
    left: usize,
    free: usize,
    fixed: usize,
    base: usize,
}

impl Indices {
    #[inline(always)]
    pub fn new(len: usize, fixed: usize, base: usize) -> Self {
        Indices { left: len >> fixed.count_ones(), free: 0, fixed, base }
    }
}

impl Iterator for Indices {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let index = self.free | self.base;
        self.free = ((self.free | self.fixed) + 1) & !self.fixed;
        Some(index)
    }
}

/// Where the targets of a dense operation lie: `HIGH` block offsets times `LOW` lane shifts.
struct Layout<const HIGH: usize, const LOW: usize> {
    /// Offset in blocks for each value of the targets outside the lanes.
    offsets: [usize; HIGH],
    /// Lane XOR mask for each value of the targets inside the lanes.
    shifts: [usize; LOW],
    /// Bits of the block index that the loop does not run over.
    fixed: usize,
    base: usize,
}

impl<const HIGH: usize, const LOW: usize> Layout<HIGH, LOW> {
    fn new(targets: &[usize], guard: Guard) -> Self {
        let mut offsets = [0; HIGH];
        let mut shifts = [0; LOW];
        let (mut high, mut low) = (0, 0);
        for &target in targets {
            if target >= LANE_QUBITS {
                offsets
                    .iter_mut()
                    .enumerate()
                    .filter(|(h, _)| h >> high & 1 == 1)
                    .for_each(|(_, o)| *o |= 1 << (target - LANE_QUBITS));
                high += 1;
            } else {
                shifts
                    .iter_mut()
                    .enumerate()
                    .filter(|(s, _)| s >> low & 1 == 1)
                    .for_each(|(_, x)| *x |= 1 << target);
                low += 1;
            }
        }
        let fixed = offsets[HIGH - 1] | guard.block_mask();
        Layout { offsets, shifts, fixed, base: guard.block_value() }
    }

    /// Index in the operation's matrix of the amplitude at block offset number `high`, lane `lane`.
    fn matrix_index(&self, targets: &[usize], high: usize, lane: usize) -> usize {
        let mut index = 0;
        let mut seen = 0;
        for (position, &target) in targets.iter().enumerate() {
            let bit = if target >= LANE_QUBITS {
                seen += 1;
                high >> (seen - 1) & 1
            } else {
                lane >> target & 1
            };
            index |= bit << position;
        }
        index
    }
}

/// Amplitude `index` of a run of blocks.
#[inline(always)]
fn amplitude(blocks: &[Block], index: usize) -> crate::math::C64 {
    blocks[index / LANES].get(index % LANES)
}
