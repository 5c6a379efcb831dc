//! `COMPUTE` as assignments: a number to its variable, or its bits to bits.
use super::Text;
use super::expression::Said;
use super::layout::Kind;
use super::unsupported;
use crate::circuit::Operation;
use crate::compute::{Expr, Number, Reading};
use crate::error::CoreResult;
use crate::qasm3::lower::live::stored;
use crate::qasm3::value::Type;

impl Text<'_> {
    /// `place = value;`
    pub(super) fn computation(&mut self, op: &Operation<'_>) -> CoreResult<String> {
        let to = op.clbits();
        let Some(value) = op.computed() else { return Err(unsupported("a COMPUTE without a value")) };
        let value = stored(folded(value)?, to.len());
        let variable = self.clbits.variable(to).map(|variable| variable.kind);
        let said = match variable {
            Some(Kind::Float) => self.said(&value)?,
            Some(kind) => {
                let size = to.len() as u32;
                self.number(&value, &if kind == Kind::Int { Type::Int(size) } else { Type::Uint(size) })?
            }
            None => self.bits_of(&value, to.len())?,
        };
        if said.nesting + 3 * self.depth > MOST_NESTING {
            let message = "an expression is nested deeper than programs of OpenQASM 3 are read here";
            return Err(unsupported(message));
        }
        let place = self.bits(to);
        Ok(format!("{place} = {};", said.text))
    }

    /// A whole number that is assigned to a variable, which takes as many bits of it as it has.
    fn number(&mut self, value: &Expr, to: &Type) -> CoreResult<Said> {
        if let Some(said) = self.plainly(value)?
            && said.gives(value, to)
        {
            return Ok(said);
        }
        self.said(value)
    }

    /// A whole number as so many bits.
    fn bits_of(&mut self, value: &Expr, count: usize) -> CoreResult<Said> {
        let width = count as u32;
        match value {
            Expr::Number(Number::Int(number)) => {
                let digit = |k: usize| if number >> k.min(127) & 1 == 1 { '1' } else { '0' };
                let digits: String = (0..count).rev().map(digit).collect();
                return Ok(Said::atom(if count == 1 { digits } else { format!("\"{digits}\"") }));
            }
            Expr::Bits(bits, Reading::Unsigned)
                if bits.len() == count && self.clbits.variable(bits).is_none() =>
            {
                return Ok(Said::atom(self.bits(bits)));
            }
            _ => {}
        }
        let said = self.number(value, &Type::Uint(width))?;
        let to = Type::Bit(if count == 1 { None } else { Some(count) });
        let said = match &said.value.of {
            Type::Bool | Type::Bit(None) if count == 1 => return Ok(said),
            Type::Uint(own) | Type::Int(own) if *own == width => Some(said),
            _ => said.cast(&Type::Uint(width)),
        };
        said.and_then(|said| said.cast(&to)).ok_or_else(|| unsupported("bits of this number"))
    }
}

/// Nesting of an expression that the reader takes.
const MOST_NESTING: usize = 110;

/// An expression with what does not depend on bits computed. Fails where that has no value.
fn folded(expr: &Expr) -> CoreResult<Expr> {
    let inner = match expr {
        Expr::Number(_) | Expr::Bits(..) => return Ok(expr.clone()),
        Expr::Unary(operation, of) => Expr::unary(*operation, folded(of)?),
        Expr::Binary(operation, left, right) => Expr::binary(*operation, folded(left)?, folded(right)?),
    };
    let is_known = match &inner {
        Expr::Unary(_, of) => matches!(**of, Expr::Number(_)),
        Expr::Binary(_, left, right) => matches!((&**left, &**right), (Expr::Number(_), Expr::Number(_))),
        _ => false,
    };
    if !is_known {
        return Ok(inner);
    }
    let value = inner.value(&|_| false).map_err(|error| {
        unsupported(format!("a value that never is one ({}), which OpenQASM 3 cannot say", error.message))
    })?;
    Ok(Expr::Number(value))
}
