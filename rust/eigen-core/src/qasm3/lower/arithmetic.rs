//! Operators on values, known or not.
use std::f64::consts::TAU;

use super::convert::{MAX_WIDTH, affine, convert, fraction, split};
use crate::circuit::DurationUnit;
use crate::compute::{self, Binary, Expr, Unary};
use crate::error::ErrorCode;
use crate::math::C64;
use crate::qasm3::tree::{BinaryOp, UnaryOp};
use crate::qasm3::value::{Bit, Data, Type, Value, balanced, word};
use crate::text::{Fault, Parse};

fn misfit(at: u32, left: &Value, right: &Value) -> Box<Fault> {
    let message = format!("no such operation on `{}` and `{}`", left.of.name(), right.of.name());
    Fault::invalid(at as usize, message)
}

/// An operation of numbers: done now when both are known.
pub(super) fn combine(operation: Binary, left: &Data, right: &Data, at: u32) -> Parse<Data> {
    if let (Some(x), Some(y)) = (left.number(), right.number()) {
        let out = compute::binary(operation, x, y).map_err(|error| refused(at, error))?;
        return Ok(of_number(out));
    }
    match (left.expr(), right.expr()) {
        (Some(x), Some(y)) => Ok(Data::Live(Expr::binary(operation, x, y))),
        _ => Err(Fault::invalid(at as usize, "no such operation on these values")),
    }
}

/// An operation on one number: done now when it is known.
pub(super) fn change(operation: Unary, of: &Data, at: u32) -> Parse<Data> {
    if let Some(x) = of.number() {
        return compute::unary(operation, x).map(of_number).map_err(|error| refused(at, error));
    }
    match of.expr() {
        Some(x) => Ok(Data::Live(Expr::unary(operation, x))),
        None => Err(Fault::invalid(at as usize, "no such operation on this value")),
    }
}

/// What has no value is an error of the text when it is known while it is read.
fn refused(at: u32, error: crate::error::CoreError) -> Box<Fault> {
    let code = if error.code == ErrorCode::ComputationFailed { ErrorCode::FormatInvalid } else { error.code };
    Fault::new(at as usize, crate::error::CoreError { code, ..error })
}

fn of_number(number: compute::Number) -> Data {
    match number {
        compute::Number::Int(value) => Data::Int(value),
        compute::Number::Float(value) => Data::Float(value),
    }
}

fn wrapped(of: Type, data: Data) -> Value {
    let data = match data {
        Data::Int(value) => Data::Int(of.wrap(value)),
        Data::Live(expr) => Data::Live(of.wrap_live(expr)),
        other => other,
    };
    Value { of, data }
}

/// `operator value`
pub(in crate::qasm3) fn unary(operation: UnaryOp, value: Value, at: u32) -> Parse<Value> {
    match (operation, &value.data) {
        (UnaryOp::Not, _) => {
            let truth = convert(value, &Type::Bool, at)?;
            Ok(Value { of: Type::Bool, data: change(Unary::Not, &truth.data, at)? })
        }
        (UnaryOp::Invert, Data::Bits(bits)) => {
            let inverted = bits.iter().map(|bit| match bit {
                Bit::Known(value) => Bit::Known(!value),
                Bit::Live(expr) => Bit::Live(Expr::unary(Unary::Not, expr.clone())),
            });
            let data = Data::Bits(inverted.collect());
            Ok(Value { of: value.of, data })
        }
        (UnaryOp::Invert, _) if value.of.is_whole() && value.of != Type::Bool => {
            let data = change(Unary::Invert, &value.data, at)?;
            Ok(wrapped(value.of, data))
        }
        (UnaryOp::Negative, Data::Open(affine)) => {
            Ok(Value { data: Data::Open(affine.scale(-1.0)), of: value.of })
        }
        (UnaryOp::Negative, Data::Complex(re, im)) => {
            Ok(Value { data: Data::Complex(-re, -im), of: value.of })
        }
        (UnaryOp::Negative, Data::Time(time, unit)) => {
            Ok(Value { data: Data::Time(-time, *unit), of: value.of })
        }
        (UnaryOp::Negative, Data::Bits(bits)) if bits.len() <= 64 => {
            let of = Type::Int(64);
            let data = change(Unary::Negative, &word(bits), at)?;
            Ok(wrapped(of, data))
        }
        (UnaryOp::Negative, Data::Int(_) | Data::Float(_) | Data::Live(_)) => {
            let data = change(Unary::Negative, &value.data, at)?;
            let of = if value.of == Type::Bool { Type::Int(64) } else { value.of };
            Ok(wrapped(of, data))
        }
        _ => Err(Fault::invalid(at as usize, format!("no such operation on `{}`", value.of.name()))),
    }
}

