//! The one name space of a program: registers and gates.
use std::collections::HashMap;

use super::definition::Gate;
use super::lexer::Token;
use crate::text::{Fault, Parse, shown};

/// The bits of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u32,
    pub size: u32,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Qubits(Span),
    Clbits(Span),
    /// A gate; one of the library that came after its first version gives way to the program's own definition.
    Gate {
        gate: Gate,
        replaceable: bool,
    },
}

impl Name {
    fn what(self) -> &'static str {
        match self {
            Self::Qubits(_) => "a quantum register",
            Self::Clbits(_) => "a classical register",
            Self::Gate { .. } => "a gate",
        }
    }
}

/// The names that are known so far.
#[derive(Default)]
pub(super) struct Names<'a>(HashMap<&'a str, Name>);

impl<'a> Names<'a> {
    #[inline]
    pub fn get(&self, name: &str) -> Option<Name> {
        self.0.get(name).copied()
    }

    /// Makes a name known without looking.
    pub fn set(&mut self, name: &'a str, value: Name) {
        self.0.insert(name, value);
    }

    /// Fails when a name is taken by what does not give way.
    pub fn check_free(&self, token: Token<'_>) -> Parse<()> {
        match self.get(token.text) {
            None | Some(Name::Gate { replaceable: true, .. }) => Ok(()),
            Some(taken) => {
                let message = format!("`{}` is already {}", shown(token.text), taken.what());
                Err(Fault::invalid(token.at, message))
            }
        }
    }

    /// The gate of a name.
    #[inline]
    pub fn gate(&self, token: Token<'_>, included: bool) -> Parse<Gate> {
        match self.get(token.text) {
            Some(Name::Gate { gate: Gate::Opaque(..), .. }) => {
                let message =
                    format!("gate `{}` is opaque: it is declared and not defined", shown(token.text));
                Err(Fault::unsupported(token.at, message, "give it a definition: gate NAME(…) … { … }"))
            }
            Some(Name::Gate { gate, .. }) => Ok(gate),
            Some(other) => {
                let message =
                    format!("`{}` is {}, and a gate should stand here", shown(token.text), other.what());
                Err(Fault::invalid(token.at, message))
            }
            None => {
                let message = format!("there is no gate `{}`", shown(token.text));
                Err(Fault::hinted(token.at, message, self.missing(token.text, included)))
            }
        }
    }

    fn missing(&self, name: &str, included: bool) -> &'static str {
        let known = super::library::QELIB1.iter().any(|native| native.name == name);
        match (included, known) {
            (false, true) => "the gate is one of the library: include \"qelib1.inc\";",
            (false, false) => "the gates of the library need include \"qelib1.inc\";",
            _ => "a gate is defined before it is used, and not by itself",
        }
    }

    /// The register of a name: `quantum` or classical.
    #[inline]
    pub fn register(&self, token: Token<'_>, quantum: bool) -> Parse<Span> {
        match (self.get(token.text), quantum) {
            (Some(Name::Qubits(span)), true) | (Some(Name::Clbits(span)), false) => Ok(span),
            (found, _) => {
                let kind = if quantum { "quantum" } else { "classical" };
                let message = match found {
                    Some(other) => {
                        format!("`{}` is {}, not a {kind} register", shown(token.text), other.what())
                    }
                    None => format!("there is no {kind} register `{}`", shown(token.text)),
                };
                Err(Fault::invalid(token.at, message))
            }
        }
    }
}
