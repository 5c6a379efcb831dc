//! From a circuit, with its parameters bound, to gates by what they do to basis states.
use super::gate::{Action, Controls, Gate};
use crate::circuit::{Basis, Circuit, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{GateSpec, Opcode};
use crate::math::{C64, cis};
use crate::sim::flow::{Gates, Lowered, lower_flow, unknown};
use crate::sim::program::Cursor;

/// A lowered circuit.
pub(super) struct Program {
    pub num_qubits: usize,
    pub num_clbits: usize,
    pub segments: Vec<Vec<Gate>>,
    pub flow: Lowered,
}

struct Collected<'a> {
    segments: Vec<Vec<Gate>>,
    gates: Vec<Gate>,
    values: &'a [f64],
}

/// Translates a circuit for these values of its parameters.
pub(super) fn lower(circuit: &Circuit, values: &[f64]) -> CoreResult<Program> {
    let mut collected = Collected { segments: Vec::new(), gates: Vec::new(), values };
    let flow = lower_flow(circuit, &mut collected)?;
    Ok(Program {
        num_qubits: circuit.num_qubits(),
        num_clbits: circuit.num_clbits(),
        segments: collected.segments,
        flow,
    })
}

impl Program {
    /// The beginning of a history.
    pub fn start(&self) -> Cursor {
        Cursor::start(self.flow.num_bits, self.flow.num_counters)
    }
}

impl Gates for Collected<'_> {
    const ENGINE: &'static str = "sparse";

    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        if operation.opcode() == Opcode::I {
            return Ok(());
        }
        let params = operation.values(self.values);
        if let Some(bad) = params.iter().find(|value| !value.is_finite()) {
            let message = format!("operation {}: the angle is `{bad}`", operation.index());
            return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
        }
        let mut controls = Controls::default();
        for (k, &qubit) in operation.controls().iter().enumerate() {
            controls.mask |= 1 << qubit;
            controls.value |= u128::from(operation.control_bit(k)) << qubit;
        }
        let action = match letters(operation) {
            Some(letters) => pauli_rotation(operation, letters, &params),
            None => {
                let matrix = operation
                    .target_matrix(&params)
                    .ok_or_else(|| unknown(Self::ENGINE, operation.opcode(), operation.index()))?;
                Action::of_matrix(operation.targets().to_vec(), matrix.data())
            }
        };
        self.gates.push(Gate { controls, action, place: operation.index() });
        Ok(())
    }

    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        self.gates.extend(to_z_axis(qubit, basis, back));
    }

    fn flush(&mut self) -> Option<usize> {
        if self.gates.is_empty() {
            return None;
        }
        self.segments.push(std::mem::take(&mut self.gates));
        Some(self.segments.len() - 1)
    }
}

/// The gates that take the axis of a basis to Z, or back.
pub(super) fn to_z_axis(qubit: u32, basis: Basis, back: bool) -> impl Iterator<Item = Gate> {
    let opcodes: &[Opcode] = match (basis, back) {
        (Basis::Z, _) => &[],
        (Basis::X, _) => &[Opcode::H],
        (Basis::Y, false) => &[Opcode::Sdg, Opcode::H],
        (Basis::Y, true) => &[Opcode::H, Opcode::S],
    };
    let matrices = opcodes.iter().filter_map(|opcode| Some(GateSpec::of(*opcode)?.matrix?(&[])));
    matrices.map(move |matrix| Gate {
        controls: Controls::default(),
        action: Action::of_matrix(vec![qubit], matrix.data()),
        place: 0,
    })
}

/// The letters of a rotation about a Pauli string.
fn letters<'a>(operation: &Operation<'a>) -> Option<&'a [u8]> {
    match operation.opcode() {
        Opcode::PauliRot => Some(operation.pauli()),
        Opcode::Rxx => Some(b"XX"),
        Opcode::Ryy => Some(b"YY"),
        Opcode::Rzz => Some(b"ZZ"),
        Opcode::Rzx => Some(b"ZX"),
        _ => None,
    }
}

fn pauli_rotation(operation: &Operation<'_>, letters: &[u8], params: &[f64]) -> Action {
    let modifier = operation.modifier();
    let factor = if modifier.inverse { -modifier.power } else { modifier.power };
    let half = cis(params.first().copied().unwrap_or_default() * factor / 2.0);
    let mask = |wanted: &[u8]| {
        let hit = operation.targets().iter().zip(letters).filter(|(_, letter)| wanted.contains(letter));
        hit.fold(0u128, |mask, (qubit, _)| mask | 1 << qubit)
    };
    let (x, z) = (mask(b"XY"), mask(b"YZ"));
    match x {
        0 => Action::Parity { mask: z, factors: [half.conj(), half] },
        _ => Action::Pauli { x, z, numbers: [C64::new(half.re, 0.0), C64::new(0.0, -half.im)] },
    }
}
