//! Sampling circuits that measure on the way: the tree of outcome histories, each simulated once.
//!
//! Where a measurement can go both ways the shots that reach it are divided between the outcomes by independent draws,
//! so the counts are distributed exactly as if every shot were run alone. The draws of a history depend on the seed
//! and on its outcomes only, not on the order of the work.
use std::sync::{Mutex, PoisonError};

use super::program::{Cursor, Mark, Program, Stop};
use super::sample::sample;
use super::share::Division;
use super::snapshot::Tour;
use super::standing::{OwnShots, Shots, Standing, to_words};
use super::state::State;
use super::tally::{KeyMap, Tally};
use super::workers::Workers;
use super::{collapse, memory};
use crate::error::CoreResult;
use crate::rng::Philox;

/// Branches that wait for each thread before the work is shared.
const BRANCHES_PER_THREAD: usize = 16;

/// One set of shots with a common history.
struct Branch {
    cursor: Cursor,
    /// Where it stands within a segment, if it was restored there.
    mark: Option<Mark>,
    /// The state, or `None` when it must be computed again from the beginning.
    state: Option<State>,
    shots: u64,
    /// Stream of random numbers that belongs to the history.
    stream: u64,
    /// Outcomes so far.
    outcomes: Vec<bool>,
    /// Whether no other part of the run follows it.
    is_own: bool,
}

/// What sampling needs besides the program.
pub(crate) struct Sampler<'a> {
    pub program: &'a Program,
    /// Threads that work on one state.
    pub workers: &'a Workers,
    /// Threads that work on different branches.
    pub branch_workers: &'a Workers,
    pub seed: u64,
    /// Which of the histories are followed.
    pub division: Division,
    /// States that may exist at a time, at least one.
    pub most_states: usize,
}

/// Branches that one thread has still to follow, its spare states, and what it has counted.
struct Walk<'a, 't> {
    sampler: &'a Sampler<'a>,
    map: &'a KeyMap,
    stack: Vec<Branch>,
    spare: Vec<State>,
    states: usize,
    most_states: usize,
    tally: Tally,
    /// Who looks after the walk, if anybody does.
    tour: Option<Tour<'t>>,
}

