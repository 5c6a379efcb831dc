//! Expressions to values.
use std::rc::Rc;

use super::Lower;
use super::arithmetic::{binary, constant, unary};
use super::convert::{MAX_WIDTH, convert};
use super::scope::Entity;
use crate::qasm3::tree::{self, Expr, ExprKind, TypeKind};
use crate::qasm3::value::{Bit, Data, Type, Value};
use crate::text::{Fault, Parse, shown};

impl<'a> Lower<'a> {
    /// The value of an expression.
    pub fn evaluate(&mut self, expr: &Expr<'a>) -> Parse<Value> {
        let at = expr.at;
        let value = |of, data| Ok(Value { of, data });
        match &expr.kind {
            ExprKind::Int(number) => value(Type::Literal, Data::Int(*number)),
            ExprKind::Float(number) => value(Type::Float, Data::Float(*number)),
            ExprKind::Imaginary(number) => value(Type::Complex, Data::Complex(0.0, *number)),
            ExprKind::Bool(truth) => value(Type::Bool, Data::Int(i128::from(*truth))),
            ExprKind::Time(time, unit) => value(Type::Duration, Data::Time(*time, *unit)),
            ExprKind::Bits(text) => {
                let bits: Vec<Bit> = text
                    .bytes()
                    .rev()
                    .filter(|byte| *byte != b'_')
                    .map(|byte| Bit::Known(byte == b'1'))
                    .collect();
                value(Type::Bit(Some(bits.len())), Data::Bits(bits))
            }
            ExprKind::Name(name) => self.named(name, at),
            _ => {
                self.step(at)?;
                self.deeper(at, |lower| lower.compound(expr))
            }
        }
    }

