//! Gates with their modifiers, and the definitions of those that `stdgates.inc` does not have.
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;

use super::{Text, unsupported};
use crate::circuit::{CircuitBuilder, Instruction, Operation, Payload};
use crate::error::CoreResult;
use crate::gate::{GateSpec, Opcode};
use crate::json::float_text;
use crate::math::Matrix;
use crate::param::{Affine, Param};
use crate::passes::decompose;
use crate::qasm3::library::{Native, STANDARD, definition, extension_name, standard_name};

/// A matrix and the gate that it is defined as.
pub(super) struct Defined {
    matrix: Arc<Matrix>,
    name: String,
}

impl Text<'_> {
    /// `modifiers @ gate(parameters) qubits;`
    pub(super) fn gate(&mut self, op: &Operation<'_>) -> CoreResult<String> {
        let mut out = String::with_capacity(32);
        self.modifiers(op, &mut out);
        match standard_name(op.opcode()) {
            Some(name) => out.push_str(name),
            None => out.push_str(&self.defined(op)?),
        }
        if !op.params().is_empty() {
            out.push('(');
            for (k, param) in op.params().iter().enumerate() {
                out.push_str(if k == 0 { "" } else { ", " });
                self.parameter(op, *param, &mut out);
            }
            out.push(')');
        }
        for (k, qubit) in op.qubits().iter().enumerate() {
            out.push_str(if k == 0 { " " } else { ", " });
            self.qubits.push_bit(&mut out, *qubit);
        }
        out.push(';');
        Ok(out)
    }

    fn modifiers(&self, op: &Operation<'_>, out: &mut String) {
        let modifier = op.modifier();
        let count = modifier.controls as usize;
        let mut at = 0;
        while at < count {
            let value = modifier.control_bit(at);
            let run = (at..count).take_while(|k| modifier.control_bit(*k) == value).count();
            out.push_str(if value { "ctrl" } else { "negctrl" });
            if run > 1 {
                let _ = write!(out, "({run})");
            }
            out.push_str(" @ ");
            at += run;
        }
        if modifier.inverse {
            out.push_str("inv @ ");
        }
        if modifier.power != 1.0 {
            let _ = write!(out, "pow({}) @ ", float_text(modifier.power));
        }
    }

    fn parameter(&self, op: &Operation<'_>, param: Param, out: &mut String) {
        let Param::Expression(_) = param else {
            if let Param::Number(value) = param {
                out.push_str(&float_text(value));
            }
            return;
        };
        let Affine { constant, terms } = op.affine(param);
        for (k, (symbol, factor)) in terms.iter().enumerate() {
            let index = self.circuit.symbols().iter().position(|known| known == symbol);
            let name = index.map_or(symbol.as_str(), |index| self.inputs[index].as_str());
            out.push_str(if k == 0 { "" } else { " + " });
            if *factor != 1.0 {
                let _ = write!(out, "{} * ", float_text(*factor));
            }
            out.push_str(name);
        }
        if constant != 0.0 {
            let _ = write!(out, " + {}", float_text(constant));
        }
    }

    /// The name of a gate that is defined in the program, which it is now at the latest.
    fn defined(&mut self, op: &Operation<'_>) -> CoreResult<String> {
        if let Payload::Matrix(matrix) = op.payload() {
            return self.unitary(matrix);
        }
        let qubits = op.qubits().len() - op.modifier().controls as usize;
        let Some(name) = extension_name(op.opcode(), qubits, op.pauli()) else {
            return Err(unsupported("the gate has no form in OpenQASM 3"));
        };
        if let Some((_, known)) = self.defined.iter().find(|(known, _)| *known == name) {
            return Ok(known.clone());
        }
        let letters = (op.opcode() == Opcode::PauliRot).then(|| Rc::from(op.pauli()));
        let native = Native { opcode: op.opcode(), controls: 0, qubits, letters };
        let text = definition(&native).ok_or_else(|| unsupported("the gate has no form in OpenQASM 3"))?;
        // A register may have the name; the gate is then known by another, and reads back as what it is made of.
        let own = self.names.fresh(&name);
        let text = text.replacen(&name, &own, 1);
        let _ = writeln!(self.definitions, "{text}");
        self.defined.push((name, own.clone()));
        Ok(own)
    }

    /// A matrix as a gate made of rotations.
    fn unitary(&mut self, matrix: &Arc<Matrix>) -> CoreResult<String> {
        let is_known = |known: &&Defined| Arc::ptr_eq(&known.matrix, matrix) || known.matrix == *matrix;
        if let Some(known) = self.unitaries.iter().find(is_known) {
            return Ok(known.name.clone());
        }
        let count = matrix.num_qubits().unwrap_or(0) as u32;
        let here: Vec<u32> = (0..count).collect();
        let mut alone = CircuitBuilder::new(here.len(), 0)?;
        alone.push(Instruction::unitary(matrix.as_ref().clone(), &here))?;
        let mut basis: Vec<Opcode> = STANDARD.iter().map(|(_, native)| native.opcode).collect();
        basis.extend([Opcode::U, Opcode::Gphase]);
        let parts = decompose(&alone.build()?, &basis)?;
        let name = self.names.fresh(&format!("unitary_{}", self.unitaries.len()));
        let qubits: Vec<String> = here.iter().map(|k| format!("q{k}")).collect();
        let mut text = format!("gate {name} {} {{ ", qubits.join(", "));
        for part in parts.operations() {
            text.push_str(standard_name(part.opcode()).unwrap_or_else(|| spec_name(part.opcode())));
            let values = part.values(&[]);
            if !values.is_empty() {
                let shown: Vec<String> = values.iter().map(|value| float_text(*value)).collect();
                let _ = write!(text, "({})", shown.join(", "));
            }
            let on: Vec<&str> = part.qubits().iter().map(|qubit| qubits[*qubit as usize].as_str()).collect();
            let _ = write!(text, "{}{}; ", if on.is_empty() { "" } else { " " }, on.join(", "));
        }
        let _ = writeln!(self.definitions, "{text}}}");
        self.unitaries.push(Defined { matrix: matrix.clone(), name: name.clone() });
        Ok(name)
    }
}

fn spec_name(opcode: Opcode) -> &'static str {
    GateSpec::of(opcode).and_then(|spec| spec.qasm).unwrap_or("id")
}
