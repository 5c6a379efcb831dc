//! Statements into a builder: measurements, resets, barriers, delays; gates and jumps lie beside.
use std::collections::HashMap;
use std::rc::Rc;

use super::definition::Definition;
use super::expression::{Formals, Scope};
use super::gates::{is_elsewhere, is_noise};
use super::lexer::{Cursor, Kind, Token, whole};
use super::memory::Memory;
use super::meter::Meter;
use super::statement::Statement;
use crate::circuit::{Basis, Circuit, CircuitBuilder, DurationUnit, Instruction};
use crate::error::{CoreError, CoreResult};
use crate::gate::Opcode;
use crate::text::{self, Fault, Parse, shown};

/// The circuit of a Quil program; jumps must be those of branches and loops, as pyQuil writes them.
///
/// A loop gets a bound of 1,000,000 rounds unless a pragma tells one. Other pragmas are advice to a compiler and are
/// left out. Fails with `line:column` in front of the message: `EIGEN_FORMAT_INVALID`, `EIGEN_FORMAT_UNSUPPORTED` for
/// what circuits do not have, by name, `EIGEN_LIMIT_EXCEEDED`.
pub fn load(data: &[u8]) -> CoreResult<Circuit> {
    let text = text::document(data)?;
    circuit(text).map_err(|fault| fault.located(text))
}

fn circuit(text: &str) -> Parse<Circuit> {
    let mut reader = Reader::open(text)?;
    reader.block(0, reader.lines.len())?;
    reader.builder.build().map_err(|error| Fault::new(text.len(), error))
}

/// A program that is being read.
pub(super) struct Reader<'a> {
    pub text: &'a str,
    /// The statements outside of definitions.
    pub lines: Vec<Statement>,
    pub builder: CircuitBuilder,
    pub memory: Memory<'a>,
    pub definitions: HashMap<&'a str, Rc<Definition<'a>>>,
    /// What circuits that are defined cost, written out.
    pub costs: HashMap<&'a str, u64>,
    pub labels: HashMap<&'a str, usize>,
    pub meter: Meter,
    pub depth: usize,
}

/// What the names of a defined circuit stand for.
#[derive(Default)]
pub(super) struct Frame<'a> {
    pub qubits: HashMap<&'a str, u32>,
    pub formals: Formals<'a>,
}

impl<'a> Reader<'a> {
    /// One statement, in a circuit that is defined or, without a frame, outside.
    pub fn statement(&mut self, line: &Statement, frame: Option<&Frame<'a>>) -> Parse<()> {
        let at = line.at as usize;
        self.meter.spend(line.cost(), at)?;
        let head = line.head(self.text);
        match head {
            "DECLARE" | "NOP" => Ok(()),
            "PRAGMA" => {
                let mut cursor = Cursor::of(self.text, line)?;
                cursor.advance()?;
                if !is_noise(cursor.token.text) {
                    return Ok(());
                }
                let message = format!("`PRAGMA {}` is noise", cursor.token.text);
                Err(Fault::unsupported(at, message, "leave it out and give the device a noise model"))
            }
            "JUMP" | "JUMP-WHEN" | "JUMP-UNLESS" | "LABEL" | "HALT" => Err(unstructured(head, at)),
            "MEASURE" => self.measure(line, frame),
            "RESET" => self.on_all(line, frame, Opcode::Reset),
            "FENCE" => self.on_all(line, frame, Opcode::Barrier),
            "DELAY" => self.delay(line, frame),
            _ if is_elsewhere(head) => {
                let message = format!("`{head}` has no counterpart in a circuit");
                Err(Fault::unsupported(at, message, "leave it to the control system"))
            }
            _ => self.call(line, frame),
        }
    }

    fn measure(&mut self, line: &Statement, frame: Option<&Frame<'a>>) -> Parse<()> {
        let mut cursor = Cursor::of(self.text, line)?;
        cursor.advance()?;
        let qubit = cursor.advance()?;
        if cursor.is_over() {
            let message = "a measurement whose outcome is dropped has no counterpart here";
            return Err(Fault::unsupported(line.at as usize, message, "measure into a declared bit"));
        }
        let qubit = self.qubit(qubit, frame)?;
        let bit = self.memory.bit(&mut cursor)?;
        self.push(Instruction::measure(&[qubit], &[bit], Basis::Z), line)
    }

