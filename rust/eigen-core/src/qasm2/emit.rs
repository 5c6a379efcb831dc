//! What has been metered, written into a builder: calls of defined gates become gates of the table.
use super::definition::{Definitions, Gate, evaluate};
use super::library::Native;
use crate::circuit::{Basis, CircuitBuilder, DurationUnit, Instruction, Modifier};
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::param::Affine;
use crate::verify;

/// The circuit in the making, with the operands and arguments of the calls that are being expanded.
#[derive(Default)]
pub(super) struct Emitter {
    pub builder: CircuitBuilder,
    /// The condition of the one operation that comes next.
    pub condition: Option<Condition>,
    /// Qubits of the open calls, innermost last.
    pub qubits: Vec<u32>,
    /// Arguments of the open calls, innermost last.
    pub values: Vec<f64>,
}

impl Emitter {
    /// Applies a gate to the qubits and values from these positions on.
    pub fn gate(
        &mut self,
        definitions: &Definitions,
        gate: Gate,
        qubits: usize,
        values: usize,
    ) -> CoreResult<()> {
        match gate {
            Gate::Native(native) => self.native(native, qubits, values),
            Gate::Defined(index) => {
                verify::distinct(&self.qubits[qubits..], "qubit")?;
                self.expand(definitions, index, qubits, values)
            }
            Gate::Barrier(_) => self.push(Instruction::new(Opcode::Barrier, &self.qubits[qubits..])),
            Gate::Delay => {
                let time = Affine::number(self.values[values]);
                self.push(Instruction::delay(&self.qubits[qubits..], time, DurationUnit::Dt))
            }
            Gate::Opaque(..) => Err(CoreError::new(ErrorCode::Internal, "an opaque gate cannot be applied")),
        }
    }

    /// The calls of a definition, each with its operands and arguments on top of the stacks.
    fn expand(
        &mut self,
        definitions: &Definitions,
        index: u32,
        qubits: usize,
        values: usize,
    ) -> CoreResult<()> {
        let (top_qubit, top_value) = (self.qubits.len(), self.values.len());
        for step in definitions.steps(index) {
            for position in step.operands {
                self.qubits.push(self.qubits[qubits + *position as usize]);
            }
            evaluate(step.code, &mut self.values, values);
            match step.gate {
                // The operands of a definition were checked when it was read, those of the call when it was made.
                Gate::Defined(inner) => self.expand(definitions, inner, top_qubit, top_value)?,
                gate => self.gate(definitions, gate, top_qubit, top_value)?,
            }
            self.qubits.truncate(top_qubit);
            self.values.truncate(top_value);
        }
        Ok(())
    }

    #[inline]
    fn native(&mut self, native: &Native, qubits: usize, values: usize) -> CoreResult<()> {
        let (qubits, values) = (&self.qubits[qubits..], &self.values[values..]);
        if native.controls == 0 && self.condition.is_none() {
            return self.builder.gate(native.opcode, qubits, values);
        }
        let instruction = Instruction::with_numbers(native.opcode, qubits, values);
        self.push(instruction.modified(Modifier::controls(native.controls)))
    }

    /// A measurement.
    pub fn measure(&mut self, qubits: &[u32], clbits: &[u32]) -> CoreResult<()> {
        self.push(Instruction::measure(qubits, clbits, Basis::Z))
    }

    /// Any instruction, under the condition that waits for one.
    pub fn push(&mut self, instruction: Instruction) -> CoreResult<()> {
        let condition = self.condition.take();
        self.builder.push(instruction.when(condition))
    }
}