impl Sampler<'_> {
    /// Draws all shots. `state` is the buffer for the first history and is given back. Only walks of one thread through
    /// the whole run have a `tour`.
    pub fn run(
        &self,
        mut state: State,
        shots: u64,
        mut tour: Option<Tour<'_>>,
    ) -> CoreResult<(Tally, State)> {
        let root = self.program.start();
        let map = KeyMap::new(&self.program.readout, root.clbits.len());
        let standing =
            tour.as_mut().map(|tour| self.restored(tour, &mut state, shots)).transpose()?.flatten();
        let mut walk = match standing {
            Some(Standing { mark, cursor, now, waiting, rows, values }) => {
                let mut stack: Vec<Branch> = waiting.into_iter().map(|own| self.waiting(own)).collect();
                stack.push(Branch { cursor, mark: Some(mark), state: Some(state), ..self.waiting(now) });
                let mut walk = self.walk(&map, stack, self.most_states);
                walk.tally.add_rows(&rows, &values)?;
                walk
            }
            None => {
                let root = self.waiting(OwnShots { shots, ..OwnShots::default() });
                let mut walk = self.walk(&map, vec![root], self.most_states);
                walk.spare = vec![state];
                walk
            }
        };
        (walk.states, walk.tour) = (1, tour);
        // Each thread holds the state that it works on and at most one copy for each halving of its shots.
        let states_per_thread = 2 + shots.ilog2() as usize;
        let threads = self.branch_workers.count();
        let waiting = BRANCHES_PER_THREAD * threads;
        if threads > 1 && self.most_states >= threads * states_per_thread + 2 * waiting {
            while walk.stack.len() < waiting && walk.follow_largest()? {}
            let branches: Vec<_> = walk.stack.drain(..).map(|branch| Mutex::new(Some(branch))).collect();
            let tallies = self.branch_workers.map(branches.len(), |k| {
                let branch = branches[k].lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut walk = self.walk(&map, branch.into_iter().collect(), states_per_thread);
                while walk.follow_last()? {}
                Ok(walk.tally)
            });
            for tally in tallies {
                walk.tally.append(tally?);
            }
        } else {
            while walk.follow_last()? {}
        }
        let state = walk.take()?;
        Ok((walk.tally, state))
    }

    fn walk<'a, 't>(&'a self, map: &'a KeyMap, stack: Vec<Branch>, most_states: usize) -> Walk<'a, 't> {
        let tally = Tally::new(self.program.start().clbits.len());
        Walk { sampler: self, map, stack, spare: Vec::new(), states: 0, most_states, tally, tour: None }
    }

    /// The walk of a snapshot, its state in `state`; else `state` begins.
    fn restored(&self, tour: &mut Tour<'_>, state: &mut State, shots: u64) -> CoreResult<Option<Standing>> {
        let standing = tour.restore(|words, numbers, reader| {
            let standing = Standing::of_words(words, self.program, shots)?;
            let segment = &self.program.segments[standing.mark.segment];
            state.restore(segment, numbers, reader, self.workers)?;
            Ok(standing)
        })?;
        if standing.is_none() {
            state.reset();
        }
        Ok(standing)
    }

    /// A branch whose state is to be computed.
    fn waiting(&self, OwnShots { shots, stream, outcomes }: OwnShots) -> Branch {
        Branch {
            cursor: self.program.start(),
            mark: None,
            state: None,
            shots,
            stream,
            outcomes,
            is_own: false,
        }
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
            let stop = self.program.advance(&mut branch.cursor, &mut state, self.workers)?;
            if let Some((qubit, clbit)) = decision(stop) {
                let weights = collapse::weights(&state, qubit, self.workers);
                settle(&mut branch.cursor, &mut state, (qubit, clbit), outcome, weights);
            }
        }
        Ok(state)
    }
}

impl Walk<'_, '_> {
    /// Follows the branch that was found last to its end. False when there is none.
    fn follow_last(&mut self) -> CoreResult<bool> {
        let branch = self.stack.pop();
        branch.map_or(Ok(false), |branch| self.follow(branch).map(|()| true))
    }

    /// Follows the branch with the most shots to its end. False when there is none.
    fn follow_largest(&mut self) -> CoreResult<bool> {
        let largest = (0..self.stack.len()).max_by_key(|&k| self.stack[k].shots);
        largest.map_or(Ok(false), |k| {
            let branch = self.stack.swap_remove(k);
            self.follow(branch).map(|()| true)
        })
    }

    /// Follows a branch to its end. Where its shots go both ways, the side with more of them waits on the stack, so
    /// that at most one state waits for each halving of the shots.
    fn follow(&mut self, mut branch: Branch) -> CoreResult<()> {
        let sampler = self.sampler;
        let mut state = match branch.state.take() {
            Some(state) => state,
            None => sampler.replay(&mut branch, self.take()?)?,
        };
        while let Some((qubit, clbit)) = self.next_decision(&mut branch, &mut state)? {
            let weights = collapse::weights(&state, qubit, sampler.workers);
            let ones = sampler.draw(&branch, weights);
            let mut outcome = ones > 0;
            if ones > 0 && ones < branch.shots {
                let larger = ones * 2 > branch.shots;
                let mut other = branch.fork(larger, if larger { ones } else { branch.shots - ones });
                let is_followed = other.is_followed(sampler.division);
                if !is_followed {
                    // Another part follows it.
                } else if !self.spare.is_empty() || self.states < self.most_states {
                    let mut copy = self.take()?;
                    copy.copy_from(&state);
                    settle(&mut other.cursor, &mut copy, (qubit, clbit), larger, weights);
                    other.state = Some(copy);
                }
                branch.shots -= other.shots;
                self.stack.extend(is_followed.then_some(other));
                outcome = !larger;
            }
            branch.enter(outcome);
            if !branch.is_followed(sampler.division) {
                self.spare.push(state);
                return Ok(());
            }
            settle(&mut branch.cursor, &mut state, (qubit, clbit), outcome, weights);
        }
        if !sampler.division.counts(branch.is_own, branch.stream, 0) {
            self.spare.push(state);
            return Ok(());
        }
        let mut samples = vec![(0, branch.shots)];
        if !sampler.program.readout.is_empty() {
            let mut random = Philox::new(sampler.seed, branch.stream);
            samples = sample(&state, branch.shots, &mut random, sampler.workers);
        }
        self.tally.add(self.map, &branch.cursor.clbits, &samples)?;
        self.spare.push(state);
        Ok(())
    }

