//! Expressions as text. Each is written in the shortest of a few forms of which the reader makes it again: what a form
//! means is asked of the reader's own operators, and a wide integer, `int[128]`, is the form that never cuts anything off.
use super::layout::Kind;
use super::{Text, unsupported};
use crate::compute::{Binary, Expr, Number, Reading, Unary};
use crate::error::CoreResult;
use crate::json::float_text;
use crate::qasm3::lower::{arithmetic, convert::convert, function, live::stored};
use crate::qasm3::tree::{BinaryOp, UnaryOp};
use crate::qasm3::value::{Bit, Data, Type, Value};

/// How tightly a text binds that nothing can tear apart, and one behind a sign.
const ATOM: u8 = 12;
const SIGNED: u8 = 11;
/// The integer that all whole numbers of expressions are.
const WIDE: Type = Type::Int(128);

/// An expression as text, and what it means to the reader.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub text: String,
    pub value: Value,
    binding: u8,
    /// How deep the reader goes for it.
    pub nesting: usize,
}

impl Said {
    /// A text that is no value of an expression: bits.
    pub fn atom(text: String) -> Self {
        Self { text, value: Value { of: Type::Void, data: Data::Void }, binding: ATOM, nesting: 1 }
    }

    /// The value as one of another type; `None` where there is no such cast.
    pub fn cast(&self, to: &Type) -> Option<Self> {
        if self.value.of == *to {
            return Some(self.clone());
        }
        if let (Type::Bit(size), Type::Int(_) | Type::Float) = (&self.value.of, to) {
            // Bits are numbers without a sign, of as many bits, before they are others.
            return self.cast(&Type::Uint(size.unwrap_or(1) as u32))?.cast(to);
        }
        let name = match to {
            Type::Uint(width) => format!("uint[{width}]"),
            Type::Int(width) => format!("int[{width}]"),
            Type::Float => "float[64]".to_string(),
            Type::Bit(None) => "bit".to_string(),
            Type::Bit(Some(size)) => format!("bit[{size}]"),
            _ => return None,
        };
        let value = convert(self.value.clone(), to, 0).ok()?;
        Some(Self { text: format!("{name}({})", self.text), value, binding: ATOM, nesting: self.nesting + 2 })
    }

    /// Whether assigned to a variable it leaves the bits that an expression does.
    pub fn gives(&self, wanted: &Expr, to: &Type) -> bool {
        let width = to.bits().unwrap_or(64);
        match convert(self.value.clone(), to, 0).map(|value| value.data) {
            Ok(Data::Live(expr)) => stored(expr, width) == *wanted,
            _ => false,
        }
    }

    /// What the reader makes of it: what its parts mean may be said in another form than they were given in.
    fn expr(&self) -> Option<Expr> {
        match &self.value.data {
            Data::Bits(bits) => match bits.as_slice() {
                [bit] => Some(bit.expr()),
                _ => None,
            },
            data => data.expr(),
        }
    }

    /// Whether the reader makes an expression of it.
    fn is(&self, wanted: &Expr) -> bool {
        match &self.value.data {
            Data::Live(expr) => expr == wanted,
            Data::Bits(bits) => matches!(bits.as_slice(), [Bit::Live(expr)] if expr == wanted),
            _ => false,
        }
    }

    /// A number: a single bit as one.
    fn solid(&self) -> Option<Self> {
        match self.value.of {
            Type::Bit(size) => self.cast(&Type::Uint(size.unwrap_or(1) as u32)),
            _ => Some(self.clone()),
        }
    }

    /// The text as an operand, in brackets where it would be torn apart or be hard to read.
    fn operand(&self, binding: u8, is_left: bool) -> (String, usize) {
        let is_sum = (9..SIGNED).contains(&self.binding) && (9..SIGNED).contains(&binding);
        let is_whole = match self.binding {
            ATOM => true,
            SIGNED => (6..=7).contains(&binding),
            own => is_sum && (own > binding || is_left && own == binding),
        };
        if is_whole {
            return (self.text.clone(), self.nesting);
        }
        (format!("({})", self.text), self.nesting + 2)
    }

