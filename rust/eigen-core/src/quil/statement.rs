//! The statements of a document: where each begins and ends. Nothing is interpreted.
use super::lexer::{Kind, Lexer, whole};
use crate::limits::MAX_OPERATIONS;
use crate::text::{Fault, Lexer as _, Parse};

/// One statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement {
    pub at: u32,
    pub end: u32,
    /// The length of its first word.
    head: u32,
    /// One more than the largest number that stands where a qubit does.
    pub width: u32,
    /// Whether its line is indented, as the lines of a definition are.
    pub is_inner: bool,
}

impl Statement {
    /// The first word.
    #[inline]
    pub fn head<'a>(&self, text: &'a str) -> &'a str {
        &text[self.at as usize..(self.at + self.head) as usize]
    }

    /// What reading it costs, in steps.
    #[inline]
    pub fn cost(&self) -> u64 {
        1 + u64::from(self.end - self.at) / 4
    }
}

/// The statements of a text.
pub(super) fn statements(text: &str) -> Parse<Vec<Statement>> {
    let mut found = Vec::new();
    let mut lexer = Lexer::new(text, 0);
    let mut line = 0;
    loop {
        let mut token = lexer.next()?;
        let (at, head) = (token.at as u32, token.text.len() as u32);
        let (mut end, mut depth, mut width, mut width_before) = (token.at, 0i64, 0u32, 0u32);
        while !matches!(token.kind, Kind::Stop | Kind::End) {
            end = token.at + token.text.len() + usize::from(token.kind == Kind::Imaginary);
            width_before = width;
            match token.kind {
                Kind::Mark(b'(' | b'[') => depth += 1,
                Kind::Mark(b')' | b']') => depth -= 1,
                Kind::Integer if depth == 0 => width = width.max(whole(token.text).saturating_add(1)),
                _ => {}
            }
            token = lexer.next()?;
        }
        if end > at as usize {
            let indent = &text.as_bytes()[line..];
            let is_inner = indent.starts_with(b"\t") || indent.starts_with(b"    ");
            let mut statement = Statement { at, end: end as u32, head, width, is_inner };
            match statement.head(text) {
                "DECLARE" | "PRAGMA" => statement.width = 0,
                // It ends with seconds.
                "DELAY" => statement.width = width_before,
                _ => {}
            }
            found.push(statement);
            if found.len() > MAX_OPERATIONS {
                return Err(Fault::limit(
                    at as usize,
                    "statements of a program",
                    MAX_OPERATIONS,
                    found.len(),
                ));
            }
        }
        match token.kind {
            Kind::End => return Ok(found),
            _ if token.text == "\n" => line = token.at + 1,
            _ => {}
        }
    }
}
