//! From a circuit, with its parameters bound, to a program of Clifford segments.
use super::action::Action;
use super::recognise::{Gate, Recogniser};
use crate::circuit::{Basis, Circuit, Operation};
use crate::error::CoreResult;
use crate::observable::{Pauli, PauliString};
use crate::sim::flow::{Gates, Lowered, lower_flow};
use crate::sim::program::{Code, Cursor, Readout};

/// A lowered circuit.
pub(super) struct Program {
    pub num_qubits: usize,
    pub num_clbits: usize,
    pub actions: Vec<Action>,
    pub segments: Vec<Vec<Gate>>,
    pub codes: Vec<Code>,
    pub readout: Vec<Readout>,
    pub num_counters: usize,
    /// Whether the circuit measures or resets anything at all.
    pub collapses: bool,
}

/// Gates between two points where a history may stop or jump.
struct Collected<'a> {
    recogniser: Recogniser,
    segments: Vec<Vec<Gate>>,
    gates: Vec<Gate>,
    /// Values of the parameters; `None` leaves gates with open parameters out.
    values: Option<&'a [f64]>,
}

/// Translates a circuit. Without values only its form and its gates without parameters are checked.
pub(super) fn lower(circuit: &Circuit, values: Option<&[f64]>) -> CoreResult<Program> {
    let mut collected =
        Collected { recogniser: Recogniser::default(), segments: Vec::new(), gates: Vec::new(), values };
    let Lowered { codes, readout, num_counters, collapses } = lower_flow(circuit, &mut collected)?;
    Ok(Program {
        num_qubits: circuit.num_qubits(),
        num_clbits: circuit.num_clbits(),
        actions: collected.recogniser.actions,
        segments: collected.segments,
        codes,
        readout,
        num_counters,
        collapses,
    })
}

impl Program {
    /// The beginning of a history.
    pub fn start(&self) -> Cursor {
        Cursor::start(self.num_clbits, self.num_counters)
    }

    /// Whether every shot takes the same path and only outcomes differ.
    pub fn is_straight(&self) -> bool {
        !self.codes.iter().any(|code| matches!(code, Code::Unless { .. } | Code::Bound { .. }))
    }

    /// Whether anything is measured or reset before the end.
    pub fn collapses_early(&self) -> bool {
        self.codes.iter().any(|code| matches!(code, Code::Measure { .. } | Code::Reset { .. }))
    }
}

impl Gates for Collected<'_> {
    const ENGINE: &'static str = "stabilizer";

    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        let values = match self.values {
            None if operation.is_symbolic() => return Ok(()),
            values => values.unwrap_or_default(),
        };
        self.recogniser.recognise(operation, &operation.values(values), &mut self.gates)
    }

    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        // A quarter turn about Y takes Z to X, one about X takes Y to Z.
        let (axis, quarters) = match basis {
            Basis::Z => return,
            Basis::X => (Pauli::Y, 3),
            Basis::Y => (Pauli::X, 1),
        };
        let quarters = if back { 4 - quarters } else { quarters };
        if let Ok(pauli) = PauliString::new(vec![(qubit, axis)]) {
            self.gates.push(Gate::Rotation { pauli, quarters });
        }
    }

    fn flush(&mut self) -> Option<usize> {
        if self.gates.is_empty() {
            return None;
        }
        self.segments.push(std::mem::take(&mut self.gates));
        Some(self.segments.len() - 1)
    }
}
