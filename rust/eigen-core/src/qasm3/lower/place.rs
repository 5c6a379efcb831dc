//! Assignments: to variables, to their elements and bits, known now or at run time.
use std::rc::Rc;

use super::Lower;
use super::convert::{bits as as_bits, convert, split};
use super::index::Selection;
use super::scope::Entity;
use crate::compute::{Binary, Expr as Code, Unary};
use crate::qasm3::tree::{BinaryOp, Expr, ExprKind, Index};
use crate::qasm3::value::{Data, Type, Value};
use crate::text::{Fault, Parse, shown};

/// Something that can be assigned to: bits of a variable, or of registers under another name.
struct Place {
    home: Home,
    /// The type of what is assigned.
    of: Type,
    /// Which bits of the home, least significant first; `None` for all of them.
    bits: Option<Vec<usize>>,
    /// An element that is known at run time: its number, and the bits of each that it may be.
    choice: Option<(Code, Vec<Vec<usize>>)>,
}

enum Home {
    Variable(usize),
    Bits(Rc<[u32]>),
}

impl<'a> Lower<'a> {
    /// `place = value`, or with an operator `place operator= value`.
    pub fn assign(
        &mut self,
        to: &Expr<'a>,
        operation: Option<BinaryOp>,
        value: &Expr<'a>,
        at: u32,
    ) -> Parse<()> {
        if let (ExprKind::Measure(operand), None) = (&value.kind, operation) {
            let place = self.place(to)?;
            if place.choice.is_none() && matches!(place.of, Type::Bit(_) | Type::Bool) {
                let qubits = self.qubits(operand)?;
                let bits = self.bits_of(&place, to.at)?;
                return self.measure(&qubits, &bits, at);
            }
        }
        let value = match operation {
            None => self.evaluate(value)?,
            Some(operation) => {
                let old = self.evaluate(to)?;
                let right = self.evaluate(value)?;
                super::arithmetic::binary(operation, old, right, at)?
            }
        };
        let place = self.place(to)?;
        self.put(place, value, at)
    }

    /// Puts a value into a whole variable.
    pub fn put_whole(&mut self, index: usize, value: Value, at: u32) -> Parse<()> {
        let of = self.variables[index].of.clone();
        self.put(Place { home: Home::Variable(index), of, bits: None, choice: None }, value, at)
    }

    /// The bits of a variable or of a part of it, for a measurement.
    fn bits_of(&mut self, place: &Place, at: u32) -> Parse<Vec<u32>> {
        let all = match &place.home {
            Home::Variable(index) => {
                let index = *index;
                if place.bits.is_none() {
                    self.own(index, at)?;
                }
                self.home(index, at)?
            }
            Home::Bits(bits) => bits.clone(),
        };
        Ok(match &place.bits {
            None => all.to_vec(),
            Some(chosen) => chosen.iter().map(|k| all[*k]).collect(),
        })
    }

    fn put(&mut self, place: Place, value: Value, at: u32) -> Parse<()> {
        let value = convert(value, &place.of, at)?;
        if let Some((number, choices)) = &place.choice {
            let home = match place.home {
                Home::Variable(index) => self.home(index, at)?,
                Home::Bits(bits) => bits,
            };
            return self.put_chosen(number, choices, &home, &value, at);
        }
        let Home::Variable(index) = place.home else {
            let bits = self.bits_of(&place, at)?;
            return self.store(&bits, &value.data, &value.of, at);
        };
        let variable = &self.variables[index];
        let stays = variable.pinned == 0 && !variable.is_output && value.data.is_known();
        if stays && place.bits.is_none() {
            self.variables[index].known = Some(value.data);
            return Ok(());
        }
        if let (true, Some(bits), Some(old)) = (stays, &place.bits, &variable.known) {
            let old = Value { of: variable.of.clone(), data: old.clone() };
            let new = replaced(old, bits, &value, at)?;
            self.variables[index].known = Some(new);
            return Ok(());
        }
        if value.of.bits().is_none() {
            let message = format!("a `{}` cannot depend on what is measured", value.of.name());
            return Err(Fault::unsupported(at as usize, message, "use bool, bit, int, uint, angle or float"));
        }
        if place.bits.is_none() {
            self.own(index, at)?;
        }
        let home = self.home(index, at)?;
        let bits: Vec<u32> = match &place.bits {
            None => home.to_vec(),
            Some(chosen) => chosen.iter().map(|k| home[*k]).collect(),
        };
        self.store(&bits, &value.data, &value.of, at)
    }

    /// An element that is known at run time: each of them becomes the value or stays.
    fn put_chosen(
        &mut self,
        number: &Code,
        choices: &[Vec<usize>],
        home: &[u32],
        value: &Value,
        at: u32,
    ) -> Parse<()> {
        let is_float = value.of == Type::Float;
        let new = match &value.data {
            Data::Bits(bits) => crate::qasm3::value::word(bits).expr(),
            other => other.expr(),
        };
        let Some(new) = new else {
            return Err(Fault::unsupported(
                at as usize,
                "such an element is not written at run time",
                "use a constant index",
            ));
        };
        let as_factor = |code: Code| if is_float { Code::unary(Unary::ToFloat, code) } else { code };
        for (k, bits) in choices.iter().enumerate() {
            let bits: Vec<u32> = bits.iter().map(|bit| home[*bit]).collect();
            let old = match value.of.read(&bits) {
                Data::Bits(bits) => crate::qasm3::value::word(&bits).expr(),
                other => other.expr(),
            };
            let is_here = Code::binary(Binary::Equal, number.clone(), Code::int(k as i128));
            let is_not = Code::unary(Unary::Not, is_here.clone());
            let taken = Code::binary(Binary::Multiply, as_factor(is_here), new.clone());
            let kept = Code::binary(Binary::Multiply, as_factor(is_not), old.unwrap_or(Code::int(0)));
            self.compute(&bits, Code::binary(Binary::Add, taken, kept), at)?;
        }
        Ok(())
    }

