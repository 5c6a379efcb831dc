//! Calls of subroutines: their bodies are evaluated in the place of the call.
use std::rc::Rc;

use super::Lower;
use super::assigned::base;
use super::convert::convert;
use super::live::Flow;
use super::scope::{Entity, Variable};
use crate::qasm3::tree::{Expr, Parameter, Subroutine, TypeKind};
use crate::qasm3::value::{Data, Type, Value};
use crate::text::{Fault, Parse, shown};

/// A call in evaluation.
#[derive(Debug)]
pub(super) struct Frame {
    /// Undecided parts around it.
    live: usize,
    of: Type,
    /// The variable that takes the result.
    pub result: Option<usize>,
    /// The bit that says that it has returned.
    pub returned: Option<u32>,
}

impl<'a> Lower<'a> {
    /// `name(arguments)`
    pub fn subroutine(
        &mut self,
        routine: &Rc<Subroutine<'a>>,
        arguments: &[Expr<'a>],
        at: u32,
    ) -> Parse<Value> {
        if arguments.len() != routine.parameters.len() {
            let message = format!(
                "`{}` takes {} arguments, not `{}`",
                shown(routine.name),
                routine.parameters.len(),
                arguments.len()
            );
            return Err(Fault::invalid(at as usize, message));
        }
        let of = match &routine.result {
            Some(of) => self.type_of(of)?,
            None => Type::Void,
        };
        let mut entities = Vec::with_capacity(arguments.len());
        for (parameter, argument) in routine.parameters.iter().zip(arguments) {
            entities.push(self.argument(parameter, argument)?);
        }
        // The result outlives the names of the call.
        let result = match of {
            Type::Void => None,
            _ => Some(self.variable(Variable {
                known: Some(of.zero()),
                of: of.clone(),
                bits: None,
                pinned: 0,
                is_output: false,
            })),
        };
        self.frames.push(Frame { live: self.live, of, result, returned: None });
        let out = self.deeper(at, |lower| {
            lower.scoped(true, |lower| {
                for (parameter, entity) in routine.parameters.iter().zip(entities) {
                    // A variable that was made for the call ends with it.
                    if let (Entity::Variable(index), false) = (&entity, parameter.is_mutable) {
                        let index = *index;
                        if let Some(scope) = lower.scopes.last_mut() {
                            scope.variables.push(index);
                        }
                    }
                    lower.declare(parameter.name, entity, at)?;
                }
                lower.statements(&routine.body)
            })
        });
        let frame = self.frames.pop();
        let flow = out?;
        let returned = frame.as_ref().and_then(|frame| frame.returned);
        if let Some(flag) = returned {
            self.compute(&[flag], crate::compute::Expr::int(0), at)?;
            self.scratch.give_back(&[flag]);
        }
        let has_ended = match flow {
            Flow::End => true,
            Flow::Maybe(flags) => flags.iter().any(|flag| Some(*flag) != returned),
            _ => false,
        };
        if has_ended {
            let message = "a subroutine that ends the program is not followed there";
            return Err(Fault::unsupported(
                at as usize,
                message,
                "return a value and end the program outside",
            ));
        }
        Ok(match frame.and_then(|frame| frame.result) {
            Some(index) => {
                let value = self.read(index);
                self.disown(index);
                // Its bits hold the value until the statement is done.
                if let Some(bits) = self.variables[index].bits.take() {
                    self.held.extend(bits.iter());
                }
                self.spare.push(index);
                value
            }
            None => Value { of: Type::Void, data: Data::Void },
        })
    }

    /// What a parameter stands for in one call.
    fn argument(&mut self, parameter: &Parameter<'a>, argument: &Expr<'a>) -> Parse<Entity<'a>> {
        let at = argument.at;
        if let TypeKind::Qubit(size) = &parameter.of.kind {
            let qubits = self.qubits(argument)?;
            let size = self.register_size(size.as_ref())?;
            if size.unwrap_or(1) != qubits.len() {
                let message = format!("`{}` qubits for a parameter of {}", qubits.len(), size.unwrap_or(1));
                return Err(Fault::invalid(at as usize, message));
            }
            return Ok(Entity::Qubits(qubits.into(), size.is_none()));
        }
        if parameter.is_mutable {
            return match base(argument).and_then(|name| self.find(name)) {
                Some(Entity::Variable(index))
                    if matches!(argument.kind, crate::qasm3::tree::ExprKind::Name(_)) =>
                {
                    Ok(Entity::Variable(*index))
                }
                _ => Err(Fault::invalid(at as usize, "a mutable parameter takes a whole variable")),
            };
        }
        let value = self.evaluate(argument)?;
        let value = match &parameter.of.kind {
            TypeKind::ArrayOf(of, count) => {
                let of = self.type_of(of)?;
                let dimensions = self.known_int(count, "the number of dimensions")?;
                match &value.of {
                    Type::Array(found, sizes) if **found == of && sizes.len() as i128 == dimensions => value,
                    _ => return Err(Fault::invalid(at as usize, "an array of another kind")),
                }
            }
            _ => {
                let of = self.type_of(&parameter.of)?;
                convert(value, &of, at)?
            }
        };
        // A copy: the variable that it came from may change.
        let known = value.data.is_known();
        let variable = Variable {
            known: known.then(|| value.data.clone()),
            of: value.of.clone(),
            bits: None,
            pinned: 0,
            is_output: false,
        };
        let index = self.variable(variable);
        self.disown(index);
        if !known {
            let bits = self.own(index, at)?;
            self.store(&bits, &value.data, &value.of, at)?;
        }
        Ok(Entity::Variable(index))
    }

    /// Takes a variable from the block that it was made in.
    fn disown(&mut self, index: usize) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.variables.retain(|other| *other != index);
        }
    }

    /// `return value;`
    pub fn give(&mut self, value: Option<&Expr<'a>>, at: u32) -> Parse<Flow> {
        let Some(frame) = self.frames.last() else {
            return Err(Fault::invalid(at as usize, "there is no subroutine to return from here"));
        };
        let (live, of, result) = (frame.live, frame.of.clone(), frame.result);
        match (value, result) {
            (Some(value), Some(result)) => {
                let value = self.evaluate(value)?;
                let value = convert(value, &of, at)?;
                self.put_whole(result, value, at)?;
            }
            (None, None) => {}
            (Some(value), None) => {
                self.evaluate(value)?;
            }
            (None, Some(_)) => return Err(Fault::invalid(at as usize, "a value should be returned here")),
        }
        if self.live > live {
            for flag in self.flags_of(&Flow::Return, at)? {
                self.raise(flag, at)?;
            }
        }
        Ok(Flow::Return)
    }
}
