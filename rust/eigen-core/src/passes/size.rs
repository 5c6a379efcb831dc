//! How large a body is: gates, gates on several qubits, depth.
use std::collections::HashMap;

use super::tree::{Body, Node};
use crate::circuit::{Instruction, Payload};
use crate::gate::Opcode;

/// The size of a circuit. The body of a loop counts once for gates; global phases do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Gates.
    pub gates: usize,
    /// Those on two qubits or more.
    pub two_qubit_gates: usize,
    /// The longest chain of operations on shared qubits or classical bits, as `Circuit::depth` counts it.
    pub depth: u64,
}

/// A qubit, or a classical bit.
type Bit = (bool, u32);

impl Size {
    pub(super) fn of(body: &Body) -> Self {
        let mut size = Self { gates: 0, two_qubit_gates: 0, depth: 0 };
        count(body, &mut size);
        size.depth = reached(body).1;
        size
    }

    /// What is to be small, the most important first.
    pub(super) fn key(self) -> (usize, usize) {
        (self.two_qubit_gates, self.gates)
    }
}

fn count(body: &Body, size: &mut Size) {
    for node in &body.0 {
        match node {
            Node::Straight(stretch) => {
                for gate in stretch.iter().filter(|op| op.opcode.is_gate() && op.opcode != Opcode::Gphase) {
                    size.gates += 1;
                    size.two_qubit_gates += usize::from(gate.qubits.len() > 1);
                }
            }
            Node::If(_, then, otherwise) => {
                count(then, size);
                otherwise.iter().for_each(|body| count(body, size));
            }
            Node::Loop(_, body) => count(body, size),
        }
    }
}

fn bits(op: &Instruction) -> impl Iterator<Item = Bit> + '_ {
    let read = op.detail.condition.as_ref().map(|condition| condition.clbits()).unwrap_or_default();
    let computed = match &op.detail.payload {
        Payload::Expr(value) => value.clbits(),
        _ => Vec::new(),
    };
    let read: Vec<u32> = read.into_iter().chain(computed).collect();
    let classical = op.clbits.iter().copied().chain(read).map(|bit| (true, bit));
    op.qubits.iter().map(|qubit| (false, *qubit)).chain(classical)
}

/// The bits that a body touches, and its depth.
fn reached(body: &Body) -> (Vec<Bit>, u64) {
    let mut level: HashMap<Bit, u64> = HashMap::new();
    let mut depth = 0;
    let mut advance = |touched: &[Bit], by: u64| {
        let top = touched.iter().filter_map(|bit| level.get(bit)).max().copied().unwrap_or(0);
        depth = depth.max(top.saturating_add(by));
        level.extend(touched.iter().map(|bit| (*bit, top.saturating_add(by))));
    };
    for node in &body.0 {
        match node {
            Node::Straight(stretch) => {
                for op in stretch.iter().filter(|op| op.opcode != Opcode::Gphase || !op.qubits.is_empty()) {
                    let touched: Vec<Bit> = bits(op).collect();
                    advance(&touched, u64::from(op.opcode != Opcode::Barrier));
                }
            }
            Node::If(open, then, otherwise) => {
                let (mut touched, mut by) = reached(then);
                if let Some(otherwise) = otherwise {
                    let (more, other) = reached(otherwise);
                    touched.extend(more);
                    by = by.max(other);
                }
                touched.extend(bits(open));
                advance(&touched, by);
            }
            Node::Loop(open, inner) => {
                let (mut touched, by) = reached(inner);
                touched.extend(bits(open));
                advance(&touched, by.saturating_mul(rounds(open)));
            }
        }
    }
    let touched = level.into_keys().collect();
    (touched, depth)
}

fn rounds(open: &Instruction) -> u64 {
    match open.detail.payload {
        Payload::Block { bound, .. } if open.opcode == Opcode::For => bound,
        _ => 1,
    }
}
