//! What stands in square brackets.
use super::Lower;
use super::arithmetic::combine;
use super::convert::split;
use super::scope::Entity;
use crate::compute::{Binary, Expr as Code, Unary};
use crate::qasm3::tree::{Expr, ExprKind, Index, Range};
use crate::qasm3::value::{Bit, Data, Type, Value, balanced, word};
use crate::text::{Fault, Parse, shown};

/// Elements of one index.
const MOST_POSITIONS: usize = 1 << 20;

/// Which elements an index names.
pub(super) enum Selection {
    One(usize),
    Many(Vec<usize>),
    /// One that is known at run time.
    Live(Code),
}

impl<'a> Lower<'a> {
    /// The elements that an index names among `size`.
    pub fn selection(&mut self, index: &Index<'a>, size: usize) -> Parse<Selection> {
        match index {
            Index::One(Expr { kind: ExprKind::Int(number), at }) => {
                position(*number, size, *at).map(Selection::One)
            }
            Index::One(one) => {
                let value = self.evaluate(one)?;
                match value.data {
                    Data::Live(code) if value.of.is_whole() => Ok(Selection::Live(code)),
                    Data::Bits(ref bits) if !value.data.is_known() && bits.len() <= 64 => match word(bits) {
                        Data::Live(code) => Ok(Selection::Live(code)),
                        _ => Err(Fault::invalid(one.at as usize, "an index is a whole number")),
                    },
                    Data::Array(ref parts) => {
                        let wanted = parts.iter().map(|part| match part {
                            Data::Int(number) => position(*number, size, one.at),
                            _ => Err(Fault::invalid(one.at as usize, "an index is a whole number")),
                        });
                        wanted.collect::<Parse<Vec<usize>>>().map(Selection::Many)
                    }
                    _ => {
                        let number = self.known_int(one, "an index")?;
                        position(number, size, one.at).map(Selection::One)
                    }
                }
            }
            Index::Range(range) => self.range(range, size).map(Selection::Many),
            Index::Set(values) => {
                let mut out = Vec::with_capacity(values.len());
                for value in values {
                    let number = self.known_int(value, "an index")?;
                    out.push(position(number, size, value.at)?);
                }
                Ok(Selection::Many(out))
            }
        }
    }

