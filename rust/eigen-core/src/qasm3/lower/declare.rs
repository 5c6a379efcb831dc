//! Declarations: registers, variables, inputs and outputs, aliases, gates.
use std::rc::Rc;

use super::Lower;
use super::convert::convert;
use super::scope::{Callee, Entity, Variable};
use crate::param::Affine;
use crate::qasm3::library::{BUILT_IN, COMPOSITE, Native, STANDARD, definition, extension};
use crate::qasm3::parse::Parser;
use crate::qasm3::tree::{self, Expr, ExprKind, GateDefinition, Role, Statement, StatementKind, TypeKind};
use crate::qasm3::value::{Data, Type, Value};
use crate::text::{Fault, Parse, shown};

impl<'a> Lower<'a> {
    /// The gates that need no include.
    pub fn add_built_in(&mut self) {
        for (name, native) in BUILT_IN {
            self.globals.insert(name, native_entity(native));
        }
    }

    /// `include "file";`, where the only file is `stdgates.inc`, which is built in.
    pub fn include(&mut self, file: &str, at: u32) -> Parse<()> {
        if !self.scopes.is_empty() {
            return Err(Fault::invalid(at as usize, "a file is included outside of all blocks"));
        }
        if file != "stdgates.inc" {
            let message = "only `stdgates.inc` can be included, which is built in";
            return Err(Fault::unsupported(at as usize, message, "put the text of the file in its place"));
        }
        if std::mem::replace(&mut self.has_library, true) {
            return Ok(());
        }
        for (name, native) in STANDARD {
            self.declare(name, native_entity(native), at)?;
        }
        let mut parser = Parser::new(COMPOSITE)?;
        while let Some(statement) = parser.next()? {
            if let StatementKind::Define(definition) = statement.kind {
                self.declare(definition.name, Entity::Gate(Callee::Defined(definition.clone())), at)?;
            }
        }
        Ok(())
    }

    /// A declaration of qubits or of a variable.
    pub fn declaration(
        &mut self,
        role: Role,
        of: &tree::Type<'a>,
        name: &'a str,
        value: Option<&Expr<'a>>,
        at: u32,
    ) -> Parse<()> {
        match (&of.kind, role) {
            (TypeKind::Qubit(size), _) => {
                if !self.scopes.is_empty() {
                    return Err(Fault::invalid(at as usize, "qubits are declared outside of all blocks"));
                }
                if self.has_physical {
                    let message = "qubits of the machine and declared ones cannot be used together";
                    return Err(Fault::unsupported(
                        at as usize,
                        message,
                        "declare a register, or use `$0` and so on only",
                    ));
                }
                let size = self.register_size(size.as_ref())?;
                let label = self.label(name);
                let count = size.unwrap_or(1);
                let first =
                    self.builder.add_qubits(count, label).map_err(|error| Fault::new(at as usize, error))?;
                let qubits: Rc<[u32]> = (first..first + count as u32).collect();
                self.declare(name, Entity::Qubits(qubits, size.is_none()), at)
            }
            (TypeKind::Stretch, _) => {
                let why = "is a `stretch`, whose length only a device with a schedule can tell";
                self.declare(name, Entity::Missing(why), at)
            }
            (_, Role::Input) => self.input(of, name, at),
            (_, Role::Const) => {
                let of = self.type_of(of)?;
                let Some(value) = value else {
                    return Err(Fault::invalid(
                        at as usize,
                        format!("the constant `{}` has no value", shown(name)),
                    ));
                };
                let value = self.evaluate(value)?;
                let value = convert(value, &of, at)?;
                if !value.data.is_known() {
                    return Err(Fault::invalid(
                        at as usize,
                        format!("`{}` is measured and so no constant", shown(name)),
                    ));
                }
                self.declare_value(name, value, at)
            }
            _ => self.new_variable(role == Role::Output, of, name, value, at),
        }
    }

