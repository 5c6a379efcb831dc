//! Gates as gates of `qelib1.inc`: by name where the library has it, else decomposed.
use super::{Text, number, unsupported, value};
use crate::circuit::{CircuitBuilder, Instruction, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::passes::decompose;
use crate::qasm2::library::{QELIB1, written};

impl Text<'_> {
    /// A gate with all its modifiers.
    pub(super) fn gate(&mut self, op: &Operation<'_>) -> CoreResult<()> {
        if let Some(name) = named(op) {
            let params: Vec<f64> = op.params().iter().map(value).collect();
            return self.call(name, &params, op.qubits());
        }
        if op.opcode() == Opcode::Gphase && op.modifier().is_none() {
            let angle = op.params().first().map_or(0.0, value);
            return self.phase(angle, 0);
        }
        self.decomposed(op)
    }

    /// A gate in those of the library and global phases.
    fn decomposed(&mut self, op: &Operation<'_>) -> CoreResult<()> {
        let here: Vec<u32> = (0..op.qubits().len() as u32).collect();
        let mut alone = CircuitBuilder::new(here.len(), 0)?;
        let instruction = op.to_instruction();
        alone.push(Instruction { qubits: here.into(), ..instruction }.when(None))?;
        let mut basis: Vec<Opcode> =
            QELIB1.iter().filter(|row| row.controls == 0).map(|row| row.opcode).collect();
        basis.retain(|opcode| *opcode != Opcode::Mcx);
        basis.push(Opcode::Gphase);
        let parts = decompose(&alone.build()?, &basis).map_err(as_unsupported)?;
        for part in parts.operations() {
            let params: Vec<f64> = part.params().iter().map(value).collect();
            let qubits: Vec<u32> = part.qubits().iter().map(|at| op.qubits()[*at as usize]).collect();
            match named(&part) {
                Some(name) => self.call(name, &params, &qubits)?,
                None => self.phase(
                    params.first().copied().unwrap_or(0.0),
                    op.qubits().first().copied().unwrap_or(0),
                )?,
            }
        }
        Ok(())
    }

    /// A global phase: `u1(2γ) = e^{iγ}·rz(2γ)`.
    fn phase(&mut self, angle: f64, qubit: u32) -> CoreResult<()> {
        if self.circuit.num_qubits() == 0 {
            return Err(unsupported("a global phase without a qubit has no form in OpenQASM 2"));
        }
        let double = 2.0 * angle;
        if !double.is_finite() {
            return Err(unsupported(format!("a global phase of `{angle}` is too large for OpenQASM 2")));
        }
        self.call("u1", &[double], &[qubit])?;
        self.call("rz", &[-double], &[qubit])
    }

    fn call(&mut self, name: &str, params: &[f64], qubits: &[u32]) -> CoreResult<()> {
        let mut text = String::with_capacity(48);
        text.push_str(name);
        if !params.is_empty() {
            let numbers: Vec<String> = params.iter().map(|param| number(*param)).collect();
            text.push('(');
            text.push_str(&numbers.join(","));
            text.push(')');
        }
        for (at, qubit) in qubits.iter().enumerate() {
            text.push(if at == 0 { ' ' } else { ',' });
            self.registers.qubits.push_bit(&mut text, *qubit);
        }
        self.statement(&text)
    }
}

/// The name in the library of a gate with its controls; `None` when it has another modifier or no name there.
fn named(op: &Operation<'_>) -> Option<&'static str> {
    let modifier = op.modifier();
    if modifier.inverse || modifier.power != 1.0 || modifier.state.is_some() {
        return None;
    }
    let spec = op.spec()?;
    written(spec.base.unwrap_or(spec.opcode), op.num_controls()).map(|native| native.name)
}

fn as_unsupported(error: CoreError) -> CoreError {
    if error.code == ErrorCode::BasisUnreachable {
        return CoreError { code: ErrorCode::FormatUnsupported, ..error };
    }
    error
}
