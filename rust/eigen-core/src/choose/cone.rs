//! The light cone of some qubits: the gates that what is measured on them depends on.
use super::Part;
use crate::circuit::Circuit;
use crate::gate::Opcode;

/// The gates that the reduced state of `qubits` at the end depends on, with the qubits that they act on; `None` when the
/// circuit measures, resets or branches.
///
/// Walking backwards, a gate counts when it shares a qubit with what has been collected; the rest cancels with its
/// inverse.
pub fn light_cone(circuit: &Circuit, qubits: &[u32]) -> Option<Part> {
    let mut inside = vec![false; circuit.num_qubits()];
    qubits.iter().for_each(|qubit| inside[*qubit as usize] = true);
    let mut operations = Vec::new();
    for index in (0..circuit.stream_len()).rev() {
        let operation = circuit.operation(index);
        match operation.opcode() {
            Opcode::Barrier | Opcode::Delay => continue,
            opcode if !opcode.is_gate() || operation.condition().is_some() => return None,
            _ => {}
        }
        if operation.qubits().iter().any(|qubit| inside[*qubit as usize]) {
            operation.qubits().iter().for_each(|qubit| inside[*qubit as usize] = true);
            operations.push(index);
        }
    }
    operations.reverse();
    let qubits = (0..circuit.num_qubits() as u32).filter(|qubit| inside[*qubit as usize]).collect();
    Some(Part { qubits, clbits: Vec::new(), operations })
}
