//! Expressions, by precedence climbing.
use super::Parser;
use crate::circuit::DurationUnit;
use crate::qasm3::lexer::{Kind, mark};
use crate::qasm3::tree::{BinaryOp, Expr, ExprKind, Index, Range, UnaryOp};
use crate::text::{Fault, Parse};

/// Operators with how tightly they bind; the power, which groups to the right, binds tighter than any.
const OPERATORS: [(u32, BinaryOp, u8); 18] = [
    (mark("||"), BinaryOp::Either, 1),
    (mark("&&"), BinaryOp::Both, 2),
    (mark("|"), BinaryOp::Or, 3),
    (mark("^"), BinaryOp::Xor, 4),
    (mark("&"), BinaryOp::And, 5),
    (mark("=="), BinaryOp::Equal, 6),
    (mark("!="), BinaryOp::NotEqual, 6),
    (mark("<"), BinaryOp::Less, 7),
    (mark("<="), BinaryOp::LessEqual, 7),
    (mark(">"), BinaryOp::Greater, 7),
    (mark(">="), BinaryOp::GreaterEqual, 7),
    (mark("<<"), BinaryOp::Left, 8),
    (mark(">>"), BinaryOp::Right, 8),
    (mark("+"), BinaryOp::Add, 9),
    (mark("-"), BinaryOp::Subtract, 9),
    (mark("*"), BinaryOp::Multiply, 10),
    (mark("/"), BinaryOp::Divide, 10),
    (mark("%"), BinaryOp::Remainder, 10),
];

