//! Values of one type as values of another: casts, assignments and arguments all convert alike.
use std::f64::consts::TAU;

use crate::compute::{Binary, Expr, Number, Reading, Unary};
use crate::param::Affine;
use crate::qasm3::value::{Bit, Data, Type, Value, bit_of, word};
use crate::text::{Fault, Parse};

/// Bits of the widest whole number; one without a sign has one less.
pub(super) const MAX_WIDTH: u32 = 128;

/// An angle in steps of a width.
pub(super) fn steps(radians: f64, width: u32) -> i128 {
    let turns = radians / TAU;
    let fraction = turns - turns.floor();
    let steps = (fraction * (2f64).powi(width as i32)).round() as i128;
    steps & ((1i128 << width) - 1)
}

/// Steps of an angle as radians.
pub(super) fn radians(steps: i128, width: u32) -> f64 {
    steps as f64 * (TAU / (2f64).powi(width as i32))
}

/// An expression in radians as steps of a width.
pub(super) fn live_steps(radians: Expr, width: u32) -> Expr {
    let scale = Expr::Number(Number::Float((2f64).powi(width as i32) / TAU));
    let scaled = Expr::binary(Binary::Multiply, radians, scale);
    let rounded = Expr::binary(Binary::Add, scaled, Expr::Number(Number::Float(0.5)));
    let whole = Expr::unary(Unary::ToInt, Expr::unary(Unary::Floor, rounded));
    Expr::unary(Unary::Wrap { bits: width, signed: false }, whole)
}

fn wrong(value: &Value, to: &Type, at: u32) -> Box<Fault> {
    Fault::invalid(at as usize, format!("a value of type `{}` is no `{}`", value.of.name(), to.name()))
}

/// The value as one of another type.
pub(in crate::qasm3) fn convert(value: Value, to: &Type, at: u32) -> Parse<Value> {
    if value.of == *to {
        return Ok(value);
    }
    if matches!(value.data, Data::Open(_)) && !matches!(to, Type::Float | Type::Angle(_)) {
        let message = "an `input` without a value can only be a fraction or an angle of gates";
        return Err(Fault::unsupported(
            at as usize,
            message,
            "give the input a value when the program is loaded",
        ));
    }
    let data = match to {
        Type::Bool => truth(&value).ok_or_else(|| wrong(&value, to, at))?,
        Type::Int(_) | Type::Uint(_) | Type::Literal => {
            whole(&value, to).ok_or_else(|| wrong(&value, to, at))?
        }
        Type::Angle(width) => angle(&value, *width).ok_or_else(|| wrong(&value, to, at))?,
        Type::Float => fraction(&value).ok_or_else(|| wrong(&value, to, at))?,
        Type::Complex => match fraction(&value) {
            Some(Data::Float(re)) => Data::Complex(re, 0.0),
            _ => return Err(wrong(&value, to, at)),
        },
        Type::Bit(size) => bits(&value, size.unwrap_or(1), at)?,
        Type::Array(of, sizes) => return array(value, of, sizes, at),
        Type::Duration | Type::Void => return Err(wrong(&value, to, at)),
    };
    Ok(Value { of: to.clone(), data })
}

fn truth(value: &Value) -> Option<Data> {
    Some(match (&value.data, &value.of) {
        (Data::Int(x), _) => Data::Int(i128::from(*x != 0)),
        (Data::Float(x), _) => Data::Int(i128::from(*x != 0.0)),
        (Data::Live(expr), Type::Float) => {
            Data::Live(Expr::binary(Binary::NotEqual, expr.clone(), Expr::Number(Number::Float(0.0))))
        }
        (Data::Live(expr), _) => Data::Live(Expr::binary(Binary::NotEqual, expr.clone(), Expr::int(0))),
        (Data::Bits(bits), _) if bits.len() == 1 => word(bits),
        (Data::Bits(bits), _) if bits.len() < MAX_WIDTH as usize => match word(bits) {
            Data::Live(expr) => Data::Live(Expr::binary(Binary::NotEqual, expr, Expr::int(0))),
            Data::Int(x) => Data::Int(i128::from(x != 0)),
            _ => return None,
        },
        _ => return None,
    })
}

fn whole(value: &Value, to: &Type) -> Option<Data> {
    Some(match &value.data {
        Data::Int(x) => Data::Int(to.wrap(*x)),
        Data::Float(x) if x.abs() < 1e38 => Data::Int(to.wrap(*x as i128)),
        Data::Live(expr) if value.of == Type::Float => {
            Data::Live(to.wrap_live(Expr::unary(Unary::ToInt, expr.clone())))
        }
        Data::Live(expr) => Data::Live(to.wrap_live(expr.clone())),
        Data::Bits(bits) if bits.len() <= MAX_WIDTH as usize => match word(bits) {
            Data::Live(expr) => Data::Live(to.wrap_live(expr)),
            Data::Int(x) => Data::Int(to.wrap(x)),
            _ => return None,
        },
        _ => return None,
    })
}

