//! Classical computation at run time: expressions over the classical bits of a circuit, which `COMPUTE` writes to bits.
//!
//! Whole numbers are computed modulo 2^128 and brought to a width by `Wrap`; fractions are f64, their transcendental
//! functions the core's own. A value is read from bits and written to bits, least significant first.
mod evaluate;
mod range;
#[cfg(test)]
mod tests;

pub use evaluate::{Number, binary, unary};

use crate::error::{CoreError, CoreResult, ErrorCode};

/// Depth of an expression.
pub const MAX_DEPTH: usize = 64;
/// Nodes of an expression, each bit that is read counted.
pub const MAX_NODES: usize = 4_096;

/// What bits stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// An unsigned number of at most 64 bits.
    Unsigned,
    /// A number in two's complement of at most 64 bits.
    Signed,
    /// The 64 bits of a double-precision number.
    Float,
}

/// Operations on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// `−x`
    Negative,
    /// `~x`, on whole numbers.
    Invert,
    /// 1 for 0 and 0 for everything else.
    Not,
    /// Modulo 2^bits, in two's complement when signed.
    Wrap {
        /// 1 to 127, or to 128 when signed.
        bits: u32,
        /// Whether the highest bit is a sign.
        signed: bool,
    },
    /// The nearest f64.
    ToFloat,
    /// Towards zero; fails beyond ±2^126.
    ToInt,
    /// Number of ones of a number that is not negative.
    Popcount,
    /// `√x`
    Sqrt,
    /// `eˣ`
    Exp,
    /// The natural logarithm.
    Log,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Inverse sine.
    Arcsin,
    /// Inverse cosine.
    Arccos,
    /// Inverse tangent.
    Arctan,
    /// The next whole number below, as f64.
    Floor,
    /// The next whole number above, as f64.
    Ceiling,
}

/// Operations on two values of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `x + y`
    Add,
    /// `x − y`
    Subtract,
    /// `x · y`
    Multiply,
    /// `x / y`; whole numbers towards zero.
    Divide,
    /// The remainder of that division, with the sign of `x`.
    Remainder,
    /// `x^y`; the exponent of a whole number is not negative.
    Power,
    /// Both bits, on whole numbers.
    And,
    /// Either bit.
    Or,
    /// Exactly one of the bits.
    Xor,
    /// `x · 2^y`
    Left,
    /// `⌊x / 2^y⌋`
    Right,
    /// 1 or 0, and so are the other comparisons.
    Equal,
    /// `x ≠ y`
    NotEqual,
    /// `x < y`
    Less,
    /// `x ≤ y`
    LessEqual,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(Number),
    /// Classical bits, least significant first.
    Bits(Vec<u32>, Reading),
    /// An operation on one value.
    Unary(Unary, Box<Expr>),
    /// An operation on two values.
    Binary(Binary, Box<Expr>, Box<Expr>),
}

impl Unary {
    /// All of them that have no width, with their names.
    pub const NAMES: [(Self, &'static str); 17] = [
        (Self::Negative, "neg"),
        (Self::Invert, "invert"),
        (Self::Not, "not"),
        (Self::ToFloat, "float"),
        (Self::ToInt, "int"),
        (Self::Popcount, "popcount"),
        (Self::Sqrt, "sqrt"),
        (Self::Exp, "exp"),
        (Self::Log, "log"),
        (Self::Sin, "sin"),
        (Self::Cos, "cos"),
        (Self::Tan, "tan"),
        (Self::Arcsin, "arcsin"),
        (Self::Arccos, "arccos"),
        (Self::Arctan, "arctan"),
        (Self::Floor, "floor"),
        (Self::Ceiling, "ceiling"),
    ];

    /// Whether it takes a fraction (else a whole number); `None` when it takes either.
    fn takes_float(self) -> Option<bool> {
        match self {
            Self::Negative => None,
            Self::Invert | Self::Not | Self::Wrap { .. } | Self::ToFloat | Self::Popcount => Some(false),
            _ => Some(true),
        }
    }
}

impl Binary {
    /// All of them with their names.
    pub const NAMES: [(Self, &'static str); 15] = [
        (Self::Add, "+"),
        (Self::Subtract, "-"),
        (Self::Multiply, "*"),
        (Self::Divide, "/"),
        (Self::Remainder, "%"),
        (Self::Power, "**"),
        (Self::And, "&"),
        (Self::Or, "|"),
        (Self::Xor, "^"),
        (Self::Left, "<<"),
        (Self::Right, ">>"),
        (Self::Equal, "=="),
        (Self::NotEqual, "!="),
        (Self::Less, "<"),
        (Self::LessEqual, "<="),
    ];

    /// Whether the result is 0 or 1.
    pub fn is_comparison(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual | Self::Less | Self::LessEqual)
    }

    fn is_bitwise(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Xor | Self::Left | Self::Right)
    }
}

impl Expr {
    /// A whole number.
    pub fn int(value: i128) -> Self {
        Self::Number(Number::Int(value))
    }

    /// One classical bit as 0 or 1.
    pub fn bit(index: u32) -> Self {
        Self::Bits(vec![index], Reading::Unsigned)
    }

    /// An operation on one value.
    pub fn unary(operation: Unary, of: Self) -> Self {
        Self::Unary(operation, Box::new(of))
    }

