//! Control flow becomes jumps, and measurements after which nothing happens to their qubits move to the end: the same
//! for every engine that follows histories. What a gate becomes is the engine's own affair.
use std::collections::HashSet;
use std::ops::Range;

use super::defer::{Deferred, deferred};
use super::program::{Code, Readout};
use crate::circuit::{Basis, Circuit, Item, Operation, Payload};
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;

/// `FOR` blocks of unitary operations are written out up to this many operations in all.
const MOST_UNROLLED: u64 = 1_000_000;

/// How an engine collects gates into segments.
pub(crate) trait Gates {
    /// The engine's name, for messages.
    const ENGINE: &'static str;
    /// Whether something may happen besides the operations, so that of several measurements of a qubit only the last can
    /// wait for the end.
    const IS_NOISY: bool = false;

    /// Takes one gate.
    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()>;

    /// Whether measurements after which nothing happens to their qubits may wait until the end.
    fn defers(&self) -> bool {
        true
    }

    /// Takes what happens besides an operation just before it.
    fn before(&mut self, _operation: &Operation<'_>) -> CoreResult<()> {
        Ok(())
    }

    /// Takes what happens besides an operation just after it.
    fn after(&mut self, _operation: &Operation<'_>) -> CoreResult<()> {
        Ok(())
    }

    /// Learns of a measurement that is read from the final state, where the circuit has it.
    fn waits(&mut self, _operation: &Operation<'_>) -> CoreResult<()> {
        Ok(())
    }

    /// Takes a reset, if it needs no decision; otherwise histories stop at it.
    fn reset(&mut self, _qubit: usize) -> bool {
        false
    }

    /// Turns a Pauli basis into the computational one, or back.
    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool);

    /// Closes the segment of the gates taken so far: its number, or `None` when there were none.
    fn flush(&mut self) -> Option<usize>;
}

/// A circuit's flow, its gates collected elsewhere.
pub(crate) struct Lowered {
    pub codes: Vec<Code>,
    /// In program order: a later one overwrites an earlier one on the same classical bit.
    pub readout: Vec<Readout>,
    pub num_counters: usize,
    /// Classical bits with those that no counts show.
    pub num_bits: usize,
    /// Whether the circuit measures or resets anything at all.
    pub collapses: bool,
}

/// Translates the flow of a circuit and hands its gates to `gates`.
pub(crate) fn lower_flow<G: Gates>(circuit: &Circuit, gates: &mut G) -> CoreResult<Lowered> {
    let deferred = if gates.defers() { deferred(circuit, G::IS_NOISY) } else { Deferred::nothing(circuit) };
    let mut flow = Flow {
        circuit,
        deferred: &deferred.skip,
        gates,
        codes: Vec::new(),
        unrolled: 0,
        depth: 0,
        counters: 0,
    };
    flow.range(0..circuit.stream_len())?;
    let mut rotated = HashSet::new();
    let mut readout = Vec::new();
    for index in deferred.measurements {
        let operation = circuit.operation(index);
        for (&qubit, &clbit) in operation.qubits().iter().zip(operation.clbits()) {
            if rotated.insert(qubit) {
                flow.gates.rotate(qubit, operation.basis(), false);
            }
            readout.push(Readout { qubit: qubit as usize, clbit: clbit as usize });
        }
    }
    if circuit.num_scratch() > 0 {
        flow.code(Code::Clear { from: circuit.num_clbits() });
    }
    flow.flush();
    Ok(Lowered {
        num_bits: circuit.num_bits(),
        codes: flow.codes,
        readout,
        num_counters: flow.counters,
        collapses: circuit.operations().any(|op| matches!(op.opcode(), Opcode::Measure | Opcode::Reset)),
    })
}

struct Flow<'a, G: Gates> {
    circuit: &'a Circuit,
    /// Operations that need no code of their own, by stream position.
    deferred: &'a [bool],
    gates: &'a mut G,
    codes: Vec<Code>,
    /// Operations written out of `FOR` blocks so far.
    unrolled: u64,
    /// Loops around the current operation: each has the counter of its depth.
    depth: usize,
    counters: usize,
}

