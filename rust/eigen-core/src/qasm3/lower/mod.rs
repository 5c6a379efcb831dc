//! Statements evaluated one after the other: what is known is computed, the rest is written into a circuit.
pub(super) mod arithmetic;
mod assigned;
mod branch;
mod choice;
pub(super) mod convert;
mod declare;
mod expression;
pub(super) mod function;
mod gate;
mod index;
pub(super) mod live;
mod loops;
mod modifier;
mod place;
mod quantum;
mod scope;
mod subroutine;
mod turn;

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::lexer::{Kind, Lexer};
use super::parse::Parser;
use super::tree::{Expr, ExprKind, Statement, StatementKind};
use crate::circuit::{Circuit, CircuitBuilder, Instruction};
use crate::error::CoreResult;
use crate::text::{self, Fault, Lexer as _, Parse};
use live::{Flow, SCRATCH, Scratch};
use scope::{Entity, Scope, Variable};

/// Statements, expressions and calls that reading one program may evaluate, besides one for each byte of it.
const MOST_STEPS: u64 = 3_000_000;
/// Nesting of blocks, expressions and calls while they are evaluated.
const MOST_DEPTH: usize = 256;

/// Values of a program's inputs, by name.
pub type Inputs = HashMap<String, f64>;

/// The circuit of an OpenQASM 3 program. Inputs without a value become parameters.
///
/// Fails with `line:column` at the beginning of the message: `EIGEN_FORMAT_INVALID` for what is not OpenQASM 3,
/// `EIGEN_FORMAT_UNSUPPORTED` for what a circuit cannot carry or needs a binding (`extern`, `defcal`, another include),
/// `EIGEN_LIMIT_EXCEEDED` with the limit and the number.
pub fn load(data: &[u8], inputs: &Inputs) -> CoreResult<Circuit> {
    let text = text::document(data)?;
    program(text, inputs).map_err(|fault| fault.located(text))
}

fn program(text: &str, inputs: &Inputs) -> Parse<Circuit> {
    let mut parser = Parser::new(text)?;
    if !parser.header()? {
        return Err(Fault::hinted(0, "the text is no OpenQASM 3 program", "it begins with `OPENQASM 3.0;`"));
    }
    let mut lower = Lower::new(inputs, has_output(text)?);
    let mut left = Vec::new();
    while let Some(statement) = parser.next()? {
        lower.most_steps = MOST_STEPS + parser.cursor.position() as u64;
        match lower.next_of(&statement, &mut left)? {
            Flow::End => {
                // What follows is read, so that it is known to be a program, and never run.
                while parser.next()?.is_some() {}
                break;
            }
            Flow::Next | Flow::Maybe(_) => {}
            _ => {
                return Err(Fault::invalid(
                    statement.at as usize,
                    "no loop and no subroutine can be left here",
                ));
            }
        }
    }
    lower.finish().map_err(|error| Fault::new(text.len(), error))
}

/// Whether a program names its results.
fn has_output(text: &str) -> Parse<bool> {
    if !text.contains("output") {
        return Ok(false);
    }
    let mut lexer = Lexer::new(text);
    loop {
        let token = lexer.next()?;
        match (token.kind, token.text) {
            (Kind::End, _) => return Ok(false),
            (Kind::Name, "output") => return Ok(true),
            (Kind::Name, "pragma") | (Kind::Mark(0x40), _) => {
                lexer.line();
            }
            _ => {}
        }
    }
}

/// A program in evaluation.
struct Lower<'a> {
    builder: CircuitBuilder,
    /// Gates under modifiers, innermost last; without any, gates go into the builder.
    sinks: Vec<Vec<Instruction>>,
    /// Gate definitions that are being expanded.
    in_gate: usize,
    globals: HashMap<&'a str, Entity<'a>, BuildHasherDefault<scope::NameHasher>>,
    scopes: Vec<Scope<'a>>,
    variables: Vec<Variable>,
    /// Places of variables that have ended.
    spare: Vec<usize>,
    scratch: Scratch,
    /// Scratch bits of conditions that are still to be read.
    held: Vec<u32>,
    /// Parts of the program around this one that may or may not be run.
    live: usize,
    frames: Vec<subroutine::Frame>,
    loops: Vec<loops::Round>,
    /// Indices of qubits that are known at run time, in the part for one of their values.
    choices: Vec<choice::Choice>,
    /// The bit that says that the program has ended.
    ended: Option<u32>,
    /// Annotations that wait for their statement.
    annotations: Vec<(&'a str, &'a str)>,
    inputs: &'a Inputs,
    has_output: bool,
    has_library: bool,
    has_physical: bool,
    steps: u64,
    /// Steps that may be taken: so many, and one for each byte that has been read.
    most_steps: u64,
    depth: usize,
}

