//! Applications of gates and circuits: modifiers, parameters, qubits.
use std::rc::Rc;

use super::definition::{Definition, Form};
use super::expression::Value;
use super::gates::{composed, parts, plain};
use super::lexer::{Cursor, Token};
use super::reading::{Frame, Reader, at};
use super::statement::Statement;
use crate::circuit::Instruction;
use crate::param::Affine;
use crate::text::{Fault, Parse, shown};

/// Circuits inside circuits, and modifiers on one gate.
const MAX_DEPTH: usize = 100;

/// A gate's name with what is done to it.
struct Called<'a> {
    name: Token<'a>,
    controls: usize,
    is_inverse: bool,
    is_modified: bool,
}

impl<'a> Reader<'a> {
    /// `MODIFIERS name(parameters) qubits`
    pub fn call(&mut self, line: &Statement, frame: Option<&Frame<'a>>) -> Parse<()> {
        let mut cursor = Cursor::of(self.text, line)?;
        let called = called(&mut cursor)?;
        let values = self.parameters(&mut cursor, &called, frame)?;
        let qubits = self.qubits(&mut cursor, frame)?;
        match self.definitions.get(called.name.text) {
            Some(definition) if definition.form == Form::Circuit => {
                let definition = definition.clone();
                self.open_circuit(&definition, &called, values, qubits)
            }
            Some(definition) => {
                let definition = definition.clone();
                self.defined(line, &definition, &called, values, &qubits)
            }
            None => self.standard(line, &called, values, &qubits),
        }
    }

    fn parameters(
        &mut self,
        cursor: &mut Cursor<'a>,
        called: &Called<'a>,
        frame: Option<&Frame<'a>>,
    ) -> Parse<Vec<Value>> {
        let mut values = Vec::new();
        if !cursor.takes(b'(')? {
            return Ok(values);
        }
        while !cursor.takes(b')')? {
            values.push(self.scope(frame).value(cursor)?);
            if cursor.takes(b',')? || cursor.token.kind == super::lexer::Kind::Mark(b')') {
                continue;
            }
            let message = format!("the parameters of `{}` are not closed", shown(called.name.text));
            return Err(Fault::invalid(cursor.token.at, message));
        }
        Ok(values)
    }

    /// A gate of the standard.
    fn standard(
        &mut self,
        line: &Statement,
        called: &Called<'a>,
        values: Vec<Value>,
        qubits: &[u32],
    ) -> Parse<()> {
        let (name, place) = (called.name.text, called.name.at);
        let Some(gate) = plain(name) else { return self.composed(line, called, values, qubits) };
        if !called.is_modified
            && let Some(numbers) = numbers(&values)
        {
            return self
                .builder
                .gate(gate, qubits, &numbers[..values.len()])
                .map_err(|error| at(line, error));
        }
        let (controls, own) = self.split(called, qubits)?;
        let gate = Instruction::with_params(gate, own, affine(values, place)?);
        self.modified(line, called, controls, vec![gate])
    }

    /// A gate of the standard that is some of ours.
    fn composed(
        &mut self,
        line: &Statement,
        called: &Called<'a>,
        values: Vec<Value>,
        qubits: &[u32],
    ) -> Parse<()> {
        let (name, place) = (called.name.text, called.name.at);
        let Some(count) = composed(name) else {
            return Err(Fault::invalid(place, format!("there is no gate `{}`", shown(name))));
        };
        let (controls, own) = self.split(called, qubits)?;
        if values.len() != count || own.len() != 2 {
            let (given, on) = (values.len(), own.len());
            let message =
                format!("`{name}` takes `{count}` parameters and 2 qubits here, not `{given}` and `{on}`");
            return Err(Fault::invalid(place, message));
        }
        let made = parts(name, &affine(values, place)?, own);
        self.modified(line, called, controls, made)
    }

    /// A gate that the document defines.
    fn defined(
        &mut self,
        line: &Statement,
        definition: &Definition<'a>,
        called: &Called<'a>,
        values: Vec<Value>,
        qubits: &[u32],
    ) -> Parse<()> {
        let (controls, own) = self.split(called, qubits)?;
        let frame = Frame { formals: definition.bound(values, called.name.at)?, ..Frame::default() };
        let text = self.text;
        let gate = definition.gate(text, &mut self.scope(Some(&frame)), own)?;
        self.modified(line, called, controls, vec![gate])
    }