    fn compound(&mut self, expr: &Expr<'a>) -> Parse<Value> {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Unary(operation, of) => {
                let of = self.evaluate(of)?;
                unary(*operation, of, at)
            }
            ExprKind::Binary(operation, sides) => {
                let left = self.evaluate(&sides[0])?;
                let right = self.evaluate(&sides[1])?;
                self.binary_kept(*operation, left, right, at)
            }
            ExprKind::Cast(of, value) => {
                let value = self.evaluate(value)?;
                let of = self.type_of(of)?;
                convert(value, &of, at)
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments, at),
            ExprKind::Index(of, indices) => self.indexed(of, indices, at),
            ExprKind::Concat(parts) => self.concatenation(parts, at),
            ExprKind::List(parts) => self.list(parts, at),
            ExprKind::Measure(operand) => {
                let qubits = self.qubits(operand)?;
                let bits = self.scratch(qubits.len(), at)?;
                self.measure(&qubits, &bits, at)?;
                self.held.extend(bits.iter());
                let of = Type::Bit(if self.is_single(operand) { None } else { Some(bits.len()) });
                Ok(Value { data: of.read(&bits), of })
            }
            ExprKind::DurationOf => {
                let message = "`durationof` needs a device that says how long its gates take";
                Err(Fault::unsupported(at as usize, message, "write the duration as a number with a unit"))
            }
            _ => Err(Fault::invalid(at as usize, "a value should stand here")),
        }
    }

    /// A binary operation; what has become too large to be computed in one go is computed in two.
    fn binary_kept(&mut self, operation: tree::BinaryOp, left: Value, right: Value, at: u32) -> Parse<Value> {
        let left = self.shallow(left, at)?;
        let right = self.shallow(right, at)?;
        binary(operation, left, right, at)
    }

    /// A value whose expression is small: a large one is computed into bits.
    pub fn shallow(&mut self, value: Value, at: u32) -> Parse<Value> {
        let Data::Live(expr) = &value.data else { return Ok(value) };
        if expr.nodes() < 256 && expr.check().is_ok() {
            return Ok(value);
        }
        let bits = self.room(&value.of, at)?;
        self.store(&bits, &value.data, &value.of, at)?;
        self.held.extend(bits.iter());
        Ok(Value { data: value.of.read(&bits), of: value.of })
    }

    fn named(&mut self, name: &str, at: u32) -> Parse<Value> {
        match self.find(name) {
            Some(Entity::Value(value)) => return Ok(Value::clone(value)),
            Some(Entity::Variable(index)) => {
                let index = *index;
                // What is read is copied.
                let size = self.variables[index].of.bits().unwrap_or(1) as u64;
                self.steps += size >> 4;
                self.step(at)?;
                return Ok(self.read(index));
            }
            Some(Entity::Bits(bits)) => {
                let of = Type::Bit(Some(bits.len()));
                return Ok(Value { data: of.read(bits), of });
            }
            Some(Entity::Missing(why)) => {
                let message = format!("`{}` {why}", shown(name));
                return Err(Fault::unsupported(at as usize, message, "leave it out"));
            }
            Some(_) => return Err(Fault::invalid(at as usize, format!("`{}` is no value", shown(name)))),
            None => {}
        }
        match constant(name) {
            Some(value) => Ok(Value { of: Type::Float, data: Data::Float(value) }),
            None => Err(Fault::invalid(at as usize, format!("there is no `{}` here", shown(name)))),
        }
    }

    fn concatenation(&mut self, parts: &[Expr<'a>], at: u32) -> Parse<Value> {
        let values = parts.iter().map(|part| self.evaluate(part)).collect::<Parse<Vec<Value>>>()?;
        if let Some(Value { of: Type::Array(of, _), .. }) = values.first() {
            let of = of.clone();
            return joined_arrays(*of, values, at);
        }
        let mut bits = Vec::new();
        // The first part has the lowest bits, as the first of joined registers has the lowest indices.
        for value in values {
            match value.data {
                Data::Bits(more) => bits.extend(more),
                _ => {
                    return Err(Fault::invalid(
                        at as usize,
                        "bits and arrays are concatenated, and nothing else",
                    ));
                }
            }
        }
        Ok(Value { of: Type::Bit(Some(bits.len())), data: Data::Bits(bits) })
    }

    /// `{1, 2}` or `{{1, 2}, {3, 4}}`, of the type of its first element.
    fn list(&mut self, parts: &[Expr<'a>], at: u32) -> Parse<Value> {
        let mut values = parts.iter().map(|part| self.evaluate(part)).collect::<Parse<Vec<Value>>>()?;
        let Some(first) = values.first() else {
            return Ok(Value {
                of: Type::Array(Box::new(Type::Literal), vec![0]),
                data: Data::Array(Vec::new()),
            });
        };
        let is_float = values.iter().any(|value| value.of == Type::Float);
        let of = match &first.of {
            Type::Literal if is_float => Type::Float,
            of => of.clone(),
        };
        let count = values.len();
        for value in &mut values {
            *value = convert(std::mem::replace(value, Value { of: Type::Void, data: Data::Void }), &of, at)?;
        }
        if let Type::Array(inner, sizes) = of {
            let sizes = std::iter::once(count).chain(sizes).collect();
            let data = values
                .into_iter()
                .flat_map(|value| if let Data::Array(parts) = value.data { parts } else { Vec::new() });
            return Ok(Value { of: Type::Array(inner, sizes), data: Data::Array(data.collect()) });
        }
        let data = Data::Array(values.into_iter().map(|value| value.data).collect());
        Ok(Value { of: Type::Array(Box::new(of), vec![count]), data })
    }

    /// A whole number that is known.
    pub fn known_int(&mut self, expr: &Expr<'a>, what: &str) -> Parse<i128> {
        let value = self.evaluate(expr)?;
        match value.data {
            Data::Int(number) if value.of.is_whole() => Ok(number),
            Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => Ok(number as i128),
            Data::Bits(ref bits) if value.data.is_known() && bits.len() <= 64 => {
                match crate::qasm3::value::word(bits) {
                    Data::Int(number) => Ok(number),
                    _ => Ok(0),
                }
            }
            Data::Live(_) | Data::Bits(_) | Data::Open(_) => {
                let message = format!("{what} must be known before the program runs");
                Err(Fault::unsupported(expr.at as usize, message, "use a constant"))
            }
            _ => Err(Fault::invalid(expr.at as usize, format!("{what} is a whole number"))),
        }
    }

    fn size(&mut self, expr: Option<&Expr<'a>>, what: &str, limit: usize) -> Parse<Option<usize>> {
        let Some(expr) = expr else { return Ok(None) };
        let size = self.known_int(expr, what)?;
        match usize::try_from(size) {
            Ok(size) if size > limit => Err(Fault::limit(expr.at as usize, what, limit, size)),
            Ok(size) if size > 0 => Ok(Some(size)),
            _ => Err(Fault::invalid(expr.at as usize, format!("{what} is positive"))),
        }
    }

    /// Number of qubits of a declaration.
    pub fn register_size(&mut self, expr: Option<&Expr<'a>>) -> Parse<Option<usize>> {
        self.size(expr, "the size of a register", crate::limits::MAX_QUBITS)
    }

    fn width(&mut self, expr: Option<&Expr<'a>>, most: u32) -> Parse<u32> {
        let Some(given) = expr else { return Ok(most.min(64)) };
        let width = self.size(expr, "the width of a type", 1 << 20)?.unwrap_or(1);
        if width > most as usize {
            let message =
                format!("a width of `{width}` bits is more than the {most} that are computed with here");
            return Err(Fault::unsupported(given.at as usize, message, format!("use at most {most} bits")));
        }
        Ok(width as u32)
    }

    /// A type with its sizes.
    pub fn type_of(&mut self, of: &tree::Type<'a>) -> Parse<Type> {
        Ok(match &of.kind {
            TypeKind::Bool => Type::Bool,
            TypeKind::Bit(size) => Type::Bit(self.register_size(size.as_ref())?),
            TypeKind::Int(width) => Type::Int(self.width(width.as_ref(), MAX_WIDTH)?),
            TypeKind::Uint(width) => Type::Uint(self.width(width.as_ref(), MAX_WIDTH - 1)?),
            TypeKind::Angle(width) => Type::Angle(self.width(width.as_ref(), 64)?),
            TypeKind::Float(width) => {
                self.width(width.as_ref(), 64)?;
                Type::Float
            }
            TypeKind::Complex => Type::Complex,
            TypeKind::Duration => Type::Duration,
            TypeKind::Array(element, sizes) => {
                let of_at = of.at as usize;
                let of = self.type_of(element)?;
                let sizes = sizes
                    .iter()
                    .map(|size| {
                        Ok(self.size(Some(size), "the size of an array", MOST_ELEMENTS)?.unwrap_or(1))
                    })
                    .collect::<Parse<Vec<usize>>>()?;
                let total = sizes.iter().fold(1usize, |product, size| product.saturating_mul(*size));
                if total > MOST_ELEMENTS || sizes.is_empty() || sizes.len() > 7 {
                    return Err(Fault::limit(of_at, "elements of an array", MOST_ELEMENTS, total));
                }
                Type::Array(Box::new(of), sizes)
            }
            TypeKind::Stretch | TypeKind::Qubit(_) | TypeKind::ArrayOf(..) => {
                return Err(Fault::invalid(of.at as usize, "this type cannot stand here"));
            }
        })
    }

    /// A value that does not change under a name.
    pub fn declare_value(&mut self, name: &'a str, value: Value, at: u32) -> Parse<()> {
        self.declare(name, Entity::Value(Rc::new(value)), at)
    }
}

/// Elements of one array.
const MOST_ELEMENTS: usize = 65_536;

fn joined_arrays(of: Type, values: Vec<Value>, at: u32) -> Parse<Value> {
    let mut sizes: Option<Vec<usize>> = None;
    let mut all = Vec::new();
    for value in values {
        let (Type::Array(_, more), Data::Array(parts)) = (value.of, value.data) else {
            return Err(Fault::invalid(at as usize, "an array is concatenated with arrays"));
        };
        match &mut sizes {
            None => sizes = Some(more),
            Some(sizes) if sizes[1..] == more[1..] => sizes[0] += more[0],
            Some(_) => return Err(Fault::invalid(at as usize, "arrays of different sizes are concatenated")),
        }
        all.extend(parts);
    }
    Ok(Value { of: Type::Array(Box::new(of), sizes.unwrap_or_default()), data: Data::Array(all) })
}
