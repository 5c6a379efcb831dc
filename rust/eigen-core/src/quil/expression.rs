//! Expressions: numbers, pi, memory, formal parameters, functions, in the usual order of operations.
use std::collections::HashMap;
use std::collections::btree_map::Entry;
use std::f64::consts::PI;

use super::lexer::{Cursor, Kind, Token};
use super::memory::Memory;
use super::meter::Meter;
use super::number::{function, power, quotient, real};
use crate::math::C64;
use crate::param::Affine;
use crate::text::{Fault, Parse, shown};

/// Expressions inside expressions.
const MAX_DEPTH: usize = 100;

/// What an expression comes to.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A number.
    Number(C64),
    /// Something that waits for parameters.
    Open(Affine),
}

impl Value {
    /// As a parameter of a gate.
    pub fn affine(self, at: usize) -> Parse<Affine> {
        match self {
            Self::Number(number) if number.im == 0.0 => Ok(Affine::number(number.re)),
            Self::Number(_) => Err(Fault::invalid(at, "a parameter is no real number")),
            Self::Open(affine) => Ok(affine),
        }
    }
}

/// Formal parameters and what they stand for.
pub(super) type Formals<'a> = HashMap<&'a str, Value>;

/// What names mean, and what may be spent on them.
pub(super) struct Scope<'s, 'a> {
    pub formals: Option<&'s Formals<'a>>,
    pub memory: &'s Memory<'a>,
    pub meter: &'s mut Meter,
    pub depth: usize,
}