    /// The name under which a register is known in the circuit; none where an annotation says so.
    fn label<'n>(&self, name: &'n str) -> Option<&'n str>
    where
        'a: 'n,
    {
        if self.annotation("eigen.loose").is_some() {
            return None;
        }
        Some(self.annotation("eigen.name").and_then(unquoted).unwrap_or(name))
    }

    /// `input type name;`: with a value one that does not change, without a parameter of the circuit.
    fn input(&mut self, of: &tree::Type<'a>, name: &'a str, at: u32) -> Parse<()> {
        let of = self.type_of(of)?;
        let label = self.label(name).unwrap_or(name);
        if let Some(given) = self.inputs.get(label) {
            let value = Value { of: Type::Float, data: Data::Float(*given) };
            let value = match &of {
                Type::Bit(_) => {
                    convert(Value { of: Type::Literal, data: Data::Int(*given as i128) }, &of, at)?
                }
                of => convert(value, of, at)?,
            };
            return self.declare_value(name, value, at);
        }
        if !matches!(of, Type::Float | Type::Angle(_)) {
            let message = format!("the input `{}` of type `{}` needs a value", shown(name), of.name());
            let hint = "give it one when the program is loaded; only `float` and `angle` can stay open";
            return Err(Fault::unsupported(at as usize, message, hint));
        }
        self.builder.declare(label).map_err(|error| Fault::new(at as usize, error))?;
        self.declare_value(name, Value { of, data: Data::Open(Affine::symbol(label)) }, at)
    }

    fn new_variable(
        &mut self,
        is_output: bool,
        of: &tree::Type<'a>,
        name: &'a str,
        value: Option<&Expr<'a>>,
        at: u32,
    ) -> Parse<()> {
        self.steps += 4;
        let of = self.type_of(of)?;
        let is_global = self.scopes.is_empty();
        let is_result = is_output || is_global && !self.has_output && matches!(of, Type::Bit(_));
        // A measurement goes straight into the variable.
        let measured =
            value.and_then(|value| if let ExprKind::Measure(of) = &value.kind { Some(of) } else { None });
        let value = match value {
            Some(value) if measured.is_none() => {
                let value = self.evaluate(value)?;
                Some(convert(value, &of, at)?)
            }
            _ => None,
        };
        let mut variable =
            Variable { known: None, bits: None, pinned: 0, is_output: is_result, of: of.clone() };
        if is_result {
            let Some(count) = of.bits() else {
                let message = format!("a result of type `{}` has no bits", of.name());
                return Err(Fault::unsupported(
                    at as usize,
                    message,
                    "use bool, bit, int, uint, angle or float",
                ));
            };
            let label = self.label(name);
            let first =
                self.builder.add_clbits(count, label).map_err(|error| Fault::new(at as usize, error))?;
            variable.bits = Some((first..first + count as u32).collect());
        } else {
            variable.known = Some(of.zero());
        }
        let lives_in_bits = !is_result && self.annotation("eigen.scratch").is_some() && of.bits().is_some();
        if lives_in_bits {
            variable.bits = Some(self.declared_room(&of, at)?);
            (variable.known, variable.pinned) = (None, 1);
        }
        let index = self.variable(variable);
        self.declare(name, Entity::Variable(index), at)?;
        if let Some(operand) = measured {
            let qubits = self.qubits(operand)?;
            let bits = self.own(index, at)?;
            return self.measure(&qubits, &bits, at);
        }
        let Some(value) = value else { return Ok(()) };
        // All bits are 0 when a program begins.
        let is_first = self.live == 0 && self.scopes.is_empty();
        if (is_result || lives_in_bits) && is_first && value.data == of.zero() {
            return Ok(());
        }
        self.put_whole(index, value, at)
    }

    /// `let name = bits;`
    pub fn alias(&mut self, name: &'a str, value: &Expr<'a>, at: u32) -> Parse<()> {
        if self.names_qubits(value) {
            let qubits = self.qubits(value)?;
            let is_single = self.is_single(value);
            return self.declare(name, Entity::Qubits(qubits.into(), is_single), at);
        }
        self.keep_bits(value)?;
        let value = self.evaluate(value)?;
        let Data::Bits(bits) = &value.data else {
            return Err(Fault::invalid(at as usize, "an alias names bits or qubits that exist"));
        };
        match bits.iter().map(crate::qasm3::value::Bit::clbit).collect::<Option<Vec<u32>>>() {
            Some(bits) => self.declare(name, Entity::Bits(bits.into()), at),
            None if value.data.is_known() => self.declare_value(name, value, at),
            None => Err(Fault::invalid(at as usize, "an alias names bits or qubits that exist")),
        }
    }

    /// Gives the variables that an alias names bits of their own.
    fn keep_bits(&mut self, value: &Expr<'a>) -> Parse<()> {
        match &value.kind {
            ExprKind::Name(name) => {
                if let Some(Entity::Variable(index)) = self.find(name) {
                    let index = *index;
                    if matches!(self.variables[index].of, Type::Bit(_)) {
                        self.home(index, value.at)?;
                        // It can change under its other name.
                        self.variables[index].pinned += 1;
                    }
                }
                Ok(())
            }
            ExprKind::Index(of, _) => self.keep_bits(of),
            ExprKind::Concat(parts) => parts.iter().try_for_each(|part| self.keep_bits(part)),
            _ => Ok(()),
        }
    }

    fn names_qubits(&self, expr: &Expr<'a>) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => matches!(self.find(name), Some(Entity::Qubits(..))),
            ExprKind::Physical(_) => true,
            ExprKind::Index(of, _) => self.names_qubits(of),
            ExprKind::Concat(parts) => parts.iter().any(|part| self.names_qubits(part)),
            _ => false,
        }
    }

    /// `gate name … { … }`; one that is defined as a gate of the table is that gate.
    pub fn define(&mut self, gate: &Rc<GateDefinition<'a>>, at: u32) -> Parse<()> {
        let known = extension(gate.name, gate.qubits.len());
        let entity = match known.filter(|native| definition(native).as_deref() == Some(gate.text)) {
            Some(native) => native_entity(native),
            None => Entity::Gate(Callee::Defined(gate.clone())),
        };
        let repeated = [&gate.parameters, &gate.qubits].into_iter().any(|names| {
            let mut seen = std::collections::HashSet::new();
            names.iter().any(|name| !seen.insert(*name))
        });
        self.check_body(&gate.body, gate)?;
        if repeated {
            return Err(Fault::invalid(
                at as usize,
                format!("`{}` has two parameters of one name", shown(gate.name)),
            ));
        }
        self.declare(gate.name, entity, at)
    }

    /// Checks that a gate applies gates that exist to its own qubits, and does nothing else.
    fn check_body(&self, body: &[Statement<'a>], gate: &GateDefinition<'a>) -> Parse<()> {
        for statement in body {
            let at = statement.at as usize;
            match &statement.kind {
                StatementKind::Gate(call) => {
                    if !matches!(self.find(call.name), Some(Entity::Gate(_) | Entity::Missing(_))) {
                        return Err(Fault::invalid(
                            at,
                            format!("there is no gate `{}` here", shown(call.name)),
                        ));
                    }
                    for operand in &call.operands {
                        if !matches!(operand.kind, ExprKind::Name(name) if gate.qubits.contains(&name)) {
                            let message = "a gate acts on the qubits that it names, without indices";
                            return Err(Fault::invalid(operand.at as usize, message));
                        }
                    }
                }
                StatementKind::For { body, .. } | StatementKind::Scope(body) => {
                    self.check_body(body, gate)?
                }
                StatementKind::Expression(Expr { kind: ExprKind::Call("gphase", _), .. })
                | StatementKind::Barrier(_)
                | StatementKind::Delay(..)
                | StatementKind::Annotation(..)
                | StatementKind::Pragma => {}
                _ => return Err(Fault::invalid(at, "a gate consists of gates only")),
            }
        }
        Ok(())
    }

    /// What is calibrated and defined nowhere else cannot be applied.
    pub fn calibration(&mut self, name: Option<&'a str>, at: u32) -> Parse<()> {
        match name {
            Some(name) if self.find(name).is_none() && !matches!(name, "measure" | "reset" | "delay") => {
                let why = "is defined by `defcal` only and needs a binding to a device's pulses, which there is none for";
                self.declare(name, Entity::Missing(why), at)
            }
            _ => Ok(()),
        }
    }

    /// A qubit of the machine, `$0` first: they are the first qubits of a program that declares no others.
    pub fn physical(&mut self, number: u32, at: u32) -> Parse<u32> {
        let needed = number as usize + 1;
        let present = self.builder.num_qubits();
        if !self.has_physical && present > 0 {
            let message = "qubits of the machine and declared ones cannot be used together";
            return Err(Fault::unsupported(
                at as usize,
                message,
                "declare a register, or use `$0` and so on only",
            ));
        }
        self.has_physical = true;
        if needed > present {
            self.builder
                .add_qubits(needed - present, None)
                .map_err(|error| Fault::new(at as usize, error))?;
        }
        Ok(number)
    }
}

fn native_entity<'a>(native: Native) -> Entity<'a> {
    Entity::Gate(Callee::Native(Rc::new(native)))
}

/// A text in quotes without them; texts that need an escape are not used.
fn unquoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\'])).then_some(inner)
}