impl<'a> Lower<'a> {
    fn new(inputs: &'a Inputs, has_output: bool) -> Self {
        let mut lower = Self {
            builder: CircuitBuilder::default(),
            sinks: Vec::new(),
            in_gate: 0,
            globals: HashMap::default(),
            scopes: Vec::new(),
            variables: Vec::new(),
            spare: Vec::new(),
            scratch: Scratch::default(),
            held: Vec::new(),
            live: 0,
            frames: Vec::new(),
            loops: Vec::new(),
            choices: Vec::new(),
            ended: None,
            annotations: Vec::new(),
            inputs,
            has_output,
            has_library: false,
            has_physical: false,
            steps: 0,
            most_steps: MOST_STEPS,
            depth: 0,
        };
        lower.add_built_in();
        lower
    }

    /// The circuit, its scratch bits behind those of the results.
    fn finish(mut self) -> CoreResult<Circuit> {
        self.builder.settle_scratch(SCRATCH, &self.scratch.declared)?;
        self.builder.build()
    }

    /// Counts a step of the evaluation.
    fn step(&mut self, at: u32) -> Parse<()> {
        self.steps += 1;
        if self.steps > self.most_steps {
            let most = self.most_steps as usize;
            return Err(Fault::limit(at as usize, "steps of evaluating a program", most, most + 1));
        }
        Ok(())
    }

    /// Evaluates something that lies deeper.
    fn deeper<T>(&mut self, at: u32, run: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MOST_DEPTH {
            let what = "nesting of what a program evaluates";
            return Err(Fault::limit(at as usize, what, MOST_DEPTH, MOST_DEPTH + 1));
        }
        self.depth += 1;
        let out = run(self);
        self.depth -= 1;
        out
    }

