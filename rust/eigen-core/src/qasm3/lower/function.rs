//! Built-in functions, and calls of whatever has arguments.
use super::Lower;
use super::arithmetic::{change, combine, rotated};
use super::convert::{MAX_WIDTH, fraction, split};
use super::scope::Entity;
use crate::compute::{Binary, Expr as Code, Number, Unary};
use crate::qasm3::tree::{BinaryOp, Expr};
use crate::qasm3::value::{Data, Type, Value, word};
use crate::text::{Fault, Parse, shown};

pub(in crate::qasm3) const REAL: [(&str, Unary); 13] = [
    ("sin", Unary::Sin),
    ("cos", Unary::Cos),
    ("tan", Unary::Tan),
    ("arcsin", Unary::Arcsin),
    ("arccos", Unary::Arccos),
    ("arctan", Unary::Arctan),
    ("asin", Unary::Arcsin),
    ("acos", Unary::Arccos),
    ("atan", Unary::Arctan),
    ("exp", Unary::Exp),
    ("log", Unary::Log),
    ("ln", Unary::Log),
    ("sqrt", Unary::Sqrt),
];

impl<'a> Lower<'a> {
    /// `name(arguments)`
    pub fn call(&mut self, name: &'a str, arguments: &[Expr<'a>], at: u32) -> Parse<Value> {
        match self.find(name) {
            Some(Entity::Subroutine(subroutine)) => {
                let subroutine = subroutine.clone();
                return self.subroutine(&subroutine, arguments, at);
            }
            Some(Entity::Missing(why)) => {
                let message = format!("`{}` {why}", shown(name));
                return Err(Fault::unsupported(
                    at as usize,
                    message,
                    "put a subroutine or a constant in its place",
                ));
            }
            Some(Entity::Gate(_)) => {
                self.gate_without_qubits(name, arguments, at)?;
                return Ok(Value { of: Type::Void, data: Data::Void });
            }
            _ => {}
        }
        if matches!(name, "sizeof") {
            return self.size_of(arguments, at);
        }
        let values =
            arguments.iter().map(|argument| self.evaluate(argument)).collect::<Parse<Vec<Value>>>()?;
        self.built_in(name, values, at)
    }

    fn built_in(&mut self, name: &str, values: Vec<Value>, at: u32) -> Parse<Value> {
        let count = values.len();
        let mut values = values.into_iter();
        match (name, values.next(), values.next()) {
            (_, Some(value), None) if count == 1 => self.of_one(name, value, at),
            ("pow", Some(left), Some(right)) if count == 2 => {
                super::arithmetic::binary(BinaryOp::Power, left, right, at)
            }
            ("mod", Some(left), Some(right)) if count == 2 => modulo(left, right, at),
            ("rotl" | "rotr", Some(value), Some(by)) if count == 2 => {
                let Data::Int(by) = by.data else {
                    let message = "how far bits are rotated must be known before the program runs";
                    return Err(Fault::unsupported(at as usize, message, "shift instead, or use a constant"));
                };
                rotated(value, if name == "rotl" { by } else { -by }, at)
            }
            _ => Err(unknown(name, count, at)),
        }
    }

    fn of_one(&mut self, name: &str, value: Value, at: u32) -> Parse<Value> {
        if let Some((_, operation)) = REAL.iter().find(|(known, _)| *known == name) {
            let data = real(&value, at)?;
            let data = change(*operation, &data, at)?;
            if matches!(data, Data::Float(result) if !result.is_finite()) {
                return Err(Fault::invalid(at as usize, format!("`{name}` has no value here")));
            }
            return Ok(Value { of: Type::Float, data });
        }
        match name {
            "ceiling" | "floor" if value.of.is_whole() && !matches!(value.of, Type::Angle(_)) => Ok(value),
            "ceiling" | "floor" => {
                let operation = if name == "floor" { Unary::Floor } else { Unary::Ceiling };
                let data = change(operation, &real(&value, at)?, at)?;
                Ok(Value { of: Type::Float, data })
            }
            "abs" => self.absolute(value, at),
            "popcount" => popcount(&value, at),
            "real" | "imag" => match value.data {
                Data::Complex(re, im) => {
                    Ok(Value { of: Type::Float, data: Data::Float(if name == "real" { re } else { im }) })
                }
                _ => Err(Fault::invalid(at as usize, format!("`{name}` takes a complex number"))),
            },
            _ => Err(unknown(name, 1, at)),
        }
    }

    fn absolute(&mut self, value: Value, at: u32) -> Parse<Value> {
        let zero = if value.of == Type::Float { Data::Float(0.0) } else { Data::Int(0) };
        let is_negative = combine(Binary::Less, &value.data, &zero, at)?;
        let sign = match (is_negative, &value.of) {
            (Data::Int(flag), Type::Float) => Data::Float((1 - 2 * flag) as f64),
            (Data::Int(flag), _) => Data::Int(1 - 2 * flag),
            (Data::Live(flag), Type::Float) => Data::Live(Code::binary(
                Binary::Subtract,
                Code::Number(Number::Float(1.0)),
                Code::binary(
                    Binary::Multiply,
                    Code::Number(Number::Float(2.0)),
                    Code::unary(Unary::ToFloat, flag),
                ),
            )),
            (Data::Live(flag), _) => Data::Live(Code::binary(
                Binary::Subtract,
                Code::int(1),
                Code::binary(Binary::Multiply, Code::int(2), flag),
            )),
            _ => return Err(Fault::invalid(at as usize, "`abs` takes a real number")),
        };
        let data = combine(Binary::Multiply, &value.data, &sign, at)?;
        Ok(Value { of: value.of, data })
    }

    /// `sizeof(array, dimension)`
    fn size_of(&mut self, arguments: &[Expr<'a>], at: u32) -> Parse<Value> {
        let (of, dimension) = match arguments {
            [of] => (of, 0),
            [of, dimension] => (of, self.known_int(dimension, "a dimension")?),
            _ => return Err(unknown("sizeof", arguments.len(), at)),
        };
        let size = match self.evaluate(of)?.of {
            Type::Array(_, sizes) => usize::try_from(dimension).ok().and_then(|k| sizes.get(k).copied()),
            Type::Bit(Some(size)) if dimension == 0 => Some(size),
            _ => None,
        };
        match size {
            Some(size) => Ok(Value { of: Type::Literal, data: Data::Int(size as i128) }),
            None => Err(Fault::invalid(at as usize, "`sizeof` takes an array and one of its dimensions")),
        }
    }
}

