//! What waits for the run: bits that hold values, parts of the program that may or may not be run, and the ways out of them.
use std::collections::HashSet;
use std::rc::Rc;

use super::Lower;
use super::assigned::assigned;
use super::scope::Entity;
use crate::circuit::Instruction;
use crate::compute::{Binary, Expr, Number, Reading, Unary};
use crate::condition::{Comparison, Condition};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::qasm3::tree::Statement;
use crate::qasm3::value::{Bit, Data, Type, Value, bit_of, word};
use crate::text::{Fault, Parse};

/// Bits from here on are scratch until the program is complete; they follow the bits of the results.
pub(super) const SCRATCH: u32 = 1 << 30;
/// Scratch bits of one program.
const MOST_SCRATCH: u32 = 1 << 16;
/// Bits of a fraction.
const FRACTION: usize = 64;

/// Classical bits that no result shows.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub used: u32,
    free: Vec<u32>,
    /// The first of the 64 bits of each fraction: what holds a fraction once holds fractions only.
    fractions: HashSet<u32>,
    free_fractions: Vec<u32>,
    /// Bits that are there whether operations use them or not.
    pub declared: Vec<u32>,
}

impl Scratch {
    /// Lets others use bits.
    pub fn give_back(&mut self, bits: &[u32]) {
        let before = self.free.len();
        let mut rest = bits;
        while let Some((first, others)) = rest.split_first() {
            if self.fractions.contains(first) {
                self.free_fractions.push(*first);
                rest = rest.get(FRACTION..).unwrap_or_default();
                continue;
            }
            self.free.extend(Some(*first).filter(|bit| *bit >= SCRATCH));
            rest = others;
        }
        self.free[before..].reverse();
    }
}

/// A truth known now, or a condition on bits.
pub(super) enum Truth {
    Known(bool),
    Live(Condition),
}

/// How a part of a program goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
    Return,
    End,
    /// It may have left: one of these bits is 1 then.
    Maybe(Vec<u32>),
}

impl Flow {
    /// Whether what follows is reached.
    pub fn leaves(&self) -> bool {
        !matches!(self, Self::Next | Self::Maybe(_))
    }
}

impl<'a> Lower<'a> {
    /// Scratch bits.
    pub fn scratch(&mut self, count: usize, at: u32) -> Parse<Rc<[u32]>> {
        let mut bits = Vec::with_capacity(count.min(1024));
        for _ in 0..count {
            bits.push(match self.scratch.free.pop() {
                Some(bit) => bit,
                None => self.fresh(1, at)?,
            });
        }
        Ok(bits.into())
    }

    /// The first of several new scratch bits, which nothing has written.
    fn fresh(&mut self, count: usize, at: u32) -> Parse<u32> {
        let first = self.scratch.used;
        let total = (first as usize).saturating_add(count);
        if total > MOST_SCRATCH as usize {
            return Err(Fault::limit(
                at as usize,
                "bits of values at run time",
                MOST_SCRATCH as usize,
                total,
            ));
        }
        self.scratch.used = total as u32;
        Ok(SCRATCH + first)
    }

    /// Scratch bits for a value of a type that bits can hold.
    pub fn room(&mut self, of: &Type, at: u32) -> Parse<Rc<[u32]>> {
        match of {
            Type::Float => self.fraction(at).map(Rc::from),
            Type::Array(inner, sizes) if **inner == Type::Float => {
                let mut bits = Vec::new();
                for _ in 0..sizes.iter().product() {
                    bits.extend(self.fraction(at)?);
                }
                Ok(bits.into())
            }
            _ => self.scratch(of.bits().unwrap_or(64), at),
        }
    }

    fn fraction(&mut self, at: u32) -> Parse<Vec<u32>> {
        let first = match self.scratch.free_fractions.pop() {
            Some(first) => first,
            None => self.fresh(FRACTION, at)?,
        };
        self.scratch.fractions.insert(first);
        Ok((first..first + FRACTION as u32).collect())
    }

