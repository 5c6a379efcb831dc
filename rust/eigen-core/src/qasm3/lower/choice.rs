//! Qubits by an index that is known at run time: their statement is written once for each qubit that it may be, under
//! the condition that it is this one.
//!
//! Beyond the register, and where a gate would act on one qubit twice, nothing is done.
use super::Lower;
use super::index::is_pure;
use super::scope::{Entity, Variable};
use crate::circuit::Instruction;
use crate::compute::{Expr as Code, Reading};
use crate::condition::{Comparison, Condition};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::qasm3::tree::{Expr, ExprKind, GateCall, Index, Statement, StatementKind};
use crate::qasm3::value::{Data, Type, Value, word};
use crate::text::{Fault, Parse};

/// Qubits that one index may choose from.
const MOST_CHOICES: usize = 4_096;

/// An index with the place that it has in the part of the program at hand.
#[derive(Debug)]
pub(super) struct Choice {
    /// Where the index stands in the tree, which outlives the statement.
    index: usize,
    /// Subroutines around it: one that calls itself meets the same index again.
    frames: usize,
    place: usize,
}

/// An index that waits for the run.
struct Waiting {
    index: usize,
    /// The bits that hold it.
    bits: Vec<u32>,
    is_signed: bool,
    size: usize,
}

impl Waiting {
    /// The condition that it is one place; negative numbers count from the end.
    fn is(&self, place: usize) -> CoreResult<Condition> {
        let equal = |number| Condition::compare(self.bits.clone(), Comparison::Equal, number);
        let (place, width) = (place as i128, self.bits.len());
        let half = 1i128 << (width - 1);
        if !self.is_signed {
            return equal(place);
        }
        // In two's complement the upper half of the numbers is negative.
        let from_end = 2 * half - self.size as i128 + place;
        match (place < half, from_end >= half) {
            (true, true) => equal(place)?.or(equal(from_end)?),
            (true, false) => equal(place),
            (false, true) => equal(from_end),
            (false, false) => Ok(Condition::Const(false)),
        }
    }
}

impl<'a> Lower<'a> {
    /// The place of an index in the choice at hand.
    pub fn chosen_place(&self, index: &Expr<'a>) -> Option<usize> {
        let (key, frames) = (address(index), self.frames.len());
        let mut found =
            self.choices.iter().rev().filter(|choice| choice.index == key && choice.frames == frames);
        found.next().map(|choice| choice.place)
    }

    /// A gate on qubits of which some have indices that are no constants.
    pub fn gate_chosen(&mut self, statement: &Statement<'a>, call: &GateCall<'a>) -> Parse<()> {
        let at = statement.at;
        let waiting = self.waiting(&call.operands.iter().collect::<Vec<_>>(), true)?;
        if waiting.is_empty() {
            return self.gate_call(call, at);
        }
        let mark = self.held.len();
        self.each_choice(&waiting, statement, &mut |lower| {
            if lower.repeats(&call.operands)? { Ok(()) } else { lower.gate_call(call, at) }
        })?;
        self.let_go(mark);
        Ok(())
    }

    /// A statement other than a gate, where indices of its qubits wait for the run; false where none do.
    pub fn statement_chosen(&mut self, statement: &Statement<'a>) -> Parse<bool> {
        let at = statement.at;
        let mut operands = Vec::new();
        match &statement.kind {
            StatementKind::Reset(operand) => operands.push(operand),
            StatementKind::Barrier(all) | StatementKind::Delay(_, all) => operands.extend(all),
            StatementKind::Expression(value)
            | StatementKind::Assign { value, .. }
            | StatementKind::Declare { value: Some(value), .. } => in_value(value, &mut operands),
            _ => {}
        }
        if operands.is_empty() {
            return Ok(false);
        }
        let waiting = self.waiting(&operands, false)?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let StatementKind::Declare { role, of, name, value: Some(value) } = &statement.kind else {
            self.each_choice(&waiting, statement, &mut |lower| lower.performed(statement).map(|_| ()))?;
            return Ok(true);
        };
        self.declaration(*role, of, name, None, at)?;
        let to = Expr { at, kind: ExprKind::Name(name) };
        let Some(Entity::Variable(index)) = self.find(name) else { return Ok(true) };
        let index = *index;
        self.home(index, at)?;
        self.variables[index].pinned += 1;
        let out = self.each_choice(&waiting, statement, &mut |lower| lower.assign(&to, None, value, at));
        self.variables[index].pinned -= 1;
        out.map(|()| true)
    }