/// `left operator right`
pub(in crate::qasm3) fn binary(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    use BinaryOp as Op;
    if matches!(operation, Op::Both | Op::Either) {
        let left = convert(left, &Type::Bool, at)?;
        let right = convert(right, &Type::Bool, at)?;
        return logical(operation, &left.data, &right.data, at);
    }
    match (&left.of, &right.of) {
        (Type::Complex, _) | (_, Type::Complex) => complex(operation, left, right, at),
        (Type::Duration, _) | (_, Type::Duration) => duration(operation, left, right, at),
        (Type::Array(..) | Type::Void, _) | (_, Type::Array(..) | Type::Void) => {
            Err(misfit(at, &left, &right))
        }
        (Type::Bit(_), _) | (_, Type::Bit(_)) => on_bits(operation, left, right, at),
        (Type::Angle(_), _) | (_, Type::Angle(_)) => on_angles(operation, left, right, at),
        (Type::Float, _) | (_, Type::Float) => on_fractions(operation, left, right, at),
        _ => on_whole(operation, left, right, at),
    }
}

fn logical(operation: BinaryOp, left: &Data, right: &Data, at: u32) -> Parse<Value> {
    let is_and = operation == BinaryOp::Both;
    // One side that is known decides, or does not matter.
    let data = match (left, right) {
        (Data::Int(known), other) | (other, Data::Int(known)) => match (is_and, *known != 0) {
            (true, true) | (false, false) => other.clone(),
            (_, decided) => Data::Int(i128::from(decided)),
        },
        _ => combine(if is_and { Binary::And } else { Binary::Or }, left, right, at)?,
    };
    Ok(Value { of: Type::Bool, data })
}

/// Operator and whether the sides change places.
fn machine(operation: BinaryOp) -> (Binary, bool) {
    use BinaryOp as Op;
    match operation {
        Op::Add => (Binary::Add, false),
        Op::Subtract => (Binary::Subtract, false),
        Op::Multiply => (Binary::Multiply, false),
        Op::Divide => (Binary::Divide, false),
        Op::Remainder => (Binary::Remainder, false),
        Op::Power => (Binary::Power, false),
        Op::And | Op::Both => (Binary::And, false),
        Op::Or | Op::Either => (Binary::Or, false),
        Op::Xor => (Binary::Xor, false),
        Op::Left => (Binary::Left, false),
        Op::Right => (Binary::Right, false),
        Op::Equal => (Binary::Equal, false),
        Op::NotEqual => (Binary::NotEqual, false),
        Op::Less => (Binary::Less, false),
        Op::LessEqual => (Binary::LessEqual, false),
        Op::Greater => (Binary::Less, true),
        Op::GreaterEqual => (Binary::LessEqual, true),
    }
}

fn compute_whole(operation: BinaryOp, of: Type, left: &Data, right: &Data, at: u32) -> Parse<Value> {
    let (operation, is_swapped) = machine(operation);
    let (left, right) = if is_swapped { (right, left) } else { (left, right) };
    let data = combine(operation, left, right, at)?;
    Ok(if operation.is_comparison() { Value { of: Type::Bool, data } } else { wrapped(of, data) })
}