    /// One instruction on the qubits that are named, or on all.
    fn on_all(&mut self, line: &Statement, frame: Option<&Frame<'a>>, opcode: Opcode) -> Parse<()> {
        let mut cursor = Cursor::of(self.text, line)?;
        cursor.advance()?;
        let mut qubits = self.qubits(&mut cursor, frame)?;
        if qubits.is_empty() {
            qubits = (0..self.builder.num_qubits() as u32).collect();
        }
        if qubits.is_empty() { Ok(()) } else { self.push(Instruction::new(opcode, &qubits), line) }
    }

    /// `DELAY q … seconds`; without qubits it would be one of all frames, which are none of ours.
    fn delay(&mut self, line: &Statement, frame: Option<&Frame<'a>>) -> Parse<()> {
        let mut cursor = Cursor::of(self.text, line)?;
        cursor.advance()?;
        let mut qubits = Vec::new();
        while self.is_qubit(cursor.token, frame) {
            let token = cursor.advance()?;
            if cursor.is_over() {
                cursor = Cursor::within(self.text, token.at, line.end as usize)?;
                break;
            }
            qubits.push(self.qubit(token, frame)?);
        }
        if qubits.is_empty() {
            let message = "a delay names qubits and a duration in seconds";
            return Err(Fault::invalid(line.at as usize, message));
        }
        let at = cursor.token.at;
        let value = self.scope(frame).value(&mut cursor)?.affine(at)?;
        cursor.over()?;
        self.push(Instruction::delay(&qubits, value, DurationUnit::S), line)
    }

    /// What expressions may name here.
    pub fn scope<'s>(&'s mut self, frame: Option<&'s Frame<'a>>) -> Scope<'s, 'a> {
        let formals = frame.map(|frame| &frame.formals);
        Scope { formals, memory: &self.memory, meter: &mut self.meter, depth: 0 }
    }

    /// Appends an operation; errors have the place of its statement.
    pub fn push(&mut self, instruction: Instruction, line: &Statement) -> Parse<()> {
        self.builder.push(instruction).map_err(|error| at(line, error))
    }

    /// The qubits up to the end of a statement.
    pub fn qubits(&self, cursor: &mut Cursor<'a>, frame: Option<&Frame<'a>>) -> Parse<Vec<u32>> {
        let mut qubits = Vec::with_capacity(2);
        while !cursor.is_over() {
            qubits.push(self.qubit(cursor.advance()?, frame)?);
        }
        Ok(qubits)
    }

    fn is_qubit(&self, token: Token<'a>, frame: Option<&Frame<'a>>) -> bool {
        token.kind == Kind::Integer || frame.is_some_and(|frame| frame.qubits.contains_key(token.text))
    }

    /// A qubit by its number or, in a circuit that is defined, by its name.
    fn qubit(&self, token: Token<'a>, frame: Option<&Frame<'a>>) -> Parse<u32> {
        if let Some(qubit) = frame.and_then(|frame| frame.qubits.get(token.text)) {
            return Ok(*qubit);
        }
        if token.kind != Kind::Integer {
            return Err(Fault::invalid(token.at, format!("`{}` is no qubit", shown(token.text))));
        }
        let (qubit, count) = (whole(token.text), self.builder.num_qubits());
        if qubit as usize >= count {
            let message = format!("qubit `{}` is beyond the `{count}` that are told", shown(token.text));
            return Err(Fault::invalid(token.at, message));
        }
        Ok(qubit)
    }
}

/// An error at the place of a statement.
pub(super) fn at(line: &Statement, error: CoreError) -> Box<Fault> {
    Fault::new(line.at as usize, error)
}

/// The error of a jump that is no part of a branch or a loop.
pub(super) fn unstructured(name: &str, at: usize) -> Box<Fault> {
    let message =
        format!("`{name}` here is no part of a branch or a loop: programs of free jumps have no counterpart");
    Fault::unsupported(at, message, "write it as pyQuil's if_then or while_do does")
}
