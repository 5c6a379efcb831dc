//! Dense matrices on one, two or any number of qubits, wherever the targets and controls lie.
use super::{Guard, Indices, Layout, amplitude};
use crate::math::C64;
use crate::sim::amplitude::{Block, LANE_QUBITS, LANES};

/// A 2x2 matrix on a target inside the lanes, or one outside with controls inside.
#[inline(always)]
pub(super) fn dense_one(blocks: &mut [Block], target: usize, matrix: &[C64; 4], guard: Guard) {
    match target {
        0 => apply::<1, 2, 2, 1, 0>(blocks, &[target], matrix, guard),
        1 => apply::<1, 2, 2, 2, 0>(blocks, &[target], matrix, guard),
        2 => apply::<1, 2, 2, 4, 0>(blocks, &[target], matrix, guard),
        _ => apply::<2, 1, 4, 0, 0>(blocks, &[target], matrix, guard),
    }
}

/// A 4x4 matrix (row-major; `targets[0]` is the low bit of its index).
#[inline(always)]
pub(crate) fn dense_two(blocks: &mut [Block], targets: [usize; 2], matrix: &[C64; 16], guard: Guard) {
    let lanes = targets.iter().filter(|&&t| t < LANE_QUBITS).fold(0, |mask, t| mask | 1 << t);
    match lanes {
        0 if !guard.has_lane_controls() => dense_two_outside(blocks, targets, matrix, guard),
        0 => apply::<4, 1, 16, 0, 0>(blocks, &targets, matrix, guard),
        1 => apply::<2, 2, 8, 1, 0>(blocks, &targets, matrix, guard),
        2 => apply::<2, 2, 8, 2, 0>(blocks, &targets, matrix, guard),
        4 => apply::<2, 2, 8, 4, 0>(blocks, &targets, matrix, guard),
        3 => apply::<1, 4, 4, 1, 2>(blocks, &targets, matrix, guard),
        5 => apply::<1, 4, 4, 1, 4>(blocks, &targets, matrix, guard),
        _ => apply::<1, 4, 4, 2, 4>(blocks, &targets, matrix, guard),
    }
}

/// A 4x4 matrix on two targets outside the lanes, no controls inside them.
#[inline(always)]
fn dense_two_outside(blocks: &mut [Block], targets: [usize; 2], m: &[C64; 16], guard: Guard) {
    let [p, q] = targets.map(|target| 1 << (target - LANE_QUBITS));
    for i in Indices::new(blocks.len(), p | q | guard.block_mask(), guard.block_value()) {
        let old = [blocks[i], blocks[i | p], blocks[i | q], blocks[i | p | q]];
        for (row, offset) in [0, p, q, p | q].into_iter().enumerate() {
            let [a, b, c, d] = [m[row * 4], m[row * 4 + 1], m[row * 4 + 2], m[row * 4 + 3]];
            let new = &mut blocks[i | offset];
            for l in 0..LANES {
                new.re[l] = (a.re * old[0].re[l] - a.im * old[0].im[l])
                    + (b.re * old[1].re[l] - b.im * old[1].im[l])
                    + (c.re * old[2].re[l] - c.im * old[2].im[l])
                    + (d.re * old[3].re[l] - d.im * old[3].im[l]);
                new.im[l] = (a.re * old[0].im[l] + a.im * old[0].re[l])
                    + (b.re * old[1].im[l] + b.im * old[1].re[l])
                    + (c.re * old[2].im[l] + c.im * old[2].re[l])
                    + (d.re * old[3].im[l] + d.im * old[3].re[l]);
            }
        }
    }
}

/// `COUNT` is `HIGH * HIGH * LOW`, the number of coefficient blocks; `A` and `B` are the lane bits of the targets
/// inside the lanes, ascending, 0 for none.
#[inline(always)]
fn apply<const HIGH: usize, const LOW: usize, const COUNT: usize, const A: usize, const B: usize>(
    blocks: &mut [Block],
    targets: &[usize],
    matrix: &[C64],
    guard: Guard,
) {
    let layout = Layout::<HIGH, LOW>::new(targets, guard);
    let coefficients: [Block; COUNT] = coefficients(&layout, [0, A, B, A | B], targets, matrix, guard);
    for i in Indices::new(blocks.len(), layout.fixed, layout.base) {
        let mut old = [Block::ZERO; HIGH];
        for column in 0..HIGH {
            old[column] = blocks[i | layout.offsets[column]];
        }
        for row in 0..HIGH {
            let mut new = Block::ZERO;
            for column in 0..HIGH {
                let factors = &coefficients[(row * HIGH + column) * LOW..];
                new.add_product(&factors[0], &old[column]);
                if LOW > 1 {
                    new.add_product(&factors[1], &old[column].permuted::<A>());
                }
                if LOW > 2 {
                    new.add_product(&factors[2], &old[column].permuted::<B>());
                    // A and B are different bits, so the sum of one and the other flips both.
                    new.add_product(&factors[3], &old[column].permuted::<A>().permuted::<B>());
                }
            }
            blocks[i | layout.offsets[row]] = new;
        }
    }
}

/// Lane coefficients; lanes that the controls exclude get the identity.
fn coefficients<const HIGH: usize, const LOW: usize, const COUNT: usize>(
    layout: &Layout<HIGH, LOW>,
    shifts: [usize; 4],
    targets: &[usize],
    matrix: &[C64],
    guard: Guard,
) -> [Block; COUNT] {
    let dimension = HIGH * LOW;
    let mut out = [Block::ZERO; COUNT];
    for (slot, block) in out.iter_mut().enumerate() {
        let (row, column, shift) = (slot / LOW / HIGH, slot / LOW % HIGH, slot % LOW);
        *block = Block::from_lanes(|lane| {
            if !guard.lane_is_active(lane) {
                let identity = row == column && shift == 0;
                return if identity { C64::ONE } else { C64::ZERO };
            }
            let to = layout.matrix_index(targets, row, lane);
            let from = layout.matrix_index(targets, column, lane ^ shifts[shift]);
            matrix[to * dimension + from]
        });
    }
    out
}

/// A 2^k x 2^k matrix (row-major; `targets[0]` is the low bit of its index) on any number of qubits.
pub(crate) fn dense_any(blocks: &mut [Block], targets: &[usize], matrix: &[C64], guard: Guard) {
    let dimension = 1 << targets.len();
    let offsets: Vec<usize> = (0..dimension)
        .map(|value: usize| targets.iter().enumerate().map(|(k, &t)| (value >> k & 1) << t).sum())
        .collect();
    let mut old = vec![C64::ZERO; dimension];
    for i in Indices::new(blocks.len() * LANES, offsets[dimension - 1] | guard.mask, guard.value) {
        for (slot, offset) in old.iter_mut().zip(&offsets) {
            *slot = amplitude(blocks, i | offset);
        }
        for (row, offset) in matrix.chunks_exact(dimension).zip(&offsets) {
            let mut sum = C64::ZERO;
            row.iter().zip(&old).for_each(|(m, x)| sum += *m * *x);
            let index = i | offset;
            blocks[index / LANES].set(index % LANES, sum);
        }
    }
}