    /// The qubits that are controls, and those of the gate.
    fn split<'q>(&self, called: &Called<'a>, qubits: &'q [u32]) -> Parse<(&'q [u32], &'q [u32])> {
        qubits.split_at_checked(called.controls).ok_or_else(|| {
            let (name, count) = (shown(called.name.text), called.controls);
            let message = format!("`{name}` has `{count}` controls, and only `{}` qubits", qubits.len());
            Fault::invalid(called.name.at, message)
        })
    }

    /// Applies the parts of a gate under its modifiers.
    fn modified(
        &mut self,
        line: &Statement,
        called: &Called<'a>,
        controls: &[u32],
        mut parts: Vec<Instruction>,
    ) -> Parse<()> {
        if called.is_inverse {
            parts.reverse();
        }
        for mut part in parts {
            if called.is_inverse {
                part = part.inverse();
            }
            if !controls.is_empty() {
                part = part.controlled(controls, &vec![true; controls.len()]);
            }
            self.push(part, line)?;
        }
        Ok(())
    }

    /// The statements of a circuit that is defined.
    fn open_circuit(
        &mut self,
        definition: &Rc<Definition<'a>>,
        called: &Called<'a>,
        values: Vec<Value>,
        qubits: Vec<u32>,
    ) -> Parse<()> {
        let (name, place) = (shown(called.name.text), called.name.at);
        if called.is_modified {
            let message = format!("`{name}` is a circuit, which takes no modifiers");
            return Err(Fault::unsupported(place, message, "define it as a gate"));
        }
        if qubits.len() != definition.qubits.len() {
            let (wanted, given) = (definition.qubits.len(), qubits.len());
            let message = format!("`{name}` acts on `{wanted}` qubits, not on `{given}`");
            return Err(Fault::invalid(place, message));
        }
        let cost = self.cost(definition, 0, place)?;
        self.meter.check(cost, place)?;
        let names = definition.qubits.iter().copied().zip(qubits).collect();
        let frame = Frame { qubits: names, formals: definition.bound(values, place)? };
        definition.body.iter().try_for_each(|line| self.statement(line, Some(&frame)))
    }

    /// What a circuit costs, written out; each definition is counted once.
    fn cost(&mut self, definition: &Rc<Definition<'a>>, depth: usize, place: usize) -> Parse<u64> {
        if depth > MAX_DEPTH {
            return Err(Fault::limit(place, "circuits inside circuits", MAX_DEPTH, depth));
        }
        if let Some(known) = self.costs.get(definition.name) {
            return Ok(*known);
        }
        let mut total = 0u64;
        for line in &definition.body {
            total = total.saturating_add(line.cost());
            let inner = self.definitions.get(line.head(self.text));
            if let Some(inner) = inner.filter(|inner| inner.form == Form::Circuit).cloned() {
                total = total.saturating_add(self.cost(&inner, depth + 1, place)?);
            }
        }
        self.costs.insert(definition.name, total);
        Ok(total)
    }
}

/// Modifiers and the name behind them.
fn called<'a>(cursor: &mut Cursor<'a>) -> Parse<Called<'a>> {
    let (mut controls, mut daggers) = (0, 0);
    loop {
        let token = cursor.advance()?;
        match token.text {
            "CONTROLLED" => controls += 1,
            "DAGGER" => daggers += 1,
            "FORKED" => {
                let message = "the modifier `FORKED` has no counterpart here";
                return Err(Fault::unsupported(token.at, message, "write both branches"));
            }
            _ => {
                let (is_inverse, is_modified) = (daggers % 2 == 1, controls + daggers > 0);
                return Ok(Called { name: token, controls, is_inverse, is_modified });
            }
        }
        if controls + daggers > MAX_DEPTH {
            return Err(Fault::limit(token.at, "modifiers on one gate", MAX_DEPTH, controls + daggers));
        }
    }
}

/// Values as plain numbers, where they are such.
fn numbers(values: &[Value]) -> Option<[f64; 2]> {
    let mut numbers = [0.0; 2];
    for (index, value) in values.iter().enumerate() {
        match value {
            Value::Number(number) if number.im == 0.0 => *numbers.get_mut(index)? = number.re,
            _ => return None,
        }
    }
    Some(numbers)
}

fn affine(values: Vec<Value>, at: usize) -> Parse<Vec<Affine>> {
    values.into_iter().map(|value| value.affine(at)).collect()
}
