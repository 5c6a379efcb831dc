//! Declarations: registers, the library, gates and opaque gates.
use std::collections::HashMap;

use super::cursor::Cursor;
use super::definition::Gate;
use super::expression;
use super::lexer::{Kind, Token};
use super::library::{BUILT_IN, COMPOSITE, ORIGINAL_COMPOSITE, QELIB1};
use super::names::{Name, Span};
use super::parser::Parser;
use crate::limits::{MAX_CLBITS, MAX_DEFINITION_DEPTH, MAX_OPERATIONS, MAX_QUBITS};
use crate::text::{Fault, Parse, shown};
use crate::verify;

/// Formal parameters or qubits of a gate by name.
type Formals<'a> = HashMap<&'a str, u32>;

impl<'a> Parser<'a> {
    /// `qreg name[size];` or `creg name[size];`
    pub(super) fn declare_register(&mut self, quantum: bool) -> Parse<()> {
        self.cursor.advance()?;
        let name = self.cursor.new_name()?;
        self.names.check_free(name)?;
        self.cursor.mark(b'[')?;
        let (at, size) = self.cursor.integer()?;
        self.cursor.mark(b']')?;
        self.cursor.mark(b';')?;
        let (what, limit) = if quantum { ("qubits", MAX_QUBITS) } else { ("classical bits", MAX_CLBITS) };
        let count = usize::try_from(size).unwrap_or(usize::MAX);
        if count > limit {
            return Err(Fault::limit(at, what, limit, count));
        }
        let builder = &mut self.emitter.builder;
        let added = match quantum {
            true => builder.add_qubits(count, Some(name.text)),
            false => builder.add_clbits(count, Some(name.text)),
        };
        let start = added.map_err(|error| Fault::new(at, error))?;
        let span = Span { start, size: count as u32 };
        self.names.set(name.text, if quantum { Name::Qubits(span) } else { Name::Clbits(span) });
        Ok(())
    }

    /// `include "qelib1.inc";`, the only include there is.
    pub(super) fn include(&mut self) -> Parse<()> {
        let at = self.cursor.advance()?.at;
        let file = self.cursor.token;
        if file.kind != Kind::Text {
            return Err(self.cursor.wanted("a file name in quotes"));
        }
        self.cursor.advance()?;
        self.cursor.mark(b';')?;
        if file.text != "qelib1.inc" {
            let hint = "put the definitions that it holds into the program";
            return Err(Fault::unsupported(
                file.at,
                "the only file that can be included is `qelib1.inc`",
                hint,
            ));
        }
        if self.included {
            return Err(Fault::invalid(at, "`qelib1.inc` is included twice"));
        }
        self.included = true;
        for native in &QELIB1 {
            let free = self.names.check_free(Token { kind: Kind::Name, text: native.name, at });
            match (free, native.original) {
                (Ok(()), original) => {
                    let gate = Gate::Native(native);
                    self.names.set(native.name, Name::Gate { gate, replaceable: !original });
                }
                (Err(taken), true) => return Err(taken),
                (Err(_), false) => {}
            }
        }
        for name in ORIGINAL_COMPOSITE {
            self.names.check_free(Token { kind: Kind::Name, text: name, at })?;
        }
        let program = std::mem::replace(&mut self.cursor, Cursor::new(COMPOSITE)?);
        while self.cursor.token.kind != Kind::End {
            self.define(true)?;
        }
        self.cursor = program;
        Ok(())
    }

    /// `gate name(params) qubits { calls }`
    pub(super) fn define(&mut self, library: bool) -> Parse<()> {
        self.cursor.advance()?;
        let name = self.cursor.new_name()?;
        if !library {
            self.names.check_free(name)?;
        }
        let (params, qubits) = self.formals()?;
        self.cursor.mark(b'{')?;
        let first = self.definitions.begin();
        while !self.cursor.takes(b'}')? {
            self.call(&params, &qubits, library)?;
        }
        let definition = self.definitions.end(first, params.len(), qubits.len());
        if definition.depth > MAX_DEFINITION_DEPTH {
            let what = "nesting of gate definitions";
            return Err(Fault::limit(name.at, what, MAX_DEFINITION_DEPTH, definition.depth));
        }
        // What the program has defined before the include stays.
        if !(library && self.names.check_free(name).is_err()) {
            let replaceable = library && !ORIGINAL_COMPOSITE.contains(&name.text);
            let gate = Gate::Defined(self.definitions.newest());
            self.names.set(name.text, Name::Gate { gate, replaceable });
        }
        Ok(())
    }

