//! Arithmetic of parameters: evaluated at once in a statement, kept as postfix code in a gate's definition.
//!
//! `+ -` bind least, then `* /`, then a sign, then `^`, which binds to the right: `-2^2` is −4.
use super::cursor::Cursor;
use super::lexer::{Kind, Token};
use crate::limits::MAX_EXPRESSION_DEPTH;
use crate::text::{Fault, Parse, shown};

/// A function of one argument.
pub(super) type Function = fn(f64) -> f64;

/// The functions: those of the language and the inverse ones that Qiskit added.
const FUNCTIONS: [(&str, Function); 9] = [
    ("sin", libm::sin),
    ("cos", libm::cos),
    ("tan", libm::tan),
    ("exp", libm::exp),
    ("ln", libm::log),
    ("sqrt", libm::sqrt),
    ("asin", libm::asin),
    ("acos", libm::acos),
    ("atan", libm::atan),
];

/// Whether a name means something in an expression, so that no parameter can be called so.
pub(super) fn is_reserved(name: &str) -> bool {
    name == "pi" || function(name).is_some()
}

fn function(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

/// An operation of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Binary {
    pub fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Power => libm::pow(a, b),
        }
    }

    /// The operation of a token, how tightly it binds to the left and how tightly to the right.
    fn read(kind: Kind) -> Option<(Self, u8, u8)> {
        Some(match kind {
            Kind::Mark(b'+') => (Self::Add, 1, 2),
            Kind::Mark(b'-') => (Self::Subtract, 1, 2),
            Kind::Mark(b'*') => (Self::Multiply, 3, 4),
            Kind::Mark(b'/') => (Self::Divide, 3, 4),
            Kind::Mark(b'^') => (Self::Power, 7, 6),
            _ => return None,
        })
    }
}

/// How tightly a sign binds what follows it.
const SIGN: u8 = 5;

/// What an expression becomes.
pub(super) trait Meaning {
    /// A value of it.
    type Value;
    fn number(&mut self, value: f64) -> Self::Value;
    /// A formal parameter; `None` where there is none of that name.
    fn parameter(&mut self, name: &str) -> Option<Self::Value>;
    fn negative(&mut self, value: Self::Value) -> Self::Value;
    fn call(&mut self, function: Function, value: Self::Value) -> Self::Value;
    fn binary(&mut self, operation: Binary, left: Self::Value, right: Self::Value) -> Self::Value;
}

/// Numbers, evaluated at once.
pub(super) struct Now;

impl Meaning for Now {
    type Value = f64;

    fn number(&mut self, value: f64) -> f64 {
        value
    }

    fn parameter(&mut self, _name: &str) -> Option<f64> {
        None
    }

    fn negative(&mut self, value: f64) -> f64 {
        -value
    }

    fn call(&mut self, function: Function, value: f64) -> f64 {
        function(value)
    }

    fn binary(&mut self, operation: Binary, left: f64, right: f64) -> f64 {
        operation.of(left, right)
    }
}

/// Reads one expression.
pub(super) fn read<M: Meaning>(cursor: &mut Cursor<'_>, meaning: &mut M) -> Parse<M::Value> {
    binding(cursor, meaning, 0, 0)
}

/// Reads what binds at least so tightly.
fn binding<M: Meaning>(cursor: &mut Cursor<'_>, meaning: &mut M, least: u8, depth: usize) -> Parse<M::Value> {
    let token = cursor.token;
    if depth > MAX_EXPRESSION_DEPTH {
        return Err(Fault::limit(token.at, "nesting of an expression", MAX_EXPRESSION_DEPTH, depth));
    }
    cursor.advance()?;
    let mut left = match token.kind {
        Kind::Integer | Kind::Real => meaning.number(float(token)?),
        Kind::Name => named(cursor, meaning, token, depth)?,
        Kind::Mark(b'-') => {
            let value = binding(cursor, meaning, SIGN, depth + 1)?;
            meaning.negative(value)
        }
        Kind::Mark(b'+') => binding(cursor, meaning, SIGN, depth + 1)?,
        Kind::Mark(b'(') => {
            let value = binding(cursor, meaning, 0, depth + 1)?;
            cursor.mark(b')')?;
            value
        }
        _ => return Err(Fault::invalid(token.at, "a number, a parameter or a function should stand here")),
    };
    while let Some((operation, to_left, to_right)) = Binary::read(cursor.token.kind) {
        if to_left < least {
            break;
        }
        cursor.advance()?;
        let right = binding(cursor, meaning, to_right, depth + 1)?;
        left = meaning.binary(operation, left, right);
    }
    Ok(left)
}

fn named<M: Meaning>(
    cursor: &mut Cursor<'_>,
    meaning: &mut M,
    token: Token<'_>,
    depth: usize,
) -> Parse<M::Value> {
    if token.text == "pi" {
        return Ok(meaning.number(std::f64::consts::PI));
    }
    if let Some(function) = function(token.text) {
        cursor.mark(b'(')?;
        let value = binding(cursor, meaning, 0, depth + 1)?;
        cursor.mark(b')')?;
        return Ok(meaning.call(function, value));
    }
    meaning.parameter(token.text).ok_or_else(|| {
        let message = format!("`{}` is neither a parameter nor a function", shown(token.text));
        Fault::hinted(token.at, message, "there are pi, sin, cos, tan, exp, ln, sqrt, asin, acos and atan")
    })
}

fn float(token: Token<'_>) -> Parse<f64> {
    match token.text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(Fault::invalid(token.at, "the number is larger than any float")),
    }
}
