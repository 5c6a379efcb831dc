//! The operation stream as columns: a handful of flat arrays instead of one object an operation.
use super::detail::{Detail, Rare};
use crate::gate::Opcode;
use crate::param::Param;

/// Marks an operation without detail.
pub(crate) const NO_DETAIL: u32 = u32::MAX;

/// Operands of operation `i` lie at `start[i]..start[i + 1]` of their column.
#[derive(Clone, Debug)]
pub struct Columns {
    pub(crate) opcodes: Vec<Opcode>,
    pub(crate) qubit_start: Vec<u32>,
    pub(crate) qubits: Vec<u32>,
    pub(crate) clbit_start: Vec<u32>,
    pub(crate) clbits: Vec<u32>,
    pub(crate) param_start: Vec<u32>,
    pub(crate) params: Vec<Param>,
    pub(crate) detail: Vec<u32>,
    pub(crate) details: Vec<Detail>,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            opcodes: Vec::new(),
            qubit_start: vec![0],
            qubits: Vec::new(),
            clbit_start: vec![0],
            clbits: Vec::new(),
            param_start: vec![0],
            params: Vec::new(),
            detail: Vec::new(),
            details: Vec::new(),
        }
    }
}

impl Columns {
    /// Number of operations, block markers included.
    pub fn len(&self) -> usize {
        self.opcodes.len()
    }

    /// Whether there is no operation.
    pub fn is_empty(&self) -> bool {
        self.opcodes.is_empty()
    }

    /// Opcode of every operation.
    pub fn opcodes(&self) -> &[Opcode] {
        &self.opcodes
    }

    /// First qubit operand of every operation, and one past the last.
    pub fn qubit_starts(&self) -> &[u32] {
        &self.qubit_start
    }

    /// Qubit operands of all operations.
    pub fn qubits(&self) -> &[u32] {
        &self.qubits
    }

    /// First parameter of every operation, and one past the last.
    pub fn param_starts(&self) -> &[u32] {
        &self.param_start
    }

    /// Parameters of all operations.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// Appends one operation; the caller has checked it.
    pub(crate) fn push(&mut self, opcode: Opcode, operands: (&[u32], &[u32], &[Param]), detail: Rare) {
        self.opcodes.push(opcode);
        self.qubits.extend_from_slice(operands.0);
        self.qubit_start.push(self.qubits.len() as u32);
        self.clbits.extend_from_slice(operands.1);
        self.clbit_start.push(self.clbits.len() as u32);
        self.params.extend_from_slice(operands.2);
        self.param_start.push(self.params.len() as u32);
        if detail.is_none() {
            self.detail.push(NO_DETAIL);
        } else {
            self.detail.push(self.details.len() as u32);
            self.details.push(detail.into_detail());
        }
    }
}

/// The slice of operation `index` in a column.
pub(crate) fn span<'a, T>(column: &'a [T], starts: &[u32], index: usize) -> &'a [T] {
    &column[starts[index] as usize..starts[index + 1] as usize]
}