    /// `opaque name(params) qubits;`: a gate of the library keeps its meaning, `delay` is a delay.
    pub(super) fn declare_opaque(&mut self) -> Parse<()> {
        self.cursor.advance()?;
        let name = self.cursor.new_name()?;
        self.names.check_free(name)?;
        let (params, qubits) = self.formals()?;
        self.cursor.mark(b';')?;
        if let Some(Name::Gate { gate, .. }) = self.names.get(name.text) {
            return self.check_shape(name, gate, params.len(), qubits.len());
        }
        let is_delay = name.text == "delay" && (params.len(), qubits.len()) == (1, 1);
        let opaque = Gate::Opaque(params.len() as u32, qubits.len() as u32);
        let gate = if is_delay { Gate::Delay } else { opaque };
        self.names.set(name.text, Name::Gate { gate, replaceable: false });
        Ok(())
    }

    /// `(a, b) c, d`: formal parameters, which may be missing, and formal qubits.
    fn formals(&mut self) -> Parse<(Formals<'a>, Formals<'a>)> {
        let mut params = Formals::new();
        if self.cursor.takes(b'(')? && !self.cursor.takes(b')')? {
            self.formal_names(&mut params)?;
            self.cursor.mark(b')')?;
        }
        let mut qubits = Formals::new();
        self.formal_names(&mut qubits)?;
        Ok((params, qubits))
    }

    fn formal_names(&mut self, known: &mut Formals<'a>) -> Parse<()> {
        loop {
            let name = self.cursor.new_name()?;
            let next = known.len() as u32;
            if known.insert(name.text, next).is_some() {
                let message = format!("`{}` stands twice among the names of the gate", shown(name.text));
                return Err(Fault::invalid(name.at, message));
            }
            if !self.cursor.takes(b',')? {
                return Ok(());
            }
        }
    }

    /// One call in a gate's body.
    fn call(&mut self, params: &Formals<'a>, qubits: &Formals<'a>, library: bool) -> Parse<()> {
        let token = self.cursor.name()?;
        let marks = self.definitions.marks();
        let named = if token.text == "barrier" { None } else { Some(self.callee(token, library)?) };
        let mut given = 0;
        if named.is_some() && self.cursor.takes(b'(')? && !self.cursor.takes(b')')? {
            let names = |name: &str| params.get(name).copied();
            loop {
                expression::read(&mut self.cursor, &mut self.definitions.compiler(&names))?;
                given += 1;
                if !self.cursor.takes(b',')? {
                    break;
                }
            }
            self.cursor.mark(b')')?;
        }
        self.formal_operands(qubits)?;
        let operands = self.definitions.operands_since(marks.0);
        let count = operands.len();
        if verify::distinct(operands, "qubit").is_err() {
            let message = format!("`{}` gets the same qubit twice", shown(token.text));
            return Err(Fault::invalid(token.at, message));
        }
        let gate = named.unwrap_or(Gate::Barrier(count as u32));
        self.check_shape(token, gate, given, count)?;
        self.definitions.call(gate, marks);
        let calls = self.definitions.num_calls();
        if calls > MAX_OPERATIONS {
            return Err(Fault::limit(token.at, "calls in gate definitions", MAX_OPERATIONS, calls));
        }
        Ok(())
    }

    /// The gate of a name in a body; the library's own bodies mean the library's gates.
    fn callee(&self, token: Token<'_>, library: bool) -> Parse<Gate> {
        let own = || QELIB1.iter().chain(&BUILT_IN).find(|native| native.name == token.text);
        match library.then(own).flatten() {
            Some(native) => Ok(Gate::Native(native)),
            None => self.names.gate(token, self.included),
        }
    }

    fn formal_operands(&mut self, qubits: &Formals<'a>) -> Parse<()> {
        loop {
            let name = self.cursor.name()?;
            let Some(position) = qubits.get(name.text) else {
                let message = format!("`{}` is no qubit of the gate", shown(name.text));
                return Err(Fault::invalid(name.at, message));
            };
            self.definitions.operand(*position);
            if !self.cursor.takes(b',')? {
                return self.cursor.mark(b';');
            }
        }
    }
}
