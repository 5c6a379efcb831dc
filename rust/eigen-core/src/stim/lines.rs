//! A document as a flat list of instructions with their arguments and targets; nothing is interpreted.
use std::ops::Range;

use super::gates::{Act, Row, find};
use super::targets::{Target, What};
use crate::limits::MAX_OPERATIONS;
use crate::text::scan::{is_word, number, run};
use crate::text::{Fault, Parse, shown};

/// Blocks inside blocks.
const MAX_DEPTH: usize = 100;
/// What begins the tag that tells names.
const TAG: &str = "eigen:";

/// One instruction.
#[derive(Debug)]
pub(super) struct Line {
    pub row: &'static Row,
    pub at: usize,
    pub arguments: Range<u32>,
    pub targets: Range<u32>,
    /// Rounds of a `REPEAT`.
    pub rounds: u64,
    /// Of a `REPEAT`, the line behind its block.
    pub end: usize,
    /// Of a `REPEAT`, whether its rounds differ and are written out.
    pub unrolls: bool,
}

/// What a text says.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub text: &'a str,
    /// The line of JSON that tells names, and its place.
    pub told: Option<(String, usize)>,
    pub lines: Vec<Line>,
    pub arguments: Vec<f64>,
    pub targets: Vec<Target>,
}

impl<'a> Document<'a> {
    /// Reads all lines.
    pub fn read(text: &'a str) -> Parse<Self> {
        let mut document =
            Self { text, told: None, lines: Vec::new(), arguments: Vec::new(), targets: Vec::new() };
        let mut open: Vec<usize> = Vec::new();
        let mut begin = 0;
        let mut is_first = true;
        for line in text.split('\n') {
            let at = begin + run(line.as_bytes(), |byte| byte.is_ascii_whitespace() || byte == 0x0b);
            begin += line.len() + 1;
            let content = text[at..(begin - 1).max(at)].trim_ascii_end();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            match content.strip_prefix('}') {
                Some(rest) if rest.is_empty() || rest.trim_ascii_start().starts_with('#') => {
                    let Some(head) = open.pop() else {
                        return Err(Fault::invalid(at, "`}` closes no block"));
                    };
                    document.lines[head].end = document.lines.len();
                }
                _ => document.instruction(content, at, &mut open, is_first)?,
            }
            is_first = false;
        }
        match open.last() {
            None => Ok(document),
            Some(head) => {
                Err(Fault::invalid(document.lines[*head].at, "the block of this REPEAT is not closed"))
            }
        }
    }

    /// `NAME[tag](arguments) targets`, and `{` behind a `REPEAT`.
    fn instruction(
        &mut self,
        content: &'a str,
        at: usize,
        open: &mut Vec<usize>,
        is_first: bool,
    ) -> Parse<()> {
        let none = || Fault::invalid(at, "this is no instruction of Stim");
        let bytes = content.as_bytes();
        if !bytes[0].is_ascii_alphabetic() {
            return Err(none());
        }
        let name = &content[..run(bytes, is_word)];
        let Some(row) = find(name) else {
            return Err(Fault::invalid(at, format!("there is no gate `{}`", shown(name))));
        };
        let (mut rest, mut tag) = (&content[name.len()..], "");
        if let Some(inner) = rest.strip_prefix('[') {
            (tag, rest) = inner.split_once(']').ok_or_else(none)?;
        }
        let first_argument = self.arguments.len() as u32;
        if let Some(inner) = rest.strip_prefix('(') {
            let (arguments, behind) = inner.split_once(')').ok_or_else(none)?;
            self.read_arguments(arguments, at)?;
            rest = behind;
        }
        if let Some((before, _)) = rest.split_once('#') {
            rest = before;
        }
        if rest.bytes().next().is_some_and(|byte| !byte.is_ascii_whitespace() && byte != b'{') {
            return Err(none());
        }
        let rest = rest.trim_ascii();
        let opens = rest.ends_with('{');
        if opens != (row.act == Act::Repeat) {
            return Err(Fault::invalid(at, "a block is opened by `REPEAT count {`"));
        }
        if is_first && row.name == "I" && tag.starts_with(TAG) {
            self.told = Some((unescaped(&tag[TAG.len()..]), at));
            return Ok(());
        }
        let arguments = first_argument..self.arguments.len() as u32;
        let mut line = Line { row, at, arguments, targets: 0..0, rounds: 1, end: 0, unrolls: false };
        if opens {
            line.rounds = rounds(&rest[..rest.len() - 1], at)?;
            if open.len() == MAX_DEPTH {
                return Err(Fault::limit(at, "blocks inside blocks", MAX_DEPTH, MAX_DEPTH + 1));
            }
            open.push(self.lines.len());
        } else {
            line.targets = self.read_targets(rest);
        }
        self.lines.push(line);
        let parts = self.lines.len() + self.arguments.len() + self.targets.len();
        if parts > MAX_OPERATIONS {
            return Err(Fault::limit(at, "operations and targets of a circuit", MAX_OPERATIONS, parts));
        }
        Ok(())
    }

    fn read_arguments(&mut self, text: &str, at: usize) -> Parse<()> {
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        for part in text.split(',') {
            let part = part.trim_ascii();
            let plain = part.strip_prefix(['+', '-']).unwrap_or(part);
            let is_number = number(plain.as_bytes()).is_some_and(|(length, _)| length == plain.len());
            match part.parse::<f64>() {
                Ok(value) if is_number && value.is_finite() => self.arguments.push(value),
                _ => return Err(Fault::invalid(at, "an argument in parentheses is no number")),
            }
            if self.arguments.len() > MAX_OPERATIONS {
                let count = self.arguments.len();
                return Err(Fault::limit(at, "operations and targets of a circuit", MAX_OPERATIONS, count));
            }
        }
        Ok(())
    }

    fn read_targets(&mut self, text: &'a str) -> Range<u32> {
        let first = self.targets.len() as u32;
        let begin = self.text.as_ptr() as usize;
        for word in text.split_ascii_whitespace() {
            let at = (word.as_ptr() as usize - begin) as u32;
            self.targets.push(Target { at, length: word.len() as u32, what: What::read(word) });
            if self.targets.len() > MAX_OPERATIONS {
                break;
            }
        }
        first..self.targets.len() as u32
    }

    /// The targets of a line.
    pub fn targets_of(&self, line: &Line) -> &[Target] {
        &self.targets[line.targets.start as usize..line.targets.end as usize]
    }

    /// The arguments of a line.
    pub fn arguments_of(&self, line: &Line) -> &[f64] {
        &self.arguments[line.arguments.start as usize..line.arguments.end as usize]
    }

    /// A target as it is written.
    pub fn word(&self, target: &Target) -> &'a str {
        &self.text[target.at as usize..(target.at + target.length) as usize]
    }
}

/// The count of a `REPEAT`.
fn rounds(text: &str, at: usize) -> Parse<u64> {
    match text.trim_ascii().parse::<u64>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(Fault::invalid(at, "`REPEAT` takes one count, from 1 up")),
    }
}

/// A tag as it was meant: `\B`, `\C`, `\n` and `\r` are marks that tags cannot have.
fn unescaped(tag: &str) -> String {
    let mut out = String::with_capacity(tag.len());
    let mut letters = tag.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('B') => out.push('\\'),
            Some('C') => out.push(']'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
