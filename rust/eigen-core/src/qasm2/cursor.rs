//! What the grammar asks of the token at hand.
use super::lexer::{Kind, Lexer, Token};
use crate::text::{self, Fault, Parse, shown};

/// A place in a text.
pub(super) type Cursor<'a> = text::Cursor<'a, Lexer<'a>>;

impl<'a> Cursor<'a> {
    /// At the first token of a text.
    pub fn new(text: &'a str) -> Parse<Self> {
        Self::at_first(Lexer::new(text))
    }

    /// Whether a mark stands here; if so, on to the next token.
    #[inline]
    pub fn takes(&mut self, mark: u8) -> Parse<bool> {
        self.takes_kind(Kind::Mark(mark))
    }

    /// Past a mark that must stand here.
    #[inline]
    pub fn mark(&mut self, mark: u8) -> Parse<()> {
        if self.takes(mark)? {
            return Ok(());
        }
        Err(self.wanted(&format!("`{}`", char::from(mark))))
    }

    /// A name that is declared here: it begins with a small letter.
    pub fn new_name(&mut self) -> Parse<Token<'a>> {
        let token = self.name()?;
        if !is_name(token.text) {
            let message = format!("`{}` cannot be declared", shown(token.text));
            let hint = "a name begins with a small letter, is no keyword and has at most 256 characters";
            return Err(Fault::hinted(token.at, message, hint));
        }
        Ok(token)
    }

    /// A whole number.
    pub fn integer(&mut self) -> Parse<(usize, u128)> {
        let token = self.token;
        if token.kind != Kind::Integer {
            return Err(self.wanted("a whole number"));
        }
        self.advance()?;
        match token.text.parse::<u128>() {
            Ok(value) => Ok((token.at, value)),
            Err(_) => Err(Fault::invalid(token.at, "a whole number has at most 128 bits")),
        }
    }
}

/// The words that cannot be names.
const KEYWORDS: [&str; 9] =
    ["barrier", "creg", "gate", "if", "include", "measure", "opaque", "qreg", "reset"];

/// Whether a text can be the name of a register or a gate.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= crate::limits::MAX_NAME_BYTES
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !KEYWORDS.contains(&text)
        && !super::expression::is_reserved(text)
}
