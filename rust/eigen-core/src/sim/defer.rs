//! Which measurements may wait until the end of the circuit, and which resets do nothing.
use crate::circuit::{Basis, Circuit, Item, Operation};
use crate::gate::Opcode;

/// What needs no code of its own.
pub(crate) struct Deferred {
    /// By stream position: whether the operation is left out of the program's codes.
    pub skip: Vec<bool>,
    /// Stream positions of measurements to be read from the final state, in program order.
    pub measurements: Vec<usize>,
}

impl Deferred {
    /// Everything in its place.
    pub fn nothing(circuit: &Circuit) -> Self {
        Deferred { skip: vec![false; circuit.stream_len()], measurements: Vec::new() }
    }
}

/// What later operations do with qubits and classical bits.
struct Later {
    /// Qubits that a later operation touches otherwise than by a deferred measurement.
    qubits: Vec<bool>,
    /// Basis in which a qubit is measured at the end.
    basis: Vec<Option<Basis>>,
    /// Classical bits that a later operation reads, or writes before the end.
    clbits: Vec<bool>,
    /// Bits that counts show.
    num_clbits: usize,
}

/// Finds, from the end backwards, the measurements after which nothing happens to their qubits and bits; with `only_last`
/// the last of each qubit.
pub(crate) fn deferred(circuit: &Circuit, only_last: bool) -> Deferred {
    let mut later = Later {
        qubits: vec![false; circuit.num_qubits()],
        basis: vec![None; circuit.num_qubits()],
        clbits: vec![false; circuit.num_bits()],
        num_clbits: circuit.num_clbits(),
    };
    let mut out = Deferred { skip: vec![false; circuit.stream_len()], measurements: Vec::new() };
    let items: Vec<_> = circuit.items(0..circuit.stream_len()).collect();
    for item in items.iter().rev() {
        let operation = match item {
            Item::Plain(operation) => operation,
            Item::If { open, then, otherwise } => {
                let end = otherwise.as_ref().map_or(then.end, |range| range.end);
                (open.index()..end).for_each(|index| later.block(&circuit.operation(index)));
                continue;
            }
            Item::Loop { open, body } => {
                (open.index()..body.end).for_each(|index| later.block(&circuit.operation(index)));
                continue;
            }
        };
        match operation.opcode() {
            Opcode::Barrier | Opcode::Delay => {}
            Opcode::Measure if operation.condition().is_none() && later.allows(operation, only_last) => {
                operation.qubits().iter().for_each(|&q| later.basis[q as usize] = Some(operation.basis()));
                out.skip[operation.index()] = true;
                out.measurements.push(operation.index());
            }
            Opcode::Reset if later.ignores(operation) => out.skip[operation.index()] = true,
            _ => later.block(operation),
        }
    }
    out.measurements.reverse();
    out
}

impl Later {
    fn allows(&self, operation: &Operation<'_>, only_last: bool) -> bool {
        let same_basis =
            |q: usize| self.basis[q].is_none_or(|basis| !only_last && basis == operation.basis());
        operation.qubits().iter().all(|&q| !self.qubits[q as usize] && same_basis(q as usize))
            && operation.clbits().iter().all(|&c| !self.clbits[c as usize] && (c as usize) < self.num_clbits)
    }

    /// Whether nothing at all happens to the qubits afterwards.
    fn ignores(&self, operation: &Operation<'_>) -> bool {
        operation.qubits().iter().all(|&q| !self.qubits[q as usize] && self.basis[q as usize].is_none())
    }

    fn block(&mut self, operation: &Operation<'_>) {
        operation.qubits().iter().for_each(|&q| self.qubits[q as usize] = true);
        operation.clbits().iter().for_each(|&c| self.clbits[c as usize] = true);
        operation.reads().iter().for_each(|&c| self.clbits[c as usize] = true);
    }
}
