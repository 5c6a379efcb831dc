//! Partial inner products of two states: what a gradient needs to know about one gate.
use super::{Guard, Indices, Layout, PauliMasks};
use crate::math::C64;
use crate::sim::amplitude::{Block, LANE_QUBITS, LANES};

/// `out[a * d + b] = sum conj(bra[a]) ket[b]` over everything but the targets, where the controls hold; d = 2^targets.
#[inline(always)]
pub(crate) fn overlap_dense(bra: &[Block], ket: &[Block], targets: &[usize], guard: Guard, out: &mut [C64]) {
    let lane_targets = targets.iter().filter(|&&t| t < LANE_QUBITS).count();
    match (targets.len(), lane_targets) {
        (1, 0) => accumulate::<2, 1, 4>(bra, ket, targets, guard, out),
        (1, _) => accumulate::<1, 2, 2>(bra, ket, targets, guard, out),
        (_, 0) => accumulate::<4, 1, 16>(bra, ket, targets, guard, out),
        (_, 1) => accumulate::<2, 2, 8>(bra, ket, targets, guard, out),
        _ => accumulate::<1, 4, 4>(bra, ket, targets, guard, out),
    }
}

#[inline(always)]
fn accumulate<const HIGH: usize, const LOW: usize, const COUNT: usize>(
    bra: &[Block],
    ket: &[Block],
    targets: &[usize],
    guard: Guard,
    out: &mut [C64],
) {
    let layout = Layout::<HIGH, LOW>::new(targets, guard);
    let mut sums = [Block::ZERO; COUNT];
    for i in Indices::new(bra.len(), layout.fixed, layout.base) {
        for row in 0..HIGH {
            let left = &bra[i | layout.offsets[row]];
            for column in 0..HIGH {
                for shift in 0..LOW {
                    let right = ket[i | layout.offsets[column]].xor_lanes(layout.shifts[shift]);
                    sums[(row * HIGH + column) * LOW + shift].add_conj_product(left, &right);
                }
            }
        }
    }
    let dimension = HIGH * LOW;
    for (slot, sum) in sums.iter().enumerate() {
        let (row, column, shift) = (slot / LOW / HIGH, slot / LOW % HIGH, slot % LOW);
        for lane in (0..LANES).filter(|&lane| guard.lane_is_active(lane)) {
            let to = layout.matrix_index(targets, row, lane);
            let from = layout.matrix_index(targets, column, lane ^ layout.shifts[shift]);
            out[to * dimension + from] += sum.get(lane);
        }
    }
}

/// `<bra|ket>` over the amplitudes that the controls let through.
#[inline(always)]
pub(crate) fn overlap_scale(bra: &[Block], ket: &[Block], guard: Guard) -> C64 {
    let mut sum = Block::ZERO;
    for i in Indices::new(bra.len(), guard.block_mask(), guard.block_value()) {
        sum.add_conj_product(&bra[i], &ket[i]);
    }
    active_sum(&sum, guard)
}

/// `<bra|ket>` over the even and over the odd parity of `index & mask`.
#[inline(always)]
pub(crate) fn overlap_parity(bra: &[Block], ket: &[Block], mask: usize, guard: Guard) -> [C64; 2] {
    let mut sums = [Block::ZERO; 2];
    let high = mask >> LANE_QUBITS;
    for i in Indices::new(bra.len(), guard.block_mask(), guard.block_value()) {
        sums[(i & high).count_ones() as usize % 2].add_conj_product(&bra[i], &ket[i]);
    }
    let mut out = [C64::ZERO; 2];
    for lane in (0..LANES).filter(|&lane| guard.lane_is_active(lane)) {
        let odd = (lane & mask).count_ones() as usize % 2;
        out[odd] += sums[0].get(lane);
        out[1 - odd] += sums[1].get(lane);
    }
    out
}

/// `<bra|ket>` and `<bra|P|ket>` where the controls hold.
#[inline(always)]
pub(crate) fn overlap_pauli(bra: &[Block], ket: &[Block], masks: PauliMasks, guard: Guard) -> [C64; 2] {
    let (mut plain, mut mixed) = (Block::ZERO, [Block::ZERO; 2]);
    let (x, z) = (masks.x >> LANE_QUBITS, masks.z >> LANE_QUBITS);
    let (lane_x, lane_z) = (masks.x & (LANES - 1), masks.z & (LANES - 1));
    for i in Indices::new(bra.len(), guard.block_mask(), guard.block_value()) {
        let j = i ^ x;
        plain.add_conj_product(&bra[i], &ket[i]);
        mixed[(j & z).count_ones() as usize % 2].add_conj_product(&bra[i], &ket[j].xor_lanes(lane_x));
    }
    let mut sum = C64::ZERO;
    for lane in (0..LANES).filter(|&lane| guard.lane_is_active(lane)) {
        let odd = ((lane ^ lane_x) & lane_z).count_ones() % 2 == 1;
        let term = mixed[0].get(lane) - mixed[1].get(lane);
        sum += if odd { -term } else { term };
    }
    [active_sum(&plain, guard), masks.phase(sum)]
}

fn active_sum(sum: &Block, guard: Guard) -> C64 {
    let mut out = C64::ZERO;
    for lane in (0..LANES).filter(|&lane| guard.lane_is_active(lane)) {
        out += sum.get(lane);
    }
    out
}