impl<'a> Scope<'_, 'a> {
    /// A sum.
    pub fn value(&mut self, cursor: &mut Cursor<'a>) -> Parse<Value> {
        let at = cursor.token.at;
        self.deeper(at)?;
        let mut total = self.product(cursor)?;
        loop {
            let at = cursor.token.at;
            let sign = match cursor.token.kind {
                Kind::Mark(b'+') => 1.0,
                Kind::Mark(b'-') => -1.0,
                _ => break,
            };
            cursor.advance()?;
            let other = self.product(cursor)?;
            total = self.sum(total, other, sign, at)?;
        }
        self.depth -= 1;
        Ok(total)
    }

    fn deeper(&mut self, at: usize) -> Parse<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::limit(at, "expressions inside expressions", MAX_DEPTH, self.depth));
        }
        Ok(())
    }

    fn product(&mut self, cursor: &mut Cursor<'a>) -> Parse<Value> {
        let mut total = self.signed(cursor)?;
        loop {
            let at = cursor.token.at;
            if cursor.takes(b'*')? {
                let other = self.signed(cursor)?;
                total = self.times(total, other, at)?;
            } else if cursor.takes(b'/')? {
                let divisor = match self.signed(cursor)? {
                    Value::Number(number) if number != real(0.0) => number,
                    Value::Number(_) => return Err(invalid(at, "a division by zero")),
                    Value::Open(_) => return Err(invalid(at, "a parameter divides")),
                };
                total = match total {
                    Value::Number(number) => Value::Number(quotient(number, divisor)),
                    open => self.times(open, Value::Number(quotient(real(1.0), divisor)), at)?,
                };
            } else {
                return Ok(total);
            }
        }
    }

    fn signed(&mut self, cursor: &mut Cursor<'a>) -> Parse<Value> {
        let at = cursor.token.at;
        let mut is_negative = false;
        loop {
            match cursor.token.kind {
                Kind::Mark(b'-') => is_negative = !is_negative,
                Kind::Mark(b'+') => {}
                _ => break,
            }
            cursor.advance()?;
        }
        match self.power(cursor)? {
            value if !is_negative => Ok(value),
            Value::Number(number) => Ok(Value::Number(number * -1.0)),
            open => self.times(open, Value::Number(real(-1.0)), at),
        }
    }

    fn power(&mut self, cursor: &mut Cursor<'a>) -> Parse<Value> {
        let base = self.atom(cursor)?;
        let at = cursor.token.at;
        if !cursor.takes(b'^')? {
            return Ok(base);
        }
        self.deeper(at)?;
        let exponent = self.signed(cursor)?;
        self.depth -= 1;
        match (base, exponent) {
            (Value::Number(base), Value::Number(exponent)) => finite(power(base, exponent), at, "a power"),
            _ => Err(invalid(at, "a power of a parameter")),
        }
    }

    fn atom(&mut self, cursor: &mut Cursor<'a>) -> Parse<Value> {
        let token = cursor.advance()?;
        match token.kind {
            Kind::Integer | Kind::Real => Ok(Value::Number(real(float(token)?))),
            Kind::Imaginary => Ok(Value::Number(C64::new(0.0, float(token)?))),
            Kind::Formal => match self.formals.and_then(|formals| formals.get(token.text)) {
                Some(Value::Open(affine)) => {
                    self.meter.spend(terms(affine), token.at)?;
                    Ok(Value::Open(affine.clone()))
                }
                Some(value) => Ok(value.clone()),
                None => Err(invalid(token.at, &format!("no parameter `{}`", shown(token.text)))),
            },
            Kind::Mark(b'(') => {
                let inner = self.value(cursor)?;
                self.closed(cursor)?;
                Ok(inner)
            }
            Kind::Name => self.named(cursor, token),
            Kind::End => Err(invalid(token.at, "an end where a number should stand")),
            _ => Err(invalid(token.at, &format!("`{}`, which is no number", shown(token.text)))),
        }
    }

    fn closed(&self, cursor: &mut Cursor<'a>) -> Parse<()> {
        let at = cursor.token.at;
        if cursor.takes(b')')? { Ok(()) } else { Err(invalid(at, "a bracket that is not closed")) }
    }

    fn named(&mut self, cursor: &mut Cursor<'a>, token: Token<'a>) -> Parse<Value> {
        let name = token.text;
        if name.eq_ignore_ascii_case("pi") {
            return Ok(Value::Number(real(PI)));
        }
        if name == "i" {
            return Ok(Value::Number(C64::i()));
        }
        if let Some(function) = function(name)
            && cursor.takes(b'(')?
        {
            let inner = self.value(cursor)?;
            self.closed(cursor)?;
            return match inner {
                Value::Number(number) => finite(function(number), token.at, name),
                Value::Open(_) => {
                    let message = format!("`{name}` of an open parameter is not affine");
                    Err(Fault::unsupported(token.at, message, "bind the parameter first"))
                }
            };
        }
        let Some(size) = self.memory.reals(name) else {
            return Err(invalid(token.at, &format!("`{}`, which is no number", shown(name))));
        };
        let index = cursor.index()?.unwrap_or(0);
        if index >= size {
            let what = format!("an index beyond the `{size}` numbers of `{}`", shown(name));
            return Err(invalid(token.at, &what));
        }
        Ok(Value::Open(Affine::symbol(if size == 1 { name.to_string() } else { format!("{name}[{index}]") })))
    }

    /// `a ± b`, charged for the terms of b.
    fn sum(&mut self, a: Value, b: Value, sign: f64, at: usize) -> Parse<Value> {
        let (mut total, added) = match (a, b) {
            (Value::Number(a), Value::Number(b)) => return Ok(Value::Number(a + b * sign)),
            (Value::Open(a), b) => (a, b.affine(at)?),
            (a, Value::Open(b)) => (a.affine(at)?, b),
        };
        self.meter.spend(terms(&added), at)?;
        total.constant += sign * added.constant;
        for (name, factor) in &added.terms {
            match total.terms.entry(name.clone()) {
                Entry::Vacant(place) => {
                    place.insert(sign * factor);
                }
                Entry::Occupied(mut place) => {
                    *place.get_mut() += sign * factor;
                    if *place.get() == 0.0 {
                        place.remove();
                    }
                }
            }
        }
        Ok(Value::Open(total))
    }

    /// A product, of which only one factor may be open; charged for its terms.
    fn times(&mut self, a: Value, b: Value, at: usize) -> Parse<Value> {
        let (open, factor) = match (a, b) {
            (Value::Number(a), Value::Number(b)) => return Ok(Value::Number(a * b)),
            (Value::Open(open), Value::Number(factor)) | (Value::Number(factor), Value::Open(open)) => {
                (open, factor)
            }
            (Value::Open(_), Value::Open(_)) => {
                let message = "a product of open parameters is not affine";
                return Err(Fault::unsupported(at, message, "bind the parameters first"));
            }
        };
        if factor.im != 0.0 {
            return Err(invalid(at, "an imaginary multiple of a parameter"));
        }
        self.meter.spend(terms(&open), at)?;
        Ok(Value::Open(open.scale(factor.re)))
    }
}

/// What the terms of a parameter cost: few are little beside the text that asks for them, many are copied one by one.
fn terms(affine: &Affine) -> u64 {
    match affine.terms.len() as u64 {
        few @ 0..=8 => few,
        many => 64 * many,
    }
}

fn float(token: Token<'_>) -> Parse<f64> {
    match token.text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(Fault::invalid(token.at, "the number is larger than any float")),
    }
}

fn finite(value: C64, at: usize, what: &str) -> Parse<Value> {
    if value.is_finite() {
        return Ok(Value::Number(value));
    }
    Err(invalid(at, &format!("`{}` that is no number", shown(what))))
}

fn invalid(at: usize, what: &str) -> Box<Fault> {
    Fault::invalid(at, format!("an expression has {what}"))
}
