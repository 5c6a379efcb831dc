//! One history of a circuit on the tableau.
use super::super::program::{Cursor, Next, Readout, Stop};
use super::super::snapshot::{Tour, Watch};
use super::affine::Affine;
use super::lower::Program;
use super::recognise::Gate;
use super::snapshot::{self, Standing};
use super::tableau::Tableau;
use crate::error::CoreResult;

/// Applies a segment without its noise.
pub(super) fn run_gates(program: &Program, segment: usize, tableau: &mut Tableau) {
    for gate in &program.segments[segment] {
        run_gate(program, gate, tableau);
    }
}

pub(super) fn run_gate(program: &Program, gate: &Gate, tableau: &mut Tableau) {
    match gate {
        Gate::Local { action, qubits } => tableau.apply(&program.actions[*action], qubits),
        Gate::Rotation { pauli, quarters } => tableau.rotate(pauli, *quarters),
        Gate::Error { .. } => {}
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

impl History {
    fn zero(program: &Program) -> Self {
        History { tableau: Tableau::zero(program.num_qubits), outcomes: Vec::new(), places: 0 }
    }

    /// Decides a measurement or a reset.
    fn decide(&mut self, stop: Stop, cursor: &mut Cursor) {
        match stop {
            Stop::End => return,
            Stop::Measure { qubit, clbit } => {
                let outcome = measure(&mut self.tableau, qubit);
                cursor.set(clbit, outcome);
                self.outcomes.push(outcome);
            }
            Stop::Reset { qubit } => {
                if measure(&mut self.tableau, qubit) {
                    self.tableau.flip(qubit);
                }
            }
        }
        self.places += 1;
    }
}

/// Runs the history that others are compared with.
pub(super) fn reference(program: &Program, watch: Option<Box<dyn Watch>>) -> CoreResult<History> {
    let Some(mut watch) = watch else {
        return follow(program, program.start(), History::zero(program), |segment, _, history| {
            run_gates(program, segment, &mut history.tableau);
            Ok(())
        });
    };
    let identity = || program.identity();
    let mut tour = Tour::new(watch.as_mut(), snapshot::about(program, &identity));
    let found = tour.restore(|words, numbers, reader| Standing::read(program, words, numbers, reader))?;
    let (mut history, mut cursor) = (History::zero(program), program.start());
    if let Some(standing) = found {
        (history, cursor) = (standing.history, standing.cursor);
        snapshot::run_watched(program, standing.mark, &cursor, &mut history, &mut tour)?;
    }
    follow(program, cursor, history, |segment, cursor, history| {
        snapshot::run_watched(program, (segment, 0), cursor, history, &mut tour)
    })
}

/// Runs a history to its end; `run` applies a segment.
fn follow(
    program: &Program,
    mut cursor: Cursor,
    mut history: History,
    mut run: impl FnMut(usize, &Cursor, &mut History) -> CoreResult<()>,
) -> CoreResult<History> {
    loop {
        match cursor.next(&program.codes)? {
            Next::Run { segment } => run(segment, &cursor, &mut history)?,
            Next::Stop(Stop::End) => return Ok(history),
            Next::Stop(stop) => history.decide(stop, &mut cursor),
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
