//! A program from its header to its end, and the statements that declare nothing.
use super::condition::equals;
use super::cursor::Cursor;
use super::definition::{Cost, Definitions, Gate};
use super::emit::Emitter;
use super::expression::{self, Now};
use super::lexer::{Kind, Token};
use super::library::BUILT_IN;
use super::names::{Name, Names};
use super::operands::{self, Operand};
use crate::circuit::{Circuit, Instruction};
use crate::condition::Condition;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::limits::MAX_OPERANDS;
use crate::text::{self, Fault, Parse, shown};

/// The circuit of an OpenQASM 2 program.
///
/// Registers keep names and order. Fails with `EIGEN_FORMAT_INVALID`, `EIGEN_FORMAT_UNSUPPORTED` or
/// `EIGEN_LIMIT_EXCEEDED` and the place as `line:column` in front of the message.
pub fn load(data: &[u8]) -> CoreResult<Circuit> {
    let text = text::document(data)?;
    program(text).map_err(|fault| fault.located(text))
}

fn program(text: &str) -> Parse<Circuit> {
    let mut cursor = Cursor::new(text)?;
    header(&mut cursor)?;
    let mut parser = Parser::new(cursor);
    while parser.cursor.token.kind != Kind::End {
        parser.statement()?;
    }
    parser.emitter.builder.build().map_err(|error| Fault::new(text.len(), error))
}

fn header(cursor: &mut Cursor<'_>) -> Parse<()> {
    if cursor.token.kind != Kind::Name || cursor.token.text != "OPENQASM" {
        let message = "the document does not begin with `OPENQASM 2.0;`";
        return Err(Fault::hinted(
            cursor.token.at,
            message,
            "every OpenQASM program begins with its version",
        ));
    }
    cursor.advance()?;
    let version = cursor.token;
    if version.text.starts_with('3') {
        return Err(Fault::unsupported(version.at, "this is OpenQASM 3, not 2", "write it as OpenQASM 2.0"));
    }
    if !matches!(version.text, "2" | "2.0") || version.kind == Kind::Text {
        return Err(Fault::invalid(version.at, "the version should be `2.0`"));
    }
    cursor.advance()?;
    cursor.mark(b';')
}

/// A program that is being read.
pub(super) struct Parser<'a> {
    pub cursor: Cursor<'a>,
    pub names: Names<'a>,
    pub definitions: Definitions,
    pub emitter: Emitter,
    pub included: bool,
    operands: Vec<Operand>,
    spent: Cost,
    condition_bits: usize,
}

impl<'a> Parser<'a> {
    fn new(cursor: Cursor<'a>) -> Self {
        let mut names = Names::default();
        for native in &BUILT_IN {
            names.set(native.name, Name::Gate { gate: Gate::Native(native), replaceable: false });
        }
        Self {
            cursor,
            names,
            definitions: Definitions::default(),
            emitter: Emitter::default(),
            included: false,
            operands: Vec::new(),
            spent: Cost::default(),
            condition_bits: 0,
        }
    }

    fn statement(&mut self) -> Parse<()> {
        let token = self.cursor.token;
        if token.kind != Kind::Name {
            return Err(self.cursor.wanted("a statement"));
        }
        match token.text {
            "qreg" => self.declare_register(true),
            "creg" => self.declare_register(false),
            "gate" => self.define(false),
            "opaque" => self.declare_opaque(),
            "include" => self.include(),
            "barrier" => self.barrier(),
            "if" => self.conditional(),
            _ => self.operation(None),
        }
    }

    /// `if (register == number) operation`
    fn conditional(&mut self) -> Parse<()> {
        self.cursor.advance()?;
        self.cursor.mark(b'(')?;
        let name = self.cursor.name()?;
        let register = self.names.register(name, false)?;
        self.cursor.kind(Kind::Equal, "==")?;
        let (_, value) = self.cursor.integer()?;
        self.cursor.mark(b')')?;
        self.condition_bits += register.size as usize;
        if self.condition_bits > MAX_OPERANDS {
            let what = "bits in all conditions";
            return Err(Fault::limit(name.at, what, MAX_OPERANDS, self.condition_bits));
        }
        let condition = equals(register, value).map_err(|error| Fault::new(name.at, error))?;
        if self.cursor.token.text == "barrier" {
            return Err(Fault::invalid(self.cursor.token.at, "a barrier cannot be conditional"));
        }
        self.operation(Some(condition))
    }

    /// A measurement, a reset or a gate: what may stand under a condition.
    #[inline]
    fn operation(&mut self, condition: Option<Condition>) -> Parse<()> {
        match self.cursor.token.text {
            "measure" => self.measure(condition),
            "reset" => self.reset(condition),
            _ => self.application(condition),
        }
    }

