//! Jumps as blocks: branches and loops in the forms in which pyQuil writes them.
use super::lexer::{Cursor, Kind};
use super::opening::{label, pragma};
use super::reading::{Reader, at, unstructured};
use super::statement::Statement;
use crate::condition::Condition;
use crate::text::{Fault, Parse};

/// Branches inside branches.
const MAX_DEPTH: usize = 100;
/// Rounds of a loop that comes without a bound.
const MAX_ROUNDS: u64 = 1_000_000;
/// The pragma that bounds the loop behind it.
const BOUND: &str = "EIGEN-MAX-ITERATIONS";

/// Jumps to one label that follow each other.
struct Jumps {
    /// What must hold for none of them to be taken.
    stays: Condition,
    /// Where they lead, if their label is set.
    to: Option<usize>,
    /// The statement behind them.
    next: usize,
}

impl<'a> Reader<'a> {
    /// The statements from `start` to before `end`.
    pub fn block(&mut self, start: usize, end: usize) -> Parse<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let place = self.lines.get(start).map_or(0, |line| line.at as usize);
            return Err(Fault::limit(place, "branches inside branches", MAX_DEPTH, self.depth));
        }
        let mut index = start;
        while index < end {
            let line = self.lines[index];
            index = match line.head(self.text) {
                "LABEL" => self.repeat(index, end)?,
                "JUMP-WHEN" | "JUMP-UNLESS" => self.branch(index, end)?,
                "HALT" if index == self.lines.len() - 1 => index + 1,
                _ => {
                    self.statement(&line, None)?;
                    index + 1
                }
            };
        }
        self.depth -= 1;
        Ok(())
    }

    /// The jumps from `index` on that lead to one label.
    fn jumps(&self, mut index: usize, end: usize) -> Parse<Option<Jumps>> {
        let mut found: Option<(Condition, &str)> = None;
        while index < end {
            let line = &self.lines[index];
            let is_when = match line.head(self.text) {
                "JUMP-WHEN" => true,
                "JUMP-UNLESS" => false,
                _ => break,
            };
            let mut cursor = Cursor::of(self.text, line)?;
            cursor.advance()?;
            if cursor.token.kind != Kind::Label {
                return Err(cursor.wanted("a label such as `@END`"));
            }
            let label = cursor.advance()?.text;
            if found.as_ref().is_some_and(|(_, known)| *known != label) {
                break;
            }
            let bit = Condition::Bit(self.memory.bit(&mut cursor)?);
            let bit = if is_when { bit.negate() } else { Ok(bit) };
            let all = match found {
                None => bit,
                Some((before, _)) => bit.and_then(|bit| before.and(bit)),
            };
            found = Some((all.map_err(|error| at(line, error))?, label));
            index += 1;
        }
        Ok(found.map(|(stays, label)| Jumps { stays, to: self.labels.get(label).copied(), next: index }))
    }

    /// The statement before `index`, if it is a plain jump behind `start`: where to, and its label.
    fn jump_before(&self, start: usize, index: usize) -> Parse<Option<(Option<usize>, &'a str)>> {
        if start >= index || self.lines[index - 1].head(self.text) != "JUMP" {
            return Ok(None);
        }
        let label = label(self.text, &self.lines[index - 1])?;
        Ok(Some((self.labels.get(label).copied(), label)))
    }

    /// A label: the head of a loop when the statement before its exit jumps back to it, else nothing.
    fn repeat(&mut self, index: usize, end: usize) -> Parse<usize> {
        let head = self.lines[index];
        let Some(Jumps { stays, to: Some(exit), next }) = self.jumps(index + 1, end)? else {
            return Ok(index + 1);
        };
        if exit >= end {
            return Ok(index + 1);
        }
        let own = label(self.text, &head)?;
        match self.jump_before(next, exit)? {
            Some((_, back)) if back == own => {}
            _ => return Ok(index + 1),
        }
        let rounds = self.rounds(index)?;
        self.builder.begin_while(stays, rounds).map_err(|error| at(&head, error))?;
        self.block(next, exit - 1)?;
        self.builder.end().map_err(|error| at(&head, error))?;
        Ok(exit + 1)
    }

    fn rounds(&self, index: usize) -> Parse<u64> {
        let Some(before) = index.checked_sub(1).map(|before| &self.lines[before]) else {
            return Ok(MAX_ROUNDS);
        };
        if before.head(self.text) != "PRAGMA" {
            return Ok(MAX_ROUNDS);
        }
        match pragma(self.text, before, BOUND)? {
            None => Ok(MAX_ROUNDS),
            Some(text) => text
                .parse::<u32>()
                .map(u64::from)
                .map_err(|_| Fault::invalid(before.at as usize, "the bound of a loop is no number")),
        }
    }

    /// A branch; with an ELSE when the statement before its label jumps further down.
    fn branch(&mut self, index: usize, end: usize) -> Parse<usize> {
        let line: Statement = self.lines[index];
        let free = || unstructured(line.head(self.text), line.at as usize);
        let Some(Jumps { stays, to: Some(other), next }) = self.jumps(index, end)? else {
            return Err(free());
        };
        if !(next..=end).contains(&other) || other >= self.lines.len() {
            return Err(free());
        }
        let last = self.jump_before(next, other)?;
        let mut behind = other;
        if let Some((after, _)) = last {
            match after {
                Some(after) if (other + 1..=end).contains(&after) => behind = after,
                _ => return Err(unstructured("JUMP", self.lines[other - 1].at as usize)),
            }
        }
        self.builder.begin_if(stays).map_err(|error| at(&line, error))?;
        if last.is_some() {
            self.block(next, other - 1)?;
            self.builder.begin_else().map_err(|error| at(&line, error))?;
            self.block(other + 1, behind)?;
        } else {
            self.block(next, other)?;
        }
        self.builder.end().map_err(|error| at(&line, error))?;
        Ok(if behind < end { behind + 1 } else { behind })
    }
}
