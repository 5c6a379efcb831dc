//! What stands before any operation: definitions kept aside, memory, labels, names, qubits.
use std::collections::HashMap;
use std::rc::Rc;

use super::definition::{Definition, Form};
use super::lexer::{Cursor, Kind};
use super::memory::Memory;
use super::meter::Meter;
use super::reading::Reader;
use super::statement::{Statement, statements};
use crate::circuit::CircuitBuilder;
use crate::text::{self, Fault, Parse, shown};

/// The pragma that tells names of circuits and registers.
const TELL: &str = "EIGEN";

impl<'a> Reader<'a> {
    /// A reader that has read no operation yet.
    pub fn open(text: &'a str) -> Parse<Self> {
        let mut reader = Self {
            text,
            lines: Vec::new(),
            builder: CircuitBuilder::default(),
            memory: Memory::default(),
            definitions: HashMap::new(),
            costs: HashMap::new(),
            labels: HashMap::new(),
            meter: Meter::new(),
            depth: 0,
        };
        let found = statements(text)?;
        reader.keep_definitions(&found)?;
        let told = reader.declare()?;
        reader.begin(told)?;
        Ok(reader)
    }

    /// The statements outside of definitions stay; these are kept aside.
    fn keep_definitions(&mut self, found: &[Statement]) -> Parse<()> {
        let mut index = 0;
        while let Some(head) = found.get(index) {
            index += 1;
            if !matches!(head.head(self.text), "DEFGATE" | "DEFCIRCUIT") {
                self.lines.push(*head);
                continue;
            }
            let length = found[index..].iter().take_while(|line| line.is_inner).count();
            let mut cursor = Cursor::of(self.text, head)?;
            let definition = Definition::read(&mut cursor, &found[index..index + length])?;
            self.definitions.insert(definition.name, Rc::new(definition));
            index += length;
        }
        Ok(())
    }

    /// Memory and labels; gives the line that tells names, with its place.
    fn declare(&mut self) -> Parse<Option<(String, usize)>> {
        let mut told = None;
        for (index, line) in self.lines.iter().enumerate() {
            match line.head(self.text) {
                "DECLARE" => self.memory.declare(&mut Cursor::of(self.text, line)?)?,
                "PRAGMA" => {
                    if let Some(line) = pragma(self.text, line, TELL)? {
                        told = Some((line, self.lines[index].at as usize));
                    }
                }
                "LABEL" => {
                    let label = label(self.text, line)?;
                    if self.labels.insert(label, index).is_some() {
                        let message = format!("the label `{}` is set twice", shown(label));
                        return Err(Fault::invalid(line.at as usize, message));
                    }
                }
                _ => {}
            }
        }
        Ok(told)
    }

    fn begin(&mut self, told: Option<(String, usize)>) -> Parse<()> {
        if let Some((line, at)) = told {
            self.builder = text::opened(&line).map_err(|error| Fault::new(at, error))?;
            let (declared, told) = (self.memory.num_bits() as usize, self.builder.num_clbits());
            if declared != told {
                let message = format!("`{declared}` bits are declared, and `{told}` told by the pragma");
                return Err(Fault::invalid(at, message));
            }
            return Ok(());
        }
        let circuits = self.definitions.values().filter(|definition| definition.form == Form::Circuit);
        let inner = circuits.flat_map(|definition| &definition.body);
        let width = self.lines.iter().chain(inner).map(|line| line.width).max().unwrap_or(0);
        self.builder = self.memory.opened(width as usize).map_err(|error| Fault::new(0, error))?;
        Ok(())
    }
}

/// The text of a pragma of this name, which is its last word; nothing for other pragmas.
pub(super) fn pragma(text: &str, line: &Statement, name: &str) -> Parse<Option<String>> {
    let mut cursor = Cursor::of(text, line)?;
    cursor.advance()?;
    if !cursor.takes_word(name)? {
        return Ok(None);
    }
    let mut last = cursor.token;
    while !cursor.is_over() {
        last = cursor.advance()?;
    }
    if last.kind != Kind::Text {
        return Ok(Some(last.text.to_string()));
    }
    let mut out = String::with_capacity(last.text.len());
    let mut letters = last.text[1..last.text.len() - 1].chars();
    while let Some(letter) = letters.next() {
        out.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    Ok(Some(out))
}

/// `LABEL @name`, and nothing else.
pub(super) fn label<'a>(text: &'a str, line: &Statement) -> Parse<&'a str> {
    let mut cursor = Cursor::of(text, line)?;
    cursor.advance()?;
    if cursor.token.kind != Kind::Label {
        return Err(cursor.wanted("a label such as `@END`"));
    }
    let label = cursor.advance()?.text;
    cursor.over()?;
    Ok(label)
}