fn angle(value: &Value, width: u32) -> Option<Data> {
    Some(match (&value.data, &value.of) {
        (Data::Int(x), Type::Angle(from)) => Data::Int(match from.checked_sub(width) {
            Some(less) => *x >> less,
            None => *x << (width - from),
        }),
        (Data::Live(expr), Type::Angle(from)) => Data::Live(match from.checked_sub(width) {
            Some(less) => Expr::binary(Binary::Right, expr.clone(), Expr::int(i128::from(less))),
            None => Expr::binary(Binary::Left, expr.clone(), Expr::int(i128::from(width - from))),
        }),
        (Data::Bits(bits), _) if bits.len() == width as usize => word(bits),
        (Data::Bits(_), _) => return None,
        (Data::Open(affine), _) => Data::Open(affine.clone()),
        _ => match fraction(value)? {
            Data::Float(x) if x.is_finite() => Data::Int(steps(x, width)),
            Data::Live(expr) => Data::Live(live_steps(expr, width)),
            _ => return None,
        },
    })
}

/// A number as a fraction; an angle in radians.
pub(super) fn fraction(value: &Value) -> Option<Data> {
    Some(match (&value.data, &value.of) {
        (Data::Float(_) | Data::Open(_), _) => value.data.clone(),
        (Data::Int(x), Type::Angle(width)) => Data::Float(radians(*x, *width)),
        (Data::Int(x), _) => Data::Float(*x as f64),
        (Data::Live(expr), Type::Float) => Data::Live(expr.clone()),
        (Data::Live(expr), Type::Angle(width)) => {
            let step = Expr::Number(Number::Float(radians(1, *width)));
            Data::Live(Expr::binary(Binary::Multiply, Expr::unary(Unary::ToFloat, expr.clone()), step))
        }
        (Data::Live(expr), _) => Data::Live(Expr::unary(Unary::ToFloat, expr.clone())),
        (Data::Bits(bits), _) if bits.len() < MAX_WIDTH as usize => match word(bits) {
            Data::Int(x) => Data::Float(x as f64),
            Data::Live(expr) => Data::Live(Expr::unary(Unary::ToFloat, expr)),
            _ => return None,
        },
        _ => return None,
    })
}

/// A fraction as an expression over the parameters.
pub(super) fn affine(data: &Data) -> Option<Affine> {
    match data {
        Data::Float(value) => Some(Affine::number(*value)),
        Data::Open(affine) => Some(affine.clone()),
        _ => None,
    }
}

/// The bits of a value.
pub(super) fn bits(value: &Value, size: usize, at: u32) -> Parse<Data> {
    let bits = split(value, size).ok_or_else(|| wrong(value, &Type::Bit(Some(size)), at))?;
    if bits.len() != size {
        let message = format!("`{}` bits where {size} should be", bits.len());
        return Err(Fault::hinted(at as usize, message, "slice or concatenate to make the sizes equal"));
    }
    Ok(Data::Bits(bits))
}

/// A value bit by bit; a literal as so many as are wanted.
pub(super) fn split(value: &Value, wanted: usize) -> Option<Vec<Bit>> {
    let count = match &value.of {
        Type::Literal => wanted,
        of => of.bits()?,
    };
    Some(match &value.data {
        Data::Bits(bits) => bits.clone(),
        Data::Int(x) if value.of.is_whole() => {
            (0..count).map(|k| Bit::Known(x >> k.min(127) & 1 == 1)).collect()
        }
        Data::Live(Expr::Bits(bits, Reading::Unsigned | Reading::Signed)) if bits.len() == count => {
            bits.iter().map(|bit| Bit::Live(Expr::bit(*bit))).collect()
        }
        Data::Live(expr) if value.of == Type::Bool => vec![Bit::Live(expr.clone())],
        Data::Live(expr) if value.of.is_whole() => (0..count).map(|k| bit_of(expr, k)).collect(),
        _ => return None,
    })
}

fn array(value: Value, of: &Type, sizes: &[usize], at: u32) -> Parse<Value> {
    let to = Type::Array(Box::new(of.clone()), sizes.to_vec());
    let (Type::Array(from, found), Data::Array(parts)) = (&value.of, &value.data) else {
        return Err(wrong(&value, &to, at));
    };
    if found != sizes {
        let message = format!("an array of sizes `{found:?}` where sizes {sizes:?} should be");
        return Err(Fault::invalid(at as usize, message));
    }
    let parts = parts
        .iter()
        .map(|part| {
            convert(Value { of: (**from).clone(), data: part.clone() }, of, at).map(|value| value.data)
        })
        .collect::<Parse<Vec<Data>>>()?;
    Ok(Value { of: to, data: Data::Array(parts) })
}
