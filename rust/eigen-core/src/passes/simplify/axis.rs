//! Which Pauli axis a gate keeps on each of its qubits. Two gates that keep the same axis on every qubit they share
//! commute.
use smallvec::{SmallVec, smallvec};

use crate::circuit::{Instruction, Payload};
use crate::gate::{GateSpec, Opcode};

/// An axis kept: `X`, `Y` or `Z`, or `None` when the gate keeps none on that qubit.
type Axis = Option<u8>;

/// Those of a gate, qubit by qubit.
pub(in crate::passes) type Axes = SmallVec<[Axis; 4]>;

/// The axis a gate keeps on each of its qubits.
pub(in crate::passes) fn axes(gate: &Instruction) -> Axes {
    let Some(spec) = GateSpec::of(gate.opcode) else { return smallvec![None; gate.qubits.len()] };
    let added = gate.detail.modifier.controls as usize;
    let controls = added + spec.controls_for(gate.qubits.len() - added);
    let targets = gate.qubits.len() - controls;
    let mut axes: Axes = smallvec![Some(b'Z'); controls];
    let base = spec.base.unwrap_or(spec.opcode);
    if spec.flags.diagonal {
        axes.resize(controls + targets, Some(b'Z'));
        return axes;
    }
    match (base, &gate.detail.payload) {
        (_, Payload::Pauli(letters)) => {
            axes.extend(
                letters.iter().map(|letter| if *letter == b'I' { Some(b'I') } else { Some(*letter) }),
            );
        }
        (Opcode::X | Opcode::Sx | Opcode::Sxdg | Opcode::Rx | Opcode::Rxx, _) => {
            axes.resize(controls + targets, Some(b'X'));
        }
        (Opcode::Y | Opcode::Ry | Opcode::Ryy, _) => axes.resize(controls + targets, Some(b'Y')),
        (Opcode::Rzx, _) => axes.extend([Some(b'Z'), Some(b'X')]),
        _ => axes.resize(controls + targets, None),
    }
    axes
}

/// Whether two gates commute because they keep the same axis on every shared qubit.
pub(super) fn commute(a: &Instruction, b: &Instruction) -> bool {
    if !a.opcode.is_gate()
        || !b.opcode.is_gate()
        || a.detail.condition.is_some()
        || b.detail.condition.is_some()
    {
        return false;
    }
    let (left, right) = (axes(a), axes(b));
    a.qubits.iter().zip(left).all(|(qubit, axis)| match b.qubits.iter().position(|other| other == qubit) {
        None => true,
        Some(at) => match (axis, right[at]) {
            (Some(b'I'), _) | (_, Some(b'I')) => true,
            (Some(axis), Some(other)) => axis == other,
            _ => false,
        },
    })
}
