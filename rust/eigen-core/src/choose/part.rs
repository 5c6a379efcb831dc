//! A part of a circuit: some of its operations on some of its bits, and the parts that share nothing with each other.
use std::collections::BTreeMap;

use crate::circuit::{Circuit, CircuitBuilder, Item, Operation};
use crate::error::CoreResult;

/// Some bits of a circuit and the operations that act on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Qubits, ascending: qubit `k` of the part's circuit is `qubits[k]`.
    pub qubits: Vec<u32>,
    /// Classical bits, ascending.
    pub clbits: Vec<u32>,
    /// Positions in the stream, ascending, whole blocks with their markers.
    pub operations: Vec<usize>,
}

impl Part {
    /// The part as a circuit of its own, with all parameters of the whole, so that values keep their order.
    pub fn circuit(&self, whole: &Circuit) -> CoreResult<Circuit> {
        let mut builder = CircuitBuilder::new(self.qubits.len(), self.clbits.len())?;
        whole.symbols().iter().try_for_each(|name| builder.declare(name).map(|_| ()))?;
        let place = |bits: &[u32], bit: u32| bits.binary_search(&bit).unwrap_or_default() as u32;
        for index in &self.operations {
            let operation = whole.operation(*index);
            let mut instruction = operation.to_instruction();
            instruction.qubits.iter_mut().for_each(|qubit| *qubit = place(&self.qubits, *qubit));
            instruction.clbits.iter_mut().for_each(|clbit| *clbit = place(&self.clbits, *clbit));
            instruction.detail.condition =
                operation.condition().map(|condition| condition.map_bits(&|bit| place(&self.clbits, bit)));
            builder.push(instruction)?;
        }
        builder.build()
    }
}

/// The parts of a circuit that no operation, condition or block connects, by their lowest qubit. Bits that nothing
/// touches are in no part; factors of the whole state go to the first.
pub fn independent_parts(circuit: &Circuit) -> Vec<Part> {
    let num_qubits = circuit.num_qubits();
    let mut sets = Sets::new(num_qubits + circuit.num_bits());
    let mut touched = vec![false; num_qubits + circuit.num_bits()];
    let mut owner = Vec::with_capacity(circuit.stream_len());
    for item in circuit.items(0..circuit.stream_len()) {
        let range = match &item {
            Item::Plain(operation) => operation.index()..operation.index() + 1,
            Item::If { open, then, otherwise } => {
                open.index()..otherwise.as_ref().map_or(then.end, |other| other.end) + 1
            }
            Item::Loop { open, body } => open.index()..body.end + 1,
        };
        let mut first = None;
        for index in range.clone() {
            for bit in bits(&circuit.operation(index), num_qubits) {
                touched[bit] = true;
                sets.join(*first.get_or_insert(bit), bit);
            }
        }
        owner.extend(range.map(|_| first));
    }
    let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
    let mut names: BTreeMap<usize, usize> = BTreeMap::new();
    for bit in (0..touched.len()).filter(|bit| touched[*bit]) {
        let root = sets.root(bit);
        let part = parts.entry(*names.entry(root).or_insert(bit)).or_default();
        if bit < num_qubits {
            part.qubits.push(bit as u32);
        } else {
            part.clbits.push((bit - num_qubits) as u32);
        }
    }
    let lowest = parts.keys().next().copied().unwrap_or_default();
    for (index, bit) in owner.iter().enumerate() {
        let name = bit.map_or(lowest, |bit| names[&sets.root(bit)]);
        parts.entry(name).or_default().operations.push(index);
    }
    parts.into_values().collect()
}

/// Qubits, and classical bits behind them, that an operation touches or reads. A barrier connects nothing.
fn bits(operation: &Operation<'_>, num_qubits: usize) -> Vec<usize> {
    let read = operation.reads();
    let classical = operation.clbits().iter().copied().chain(read);
    let mut bits: Vec<usize> = operation.qubits().iter().map(|qubit| *qubit as usize).collect();
    bits.extend(classical.map(|bit| bit as usize + num_qubits));
    bits
}

/// Disjoint sets with path halving (Tarjan and van Leeuwen, JACM 31, 245, 1984).
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Sets { parent: (0..len).collect() }
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.parent[item] != item {
            self.parent[item] = self.parent[self.parent[item]];
            item = self.parent[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}