/// The type of an operation on whole numbers, as in C: a literal is a number of 64 bits, or of as many as it meets.
fn common(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Bool, Type::Bool) => Type::Bool,
        (Type::Literal, Type::Literal) => Type::Literal,
        (Type::Literal, Type::Uint(width)) | (Type::Uint(width), Type::Literal) if *width >= 64 => {
            Type::Uint(*width)
        }
        (Type::Literal, Type::Int(width)) | (Type::Int(width), Type::Literal) if *width > 64 => {
            Type::Int(*width)
        }
        (Type::Literal, _) | (_, Type::Literal) => Type::Int(64),
        (Type::Bool, other) | (other, Type::Bool) => other.clone(),
        (Type::Uint(a), Type::Uint(b)) => Type::Uint(*a.max(b)),
        (Type::Int(a), Type::Int(b)) => Type::Int(*a.max(b)),
        (Type::Int(signed), Type::Uint(unsigned)) | (Type::Uint(unsigned), Type::Int(signed)) => {
            if unsigned >= signed { Type::Uint(*unsigned) } else { Type::Int(*signed) }
        }
        _ => Type::Int(64),
    }
}

fn on_whole(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    use BinaryOp as Op;
    let of = match operation {
        Op::Left | Op::Right => left.of.clone(),
        // Bits keep their number under a mask.
        Op::And | Op::Or | Op::Xor if left.of == Type::Literal => right.of.clone(),
        Op::And | Op::Or | Op::Xor if right.of == Type::Literal => left.of.clone(),
        _ => common(&left.of, &right.of),
    };
    let of = match (&of, operation) {
        (Type::Bool, Op::And | Op::Or | Op::Xor | Op::Equal | Op::NotEqual) => Type::Bool,
        (Type::Bool, _) => Type::Int(64),
        _ => of,
    };
    if let (Type::Literal, Data::Int(x), Data::Int(y)) = (&of, &left.data, &right.data) {
        let is_exact = *y != 0 && x % y == 0;
        let is_root = operation == Op::Power && *y < 0;
        if operation == Op::Divide && !is_exact && *y != 0 || is_root {
            return on_fractions(operation, left, right, at);
        }
        let magnitude = |x: i128| 128 - x.unsigned_abs().leading_zeros();
        let bits = match operation {
            Op::Multiply => magnitude(*x) + magnitude(*y),
            Op::Power if x.unsigned_abs() > 1 => {
                let power = u32::try_from(*y).ok().and_then(|y| x.checked_pow(y));
                power.map_or(u32::MAX, magnitude)
            }
            Op::Left => u32::try_from(*y).unwrap_or(u32::MAX).saturating_add(magnitude(*x)),
            Op::Add | Op::Subtract => magnitude(*x).max(magnitude(*y)) + 1,
            _ => 0,
        };
        if bits > 126 && *x != 0 {
            return Err(Fault::limit(at as usize, "bits of a whole number", 126, bits as usize));
        }
    }
    if operation == Op::Power && matches!(&right.data, Data::Int(y) if *y < 0) {
        return on_fractions(operation, left, right, at);
    }
    // Of two types one is converted to the other before anything depends on its sign; a literal has no width.
    let (mut x, mut y) = (left.data, right.data);
    let has_literal = left.of == Type::Literal || right.of == Type::Literal;
    if !has_literal
        && (machine(operation).0.is_comparison() || matches!(operation, Op::Divide | Op::Remainder))
    {
        x = wrapped(of.clone(), x).data;
        y = wrapped(of.clone(), y).data;
    }
    compute_whole(operation, of, &x, &y, at)
}

fn on_fractions(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    let (Some(x), Some(y)) = (fraction(&left), fraction(&right)) else {
        return Err(misfit(at, &left, &right));
    };
    if matches!(x, Data::Open(_)) || matches!(y, Data::Open(_)) {
        return open(operation, &x, &y, at);
    }
    let (operation, is_swapped) = machine(operation);
    let (x, y) = if is_swapped { (y, x) } else { (x, y) };
    let data = combine(operation, &x, &y, at)?;
    let of = if operation.is_comparison() { Type::Bool } else { Type::Float };
    if matches!(data, Data::Float(value) if !value.is_finite()) {
        return Err(Fault::invalid(at as usize, "a number is beyond the range of double precision"));
    }
    Ok(Value { of, data })
}

