//! One-qubit operations, bit flips and swaps, with any controls.
use super::dense::{dense_one, dense_two};
use super::{Guard, Indices};
use crate::math::C64;
use crate::sim::amplitude::{Block, LANE_QUBITS, LANES};

const X: [C64; 4] = [C64::ZERO, C64::ONE, C64::ONE, C64::ZERO];

/// A 2x2 matrix (row-major) on `target`.
#[inline(always)]
pub(crate) fn single(blocks: &mut [Block], target: usize, matrix: &[C64; 4], guard: Guard) {
    if target < LANE_QUBITS || guard.has_lane_controls() {
        dense_one(blocks, target, matrix, guard);
    } else if matrix[0].im == 0.0 && matrix[1].im == 0.0 && matrix[2].im == 0.0 && matrix[3].im == 0.0 {
        real(blocks, target, matrix, guard);
    } else {
        complex(blocks, target, matrix, guard);
    }
}

/// Pauli X on `target`.
#[inline(always)]
pub(crate) fn flip(blocks: &mut [Block], target: usize, guard: Guard) {
    if target < LANE_QUBITS {
        return dense_one(blocks, target, &X, guard);
    }
    let bit = 1 << (target - LANE_QUBITS);
    let indices = Indices::new(blocks.len(), bit | guard.block_mask(), guard.block_value());
    if guard.has_lane_controls() {
        return exchange(blocks, indices, bit, guard);
    }
    for i in indices {
        blocks.swap(i, i | bit);
    }
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
    for i in Indices::new(blocks.len(), x | y | guard.block_mask(), guard.block_value()) {
        blocks.swap(i | x, i | y);
    }
}

/// Exchanges the lanes that the controls let through between block pairs.
#[inline(always)]
fn exchange(blocks: &mut [Block], indices: Indices, bit: usize, guard: Guard) {
    let mut active = [false; LANES];
    for (lane, slot) in active.iter_mut().enumerate() {
        *slot = guard.lane_is_active(lane);
    }
    for i in indices {
        let (a, b) = (blocks[i], blocks[i | bit]);
        let (mut x, mut y) = (a, b);
        for l in 0..LANES {
            x.re[l] = if active[l] { b.re[l] } else { a.re[l] };
            x.im[l] = if active[l] { b.im[l] } else { a.im[l] };
            y.re[l] = if active[l] { a.re[l] } else { b.re[l] };
            y.im[l] = if active[l] { a.im[l] } else { b.im[l] };
        }
        (blocks[i], blocks[i | bit]) = (x, y);
    }
}

#[inline(always)]
fn real(blocks: &mut [Block], target: usize, matrix: &[C64; 4], guard: Guard) {
    let [p, q, r, s] = [matrix[0].re, matrix[1].re, matrix[2].re, matrix[3].re];
    let bit = 1 << (target - LANE_QUBITS);
    for i in Indices::new(blocks.len(), bit | guard.block_mask(), guard.block_value()) {
        let (a, b) = (blocks[i], blocks[i | bit]);
        let (mut x, mut y) = (Block::ZERO, Block::ZERO);
        for l in 0..LANES {
            x.re[l] = p * a.re[l] + q * b.re[l];
            x.im[l] = p * a.im[l] + q * b.im[l];
            y.re[l] = r * a.re[l] + s * b.re[l];
            y.im[l] = r * a.im[l] + s * b.im[l];
        }
        (blocks[i], blocks[i | bit]) = (x, y);
    }
}

#[inline(always)]
fn complex(blocks: &mut [Block], target: usize, m: &[C64; 4], guard: Guard) {
    let bit = 1 << (target - LANE_QUBITS);
    for i in Indices::new(blocks.len(), bit | guard.block_mask(), guard.block_value()) {
        let (a, b) = (blocks[i], blocks[i | bit]);
        let (mut x, mut y) = (Block::ZERO, Block::ZERO);
        for l in 0..LANES {
            x.re[l] = (m[0].re * a.re[l] - m[0].im * a.im[l]) + (m[1].re * b.re[l] - m[1].im * b.im[l]);
            x.im[l] = (m[0].re * a.im[l] + m[0].im * a.re[l]) + (m[1].re * b.im[l] + m[1].im * b.re[l]);
            y.re[l] = (m[2].re * a.re[l] - m[2].im * a.im[l]) + (m[3].re * b.re[l] - m[3].im * b.im[l]);
            y.im[l] = (m[2].re * a.im[l] + m[2].im * a.re[l]) + (m[3].re * b.im[l] + m[3].im * b.re[l]);
        }
        (blocks[i], blocks[i | bit]) = (x, y);
    }
}