    fn place(&mut self, to: &Expr<'a>) -> Parse<Place> {
        let at = to.at;
        match &to.kind {
            ExprKind::Name(name) => match self.entity(name, at)? {
                Entity::Variable(index) => {
                    let index = *index;
                    let of = self.variables[index].of.clone();
                    Ok(Place { home: Home::Variable(index), of, bits: None, choice: None })
                }
                Entity::Bits(bits) => {
                    let bits = bits.clone();
                    Ok(Place {
                        of: Type::Bit(Some(bits.len())),
                        home: Home::Bits(bits),
                        bits: None,
                        choice: None,
                    })
                }
                Entity::Value(_) => {
                    Err(Fault::invalid(at as usize, format!("`{}` does not change", shown(name))))
                }
                _ => Err(Fault::invalid(at as usize, format!("nothing is assigned to `{}`", shown(name)))),
            },
            ExprKind::Index(of, indices) => {
                let mut place = self.place(of)?;
                for index in indices {
                    place = self.inner(place, index, at)?;
                }
                Ok(place)
            }
            _ => Err(Fault::invalid(at as usize, "nothing is assigned to this")),
        }
    }

    /// A part of a place.
    fn inner(&mut self, place: Place, index: &Index<'a>, at: u32) -> Parse<Place> {
        if place.choice.is_some() {
            let message = "a part of an element that is known at run time is not written";
            return Err(Fault::unsupported(at as usize, message, "assign the whole element"));
        }
        let (count, width, single) = match &place.of {
            Type::Array(of, sizes) => {
                let stride: usize = sizes[1..].iter().product();
                let single = match sizes.len() {
                    1 => Type::clone(of),
                    _ => Type::Array(of.clone(), sizes[1..].to_vec()),
                };
                (sizes[0], of.bits().unwrap_or(1) * stride, single)
            }
            Type::Bit(Some(size)) => (*size, 1, Type::Bit(None)),
            Type::Int(width) | Type::Uint(width) | Type::Angle(width) => {
                (*width as usize, 1, Type::Bit(None))
            }
            other => {
                return Err(Fault::invalid(at as usize, format!("a `{}` has no elements", other.name())));
            }
        };
        let span = |k: usize| k * width..(k + 1) * width;
        let within = |bits: Vec<usize>| match &place.bits {
            None => bits,
            Some(outer) => bits.into_iter().map(|k| outer[k]).collect(),
        };
        Ok(match self.selection(index, count)? {
            Selection::One(one) => Place { bits: Some(within(span(one).collect())), of: single, ..place },
            Selection::Many(many) => {
                let bits = within(many.iter().flat_map(|k| span(*k)).collect());
                let of = match &place.of {
                    Type::Array(of, sizes) => {
                        let sizes = std::iter::once(many.len()).chain(sizes[1..].iter().copied()).collect();
                        Type::Array(of.clone(), sizes)
                    }
                    _ => Type::Bit(Some(many.len())),
                };
                Place { bits: Some(bits), of, ..place }
            }
            Selection::Live(number) => {
                let choices = (0..count).map(|k| within(span(k).collect())).collect();
                Place { choice: Some((number, choices)), of: single, ..place }
            }
        })
    }
}

/// A known value with some of its bits replaced.
fn replaced(old: Value, bits: &[usize], new: &Value, at: u32) -> Parse<Data> {
    if let (Type::Array(of, _), Data::Array(mut parts)) = (&old.of, old.data.clone()) {
        let width = of.bits().unwrap_or(1).max(1);
        if bits.len().is_multiple_of(width)
            && bits.chunks(width).all(|chunk| chunk[0] % width == 0 && chunk.len() == width)
        {
            let values = match &new.data {
                Data::Array(values) => values.clone(),
                single => vec![single.clone()],
            };
            for (chunk, value) in bits.chunks(width).zip(values) {
                parts[chunk[0] / width] = value;
            }
            return Ok(Data::Array(parts));
        }
        // Bits of one element.
        let element = bits.first().map_or(0, |bit| bit / width);
        let inner: Vec<usize> = bits.iter().map(|bit| bit % width).collect();
        let part = Value { of: (**of).clone(), data: parts[element].clone() };
        parts[element] = replaced(part, &inner, new, at)?;
        return Ok(Data::Array(parts));
    }
    let mut all = split(&old, 64).unwrap_or_default();
    let Data::Bits(values) = as_bits(new, bits.len(), at)? else { return Ok(old.data) };
    for (bit, value) in bits.iter().zip(values) {
        if let Some(slot) = all.get_mut(*bit) {
            *slot = value;
        }
    }
    let whole = Value { of: Type::Bit(Some(all.len())), data: Data::Bits(all) };
    match old.of {
        Type::Bit(_) => Ok(whole.data),
        of => convert(whole, &of, at).map(|value| value.data),
    }
}
