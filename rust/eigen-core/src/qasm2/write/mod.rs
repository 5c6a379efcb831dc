//! A circuit as OpenQASM 2, exactly: every digit, the global phase, nothing dropped in silence.
mod condition;
mod gate;
mod registers;

use std::fmt::Write;
use std::ops::Range;

use crate::circuit::{Basis, Circuit, DurationUnit, Item, Operation};
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::json::float_text;
use crate::limits::MAX_OPERATIONS;
use crate::param::Param;
use registers::Registers;

/// The OpenQASM 2 program of a circuit, exact up to rounding of the angles where a gate of the table is not one of
/// `qelib1.inc` and is written in others.
///
/// A global phase is written as `u1(2γ)` and `rz(−2γ)` on one qubit. Fails with `EIGEN_FORMAT_UNSUPPORTED`, naming
/// the operation, for what the language cannot say.
pub fn dump(circuit: &Circuit) -> CoreResult<String> {
    if let Some(name) = circuit.symbols().first() {
        let message = format!("OpenQASM 2 has no parameters that are still open, such as `{name}`");
        return Err(unsupported(message).with_hint("bind the parameters to numbers first"));
    }
    let has_delay = circuit.columns().opcodes().contains(&Opcode::Delay);
    let registers = Registers::of(circuit, has_delay)?;
    let mut text = Text {
        circuit,
        out: String::new(),
        registers,
        prefixes: vec![String::new()],
        written: 0,
        delays: false,
    };
    text.block(0..circuit.stream_len(), None)?;
    let mut head = String::from("OPENQASM 2.0;\ninclude \"qelib1.inc\";\n");
    if text.delays {
        head.push_str("opaque delay(time) q;\n");
    }
    text.registers.declare(&mut head);
    Ok(head + &text.out)
}

/// The error for what OpenQASM 2 does not have.
fn unsupported(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::FormatUnsupported, message)
}

/// The program in the making.
struct Text<'c> {
    circuit: &'c Circuit,
    out: String,
    registers: Registers,
    /// What stands before every statement: nothing, or `if (c == n) ` for each number that fulfils a condition.
    prefixes: Vec<String>,
    written: usize,
    delays: bool,
}

