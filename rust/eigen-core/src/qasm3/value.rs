//! Values and their types: known while the program is read, or expressions over classical bits.
use crate::circuit::DurationUnit;
use crate::compute::Binary::{And, Left, Or, Right};
use crate::compute::{Expr, Number, Reading, Unary};
use crate::param::Affine;

/// A type, its width known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// A whole number as it is written, of no width yet.
    Literal,
    Bool,
    /// Bits; `None` for a single one that is no register.
    Bit(Option<usize>),
    Int(u32),
    Uint(u32),
    Angle(u32),
    Float,
    Complex,
    Duration,
    /// Elements of one type; the sizes, outermost first.
    Array(Box<Type>, Vec<usize>),
    Void,
}

/// A bit of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bit {
    Known(bool),
    /// 0 or 1.
    Live(Expr),
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    /// Of a literal, a boolean, an integer or an angle (in steps of its width).
    Int(i128),
    Float(f64),
    Complex(f64, f64),
    Time(f64, DurationUnit),
    /// Least significant first.
    Bits(Vec<Bit>),
    /// A fraction or an angle with open parameters.
    Open(Affine),
    /// Known at run time only: whole for the types of `Int`, else a fraction.
    Live(Expr),
    Array(Vec<Data>),
    Void,
}

/// A value and its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub of: Type,
    pub data: Data,
}

impl Type {
    /// How it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Literal | Self::Int(_) => "int",
            Self::Bool => "bool",
            Self::Bit(_) => "bit",
            Self::Uint(_) => "uint",
            Self::Angle(_) => "angle",
            Self::Float => "float",
            Self::Complex => "complex",
            Self::Duration => "duration",
            Self::Array(..) => "array",
            Self::Void => "nothing",
        }
    }

    /// Classical bits that hold a value of it; `None` when none can.
    pub fn bits(&self) -> Option<usize> {
        match self {
            Self::Bool | Self::Bit(None) => Some(1),
            Self::Bit(Some(size)) => Some(*size),
            Self::Int(width) | Self::Uint(width) | Self::Angle(width) => Some(*width as usize),
            Self::Literal | Self::Float => Some(64),
            Self::Array(of, sizes) => sizes.iter().try_fold(of.bits()?, |bits, size| bits.checked_mul(*size)),
            Self::Complex | Self::Duration | Self::Void => None,
        }
    }

    /// Whether its values are whole numbers.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Literal | Self::Bool | Self::Int(_) | Self::Uint(_) | Self::Angle(_))
    }

    /// A whole number brought into the range of the type.
    pub fn wrap(&self, value: i128) -> i128 {
        match self {
            Self::Bool => i128::from(value != 0),
            Self::Int(width) => (value << (128 - width)) >> (128 - width),
            Self::Uint(width) | Self::Angle(width) => value & (i128::MAX >> (127 - width)),
            _ => value,
        }
    }

    /// An expression brought into the range of the type.
    pub fn wrap_live(&self, expr: Expr) -> Expr {
        let (bits, signed) = match self {
            Self::Int(width) => (*width, true),
            Self::Literal => (64, true),
            Self::Uint(width) | Self::Angle(width) => (*width, false),
            _ => return expr,
        };
        match expr {
            // What lies beyond the width is not read, and a sign is how the rest is read.
            Expr::Bits(mut read, Reading::Unsigned | Reading::Signed) if read.len() >= bits as usize => {
                read.truncate(bits as usize);
                Expr::Bits(read, if signed { Reading::Signed } else { Reading::Unsigned })
            }
            expr if expr.fits(bits, signed) => expr,
            expr => Expr::unary(Unary::Wrap { bits, signed }, expr),
        }
    }

    /// The value that bits hold.
    pub fn read(&self, bits: &[u32]) -> Data {
        match self {
            Self::Bit(_) => Data::Bits(bits.iter().map(|bit| Bit::Live(Expr::bit(*bit))).collect()),
            Self::Array(of, _) => {
                let width = of.bits().unwrap_or(1).max(1);
                Data::Array(bits.chunks(width).map(|part| of.read(part)).collect())
            }
            Self::Float => Data::Live(Expr::Bits(bits.to_vec(), Reading::Float)),
            Self::Int(_) | Self::Literal => Data::Live(number(bits, Reading::Signed)),
            _ => Data::Live(number(bits, Reading::Unsigned)),
        }
    }

    /// The value that a variable has before any is given to it.
    pub fn zero(&self) -> Data {
        match self {
            Self::Bit(size) => Data::Bits(vec![Bit::Known(false); size.unwrap_or(1)]),
            Self::Float => Data::Float(0.0),
            Self::Complex => Data::Complex(0.0, 0.0),
            Self::Duration => Data::Time(0.0, DurationUnit::Ns),
            Self::Array(of, sizes) => Data::Array(vec![of.zero(); sizes.iter().product()]),
            Self::Void => Data::Void,
            _ => Data::Int(0),
        }
    }
}

