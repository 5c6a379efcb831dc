//! Walking the tree of histories: where shots part, the fewer go on and the others wait, so that at most one state waits
//! for each halving of the shots. Threads take whole subtrees.
use std::sync::{Mutex, PoisonError};

use super::history::{Ground, History, Step};
use super::readout::Misreading;
use super::spares::Spares;
use crate::error::CoreResult;
use crate::sim::program::Cursor;
use crate::sim::sample::sample;
use crate::sim::segment::Segment;
use crate::sim::tally::{KeyMap, Tally};
use crate::sim::workers::Workers;

/// Histories that wait for each thread before they are shared out.
pub(super) const WAITING_PER_THREAD: usize = 16;

/// What is done with a history at its end.
pub(super) struct Ending<'a> {
    /// Applied before the qubits are read.
    pub rotation: Option<&'a Segment>,
    pub misreading: &'a Misreading,
    pub map: &'a KeyMap,
    /// Whether any qubit is read at all.
    pub reads: bool,
}

/// What a walk has found.
pub(super) struct Found {
    pub tally: Tally,
    /// Histories simulated to their end.
    pub histories: u64,
    /// Shots without any error.
    pub quiet_shots: u64,
}

impl Found {
    fn new(words: usize) -> Self {
        Found { tally: Tally::new(words), histories: 0, quiet_shots: 0 }
    }

    pub fn append(&mut self, other: Found) {
        self.tally.append(other.tally);
        self.histories += other.histories;
        self.quiet_shots += other.quiet_shots;
    }
}

/// A walk and what it runs on.
pub(super) struct Walk<'a> {
    pub ground: Ground<'a>,
    pub ending: Ending<'a>,
    pub spares: &'a Spares,
    /// Threads that work on different histories.
    pub branch_workers: &'a Workers,
    /// Words of classical bits.
    pub words: usize,
}

impl Walk<'_> {
    /// Follows so many shots from the beginning to all their ends.
    pub fn run(&self, cursor: Cursor, shots: u64, number: u64) -> CoreResult<Found> {
        let mut state = self.spares.take()?;
        state.reset();
        state.settle();
        let root = History::begin(&self.ground, cursor, state, shots, number);
        if self.branch_workers.count() > 1 { self.share(root) } else { self.descend(root) }
    }

    /// Follows a history and all that leave it, one after the other.
    fn descend(&self, root: History) -> CoreResult<Found> {
        let mut found = Found::new(self.words);
        let mut stack = vec![root];
        while let Some(mut history) = stack.pop() {
            match history.follow(&self.ground, self.spares)? {
                Step::Fork(other) if other.shots > history.shots => stack.extend([*other, history]),
                Step::Fork(other) => stack.extend([history, *other]),
                Step::End => self.end(history, &mut found)?,
                Step::Left => self.spares.give(history.state),
            }
        }
        Ok(found)
    }

    /// Follows the largest history until enough others wait, then shares those out, again and again.
    fn share(&self, root: History) -> CoreResult<Found> {
        let most = WAITING_PER_THREAD * self.branch_workers.count();
        let mut found = Found::new(self.words);
        let mut front = vec![root];
        while !front.is_empty() {
            while front.len() < most {
                let largest = (0..front.len()).max_by_key(|&k| front[k].shots);
                let Some(mut history) = largest.map(|k| front.swap_remove(k)) else { break };
                match history.follow(&self.ground, self.spares)? {
                    Step::Fork(other) => front.extend([history, *other]),
                    Step::End => self.end(history, &mut found)?,
                    Step::Left => self.spares.give(history.state),
                }
            }
            let kept = (0..front.len()).max_by_key(|&k| front[k].shots).filter(|_| front.len() == most);
            let kept = kept.map(|k| front.swap_remove(k));
            let waiting: Vec<_> = front.drain(..).map(|history| Mutex::new(Some(history))).collect();
            let parts = self.branch_workers.map(waiting.len(), |k| {
                let history = waiting[k].lock().unwrap_or_else(PoisonError::into_inner).take();
                history.map_or_else(|| Ok(Found::new(self.words)), |history| self.descend(history))
            });
            for part in parts {
                found.append(part?);
            }
            front.extend(kept);
        }
        Ok(found)
    }

    fn end(&self, mut history: History, found: &mut Found) -> CoreResult<()> {
        if !history.counts(&self.ground) {
            self.spares.give(history.state);
            return Ok(());
        }
        let workers = self.ground.workers;
        found.histories += 1;
        found.quiet_shots += if history.errors == 0 { history.shots } else { 0 };
        let mut samples = vec![(0, history.shots)];
        if self.ending.reads {
            if let Some(rotation) = self.ending.rotation {
                rotation.run(&mut history.state, workers);
            }
            let shots = history.shots;
            samples = history.sample(|state, random| sample(state, shots, random, workers));
            samples = self.ending.misreading.apply(samples, history.random());
        }
        found.tally.add(self.ending.map, history.clbits(), &samples)?;
        self.spares.give(history.state);
        Ok(())
    }
}