    /// The indices that wait, with their values in bits; those of variables only where nothing writes to them.
    fn waiting(&mut self, operands: &[&Expr<'a>], is_unchanged: bool) -> Parse<Vec<Waiting>> {
        let mut out: Vec<Waiting> = Vec::new();
        for operand in operands {
            let ExprKind::Index(of, indices) = &operand.kind else { continue };
            let (ExprKind::Name(name), [Index::One(one)]) = (&of.kind, indices.as_slice()) else { continue };
            let Some(Entity::Qubits(qubits, _)) = self.find(name) else { continue };
            let size = qubits.len();
            if !is_pure(one) || !self.may_wait(one) {
                continue;
            }
            let value = self.evaluate(one)?;
            let (of, data) = match value.data {
                Data::Bits(bits) if !bits.is_empty() => (Type::Uint(bits.len() as u32), word(&bits)),
                data => (value.of, data),
            };
            let Data::Live(code) = data else { continue };
            if !of.is_whole() {
                continue;
            }
            if size > MOST_CHOICES {
                let what = "qubits that an index at run time chooses from";
                return Err(Fault::limit(one.at as usize, what, MOST_CHOICES, size));
            }
            let is_signed = matches!(of, Type::Int(_) | Type::Literal);
            let bits = match code {
                Code::Bits(bits, Reading::Unsigned | Reading::Signed) if is_unchanged => bits,
                code => {
                    let home = self.room(&of, one.at)?;
                    self.store(&home, &Data::Live(code), &of, one.at)?;
                    self.held.extend(home.iter());
                    home.to_vec()
                }
            };
            out.push(Waiting { index: address(one), bits, is_signed, size });
        }
        Ok(out)
    }

    /// Whether an expression names something that is known at run time only.
    fn may_wait(&self, expr: &Expr<'a>) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => match self.find(name) {
                Some(Entity::Variable(index)) => {
                    let Variable { known, .. } = &self.variables[*index];
                    !known.as_ref().is_some_and(Data::is_known)
                }
                Some(Entity::Value(value)) => !Value::clone(value).data.is_known(),
                Some(Entity::Bits(_)) => true,
                _ => false,
            },
            ExprKind::Unary(_, of) | ExprKind::Cast(_, of) => self.may_wait(of),
            ExprKind::Binary(_, sides) => sides.iter().any(|side| self.may_wait(side)),
            ExprKind::Index(of, indices) => {
                let inner = |index: &Index<'a>| matches!(index, Index::One(one) if self.may_wait(one));
                self.may_wait(of) || indices.iter().any(inner)
            }
            _ => false,
        }
    }

    fn each_choice(
        &mut self,
        waiting: &[Waiting],
        statement: &Statement<'a>,
        run: &mut dyn FnMut(&mut Self) -> Parse<()>,
    ) -> Parse<()> {
        let Some((first, rest)) = waiting.split_first() else { return run(self) };
        let at = statement.at;
        let fault = |error| Fault::new(at as usize, error);
        for place in 0..first.size {
            // A condition, its end and the statement inside: each is more work than a step.
            self.steps += 3;
            self.step(at)?;
            let condition = first.is(place).map_err(fault)?;
            if condition == Condition::Const(false) {
                continue;
            }
            let begin = self.builder.stream_position();
            self.choices.push(Choice { index: first.index, frames: self.frames.len(), place });
            let out = self.region(&[std::slice::from_ref(statement)], at, |lower| {
                lower.push(Instruction::block(Opcode::If, Some(condition), 1), at)?;
                lower.each_choice(rest, statement, run)?;
                lower.push(Instruction::new(Opcode::End, &[]), at)
            });
            self.choices.pop();
            out?;
            self.builder.fold_single(begin).map_err(fault)?;
        }
        Ok(())
    }

    /// Whether operands name one qubit twice.
    fn repeats(&mut self, operands: &[Expr<'a>]) -> Parse<bool> {
        let mut seen = Vec::new();
        for operand in operands {
            if self.is_single(operand) {
                seen.extend(self.qubits(operand)?);
            }
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        Ok(seen.len() < count)
    }
}

fn address(index: &Expr<'_>) -> usize {
    std::ptr::from_ref(index).addr()
}

/// What a value measures, and what it hands to subroutines.
fn in_value<'e, 'a>(value: &'e Expr<'a>, out: &mut Vec<&'e Expr<'a>>) {
    match &value.kind {
        ExprKind::Measure(of) => out.push(of),
        ExprKind::Call(_, arguments) => arguments.iter().for_each(|argument| {
            out.push(argument);
            in_value(argument, out);
        }),
        ExprKind::Unary(_, of) | ExprKind::Cast(_, of) => in_value(of, out),
        ExprKind::Binary(_, sides) => sides.iter().for_each(|side| in_value(side, out)),
        ExprKind::Concat(parts) => parts.iter().for_each(|part| in_value(part, out)),
        _ => {}
    }
}
