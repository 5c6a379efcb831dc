//! Circuits to OpenQASM 3: gates of the table by name, control flow as control flow, parameters as inputs.
//!
//! Gates beyond `stdgates.inc` are defined where they are used. What other readers need not know stands in annotations
//! (`@eigen.…`): names that the language does not allow, bits outside of registers, the bound of a `while`, and which
//! variables live in scratch bits from the beginning.
mod classical;
mod computation;
mod condition;
mod expression;
mod gate;
mod layout;
mod names;

use std::fmt::Write;
use std::ops::Range;

use crate::circuit::{Basis, Circuit, Item, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::json::float_text;
use names::{Names, Side, inputs};

/// The OpenQASM 3 program of a circuit, exact: numbers have all their digits.
///
/// It reads back as the same circuit, but for a `UNITARY`, which is written in rotations, and for measurements in X and
/// Y and operations on several registers, which become several operations. Fails with `EIGEN_FORMAT_UNSUPPORTED`, naming
/// the operation, for what is not written.
pub fn dump(circuit: &Circuit) -> CoreResult<String> {
    let mut names = Names::default();
    let mut head = String::new();
    let inputs = inputs(circuit, &mut names, &mut head)?;
    let qubits = Side::quantum(&mut names, circuit, &mut head)?;
    let clbits = Side::classical(&mut names, circuit, &mut head)?;
    let round = names.fresh("round");
    let mut text = Text {
        circuit,
        names,
        inputs,
        qubits,
        clbits,
        round,
        definitions: String::new(),
        defined: Vec::new(),
        unitaries: Vec::new(),
        aliases: String::new(),
        known_aliases: Vec::new(),
        out: String::new(),
        depth: 0,
    };
    text.block(0..circuit.stream_len())?;
    let begin = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n";
    Ok([begin, &text.definitions, &head, &text.aliases, &text.out].concat())
}

/// The error for what is not written.
fn unsupported(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::FormatUnsupported, message)
}

/// The program in the making.
struct Text<'c> {
    circuit: &'c Circuit,
    names: Names,
    inputs: Vec<String>,
    qubits: Side,
    clbits: Side,
    /// The variable of loops, which nobody reads.
    round: String,
    definitions: String,
    /// Names of gates in the circuit's table and what they are called here.
    defined: Vec<(String, String)>,
    unitaries: Vec<gate::Defined>,
    aliases: String,
    known_aliases: Vec<(Vec<u32>, String)>,
    out: String,
    depth: usize,
}

