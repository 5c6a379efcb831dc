//! Statements.
use super::Parser;
use crate::qasm3::lexer::{Kind, mark};
use crate::qasm3::tree::{
    BinaryOp, Block, Expr, ExprKind, GateCall, Modifier, Over, Role, Statement, StatementKind,
};
use crate::text::{Fault, Parse};

const ASSIGNMENTS: [(&str, BinaryOp); 12] = [
    ("+=", BinaryOp::Add),
    ("-=", BinaryOp::Subtract),
    ("*=", BinaryOp::Multiply),
    ("/=", BinaryOp::Divide),
    ("%=", BinaryOp::Remainder),
    ("**=", BinaryOp::Power),
    ("&=", BinaryOp::And),
    ("|=", BinaryOp::Or),
    ("^=", BinaryOp::Xor),
    ("<<=", BinaryOp::Left),
    (">>=", BinaryOp::Right),
    ("~=", BinaryOp::Xor),
];

impl<'a> Parser<'a> {
    /// `OPENQASM 3.1;` if it stands here: whether it did.
    pub fn header(&mut self) -> Parse<bool> {
        let at = self.cursor.token.at;
        if !self.cursor.takes_word("OPENQASM")? {
            return Ok(false);
        }
        let version = self.cursor.advance()?;
        let major = version.text.split('.').next().unwrap_or_default();
        let is_number = matches!(version.kind, Kind::Integer | Kind::Real);
        if is_number && major != "3" {
            let message = "the version of OpenQASM that the text names is not 3";
            return Err(Fault::unsupported(at, message, "OpenQASM 2 is a format of its own: qasm2"));
        }
        if !is_number {
            return Err(Fault::invalid(at, "a version should follow `OPENQASM`"));
        }
        self.cursor.mark(";")?;
        Ok(true)
    }

