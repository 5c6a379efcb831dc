//! What can be read off a circuit: size, depth, counts, and whether shots can share one run.
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Circuit, Item, Operation};
use crate::gate::Opcode;

impl Circuit {
    /// Number of operations, nested ones included, `ELSE` and `END` not.
    pub fn num_operations(&self) -> usize {
        self.columns.opcodes.iter().filter(|opcode| !opcode.is_marker()).count()
    }

    /// Number of `ELSE` and `END` before a position of the stream: the difference between position and operation
    /// number. Linear; meant for messages.
    pub(crate) fn markers_before(&self, index: usize) -> usize {
        self.columns.opcodes[..index].iter().filter(|opcode| opcode.is_marker()).count()
    }

    /// Number of operations of each name; the body of a loop counts once.
    pub fn count_ops(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for opcode in self.columns.opcodes.iter().filter(|opcode| !opcode.is_marker()) {
            *counts.entry(opcode.name()).or_insert(0) += 1;
        }
        counts
    }

    /// Whether anything is measured.
    pub fn has_measurements(&self) -> bool {
        self.columns.opcodes.contains(&Opcode::Measure)
    }

    /// Whether there is no control flow.
    pub fn is_flat(&self) -> bool {
        !self.columns.opcodes.iter().any(|opcode| opcode.is_control_flow())
    }

    /// Length of the longest chain of operations that share a qubit or a classical bit.
    ///
    /// A barrier aligns its qubits and adds nothing. An `IF` is as deep as its deeper branch, a `FOR` as its
    /// body times its rounds, a `WHILE` as one round of its body.
    pub fn depth(&self) -> u64 {
        self.depth_of(0..self.stream_len()).1
    }

    /// Bits touched in a range (qubits, then classical bits shifted by the number of qubits) and its depth.
    fn depth_of(&self, range: Range<usize>) -> (Vec<usize>, u64) {
        let mut level: BTreeMap<usize, u64> = BTreeMap::new();
        for item in self.items(range) {
            let (bits, added) = match &item {
                Item::Plain(op) => (self.bits_of(op), u64::from(op.opcode() != Opcode::Barrier)),
                Item::If { open, then, otherwise } => {
                    let (mut bits, mut depth) = self.depth_of(then.clone());
                    if let Some(otherwise) = otherwise {
                        let (more, other) = self.depth_of(otherwise.clone());
                        bits.extend(more);
                        depth = depth.max(other);
                    }
                    bits.extend(self.bits_of(open));
                    (bits, depth)
                }
                Item::Loop { open, body } => {
                    let (mut bits, depth) = self.depth_of(body.clone());
                    bits.extend(self.bits_of(open));
                    let rounds = if open.opcode() == Opcode::For { open.bound() } else { 1 };
                    (bits, depth.saturating_mul(rounds))
                }
            };
            let reached = bits.iter().filter_map(|bit| level.get(bit)).max().copied().unwrap_or(0);
            for bit in bits {
                level.insert(bit, reached.saturating_add(added));
            }
        }
        let depth = level.values().max().copied().unwrap_or(0);
        (level.into_keys().collect(), depth)
    }

    fn bits_of(&self, op: &Operation<'_>) -> Vec<usize> {
        let read = op.reads();
        let classical = op.clbits().iter().chain(&read).map(|bit| *bit as usize + self.num_qubits);
        op.qubits().iter().map(|qubit| *qubit as usize).chain(classical).collect()
    }

    /// Whether each shot needs a run of its own: a measured qubit is used again, a used qubit is reset, or
    /// something depends on a classical bit.
    pub fn is_dynamic(&self) -> bool {
        let mut qubits = vec![Usage::Fresh; self.num_qubits];
        self.range_is_dynamic(0..self.stream_len(), &mut qubits)
    }

    fn range_is_dynamic(&self, range: Range<usize>, qubits: &mut [Usage]) -> bool {
        self.items(range).any(|item| match item {
            Item::If { .. } => true,
            Item::Loop { open, .. } if open.opcode() == Opcode::While => true,
            // A second walk over the body shows what one round leaves for the next.
            Item::Loop { open, body } => {
                (0..open.bound().min(2)).any(|_| self.range_is_dynamic(body.clone(), qubits))
            }
            Item::Plain(op) => op_is_dynamic(&op, qubits),
        })
    }
}

/// What has happened to a qubit so far.
#[derive(Clone, Copy, PartialEq)]
enum Usage {
    Fresh,
    Used,
    Measured,
}

fn op_is_dynamic(op: &Operation<'_>, qubits: &mut [Usage]) -> bool {
    if op.condition().is_some() {
        return true;
    }
    let mut touched = op.qubits().iter().map(|qubit| *qubit as usize);
    match op.opcode() {
        Opcode::Barrier | Opcode::Delay => false,
        Opcode::Compute => true,
        Opcode::Reset => touched.any(|qubit| qubits[qubit] != Usage::Fresh),
        opcode => touched.any(|qubit| {
            let after = if opcode == Opcode::Measure { Usage::Measured } else { Usage::Used };
            std::mem::replace(&mut qubits[qubit], after) == Usage::Measured
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::circuit::{Basis, CircuitBuilder};
    use crate::condition::Condition;
    use crate::gate::Opcode;

    #[test]
    fn depth_counts_chains_and_loops() {
        let mut b = CircuitBuilder::new(3, 1).expect("small");
        b.gate(Opcode::H, &[0], &[]).expect("valid");
        b.gate(Opcode::Cx, &[0, 1], &[]).expect("valid");
        b.begin_for(5).expect("valid");
        b.gate(Opcode::X, &[1], &[]).expect("valid");
        b.end().expect("open");
        b.gate(Opcode::H, &[2], &[]).expect("valid");
        let circuit = b.build().expect("valid");
        assert_eq!(circuit.depth(), 7);
        assert_eq!(circuit.num_operations(), 5);
        assert!(!circuit.is_dynamic() && !circuit.is_flat());
    }

    #[test]
    fn reuse_after_measurement_is_dynamic() {
        let build = |again: bool, conditional: bool| {
            let mut b = CircuitBuilder::new(2, 2).expect("small");
            b.measure(&[0], &[0], Basis::Z).expect("valid");
            if again {
                b.gate(Opcode::X, &[0], &[]).expect("valid");
            }
            if conditional {
                b.begin_if(Condition::Bit(0)).expect("valid");
                b.gate(Opcode::X, &[1], &[]).expect("valid");
                b.end().expect("open");
            }
            b.build().expect("valid").is_dynamic()
        };
        assert!(!build(false, false));
        assert!(build(true, false));
        assert!(build(false, true));
    }

    #[test]
    fn a_measuring_loop_is_dynamic_from_its_second_round() {
        let build = |rounds: u64| {
            let mut b = CircuitBuilder::new(1, 1).expect("small");
            b.begin_for(rounds).expect("valid");
            b.gate(Opcode::H, &[0], &[]).expect("valid");
            b.measure(&[0], &[0], Basis::Z).expect("valid");
            b.end().expect("open");
            b.build().expect("valid").is_dynamic()
        };
        assert!(!build(1));
        assert!(build(2));
    }
}