impl Text<'_> {
    fn block(&mut self, range: Range<usize>) -> CoreResult<()> {
        let circuit = self.circuit;
        for item in circuit.items(range) {
            match item {
                Item::Plain(op) => self.plain(&op).map_err(|error| {
                    let place = op.index() - circuit.markers_before(op.index());
                    error.at(format_args!("operation {place} (`{}`)", op.opcode().name()))
                })?,
                Item::If { open, then, otherwise } => {
                    let condition = self.guard(&open)?;
                    self.line(&format!("if ({condition}) {{"));
                    self.inner(then)?;
                    if let Some(otherwise) = otherwise {
                        self.line("} else {");
                        self.inner(otherwise)?;
                    }
                    self.line("}");
                }
                Item::Loop { open, body } if open.opcode() == Opcode::For => {
                    let begin = format!("for uint {} in [1:{}] {{", self.round, open.bound());
                    self.line(&begin);
                    self.inner(body)?;
                    self.line("}");
                }
                Item::Loop { open, body } => {
                    let condition = self.guard(&open)?;
                    self.line(&format!("@eigen.max_rounds {}", open.bound()));
                    self.line(&format!("while ({condition}) {{"));
                    self.inner(body)?;
                    self.line("}");
                }
            }
        }
        Ok(())
    }

    fn inner(&mut self, range: Range<usize>) -> CoreResult<()> {
        self.depth += 1;
        let out = self.block(range);
        self.depth -= 1;
        out
    }

    fn guard(&mut self, op: &Operation<'_>) -> CoreResult<String> {
        match op.condition() {
            Some(condition) => self.condition(condition),
            None => Ok("true".to_string()),
        }
    }

    fn line(&mut self, text: &str) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// One operation: several statements, under its condition, where it takes them.
    fn plain(&mut self, op: &Operation<'_>) -> CoreResult<()> {
        let statements = self.operation(op)?;
        if op.condition().is_none() {
            statements.iter().for_each(|statement| self.line(statement));
            return Ok(());
        }
        let condition = self.guard(op)?;
        if let [statement] = statements.as_slice() {
            self.line(&format!("if ({condition}) {statement}"));
            return Ok(());
        }
        self.line(&format!("if ({condition}) {{"));
        self.depth += 1;
        statements.iter().for_each(|statement| self.line(statement));
        self.depth -= 1;
        self.line("}");
        Ok(())
    }

    fn operation(&mut self, op: &Operation<'_>) -> CoreResult<Vec<String>> {
        let each = |text: &Self, word: &str| match text.qubits.group(op.qubits()) {
            Some(all) => vec![format!("{word} {all};")],
            None => op.qubits().iter().map(|qubit| format!("{word} {};", text.qubit(*qubit))).collect(),
        };
        match op.opcode() {
            Opcode::Measure => Ok(self.measure(op)),
            Opcode::Reset => Ok(each(self, "reset")),
            Opcode::Barrier if op.qubits().is_empty() => Ok(Vec::new()),
            Opcode::Barrier => Ok(vec![format!("barrier {};", self.operands(op.qubits()))]),
            Opcode::Delay => self.delay(op),
            Opcode::Compute => self.computation(op).map(|statement| vec![statement]),
            _ => self.gate(op).map(|statement| vec![statement]),
        }
    }

    fn qubit(&self, qubit: u32) -> String {
        let mut out = String::new();
        self.qubits.push_bit(&mut out, qubit);
        out
    }

    /// Qubits one by one.
    fn operands(&self, qubits: &[u32]) -> String {
        let mut out = String::with_capacity(qubits.len() * 6);
        for (k, qubit) in qubits.iter().enumerate() {
            out.push_str(if k == 0 { "" } else { ", " });
            self.qubits.push_bit(&mut out, *qubit);
        }
        out
    }

    fn measure(&self, op: &Operation<'_>) -> Vec<String> {
        let (before, after): (&[&str], &[&str]) = match op.basis() {
            Basis::Z => (&[], &[]),
            Basis::X => (&["h"], &["h"]),
            Basis::Y => (&["sdg", "h"], &["h", "s"]),
        };
        let turn = |gates: &[&str], out: &mut Vec<String>| {
            for qubit in op.qubits() {
                out.extend(gates.iter().map(|gate| format!("{gate} {};", self.qubit(*qubit))));
            }
        };
        let mut out = Vec::new();
        turn(before, &mut out);
        match (self.clbits.group(op.clbits()), self.qubits.group(op.qubits())) {
            (Some(to), Some(from)) => out.push(format!("{to} = measure {from};")),
            _ => {
                for (qubit, clbit) in op.qubits().iter().zip(op.clbits()) {
                    let mut to = String::new();
                    self.clbits.push_bit(&mut to, *clbit);
                    out.push(format!("{to} = measure {};", self.qubit(*qubit)));
                }
            }
        }
        turn(after, &mut out);
        out
    }

    fn delay(&self, op: &Operation<'_>) -> CoreResult<Vec<String>> {
        if op.is_symbolic() {
            return Err(unsupported("the duration of a delay cannot be a parameter in OpenQASM 3"));
        }
        let time = op.values(&[]).first().copied().unwrap_or(0.0);
        let mut out = String::new();
        let _ = write!(
            out,
            "delay[{}{}] {};",
            float_text(time + 0.0),
            op.unit().as_str(),
            self.operands(op.qubits())
        );
        Ok(vec![out])
    }
}