    fn range(&mut self, range: &Range<'a>, size: usize) -> Parse<Vec<usize>> {
        let at =
            [&range.first, &range.step, &range.last].into_iter().flatten().next().map_or(0, |part| part.at);
        let step = match &range.step {
            Some(step) => self.known_int(step, "a step")?,
            None => 1,
        };
        let last_index = size as i128 - 1;
        let (begin, end) = if step > 0 { (0, last_index) } else { (last_index, 0) };
        let bound = |lower: &mut Self, part: &Option<Expr<'a>>, default: i128| match part {
            Some(part) => {
                let number = lower.known_int(part, "a bound")?;
                position(number, size, part.at).map(|index| index as i128)
            }
            None => Ok(default),
        };
        let first = bound(self, &range.first, begin)?;
        let last = bound(self, &range.last, end)?;
        let count = count(first, step, last, at)?;
        if count > MOST_POSITIONS {
            return Err(Fault::limit(at as usize, "elements of a range", MOST_POSITIONS, count));
        }
        Ok((0..count as i128).map(|k| (first + k * step) as usize).collect())
    }

    /// `value[indices]`
    pub fn indexed(&mut self, of: &Expr<'a>, indices: &[Index<'a>], at: u32) -> Parse<Value> {
        let (mut value, rest) = match (&of.kind, indices.split_first()) {
            (ExprKind::Name(name), Some((first, rest))) => match self.part_of_variable(name, first)? {
                Some(value) => (value, rest),
                None => (self.evaluate(of)?, indices),
            },
            _ => (self.evaluate(of)?, indices),
        };
        for index in rest {
            value = self.part(value, index, at)?;
        }
        Ok(value)
    }

    /// One element of a variable, without reading all of it. `None` where that is not possible.
    fn part_of_variable(&mut self, name: &str, index: &Index<'a>) -> Parse<Option<Value>> {
        if !matches!(index, Index::One(one) if is_pure(one)) {
            return Ok(None);
        }
        let place = match self.find(name) {
            Some(Entity::Bits(bits)) => Ok(bits.clone()),
            Some(Entity::Variable(index)) => Err(*index),
            _ => return Ok(None),
        };
        let (of, count) = match place.as_ref().map_err(|index| &self.variables[*index].of) {
            Ok(bits) => (Type::Bit(None), bits.len()),
            Err(Type::Bit(Some(size))) => (Type::Bit(None), *size),
            Err(Type::Array(of, sizes)) if sizes.len() == 1 => (Type::clone(of), sizes[0]),
            Err(_) => return Ok(None),
        };
        let Selection::One(one) = self.selection(index, count)? else { return Ok(None) };
        let width = of.bits().unwrap_or(1);
        let data = match place {
            Ok(bits) => of.read(&bits[one..=one]),
            Err(index) => match (&self.variables[index].known, &self.variables[index].bits) {
                (Some(Data::Array(parts)), _) => parts[one].clone(),
                (Some(Data::Bits(bits)), _) => Data::Bits(vec![bits[one].clone()]),
                (None, Some(bits)) => of.read(&bits[one * width..(one + 1) * width]),
                _ => return Ok(None),
            },
        };
        Ok(Some(Value { of, data }))
    }

    fn part(&mut self, value: Value, index: &Index<'a>, at: u32) -> Parse<Value> {
        if let (Type::Array(of, sizes), Data::Array(parts)) = (&value.of, value.data.clone()) {
            return self.element((of, sizes), parts, index, at);
        }
        let Some(bits) = split(&value, 64) else {
            return Err(Fault::invalid(at as usize, format!("a `{}` has no elements", value.of.name())));
        };
        match self.selection(index, bits.len())? {
            Selection::One(one) => {
                Ok(Value { of: Type::Bit(None), data: Data::Bits(vec![bits[one].clone()]) })
            }
            Selection::Many(many) => {
                let bits: Vec<Bit> = many.iter().map(|k| bits[*k].clone()).collect();
                Ok(Value { of: Type::Bit(Some(bits.len())), data: Data::Bits(bits) })
            }
            Selection::Live(code) => {
                let chosen = chosen_bit(&bits, &code);
                Ok(Value { of: Type::Bit(None), data: Data::Bits(vec![Bit::Live(chosen)]) })
            }
        }
    }

    fn element(
        &mut self,
        (of, sizes): (&Type, &[usize]),
        parts: Vec<Data>,
        index: &Index<'a>,
        at: u32,
    ) -> Parse<Value> {
        let stride: usize = sizes[1..].iter().product();
        let inner = |data: Vec<Data>| match sizes.len() {
            1 => Value { of: of.clone(), data: data.into_iter().next().unwrap_or(Data::Void) },
            _ => {
                Value { of: Type::Array(Box::new(of.clone()), sizes[1..].to_vec()), data: Data::Array(data) }
            }
        };
        match self.selection(index, sizes[0])? {
            Selection::One(one) => Ok(inner(parts[one * stride..(one + 1) * stride].to_vec())),
            Selection::Many(many) => {
                let data = many.iter().flat_map(|k| parts[k * stride..(k + 1) * stride].to_vec()).collect();
                let sizes = std::iter::once(many.len()).chain(sizes[1..].iter().copied()).collect();
                Ok(Value { of: Type::Array(Box::new(of.clone()), sizes), data: Data::Array(data) })
            }
            Selection::Live(code) => {
                let rows: Vec<&[Data]> = parts.chunks(stride.max(1)).collect();
                let mut data = Vec::with_capacity(stride);
                for column in 0..stride {
                    let values: Vec<Data> = rows.iter().map(|row| row[column].clone()).collect();
                    data.push(chosen(&values, of, &code, at)?);
                }
                Ok(inner(data))
            }
        }
    }

    /// Qubits that an expression names.
    pub fn qubits(&mut self, expr: &Expr<'a>) -> Parse<Vec<u32>> {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Name(name) => match self.entity(name, at)? {
                Entity::Qubits(qubits, _) => Ok(qubits.to_vec()),
                _ => Err(Fault::invalid(at as usize, format!("`{}` is no qubit", shown(name)))),
            },
            ExprKind::Physical(number) => self.physical(*number, at).map(|qubit| vec![qubit]),
            ExprKind::Element(name, index) => match self.entity(name, at)? {
                Entity::Qubits(qubits, _) => {
                    position(i128::from(*index), qubits.len(), at).map(|index| vec![qubits[index]])
                }
                _ => Err(Fault::invalid(at as usize, format!("`{}` is no qubit", shown(name)))),
            },
            ExprKind::Index(of, indices) => {
                if let (ExprKind::Name(name), [index @ Index::One(one)]) = (&of.kind, indices.as_slice())
                    && is_pure(one)
                    && let Some(Entity::Qubits(all, _)) = self.find(name)
                {
                    let all = all.clone();
                    if let Some(place) = self.chosen_place(one) {
                        return all
                            .get(place)
                            .map(|qubit| vec![*qubit])
                            .ok_or_else(|| Fault::invalid(at as usize, "an index is out of range"));
                    }
                    if let Selection::One(one) = self.selection(index, all.len())? {
                        return Ok(vec![all[one]]);
                    }
                }
                let mut qubits = self.qubits(of)?;
                for index in indices {
                    qubits = match self.selection(index, qubits.len())? {
                        Selection::One(one) => vec![qubits[one]],
                        Selection::Many(many) => many.iter().map(|k| qubits[*k]).collect(),
                        Selection::Live(_) => {
                            let message = "which qubit it is must be known before the program runs";
                            let hint = "give it as the only index of a register, in a statement of its own";
                            return Err(Fault::unsupported(at as usize, message, hint));
                        }
                    };
                }
                Ok(qubits)
            }
            ExprKind::Concat(parts) => {
                let mut out = Vec::new();
                for part in parts {
                    out.extend(self.qubits(part)?);
                }
                Ok(out)
            }
            _ => Err(Fault::invalid(at as usize, "a qubit should stand here")),
        }
    }

    /// Whether an expression names a single qubit that is no register.
    pub fn is_single(&self, expr: &Expr<'a>) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => matches!(self.find(name), Some(Entity::Qubits(_, true))),
            ExprKind::Physical(_) | ExprKind::Element(..) => true,
            ExprKind::Index(_, indices) => matches!(indices.as_slice(), [Index::One(_)]),
            _ => false,
        }
    }
}