    /// The statements of a block with names of its own.
    fn block(&mut self, block: &[Statement<'a>]) -> Parse<Flow> {
        self.scoped(false, |lower| lower.statements(block))
    }

    /// Statements one after the other, until one leaves.
    fn statements(&mut self, block: &[Statement<'a>]) -> Parse<Flow> {
        let mut left = Vec::new();
        for statement in block {
            let flow = self.next_of(statement, &mut left)?;
            if flow.leaves() {
                return Ok(if left.is_empty() { flow } else { Flow::Maybe(left) });
            }
        }
        Ok(if left.is_empty() { Flow::Next } else { Flow::Maybe(left) })
    }

    /// The next statement of several; `left` are the bits of ways out that an earlier one may have taken.
    fn next_of(&mut self, statement: &Statement<'a>, left: &mut Vec<u32>) -> Parse<Flow> {
        let at = statement.at;
        let flow = if left.is_empty() || is_silent(statement) {
            self.statement(statement)?
        } else {
            let flags = left.clone();
            let alone = std::slice::from_ref(statement);
            let flow = self.guarded_statement(&flags, alone, at)?;
            // What is left there may not have been reached.
            if flow.leaves() { Flow::Maybe(self.flags_of(&flow, at)?) } else { flow }
        };
        if let Flow::Maybe(flags) = &flow {
            for flag in flags {
                if !left.contains(flag) {
                    left.push(*flag);
                }
            }
            return Ok(Flow::Maybe(left.clone()));
        }
        Ok(flow)
    }

    fn statement(&mut self, statement: &Statement<'a>) -> Parse<Flow> {
        let at = statement.at;
        self.step(at)?;
        if let StatementKind::Gate(call) = &statement.kind {
            self.annotations.clear();
            if call.operands.iter().any(|operand| matches!(operand.kind, ExprKind::Index(..))) {
                self.gate_chosen(statement, call)?;
            } else {
                self.gate_call(call, at)?;
            }
            return Ok(Flow::Next);
        }
        let mark = self.held.len();
        let flow = self.deeper(at, |lower| lower.other_statement(statement))?;
        self.let_go(mark);
        if !matches!(statement.kind, StatementKind::Annotation(..)) {
            self.annotations.clear();
        }
        Ok(flow)
    }

    fn other_statement(&mut self, statement: &Statement<'a>) -> Parse<Flow> {
        if self.statement_chosen(statement)? {
            return Ok(Flow::Next);
        }
        self.performed(statement)
    }

    /// A statement whose qubits are known.
    fn performed(&mut self, statement: &Statement<'a>) -> Parse<Flow> {
        let at = statement.at;
        match &statement.kind {
            StatementKind::Gate(call) => self.gate_call(call, at)?,
            StatementKind::Include(file) => self.include(file, at)?,
            StatementKind::Declare { role, of, name, value } => {
                self.declaration(*role, of, name, value.as_ref(), at)?
            }
            StatementKind::Alias(name, value) => self.alias(name, value, at)?,
            StatementKind::Define(definition) => self.define(definition, at)?,
            StatementKind::Subroutine(subroutine) => {
                self.declare(subroutine.name, Entity::Subroutine(subroutine.clone()), at)?;
            }
            StatementKind::Extern(name) => self.declare(name, Entity::Missing(EXTERN), at)?,
            StatementKind::Calibration(name) => self.calibration(*name, at)?,
            StatementKind::Assign { to, operation, value } => self.assign(to, *operation, value, at)?,
            StatementKind::Expression(value) => self.alone(value)?,
            StatementKind::Reset(operand) => self.reset(operand, at)?,
            StatementKind::Barrier(operands) => self.barrier(operands, at)?,
            StatementKind::Delay(time, operands) => self.delay(time, operands, at)?,
            StatementKind::Box(time, body) => return self.boxed(time.as_ref(), body, at),
            StatementKind::If(condition, then, otherwise, is_alone) => {
                let begin = self.builder.stream_position();
                let flow = self.branch(condition, then, otherwise, at)?;
                if *is_alone && otherwise.is_empty() {
                    self.builder.fold_single(begin).map_err(|error| Fault::new(at as usize, error))?;
                }
                return Ok(flow);
            }

            StatementKind::Switch { on, cases, otherwise } => {
                return self.switch(on, cases, otherwise.as_deref(), at);
            }
            StatementKind::While(condition, body) => return self.repeat(condition, body, at),
            StatementKind::For { of, name, over, body } => return self.each(of, name, over, body, at),
            StatementKind::Scope(body) => return self.block(body),
            StatementKind::Break => return self.leave(Flow::Break, at),
            StatementKind::Continue => return self.leave(Flow::Continue, at),
            StatementKind::End => return self.leave(Flow::End, at),
            StatementKind::Return(value) => return self.give(value.as_ref(), at),
            StatementKind::Annotation(name, text) => self.annotations.push((name, text)),
            StatementKind::Pragma => {}
        }
        Ok(Flow::Next)
    }

    /// An expression whose value nobody takes: a call, or a measurement.
    fn alone(&mut self, value: &Expr<'a>) -> Parse<()> {
        self.evaluate(value).map(|_| ())
    }

    /// The text of an annotation of the statement at hand.
    fn annotation(&self, name: &str) -> Option<&'a str> {
        self.annotations.iter().rev().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }
}

/// What is said of a function that is declared and has no body.
const EXTERN: &str = "is declared `extern` and needs a binding to a function, which there is none for";

/// Whether a statement does nothing at run time.
fn is_silent(statement: &Statement<'_>) -> bool {
    matches!(
        statement.kind,
        StatementKind::Annotation(..)
            | StatementKind::Pragma
            | StatementKind::Include(_)
            | StatementKind::Define(_)
            | StatementKind::Subroutine(_)
            | StatementKind::Extern(_)
            | StatementKind::Calibration(_)
            | StatementKind::Alias(..)
    ) || matches!(&statement.kind, StatementKind::Declare { value: None, .. })
}
