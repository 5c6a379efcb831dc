//! Diagonal operations: a factor where the controls hold, and a pair of factors chosen by a parity of bits.
use super::{Guard, Indices};
use crate::math::C64;
use crate::sim::amplitude::{Block, LANE_QUBITS};

/// Multiplies every amplitude that the controls let through by `factor`.
#[inline(always)]
pub(crate) fn scale(blocks: &mut [Block], factor: C64, guard: Guard) {
    let lanes = Block::from_lanes(|lane| if guard.lane_is_active(lane) { factor } else { C64::ONE });
    for i in Indices::new(blocks.len(), guard.block_mask(), guard.block_value()) {
        blocks[i] = blocks[i].times(&lanes);
    }
}

/// Multiplies amplitude `i` by `factors[parity of i & mask]`.
#[inline(always)]
pub(crate) fn parity(blocks: &mut [Block], mask: usize, factors: [C64; 2], guard: Guard) {
    let lanes = [0, 1].map(|outer: usize| {
        Block::from_lanes(|lane| {
            let odd = (outer + (lane & mask).count_ones() as usize) % 2;
            if guard.lane_is_active(lane) { factors[odd] } else { C64::ONE }
        })
    });
    let high = mask >> LANE_QUBITS;
    for i in Indices::new(blocks.len(), guard.block_mask(), guard.block_value()) {
        let odd = (i & high).count_ones() as usize % 2;
        blocks[i] = blocks[i].times(&lanes[odd]);
    }
}
