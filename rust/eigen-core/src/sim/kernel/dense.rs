//! Dense matrices on one, two or any number of qubits, wherever the targets and controls lie.
use crate::math::C64;
use crate::sim::amplitude::{Block, LANE_QUBITS, LANES};
use super::{Guard, Layout, amplitude, each_block};

/// A 2x2 matrix on a target inside the lanes.
#[inline(always)]
pub(super) fn dense_one_in_lanes(blocks: &mut [Block], target: usize, matrix: &[C64; 4], guard: Guard) {
    apply::<1, 2, 2>(blocks, &[target], matrix, guard);
}

/// A 2x2 matrix on a target outside the lanes, with controls inside them.
#[inline(always)]
pub(super) fn dense_one_with_lane_controls(blocks: &mut [Block], target: usize, matrix: &[C64; 4], guard: Guard) {
    apply::<2, 1, 4>(blocks, &[target], matrix, guard);
}

/// A 4x4 matrix (row-major; `targets[0]` is the low bit of its index).
#[inline(always)]
pub(crate) fn dense_two(blocks: &mut [Block], targets: [usize; 2], matrix: &[C64; 16], guard: Guard) {
    match targets.iter().filter(|&&t| t < LANE_QUBITS).count() {
        0 => apply::<4, 1, 16>(blocks, &targets, matrix, guard),
        1 => apply::<2, 2, 8>(blocks, &targets, matrix, guard),
        _ => apply::<1, 4, 4>(blocks, &targets, matrix, guard),
    }
}

/// `COUNT` is `HIGH * HIGH * LOW`, the number of coefficient blocks.
#[inline(always)]
fn apply<const HIGH: usize, const LOW: usize, const COUNT: usize>(
    blocks: &mut [Block],
    targets: &[usize],
    matrix: &[C64],
    guard: Guard,
) {
    let layout = Layout::<HIGH, LOW>::new(targets, guard);
    let coefficients: [Block; COUNT] = coefficients(&layout, targets, matrix, guard);
    each_block(blocks.len(), layout.fixed, layout.base, |i| {
        let old = layout.offsets.map(|offset| blocks[i | offset]);
        for row in 0..HIGH {
            let mut new = Block::ZERO;
            for column in 0..HIGH {
                for shift in 0..LOW {
                    let partner = old[column].xor_lanes(layout.shifts[shift]);
                    new.add_product(&coefficients[(row * HIGH + column) * LOW + shift], &partner);
                }
            }
            blocks[i | layout.offsets[row]] = new;
        }
    });
}

/// Lane coefficients; lanes that the controls exclude get the identity.
fn coefficients<const HIGH: usize, const LOW: usize, const COUNT: usize>(
    layout: &Layout<HIGH, LOW>,
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
            let from = layout.matrix_index(targets, column, lane ^ layout.shifts[shift]);
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
    each_block(blocks.len() * LANES, offsets[dimension - 1] | guard.mask, guard.value, |i| {
        for (slot, offset) in old.iter_mut().zip(&offsets) {
            *slot = amplitude(blocks, i | offset);
        }
        for (row, offset) in matrix.chunks_exact(dimension).zip(&offsets) {
            let mut sum = C64::ZERO;
            row.iter().zip(&old).for_each(|(m, x)| sum += *m * *x);
            let index = i | offset;
            blocks[index / LANES].set(index % LANES, sum);
        }
    });
}
