//! One history of a circuit on the tableau.
use super::super::program::{Readout, Stop};
use super::affine::Affine;
use super::lower::Program;
use super::recognise::Gate;
use super::tableau::Tableau;
use crate::error::CoreResult;

/// Applies a segment without its noise.
pub(super) fn run_gates(program: &Program, segment: usize, tableau: &mut Tableau) {
    for gate in &program.segments[segment] {
        match gate {
            Gate::Local { action, qubits } => tableau.apply(&program.actions[*action], qubits),
            Gate::Rotation { pauli, quarters } => tableau.rotate(pauli, *quarters),
            Gate::Error { .. } => {}
        }
    }
}

/// A history without noise in which every open outcome is 0.
pub(super) struct History {
    /// The tableau at its end.
    pub tableau: Tableau,
    /// The outcomes of its measurements, in order.
    pub outcomes: Vec<bool>,
    /// Measurements and resets together.
    pub places: usize,
}

/// Runs the history that others are compared with.
pub(super) fn reference(program: &Program) -> CoreResult<History> {
    let mut tableau = Tableau::zero(program.num_qubits);
    let mut cursor = program.start();
    let (mut outcomes, mut places) = (Vec::new(), 0);
    loop {
        let stop = cursor.advance(&program.codes, |segment| run_gates(program, segment, &mut tableau))?;
        match stop {
            Stop::End => return Ok(History { tableau, outcomes, places }),
            Stop::Measure { qubit, clbit } => {
                let outcome = measure(&mut tableau, qubit);
                cursor.set(clbit, outcome);
                outcomes.push(outcome);
                places += 1;
            }
            Stop::Reset { qubit } => {
                if measure(&mut tableau, qubit) {
                    tableau.flip(qubit);
                }
                places += 1;
            }
        }
    }
}

/// Measures a qubit; an open outcome becomes 0.
pub(super) fn measure(tableau: &mut Tableau, qubit: usize) -> bool {
    tableau.certain(qubit).unwrap_or_else(|| {
        tableau.collapse(qubit, false);
        false
    })
}

/// The joint outcomes of the final measurements, over the bits written before.
pub(super) fn readout(program: &Program, tableau: &Tableau, clbits: Vec<u64>) -> Affine {
    Affine::new(clbits, last_writes(program).into_iter().map(|r| (tableau.image_of_z(r.qubit), r.clbit)))
}

/// The final measurements without those that a later one overwrites.
pub(super) fn last_writes(program: &Program) -> Vec<Readout> {
    let mut written = vec![false; program.num_clbits];
    let mut out: Vec<Readout> = program
        .readout
        .iter()
        .rev()
        .filter(|read| !std::mem::replace(&mut written[read.clbit], true))
        .copied()
        .collect();
    out.reverse();
    out
}
