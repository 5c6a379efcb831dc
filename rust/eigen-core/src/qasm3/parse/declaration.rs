//! Types, declarations, definitions of gates and subroutines.
use std::rc::Rc;

use super::Parser;
use crate::qasm3::lexer::Kind;
use crate::qasm3::tree::{
    Block, Expr, ExprKind, GateDefinition, Parameter, Role, StatementKind, Subroutine, Type, TypeKind,
};
use crate::text::{Fault, Parse};

impl<'a> Parser<'a> {
    /// Whether a classical type begins here.
    pub fn begins_type(&self) -> bool {
        self.cursor.token.kind == Kind::Name
            && matches!(
                self.cursor.token.text,
                "bool"
                    | "bit"
                    | "int"
                    | "uint"
                    | "angle"
                    | "float"
                    | "complex"
                    | "duration"
                    | "stretch"
                    | "array"
            )
    }

    /// A classical type that is no array.
    pub fn scalar_type(&mut self) -> Parse<Type<'a>> {
        let token = self.cursor.advance()?;
        let kind = match token.text {
            "bool" => TypeKind::Bool,
            "bit" => TypeKind::Bit(self.width()?),
            "int" => TypeKind::Int(self.width()?),
            "uint" => TypeKind::Uint(self.width()?),
            "angle" => TypeKind::Angle(self.width()?),
            "float" => TypeKind::Float(self.width()?),
            "duration" => TypeKind::Duration,
            "stretch" => TypeKind::Stretch,
            "complex" => {
                if self.cursor.takes("[")? {
                    self.scalar_type()?;
                    self.cursor.mark("]")?;
                }
                TypeKind::Complex
            }
            _ => return Err(Fault::invalid(token.at, "a type that is no array should stand here")),
        };
        Ok(Type { at: token.at as u32, kind })
    }

    /// Any classical type.
    pub fn classical_type(&mut self) -> Parse<Type<'a>> {
        if !self.cursor.is_word("array") {
            return self.scalar_type();
        }
        let at = self.cursor.advance()?.at as u32;
        self.cursor.mark("[")?;
        let of = self.scalar_type()?;
        self.cursor.mark(",")?;
        if self.cursor.is_word("#dim") {
            return Err(self.cursor.wanted("a size"));
        }
        let sizes = self.list("]", Self::expression)?;
        Ok(Type { at, kind: TypeKind::Array(Box::new(of), sizes) })
    }

    /// `[n]`, if it stands here.
    pub fn width(&mut self) -> Parse<Option<Expr<'a>>> {
        if !self.cursor.takes("[")? {
            return Ok(None);
        }
        let width = self.deeper(Self::expression)?;
        self.cursor.mark("]")?;
        Ok(Some(width))
    }

    /// A declaration of classical values: `type name = value;`.
    pub fn classical(&mut self, role: Role) -> Parse<StatementKind<'a>> {
        let of = if role == Role::Input && !self.begins_type() {
            return Err(self.cursor.wanted("a type"));
        } else {
            self.classical_type()?
        };
        let name = self.cursor.new_name()?;
        let value = if self.cursor.takes("=")? { Some(self.value()?) } else { None };
        self.cursor.mark(";")?;
        Ok(StatementKind::Declare { role, of, name, value })
    }

    /// `qubit[n] name;` or `qreg name[n];`, and `creg` like the latter.
    pub fn register(&mut self) -> Parse<StatementKind<'a>> {
        let word = self.cursor.advance()?;
        let at = word.at as u32;
        let before = if word.text == "qubit" { self.width()? } else { None };
        let name = self.cursor.new_name()?;
        let size = if word.text == "qubit" { before } else { self.width()? };
        self.cursor.mark(";")?;
        let kind = if word.text == "creg" { TypeKind::Bit(size) } else { TypeKind::Qubit(size) };
        Ok(StatementKind::Declare { role: Role::Plain, of: Type { at, kind }, name, value: None })
    }

    /// `gate name(parameters) qubits { … }`.
    pub fn definition(&mut self) -> Parse<StatementKind<'a>> {
        let begin = self.cursor.advance()?.at;
        let name = self.cursor.new_name()?;
        let mut parameters = Vec::new();
        if self.cursor.takes("(")? {
            parameters = self.list(")", |parser| parser.cursor.new_name())?;
        }
        let mut qubits = Vec::new();
        while !self.cursor.is("{") {
            qubits.push(self.cursor.new_name()?);
            if !self.cursor.takes(",")? {
                break;
            }
        }
        let (body, end) = self.braces()?;
        let text = &self.text[begin..end];
        Ok(StatementKind::Define(Rc::new(GateDefinition { name, parameters, qubits, body, text })))
    }

    /// A block in braces and where it ends.
    fn braces(&mut self) -> Parse<(Block<'a>, usize)> {
        self.cursor.mark("{")?;
        let body = self.statements()?;
        let end = self.cursor.token.at + 1;
        self.cursor.mark("}")?;
        Ok((body, end))
    }

    /// `def name(parameters) -> type { … }`.
    pub fn subroutine(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let name = self.cursor.new_name()?;
        self.cursor.mark("(")?;
        let parameters = self.list(")", Self::parameter)?;
        let result = if self.cursor.takes("->")? { Some(self.scalar_type()?) } else { None };
        let (body, _) = self.braces()?;
        Ok(StatementKind::Subroutine(Rc::new(Subroutine { name, parameters, result, body })))
    }

    fn parameter(&mut self) -> Parse<Parameter<'a>> {
        let token = self.cursor.token;
        let at = token.at as u32;
        if matches!(token.text, "qubit" | "qreg" | "creg") {
            self.cursor.advance()?;
            let before = if token.text == "qubit" { self.width()? } else { None };
            let name = self.cursor.new_name()?;
            let size = if token.text == "qubit" { before } else { self.width()? };
            let kind = if token.text == "creg" { TypeKind::Bit(size) } else { TypeKind::Qubit(size) };
            return Ok(Parameter { name, of: Type { at, kind }, is_mutable: false });
        }
        let is_mutable = self.cursor.is_word("mutable");
        let of = if is_mutable || self.cursor.is_word("readonly") {
            self.cursor.advance()?;
            self.reference()?
        } else {
            self.classical_type()?
        };
        let name = self.cursor.new_name()?;
        Ok(Parameter { name, of, is_mutable })
    }

    /// `array[type, sizes]` or `array[type, #dim = n]`.
    fn reference(&mut self) -> Parse<Type<'a>> {
        let at = self.cursor.token.at as u32;
        self.cursor.word("array")?;
        self.cursor.mark("[")?;
        let of = Box::new(self.scalar_type()?);
        self.cursor.mark(",")?;
        if self.cursor.takes("#")? {
            self.cursor.word("dim")?;
            self.cursor.mark("=")?;
            let count = Box::new(self.expression()?);
            self.cursor.mark("]")?;
            return Ok(Type { at, kind: TypeKind::ArrayOf(of, count) });
        }
        let sizes = self.list("]", Self::expression)?;
        Ok(Type { at, kind: TypeKind::Array(of, sizes) })
    }

    /// `extern name(types) -> type;`
    pub fn foreign(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let name = self.cursor.new_name()?;
        self.cursor.mark("(")?;
        self.list(")", |parser| {
            if parser.cursor.is_word("creg") {
                parser.cursor.advance()?;
                return parser.width().map(|_| ());
            }
            let is_reference = parser.cursor.is_word("readonly") || parser.cursor.is_word("mutable");
            if is_reference {
                parser.cursor.advance()?;
                return parser.reference().map(|_| ());
            }
            parser.classical_type().map(|_| ())
        })?;
        if self.cursor.takes("->")? {
            self.scalar_type()?;
        }
        self.cursor.mark(";")?;
        Ok(StatementKind::Extern(name))
    }

    /// `defcal`, `cal` and `defcalgrammar`: what is in their braces belongs to another grammar and is passed over.
    pub fn calibration(&mut self) -> Parse<StatementKind<'a>> {
        let word = self.cursor.advance()?;
        match word.text {
            "defcalgrammar" => {
                self.cursor.advance()?;
                self.cursor.mark(";")?;
                Ok(StatementKind::Calibration(None))
            }
            "cal" => self.cursor.skip_block().map(|()| StatementKind::Calibration(None)),
            _ => {
                let name = self.cursor.token;
                if name.kind != Kind::Name {
                    return Err(self.cursor.wanted("a name"));
                }
                while !self.cursor.is("{") {
                    if self.cursor.token.kind == Kind::End {
                        return Err(self.cursor.wanted("`{`"));
                    }
                    self.cursor.advance()?;
                }
                self.cursor.skip_block()?;
                Ok(StatementKind::Calibration(Some(name.text)))
            }
        }
    }

    /// `let name = value;`
    pub fn alias(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let name = self.cursor.new_name()?;
        self.cursor.mark("=")?;
        let value = self.value()?;
        if matches!(value.kind, ExprKind::Measure(_)) {
            return Err(Fault::invalid(value.at as usize, "an alias names bits or qubits that exist"));
        }
        self.cursor.mark(";")?;
        Ok(StatementKind::Alias(name, value))
    }
}
