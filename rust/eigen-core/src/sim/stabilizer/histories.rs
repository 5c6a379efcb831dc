//! Noisy circuits that decide on outcomes about more than Pauli gates: each shot is a history of its own on the tableau.
use std::ops::Range;

use super::super::branch::mix;
use super::super::program::Stop;
use super::super::workers::Workers;
use super::flips::Misread;
use super::lower::Program;
use super::random::Words;
use super::recognise::Gate;
use super::tableau::Tableau;
use crate::error::CoreResult;

/// The keys of some shots of a run, in words.
pub(super) fn sample(
    program: &Program,
    shots: Range<u64>,
    seed: u64,
    workers: &Workers,
) -> CoreResult<Vec<u64>> {
    let count = (shots.end - shots.start) as usize;
    let rows = workers.map(count, |k| history(program, Words::new(seed, mix(1 + shots.start + k as u64))));
    let mut out = Vec::with_capacity(count * program.start().clbits.len());
    for row in rows {
        out.extend(row?);
    }
    Ok(out)
}

fn history(program: &Program, mut words: Words) -> CoreResult<Vec<u64>> {
    let mut tableau = Tableau::zero(program.num_qubits);
    let mut cursor = program.start();
    loop {
        let run = |segment| run_noisy(program, segment, &mut tableau, &mut words);
        match cursor.advance(&program.codes, run)? {
            Stop::End => break,
            Stop::Measure { qubit, clbit } => {
                let outcome = decide(&mut tableau, qubit, &mut words);
                cursor.set(clbit, outcome ^ strikes(program, program.misread[qubit], outcome, &mut words));
            }
            Stop::Reset { qubit } => {
                if decide(&mut tableau, qubit, &mut words) {
                    tableau.flip(qubit);
                }
            }
        }
    }
    Ok(cursor.clbits)
}

fn run_noisy(program: &Program, segment: usize, tableau: &mut Tableau, words: &mut Words) {
    for gate in &program.segments[segment] {
        match gate {
            Gate::Local { action, qubits } => tableau.apply(&program.actions[*action], qubits),
            Gate::Rotation { pauli, quarters } => tableau.rotate(pauli, *quarters),
            Gate::Error { mechanism, qubits } => {
                let Some(product) = program.mechanisms[*mechanism].trial(words) else { continue };
                for (k, qubit) in qubits.iter().enumerate() {
                    tableau.strike(*qubit as usize, product.x >> k & 1 == 1, product.z >> k & 1 == 1);
                }
            }
        }
    }
}

fn decide(tableau: &mut Tableau, qubit: usize, words: &mut Words) -> bool {
    tableau.certain(qubit).unwrap_or_else(|| {
        let outcome = words.next() & 1 == 1;
        tableau.collapse(qubit, outcome);
        outcome
    })
}

/// Whether the record of an outcome errs.
fn strikes(program: &Program, misread: Misread, outcome: bool, words: &mut Words) -> bool {
    let mechanism = if outcome { misread.one } else { misread.zero };
    mechanism.is_some_and(|k| program.mechanisms[k as usize].trial(words).is_some())
}
