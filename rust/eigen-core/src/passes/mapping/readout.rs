//! The measurements with which a circuit ends: kept out of routing, since qubits still move when others are done.
use std::collections::HashSet;

use crate::circuit::Instruction;
use crate::gate::Opcode;
use crate::passes::tree::{Body, Node};

/// Takes the measurements off the end of a body that nothing follows on their qubits, and whose bits nothing reads or
/// writes later; in order.
pub(super) fn take(body: &mut Body) -> Vec<Instruction> {
    let Some(Node::Straight(stretch)) = body.0.last_mut() else { return Vec::new() };
    let mut busy: HashSet<u32> = HashSet::new();
    let mut written: HashSet<u32> = HashSet::new();
    let (mut taken, mut kept) = (Vec::new(), Vec::with_capacity(stretch.len()));
    let mut may_read = false;
    for op in std::mem::take(stretch).into_iter().rev() {
        let is_free = !op.qubits.iter().any(|qubit| busy.contains(qubit))
            && !op.clbits.iter().any(|bit| written.contains(bit));
        if op.opcode == Opcode::Measure && op.detail.condition.is_none() && is_free && !may_read {
            taken.push(op);
            continue;
        }
        may_read |= op.detail.condition.is_some() || !is_quantum(op.opcode);
        busy.extend(&op.qubits);
        written.extend(&op.clbits);
        kept.push(op);
    }
    kept.reverse();
    taken.reverse();
    if kept.is_empty() {
        body.0.pop();
    } else {
        *stretch = kept;
    }
    taken
}

/// Whether an operation without a condition reads no classical bit.
fn is_quantum(opcode: Opcode) -> bool {
    opcode.is_gate() || matches!(opcode, Opcode::Measure | Opcode::Reset | Opcode::Barrier | Opcode::Delay)
}