    /// Runs a branch to its next measurement or reset: (qubit, classical bit to write).
    fn next_decision(
        &mut self,
        branch: &mut Branch,
        state: &mut State,
    ) -> CoreResult<Option<(usize, Option<usize>)>> {
        let Sampler { program, workers, .. } = *self.sampler;
        let Some(tour) = &mut self.tour else {
            return Ok(decision(program.advance(&mut branch.cursor, state, workers)?));
        };
        let Branch { cursor, mark, shots, stream, outcomes, .. } = branch;
        let (stack, tally) = (&self.stack, &self.tally);
        let stop = program.advance_from(mark, cursor, state, workers, &mut |cursor, mark, numbers| {
            let words = || {
                let now = Shots { shots: *shots, stream: *stream, outcomes };
                let waiting = stack.iter().map(|other| Shots {
                    shots: other.shots,
                    stream: other.stream,
                    outcomes: &other.outcomes,
                });
                to_words(mark, cursor, now, waiting, tally.parts())
            };
            tour.passed(1, words, numbers.len() as u64, |writer| numbers.write(writer, workers))
        });
        Ok(decision(stop?))
    }

    /// A spare state, or a new one.
    fn take(&mut self) -> CoreResult<State> {
        if let Some(state) = self.spare.pop() {
            return Ok(state);
        }
        self.states += 1;
        memory::allocate_in(self.sampler.program.num_qubits, self.sampler.program.precision)
    }
}

impl Branch {
    /// The branch of the shots with the other outcome, without its state.
    fn fork(&self, outcome: bool, shots: u64) -> Branch {
        let mut other = Branch {
            cursor: self.cursor.clone(),
            mark: None,
            state: None,
            shots,
            stream: self.stream,
            outcomes: self.outcomes.clone(),
            is_own: self.is_own,
        };
        other.enter(outcome);
        other
    }

    /// Whether the part of the run that is drawn here goes on with it.
    fn is_followed(&mut self, division: Division) -> bool {
        division.follows(&mut self.is_own, self.shots, self.stream, 0)
    }

    fn enter(&mut self, outcome: bool) {
        self.outcomes.push(outcome);
        self.stream = mix(self.stream.wrapping_mul(2).wrapping_add(1 + u64::from(outcome)));
    }
}

/// What is to be decided at a stop: (qubit, classical bit to write).
fn decision(stop: Stop) -> Option<(usize, Option<usize>)> {
    match stop {
        Stop::End => None,
        Stop::Measure { qubit, clbit } => Some((qubit, Some(clbit))),
        Stop::Reset { qubit } => Some((qubit, None)),
    }
}

/// Puts state and classical bits after a measurement (or, without a classical bit, a reset).
fn settle(
    cursor: &mut Cursor,
    state: &mut State,
    what: (usize, Option<usize>),
    outcome: bool,
    weights: [f64; 2],
) {
    let (qubit, clbit) = what;
    let weight = weights[usize::from(outcome)];
    collapse::project(state, qubit, outcome, 1.0 / weight.sqrt());
    match clbit {
        Some(clbit) => cursor.set(clbit, outcome),
        None if outcome => collapse::flip(state, qubit),
        None => {}
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection that spreads neighbours.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
