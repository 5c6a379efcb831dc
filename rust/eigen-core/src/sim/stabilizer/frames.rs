//! Pauli frames: how each of many shots differs from one reference shot, 64 shots a word.
//!
//! For circuits in which every shot takes the same path (Gidney, Quantum 5, 497 (2021), section 4). A frame is a Pauli
//! error on the reference's state; errors that stabilise the state are drawn at random wherever there are any, which
//! makes open outcomes fair.
use super::super::branch::mix;
use super::super::program::Stop;
use super::super::tally::Tally;
use super::super::workers::Workers;
use super::lower::Program;
use super::recognise::Gate;
use super::row::letters;
use super::run::{last_writes, measure, reference};
use crate::error::CoreResult;
use crate::observable::PauliString;
use crate::rng::Philox;

/// Words of shots that go through the circuit together.
const LANE: usize = 16;
/// Shots that go through the circuit together.
const LANE_SHOTS: u64 = 64 * LANE as u64;
/// Chunks whose keys wait to be counted.
const BATCH: usize = 64;

type Lane = [u64; LANE];

/// The frames of one chunk of shots.
struct Frames<'a> {
    program: &'a Program,
    /// X parts of all qubits, then Z parts.
    bits: Vec<Lane>,
    /// Values of classical bits.
    clbits: Vec<Lane>,
    random: Philox,
    scratch: Vec<Lane>,
}

/// Bytes of the frames of one chunk.
pub(super) fn bytes(num_qubits: usize, num_clbits: usize) -> u128 {
    (2 * num_qubits + num_clbits) as u128 * (8 * LANE) as u128
}

/// Draws all shots.
pub(super) fn sample(program: &Program, shots: u64, seed: u64, workers: &Workers) -> CoreResult<Tally> {
    let (mut tableau, outcomes) = reference(program)?;
    let finals: Vec<(usize, usize, bool)> = last_writes(program)
        .into_iter()
        .map(|read| (read.qubit, read.clbit, measure(&mut tableau, read.qubit)))
        .collect();
    drop(tableau);
    let mut tally = Tally::new(program.start().clbits.len());
    let chunks = shots.div_ceil(LANE_SHOTS) as usize;
    for first in (0..chunks).step_by(BATCH) {
        let parts = workers.map(BATCH.min(chunks - first), |k| {
            let chunk = first + k;
            let mut frames = Frames::new(program, Philox::new(seed, mix(1 + chunk as u64)));
            frames.run(&outcomes)?;
            for (qubit, clbit, outcome) in &finals {
                frames.write(*qubit, *clbit, *outcome);
            }
            Ok(frames.keys(LANE_SHOTS.min(shots - LANE_SHOTS * chunk as u64) as usize))
        });
        for part in parts {
            let rows: Vec<u64> = part?;
            tally.add_rows(&rows, &vec![1; rows.len() / tally.words()])?;
        }
    }
    Ok(tally)
}

impl<'a> Frames<'a> {
    /// All qubits in |0>, which Z stabilises.
    fn new(program: &'a Program, random: Philox) -> Self {
        let mut frames = Frames {
            program,
            bits: vec![[0; LANE]; 2 * program.num_qubits],
            clbits: vec![[0; LANE]; program.num_clbits],
            random,
            scratch: Vec::new(),
        };
        (0..program.num_qubits).for_each(|qubit| frames.scatter(qubit));
        frames
    }

    /// Multiplies each shot's frame by Z on a qubit or not, at random.
    fn scatter(&mut self, qubit: usize) {
        let lane = &mut self.bits[self.program.num_qubits + qubit];
        lane.iter_mut().for_each(|word| *word ^= self.random.next_u64());
    }

