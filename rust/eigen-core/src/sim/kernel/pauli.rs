//! `a + b P` for a Pauli string P given by its masks: the kernel of Pauli rotations and of applying Pauli sums.
use super::{Guard, Indices};
use crate::math::C64;
use crate::sim::amplitude::{Block, LANE_QUBITS, LANES, times_i_power};

/// A Pauli string: X on the bits of `x`, Z on those of `z`, Y where both are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PauliMasks {
    pub x: usize,
    pub z: usize,
}

impl PauliMasks {
    /// P|i> = `phase` (-1)^|i & z| |i ^ x> with phase i^(number of Y).
    pub fn phase(self, factor: C64) -> C64 {
        times_i_power(factor, (self.x & self.z).count_ones())
    }
}

/// Replaces the state by `(identity + pauli * P) state` where the controls hold.
#[inline(always)]
pub(crate) fn pauli_sum(blocks: &mut [Block], masks: PauliMasks, identity: C64, pauli: C64, guard: Guard) {
    let phase = masks.phase(pauli);
    let (lane_x, lane_z) = (masks.x & (LANES - 1), masks.z & (LANES - 1));
    let keep = Block::from_lanes(|lane| if guard.lane_is_active(lane) { identity } else { C64::ONE });
    let mixed = [1.0, -1.0].map(|sign: f64| {
        Block::from_lanes(|lane| {
            let lane_sign = if ((lane ^ lane_x) & lane_z).count_ones() % 2 == 1 { -sign } else { sign };
            if guard.lane_is_active(lane) { phase.scale(lane_sign) } else { C64::ZERO }
        })
    });
    let (x, z) = (masks.x >> LANE_QUBITS, masks.z >> LANE_QUBITS);
    let (fixed, base) = (guard.block_mask(), guard.block_value());
    if x == 0 {
        for i in Indices::new(blocks.len(), fixed, base) {
            let mut new = blocks[i].times(&keep);
            new.add_product(&mixed[parity(i & z)], &blocks[i].xor_lanes(lane_x));
            blocks[i] = new;
        }
        return;
    }
    let pivot = 1 << x.ilog2();
    for i in Indices::new(blocks.len(), fixed | pivot, base) {
        let j = i ^ x;
        let (a, b) = (blocks[i], blocks[j]);
        let (mut new_a, mut new_b) = (a.times(&keep), b.times(&keep));
        new_a.add_product(&mixed[parity(j & z)], &b.xor_lanes(lane_x));
        new_b.add_product(&mixed[parity(i & z)], &a.xor_lanes(lane_x));
        (blocks[i], blocks[j]) = (new_a, new_b);
    }
}

#[inline(always)]
fn parity(bits: usize) -> usize {
    bits.count_ones() as usize % 2
}
