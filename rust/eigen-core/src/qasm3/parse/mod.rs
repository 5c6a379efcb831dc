//! The grammar: tokens to statements, one by one.
mod declaration;
mod expression;
mod statement;

use super::cursor::Cursor;
use crate::text::{Fault, Parse};

/// Nesting of blocks and expressions together.
const MAX_DEPTH: usize = 128;

/// Operators, or pairs of brackets, that follow each other on one level; what is built of them nests as deep.
const MAX_CHAIN: usize = 256;

/// Reads statements off a text.
pub(super) struct Parser<'a> {
    pub cursor: Cursor<'a>,
    text: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str) -> Parse<Self> {
        Ok(Self { cursor: Cursor::new(text)?, text, depth: 0 })
    }

    /// Reads something that lies one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::limit(
                self.cursor.token.at,
                "nesting of a program",
                MAX_DEPTH,
                self.depth + 1,
            ));
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }

    /// Fails for a chain that is too long to be walked.
    fn chained(&self, links: usize) -> Parse<()> {
        if links <= MAX_CHAIN {
            return Ok(());
        }
        Err(Fault::limit(self.cursor.token.at, "operators of an expression in a row", MAX_CHAIN, links))
    }

    /// Reads what is separated by commas, up to a closing mark, which is taken; a comma before it is allowed.
    fn list<T>(&mut self, close: &str, mut read: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let mut out = Vec::new();
        while !self.cursor.takes(close)? {
            out.push(read(self)?);
            if !self.cursor.takes(",")? {
                self.cursor.mark(close)?;
                break;
            }
        }
        Ok(out)
    }
}
