//! Gate calls: operands broadcast, definitions expanded.
use std::rc::Rc;

use super::Lower;
use super::convert::fraction;
use super::scope::{Callee, Entity};
use crate::circuit::{Instruction, Modifier, Payload};
use crate::gate::Opcode;
use crate::param::Affine;
use crate::qasm3::library::{Native, is_standard};
use crate::qasm3::tree::{Expr, ExprKind, GateCall, GateDefinition};
use crate::qasm3::value::{Data, Type, Value};
use crate::text::{Fault, Parse, shown};
use crate::verify;

impl<'a> Lower<'a> {
    /// `modifiers @ gate(arguments) qubits;`
    pub fn gate_call(&mut self, call: &GateCall<'a>, at: u32) -> Parse<()> {
        let callee = self.callee(call.name, at)?;
        let arguments = self.arguments(&call.arguments)?;
        let (params, qubits) = shape(&callee);
        if arguments.len() != params {
            let message =
                format!("`{}` takes {params} parameters, not `{}`", shown(call.name), arguments.len());
            return Err(Fault::invalid(at as usize, message));
        }
        let mark = self.held.len();
        let mut singles = [0; 4];
        let count = call.operands.len();
        if call.modifiers.is_empty() && count == qubits && self.singles(&call.operands, &mut singles) {
            self.apply(&callee, &arguments, &singles[..count], at)?;
        } else if call.modifiers.is_empty() {
            self.broadcast(&call.operands, qubits, call.name, at, &mut |lower, qubits| {
                lower.apply(&callee, &arguments, qubits, at)
            })?;
        } else {
            let modifiers = self.modifiers(&call.modifiers)?;
            let controls = modifiers.iter().map(super::modifier::Change::controls).sum::<usize>();
            self.broadcast(&call.operands, qubits + controls, call.name, at, &mut |lower, qubits| {
                lower.modified(&modifiers, &callee, &arguments, qubits, at)
            })?;
        }
        self.let_go(mark);
        Ok(())
    }

    /// Qubits that are written with constant indices, of which most programs consist; false where there are others.
    fn singles(&self, operands: &[Expr<'a>], out: &mut [u32; 4]) -> bool {
        operands.len() <= out.len()
            && operands.iter().zip(out).all(|(operand, slot)| {
                let qubit = match &operand.kind {
                    ExprKind::Name(name) => match self.find(name) {
                        Some(Entity::Qubits(qubits, true)) => qubits.first(),
                        _ => None,
                    },
                    ExprKind::Element(name, index) => match self.find(name) {
                        Some(Entity::Qubits(qubits, _)) => qubits.get(*index as usize),
                        _ => None,
                    },
                    _ => None,
                };
                qubit.map(|qubit| *slot = *qubit).is_some()
            })
    }

    /// A gate on no qubits, which looks like a call of a subroutine.
    pub fn gate_without_qubits(&mut self, name: &'a str, arguments: &[Expr<'a>], at: u32) -> Parse<()> {
        let callee = self.callee(name, at)?;
        let arguments = self.arguments(arguments)?;
        if shape(&callee) != (arguments.len(), 0) {
            return Err(Fault::invalid(at as usize, format!("`{}` is applied to no qubits", shown(name))));
        }
        self.apply(&callee, &arguments, &[], at)
    }