    fn run(&mut self, outcomes: &[bool]) -> CoreResult<()> {
        let program = self.program;
        let mut cursor = program.start();
        let mut outcomes = outcomes.iter();
        loop {
            let stop = cursor.advance(&program.codes, |segment| {
                program.segments[segment].iter().for_each(|gate| self.gate(gate));
            })?;
            match stop {
                Stop::End => return Ok(()),
                Stop::Measure { qubit, clbit } => {
                    self.write(qubit, clbit, outcomes.next().copied().unwrap_or_default());
                    self.scatter(qubit);
                }
                Stop::Reset { qubit } => {
                    self.bits[qubit] = [0; LANE];
                    self.scatter(qubit);
                }
            }
        }
    }

    fn gate(&mut self, gate: &Gate) {
        match gate {
            Gate::Local { action, qubits } => self.local(*action, qubits),
            Gate::Rotation { pauli, quarters } if quarters % 2 == 1 => self.rotate(pauli),
            Gate::Rotation { .. } => {}
        }
    }

    fn local(&mut self, action: usize, qubits: &[u32]) {
        let errors = &self.program.actions[action].errors;
        let place = |generator: usize| match generator.checked_sub(qubits.len()) {
            None => qubits[generator] as usize,
            Some(z) => self.program.num_qubits + qubits[z] as usize,
        };
        self.scratch.clear();
        for (_, sources) in errors {
            let mut sum = [0; LANE];
            for source in sources {
                add(&mut sum, &self.bits[place(*source)]);
            }
            self.scratch.push(sum);
        }
        for ((generator, _), sum) in errors.iter().zip(&self.scratch) {
            self.bits[place(*generator)] = *sum;
        }
    }

    /// An odd number of quarter turns about P multiplies what anticommutes with P by P.
    fn rotate(&mut self, pauli: &PauliString) {
        let num_qubits = self.program.num_qubits;
        let mut crossed = [0; LANE];
        for (qubit, x, z) in letters(pauli) {
            if z {
                add(&mut crossed, &self.bits[qubit]);
            }
            if x {
                add(&mut crossed, &self.bits[num_qubits + qubit]);
            }
        }
        for (qubit, x, z) in letters(pauli) {
            if x {
                add(&mut self.bits[qubit], &crossed);
            }
            if z {
                add(&mut self.bits[num_qubits + qubit], &crossed);
            }
        }
    }

    /// Writes a qubit's outcomes, given the reference's.
    fn write(&mut self, qubit: usize, clbit: usize, outcome: bool) {
        let flip = u64::from(outcome).wrapping_neg();
        self.clbits[clbit] = self.bits[qubit].map(|word| word ^ flip);
    }

    /// The keys of the first `count` shots.
    fn keys(&self, count: usize) -> Vec<u64> {
        let words = self.clbits.len().div_ceil(64).max(1);
        let mut rows = vec![0; count * words];
        for (key_word, clbits) in self.clbits.chunks(64).enumerate() {
            for shot_word in 0..count.div_ceil(64) {
                let mut block = [0; 64];
                block.iter_mut().zip(clbits).for_each(|(word, lane)| *word = lane[shot_word]);
                transpose(&mut block);
                for (k, word) in block.iter().enumerate().take(count - 64 * shot_word) {
                    rows[(64 * shot_word + k) * words + key_word] = *word;
                }
            }
        }
        rows
    }
}

fn add(sum: &mut Lane, lane: &Lane) {
    sum.iter_mut().zip(lane).for_each(|(a, b)| *a ^= b);
}

/// Transposes 64 x 64 bits by exchanging ever smaller blocks across the diagonal.
fn transpose(block: &mut [u64; 64]) {
    let (mut width, mut mask) = (32, u64::MAX >> 32);
    while width > 0 {
        for k in (0..64).filter(|k| k & width == 0) {
            let exchanged = (block[k] >> width ^ block[k + width]) & mask;
            block[k] ^= exchanged << width;
            block[k + width] ^= exchanged;
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposition_is_one() {
        let mut random = Philox::new(5, 0);
        let before: [u64; 64] = std::array::from_fn(|_| random.next_u64());
        let mut after = before;
        transpose(&mut after);
        for row in 0..64 {
            for column in 0..64 {
                assert_eq!(before[row] >> column & 1, after[column] >> row & 1);
            }
        }
    }
}