impl Text<'_> {
    /// The operations of a range, all under a condition.
    fn block(&mut self, range: Range<usize>, under: Option<&Condition>) -> CoreResult<()> {
        let circuit = self.circuit;
        for item in circuit.items(range) {
            match item {
                Item::Plain(op) => {
                    self.plain(&op, under).map_err(|error| {
                        let place = op.index() - circuit.markers_before(op.index());
                        error.at(format_args!("operation {place} (`{}`)", op.opcode().name()))
                    })?;
                }
                Item::If { open, then, otherwise } => self.branch(&open, then, otherwise, under)?,
                Item::Loop { open, body } if open.opcode() == Opcode::For => {
                    for _ in 0..open.bound() {
                        self.count()?;
                        self.block(body.clone(), under)?;
                    }
                }
                Item::Loop { .. } => {
                    return Err(unsupported("OpenQASM 2 has no loop that waits for a condition (`WHILE`)"));
                }
            }
        }
        Ok(())
    }

    /// A branch as conditions on each of its operations, which is the same only while none of them changes the bits.
    fn branch(
        &mut self,
        open: &Operation<'_>,
        then: Range<usize>,
        otherwise: Option<Range<usize>>,
        under: Option<&Condition>,
    ) -> CoreResult<()> {
        let Some(condition) = open.condition() else { return Ok(()) };
        let read = condition.clbits();
        let whole = then.start..otherwise.as_ref().map_or(then.end, |range| range.end);
        let writes = whole
            .into_iter()
            .any(|at| self.circuit.operation(at).clbits().iter().any(|bit| read.binary_search(bit).is_ok()));
        if writes {
            let message =
                "a branch that measures into the bits of its own condition has no form in OpenQASM 2";
            return Err(unsupported(message));
        }
        self.block(then, Some(&both(under, condition.clone())?))?;
        match otherwise {
            Some(range) => self.block(range, Some(&both(under, condition.clone().negate()?)?)),
            None => Ok(()),
        }
    }

    /// One operation with its own condition and that of its blocks.
    fn plain(&mut self, op: &Operation<'_>, under: Option<&Condition>) -> CoreResult<()> {
        let condition = match op.condition() {
            Some(own) => Some(both(under, own.clone())?),
            None => under.cloned(),
        };
        let begin = self.written;
        let conditional = condition.filter(|_| op.opcode() != Opcode::Barrier);
        self.prefixes = match &conditional {
            None => vec![String::new()],
            Some(condition) => condition::prefixes(condition, &self.registers)?,
        };
        if self.prefixes.is_empty() {
            return Ok(());
        }
        self.operation(op)?;
        let read = conditional.map(|condition| condition.clbits()).unwrap_or_default();
        let changes = op.clbits().iter().any(|bit| read.contains(bit));
        if changes && self.written - begin > 1 {
            let message = "a measurement into the bits of its own condition takes more than one statement";
            return Err(unsupported(message));
        }
        Ok(())
    }

    fn operation(&mut self, op: &Operation<'_>) -> CoreResult<()> {
        match op.opcode() {
            Opcode::Measure => self.measure(op),
            Opcode::Reset => self.reset(op.qubits()),
            Opcode::Barrier => self.barrier(op.qubits()),
            Opcode::Delay => self.delay(op),
            _ => self.gate(op),
        }
    }

    fn measure(&mut self, op: &Operation<'_>) -> CoreResult<()> {
        let (before, after): (&[&str], &[&str]) = match op.basis() {
            Basis::Z => (&[], &[]),
            Basis::X => (&["h"], &["h"]),
            Basis::Y => (&["sdg", "h"], &["h", "s"]),
        };
        self.turn(op.qubits(), before)?;
        let whole = (self.registers.qubits.whole(op.qubits()), self.registers.clbits.whole(op.clbits()));
        if let (Some(from), Some(to)) = whole {
            self.statement(&format!("measure {from} -> {to}"))?;
        } else {
            for (qubit, clbit) in op.qubits().iter().zip(op.clbits()) {
                let (from, to) = (self.registers.qubits.bit(*qubit), self.registers.clbits.bit(*clbit));
                self.statement(&format!("measure {from} -> {to}"))?;
            }
        }
        self.turn(op.qubits(), after)
    }

    /// Gates on each of the qubits.
    fn turn(&mut self, qubits: &[u32], gates: &[&str]) -> CoreResult<()> {
        for qubit in qubits {
            for gate in gates {
                self.statement(&format!("{gate} {}", self.registers.qubits.bit(*qubit)))?;
            }
        }
        Ok(())
    }

    fn reset(&mut self, qubits: &[u32]) -> CoreResult<()> {
        if let Some(name) = self.registers.qubits.whole(qubits) {
            return self.statement(&format!("reset {name}"));
        }
        qubits
            .iter()
            .try_for_each(|qubit| self.statement(&format!("reset {}", self.registers.qubits.bit(*qubit))))
    }

    fn barrier(&mut self, qubits: &[u32]) -> CoreResult<()> {
        if qubits.is_empty() {
            return Ok(());
        }
        let operands = self.registers.qubits.grouped(qubits).join(",");
        self.statement(&format!("barrier {operands}"))
    }

    /// A delay in samples, whole ones, as Qiskit reads it; each qubit by itself.
    fn delay(&mut self, op: &Operation<'_>) -> CoreResult<()> {
        let time = op.values(&[]).first().copied().unwrap_or(0.0);
        if op.unit() != DurationUnit::Dt || time.fract() != 0.0 {
            let shown = format!("{} {}", float_text(time), op.unit().as_str());
            let message = format!("a delay of `{shown}` has no form in OpenQASM 2");
            return Err(unsupported(message).with_hint("delays are whole numbers of `dt` there"));
        }
        self.delays = true;
        op.qubits().iter().try_for_each(|qubit| {
            self.statement(&format!("delay({}) {}", number(time), self.registers.qubits.bit(*qubit)))
        })
    }

    /// A statement, once for each prefix.
    fn statement(&mut self, text: &str) -> CoreResult<()> {
        for k in 0..self.prefixes.len() {
            self.count()?;
            // Writing to a String does not fail.
            let _ = writeln!(self.out, "{}{text};", self.prefixes[k]);
        }
        Ok(())
    }

    fn count(&mut self) -> CoreResult<()> {
        self.written += 1;
        if self.written > MAX_OPERATIONS {
            return Err(CoreError::limit("statements of a program", MAX_OPERATIONS, self.written));
        }
        Ok(())
    }
}

/// Both conditions, or the only one.
fn both(under: Option<&Condition>, own: Condition) -> CoreResult<Condition> {
    match under {
        None => Ok(own),
        Some(under) => under.clone().and(own),
    }
}

/// A number with all its digits and, as the grammar asks, a point wherever there is an exponent.
fn number(value: f64) -> String {
    // No negative zero.
    let text = float_text(value + 0.0);
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

/// The number that a parameter is; there are no symbols left.
fn value(param: &Param) -> f64 {
    if let Param::Number(value) = param { *value } else { f64::NAN }
}