/// Sums and multiples of parameters that are open.
fn open(operation: BinaryOp, left: &Data, right: &Data, at: u32) -> Parse<Value> {
    let (Some(x), Some(y)) = (affine(left), affine(right)) else {
        let message = "an `input` without a value and a value known at run time only cannot be combined";
        return Err(Fault::unsupported(
            at as usize,
            message,
            "give the input a value when the program is loaded",
        ));
    };
    let out = match operation {
        BinaryOp::Add => x.add_scaled(&y, 1.0),
        BinaryOp::Subtract => x.add_scaled(&y, -1.0),
        BinaryOp::Multiply if y.is_constant() => x.scale(y.constant),
        BinaryOp::Multiply if x.is_constant() => y.scale(x.constant),
        BinaryOp::Divide if y.is_constant() && y.constant != 0.0 => x.scale(1.0 / y.constant),
        _ => {
            let message = "an `input` without a value can be added to and multiplied by numbers only";
            return Err(Fault::unsupported(
                at as usize,
                message,
                "give the input a value when the program is loaded",
            ));
        }
    };
    let data = if out.is_constant() { Data::Float(out.constant) } else { Data::Open(out) };
    Ok(Value { of: Type::Float, data })
}

fn on_angles(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    use BinaryOp as Op;
    let width = |of: &Type| if let Type::Angle(width) = of { Some(*width) } else { None };
    let has_open = matches!(left.data, Data::Open(_)) || matches!(right.data, Data::Open(_));
    match (width(&left.of), width(&right.of), operation) {
        _ if has_open => on_fractions(operation, left, right, at),
        (Some(a), Some(b), _) => {
            let of = Type::Angle(a.max(b));
            let (x, y) = (convert(left, &of, at)?, convert(right, &of, at)?);
            let result = if operation == Op::Divide { Type::Uint(a.max(b)) } else { of };
            compute_whole(operation, result, &x.data, &y.data, at)
        }
        (Some(_), None, Op::Left | Op::Right) if right.of.is_whole() => {
            compute_whole(operation, left.of.clone(), &left.data, &right.data, at)
        }
        (Some(_), None, Op::Multiply | Op::Divide) if right.of.is_whole() => {
            compute_whole(operation, left.of.clone(), &left.data, &right.data, at)
        }
        (None, Some(_), Op::Multiply) if left.of.is_whole() => {
            compute_whole(operation, right.of.clone(), &left.data, &right.data, at)
        }
        // A constant is an angle where angles are added and compared.
        (Some(_), None, Op::Multiply | Op::Divide | Op::Power)
        | (None, Some(_), Op::Multiply | Op::Divide) => on_fractions(operation, left, right, at),
        (Some(a), None, _) => {
            let right = convert(right, &Type::Angle(a), at)?;
            compute_whole(operation, Type::Angle(a), &left.data, &right.data, at)
        }
        (_, Some(b), _) => {
            let left = convert(left, &Type::Angle(b), at)?;
            compute_whole(operation, Type::Angle(b), &left.data, &right.data, at)
        }
        _ => Err(misfit(at, &left, &right)),
    }
}

fn on_bits(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    use BinaryOp as Op;
    let size = |value: &Value| if let Data::Bits(bits) = &value.data { Some(bits.len()) } else { None };
    match (size(&left), size(&right), operation) {
        (Some(a), Some(b), Op::And | Op::Or | Op::Xor | Op::Equal | Op::NotEqual) if a == b => {
            bit_by_bit(operation, left, right, at)
        }
        (Some(_), _, Op::Left | Op::Right) if matches!(right.data, Data::Int(_)) => {
            shifted(operation, left, &right.data, at)
        }
        (a, b, _) => {
            let (a, b) = (a.unwrap_or(0), b.unwrap_or(0));
            if a.max(b) >= MAX_WIDTH as usize {
                return Err(Fault::unsupported(
                    at as usize,
                    format!("arithmetic on `{}` bits is not computed here", a.max(b)),
                    format!("compute on slices of less than {MAX_WIDTH} bits"),
                ));
            }
            let number = |value: Value| match &value.data {
                Data::Bits(bits) => Value { of: Type::Uint((bits.len() as u32).max(1)), data: word(bits) },
                _ => value,
            };
            binary(operation, number(left), number(right), at)
        }
    }
}

