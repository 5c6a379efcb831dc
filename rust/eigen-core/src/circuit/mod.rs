//! The circuit: immutable and columnar, structured control flow kept as block markers in the operation stream.
mod analysis;
mod bind;
mod build;
mod builder;
mod columns;
mod detail;
mod instruction;
mod items;
mod normal;
mod plain;
mod scratch;
mod shape;
mod symbols;
mod transform;
mod view;

pub use builder::CircuitBuilder;
pub use columns::Columns;
pub use detail::{Basis, Detail, DurationUnit, Modifier, Payload, Rare};
pub use instruction::{Instruction, Operands, Params};
pub use items::Item;
pub use shape::Register;
pub use view::Operation;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::param::Expression;

/// An immutable circuit. Equal circuits have equal canonical AQO bytes; the digest is their SHA-256.
#[derive(Clone, Debug)]
pub struct Circuit {
    columns: Columns,
    expressions: Vec<Expression>,
    symbols: Vec<String>,
    qubit_registers: Vec<Register>,
    clbit_registers: Vec<Register>,
    num_qubits: usize,
    num_clbits: usize,
    num_scratch: usize,
    name: String,
    metadata: BTreeMap<String, String>,
    digest: OnceLock<String>,
}

impl Circuit {
    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of classical bits.
    pub fn num_clbits(&self) -> usize {
        self.num_clbits
    }

    /// The columns, for passes and simulators.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Length of the operation stream, block markers included.
    pub fn stream_len(&self) -> usize {
        self.columns.len()
    }

    /// The operation at a position of the stream.
    pub fn operation(&self, index: usize) -> Operation<'_> {
        Operation::new(self, index)
    }

    /// All operations of the stream, block markers included.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = Operation<'_>> {
        (0..self.stream_len()).map(|index| self.operation(index))
    }

    /// The parameter expressions that `Param::Expression` points into.
    pub fn expressions(&self) -> &[Expression] {
        &self.expressions
    }

    /// The symbols, in the order of the parameters.
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// The circuit's name, often empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Free text by key.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Named groups of qubits.
    pub fn qubit_registers(&self) -> &[Register] {
        &self.qubit_registers
    }

    /// Named groups of classical bits.
    pub fn clbit_registers(&self) -> &[Register] {
        &self.clbit_registers
    }

    /// The SHA-256 of the canonical AQO bytes, in hexadecimal.
    pub fn digest(&self) -> &str {
        self.digest.get_or_init(|| crate::aqo::digest(self))
    }

    /// An empty builder with the same bits, registers, symbols, name and metadata.
    pub fn like(&self) -> CircuitBuilder {
        CircuitBuilder::like(self)
    }
}

impl PartialEq for Circuit {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for Circuit {}

#[cfg(test)]
mod tests;