    /// New scratch bits for a variable that lives in bits from its declaration on.
    pub fn declared_room(&mut self, of: &Type, at: u32) -> Parse<Rc<[u32]>> {
        let count = of.bits().unwrap_or(64);
        let first = self.fresh(count, at)?;
        let bits: Rc<[u32]> = (first..first + count as u32).collect();
        if *of == Type::Float {
            self.scratch.fractions.insert(first);
        }
        self.scratch.declared.extend(bits.iter());
        Ok(bits)
    }

    /// Appends an operation that is no gate: not inside a gate.
    pub fn push(&mut self, instruction: Instruction, at: u32) -> Parse<()> {
        if !self.sinks.is_empty() || self.in_gate > 0 {
            return Err(Fault::invalid(at as usize, "a gate consists of gates only"));
        }
        self.builder.push(instruction).map_err(|error| Fault::new(at as usize, error))
    }

    /// Writes an expression to bits, at most 64.
    pub fn compute(&mut self, to: &[u32], value: Expr, at: u32) -> Parse<()> {
        let value = stored(value, to.len());
        // Of a gate only its parameters are computed, which stay the same until its last operation.
        self.builder.push(Instruction::compute(to, value)).map_err(|error| Fault::new(at as usize, error))
    }

    /// Writes a value to bits.
    pub fn store(&mut self, bits: &[u32], data: &Data, of: &Type, at: u32) -> Parse<()> {
        match (data, of) {
            (Data::Array(parts), Type::Array(element, _)) => {
                let width = element.bits().unwrap_or(1).max(1);
                parts
                    .iter()
                    .zip(bits.chunks(width))
                    .try_for_each(|(part, bits)| self.store(bits, part, element, at))
            }
            (Data::Bits(values), _) => self.store_bits(bits, values, at),
            _ => match data.expr() {
                Some(expr) if bits.len() > 64 => {
                    let values: Vec<Bit> = (0..bits.len()).map(|k| bit_of(&expr, k)).collect();
                    self.store_bits(bits, &values, at)
                }
                Some(expr) => self.compute(bits, expr, at),
                None => {
                    let message = format!("a value of type `{}` cannot be kept at run time", of.name());
                    Err(Fault::unsupported(at as usize, message, "let it depend on constants only"))
                }
            },
        }
    }

    fn store_bits(&mut self, bits: &[u32], values: &[Bit], at: u32) -> Parse<()> {
        let mut source = values.to_vec();
        // More than one word is written in parts, the first of which must not change what the next read.
        let reads: HashSet<u32> = values
            .iter()
            .filter_map(|bit| if let Bit::Live(expr) = bit { Some(expr.clbits()) } else { None })
            .flatten()
            .collect();
        if bits.len() > 64 && bits.iter().any(|bit| reads.contains(bit)) {
            let copy = self.scratch(bits.len(), at)?;
            for (to, part) in copy.chunks(64).zip(values.chunks(64)) {
                let value = word(part).expr().unwrap_or(Expr::int(0));
                self.compute(to, value, at)?;
            }
            source = copy.iter().map(|bit| Bit::Live(Expr::bit(*bit))).collect();
            self.scratch.give_back(&copy);
        }
        for (to, part) in bits.chunks(64).zip(source.chunks(64)) {
            let value = word(part).expr().unwrap_or(Expr::int(0));
            if value != Expr::Bits(to.to_vec(), Reading::Unsigned) {
                self.compute(to, value, at)?;
            }
        }
        Ok(())
    }

    /// The bits of a variable that is about to be overwritten.
    pub fn own(&mut self, index: usize, at: u32) -> Parse<Rc<[u32]>> {
        self.variables[index].known = None;
        if let Some(bits) = self.variables[index].bits.clone() {
            return Ok(bits);
        }
        let of = self.variables[index].of.clone();
        let bits = self.room(&of, at)?;
        self.variables[index].bits = Some(bits.clone());
        Ok(bits)
    }