fn bit_by_bit(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    let (Data::Bits(a), Data::Bits(b)) = (&left.data, &right.data) else {
        return Err(misfit(at, &left, &right));
    };
    let is_equality = matches!(operation, BinaryOp::Equal | BinaryOp::NotEqual);
    if is_equality {
        let parts =
            a.chunks(64).zip(b.chunks(64)).map(|(x, y)| combine(Binary::Equal, &word(x), &word(y), at));
        let parts = parts.collect::<Parse<Vec<Data>>>()?;
        let known = parts.iter().all(|part| matches!(part, Data::Int(1)));
        let live: Vec<Expr> =
            parts.iter().filter(|part| **part != Data::Int(1)).filter_map(Data::expr).collect();
        let never = parts.contains(&Data::Int(0));
        let equal = match balanced(Binary::And, live) {
            _ if never => Data::Int(0),
            Some(expr) if !known => Data::Live(expr),
            _ => Data::Int(1),
        };
        let data = if operation == BinaryOp::Equal { equal } else { change(Unary::Not, &equal, at)? };
        return Ok(Value { of: Type::Bool, data });
    }
    let (machine, _) = machine(operation);
    let join = |(x, y): (&Bit, &Bit)| match (x, y, operation) {
        (Bit::Known(x), Bit::Known(y), BinaryOp::And) => Bit::Known(x & y),
        (Bit::Known(x), Bit::Known(y), BinaryOp::Or) => Bit::Known(x | y),
        (Bit::Known(x), Bit::Known(y), _) => Bit::Known(x ^ y),
        _ => Bit::Live(Expr::binary(machine, x.expr(), y.expr())),
    };
    let data = Data::Bits(a.iter().zip(b).map(join).collect());
    Ok(Value { of: left.of, data })
}

fn shifted(operation: BinaryOp, left: Value, by: &Data, at: u32) -> Parse<Value> {
    let (Data::Bits(bits), Data::Int(by)) = (&left.data, by) else {
        return Err(Fault::invalid(at as usize, "no such shift"));
    };
    let by = usize::try_from(*by).map_err(|_| Fault::invalid(at as usize, "a shift by a negative number"))?;
    let from = |k: usize| match operation {
        BinaryOp::Left => k.checked_sub(by).and_then(|k| bits.get(k)),
        _ => k.checked_add(by).and_then(|k| bits.get(k)),
    };
    let data = Data::Bits((0..bits.len()).map(|k| from(k).cloned().unwrap_or(Bit::Known(false))).collect());
    Ok(Value { of: left.of, data })
}

fn complex(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    let parts = |value: &Value| match &value.data {
        Data::Complex(re, im) => Some(C64::new(*re, *im)),
        _ => match fraction(value) {
            Some(Data::Float(re)) => Some(C64::new(re, 0.0)),
            _ => None,
        },
    };
    let (Some(x), Some(y)) = (parts(&left), parts(&right)) else {
        let message = "complex numbers are computed only where they are known while the program is read";
        return Err(Fault::unsupported(
            at as usize,
            message,
            "compute with real and imaginary parts as floats",
        ));
    };
    let out = match operation {
        BinaryOp::Add => x + y,
        BinaryOp::Subtract => x - y,
        BinaryOp::Multiply => x * y,
        BinaryOp::Divide if y != C64::ZERO => x / y,
        BinaryOp::Power if y.im == 0.0 && y.re.fract() == 0.0 && (0.0..=1024.0).contains(&y.re) => {
            (0..y.re as usize).fold(C64::ONE, |product, _| product * x)
        }
        BinaryOp::Equal | BinaryOp::NotEqual => {
            let holds = (x == y) == (operation == BinaryOp::Equal);
            return Ok(Value { of: Type::Bool, data: Data::Int(i128::from(holds)) });
        }
        _ => return Err(misfit(at, &left, &right)),
    };
    Ok(Value { of: Type::Complex, data: Data::Complex(out.re, out.im) })
}

