//! Sampling circuits that decide on outcomes: the tree of histories, each simulated once.
//!
//! Every open outcome is fair, so the shots that reach it are divided by independent coins. The draws of a history
//! depend on the seed and its outcomes only.
use super::super::branch::mix;
use super::super::program::{Cursor, Stop};
use super::super::share::Division;
use super::super::tally::Tally;
use super::super::workers::Workers;
use super::lower::Program;
use super::run::{readout, run_gates};
use super::tableau::Tableau;
use crate::error::CoreResult;
use crate::rng::Philox;

/// Shots with a common history.
struct Branch {
    cursor: Cursor,
    tableau: Tableau,
    shots: u64,
    stream: u64,
    /// Whether no other part of the run follows it.
    is_own: bool,
}

/// Tableaux that may exist at a time: of two sides the one with more shots waits, so one for each halving.
pub(super) fn most_tableaux(shots: u64) -> u64 {
    2 + u64::from(shots.max(1).ilog2())
}

/// Draws the shots of a part of a run.
pub(super) fn sample(
    program: &Program,
    (shots, seed): (u64, u64),
    division: Division,
    workers: &Workers,
) -> CoreResult<Tally> {
    let mut tally = Tally::new(program.start().clbits.len());
    let tableau = Tableau::zero(program.num_qubits);
    let mut waiting = vec![Branch { cursor: program.start(), tableau, shots, stream: 0, is_own: false }];
    'next: while let Some(mut branch) = waiting.pop() {
        loop {
            let stop =
                branch.cursor.advance(&program.codes, |k| run_gates(program, k, &mut branch.tableau))?;
            let (qubit, clbit) = match stop {
                Stop::End => break,
                Stop::Measure { qubit, clbit } => (qubit, Some(clbit)),
                Stop::Reset { qubit } => (qubit, None),
            };
            if let Some(outcome) = branch.tableau.certain(qubit) {
                branch.settle(qubit, clbit, outcome);
                continue;
            }
            let ones = heads(branch.shots, &mut Philox::new(seed, branch.stream));
            let zeros = branch.shots - ones;
            let outcome = if ones == 0 || zeros == 0 { ones > 0 } else { ones < zeros };
            if ones > 0 && zeros > 0 {
                let mut other = Branch {
                    cursor: branch.cursor.clone(),
                    tableau: branch.tableau.clone(),
                    shots: ones.max(zeros),
                    stream: branch.stream,
                    is_own: branch.is_own,
                };
                if other.enter(!outcome, division) {
                    other.decide(qubit, clbit, !outcome);
                    waiting.push(other);
                }
                branch.shots = ones.min(zeros);
            }
            if !branch.enter(outcome, division) {
                continue 'next;
            }
            branch.decide(qubit, clbit, outcome);
        }
        if !division.counts(branch.is_own, branch.stream, 0) {
            continue;
        }
        let affine = readout(program, &branch.tableau, branch.cursor.clbits);
        affine.sample(branch.shots, (seed, branch.stream), workers, &mut tally)?;
    }
    Ok(tally)
}

impl Branch {
    /// Goes the way of an open outcome; whether the part of the run that is drawn here goes along.
    fn enter(&mut self, outcome: bool, division: Division) -> bool {
        self.stream = mix(self.stream.wrapping_mul(2).wrapping_add(1 + u64::from(outcome)));
        division.follows(&mut self.is_own, self.shots, self.stream, 0)
    }

    /// Takes one side of an open outcome.
    fn decide(&mut self, qubit: usize, clbit: Option<usize>, outcome: bool) {
        self.tableau.collapse(qubit, outcome);
        self.settle(qubit, clbit, outcome);
    }

    /// Writes the outcome, or turns a reset qubit back.
    fn settle(&mut self, qubit: usize, clbit: Option<usize>, outcome: bool) {
        match clbit {
            Some(clbit) => self.cursor.set(clbit, outcome),
            None if outcome => self.tableau.flip(qubit),
            None => {}
        }
    }
}

/// How many of `count` fair coins show heads.
fn heads(count: u64, random: &mut Philox) -> u64 {
    let full: u64 = (0..count / 64).map(|_| u64::from(random.next_u64().count_ones())).sum();
    let rest = random.next_u64() & ((1 << (count % 64)) - 1);
    full + u64::from(rest.count_ones())
}
