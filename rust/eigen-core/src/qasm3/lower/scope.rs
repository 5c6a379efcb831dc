//! Names and what they stand for.
use std::rc::Rc;

use super::Lower;
use crate::qasm3::library::{Native, is_standard};
use crate::qasm3::tree::{GateDefinition, Subroutine};
use crate::qasm3::value::{Data, Type, Value};
use crate::text::{Fault, Parse, shown};

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Entity<'a> {
    /// A value that does not change.
    Value(Rc<Value>),
    /// `variables[index]`
    Variable(usize),
    /// Qubits, and whether it is a single one that is no register.
    Qubits(Rc<[u32]>, bool),
    /// Classical bits under another name.
    Bits(Rc<[u32]>),
    Gate(Callee<'a>),
    Subroutine(Rc<Subroutine<'a>>),
    /// Declared, with its meaning elsewhere: what is missing.
    Missing(&'static str),
}

/// A gate.
#[derive(Clone, Debug)]
pub(super) enum Callee<'a> {
    Native(Rc<Native>),
    Defined(Rc<GateDefinition<'a>>),
}

/// A variable.
#[derive(Debug)]
pub(super) struct Variable {
    pub of: Type,
    /// What it holds, where that is known; else its bits hold it.
    pub known: Option<Data>,
    /// Classical bits, least significant first, once it has some.
    pub bits: Option<Rc<[u32]>>,
    /// Enclosing parts of the program that may or may not be run and that change it.
    pub pinned: usize,
    /// Whether its bits are part of the results, so that they must always hold it.
    pub is_output: bool,
}

/// The names of a block.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    names: Vec<(&'a str, Entity<'a>)>,
    /// Variables that end with it.
    pub variables: Vec<usize>,
    /// Whether names further out, but those of the whole program, are out of sight.
    pub is_closed: bool,
}

impl<'a> Lower<'a> {
    /// Gives a name a meaning in the innermost block.
    pub fn declare(&mut self, name: &'a str, entity: Entity<'a>, at: u32) -> Parse<()> {
        let is_taken = match self.scopes.last() {
            Some(scope) => scope.names.iter().any(|(known, _)| *known == name),
            None => self.globals.contains_key(name),
        };
        if is_taken {
            let message = format!("`{}` is declared already", shown(name));
            if self.scopes.is_empty() && is_standard(name) {
                return Err(Fault::hinted(at as usize, message, "it is a gate of `stdgates.inc`"));
            }
            return Err(Fault::invalid(at as usize, message));
        }
        match self.scopes.last_mut() {
            Some(scope) => scope.names.push((name, entity)),
            None => {
                self.globals.insert(name, entity);
            }
        }
        Ok(())
    }

    /// What a name stands for.
    pub fn find(&self, name: &str) -> Option<&Entity<'a>> {
        for scope in self.scopes.iter().rev() {
            if let Some((_, entity)) = scope.names.iter().rev().find(|(known, _)| *known == name) {
                return Some(entity);
            }
            if scope.is_closed {
                break;
            }
        }
        self.globals.get(name)
    }

    /// What a name stands for, which must be something.
    pub fn entity(&self, name: &str, at: u32) -> Parse<&Entity<'a>> {
        self.find(name).ok_or_else(|| {
            let message = format!("there is no `{}` here", shown(name));
            Fault::invalid(at as usize, message)
        })
    }

    /// Runs something with names of its own, which end with it.
    pub fn scoped<T>(&mut self, is_closed: bool, run: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.scopes.push(Scope { is_closed, ..Scope::default() });
        let out = run(self);
        if let Some(scope) = self.scopes.pop() {
            for index in scope.variables {
                self.release(index);
            }
        }
        out
    }

    /// A new variable.
    pub fn variable(&mut self, variable: Variable) -> usize {
        let index = match self.spare.pop() {
            Some(index) => {
                self.variables[index] = variable;
                index
            }
            None => {
                self.variables.push(variable);
                self.variables.len() - 1
            }
        };
        if let Some(scope) = self.scopes.last_mut() {
            scope.variables.push(index);
        }
        index
    }

    /// Ends a variable; its bits may serve another.
    fn release(&mut self, index: usize) {
        let variable = &mut self.variables[index];
        if let Some(bits) = variable.bits.take().filter(|_| !variable.is_output) {
            self.scratch.give_back(&bits);
        }
        self.spare.push(index);
    }

    /// The value of a variable.
    pub fn read(&self, index: usize) -> Value {
        let variable = &self.variables[index];
        let data = match (&variable.known, &variable.bits) {
            (Some(data), _) => data.clone(),
            (None, Some(bits)) => variable.of.read(bits),
            (None, None) => variable.of.zero(),
        };
        Value { of: variable.of.clone(), data }
    }
}

/// The hash of names (Fowler, Noll and Vo, 64 bits): a program has few of them.
#[derive(Debug)]
pub(super) struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl std::hash::Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 =
            bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
