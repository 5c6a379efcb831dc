//! `if` and `switch`.
use super::Lower;
use super::arithmetic::binary;
use super::live::{Flow, Truth};
use crate::circuit::Instruction;
use crate::compute::Expr as Code;
use crate::gate::Opcode;
use crate::qasm3::tree::{BinaryOp, Block, Expr, Statement};
use crate::qasm3::value::{Data, Type, Value};
use crate::text::{Fault, Parse};

impl<'a> Lower<'a> {
    /// `if (condition) … else …`
    pub fn branch(
        &mut self,
        condition: &Expr<'a>,
        then: &[Statement<'a>],
        otherwise: &[Statement<'a>],
        at: u32,
    ) -> Parse<Flow> {
        let value = self.evaluate(condition)?;
        self.decide(value, at, (&[then, otherwise], !otherwise.is_empty()), &mut |lower, is_true| {
            lower.block(if is_true { then } else { otherwise })
        })
    }

    /// One of two parts, now or at run time; the blocks say what either may change.
    fn decide(
        &mut self,
        condition: Value,
        at: u32,
        (blocks, has_other): (&[&[Statement<'a>]], bool),
        run: &mut dyn FnMut(&mut Self, bool) -> Parse<Flow>,
    ) -> Parse<Flow> {
        let condition = match self.truth(condition, at)? {
            Truth::Known(is_true) => return run(self, is_true),
            Truth::Live(condition) => condition,
        };
        if self.in_gate > 0 {
            return Err(Fault::invalid(at as usize, "a gate cannot depend on what is measured"));
        }
        self.region(blocks, at, |lower| {
            lower.push(Instruction::block(Opcode::If, Some(condition), 1), at)?;
            let first = run(lower, true)?;
            let second = if has_other {
                lower.push(Instruction::new(Opcode::Else, &[]), at)?;
                run(lower, false)?
            } else {
                Flow::Next
            };
            lower.push(Instruction::new(Opcode::End, &[]), at)?;
            lower.joined(&first, &second, at)
        })
    }

    /// How the program goes on behind two parts of which one is run.
    fn joined(&mut self, first: &Flow, second: &Flow, at: u32) -> Parse<Flow> {
        if *first == Flow::Next && *second == Flow::Next {
            return Ok(Flow::Next);
        }
        let mut flags = self.flags_of(first, at)?;
        for flag in self.flags_of(second, at)? {
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        Ok(Flow::Maybe(flags))
    }

    /// `switch (value) { case … default … }`; the first case that fits is run, and only it.
    pub fn switch(
        &mut self,
        on: &Expr<'a>,
        cases: &[(Vec<Expr<'a>>, Block<'a>)],
        otherwise: Option<&[Statement<'a>]>,
        at: u32,
    ) -> Parse<Flow> {
        let mut value = self.evaluate(on)?;
        if let Data::Live(code) = &value.data
            && !matches!(code, Code::Bits(..))
        {
            let bits = self.room(&value.of, at)?;
            self.store(&bits, &value.data, &value.of, at)?;
            self.held.extend(bits.iter());
            value = Value { data: value.of.read(&bits), of: value.of };
        }
        self.case(&value, cases, otherwise, at)
    }

    fn case(
        &mut self,
        on: &Value,
        cases: &[(Vec<Expr<'a>>, Block<'a>)],
        otherwise: Option<&[Statement<'a>]>,
        at: u32,
    ) -> Parse<Flow> {
        let Some(((values, body), rest)) = cases.split_first() else {
            return match otherwise {
                Some(body) => self.block(body),
                None => Ok(Flow::Next),
            };
        };
        let mut fits = Value { of: Type::Bool, data: Data::Int(0) };
        for value in values {
            let wanted = self.evaluate(value)?;
            if !wanted.data.is_known() {
                return Err(Fault::invalid(value.at as usize, "a case is a constant"));
            }
            let equal = binary(BinaryOp::Equal, on.clone(), wanted, value.at)?;
            fits = binary(BinaryOp::Either, fits, equal, value.at)?;
        }
        let mut blocks: Vec<&[Statement<'a>]> = vec![body];
        blocks.extend(rest.iter().map(|(_, body)| body.as_slice()));
        blocks.extend(otherwise);
        let has_other = !rest.is_empty() || otherwise.is_some();
        self.deeper(at, |lower| {
            lower.decide(fits, at, (&blocks, has_other), &mut |lower, is_true| {
                if is_true { lower.block(body) } else { lower.case(on, rest, otherwise, at) }
            })
        })
    }
}
