//! Measuring one qubit: its probability, and the state after an outcome.
use super::amplitude::{Block, LANE_QUBITS, LANES, State, sum_lanes};
use super::workers::Workers;

/// Blocks that one piece of work covers.
const CHUNK_BLOCKS: usize = 2048;

/// Squared norms of the parts of the state with the qubit 0 and 1.
pub(crate) fn weights(state: &State, qubit: usize, workers: &Workers) -> [f64; 2] {
    let blocks = state.blocks();
    let parts = workers.map(blocks.len().div_ceil(CHUNK_BLOCKS), |chunk| {
        let start = chunk * CHUNK_BLOCKS;
        let mut sums = [[0.0; LANES]; 2];
        for (k, block) in blocks[start..(start + CHUNK_BLOCKS).min(blocks.len())].iter().enumerate() {
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
    let outcome = usize::from(outcome);
    let keep: [f64; LANES] = std::array::from_fn(|lane| {
        let hit = qubit >= LANE_QUBITS || lane >> qubit & 1 == outcome;
        if hit { factor } else { 0.0 }
    });
    for (k, block) in state.blocks_mut().iter_mut().enumerate() {
        if qubit >= LANE_QUBITS && k >> (qubit - LANE_QUBITS) & 1 != outcome {
            *block = Block::ZERO;
            continue;
        }
        for lane in 0..LANES {
            block.re[lane] *= keep[lane];
            block.im[lane] *= keep[lane];
        }
    }
}

/// Flips a qubit.
pub(crate) fn flip(state: &mut State, qubit: usize) {
    super::kernel::flip(state.blocks_mut(), qubit, super::kernel::Guard::NONE);
}