    fn joined(operation: BinaryOp, left: &Self, right: &Self) -> Option<Self> {
        let (sign, binding) = sign(operation);
        let value = arithmetic::binary(operation, left.value.clone(), right.value.clone(), 0).ok()?;
        let (first, second) = (left.operand(binding, true), right.operand(binding, false));
        let nesting = first.1.max(second.1 + 1) + 1;
        Some(Self { text: format!("{} {sign} {}", first.0, second.0), value, binding, nesting })
    }

    fn changed(operation: UnaryOp, of: &Self) -> Option<Self> {
        let sign = match operation {
            UnaryOp::Negative => '-',
            UnaryOp::Invert => '~',
            UnaryOp::Not => '!',
        };
        let value = arithmetic::unary(operation, of.value.clone(), 0).ok()?;
        let (text, nesting) = of.operand(SIGNED, false);
        Some(Self { text: format!("{sign}{text}"), value, binding: SIGNED, nesting: nesting + 1 })
    }

    fn called(name: &str, of: &Self, value: Value) -> Self {
        Self { text: format!("{name}({})", of.text), value, binding: ATOM, nesting: of.nesting + 2 }
    }
}

impl Text<'_> {
    /// An expression whose numbers are folded.
    pub(super) fn said(&mut self, expr: &Expr) -> CoreResult<Said> {
        match expr {
            Expr::Number(number) => known(*number),
            Expr::Bits(bits, reading) => self.read(bits, *reading, expr),
            Expr::Unary(operation, of) => self.unary(*operation, of),
            Expr::Binary(operation, left, right) => self.binary(*operation, left, right),
        }
    }

    /// An operation on whole numbers just as one would write it, whatever becomes of its width; `None` for other
    /// expressions.
    pub(super) fn plainly(&mut self, expr: &Expr) -> CoreResult<Option<Said>> {
        Ok(match expr {
            Expr::Binary(operation, left, right) => plain(*operation, &self.said(left)?, &self.said(right)?),
            Expr::Unary(Unary::Negative, of) => signed(UnaryOp::Negative, &self.said(of)?),
            Expr::Unary(Unary::Invert, of) => signed(UnaryOp::Invert, &self.said(of)?),
            _ => None,
        })
    }

    fn read(&mut self, bits: &[u32], reading: Reading, wanted: &Expr) -> CoreResult<Said> {
        let kind = self.clbits.variable(bits).map(|variable| variable.kind);
        let width = bits.len() as u32;
        let of = match kind {
            Some(Kind::Float) => Type::Float,
            Some(Kind::Int) => Type::Int(width),
            Some(_) => Type::Uint(width),
            None => Type::Bit(if width == 1 { None } else { Some(bits.len()) }),
        };
        let data = of.read(bits);
        let here = Said { text: self.bits(bits), value: Value { of, data }, binding: ATOM, nesting: 4 };
        if here.is(wanted) {
            return Ok(here);
        }
        let to = match reading {
            Reading::Unsigned => Type::Uint(width),
            Reading::Signed => Type::Int(width),
            Reading::Float => return Err(beyond("bits read as a fraction")),
        };
        here.cast(&to).ok_or_else(|| beyond("a fraction read as a whole number"))
    }

    fn unary(&mut self, operation: Unary, of: &Expr) -> CoreResult<Said> {
        if let Unary::Wrap { bits, signed } = operation {
            return self.wrapped(of, &if signed { Type::Int(bits) } else { Type::Uint(bits) });
        }
        let inner = self.said(of)?;
        one(operation, &inner).ok_or_else(|| beyond(operation_name(operation)))
    }

    /// A number cut to a width, which it often has by itself.
    fn wrapped(&mut self, of: &Expr, to: &Type) -> CoreResult<Said> {
        let (plain, exact) = match of {
            Expr::Binary(operation, left, right) => {
                let (left, right) = (self.said(left)?, self.said(right)?);
                (plain(*operation, &left, &right), two(*operation, &left, &right))
            }
            Expr::Unary(operation @ (Unary::Negative | Unary::Invert), inner) => {
                let inner = self.said(inner)?;
                (signed(sign_of(*operation), &inner), one(*operation, &inner))
            }
            _ => (None, Some(self.said(of)?)),
        };
        let cut = exact.and_then(|said| said.cast(to));
        let wanted = cut.as_ref().and_then(Said::expr);
        plain
            .filter(|said| wanted.as_ref().is_some_and(|wanted| said.is(wanted)))
            .or(cut)
            .ok_or_else(|| beyond("an operation that is cut to a width"))
    }

    fn binary(&mut self, operation: Binary, left: &Expr, right: &Expr) -> CoreResult<Said> {
        let (left, right) = (self.said(left)?, self.said(right)?);
        two(operation, &left, &right).ok_or_else(|| {
            beyond(Binary::NAMES.iter().find(|(known, _)| *known == operation).map_or("", |row| row.1))
        })
    }
}