impl Bit {
    /// The bit as an expression.
    pub fn expr(&self) -> Expr {
        match self {
            Self::Known(value) => Expr::int(i128::from(*value)),
            Self::Live(expr) => expr.clone(),
        }
    }

    /// The classical bit that it is.
    pub fn clbit(&self) -> Option<u32> {
        match self {
            Self::Live(Expr::Bits(bits, Reading::Unsigned)) if bits.len() == 1 => Some(bits[0]),
            _ => None,
        }
    }
}

impl Data {
    /// Whether nothing of it waits for the run.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Live(_) => false,
            Self::Bits(bits) => bits.iter().all(|bit| matches!(bit, Bit::Known(_))),
            Self::Array(parts) => parts.iter().all(Self::is_known),
            _ => true,
        }
    }

    /// The number that it is, if it is one that bits can hold.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Int(value) => Some(Number::Int(*value)),
            Self::Float(value) => Some(Number::Float(*value)),
            _ => None,
        }
    }

    /// A number or expression as an expression.
    pub fn expr(&self) -> Option<Expr> {
        match self {
            Self::Live(expr) => Some(expr.clone()),
            other => other.number().map(Expr::Number),
        }
    }
}

/// Up to 128 bits as one number; expressions read 64 of them at once.
fn number(bits: &[u32], reading: Reading) -> Expr {
    if bits.len() <= 64 {
        return Expr::Bits(bits.to_vec(), reading);
    }
    let (low, high) = bits.split_at(64);
    let high = Expr::binary(Left, Expr::Bits(high.to_vec(), reading), Expr::int(64));
    Expr::binary(Or, Expr::Bits(low.to_vec(), Reading::Unsigned), high)
}

/// Up to 127 bits as one unsigned number.
pub(super) fn word(bits: &[Bit]) -> Data {
    let known = bits.iter().enumerate().try_fold(0i128, |sum, (k, bit)| match bit {
        Bit::Known(value) => Some(sum | i128::from(*value) << k),
        Bit::Live(_) => None,
    });
    if let Some(known) = known {
        return Data::Int(known);
    }
    if let Some(clbits) = bits.iter().map(Bit::clbit).collect::<Option<Vec<u32>>>() {
        return Data::Live(number(&clbits, Reading::Unsigned));
    }
    if let Some(whole) = taken_from(bits) {
        return Data::Live(Type::Uint(bits.len() as u32).wrap_live(whole));
    }
    let shifted = |k: usize, bit: &Bit| match k {
        0 => bit.expr(),
        _ => Expr::binary(Left, bit.expr(), Expr::int(k as i128)),
    };
    let parts: Vec<Expr> = bits
        .iter()
        .enumerate()
        .filter(|(_, bit)| **bit != Bit::Known(false))
        .map(|(k, bit)| shifted(k, bit))
        .collect();
    Data::Live(balanced(Or, parts).unwrap_or(Expr::int(0)))
}

/// Bit `k` of a number.
pub(super) fn bit_of(whole: &Expr, k: usize) -> Bit {
    Bit::Live(Expr::binary(And, Expr::binary(Right, whole.clone(), Expr::int(k as i128)), Expr::int(1)))
}

/// The number whose lowest bits these are, where `bit_of` has taken them one by one from another.
fn taken_from(bits: &[Bit]) -> Option<Expr> {
    let (whole, first) = source_of(bits.first()?)?;
    let follows = |(k, bit): (usize, &Bit)| source_of(bit) == Some((whole, first + k as i128));
    bits.iter().enumerate().all(follows).then(|| match first {
        0 => whole.clone(),
        _ => Expr::binary(Right, whole.clone(), Expr::int(first)),
    })
}

/// The number that a bit is taken from, and its place in it.
fn source_of(bit: &Bit) -> Option<(&Expr, i128)> {
    let Bit::Live(Expr::Binary(And, moved, one)) = bit else { return None };
    let Expr::Binary(Right, whole, by) = &**moved else { return None };
    match **by {
        Expr::Number(Number::Int(place)) if **one == Expr::int(1) && (0..128).contains(&place) => {
            Some((&**whole, place))
        }
        _ => None,
    }
}

/// Parts combined by an associative operation, as flat as possible.
pub(super) fn balanced(operation: crate::compute::Binary, mut parts: Vec<Expr>) -> Option<Expr> {
    while parts.len() > 1 {
        let mut next = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(left) = rest.next() {
            next.push(match rest.next() {
                Some(right) => Expr::binary(operation, left, right),
                None => left,
            });
        }
        parts = next;
    }
    parts.pop()
}