    /// `name(arguments) operands;`
    fn application(&mut self, condition: Option<Condition>) -> Parse<()> {
        let token = self.cursor.name()?;
        let gate = self.names.gate(token, self.included)?;
        self.arguments()?;
        self.read_operands()?;
        self.check_shape(token, gate, self.emitter.values.len(), self.operands.len())?;
        let times = operands::repetitions(&self.operands, token.at)?;
        let cost = self.definitions.cost(gate).times(u64::from(times));
        self.meter(cost, token.at)?;
        let fail = |error| Fault::new(token.at, error);
        let block = self.open(condition, cost.operations).map_err(fail)?;
        for k in 0..times {
            self.emitter.qubits.clear();
            self.emitter.qubits.extend(self.operands.iter().map(|operand| operand.bit(k)));
            self.emitter.gate(&self.definitions, gate, 0, 0).map_err(fail)?;
        }
        self.close(block).map_err(fail)
    }

    /// `(a, b, …)` or nothing, as values of the emitter.
    #[inline]
    fn arguments(&mut self) -> Parse<()> {
        self.emitter.values.clear();
        if !self.cursor.takes(b'(')? || self.cursor.takes(b')')? {
            return Ok(());
        }
        loop {
            let at = self.cursor.token.at;
            let value = expression::read(&mut self.cursor, &mut Now)?;
            if !value.is_finite() {
                return Err(Fault::invalid(
                    at,
                    format!("the parameter comes to `{value}`, which is not finite"),
                ));
            }
            self.emitter.values.push(value);
            if !self.cursor.takes(b',')? {
                return self.cursor.mark(b')');
            }
        }
    }

    /// `a, b[0], …;`
    #[inline]
    fn read_operands(&mut self) -> Parse<()> {
        self.operands.clear();
        loop {
            self.operands.push(operands::read(&mut self.cursor, &self.names, true)?);
            if !self.cursor.takes(b',')? {
                return self.cursor.mark(b';');
            }
        }
    }

    /// Fails when a gate is given the wrong number of parameters or qubits.
    #[inline]
    pub fn check_shape(&self, token: Token<'_>, gate: Gate, params: usize, qubits: usize) -> Parse<()> {
        let wanted = self.definitions.shape(gate);
        if wanted == (params, qubits) {
            return Ok(());
        }
        let message = format!(
            "gate `{}` takes {} parameters and {} qubits, not {params} and {qubits}",
            shown(token.text),
            wanted.0,
            wanted.1
        );
        Err(Fault::invalid(token.at, message))
    }

    fn measure(&mut self, condition: Option<Condition>) -> Parse<()> {
        let at = self.cursor.advance()?.at;
        let from = operands::read(&mut self.cursor, &self.names, true)?;
        self.cursor.kind(Kind::Arrow, "->")?;
        let to = operands::read(&mut self.cursor, &self.names, false)?;
        self.cursor.mark(b';')?;
        if from.size != to.size {
            let (qubits, clbits) = (from.size.unwrap_or(1), to.size.unwrap_or(1));
            let message = format!("{qubits} qubits cannot be measured into {clbits} bits");
            return Err(Fault::hinted(
                at,
                message,
                "measure a bit into a bit, or a register into one as large",
            ));
        }
        self.meter(Cost::ONE, at)?;
        let qubits: Vec<u32> = from.bits().collect();
        let clbits: Vec<u32> = to.bits().collect();
        if qubits.is_empty() {
            return Ok(());
        }
        self.emitter.condition = condition;
        self.emitter.measure(&qubits, &clbits).map_err(|error| Fault::new(at, error))
    }

    fn reset(&mut self, condition: Option<Condition>) -> Parse<()> {
        let at = self.cursor.advance()?.at;
        let operand = operands::read(&mut self.cursor, &self.names, true)?;
        self.cursor.mark(b';')?;
        self.emitter.condition = condition;
        self.on_all(Opcode::Reset, operand.bits().collect(), at)
    }

    fn barrier(&mut self) -> Parse<()> {
        let at = self.cursor.advance()?.at;
        self.read_operands()?;
        let qubits = self.operands.iter().flat_map(|operand| operand.bits()).collect();
        self.on_all(Opcode::Barrier, qubits, at)
    }

    /// One instruction on all qubits.
    fn on_all(&mut self, opcode: Opcode, qubits: Vec<u32>, at: usize) -> Parse<()> {
        self.meter(Cost::ONE, at)?;
        if qubits.is_empty() {
            self.emitter.condition = None;
            return Ok(());
        }
        self.emitter.push(Instruction::new(opcode, &qubits)).map_err(|error| Fault::new(at, error))
    }

    /// Charges for what comes next; nothing is expanded that goes over a limit.
    #[inline]
    fn meter(&mut self, cost: Cost, at: usize) -> Parse<()> {
        self.spent = self.spent.plus(cost);
        match self.spent.excess() {
            None => Ok(()),
            Some((what, limit, value)) => Err(Fault::limit(at, what, limit, value)),
        }
    }

    /// Puts a condition on the next operation, or opens a block for several; says whether one is open.
    #[inline]
    fn open(&mut self, condition: Option<Condition>, operations: u64) -> CoreResult<bool> {
        let Some(condition) = condition else { return Ok(false) };
        match operations {
            0 => Ok(false),
            1 => {
                self.emitter.condition = Some(condition);
                Ok(false)
            }
            _ => self.emitter.builder.begin_if(condition).map(|()| true),
        }
    }

    #[inline]
    fn close(&mut self, block: bool) -> CoreResult<()> {
        if block { self.emitter.builder.end() } else { Ok(()) }
    }
}