impl<'a> Parser<'a> {
    /// An expression.
    pub fn expression(&mut self) -> Parse<Expr<'a>> {
        self.climb(1)
    }

    /// An expression, or `measure` and its operand, or a concatenation.
    pub fn value(&mut self) -> Parse<Expr<'a>> {
        let at = self.cursor.token.at as u32;
        if self.cursor.takes_word("measure")? {
            let operand = self.operand()?;
            return Ok(Expr { at, kind: ExprKind::Measure(Box::new(operand)) });
        }
        let first = self.expression()?;
        if !self.cursor.is("++") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.cursor.takes("++")? {
            parts.push(self.expression()?);
        }
        Ok(Expr { at, kind: ExprKind::Concat(parts) })
    }

    fn climb(&mut self, least: u8) -> Parse<Expr<'a>> {
        let mut left = self.deeper(Self::prefix)?;
        for links in 1.. {
            self.chained(links)?;
            let Kind::Mark(packed) = self.cursor.token.kind else { return Ok(left) };
            if packed < 0x80 && matches!(packed as u8, b']' | b')' | b',' | b';' | b'}' | b'{' | b'[' | b'=')
            {
                return Ok(left);
            }
            let found = OPERATORS.iter().find(|(text, _, binding)| *text == packed && *binding >= least);
            let Some((_, operation, binding)) = found else { return Ok(left) };
            self.cursor.advance()?;
            let right = self.deeper(|parser| parser.climb(binding + 1))?;
            left = Expr { at: left.at, kind: ExprKind::Binary(*operation, Box::new([left, right])) };
        }
        Ok(left)
    }

    fn prefix(&mut self) -> Parse<Expr<'a>> {
        let at = self.cursor.token.at as u32;
        let operation = match self.cursor.token.kind {
            Kind::Mark(packed) if packed == mark("-") => UnaryOp::Negative,
            Kind::Mark(packed) if packed == mark("~") => UnaryOp::Invert,
            Kind::Mark(packed) if packed == mark("!") => UnaryOp::Not,
            _ => return self.power(),
        };
        self.cursor.advance()?;
        let of = self.deeper(Self::prefix)?;
        Ok(Expr { at, kind: ExprKind::Unary(operation, Box::new(of)) })
    }

    fn power(&mut self) -> Parse<Expr<'a>> {
        let base = self.postfix()?;
        if !self.cursor.takes("**")? {
            return Ok(base);
        }
        let exponent = self.deeper(Self::prefix)?;
        Ok(Expr { at: base.at, kind: ExprKind::Binary(BinaryOp::Power, Box::new([base, exponent])) })
    }

    fn postfix(&mut self) -> Parse<Expr<'a>> {
        let mut of = self.atom()?;
        let mut links = 0;
        while self.cursor.is("[") {
            links += 1;
            self.chained(links)?;
            of = Expr { at: of.at, kind: ExprKind::Index(Box::new(of), self.indices()?) };
        }
        Ok(of)
    }

    /// What stands in square brackets, which are taken.
    pub fn indices(&mut self) -> Parse<Vec<Index<'a>>> {
        self.cursor.mark("[")?;
        self.deeper(|parser| parser.list("]", Self::index))
    }

    fn index(&mut self) -> Parse<Index<'a>> {
        if self.cursor.takes("{")? {
            return self.list("}", Self::expression).map(Index::Set);
        }
        let first = if self.cursor.is(":") { None } else { Some(self.expression()?) };
        match first {
            Some(one) if !self.cursor.is(":") => Ok(Index::One(one)),
            first => self.range(first).map(Index::Range),
        }
    }

    /// The rest of a range, from its first colon.
    pub fn range(&mut self, first: Option<Expr<'a>>) -> Parse<Range<'a>> {
        self.cursor.mark(":")?;
        let ends = |parser: &Self| parser.cursor.is("]") || parser.cursor.is(",") || parser.cursor.is(":");
        let second = if ends(self) { None } else { Some(self.expression()?) };
        if !self.cursor.takes(":")? {
            return Ok(Range { first, step: None, last: second });
        }
        let last = if ends(self) { None } else { Some(self.expression()?) };
        Ok(Range { first, step: second, last })
    }

    fn atom(&mut self) -> Parse<Expr<'a>> {
        let token = self.cursor.token;
        let at = token.at as u32;
        let kind = match token.kind {
            Kind::Name => return self.named(),
            Kind::Integer => ExprKind::Int(integer(token.text).ok_or_else(|| {
                Fault::invalid(token.at, "a whole number has digits of its base and less than 127 bits")
            })?),
            Kind::Real => ExprKind::Float(real(token.text, token.at)?),
            Kind::Imaginary => ExprKind::Imaginary(real(token.text.trim_end_matches("im"), token.at)?),
            Kind::Time => time(token.text, token.at)?,
            Kind::Text => {
                if token.text.is_empty() || token.text.bytes().any(|byte| !matches!(byte, b'0' | b'1' | b'_'))
                {
                    return Err(Fault::invalid(token.at, "a text in quotes stands for bits, 0 and 1"));
                }
                ExprKind::Bits(token.text)
            }
            Kind::Physical => ExprKind::Physical(physical(token.text, token.at)?),
            Kind::Mark(packed) if packed == mark("(") => {
                self.cursor.advance()?;
                let inner = self.deeper(Self::value)?;
                self.cursor.mark(")")?;
                return Ok(inner);
            }
            Kind::Mark(packed) if packed == mark("{") => {
                self.cursor.advance()?;
                let values = self.deeper(|parser| parser.list("}", Self::value))?;
                return Ok(Expr { at, kind: ExprKind::List(values) });
            }
            _ => return Err(self.cursor.wanted("a value")),
        };
        self.cursor.advance()?;
        Ok(Expr { at, kind })
    }

    fn named(&mut self) -> Parse<Expr<'a>> {
        let token = self.cursor.token;
        let at = token.at as u32;
        if self.begins_type() {
            let of = self.scalar_type()?;
            self.cursor.mark("(")?;
            let value = self.deeper(Self::expression)?;
            self.cursor.mark(")")?;
            return Ok(Expr { at, kind: ExprKind::Cast(Box::new(of), Box::new(value)) });
        }
        self.cursor.advance()?;
        if token.text == "durationof" {
            self.cursor.mark("(")?;
            self.cursor.skip_block()?;
            self.cursor.mark(")")?;
            return Ok(Expr { at, kind: ExprKind::DurationOf });
        }
        if self.cursor.takes("(")? {
            let arguments = self.deeper(|parser| parser.list(")", Self::value))?;
            return Ok(Expr { at, kind: ExprKind::Call(token.text, arguments) });
        }
        let kind = match token.text {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "measure" => {
                return Err(Fault::hinted(
                    token.at,
                    "a measurement cannot stand here",
                    "assign it to bits first",
                ));
            }
            name => ExprKind::Name(name),
        };
        Ok(Expr { at, kind })
    }

    /// A qubit or a register that something acts on.
    pub fn quantum(&mut self) -> Parse<Expr<'a>> {
        let before = self.cursor;
        let token = self.cursor.advance()?;
        if token.kind == Kind::Name && self.cursor.takes("[")? {
            let index = self.cursor.token;
            if index.kind == Kind::Integer
                && let Ok(index) = index.text.parse()
            {
                self.cursor.advance()?;
                if self.cursor.takes("]")? && !self.cursor.is("[") {
                    return Ok(Expr { at: token.at as u32, kind: ExprKind::Element(token.text, index) });
                }
            }
        }
        self.cursor = before;
        self.operand()
    }

    /// A qubit, a register or bits of it: a name or `$0` with indices.
    pub fn operand(&mut self) -> Parse<Expr<'a>> {
        let token = self.cursor.token;
        let kind = match token.kind {
            Kind::Name => ExprKind::Name(token.text),
            Kind::Physical => ExprKind::Physical(physical(token.text, token.at)?),
            _ => return Err(self.cursor.wanted("a qubit")),
        };
        self.cursor.advance()?;
        let mut of = Expr { at: token.at as u32, kind };
        let mut links = 0;
        while self.cursor.is("[") {
            links += 1;
            self.chained(links)?;
            of = Expr { at: of.at, kind: ExprKind::Index(Box::new(of), self.indices()?) };
        }
        Ok(of)
    }
}

