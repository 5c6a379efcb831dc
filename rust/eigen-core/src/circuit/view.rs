//! A borrowed view of one operation.
use super::columns::{NO_DETAIL, span};
use super::detail::{Basis, Detail, DurationUnit, Modifier, Payload};
use super::{Circuit, Instruction, Operands, Rare};
use crate::compute::Expr;
use crate::condition::Condition;
use crate::gate::{GateSpec, Opcode, pauli_rotation};
use crate::math::{Matrix, unitary_power};
use crate::param::{Affine, Param};

/// One operation of a circuit.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    circuit: &'a Circuit,
    index: usize,
}

impl<'a> Operation<'a> {
    pub(super) fn new(circuit: &'a Circuit, index: usize) -> Self {
        Self { circuit, index }
    }

    /// Position in the stream.
    pub fn index(&self) -> usize {
        self.index
    }

    /// What it is.
    pub fn opcode(&self) -> Opcode {
        self.circuit.columns.opcodes[self.index]
    }

    /// Row of the gate table, for gates.
    pub fn spec(&self) -> Option<&'static GateSpec> {
        GateSpec::of(self.opcode())
    }

    /// All qubits, controls first.
    pub fn qubits(&self) -> &'a [u32] {
        span(&self.circuit.columns.qubits, &self.circuit.columns.qubit_start, self.index)
    }

    /// Classical bits written (by `MEASURE`).
    pub fn clbits(&self) -> &'a [u32] {
        span(&self.circuit.columns.clbits, &self.circuit.columns.clbit_start, self.index)
    }

    /// Parameters as stored.
    pub fn params(&self) -> &'a [Param] {
        span(&self.circuit.columns.params, &self.circuit.columns.param_start, self.index)
    }

    /// Modifiers, condition and payload.
    pub fn detail(&self) -> &'a Detail {
        match self.circuit.columns.detail[self.index] {
            NO_DETAIL => &Detail::NONE,
            index => &self.circuit.columns.details[index as usize],
        }
    }

    /// Control, inverse and power modifiers.
    pub fn modifier(&self) -> &'a Modifier {
        &self.detail().modifier
    }

    /// The operation happens only if this holds. For `IF` and `WHILE` it is the block's condition.
    pub fn condition(&self) -> Option<&'a Condition> {
        self.detail().condition.as_ref()
    }

    /// Data of particular operations.
    pub fn payload(&self) -> &'a Payload {
        &self.detail().payload
    }

    /// The basis of a measurement.
    pub fn basis(&self) -> Basis {
        if let Payload::Basis(basis) = self.payload() { *basis } else { Basis::Z }
    }

    /// The unit of a delay.
    pub fn unit(&self) -> DurationUnit {
        if let Payload::Unit(unit) = self.payload() { *unit } else { DurationUnit::Ns }
    }

    /// What a `COMPUTE` writes.
    pub fn computed(&self) -> Option<&'a Expr> {
        if let Payload::Expr(value) = self.payload() { Some(value) } else { None }
    }

    /// Classical bits that are read, by a condition or a computation, ascending, each once.
    pub fn reads(&self) -> Vec<u32> {
        let mut bits = self.condition().map(|condition| condition.clbits()).unwrap_or_default();
        if let Some(value) = self.computed() {
            bits.extend(value.clbits());
            bits.sort_unstable();
            bits.dedup();
        }
        bits
    }

    /// The letters of a `PAULI_ROT`, first qubit first; empty for others.
    pub fn pauli(&self) -> &'a [u8] {
        if let Payload::Pauli(letters) = self.payload() { letters } else { &[] }
    }

    /// Rounds of a `FOR`, or the most rounds of a `WHILE`.
    pub fn bound(&self) -> u64 {
        if let Payload::Block { bound, .. } = self.payload() { *bound } else { 0 }
    }

    /// Number of leading qubits that are controls, of the modifier and of the gate itself together.
    pub fn num_controls(&self) -> usize {
        let added = self.modifier().controls as usize;
        added + self.spec().map_or(0, |spec| spec.controls_for(self.qubits().len() - added))
    }

    /// The control qubits.
    pub fn controls(&self) -> &'a [u32] {
        &self.qubits()[..self.num_controls()]
    }

    /// The qubits behind the controls.
    pub fn targets(&self) -> &'a [u32] {
        &self.qubits()[self.num_controls()..]
    }

    /// The value that control `index` must have.
    pub fn control_bit(&self, index: usize) -> bool {
        self.modifier().control_bit(index)
    }

    /// Whether any parameter is symbolic.
    pub fn is_symbolic(&self) -> bool {
        self.params().iter().any(|param| matches!(param, Param::Expression(_)))
    }

    /// The parameters as numbers, when symbol `k` has the value `values[k]`.
    pub fn values(&self, values: &[f64]) -> Vec<f64> {
        self.params()
            .iter()
            .map(|param| match param {
                Param::Number(number) => *number,
                Param::Expression(index) => self.circuit.expressions[*index as usize].value(values),
            })
            .collect()
    }

    /// The matrix on the targets for given parameter values: inverse and power applied, controls not.
    /// `None` for instructions that are no gates.
    pub fn target_matrix(&self, params: &[f64]) -> Option<Matrix> {
        let modifier = self.modifier();
        let base = match self.payload() {
            Payload::Matrix(matrix) => matrix.as_ref().clone(),
            Payload::Pauli(letters) => pauli_rotation(params.first().copied().unwrap_or(0.0), letters),
            _ => self.spec()?.matrix?(params),
        };
        let powered = if modifier.power == 1.0 { base } else { unitary_power(&base, modifier.power) };
        Some(if modifier.inverse { powered.dagger() } else { powered })
    }

    /// The matrix on all qubits for given parameter values, controls included.
    pub fn matrix(&self, params: &[f64]) -> Option<Matrix> {
        let bits: Vec<bool> = (0..self.num_controls()).map(|k| self.control_bit(k)).collect();
        Some(self.target_matrix(params)?.controlled(&bits))
    }

    /// A parameter as an expression over named symbols.
    pub fn affine(&self, param: Param) -> Affine {
        match param {
            Param::Number(number) => Affine::number(number),
            Param::Expression(index) => {
                let expression = &self.circuit.expressions[index as usize];
                let name = |symbol: u32| self.circuit.symbols[symbol as usize].clone();
                let terms =
                    expression.terms.iter().map(|(symbol, factor)| (name(*symbol), *factor)).collect();
                Affine { constant: expression.constant, terms }
            }
        }
    }

    /// An owned copy that stands without the circuit.
    pub fn to_instruction(&self) -> Instruction {
        Instruction {
            opcode: self.opcode(),
            qubits: Operands::from_slice(self.qubits()),
            clbits: self.clbits().to_vec(),
            params: self.params().iter().map(|param| self.affine(*param)).collect(),
            detail: match self.circuit.columns.detail[self.index] {
                NO_DETAIL => Rare::NONE,
                _ => self.detail().clone().into(),
            },
        }
    }
}
