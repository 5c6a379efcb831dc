//! Gates whose matrix is known: no symbol in their parameters and no condition.
use smallvec::SmallVec;

use super::weyl::{Four, Square, Two};
use crate::circuit::{Instruction, Payload};
use crate::gate::{GateSpec, Opcode, pauli_rotation};
use crate::math::{C64, Matrix, cis, unitary_power};

/// Whether a gate always happens and has numbers for parameters.
pub(super) fn is_numeric(gate: &Instruction) -> bool {
    gate.opcode.is_gate()
        && gate.detail.condition.is_none()
        && gate.params.iter().all(|param| param.is_constant())
}

/// The matrix of a numeric gate on all its qubits, the first of them the least significant.
pub(super) fn dense(gate: &Instruction) -> Option<Matrix> {
    is_numeric(gate).then(|| matrix(gate)).flatten()
}

/// The matrix of a numeric gate on all its qubits, controls included.
fn matrix(gate: &Instruction) -> Option<Matrix> {
    let spec = GateSpec::of(gate.opcode)?;
    let params: SmallVec<[f64; 4]> = gate.params.iter().map(|param| param.constant).collect();
    let base = match &gate.detail.payload {
        Payload::Matrix(matrix) => matrix.as_ref().clone(),
        Payload::Pauli(letters) => pauli_rotation(params.first().copied()?, letters),
        _ => spec.matrix?(&params),
    };
    let modifier = &gate.detail.modifier;
    let powered = if modifier.power == 1.0 { base } else { unitary_power(&base, modifier.power) };
    let turned = if modifier.inverse { powered.dagger() } else { powered };
    let added = modifier.controls as usize;
    let controls = added + spec.controls_for(gate.qubits.len() - added);
    if controls == 0 {
        return Some(turned);
    }
    let bits: Vec<bool> = (0..controls).map(|k| modifier.control_bit(k)).collect();
    Some(turned.controlled(&bits))
}

/// A gate behind a product of gates on two qubits, of which `first` is the less significant.
pub(super) fn follow(product: &mut Four, gate: &Instruction, first: u32) -> Option<()> {
    match *gate.qubits.as_slice() {
        [] => {}
        [qubit] => product.turn(&two(gate)?, usize::from(qubit != first)),
        [control, _] if gate.opcode == Opcode::Cx && gate.detail.is_plain() => {
            product.0.swap(if control == first { 1 } else { 2 }, 3);
        }
        [qubit, _] if qubit == first => *product = four(gate)?.mul(product),
        _ => *product = four(gate)?.exchanged().mul(product),
    }
    Some(())
}

/// The rotations that most gates on one qubit are, entry by entry as in the gate table.
fn rotation(gate: &Instruction) -> Option<Two> {
    let angle = |k: usize| gate.params.get(k).map(|param| param.constant);
    let half = |angle: f64| (libm::cos(angle / 2.0), libm::sin(angle / 2.0));
    let rows = match gate.opcode {
        Opcode::U => {
            let ((c, s), phi, lambda) = (half(angle(0)?), angle(1)?, angle(2)?);
            [[C64::from(c), -cis(lambda) * s], [cis(phi) * s, cis(phi + lambda) * c]]
        }
        Opcode::Rz => [[cis(-angle(0)? / 2.0), C64::ZERO], [C64::ZERO, cis(angle(0)? / 2.0)]],
        Opcode::P => [[C64::ONE, C64::ZERO], [C64::ZERO, cis(angle(0)?)]],
        Opcode::Rx => {
            let (c, s) = half(angle(0)?);
            [[C64::from(c), C64::new(0.0, -s)], [C64::new(0.0, -s), C64::from(c)]]
        }
        Opcode::Ry => {
            let (c, s) = half(angle(0)?);
            [[C64::from(c), C64::from(-s)], [C64::from(s), C64::from(c)]]
        }
        _ => return None,
    };
    Some(Square(rows))
}

/// The matrix of a numeric gate on one qubit.
pub(super) fn two(gate: &Instruction) -> Option<Two> {
    if gate.detail.is_plain()
        && gate.qubits.len() == 1
        && is_numeric(gate)
        && let Some(found) = rotation(gate)
    {
        return Some(found);
    }
    let fits = gate.qubits.len() == 1 && is_numeric(gate);
    fits.then(|| matrix(gate)).flatten().and_then(|matrix| Two::of(&matrix))
}

/// The matrix of a numeric gate on two qubits, the first of them less significant.
pub(super) fn four(gate: &Instruction) -> Option<Four> {
    if gate.detail.is_plain() && matches!(gate.opcode, Opcode::Cx | Opcode::Cz) {
        return Some(entangling(gate.opcode));
    }
    let fits = gate.qubits.len() == 2 && is_numeric(gate);
    fits.then(|| matrix(gate)).flatten().and_then(|matrix| Four::of(&matrix))
}

/// CX or CZ, the most frequent ones.
fn entangling(opcode: Opcode) -> Four {
    let mut out = Four::identity();
    if opcode == Opcode::Cz {
        out.0[3][3] = -C64::ONE;
    } else {
        out.0.swap(1, 3);
    }
    out
}

/// A global phase as a gate.
pub(super) fn phase(angle: f64) -> Option<Instruction> {
    let turned = angle - std::f64::consts::TAU * libm::round(angle / std::f64::consts::TAU);
    (turned.abs() > 1e-13).then(|| Instruction::with_numbers(Opcode::Gphase, &[], &[turned]))
}