fn physical(text: &str, at: usize) -> Parse<u32> {
    text[1..].parse().map_err(|_| Fault::invalid(at, "the number of a qubit is too large"))
}

fn integer(text: &str) -> Option<i128> {
    let clean: String;
    let text = if text.contains('_') {
        clean = text.replace('_', "");
        clean.as_str()
    } else {
        text
    };
    let value = match text.get(..2) {
        Some("0x" | "0X") => i128::from_str_radix(&text[2..], 16),
        Some("0b" | "0B") => i128::from_str_radix(&text[2..], 2),
        Some("0o" | "0O") => i128::from_str_radix(&text[2..], 8),
        _ => text.parse(),
    };
    value.ok().filter(|value| value >> 126 == 0)
}

fn real(text: &str, at: usize) -> Parse<f64> {
    let text = text.trim();
    let value: Result<f64, _> = if text.contains('_') { text.replace('_', "").parse() } else { text.parse() };
    match value {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(Fault::invalid(at, "a number is beyond the range of double precision")),
    }
}

fn time<'a>(text: &str, at: usize) -> Parse<ExprKind<'a>> {
    let units = [
        ("dt", DurationUnit::Dt),
        ("ns", DurationUnit::Ns),
        ("us", DurationUnit::Us),
        ("µs", DurationUnit::Us),
        ("ms", DurationUnit::Ms),
        ("s", DurationUnit::S),
    ];
    for (name, unit) in units {
        if let Some(number) = text.strip_suffix(name) {
            return Ok(ExprKind::Time(real(number, at)?, unit));
        }
    }
    Err(Fault::invalid(at, "a time has one of the units dt, ns, us, ms and s"))
}
