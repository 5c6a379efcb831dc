//! Diagonal gates that nothing but a measurement in the same basis follows: they change phases that are lost.
use std::collections::HashSet;

use crate::circuit::{Basis, Instruction, Payload};
use crate::gate::{GateSpec, Opcode};

/// The stretch without diagonal gates all of whose qubits are measured in Z next.
///
/// Exact: the measured qubits collapse to a basis state, which such a gate only gives a phase.
pub(super) fn dropped(stretch: Vec<Instruction>) -> Vec<Instruction> {
    if !stretch.iter().any(measures_z) {
        return stretch;
    }
    let mut measured: HashSet<u32> = HashSet::new();
    let mut kept: Vec<Instruction> = Vec::with_capacity(stretch.len());
    for op in stretch.into_iter().rev() {
        if measures_z(&op) {
            measured.extend(&op.qubits);
        } else if !op.opcode.is_gate() || op.detail.condition.is_some() {
            forget(&mut measured, &op.qubits);
        } else if let Some(spec) = GateSpec::of(op.opcode).filter(|_| !op.qubits.is_empty()) {
            if spec.flags.diagonal && op.qubits.iter().all(|qubit| measured.contains(qubit)) {
                continue;
            }
            // What commutes with every diagonal gate lets earlier ones through: diagonal gates, and controls.
            let own = op.qubits.len() - op.detail.modifier.controls as usize;
            let controls = op.qubits.len() - own + spec.controls_for(own);
            let changed = if spec.flags.diagonal { &[][..] } else { &op.qubits[controls..] };
            forget(&mut measured, changed);
        }
        kept.push(op);
    }
    kept.reverse();
    kept
}

fn forget(measured: &mut HashSet<u32>, qubits: &[u32]) {
    for qubit in qubits {
        measured.remove(qubit);
    }
}

fn measures_z(op: &Instruction) -> bool {
    if op.opcode != Opcode::Measure {
        return false;
    }
    let basis = if let Payload::Basis(basis) = op.detail.payload { basis } else { Basis::Z };
    op.detail.condition.is_none() && basis == Basis::Z
}