impl<G: Gates> Flow<'_, G> {
    fn range(&mut self, range: Range<usize>) -> CoreResult<()> {
        let circuit = self.circuit;
        circuit.items(range).try_for_each(|item| match item {
            Item::Plain(operation) => self.plain(&operation),
            Item::If { open, then, otherwise } => self.branch(open.condition(), then, otherwise),
            Item::Loop { open, body } => self.repeat(&open, body),
        })
    }

    fn plain(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        if self.deferred[operation.index()] {
            return if operation.opcode() == Opcode::Measure { self.gates.waits(operation) } else { Ok(()) };
        }
        let Some(condition) = operation.condition() else { return self.unconditional(operation) };
        let jump = self.jump_unless(condition);
        self.unconditional(operation)?;
        self.land(jump);
        Ok(())
    }

    fn unconditional(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.gates.before(operation)?;
        self.itself(operation)?;
        self.gates.after(operation)
    }

    fn itself(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        match operation.opcode() {
            Opcode::Measure => {
                for (&qubit, &clbit) in operation.qubits().iter().zip(operation.clbits()) {
                    self.gates.rotate(qubit, operation.basis(), false);
                    self.code(Code::Measure { qubit: qubit as usize, clbit: clbit as usize });
                    self.gates.rotate(qubit, operation.basis(), true);
                }
                Ok(())
            }
            Opcode::Reset => {
                for &qubit in operation.qubits() {
                    if !self.gates.reset(qubit as usize) {
                        self.code(Code::Reset { qubit: qubit as usize });
                    }
                }
                Ok(())
            }
            Opcode::Barrier | Opcode::Delay => Ok(()),
            Opcode::Compute => {
                if let Payload::Expr(value) = operation.payload() {
                    self.code(Code::Compute { to: operation.clbits().into(), value: value.clone() });
                }
                Ok(())
            }
            opcode if opcode.is_gate() => self.gates.gate(operation),
            opcode => Err(unknown(G::ENGINE, opcode, operation.index())),
        }
    }

    fn branch(
        &mut self,
        condition: Option<&Condition>,
        then: Range<usize>,
        other: Option<Range<usize>>,
    ) -> CoreResult<()> {
        let skip = self.jump_unless(condition.unwrap_or(&Condition::Const(true)));
        self.range(then)?;
        let Some(other) = other else {
            self.land(skip);
            return Ok(());
        };
        self.flush();
        let leave = self.codes.len();
        self.codes.push(Code::Jump { to: 0 });
        self.land(skip);
        self.range(other)?;
        self.land(leave);
        Ok(())
    }

    fn repeat(&mut self, open: &Operation<'_>, body: Range<usize>) -> CoreResult<()> {
        if body.is_empty() && open.opcode() == Opcode::For {
            return Ok(());
        }
        let unrolled = self.unrolled.saturating_add(open.bound().saturating_mul(body.len() as u64));
        if open.opcode() == Opcode::For && unrolled <= MOST_UNROLLED && self.is_unitary(body.clone()) {
            self.unrolled = unrolled;
            return (0..open.bound()).try_for_each(|_| self.range(body.clone()));
        }
        let counter = self.depth;
        self.depth += 1;
        self.counters = self.counters.max(self.depth);
        self.code(Code::Zero { counter });
        let start = self.codes.len();
        let leave = match (open.opcode(), open.condition()) {
            (Opcode::While, Some(condition)) => {
                let leave = self.jump_unless(condition);
                self.codes.push(Code::Bound { counter, most: open.bound(), place: open.index() });
                leave
            }
            _ => {
                self.codes.push(Code::Count { counter, times: open.bound(), to: 0 });
                start
            }
        };
        self.range(body)?;
        self.code(Code::Jump { to: start });
        self.land(leave);
        self.depth -= 1;
        Ok(())
    }

    /// Whether a range has unconditional gates only, so that writing it out changes nothing else.
    fn is_unitary(&self, mut range: Range<usize>) -> bool {
        range.all(|index| {
            let operation = self.circuit.operation(index);
            operation.condition().is_none()
                && (operation.opcode().is_gate() || operation.opcode() == Opcode::Barrier)
        })
    }

    fn code(&mut self, code: Code) {
        self.flush();
        self.codes.push(code);
    }

    fn jump_unless(&mut self, condition: &Condition) -> usize {
        self.code(Code::Unless { condition: condition.clone(), to: 0 });
        self.codes.len() - 1
    }

    /// Makes the jump at `jump` land on the code that comes next.
    fn land(&mut self, jump: usize) {
        self.flush();
        let next = self.codes.len();
        if let Code::Unless { to, .. } | Code::Jump { to } | Code::Count { to, .. } = &mut self.codes[jump] {
            *to = next;
        }
    }

    /// Closes the segment of gates collected so far.
    fn flush(&mut self) {
        if let Some(segment) = self.gates.flush() {
            self.codes.push(Code::Run { segment });
        }
    }
}

/// The error for an operation that an engine has no rule for.
pub(crate) fn unknown(engine: &str, opcode: Opcode, place: usize) -> CoreError {
    let message = format!("operation {place}: the {engine} engine has no rule for `{}`", opcode.name());
    CoreError::new(ErrorCode::Unsupported, message)
}