/// The number of ones of a value.
pub(in crate::qasm3) fn popcount(value: &Value, at: u32) -> Parse<Value> {
    let bits = split(value, 64).filter(|bits| bits.len() <= MAX_WIDTH as usize);
    let Some(bits) = bits else {
        let message = format!("`popcount` counts the ones of at most {MAX_WIDTH} bits");
        return Err(Fault::invalid(at as usize, message));
    };
    // All 128 bits of a number are counted, those of its sign too.
    let whole = match &value.data {
        Data::Live(_) if value.of == Type::Int(MAX_WIDTH) => value.data.clone(),
        _ => word(&bits),
    };
    Ok(Value { of: Type::Uint(64), data: change(Unary::Popcount, &whole, at)? })
}

fn real(value: &Value, at: u32) -> Parse<Data> {
    match fraction(value) {
        Some(Data::Open(_)) => {
            let message = "an `input` without a value can be added to and multiplied by numbers only";
            Err(Fault::unsupported(at as usize, message, "give the input a value when the program is loaded"))
        }
        Some(data) => Ok(data),
        None => Err(Fault::invalid(at as usize, format!("a `{}` is no real number", value.of.name()))),
    }
}

/// The remainder that is never negative for a positive divisor.
fn modulo(left: Value, right: Value, at: u32) -> Parse<Value> {
    let first = super::arithmetic::binary(BinaryOp::Remainder, left, right.clone(), at)?;
    let shifted = super::arithmetic::binary(BinaryOp::Add, first, right.clone(), at)?;
    super::arithmetic::binary(BinaryOp::Remainder, shifted, right, at)
}

fn unknown(name: &str, count: usize, at: u32) -> Box<Fault> {
    Fault::invalid(at as usize, format!("there is no function `{}` of {count} arguments", shown(name)))
}
