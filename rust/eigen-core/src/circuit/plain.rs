//! The short way into a builder for gates with numbers and nothing else, which most of a large circuit is.
use super::{CircuitBuilder, Instruction};
use crate::gate::{Arity, GateSpec, Opcode};
use crate::limits::{MAX_OPERANDS, MAX_OPERATIONS};
use crate::param::{Affine, Param};

impl CircuitBuilder {
    /// Appends an operation if it is a gate with numbers and nothing else, and nothing is wrong with it.
    pub(super) fn push_if_plain(&mut self, gate: &Instruction) -> bool {
        let fits = gate.detail.is_plain() && gate.clbits.is_empty() && gate.params.len() <= 3;
        if !(fits && gate.params.iter().all(Affine::is_constant)) {
            return false;
        }
        let mut values = [0.0; 3];
        values.iter_mut().zip(&gate.params).for_each(|(value, param)| *value = param.constant);
        self.push_plain(gate.opcode, &gate.qubits, &values[..gate.params.len()])
    }

    /// Appends a gate if nothing is wrong with it: the right numbers of distinct qubits and of finite parameters.
    /// Else nothing is done; `push` says what is wrong.
    pub(super) fn push_plain(&mut self, opcode: Opcode, qubits: &[u32], params: &[f64]) -> bool {
        let Some(spec) = GateSpec::of(opcode) else { return false };
        let columns = &self.columns;
        let room = columns.len() < MAX_OPERATIONS
            && columns.qubits.len() + qubits.len() + columns.params.len() <= MAX_OPERANDS;
        let distinct = match qubits {
            [] | [_] => true,
            [a, b] => a != b,
            _ => (1..qubits.len()).all(|k| !qubits[..k].contains(&qubits[k])),
        };
        let fits = spec.arity == Arity::Fixed(qubits.len()) && spec.params.len() == params.len();
        if !(fits && room && distinct && params.iter().all(|value| value.is_finite())) {
            return false;
        }
        let columns = &mut self.columns;
        columns.opcodes.push(opcode);
        columns.qubits.extend_from_slice(qubits);
        columns.qubit_start.push(columns.qubits.len() as u32);
        columns.clbit_start.push(columns.clbits.len() as u32);
        // A negative zero becomes a positive one, as in the normal form.
        columns.params.extend(params.iter().map(|value| Param::Number(value + 0.0)));
        columns.param_start.push(columns.params.len() as u32);
        columns.detail.push(super::columns::NO_DETAIL);
        true
    }
}
