//! Sampling circuits that measure on the way: the tree of histories, each simulated once. The draws of a history depend
//! on the seed and its outcomes only.
use super::chain::{Chain, Loss};
use super::draw::{Drawing, draw};
use super::lower::Program;
use super::run::{Numbers, advance};
use crate::error::CoreResult;
use crate::rng::Philox;
use crate::sim::branch::mix;
use crate::sim::program::{Cursor, Stop};
use crate::sim::share::Division;
use crate::sim::tally::Tally;
use crate::sim::workers::Workers;

/// Shots with a common history.
struct Branch {
    cursor: Cursor,
    chain: Chain,
    shots: u64,
    stream: u64,
    /// Whether no other part of the run follows it.
    is_own: bool,
}

/// Draws the shots of a part of a run: the keys, and the worst loss of any history.
pub(super) fn sample(
    program: &Program,
    numbers: &Numbers,
    start: Chain,
    (shots, seed): (u64, u64),
    division: Division,
    workers: &Workers,
) -> CoreResult<(Tally, Loss)> {
    let mut tally = Tally::new(program.start().clbits.len());
    let mut loss = start.loss;
    let mut waiting = vec![Branch { cursor: program.start(), chain: start, shots, stream: 0, is_own: false }];
    'next: while let Some(mut branch) = waiting.pop() {
        loop {
            let stop = advance(program, numbers, &mut branch.cursor, &mut branch.chain)?;
            let (qubit, clbit) = match stop {
                Stop::End => break,
                Stop::Measure { qubit, clbit } => (qubit, Some(clbit)),
                Stop::Reset { qubit } => (qubit, None),
            };
            let weights = branch.chain.weights(qubit);
            let one = weights[1] / (weights[0] + weights[1]);
            let mut random = Philox::new(seed, branch.stream);
            let ones = (0..branch.shots).filter(|_| random.uniform() < one).count() as u64;
            let zeros = branch.shots - ones;
            let mut outcome = ones > 0;
            if ones > 0 && zeros > 0 {
                // The side with more shots waits, so at most one chain waits for each halving of the shots.
                outcome = ones < zeros;
                let mut other = Branch {
                    cursor: branch.cursor.clone(),
                    chain: branch.chain.clone(),
                    shots: ones.max(zeros),
                    stream: branch.stream,
                    is_own: branch.is_own,
                };
                if other.enter(!outcome, division) {
                    other.settle((qubit, clbit), !outcome, weights)?;
                    waiting.push(other);
                }
                branch.shots = ones.min(zeros);
            }
            if !branch.enter(outcome, division) {
                continue 'next;
            }
            branch.settle((qubit, clbit), outcome, weights)?;
        }
        if !division.counts(branch.is_own, branch.stream, 0) {
            continue;
        }
        loss.merge(&branch.chain.loss);
        branch.chain.move_to(0);
        let drawing = Drawing { clbits: written(program, &branch.chain), chain: &branch.chain, seed };
        draw(&drawing, (branch.shots, branch.stream), &branch.cursor.clbits, workers, &mut tally)?;
    }
    Ok((tally, loss))
}

impl Branch {
    /// Goes the way of an outcome; whether the part of the run that is drawn here goes along.
    fn enter(&mut self, outcome: bool, division: Division) -> bool {
        self.stream = mix(self.stream.wrapping_mul(2).wrapping_add(1 + u64::from(outcome)));
        division.follows(&mut self.is_own, self.shots, self.stream, 0)
    }

    fn settle(
        &mut self,
        (qubit, clbit): (usize, Option<usize>),
        outcome: bool,
        weights: [f64; 2],
    ) -> CoreResult<()> {
        self.chain.collapse(qubit, outcome, weights)?;
        match clbit {
            Some(clbit) => self.cursor.set(clbit, outcome),
            None if outcome => self.chain.flip(qubit),
            None => {}
        }
        Ok(())
    }
}

/// For each site up to the last that is read, the classical bits it is written to.
pub(super) fn written(program: &Program, chain: &Chain) -> Vec<Vec<usize>> {
    let mut taken = vec![false; program.num_clbits];
    let mut out: Vec<Vec<usize>> = Vec::new();
    for read in program.readout.iter().rev() {
        if std::mem::replace(&mut taken[read.clbit], true) {
            continue;
        }
        let site = chain.place[read.qubit];
        if out.len() <= site {
            out.resize(site + 1, Vec::new());
        }
        out[site].push(read.clbit);
    }
    out
}