/// Seconds in a unit; none for samples, whose length only a device knows.
fn seconds(unit: DurationUnit) -> Option<f64> {
    match unit {
        DurationUnit::Ns => Some(1e-9),
        DurationUnit::Us => Some(1e-6),
        DurationUnit::Ms => Some(1e-3),
        DurationUnit::S => Some(1.0),
        DurationUnit::Dt => None,
    }
}

fn duration(operation: BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
    if let (Data::Time(x, unit), Data::Time(y, other)) = (&left.data, &right.data) {
        let y = match (unit == other, seconds(*unit), seconds(*other)) {
            (true, ..) => *y,
            (_, Some(to), Some(from)) => y * (from / to),
            _ => {
                let message = "a time in samples and one in seconds cannot be combined without a device";
                return Err(Fault::unsupported(at as usize, message, "use one of the two units"));
            }
        };
        let value = |of, data| Ok(Value { of, data });
        let truth = |holds: bool| value(Type::Bool, Data::Int(i128::from(holds)));
        return match operation {
            BinaryOp::Add => value(Type::Duration, Data::Time(x + y, *unit)),
            BinaryOp::Subtract => value(Type::Duration, Data::Time(x - y, *unit)),
            BinaryOp::Divide if y != 0.0 => value(Type::Float, Data::Float(x / y)),
            BinaryOp::Equal => truth(*x == y),
            BinaryOp::NotEqual => truth(*x != y),
            BinaryOp::Less => truth(*x < y),
            BinaryOp::LessEqual => truth(*x <= y),
            BinaryOp::Greater => truth(*x > y),
            BinaryOp::GreaterEqual => truth(*x >= y),
            _ => Err(misfit(at, &left, &right)),
        };
    }
    let factor = |value: &Value| if let Some(Data::Float(x)) = fraction(value) { Some(x) } else { None };
    let data = match (&left.data, &right.data, operation) {
        (Data::Time(x, unit), _, BinaryOp::Multiply) => factor(&right).map(|y| Data::Time(x * y, *unit)),
        (_, Data::Time(y, unit), BinaryOp::Multiply) => factor(&left).map(|x| Data::Time(x * y, *unit)),
        (Data::Time(x, unit), _, BinaryOp::Divide) => {
            factor(&right).filter(|y| *y != 0.0).map(|y| Data::Time(x / y, *unit))
        }
        _ => None,
    };
    match data {
        Some(data) => Ok(Value { of: Type::Duration, data }),
        None => Err(misfit(at, &left, &right)),
    }
}

/// `rotl` and `rotr`: bits moved around by a known number of places, to the left when it is positive.
pub(super) fn rotated(value: Value, by: i128, at: u32) -> Parse<Value> {
    let Some(bits) = split(&value, 64).filter(|bits| !bits.is_empty()) else {
        return Err(Fault::invalid(at as usize, format!("no bits to rotate in `{}`", value.of.name())));
    };
    let size = bits.len() as i128;
    let moved: Vec<Bit> = (0..size).map(|k| bits[(k - by).rem_euclid(size) as usize].clone()).collect();
    let count = moved.len();
    let rotated = Value { of: Type::Bit(Some(count)), data: Data::Bits(moved) };
    if matches!(value.of, Type::Bit(_)) {
        Ok(Value { of: value.of, ..rotated })
    } else {
        convert(rotated, &value.of, at)
    }
}

/// π and the like.
pub(super) fn constant(name: &str) -> Option<f64> {
    match name {
        "pi" | "π" => Some(std::f64::consts::PI),
        "tau" | "τ" => Some(TAU),
        "euler" | "ℇ" => Some(std::f64::consts::E),
        _ => None,
    }
}
