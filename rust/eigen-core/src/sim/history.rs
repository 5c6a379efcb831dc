//! The tree of histories of a circuit that decides on outcomes, each simulated once, for engines whose states are
//! copied where a measurement can go both ways.
//!
//! The shots that reach a measurement are divided between its outcomes by independent draws, which depend on the seed
//! and the outcomes so far only.
use super::branch::mix;
use super::program::{Cursor, Stop};
use super::share::Division;
use super::tally::Tally;
use crate::error::CoreResult;
use crate::rng::Philox;

/// A state on its way through a circuit.
pub(crate) trait History: Clone {
    /// Where it stands.
    fn cursor(&mut self) -> &mut Cursor;

    /// Goes on to the next measurement, reset or the end.
    fn advance(&mut self) -> CoreResult<Stop>;

    /// Probabilities of the outcomes of a qubit.
    fn weights(&self, qubit: usize) -> [f64; 2];

    /// Keeps the part of an outcome of probability `weight`.
    fn collapse(&mut self, qubit: usize, outcome: bool, weight: f64);

    /// Flips a qubit.
    fn flip(&mut self, qubit: usize);

    /// Draws the final measurements.
    fn read(&mut self, shots: u64, random: &mut Philox, tally: &mut Tally) -> CoreResult<()>;
}

#[derive(Clone)]
struct Branch<H> {
    history: H,
    shots: u64,
    /// Stream of random numbers that belongs to the history.
    stream: u64,
    /// Whether no other part of the run follows it.
    is_own: bool,
}

/// Draws the shots of a part of a run, from the history that stands at the beginning. Of two sides the one with more shots waits, so that
/// at most one state waits for each halving of the shots.
pub(crate) fn sample<H: History>(
    root: H,
    (shots, seed): (u64, u64),
    division: Division,
    tally: &mut Tally,
) -> CoreResult<()> {
    let mut waiting = vec![Branch { history: root, shots, stream: 0, is_own: false }];
    'next: while let Some(mut branch) = waiting.pop() {
        loop {
            let (qubit, clbit) = match branch.history.advance()? {
                Stop::End => break,
                Stop::Measure { qubit, clbit } => (qubit, Some(clbit)),
                Stop::Reset { qubit } => (qubit, None),
            };
            let weights = branch.history.weights(qubit);
            let ones = branch.ones(weights, seed);
            let zeros = branch.shots - ones;
            let outcome = if ones == 0 || zeros == 0 { ones > 0 } else { ones < zeros };
            if ones > 0 && zeros > 0 {
                let mut other = branch.clone();
                other.shots = ones.max(zeros);
                if other.enter(!outcome, division) {
                    other.decide((qubit, clbit), !outcome, weights);
                    waiting.push(other);
                }
                branch.shots = ones.min(zeros);
            }
            if !branch.enter(outcome, division) {
                continue 'next;
            }
            branch.decide((qubit, clbit), outcome, weights);
        }
        if !division.counts(branch.is_own, branch.stream, 0) {
            continue;
        }
        branch.history.read(branch.shots, &mut Philox::new(seed, branch.stream), tally)?;
    }
    Ok(())
}

impl<H: History> Branch<H> {
    /// How many of the shots measure 1.
    fn ones(&self, weights: [f64; 2], seed: u64) -> u64 {
        match weights {
            [0.0, _] => self.shots,
            [_, 0.0] => 0,
            [zero, one] => {
                let mut random = Philox::new(seed, self.stream);
                (0..self.shots).filter(|_| random.uniform() * (zero + one) < one).count() as u64
            }
        }
    }

    /// Goes the way of an outcome; whether the part of the run that is drawn here goes along.
    fn enter(&mut self, outcome: bool, division: Division) -> bool {
        self.stream = mix(self.stream.wrapping_mul(2).wrapping_add(1 + u64::from(outcome)));
        division.follows(&mut self.is_own, self.shots, self.stream, 0)
    }

    /// Puts state and classical bits after a measurement (or, without a classical bit, a reset).
    fn decide(&mut self, (qubit, clbit): (usize, Option<usize>), outcome: bool, weights: [f64; 2]) {
        self.history.collapse(qubit, outcome, weights[usize::from(outcome)]);
        match clbit {
            Some(clbit) => self.history.cursor().set(clbit, outcome),
            None if outcome => self.history.flip(qubit),
            None => {}
        }
    }
}