    /// An operation on two values.
    pub fn binary(operation: Binary, left: Self, right: Self) -> Self {
        Self::Binary(operation, Box::new(left), Box::new(right))
    }

    /// Whether the value is a fraction; fails when kinds do not fit together or a limit is exceeded.
    pub fn check(&self) -> CoreResult<bool> {
        let (depth, nodes) = self.size(0);
        if depth > MAX_DEPTH {
            return Err(CoreError::limit("depth of a classical expression", MAX_DEPTH, depth));
        }
        if nodes > MAX_NODES {
            return Err(CoreError::limit("size of a classical expression", MAX_NODES, nodes));
        }
        self.kind()
    }

    /// Whether the value is a fraction, of an expression whose kinds fit together.
    pub fn is_fraction(&self) -> bool {
        self.kind().unwrap_or(false)
    }

    /// Number of nodes, each bit that is read counted.
    pub fn nodes(&self) -> usize {
        self.size(0).1
    }

    /// Depth and nodes; nothing below the deepest level allowed is looked at.
    fn size(&self, level: usize) -> (usize, usize) {
        if level > MAX_DEPTH {
            return (level, 0);
        }
        match self {
            Self::Number(_) => (1, 1),
            Self::Bits(bits, _) => (1, bits.len()),
            Self::Unary(_, of) => {
                let (depth, nodes) = of.size(level + 1);
                (depth + 1, nodes + 1)
            }
            Self::Binary(_, left, right) => {
                let (left, right) = (left.size(level + 1), right.size(level + 1));
                (left.0.max(right.0) + 1, left.1 + right.1 + 1)
            }
        }
    }

    fn kind(&self) -> CoreResult<bool> {
        let wrong = |what: &str| CoreError::new(ErrorCode::ConditionInvalid, what.to_string());
        match self {
            Self::Number(number) => Ok(matches!(number, Number::Float(_))),
            Self::Bits(bits, reading) => {
                let is_float = *reading == Reading::Float;
                if bits.is_empty() || bits.len() > 64 || is_float && bits.len() != 64 {
                    let message = format!(
                        "a value is read from 1 to 64 bits, a fraction from 64, not from `{}`",
                        bits.len()
                    );
                    return Err(wrong(&message));
                }
                Ok(is_float)
            }
            Self::Unary(operation, of) => {
                let is_float = of.kind()?;
                if operation.takes_float().is_some_and(|wanted| wanted != is_float) {
                    return Err(wrong(
                        "an operation on whole numbers got a fraction, or the other way round",
                    ));
                }
                if let Unary::Wrap { bits, signed } = operation
                    && !(1..=127 + u32::from(*signed)).contains(bits)
                {
                    return Err(wrong(&format!("a width is 1 to 127 bits, 128 with a sign, not `{bits}`")));
                }
                Ok(match operation {
                    Unary::Negative => is_float,
                    Unary::ToFloat => true,
                    other => other.takes_float() == Some(true) && *other != Unary::ToInt,
                })
            }
            Self::Binary(operation, left, right) => {
                let (left, right) = (left.kind()?, right.kind()?);
                if left != right || left && operation.is_bitwise() {
                    return Err(wrong(
                        "an operation on two values got a whole number and a fraction, or bits of a fraction",
                    ));
                }
                Ok(left && !operation.is_comparison())
            }
        }
    }

    /// The value when bit `k` has the value `bit(k)`. Fails for a division by zero and the like.
    pub fn value(&self, bit: &impl Fn(u32) -> bool) -> CoreResult<Number> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Bits(bits, reading) => {
                let word =
                    bits.iter().enumerate().fold(0u64, |sum, (k, index)| sum | u64::from(bit(*index)) << k);
                Ok(match reading {
                    Reading::Unsigned => Number::Int(i128::from(word)),
                    Reading::Signed => {
                        let shift = 64 - bits.len() as u32;
                        Number::Int(i128::from((word << shift).cast_signed() >> shift))
                    }
                    Reading::Float => Number::Float(f64::from_bits(word)),
                })
            }
            Self::Unary(operation, of) => unary(*operation, of.value(bit)?),
            Self::Binary(operation, left, right) => binary(*operation, left.value(bit)?, right.value(bit)?),
        }
    }

    /// The bits that are read, ascending, each once.
    pub fn clbits(&self) -> Vec<u32> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn collect(&self, found: &mut Vec<u32>) {
        match self {
            Self::Number(_) => {}
            Self::Bits(bits, _) => found.extend(bits),
            Self::Unary(_, of) => of.collect(found),
            Self::Binary(_, left, right) => {
                left.collect(found);
                right.collect(found);
            }
        }
    }

    /// The same expression on other bits.
    pub fn map_bits(&self, map: &impl Fn(u32) -> u32) -> Self {
        match self {
            Self::Number(number) => Self::Number(*number),
            Self::Bits(bits, reading) => Self::Bits(bits.iter().map(|bit| map(*bit)).collect(), *reading),
            Self::Unary(operation, of) => Self::unary(*operation, of.map_bits(map)),
            Self::Binary(operation, left, right) => {
                Self::binary(*operation, left.map_bits(map), right.map_bits(map))
            }
        }
    }
}
