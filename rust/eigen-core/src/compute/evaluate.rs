//! One operation on numbers: the same while a program is read and while a circuit runs.
use super::{Binary, Unary};
use crate::error::{CoreError, CoreResult, ErrorCode};

/// A whole number or a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number modulo 2^128.
    Int(i128),
    /// A double-precision number.
    Float(f64),
}

impl Number {
    /// The lowest 64 bits as they are written: of a fraction all of them.
    pub fn word(self) -> u64 {
        match self {
            Self::Int(value) => value as u64,
            Self::Float(value) => value.to_bits(),
        }
    }
}

fn failed(message: &str) -> CoreError {
    CoreError::new(ErrorCode::ComputationFailed, message)
}

/// An operation on one number.
pub fn unary(operation: Unary, of: Number) -> CoreResult<Number> {
    use Number::{Float, Int};
    Ok(match (operation, of) {
        (Unary::Negative, Int(x)) => Int(x.wrapping_neg()),
        (Unary::Negative, Float(x)) => Float(-x),
        (Unary::Invert, Int(x)) => Int(!x),
        (Unary::Not, Int(x)) => Int(i128::from(x == 0)),
        (Unary::Wrap { bits, signed }, Int(x)) => Int(wrap(x, bits, signed)),
        (Unary::ToFloat, Int(x)) => Float(x as f64),
        (Unary::Popcount, Int(x)) => Int(i128::from(x.count_ones())),
        (Unary::ToInt, Float(x)) if x.abs() < 85_070_591_730_234_615_865_843_651_857_942_052_864.0 => {
            Int(x as i128)
        }
        (Unary::ToInt, Float(_)) => {
            return Err(failed("a fraction is too large for a whole number, or no number"));
        }
        (operation, Float(x)) => Float(function(operation, x)?),
        (_, Int(_)) => return Err(failed("an operation on fractions got a whole number")),
    })
}

fn function(operation: Unary, x: f64) -> CoreResult<f64> {
    Ok(match operation {
        Unary::Sqrt => x.sqrt(),
        Unary::Exp => libm::exp(x),
        Unary::Log => libm::log(x),
        Unary::Sin => libm::sin(x),
        Unary::Cos => libm::cos(x),
        Unary::Tan => libm::tan(x),
        Unary::Arcsin => libm::asin(x),
        Unary::Arccos => libm::acos(x),
        Unary::Arctan => libm::atan(x),
        Unary::Floor => x.floor(),
        Unary::Ceiling => x.ceil(),
        _ => return Err(failed("an operation on whole numbers got a fraction")),
    })
}

fn wrap(value: i128, bits: u32, signed: bool) -> i128 {
    let shift = 128 - bits.clamp(1, 128);
    if signed { value << shift >> shift } else { ((value as u128) << shift >> shift) as i128 }
}

/// An operation on two numbers of one kind.
pub fn binary(operation: Binary, left: Number, right: Number) -> CoreResult<Number> {
    match (left, right) {
        (Number::Int(x), Number::Int(y)) => whole(operation, x, y).map(Number::Int),
        (Number::Float(x), Number::Float(y)) => fraction(operation, x, y),
        _ => Err(failed("an operation got a whole number and a fraction")),
    }
}

fn whole(operation: Binary, x: i128, y: i128) -> CoreResult<i128> {
    let distance = || {
        u32::try_from(y)
            .map(|distance| distance.min(127))
            .map_err(|_| failed("a shift by a negative or very large number"))
    };
    Ok(match operation {
        Binary::Add => x.wrapping_add(y),
        Binary::Subtract => x.wrapping_sub(y),
        Binary::Multiply => x.wrapping_mul(y),
        Binary::Divide | Binary::Remainder if y == 0 => return Err(failed("a division by zero")),
        Binary::Divide => x.wrapping_div(y),
        Binary::Remainder => x.wrapping_rem(y),
        Binary::Power => match u32::try_from(y) {
            Ok(exponent) => x.wrapping_pow(exponent),
            Err(_) => return Err(failed("a whole number to a negative or very large power")),
        },
        Binary::And => x & y,
        Binary::Or => x | y,
        Binary::Xor => x ^ y,
        Binary::Left if y >= 128 => 0,
        Binary::Left => x.wrapping_shl(distance()?),
        Binary::Right => x >> distance()?,
        Binary::Equal => i128::from(x == y),
        Binary::NotEqual => i128::from(x != y),
        Binary::Less => i128::from(x < y),
        Binary::LessEqual => i128::from(x <= y),
    })
}

fn fraction(operation: Binary, x: f64, y: f64) -> CoreResult<Number> {
    let truth = |holds: bool| Number::Int(i128::from(holds));
    Ok(match operation {
        Binary::Add => Number::Float(x + y),
        Binary::Subtract => Number::Float(x - y),
        Binary::Multiply => Number::Float(x * y),
        Binary::Divide | Binary::Remainder if y == 0.0 => return Err(failed("a division by zero")),
        Binary::Divide => Number::Float(x / y),
        Binary::Remainder => Number::Float(libm::fmod(x, y)),
        Binary::Power => Number::Float(libm::pow(x, y)),
        Binary::Equal => truth(x == y),
        Binary::NotEqual => truth(x != y),
        Binary::Less => truth(x < y),
        Binary::LessEqual => truth(x <= y),
        _ => return Err(failed("bits of a fraction")),
    })
}