fn sign_of(operation: Unary) -> UnaryOp {
    if operation == Unary::Invert { UnaryOp::Invert } else { UnaryOp::Negative }
}

fn plain(operation: Binary, left: &Said, right: &Said) -> Option<Said> {
    if let Some(logic) = logic(operation, left, right) {
        return Said::joined(logic, left, right);
    }
    Said::joined(operator(operation), &left.solid()?, &right.solid()?)
}

fn signed(operation: UnaryOp, of: &Said) -> Option<Said> {
    Said::changed(operation, &of.solid()?)
}

/// The operator of logic that an operation on truth values or single bits is.
fn logic(operation: Binary, left: &Said, right: &Said) -> Option<BinaryOp> {
    let is = |of: &Type| left.value.of == *of && right.value.of == *of;
    match operation {
        Binary::And if is(&Type::Bool) => Some(BinaryOp::Both),
        Binary::Or if is(&Type::Bool) => Some(BinaryOp::Either),
        Binary::And | Binary::Or | Binary::Xor if is(&Type::Bit(None)) => Some(operator(operation)),
        _ => None,
    }
}

/// The form of an operation on one value that means just it.
fn one(operation: Unary, of: &Said) -> Option<Said> {
    let wanted = Expr::unary(operation, of.expr()?);
    let wanted = &wanted;
    let counted = |of: Said| {
        let value = function::popcount(&of.value, 0).ok()?;
        Some(Said::called("popcount", &of, value))
    };
    match operation {
        Unary::Not if matches!(of.value.of, Type::Bool | Type::Bit(None)) => Said::changed(UnaryOp::Not, of),
        Unary::Not => Said::joined(BinaryOp::Equal, &of.solid()?, &known_int(0)),
        Unary::Negative | Unary::Invert => signed(sign_of(operation), of)
            .filter(|said| said.is(wanted))
            .or_else(|| signed(sign_of(operation), &of.cast(&WIDE)?)),
        Unary::ToFloat => of.cast(&Type::Float),
        Unary::ToInt => of.cast(&WIDE),
        Unary::Popcount => of
            .solid()
            .and_then(counted)
            .filter(|said| said.is(wanted))
            .or_else(|| of.cast(&WIDE).and_then(counted)),
        other => {
            let value = Value { of: Type::Float, data: Data::Live(wanted.clone()) };
            function_name(other).map(|name| Said::called(name, of, value))
        }
    }
}

/// The shortest form of an operation on two values that means just it.
fn two(operation: Binary, left: &Said, right: &Said) -> Option<Said> {
    let wanted = Expr::binary(operation, left.expr()?, right.expr()?);
    let wanted = &wanted;
    let logic = logic(operation, left, right)
        .and_then(|logic| Said::joined(logic, left, right))
        .filter(|said| said.is(wanted));
    if logic.is_some() {
        return logic;
    }
    let (left, right) = (left.solid()?, right.solid()?);
    let wide = |said: &Said| said.cast(&WIDE);
    let forms = [
        Some((left.clone(), right.clone())),
        wide(&left).map(|left| (left, right.clone())),
        wide(&right).map(|right| (left.clone(), right)),
        wide(&left).zip(wide(&right)),
    ];
    let mut said = forms
        .into_iter()
        .flatten()
        .filter_map(|(left, right)| Said::joined(operator(operation), &left, &right));
    said.find(|said| said.is(wanted))
}

