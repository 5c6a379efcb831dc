//! Text to tokens.
use crate::text::scan::{digits, is_word, run};
use crate::text::{self, Fault, Parse, TokenKind};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// Digits.
    Integer,
    /// A number with a point or an exponent.
    Real,
    /// A text in quotes; the token's text has them not.
    Text,
    /// One of `; , ( ) [ ] { } + - * / ^`.
    Mark(u8),
    /// `->`
    Arrow,
    /// `==`
    Equal,
    /// The end of the text.
    End,
}

impl TokenKind for Kind {
    const NAME: Self = Self::Name;

    fn found(self) -> &'static str {
        match self {
            Self::End => "the text ends here",
            Self::Name => "a name stands here",
            Self::Integer | Self::Real => "a number stands here",
            _ => "something else stands here",
        }
    }
}

/// A token of OpenQASM 2.
pub(super) type Token<'a> = text::Token<'a, Kind>;

/// The tokens of a text.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> text::Lexer<'a> for Lexer<'a> {
    type Kind = Kind;

    fn next(&mut self) -> Parse<Token<'a>> {
        self.skip_blank();
        let bytes = self.text.as_bytes();
        let begin = self.at;
        let Some(first) = bytes.get(begin).copied() else {
            return Ok(Token { kind: Kind::End, text: "", at: begin });
        };
        let second = bytes.get(begin + 1).copied().unwrap_or(0);
        let kind = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.at += 1 + run(&bytes[begin + 1..], is_word);
                Kind::Name
            }
            b'0'..=b'9' | b'.' => self.number()?,
            b'"' => return self.quoted(),
            b'-' if second == b'>' => self.double(Kind::Arrow),
            b'=' if second == b'=' => self.double(Kind::Equal),
            b';' | b',' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'+' | b'-' | b'*' | b'/' | b'^' => {
                self.at += 1;
                Kind::Mark(first)
            }
            _ => return Err(Fault::invalid(begin, "a character that OpenQASM 2 does not have")),
        };
        Ok(Token { kind, text: &self.text[begin..self.at], at: begin })
    }
}

impl<'a> Lexer<'a> {
    /// At the beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn double(&mut self, kind: Kind) -> Kind {
        self.at += 2;
        kind
    }

    fn skip_blank(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') if bytes.get(self.at + 1) == Some(&b'/') => {
                    self.at += run(&bytes[self.at..], |byte| byte != b'\n');
                }
                _ => return,
            }
        }
    }

    fn number(&mut self) -> Parse<Kind> {
        let bytes = self.text.as_bytes();
        let begin = self.at;
        let digits = |at: usize| digits(bytes.get(at..).unwrap_or(&[]));
        let whole = digits(begin);
        let mut at = begin + whole;
        let mut kind = Kind::Integer;
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(at + 1);
            if whole + fraction == 0 {
                return Err(Fault::invalid(begin, "a point without digits is no number"));
            }
            at += 1 + fraction;
            kind = Kind::Real;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(at + 1 + sign);
            if exponent == 0 {
                return Err(Fault::invalid(begin, "an exponent without digits"));
            }
            at += 1 + sign + exponent;
            kind = Kind::Real;
        }
        if bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'.') {
            return Err(Fault::invalid(begin, "a number runs into what follows it"));
        }
        self.at = at;
        Ok(kind)
    }

    fn quoted(&mut self) -> Parse<Token<'a>> {
        let begin = self.at + 1;
        let length = run(&self.text.as_bytes()[begin..], |byte| byte != b'"' && byte != b'\n');
        if self.text.as_bytes().get(begin + length) != Some(&b'"') {
            return Err(Fault::invalid(self.at, "a text in quotes does not end on its line"));
        }
        self.at = begin + length + 1;
        Ok(Token { kind: Kind::Text, text: &self.text[begin..begin + length], at: begin - 1 })
    }
}
