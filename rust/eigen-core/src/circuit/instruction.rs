//! An operation on its own: what a builder takes and what passes rewrite.
use std::sync::Arc;

use smallvec::SmallVec;

use super::detail::{Basis, DurationUnit, Modifier, Payload, Rare};
use crate::condition::Condition;
use crate::gate::Opcode;
use crate::math::Matrix;
use crate::param::Affine;

/// Qubits of an operation, in place up to four.
pub type Operands = SmallVec<[u32; 4]>;

/// Parameters of an operation, in place up to three.
pub type Params = SmallVec<[Affine; 3]>;

/// An owned operation. Plain gates take no memory beside it: passes hold and move many of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    /// What it is.
    pub opcode: Opcode,
    /// Qubits, controls first.
    pub qubits: Operands,
    /// Classical bits written.
    pub clbits: Vec<u32>,
    /// Parameters.
    pub params: Params,
    /// Modifiers, condition and payload.
    pub detail: Rare,
}

impl Instruction {
    /// A gate (or marker) without parameters.
    pub fn new(opcode: Opcode, qubits: &[u32]) -> Self {
        let qubits = Operands::from_slice(qubits);
        Self { opcode, qubits, clbits: Vec::new(), params: Params::new(), detail: Rare::NONE }
    }

    /// A gate with numeric parameters.
    pub fn with_numbers(opcode: Opcode, qubits: &[u32], params: &[f64]) -> Self {
        Self {
            params: params.iter().map(|value| Affine::number(*value)).collect(),
            ..Self::new(opcode, qubits)
        }
    }

    /// A gate with parameters.
    pub fn with_params(opcode: Opcode, qubits: &[u32], params: impl IntoIterator<Item = Affine>) -> Self {
        Self { params: params.into_iter().collect(), ..Self::new(opcode, qubits) }
    }

    /// A `UNITARY` of a matrix.
    pub fn unitary(matrix: Matrix, qubits: &[u32]) -> Self {
        Self::new(Opcode::Unitary, qubits).payload(Payload::Matrix(Arc::new(matrix)))
    }

    /// A measurement.
    pub fn measure(qubits: &[u32], clbits: &[u32], basis: Basis) -> Self {
        let base = Self::new(Opcode::Measure, qubits).payload(Payload::Basis(basis));
        Self { clbits: clbits.to_vec(), ..base }
    }

    /// A delay.
    pub fn delay(qubits: &[u32], duration: Affine, unit: DurationUnit) -> Self {
        Self::with_params(Opcode::Delay, qubits, vec![duration]).payload(Payload::Unit(unit))
    }

    /// The opening of a block.
    pub fn block(opcode: Opcode, condition: Option<Condition>, bound: u64) -> Self {
        let base = Self::new(opcode, &[]).payload(Payload::Block { bound, middle: None, end: 0 });
        base.when(condition)
    }

    /// The same with another payload.
    pub fn payload(mut self, payload: Payload) -> Self {
        if !(self.detail.is_plain() && matches!(payload, Payload::None)) {
            self.detail.payload = payload;
        }
        self
    }

    /// The same with other modifiers.
    pub fn modified(mut self, modifier: Modifier) -> Self {
        if !(self.detail.is_plain() && modifier == Modifier::NONE) {
            self.detail.modifier = modifier;
        }
        self
    }

    /// The same under a condition.
    pub fn when(mut self, condition: Option<Condition>) -> Self {
        if !(self.detail.is_plain() && condition.is_none()) {
            self.detail.condition = condition;
        }
        self
    }

    /// The inverse of a gate.
    pub fn inverse(mut self) -> Self {
        self.detail.modifier.inverse ^= true;
        self
    }
}
