//! Sampling circuits that decide on outcomes: the tree of histories, each simulated once.
//!
//! Every open outcome is fair, so the shots that reach it are divided by independent coins. The draws of a history
//! depend on the seed and its outcomes only.
use super::super::branch::mix;
use super::super::program::{Cursor, Stop};
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
}

/// Tableaux that may exist at a time: of two sides the one with more shots waits, so one for each halving.
pub(super) fn most_tableaux(shots: u64) -> u64 {
    2 + u64::from(shots.max(1).ilog2())
}

/// Draws all shots.
pub(super) fn sample(program: &Program, shots: u64, seed: u64, workers: &Workers) -> CoreResult<Tally> {
    let mut tally = Tally::new(program.start().clbits.len());
    let tableau = Tableau::zero(program.num_qubits);
    let mut waiting = vec![Branch { cursor: program.start(), tableau, shots, stream: 0 }];
    while let Some(mut branch) = waiting.pop() {
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
                };
                other.decide(qubit, clbit, !outcome);
                waiting.push(other);
                branch.shots = ones.min(zeros);
            }
            branch.decide(qubit, clbit, outcome);
        }
        let affine = readout(program, &branch.tableau, branch.cursor.clbits);
        affine.sample(branch.shots, (seed, branch.stream), workers, &mut tally)?;
    }
    Ok(tally)
}

impl Branch {
    /// Takes one side of an open outcome.
    fn decide(&mut self, qubit: usize, clbit: Option<usize>, outcome: bool) {
        self.tableau.collapse(qubit, outcome);
        self.stream = mix(self.stream.wrapping_mul(2).wrapping_add(1 + u64::from(outcome)));
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