    fn callee(&mut self, name: &str, at: u32) -> Parse<Callee<'a>> {
        match self.find(name) {
            Some(Entity::Gate(callee)) => Ok(callee.clone()),
            Some(Entity::Missing(why)) => {
                let message = format!("`{}` {why}", shown(name));
                Err(Fault::unsupported(at as usize, message, "define the gate with `gate`"))
            }
            Some(_) => Err(Fault::invalid(at as usize, format!("`{}` is no gate", shown(name)))),
            None => {
                let message = format!("there is no gate `{}` here", shown(name));
                let hint = if is_standard(name) {
                    "include \"stdgates.inc\" first"
                } else {
                    "define it with `gate`"
                };
                Err(Fault::hinted(at as usize, message, hint))
            }
        }
    }

    fn arguments(&mut self, arguments: &[Expr<'a>]) -> Parse<Vec<Value>> {
        arguments
            .iter()
            .map(|argument| {
                let value = self.evaluate(argument)?;
                match (&value.of, &value.data) {
                    (Type::Float, _) | (Type::Angle(_), Data::Live(_)) => self.shallow(value, argument.at),
                    _ => match fraction(&value) {
                        Some(data) => Ok(Value { of: Type::Float, data }),
                        None => {
                            let message = format!("a `{}` is no parameter of a gate", value.of.name());
                            Err(Fault::invalid(argument.at as usize, message))
                        }
                    },
                }
            })
            .collect()
    }

    /// Applies something to single qubits, or to registers of one size element by element.
    fn broadcast(
        &mut self,
        operands: &[Expr<'a>],
        count: usize,
        name: &str,
        at: u32,
        apply: &mut dyn FnMut(&mut Self, &[u32]) -> Parse<()>,
    ) -> Parse<()> {
        if operands.len() != count {
            let message = format!("`{}` acts on {count} qubits, not on `{}`", shown(name), operands.len());
            return Err(Fault::invalid(at as usize, message));
        }
        let mut first: Vec<u32> = Vec::with_capacity(count);
        let mut registers: Vec<Option<Vec<u32>>> = Vec::new();
        let mut size: Option<usize> = None;
        for operand in operands {
            let qubits = self.qubits(operand)?;
            if qubits.len() == 1 && self.is_single(operand) {
                first.push(qubits[0]);
                registers.push(None);
                continue;
            }
            if size.is_some_and(|size| size != qubits.len()) {
                return Err(Fault::invalid(operand.at as usize, "registers of different sizes"));
            }
            size = Some(qubits.len());
            first.push(qubits.first().copied().unwrap_or(0));
            registers.push(Some(qubits));
        }
        let Some(size) = size else { return apply(self, &first) };
        for k in 0..size {
            self.step(at)?;
            for (slot, register) in first.iter_mut().zip(&registers) {
                if let Some(register) = register {
                    *slot = register[k];
                }
            }
            apply(self, &first)?;
        }
        Ok(())
    }

    /// Applies a gate to qubits.
    pub fn apply(&mut self, callee: &Callee<'a>, arguments: &[Value], qubits: &[u32], at: u32) -> Parse<()> {
        match callee {
            Callee::Native(native) => self.native(native, arguments, qubits, at),
            Callee::Defined(definition) => {
                verify::distinct(qubits, "qubit").map_err(|error| Fault::new(at as usize, error))?;
                self.expand(definition, arguments, qubits, at)
            }
        }
    }

    fn native(&mut self, native: &Native, arguments: &[Value], qubits: &[u32], at: u32) -> Parse<()> {
        let mut numbers = [0.0; 4];
        let mut all_known = arguments.len() <= 4;
        for (slot, argument) in numbers.iter_mut().zip(arguments) {
            match argument.data {
                Data::Float(value) => *slot = value,
                _ => all_known = false,
            }
        }
        if all_known && self.sinks.is_empty() && native.letters.is_none() {
            let numbers = &numbers[..arguments.len()];
            return self
                .builder
                .gate(native.opcode, qubits, numbers)
                .map_err(|error| Fault::new(at as usize, error));
        }
        if arguments.iter().any(|argument| matches!(argument.data, Data::Live(_))) {
            return self.turn(native, arguments, qubits, at);
        }
        let params =
            arguments.iter().map(|argument| super::convert::affine(&argument.data).unwrap_or_default());
        self.gate_instruction(instruction(native, qubits, params.collect()), at)
    }

    /// The statements of a definition.
    fn expand(
        &mut self,
        gate: &Rc<GateDefinition<'a>>,
        arguments: &[Value],
        qubits: &[u32],
        at: u32,
    ) -> Parse<()> {
        self.step(at)?;
        self.in_gate += 1;
        let out = self.deeper(at, |lower| {
            lower.scoped(true, |lower| {
                for (name, value) in gate.parameters.iter().zip(arguments) {
                    lower.declare_value(name, value.clone(), at)?;
                }
                for (name, qubit) in gate.qubits.iter().zip(qubits) {
                    lower.declare(name, Entity::Qubits(Rc::new([*qubit]), true), at)?;
                }
                lower.statements(&gate.body).map(|_| ())
            })
        });
        self.in_gate -= 1;
        out
    }

    /// An operation of a gate: to the builder, or to the modifiers that wait for it.
    pub fn gate_instruction(&mut self, instruction: Instruction, at: u32) -> Parse<()> {
        match self.sinks.last_mut() {
            Some(sink) if sink.len() >= crate::limits::MAX_OPERATIONS => {
                let most = crate::limits::MAX_OPERATIONS;
                Err(Fault::limit(at as usize, "operations of a circuit", most, most + 1))
            }
            Some(sink) => {
                sink.push(instruction);
                Ok(())
            }
            None => self.builder.push(instruction).map_err(|error| Fault::new(at as usize, error)),
        }
    }
}

/// Number of parameters and of qubits of a gate.
fn shape(callee: &Callee<'_>) -> (usize, usize) {
    match callee {
        Callee::Native(native) => (native.params(), native.qubits),
        Callee::Defined(definition) => (definition.parameters.len(), definition.qubits.len()),
    }
}

/// A gate of the table as an instruction.
pub(super) fn instruction(native: &Native, qubits: &[u32], params: Vec<Affine>) -> Instruction {
    let base = Instruction::with_params(native.opcode, qubits, params);
    match (&native.letters, native.opcode) {
        (Some(letters), Opcode::PauliRot) => base.payload(Payload::Pauli(letters.as_ref().into())),
        _ if native.controls > 0 => base.modified(Modifier::controls(native.controls)),
        _ => base,
    }
}
