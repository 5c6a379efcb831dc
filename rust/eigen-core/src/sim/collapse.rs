//! Measuring one qubit: its probability, and the state after an outcome.
use super::amplitude::{LANE_QUBITS, LANES, sum_lanes};
use super::state::{State, Storage};
use super::vector::Real;
use super::workers::Workers;

/// Blocks that one piece of work covers.
const CHUNK_BLOCKS: usize = 2048;

/// Squared norms of the parts of the state with the qubit 0 and 1.
pub(crate) fn weights(state: &State, qubit: usize, workers: &Workers) -> [f64; 2] {
    let count = state.num_blocks();
    let parts = workers.map(count.div_ceil(CHUNK_BLOCKS), |chunk| {
        let start = chunk * CHUNK_BLOCKS;
        let mut room = Vec::new();
        let blocks = state.read(start..(start + CHUNK_BLOCKS).min(count), &mut room);
        let mut sums = [[0.0; LANES]; 2];
        for (k, block) in blocks.iter().enumerate() {
            let side = if qubit < LANE_QUBITS { 0 } else { (start + k) >> (qubit - LANE_QUBITS) & 1 };
            block.norms().iter().zip(&mut sums[side]).for_each(|(p, sum)| *sum += p);
        }
        if qubit >= LANE_QUBITS {
            return sums.map(|sum| sum_lanes(&sum));
        }
        [0, 1]
            .map(|value| (0..LANES).filter(|lane| lane >> qubit & 1 == value).map(|lane| sums[0][lane]).sum())
    });
    parts.iter().fold([0.0; 2], |sum, part| [sum[0] + part[0], sum[1] + part[1]])
}

/// Keeps the part of the state with the qubit at `outcome`, scaled by `factor`.
pub(crate) fn project(state: &mut State, qubit: usize, outcome: bool, factor: f64) {
    match state.storage_mut() {
        Storage::Double(lines) => project_lines(lines, qubit, outcome, factor),
        Storage::Single(lines) => project_lines(lines, qubit, outcome, factor),
    }
}

fn project_lines<R: Real>(lines: &mut [R], qubit: usize, outcome: bool, factor: f64) {
    for (k, block) in lines.chunks_exact_mut(2 * R::LANES).enumerate() {
        for (position, number) in block.iter_mut().enumerate() {
            let index = k * R::LANES + position % R::LANES;
            let is_kept = (index >> qubit & 1 == 1) == outcome;
            *number = if is_kept { R::from_f64(number.to_f64() * factor) } else { R::default() };
        }
    }
}

/// Flips a qubit.
pub(crate) fn flip(state: &mut State, qubit: usize) {
    match state.storage_mut() {
        Storage::Double(lines) => flip_lines(lines, qubit),
        Storage::Single(lines) => flip_lines(lines, qubit),
    }
}

fn flip_lines<R: Real>(lines: &mut [R], qubit: usize) {
    // Lines of real and of imaginary parts alternate, so lanes pair up within a line and blocks at twice their distance.
    let half = if qubit < R::LANE_QUBITS { 1 << qubit } else { 2 << qubit };
    for pair in lines.chunks_exact_mut(2 * half) {
        let (zero, one) = pair.split_at_mut(half);
        zero.swap_with_slice(one);
    }
}