    /// The bits of a variable, which hold it from now on.
    pub fn home(&mut self, index: usize, at: u32) -> Parse<Rc<[u32]>> {
        let of = self.variables[index].of.clone();
        let bits = match self.variables[index].bits.clone() {
            Some(bits) => bits,
            None => {
                if of.bits().is_none() {
                    let message = format!("a `{}` cannot depend on what is measured", of.name());
                    return Err(Fault::unsupported(
                        at as usize,
                        message,
                        "use bool, bit, int, uint, angle or float",
                    ));
                }
                let bits = self.room(&of, at)?;
                self.variables[index].bits = Some(bits.clone());
                bits
            }
        };
        if let Some(known) = self.variables[index].known.take() {
            self.store(&bits, &known, &of, at)?;
        }
        Ok(bits)
    }

    /// Runs what may or may not be run, or be run several times: the variables that it changes live in bits.
    pub fn region<T>(
        &mut self,
        blocks: &[&[Statement<'a>]],
        at: u32,
        run: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<T> {
        let mut names = HashSet::new();
        blocks.iter().for_each(|block| assigned(block, &mut names));
        let mut changed: Vec<usize> = names
            .iter()
            .filter_map(
                |name| if let Some(Entity::Variable(index)) = self.find(name) { Some(*index) } else { None },
            )
            .collect();
        changed.extend(self.frames.last().and_then(|frame| frame.result));
        changed.sort_unstable();
        changed.dedup();
        for index in &changed {
            // What cannot be kept in bits may not change here; its assignment says so.
            if self.variables[*index].of.bits().is_some() {
                self.home(*index, at)?;
            }
            self.variables[*index].pinned += 1;
        }
        self.live += 1;
        let out = run(self);
        self.live -= 1;
        for index in &changed {
            self.variables[*index].pinned -= 1;
        }
        out
    }

    /// A value as a truth; what is no plain condition on bits is computed first.
    pub fn truth(&mut self, value: Value, at: u32) -> Parse<Truth> {
        let truth = super::convert::convert(value, &Type::Bool, at)?;
        match truth.data {
            Data::Int(value) => Ok(Truth::Known(value != 0)),
            Data::Live(expr) => self.condition(&expr, at).map(Truth::Live),
            _ => Err(Fault::invalid(at as usize, "this is neither true nor false")),
        }
    }

    /// An expression that is 0 or 1 as a condition.
    pub fn condition(&mut self, expr: &Expr, at: u32) -> Parse<Condition> {
        let fault = |error| Fault::new(at as usize, error);
        if let Some(condition) = as_condition(expr).transpose().map_err(fault)? {
            return Ok(condition);
        }
        let bit = self.scratch(1, at)?;
        self.compute(&bit, expr.clone(), at)?;
        // The bit is read at once, or again only after it has been computed again.
        self.held.push(bit[0]);
        Ok(Condition::Bit(bit[0]))
    }

    /// Gives back the bits that conditions were computed into since a mark.
    pub fn let_go(&mut self, mark: usize) {
        let bits = self.held.split_off(mark.min(self.held.len()));
        self.scratch.give_back(&bits);
    }

    /// Sets a bit that says that something has been left.
    pub fn raise(&mut self, flag: u32, at: u32) -> Parse<()> {
        self.compute(&[flag], Expr::int(1), at)
    }

    /// The condition that none of the bits is set.
    pub fn none_of(flags: &[u32], at: u32) -> Parse<Condition> {
        let fault = |error| Fault::new(at as usize, error);
        let mut out: Option<Condition> = None;
        for flag in flags {
            let clear = Condition::Bit(*flag).negate().map_err(fault)?;
            out = Some(match out {
                None => clear,
                Some(before) => before.and(clear).map_err(fault)?,
            });
        }
        Ok(out.unwrap_or(Condition::Const(true)))
    }

    /// Runs a part only where none of the bits is set.
    pub fn guarded<T>(
        &mut self,
        flags: &[u32],
        blocks: &[&[Statement<'a>]],
        at: u32,
        run: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<T> {
        let condition = Self::none_of(flags, at)?;
        self.region(blocks, at, |lower| {
            lower.push(Instruction::block(Opcode::If, Some(condition), 1), at)?;
            let out = run(lower)?;
            lower.push(Instruction::new(Opcode::End, &[]), at)?;
            Ok(out)
        })
    }
}

/// What is written to so many bits: a width beyond them does not matter.
pub(in crate::qasm3) fn stored(mut value: Expr, count: usize) -> Expr {
    loop {
        match value {
            Expr::Unary(Unary::Wrap { bits, .. }, of) if bits as usize >= count => value = *of,
            other => return other,
        }
    }
}

/// An expression as a condition, where conditions can say it.
pub(super) fn plain_condition(expr: &Expr) -> CoreResult<Option<Condition>> {
    as_condition(expr).transpose()
}

fn as_condition(expr: &Expr) -> Option<CoreResult<Condition>> {
    match expr {
        Expr::Bits(bits, Reading::Unsigned) if bits.len() == 1 => Some(Ok(Condition::Bit(bits[0]))),
        Expr::Number(Number::Int(value)) => Some(Ok(Condition::Const(*value != 0))),
        Expr::Unary(Unary::Not, of) => Some(as_condition(of)?.and_then(Condition::negate)),
        Expr::Unary(Unary::Wrap { signed: false, .. }, of) => truth_of(of),
        Expr::Binary(operation, left, right) => on_two(*operation, left, right),
        _ => None,
    }
}

fn on_two(operation: Binary, left: &Expr, right: &Expr) -> Option<CoreResult<Condition>> {
    let (comparison, mirrored) = match operation {
        Binary::Equal => (Comparison::Equal, Comparison::Equal),
        Binary::NotEqual => (Comparison::NotEqual, Comparison::NotEqual),
        Binary::Less => (Comparison::Less, Comparison::Greater),
        Binary::LessEqual => (Comparison::LessEqual, Comparison::GreaterEqual),
        Binary::And | Binary::Or | Binary::Xor => {
            let (left, right) = (truth_of(left)?, truth_of(right)?);
            return Some(left.and_then(|left| {
                let right = right?;
                match operation {
                    Binary::And => left.and(right),
                    Binary::Or => left.or(right),
                    _ => left.xor(right),
                }
            }));
        }
        _ => return None,
    };
    match (left, right) {
        (Expr::Bits(bits, Reading::Unsigned), Expr::Number(Number::Int(value))) => {
            Some(Condition::compare(bits.clone(), comparison, *value))
        }
        (Expr::Number(Number::Int(value)), Expr::Bits(bits, Reading::Unsigned)) => {
            Some(Condition::compare(bits.clone(), mirrored, *value))
        }
        // Of truths, what differs is their parity.
        _ if matches!(operation, Binary::NotEqual) => {
            let (left, right) = (truth_of(left)?, truth_of(right)?);
            Some(left.and_then(|left| left.xor(right?)))
        }
        _ => None,
    }
}

/// A condition of an expression that cannot be anything but 0 or 1.
fn truth_of(expr: &Expr) -> Option<CoreResult<Condition>> {
    let is_truth = match expr {
        Expr::Bits(bits, Reading::Unsigned) => bits.len() == 1,
        Expr::Number(Number::Int(value)) => matches!(value, 0 | 1),
        Expr::Unary(Unary::Not, _) => true,
        Expr::Unary(Unary::Wrap { signed: false, .. }, of) => truth_of(of).is_some(),
        Expr::Binary(operation, left, right) => match operation {
            Binary::And | Binary::Or | Binary::Xor => truth_of(left).is_some() && truth_of(right).is_some(),
            other => other.is_comparison(),
        },
        _ => false,
    };
    if is_truth { as_condition(expr) } else { None }
}
