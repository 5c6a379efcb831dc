//! One-qubit operations, bit flips and swaps, with any controls.
use crate::math::C64;
use crate::sim::amplitude::{Block, LANE_QUBITS, LANES};
use super::dense::{dense_one_in_lanes, dense_one_with_lane_controls, dense_two};
use super::{Guard, each_block};

const X: [C64; 4] = [C64::ZERO, C64::ONE, C64::ONE, C64::ZERO];

/// A 2x2 matrix (row-major) on `target`.
#[inline(always)]
pub(crate) fn single(blocks: &mut [Block], target: usize, matrix: &[C64; 4], guard: Guard) {
    if target < LANE_QUBITS {
        dense_one_in_lanes(blocks, target, matrix, guard);
    } else if guard.has_lane_controls() {
        dense_one_with_lane_controls(blocks, target, matrix, guard);
    } else if matrix.iter().all(|m| m.im == 0.0) {
        pairs(blocks, target, guard, |a, b| real_pair(a, b, &matrix.map(|m| m.re)));
    } else {
        pairs(blocks, target, guard, |a, b| complex_pair(a, b, matrix));
    }
}

/// Pauli X on `target`.
#[inline(always)]
pub(crate) fn flip(blocks: &mut [Block], target: usize, guard: Guard) {
    if target < LANE_QUBITS || guard.has_lane_controls() {
        return single(blocks, target, &X, guard);
    }
    let bit = 1 << (target - LANE_QUBITS);
    each_block(blocks.len(), bit | guard.block_mask(), guard.block_value(), |i| blocks.swap(i, i | bit));
}

/// SWAP of qubits `a` and `b`.
#[inline(always)]
pub(crate) fn swap(blocks: &mut [Block], a: usize, b: usize, guard: Guard) {
    if a < LANE_QUBITS || b < LANE_QUBITS || guard.has_lane_controls() {
        let mut matrix = [C64::ZERO; 16];
        for (row, column) in [(0, 0), (1, 2), (2, 1), (3, 3)] {
            matrix[row * 4 + column] = C64::ONE;
        }
        return dense_two(blocks, [a, b], &matrix, guard);
    }
    let (x, y) = (1 << (a - LANE_QUBITS), 1 << (b - LANE_QUBITS));
    each_block(blocks.len(), x | y | guard.block_mask(), guard.block_value(), |i| blocks.swap(i | x, i | y));
}

#[inline(always)]
fn pairs(blocks: &mut [Block], target: usize, guard: Guard, update: impl Fn(&Block, &Block) -> (Block, Block)) {
    let bit = 1 << (target - LANE_QUBITS);
    each_block(blocks.len(), bit | guard.block_mask(), guard.block_value(), |i| {
        let (a, b) = update(&blocks[i], &blocks[i | bit]);
        blocks[i] = a;
        blocks[i | bit] = b;
    });
}

#[inline(always)]
fn real_pair(a: &Block, b: &Block, m: &[f64; 4]) -> (Block, Block) {
    let (mut x, mut y) = (Block::ZERO, Block::ZERO);
    for l in 0..LANES {
        x.re[l] = m[0] * a.re[l] + m[1] * b.re[l];
        x.im[l] = m[0] * a.im[l] + m[1] * b.im[l];
        y.re[l] = m[2] * a.re[l] + m[3] * b.re[l];
        y.im[l] = m[2] * a.im[l] + m[3] * b.im[l];
    }
    (x, y)
}

#[inline(always)]
fn complex_pair(a: &Block, b: &Block, m: &[C64; 4]) -> (Block, Block) {
    let (mut x, mut y) = (Block::ZERO, Block::ZERO);
    for l in 0..LANES {
        x.re[l] = (m[0].re * a.re[l] - m[0].im * a.im[l]) + (m[1].re * b.re[l] - m[1].im * b.im[l]);
        x.im[l] = (m[0].re * a.im[l] + m[0].im * a.re[l]) + (m[1].re * b.im[l] + m[1].im * b.re[l]);
        y.re[l] = (m[2].re * a.re[l] - m[2].im * a.im[l]) + (m[3].re * b.re[l] - m[3].im * b.im[l]);
        y.im[l] = (m[2].re * a.im[l] + m[2].im * a.re[l]) + (m[3].re * b.im[l] + m[3].im * b.re[l]);
    }
    (x, y)
}
