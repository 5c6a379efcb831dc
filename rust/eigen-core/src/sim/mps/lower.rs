//! From a circuit to a program of this engine: gates as matrices under controls, Pauli rotations, and swaps.
use super::gate::{Action, Gate};
use crate::circuit::{Basis, Circuit, Operation};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::C64;
use crate::sim::flow::{Gates, Lowered, lower_flow, unknown};
use crate::sim::program::{Code, Cursor, Readout};
use crate::sim::source::{Angle, Source};

/// A lowered circuit.
pub(crate) struct Program {
    pub num_qubits: usize,
    pub num_clbits: usize,
    /// Classical bits with those that no counts show.
    pub num_bits: usize,
    pub num_parameters: usize,
    pub segments: Vec<Vec<Gate>>,
    pub codes: Vec<Code>,
    /// In program order: a later one overwrites an earlier one on the same classical bit.
    pub readout: Vec<Readout>,
    pub num_counters: usize,
    /// Whether the circuit measures or resets anything at all.
    pub collapses: bool,
}

impl Program {
    /// The beginning of a history.
    pub fn start(&self) -> Cursor {
        Cursor::start(self.num_bits, self.num_counters)
    }
}

/// Translates a circuit.
pub(crate) fn lower(circuit: &Circuit) -> CoreResult<Program> {
    let mut collected = Collected { circuit, segments: Vec::new(), gates: Vec::new() };
    let Lowered { codes, readout, num_counters, num_bits, collapses } = lower_flow(circuit, &mut collected)?;
    Ok(Program {
        num_qubits: circuit.num_qubits(),
        num_clbits: circuit.num_clbits(),
        num_bits,
        num_parameters: circuit.symbols().len(),
        segments: collected.segments,
        codes,
        readout,
        num_counters,
        collapses,
    })
}

/// Gates between two points where a history may stop or jump.
struct Collected<'a> {
    circuit: &'a Circuit,
    segments: Vec<Vec<Gate>>,
    gates: Vec<Gate>,
}

impl Gates for Collected<'_> {
    const ENGINE: &'static str = "matrix-product-state";

    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        if operation.opcode() == Opcode::I && operation.controls().is_empty() {
            return Ok(());
        }
        let controls =
            operation.controls().iter().enumerate().map(|(k, qubit)| (*qubit, operation.control_bit(k)));
        let controls: Vec<(u32, bool)> = controls.collect();
        let is_swap = operation.opcode() == Opcode::Swap && controls.is_empty();
        let action = if operation.opcode() == Opcode::PauliRot {
            let Some(&param) = operation.params().first() else {
                return Err(unknown(Self::ENGINE, operation.opcode(), operation.index()));
            };
            let modifier = operation.modifier();
            let factor = if modifier.inverse { -modifier.power } else { modifier.power };
            let angle = Angle::new(param, self.circuit.expressions()).scaled(factor);
            Action::Rotation { letters: operation.pauli().to_vec(), source: Source::Rotation { angle } }
        } else if is_swap && operation.modifier().power == 1.0 {
            Action::Swap
        } else {
            let source = Source::of_gate(operation, self.circuit.expressions());
            Action::Matrix(
                source.ok_or_else(|| unknown(Self::ENGINE, operation.opcode(), operation.index()))?,
            )
        };
        self.gates.push(Gate { action, controls, targets: operation.targets().to_vec() });
        Ok(())
    }

    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        let letter = match basis {
            Basis::Z => return,
            Basis::X => b'X',
            Basis::Y => b'Y',
        };
        let matrix = to_z_axis(letter, back).to_vec();
        let action = Action::Matrix(Source::Fixed(matrix));
        self.gates.push(Gate { action, controls: Vec::new(), targets: vec![qubit] });
    }

    fn flush(&mut self) -> Option<usize> {
        if self.gates.is_empty() {
            return None;
        }
        self.segments.push(std::mem::take(&mut self.gates));
        Some(self.segments.len() - 1)
    }
}

/// The matrix that takes the axis `X` or `Y` to Z, or back.
pub(crate) fn to_z_axis(letter: u8, back: bool) -> [C64; 4] {
    let h = C64::new(std::f64::consts::FRAC_1_SQRT_2, 0.0);
    let i = C64::new(0.0, std::f64::consts::FRAC_1_SQRT_2);
    match (letter, back) {
        (b'Y', false) => [h, -i, h, i],
        (b'Y', true) => [h, h, i, -i],
        _ => [h, h, h, -h],
    }
}
