//! Declared memory: bits are classical registers, reals are parameters.
use std::collections::HashMap;

use super::lexer::{Cursor, Kind, whole};
use crate::circuit::CircuitBuilder;
use crate::error::{CoreError, CoreResult};
use crate::limits::{MAX_CLBITS, MAX_SYMBOLS};
use crate::text::{Fault, Parse, shown};

/// Names, kinds and sizes, in the order of declaration.
#[derive(Default)]
pub(super) struct Memory<'a> {
    cells: HashMap<&'a str, Cells>,
    order: Vec<&'a str>,
    bits: u32,
    numbers: u32,
}

#[derive(Clone, Copy)]
enum Cells {
    Bits { first: u32, size: u32 },
    Reals(u32),
}

impl<'a> Memory<'a> {
    /// `DECLARE name TYPE[size]`
    pub fn declare(&mut self, cursor: &mut Cursor<'a>) -> Parse<()> {
        let at = cursor.token.at;
        cursor.advance()?;
        let name = cursor.name()?;
        let kind = cursor.name()?;
        let size = if cursor.takes(b'[')? {
            let token = cursor.advance()?;
            if token.kind != Kind::Integer {
                return Err(Fault::invalid(token.at, "the size of memory is a whole number"));
            }
            cursor.mark(b']')?;
            whole(token.text)
        } else {
            1
        };
        if cursor.is_word("SHARING") {
            let message = "memory that shares other memory has no counterpart here";
            return Err(Fault::unsupported(cursor.token.at, message, "declare the memory once"));
        }
        cursor.over()?;
        if self.cells.contains_key(name.text) {
            return Err(Fault::invalid(name.at, format!("`{}` is declared twice", shown(name.text))));
        }
        let (count, most) = match kind.text {
            "BIT" => (&mut self.bits, MAX_CLBITS),
            "REAL" => (&mut self.numbers, MAX_SYMBOLS),
            other => {
                let message = format!("memory of the type `{}` has no counterpart here", shown(other));
                return Err(Fault::unsupported(kind.at, message, "declare BIT or REAL"));
            }
        };
        let first = *count;
        let total = first.saturating_add(size);
        if size == 0 || total as usize > most {
            let what = "cells of memory, of which there is at least one";
            return Err(Fault::limit(at, what, most, total as usize));
        }
        *count = total;
        let cells = if kind.text == "BIT" { Cells::Bits { first, size } } else { Cells::Reals(size) };
        self.cells.insert(name.text, cells);
        self.order.push(name.text);
        Ok(())
    }

    /// How many bits are declared.
    pub fn num_bits(&self) -> u32 {
        self.bits
    }

    /// How many reals a name stands for.
    pub fn reals(&self, name: &str) -> Option<u32> {
        match self.cells.get(name) {
            Some(Cells::Reals(size)) => Some(*size),
            _ => None,
        }
    }

    /// The classical bit that stands here, the last of its statement.
    pub fn bit(&self, cursor: &mut Cursor<'a>) -> Parse<u32> {
        let token = cursor.name()?;
        let index = cursor.index()?.unwrap_or(0);
        cursor.over()?;
        match self.cells.get(token.text) {
            Some(Cells::Bits { first, size }) if index < *size => Ok(first + index),
            _ => {
                Err(Fault::invalid(token.at, format!("`{}[{index}]` is no declared bit", shown(token.text))))
            }
        }
    }

    /// A builder with these parameters, so many qubits, and these registers.
    pub fn opened(&self, qubits: usize) -> CoreResult<CircuitBuilder> {
        let mut builder = CircuitBuilder::default();
        builder.add_qubits(qubits, None)?;
        for name in &self.order {
            match self.cells.get(name) {
                Some(Cells::Bits { size, .. }) => {
                    builder.add_clbits(*size as usize, Some(name))?;
                }
                Some(Cells::Reals(1)) => {
                    builder.declare(name)?;
                }
                Some(Cells::Reals(size)) => {
                    for index in 0..*size {
                        builder.declare(&format!("{name}[{index}]"))?;
                    }
                }
                None => return Err(CoreError::new(crate::ErrorCode::Internal, "memory without a name")),
            }
        }
        Ok(builder)
    }
}