/// Whether an expression calls and measures nothing, so that it may be evaluated twice.
pub(super) fn is_pure(expr: &Expr<'_>) -> bool {
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Name(_) => true,
        ExprKind::Unary(_, of) | ExprKind::Cast(_, of) => is_pure(of),
        ExprKind::Index(of, indices) => {
            is_pure(of) && indices.iter().all(|index| matches!(index, Index::One(one) if is_pure(one)))
        }
        ExprKind::Binary(_, sides) => sides.iter().all(is_pure),
        _ => false,
    }
}

/// An index that may count from the end.
pub(super) fn position(number: i128, size: usize, at: u32) -> Parse<usize> {
    let index = if number < 0 { number + size as i128 } else { number };
    match usize::try_from(index) {
        Ok(index) if index < size => Ok(index),
        _ => {
            let message = format!("index `{number}` is out of range: there are {size} elements");
            Err(Fault::hinted(at as usize, message, "indices start at 0, and -1 is the last"))
        }
    }
}

/// Number of elements of `first:step:last`.
pub(super) fn count(first: i128, step: i128, last: i128, at: u32) -> Parse<usize> {
    if step == 0 {
        return Err(Fault::invalid(at as usize, "a range has a step of zero"));
    }
    let span = if step > 0 { last.checked_sub(first) } else { first.checked_sub(last) };
    let rounds = span.map(|span| if span < 0 { 0 } else { span / step.abs() + 1 });
    Ok(rounds.and_then(|rounds| usize::try_from(rounds).ok()).unwrap_or(usize::MAX))
}

/// The bit at a place that is known at run time; 0 beyond the last.
fn chosen_bit(bits: &[Bit], place: &Code) -> Code {
    if let (true, Some(word)) = (bits.len() <= 64, word(bits).expr()) {
        return Code::binary(Binary::And, Code::binary(Binary::Right, word, place.clone()), Code::int(1));
    }
    let parts = bits.iter().enumerate().map(|(k, bit)| {
        let is_here = Code::binary(Binary::Equal, place.clone(), Code::int(k as i128));
        Code::binary(Binary::And, is_here, bit.expr())
    });
    balanced(Binary::Or, parts.collect()).unwrap_or(Code::int(0))
}

/// The value at a place that is known at run time; 0 beyond the last.
fn chosen(values: &[Data], of: &Type, place: &Code, at: u32) -> Parse<Data> {
    let mut sum: Option<Data> = None;
    for (k, value) in values.iter().enumerate() {
        let mut is_here = Code::binary(Binary::Equal, place.clone(), Code::int(k as i128));
        if *of == Type::Float {
            is_here = Code::unary(Unary::ToFloat, is_here);
        }
        let value = match value {
            Data::Bits(bits) if bits.len() <= 64 => word(bits),
            other => other.clone(),
        };
        let part = combine(Binary::Multiply, &Data::Live(is_here), &value, at)?;
        sum = Some(match sum {
            None => part,
            Some(before) => combine(Binary::Add, &before, &part, at)?,
        });
    }
    let sum = sum.unwrap_or(Data::Int(0));
    match (of, &sum) {
        (Type::Bit(_), Data::Live(code)) => {
            let word =
                Value { of: Type::Uint(of.bits().unwrap_or(1) as u32), data: Data::Live(code.clone()) };
            Ok(Data::Bits(split(&word, 0).unwrap_or_default()))
        }
        _ => Ok(sum),
    }
}
