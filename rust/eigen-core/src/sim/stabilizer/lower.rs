//! From a circuit, with its parameters bound, to a program of Clifford segments.
use super::action::Action;
use super::flips::Misread;
use super::mechanism::Mechanism;
use super::noise::Noise;
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
    /// Classical bits with those that no counts show.
    pub num_bits: usize,
    pub actions: Vec<Action>,
    pub mechanisms: Vec<Mechanism>,
    /// How each qubit's measurements are misread.
    pub misread: Vec<Misread>,
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
    noise: Option<&'a Noise>,
}

/// Translates a circuit. Without values only its form and its gates without parameters are checked.
pub(super) fn lower(circuit: &Circuit, values: Option<&[f64]>, noise: Option<&Noise>) -> CoreResult<Program> {
    let (recogniser, segments, gates) = (Recogniser::lenient(), Vec::new(), Vec::new());
    let mut collected = Collected { recogniser, segments, gates, values, noise };
    let Lowered { codes, readout, num_counters, num_bits, collapses } = lower_flow(circuit, &mut collected)?;
    Ok(Program {
        num_qubits: circuit.num_qubits(),
        num_clbits: circuit.num_clbits(),
        num_bits,
        actions: collected.recogniser.actions,
        mechanisms: noise.map_or_else(Vec::new, |noise| noise.mechanisms.clone()),
        misread: noise.map_or_else(|| vec![Misread::default(); circuit.num_qubits()], |n| n.misread.clone()),
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
        Cursor::start(self.num_bits, self.num_counters)
    }

    /// Whether anything is drawn besides outcomes.
    pub fn is_noisy(&self) -> bool {
        !self.mechanisms.is_empty()
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

    fn defers(&self) -> bool {
        self.noise.is_none()
    }

    fn before(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.gates.extend(self.noise.iter().flat_map(|noise| noise.before(operation.index())));
        Ok(())
    }

    fn after(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.gates.extend(self.noise.iter().flat_map(|noise| noise.after(operation.index())));
        Ok(())
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