    /// The next statement; `None` at the end of the text.
    pub fn next(&mut self) -> Parse<Option<Statement<'a>>> {
        if self.cursor.token.kind == Kind::End { Ok(None) } else { self.statement().map(Some) }
    }

    /// Statements up to a closing brace, which is not taken.
    pub fn statements(&mut self) -> Parse<Block<'a>> {
        let mut out = Vec::new();
        while !self.cursor.is("}") {
            if self.cursor.token.kind == Kind::End {
                return Err(self.cursor.wanted("`}`"));
            }
            out.push(self.deeper(Self::statement)?);
        }
        Ok(out)
    }

    /// A block in braces, or a single statement.
    fn block(&mut self) -> Parse<Block<'a>> {
        if self.cursor.takes("{")? {
            let out = self.statements()?;
            self.cursor.mark("}")?;
            return Ok(out);
        }
        self.deeper(|parser| {
            let mut out = vec![parser.statement()?];
            while matches!(out.last(), Some(Statement { kind: StatementKind::Annotation(..), .. })) {
                out.push(parser.statement()?);
            }
            Ok(out)
        })
    }

    fn statement(&mut self) -> Parse<Statement<'a>> {
        let token = self.cursor.token;
        let at = token.at as u32;
        let kind = match token.kind {
            Kind::Name => self.worded()?,
            Kind::Mark(packed) if packed == mark("@") => {
                let line = self.cursor.line()?;
                if line.is_empty() {
                    return Err(Fault::invalid(token.at, "an annotation has a name"));
                }
                let (name, text) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                StatementKind::Annotation(name, text.trim())
            }
            Kind::Mark(packed) if packed == mark("{") => StatementKind::Scope(self.block()?),
            _ => self.ended(|parser| parser.expression().map(StatementKind::Expression))?,
        };
        Ok(Statement { at, kind })
    }

    /// Something and the semicolon behind it.
    fn ended<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let out = read(self)?;
        self.cursor.mark(";")?;
        Ok(out)
    }

    fn alone(&mut self, kind: StatementKind<'a>) -> Parse<StatementKind<'a>> {
        self.ended(|parser| parser.cursor.advance().map(|_| kind))
    }

    fn worded(&mut self) -> Parse<StatementKind<'a>> {
        match self.cursor.token.text {
            "qubit" | "qreg" | "creg" => self.register(),
            "bool" | "bit" | "int" | "uint" | "angle" | "float" | "complex" | "duration" | "stretch"
            | "array" => self.classical(Role::Plain),
            "const" => self.role(Role::Const),
            "input" => self.role(Role::Input),
            "output" => self.role(Role::Output),
            "measure" => self.measure(),
            "reset" => self.reset(),
            "barrier" | "nop" => self.barrier(),
            "delay" => self.delay(),
            "ctrl" | "negctrl" | "inv" | "pow" => self.modified(),
            "gate" => self.definition(),
            "def" => self.subroutine(),
            "extern" => self.foreign(),
            "defcal" | "cal" | "defcalgrammar" => self.calibration(),
            "let" => self.alias(),
            "if" => self.branch(),
            "while" => self.repeat(),
            "for" => self.each(),
            "switch" => self.switch(),
            "box" => self.boxed(),
            "include" => self.include(),
            "break" => self.alone(StatementKind::Break),
            "continue" => self.alone(StatementKind::Continue),
            "end" => self.alone(StatementKind::End),
            "return" => self.give(),
            "pragma" => self.cursor.line().map(|_| StatementKind::Pragma),
            "gphase" => self.gate_call(Vec::new()).map(StatementKind::Gate),
            _ => self.other(),
        }
    }

    fn role(&mut self, role: Role) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        self.classical(role)
    }

    /// A gate call, an assignment or a call of a subroutine.
    fn other(&mut self) -> Parse<StatementKind<'a>> {
        let token = self.cursor.advance()?;
        let at = token.at as u32;
        match self.cursor.token.kind {
            Kind::Name | Kind::Physical => {
                let operands = self.operands()?;
                let call =
                    GateCall { modifiers: Vec::new(), name: token.text, arguments: Vec::new(), operands };
                Ok(StatementKind::Gate(call))
            }
            Kind::Mark(packed) if packed == mark("(") => {
                self.cursor.advance()?;
                let arguments = self.list(")", Self::value)?;
                if self.cursor.takes(";")? {
                    let kind = ExprKind::Call(token.text, arguments);
                    return Ok(StatementKind::Expression(Expr { at, kind }));
                }
                if self.cursor.takes("->")? {
                    let to = self.operand()?;
                    let value = Expr { at, kind: ExprKind::Call(token.text, arguments) };
                    self.cursor.mark(";")?;
                    return Ok(StatementKind::Assign { to, operation: None, value });
                }
                self.no_duration()?;
                let operands = self.operands()?;
                Ok(StatementKind::Gate(GateCall {
                    modifiers: Vec::new(),
                    name: token.text,
                    arguments,
                    operands,
                }))
            }
            _ => {
                let mut to = Expr { at, kind: ExprKind::Name(token.text) };
                let mut links = 0;
                while self.cursor.is("[") {
                    links += 1;
                    self.chained(links)?;
                    to = Expr { at, kind: ExprKind::Index(Box::new(to), self.indices()?) };
                }
                self.assignment(to)
            }
        }
    }

    fn no_duration(&self) -> Parse<()> {
        if self.cursor.is("[") {
            let message = "a gate with a duration of its own needs a device that is calibrated for it";
            return Err(Fault::unsupported(self.cursor.token.at, message, "leave the duration out"));
        }
        Ok(())
    }

    fn assignment(&mut self, to: Expr<'a>) -> Parse<StatementKind<'a>> {
        let Kind::Mark(packed) = self.cursor.token.kind else {
            return Err(self.cursor.wanted("`=` or qubits"));
        };
        let operation = match ASSIGNMENTS.iter().find(|(text, _)| mark(text) == packed) {
            Some((_, operation)) => Some(*operation),
            None if packed == mark("=") => None,
            None => return Err(self.cursor.wanted("`=` or qubits")),
        };
        self.cursor.advance()?;
        let value = self.value()?;
        self.cursor.mark(";")?;
        Ok(StatementKind::Assign { to, operation, value })
    }

    /// Qubits up to a semicolon, which is taken.
    fn operands(&mut self) -> Parse<Vec<Expr<'a>>> {
        let mut out = Vec::with_capacity(2);
        while !self.cursor.takes(";")? {
            out.push(self.quantum()?);
            if !self.cursor.takes(",")? {
                self.cursor.mark(";")?;
                break;
            }
        }
        Ok(out)
    }

    fn gate_call(&mut self, modifiers: Vec<Modifier<'a>>) -> Parse<GateCall<'a>> {
        let token = self.cursor.advance()?;
        if token.kind != Kind::Name {
            return Err(Fault::invalid(token.at, "a gate should stand here"));
        }
        let mut arguments = Vec::new();
        if self.cursor.takes("(")? {
            arguments = self.list(")", Self::expression)?;
        }
        self.no_duration()?;
        let operands = self.operands()?;
        Ok(GateCall { modifiers, name: token.text, arguments, operands })
    }

    fn modified(&mut self) -> Parse<StatementKind<'a>> {
        let mut modifiers = Vec::new();
        while matches!(self.cursor.token.text, "ctrl" | "negctrl" | "inv" | "pow") {
            let word = self.cursor.advance()?;
            let mut number = None;
            if self.cursor.takes("(")? {
                number = Some(self.expression()?);
                self.cursor.mark(")")?;
            }
            modifiers.push(match (word.text, number) {
                ("inv", None) => Modifier::Inverse,
                ("pow", Some(power)) => Modifier::Power(power),
                ("ctrl", count) => Modifier::Controls(true, count),
                ("negctrl", count) => Modifier::Controls(false, count),
                _ => return Err(Fault::invalid(word.at, "`pow` takes a number and `inv` none")),
            });
            self.cursor.mark("@")?;
        }
        self.gate_call(modifiers).map(StatementKind::Gate)
    }

    fn measure(&mut self) -> Parse<StatementKind<'a>> {
        let at = self.cursor.advance()?.at as u32;
        let operand = self.operand()?;
        let value = Expr { at, kind: ExprKind::Measure(Box::new(operand)) };
        if !self.cursor.takes("->")? {
            self.cursor.mark(";")?;
            return Ok(StatementKind::Expression(value));
        }
        let to = self.operand()?;
        self.cursor.mark(";")?;
        Ok(StatementKind::Assign { to, operation: None, value })
    }

    fn reset(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        self.ended(|parser| parser.operand().map(StatementKind::Reset))
    }

    fn barrier(&mut self) -> Parse<StatementKind<'a>> {
        let is_nop = self.cursor.advance()?.text == "nop";
        let operands = self.operands()?;
        Ok(if is_nop { StatementKind::Scope(Vec::new()) } else { StatementKind::Barrier(operands) })
    }

    fn delay(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let time = self.width()?.ok_or_else(|| self.cursor.wanted("`[` and a time"))?;
        Ok(StatementKind::Delay(time, self.operands()?))
    }

    fn condition(&mut self) -> Parse<Expr<'a>> {
        self.cursor.mark("(")?;
        let condition = self.value()?;
        self.cursor.mark(")")?;
        Ok(condition)
    }

    fn branch(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let condition = self.condition()?;
        let is_alone = !self.cursor.is("{");
        let then = self.block()?;
        let otherwise = if self.cursor.takes_word("else")? { self.block()? } else { Vec::new() };
        Ok(StatementKind::If(condition, then, otherwise, is_alone))
    }

    fn repeat(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        Ok(StatementKind::While(self.condition()?, self.block()?))
    }

    fn each(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let of = self.scalar_type()?;
        let name = self.cursor.new_name()?;
        self.cursor.word("in")?;
        let over = if self.cursor.takes("[")? {
            let first = if self.cursor.is(":") { None } else { Some(self.expression()?) };
            let range = self.range(first)?;
            self.cursor.mark("]")?;
            Over::Range(range)
        } else {
            Over::Values(self.expression()?)
        };
        Ok(StatementKind::For { of, name, over, body: self.block()? })
    }

    fn switch(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let on = self.condition()?;
        self.cursor.mark("{")?;
        let mut cases = Vec::new();
        let mut otherwise = None;
        while !self.cursor.takes("}")? {
            if self.cursor.takes_word("default")? {
                otherwise = Some(self.block()?);
                continue;
            }
            self.cursor.word("case")?;
            let mut values = vec![self.expression()?];
            while self.cursor.takes(",")? {
                values.push(self.expression()?);
            }
            cases.push((values, self.block()?));
        }
        Ok(StatementKind::Switch { on, cases, otherwise })
    }

    fn boxed(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let time = self.width()?;
        Ok(StatementKind::Box(time, self.block()?))
    }

    fn include(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        if self.cursor.token.kind != Kind::Text {
            return Err(self.cursor.wanted("a file name in quotes"));
        }
        let file = self.cursor.advance()?.text;
        self.cursor.mark(";")?;
        Ok(StatementKind::Include(file))
    }

    fn give(&mut self) -> Parse<StatementKind<'a>> {
        self.cursor.advance()?;
        let value = if self.cursor.is(";") { None } else { Some(self.value()?) };
        self.cursor.mark(";")?;
        Ok(StatementKind::Return(value))
    }
}