/// A number as it is written.
fn known(number: Number) -> CoreResult<Said> {
    match number {
        Number::Int(value) if value.unsigned_abs() >> 126 == 0 => Ok(known_int(value)),
        Number::Int(_) => Err(beyond("a whole number of more than 126 bits")),
        Number::Float(value) if value.is_finite() => {
            let binding = if value.is_sign_negative() { SIGNED } else { ATOM };
            let value_of = Value { of: Type::Float, data: Data::Float(value) };
            Ok(Said { text: float_text(value), value: value_of, binding, nesting: 1 })
        }
        Number::Float(_) => Err(beyond("a fraction that is no finite number")),
    }
}

fn known_int(value: i128) -> Said {
    let binding = if value < 0 { SIGNED } else { ATOM };
    let value_of = Value { of: Type::Literal, data: Data::Int(value) };
    Said { text: value.to_string(), value: value_of, binding, nesting: 1 }
}

fn beyond(what: &str) -> crate::error::CoreError {
    unsupported(format!("COMPUTE with `{what}`, which OpenQASM 3 has no form for"))
}

fn operator(operation: Binary) -> BinaryOp {
    match operation {
        Binary::Add => BinaryOp::Add,
        Binary::Subtract => BinaryOp::Subtract,
        Binary::Multiply => BinaryOp::Multiply,
        Binary::Divide => BinaryOp::Divide,
        Binary::Remainder => BinaryOp::Remainder,
        Binary::Power => BinaryOp::Power,
        Binary::And => BinaryOp::And,
        Binary::Or => BinaryOp::Or,
        Binary::Xor => BinaryOp::Xor,
        Binary::Left => BinaryOp::Left,
        Binary::Right => BinaryOp::Right,
        Binary::Equal => BinaryOp::Equal,
        Binary::NotEqual => BinaryOp::NotEqual,
        Binary::Less => BinaryOp::Less,
        Binary::LessEqual => BinaryOp::LessEqual,
    }
}

/// An operator as it is written, and how tightly it binds.
fn sign(operation: BinaryOp) -> (&'static str, u8) {
    match operation {
        BinaryOp::Either => ("||", 1),
        BinaryOp::Both => ("&&", 2),
        BinaryOp::Or => ("|", 3),
        BinaryOp::Xor => ("^", 4),
        BinaryOp::And => ("&", 5),
        BinaryOp::Equal => ("==", 6),
        BinaryOp::NotEqual => ("!=", 6),
        BinaryOp::Less => ("<", 7),
        BinaryOp::LessEqual => ("<=", 7),
        BinaryOp::Greater => (">", 7),
        BinaryOp::GreaterEqual => (">=", 7),
        BinaryOp::Left => ("<<", 8),
        BinaryOp::Right => (">>", 8),
        BinaryOp::Add => ("+", 9),
        BinaryOp::Subtract => ("-", 9),
        BinaryOp::Multiply => ("*", 10),
        BinaryOp::Divide => ("/", 10),
        BinaryOp::Remainder => ("%", 10),
        BinaryOp::Power => ("**", SIGNED),
    }
}

/// The function of the language that an operation on a fraction is.
fn function_name(operation: Unary) -> Option<&'static str> {
    match operation {
        Unary::Floor => Some("floor"),
        Unary::Ceiling => Some("ceiling"),
        other => function::REAL.iter().find(|(_, known)| *known == other).map(|(name, _)| *name),
    }
}

fn operation_name(operation: Unary) -> &'static str {
    Unary::NAMES.iter().find(|(known, _)| *known == operation).map_or("wrap", |(_, name)| name)
}
