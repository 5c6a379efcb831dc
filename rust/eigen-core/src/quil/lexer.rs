//! Text to tokens, and what the grammar asks of the token at hand.
use super::statement::Statement;
use crate::text::scan::{digits, is_word, number, run};
use crate::text::{self, Fault, Parse, TokenKind};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword; hyphens may stand inside.
    Name,
    /// Digits.
    Integer,
    /// A number with a point or an exponent.
    Real,
    /// A number with `i` directly behind it, which the token's text has not.
    Imaginary,
    /// A text in quotes, with them.
    Text,
    /// `%angle`
    Formal,
    /// `@LABEL`
    Label,
    /// One of `( ) [ ] , : + - * / ^ ! $`.
    Mark(u8),
    /// The end of a line, or `;`.
    Stop,
    /// The end of the text.
    End,
}

impl TokenKind for Kind {
    const NAME: Self = Self::Name;

    fn found(self) -> &'static str {
        match self {
            Self::End | Self::Stop => "the statement ends here",
            Self::Name => "a name stands here",
            Self::Integer | Self::Real | Self::Imaginary => "a number stands here",
            _ => "something else stands here",
        }
    }
}

/// A token of Quil.
pub(super) type Token<'a> = text::Token<'a, Kind>;

/// The tokens of a text from a place on.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    fn skip_blank(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'#') => self.at += run(&bytes[self.at..], |byte| byte != b'\n'),
                _ => return,
            }
        }
    }

    /// The length of a name: letters, digits, and hyphens that have one of these behind them.
    fn name(bytes: &[u8]) -> usize {
        let mut length = run(bytes, is_word);
        while bytes.get(length) == Some(&b'-') && bytes.get(length + 1).copied().is_some_and(is_word) {
            length += 1 + run(&bytes[length + 1..], is_word);
        }
        length
    }

    fn quoted(bytes: &[u8]) -> Option<usize> {
        let mut length = 1;
        loop {
            match bytes.get(length)? {
                b'"' => return Some(length + 1),
                b'\n' => return None,
                b'\\' if bytes.get(length + 1)? != &b'\n' => length += 2,
                b'\\' => return None,
                _ => length += 1,
            }
        }
    }
}

impl<'a> text::Lexer<'a> for Lexer<'a> {
    type Kind = Kind;

    #[inline]
    fn next(&mut self) -> Parse<Token<'a>> {
        self.skip_blank();
        let begin = self.at;
        let rest = &self.text.as_bytes()[begin..];
        let Some(first) = rest.first().copied() else {
            return Ok(Token { kind: Kind::End, text: "", at: begin });
        };
        let is_name =
            |at: usize| rest.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
        let none = || Fault::invalid(begin, "this is no word of Quil");
        let (kind, length) = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => (Kind::Name, Self::name(rest)),
            b'0'..=b'9' | b'.' => {
                let (length, is_whole) = number(rest).ok_or_else(none)?;
                if rest.get(length) == Some(&b'i') && !rest.get(length + 1).copied().is_some_and(is_word) {
                    self.at += length + 1;
                    let text = &self.text[begin..begin + length];
                    return Ok(Token { kind: Kind::Imaginary, text, at: begin });
                }
                (if is_whole { Kind::Integer } else { Kind::Real }, length)
            }
            b'"' => (Kind::Text, Self::quoted(rest).ok_or_else(none)?),
            b'%' if is_name(1) => (Kind::Formal, 1 + Self::name(&rest[1..])),
            b'@' if is_name(1) => (Kind::Label, 1 + Self::name(&rest[1..])),
            b'\n' | b';' => (Kind::Stop, 1),
            b'(' | b')' | b'[' | b']' | b',' | b':' | b'+' | b'-' | b'*' | b'/' | b'^' | b'!' | b'$' => {
                (Kind::Mark(first), 1)
            }
            _ => return Err(none()),
        };
        self.at += length;
        Ok(Token { kind, text: &self.text[begin..self.at], at: begin })
    }
}

/// A place in a statement.
pub(super) type Cursor<'a> = text::Cursor<'a, Lexer<'a>>;

impl<'a> Cursor<'a> {
    /// At the first token of a statement.
    #[inline]
    pub fn of(text: &'a str, statement: &Statement) -> Parse<Self> {
        Self::within(text, statement.at as usize, statement.end as usize)
    }

    /// At the first token from a place on, up to an end.
    #[inline]
    pub fn within(text: &'a str, at: usize, end: usize) -> Parse<Self> {
        Self::at_first(Lexer::new(&text[..end], at))
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

    /// Whether nothing is left of the statement.
    #[inline]
    pub fn is_over(&self) -> bool {
        self.token.kind == Kind::End
    }

    /// That nothing is left of the statement.
    #[inline]
    pub fn over(&self) -> Parse<()> {
        if self.is_over() { Ok(()) } else { Err(self.wanted("the end of the statement")) }
    }

    /// `[k]`, if it stands here; a number that no memory has is the largest.
    #[inline]
    pub fn index(&mut self) -> Parse<Option<u32>> {
        if !self.takes(b'[')? {
            return Ok(None);
        }
        let token = self.advance()?;
        if token.kind != Kind::Integer {
            return Err(Fault::invalid(token.at, "an index is a whole number"));
        }
        self.mark(b']')?;
        Ok(Some(whole(token.text)))
    }
}

/// The number of some digits; one beyond all limits is the largest.
pub(super) fn whole(text: &str) -> u32 {
    debug_assert_eq!(digits(text.as_bytes()), text.len());
    text.parse().unwrap_or(u32::MAX)
}
