//! Sampling circuits that measure on the way: the tree of outcome histories, each simulated once.
//!
//! Where a measurement can go both ways the shots that reach it are divided between the outcomes by independent draws,
//! so the counts are distributed exactly as if every shot were run alone. The draws of a history depend on the seed
//! and on its outcomes only, not on the order of the work.
use super::amplitude::State;
use super::collapse;
use super::program::{Cursor, Program, Stop};
use super::sample::sample;
use super::tally::{KeyMap, Tally};
use super::workers::Workers;
use crate::error::CoreResult;
use crate::rng::Philox;

/// One set of shots with a common history.
struct Branch {
    cursor: Cursor,
    /// The state, or `None` when it must be computed again from the beginning.
    state: Option<State>,
    shots: u64,
    /// Stream of random numbers that belongs to the history.
    stream: u64,
    /// Outcomes so far.
    outcomes: Vec<bool>,
}

/// What sampling needs besides the program.
pub(crate) struct Sampler<'a> {
    pub program: &'a Program,
    pub workers: &'a Workers,
    pub seed: u64,
    /// States that may exist at a time, at least one.
    pub most_states: usize,
}

impl Sampler<'_> {
    /// Draws all shots. `state` is the buffer for the first history and is given back.
    pub fn run(&self, state: State, shots: u64) -> CoreResult<(Tally, State)> {
        let root = self.program.start();
        let map = KeyMap::new(&self.program.readout, root.clbits.len());
        let mut tally = Tally::new(root.clbits.len());
        let mut stack = vec![Branch { cursor: root, state: None, shots, stream: 0, outcomes: Vec::new() }];
        let mut spare = vec![state];
        let mut states = 1;
        while let Some(mut branch) = stack.pop() {
            let mut state = match branch.state.take() {
                Some(state) => state,
                None => self.replay(&mut branch, take(&mut spare, &mut states, self.program)?)?,
            };
            while let Some((qubit, clbit)) = self.next_decision(&mut branch, &mut state)? {
                let weights = collapse::weights(&state, qubit, self.workers);
                let ones = self.draw(&branch, weights);
                if ones > 0 && ones < branch.shots {
                    let larger = ones * 2 > branch.shots;
                    let can_copy = !spare.is_empty() || states < self.most_states;
                    let copy = if can_copy { Some(take(&mut spare, &mut states, self.program)?) } else { None };
                    let shots = if larger { ones } else { branch.shots - ones };
                    let mut other = branch.fork(larger, shots);
                    if let Some(mut copy) = copy {
                        copy.copy_from(&state);
                        settle(&mut other.cursor, &mut copy, (qubit, clbit), larger, weights);
                        other.state = Some(copy);
                    }
                    stack.push(other);
                    branch.shots -= shots;
                    branch.enter(!larger);
                    settle(&mut branch.cursor, &mut state, (qubit, clbit), !larger, weights);
                } else {
                    branch.enter(ones > 0);
                    settle(&mut branch.cursor, &mut state, (qubit, clbit), ones > 0, weights);
                }
            }
            let mut random = Philox::new(self.seed, branch.stream);
            let samples = if self.program.readout.is_empty() {
                vec![(0, branch.shots)]
            } else {
                sample(&state, branch.shots, &mut random, self.workers)
            };
            tally.add(&map, &branch.cursor.clbits, &samples);
            spare.push(state);
        }
        let state = take(&mut spare, &mut states, self.program)?;
        Ok((tally, state))
    }

    /// Runs a branch to its next measurement or reset: (qubit, classical bit to write).
    fn next_decision(&self, branch: &mut Branch, state: &mut State) -> CoreResult<Option<(usize, Option<usize>)>> {
        Ok(match self.program.advance(&mut branch.cursor, state, self.workers)? {
            Stop::End => None,
            Stop::Measure { qubit, clbit } => Some((qubit, Some(clbit))),
            Stop::Reset { qubit } => Some((qubit, None)),
        })
    }

    /// How many of the branch's shots measure 1.
    fn draw(&self, branch: &Branch, weights: [f64; 2]) -> u64 {
        let total = weights[0] + weights[1];
        if weights[0] == 0.0 {
            return branch.shots;
        }
        if weights[1] == 0.0 {
            return 0;
        }
        let mut random = Philox::new(self.seed, branch.stream);
        (0..branch.shots).filter(|_| random.uniform() * total < weights[1]).count() as u64
    }

    /// Computes the state of a branch from the beginning, along its outcomes.
    fn replay(&self, branch: &mut Branch, mut state: State) -> CoreResult<State> {
        state.reset();
        branch.cursor = self.program.start();
        for outcome in branch.outcomes.clone() {
            if let Some((qubit, clbit)) = self.next_decision(branch, &mut state)? {
                let weights = collapse::weights(&state, qubit, self.workers);
                settle(&mut branch.cursor, &mut state, (qubit, clbit), outcome, weights);
            }
        }
        Ok(state)
    }
}

impl Branch {
    /// The branch of the shots with the other outcome, without its state.
    fn fork(&self, outcome: bool, shots: u64) -> Branch {
        let mut other = Branch {
            cursor: self.cursor.clone(),
            state: None,
            shots,
            stream: self.stream,
            outcomes: self.outcomes.clone(),
        };
        other.enter(outcome);
        other
    }

    fn enter(&mut self, outcome: bool) {
        self.outcomes.push(outcome);
        self.stream = mix(self.stream.wrapping_mul(2).wrapping_add(1 + u64::from(outcome)));
    }
}

/// Puts state and classical bits after a measurement (or, without a classical bit, a reset).
fn settle(cursor: &mut Cursor, state: &mut State, what: (usize, Option<usize>), outcome: bool, weights: [f64; 2]) {
    let (qubit, clbit) = what;
    let weight = weights[usize::from(outcome)];
    collapse::project(state, qubit, outcome, 1.0 / weight.sqrt());
    match clbit {
        Some(clbit) => cursor.set(clbit, outcome),
        None if outcome => collapse::flip(state, qubit),
        None => {}
    }
}

/// A spare state, or a new one.
fn take(spare: &mut Vec<State>, states: &mut usize, program: &Program) -> CoreResult<State> {
    if let Some(state) = spare.pop() {
        return Ok(state);
    }
    *states += 1;
    super::memory::allocate(program.num_qubits)
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection that spreads neighbours.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
