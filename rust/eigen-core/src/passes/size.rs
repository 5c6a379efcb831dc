//! How large a body is: gates, gates on several qubits, depth.
use smallvec::SmallVec;

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
        size.depth = reached(body).depth;
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

/// How deep each bit is: one more than the level, 0 where it was not touched.
#[derive(Default)]
struct Reach {
    qubits: Vec<u64>,
    clbits: Vec<u64>,
    depth: u64,
}

impl Reach {
    /// The place of a bit, made where it was not there.
    fn level(&mut self, (classical, bit): Bit) -> &mut u64 {
        let levels = if classical { &mut self.clbits } else { &mut self.qubits };
        let at = bit as usize;
        if levels.len() <= at {
            levels.resize(at + 1, 0);
        }
        &mut levels[at]
    }

    /// Something of a depth on these bits.
    fn advance(&mut self, touched: &[Bit], by: u64) {
        let top = touched.iter().map(|bit| self.level(*bit).saturating_sub(1)).max().unwrap_or(0);
        let next = top.saturating_add(by);
        self.depth = self.depth.max(next);
        touched.iter().for_each(|bit| *self.level(*bit) = next.saturating_add(1));
    }

    /// A gate, as `advance` would take it.
    fn gate(&mut self, qubits: &[u32]) {
        let top = qubits.iter().map(|qubit| *self.level((false, *qubit))).max().unwrap_or(0).max(1);
        self.depth = self.depth.max(top);
        qubits.iter().for_each(|qubit| *self.level((false, *qubit)) = top + 1);
    }

    /// The bits that were touched.
    fn touched(&self) -> Vec<Bit> {
        let of = |levels: &[u64], classical: bool| -> Vec<Bit> {
            let touched = |bit: &u32| levels[*bit as usize] > 0;
            (0..levels.len() as u32).filter(touched).map(|bit| (classical, bit)).collect()
        };
        [of(&self.qubits, false), of(&self.clbits, true)].concat()
    }
}

/// The bits of an operation.
fn bits(op: &Instruction) -> SmallVec<[Bit; 4]> {
    let mut bits: SmallVec<[Bit; 4]> = op.qubits.iter().map(|qubit| (false, *qubit)).collect();
    bits.extend(op.clbits.iter().map(|bit| (true, *bit)));
    if op.detail.is_plain() {
        return bits;
    }
    if let Some(condition) = &op.detail.condition {
        bits.extend(condition.clbits().into_iter().map(|bit| (true, bit)));
    }
    if let Payload::Expr(value) = &op.detail.payload {
        bits.extend(value.clbits().into_iter().map(|bit| (true, bit)));
    }
    bits
}

/// The bits that a body touches, and its depth.
fn reached(body: &Body) -> Reach {
    let mut reach = Reach::default();
    for node in &body.0 {
        match node {
            Node::Straight(stretch) => {
                for op in stretch.iter().filter(|op| op.opcode != Opcode::Gphase || !op.qubits.is_empty()) {
                    if op.detail.is_plain() && op.clbits.is_empty() && op.opcode != Opcode::Barrier {
                        reach.gate(&op.qubits);
                    } else {
                        reach.advance(&bits(op), u64::from(op.opcode != Opcode::Barrier));
                    }
                }
            }
            Node::If(open, then, otherwise) => {
                let inner = reached(then);
                let (mut touched, mut by) = (inner.touched(), inner.depth);
                if let Some(otherwise) = otherwise {
                    let inner = reached(otherwise);
                    touched.extend(inner.touched());
                    by = by.max(inner.depth);
                }
                touched.extend(bits(open));
                reach.advance(&touched, by);
            }
            Node::Loop(open, inner) => {
                let inner = reached(inner);
                let mut touched = inner.touched();
                touched.extend(bits(open));
                reach.advance(&touched, inner.depth.saturating_mul(rounds(open)));
            }
        }
    }
    reach
}

fn rounds(open: &Instruction) -> u64 {
    match open.detail.payload {
        Payload::Block { bound, .. } if open.opcode == Opcode::For => bound,
        _ => 1,
    }
}
