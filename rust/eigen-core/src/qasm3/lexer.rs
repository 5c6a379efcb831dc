//! Text to tokens.
use crate::text::scan::{is_word, run};
use crate::text::{self, Fault, Parse, TokenKind};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// A qubit of the machine: `$0`.
    Physical,
    /// A whole number in any base.
    Integer,
    /// A number with a point or an exponent.
    Real,
    /// A number with a unit of time behind it; the token's text has both.
    Time,
    /// A number with `im` behind it.
    Imaginary,
    /// A text in quotes; the token's text has them not.
    Text,
    /// Punctuation, up to three characters, packed by `mark`.
    Mark(u32),
    /// The end of the text.
    End,
}

/// Punctuation as a number.
pub(super) const fn mark(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut packed = 0;
    let mut k = 0;
    while k < bytes.len() {
        packed = packed << 8 | bytes[k] as u32;
        k += 1;
    }
    packed
}

impl TokenKind for Kind {
    const NAME: Self = Self::Name;

    fn found(self) -> &'static str {
        match self {
            Self::End => "the text ends here",
            Self::Name => "a name stands here",
            Self::Integer | Self::Real | Self::Time | Self::Imaginary => "a number stands here",
            _ => "something else stands here",
        }
    }
}

/// A token of OpenQASM 3.
pub(super) type Token<'a> = text::Token<'a, Kind>;

/// The tokens of a text.
#[derive(Clone, Copy)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// Marks of three and of two characters.
const LONG: [&str; 3] = ["**=", "<<=", ">>="];
const DOUBLE: [&str; 20] = [
    "->", "==", "!=", "<=", ">=", "&&", "||", "<<", ">>", "**", "++", "+=", "-=", "*=", "/=", "&=", "|=",
    "^=", "~=", "%=",
];

impl<'a> text::Lexer<'a> for Lexer<'a> {
    type Kind = Kind;

    fn next(&mut self) -> Parse<Token<'a>> {
        self.skip_blank()?;
        let begin = self.at;
        let bytes = self.text.as_bytes();
        let Some(first) = bytes.get(begin).copied() else {
            return Ok(Token { kind: Kind::End, text: "", at: begin });
        };
        let kind = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
            b'0'..=b'9' => self.number()?,
            b'.' if bytes.get(begin + 1).is_some_and(u8::is_ascii_digit) => self.number()?,
            b'"' | b'\'' => return self.quoted(first),
            b'$' if bytes.get(begin + 1).is_some_and(u8::is_ascii_digit) => {
                self.at += 1 + run(&bytes[begin + 1..], |byte| byte.is_ascii_digit());
                Kind::Physical
            }
            0x80.. => {
                let letter = self.text[begin..].chars().next().unwrap_or(' ');
                if !letter.is_alphabetic() {
                    return Err(Fault::invalid(begin, "a character that OpenQASM 3 does not have"));
                }
                self.name()
            }
            _ => self.punctuation(begin)?,
        };
        Ok(Token { kind, text: &self.text[begin..self.at], at: begin })
    }
}

impl<'a> Lexer<'a> {
    /// At the beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The rest of the line, without blanks around it.
    pub fn line(&mut self) -> &'a str {
        let begin = self.at;
        self.at += run(&self.text.as_bytes()[begin..], |byte| byte != b'\n');
        self.text[begin..self.at].trim()
    }

    /// Past the brace that closes one that has just been read; what lies between has a grammar of its own.
    pub fn skip_braces(&mut self) -> Parse<()> {
        let begin = self.at;
        let mut open = 1usize;
        while open > 0 {
            self.skip_blank()?;
            match self.text.as_bytes().get(self.at) {
                Some(b'{') => open += 1,
                Some(b'}') => open -= 1,
                Some(b'"') => {
                    self.quoted(b'"')?;
                    continue;
                }
                Some(_) => {}
                None => return Err(Fault::invalid(begin, "a brace is never closed")),
            }
            self.at += 1;
        }
        Ok(())
    }

    fn name(&mut self) -> Kind {
        let bytes = self.text.as_bytes();
        self.at += run(&bytes[self.at..], is_word);
        while bytes.get(self.at).is_some_and(|byte| !byte.is_ascii())
            && let Some(next) = self.text[self.at..].chars().next()
        {
            if !(next.is_alphanumeric() || next == '_') {
                break;
            }
            self.at += next.len_utf8();
            self.at += run(&bytes[self.at..], is_word);
        }
        Kind::Name
    }

    fn punctuation(&mut self, begin: usize) -> Parse<Kind> {
        let rest = &self.text.as_bytes()[begin..];
        let first = rest[0];
        if matches!(first, b';' | b',' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b':' | b'@' | b'#' | b'.')
        {
            self.at += 1;
            return Ok(Kind::Mark(u32::from(first)));
        }
        let found = LONG.iter().chain(&DOUBLE).find(|text| rest.starts_with(text.as_bytes()));
        if let Some(text) = found {
            self.at += text.len();
            return Ok(Kind::Mark(mark(text)));
        }
        if !matches!(
            first,
            b'=' | b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~' | b'!' | b'<' | b'>'
        ) {
            return Err(Fault::invalid(begin, "a character that OpenQASM 3 does not have"));
        }
        self.at += 1;
        Ok(Kind::Mark(u32::from(first)))
    }

    fn skip_blank(&mut self) -> Parse<()> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') if bytes.get(self.at + 1) == Some(&b'/') => {
                    self.at += run(&bytes[self.at..], |byte| byte != b'\n');
                }
                Some(b'/') if bytes.get(self.at + 1) == Some(&b'*') => {
                    let Some(length) = self.text[self.at + 2..].find("*/") else {
                        return Err(Fault::invalid(self.at, "a comment is never closed"));
                    };
                    self.at += length + 4;
                }
                _ => return Ok(()),
            }
        }
    }

    fn number(&mut self) -> Parse<Kind> {
        let bytes = self.text.as_bytes();
        let begin = self.at;
        let of_base = match bytes.get(begin + 1) {
            _ if bytes[begin] != b'0' => None,
            Some(b'x' | b'X') => Some(u8::is_ascii_hexdigit as fn(&u8) -> bool),
            Some(b'b' | b'B') => Some((|byte| matches!(byte, b'0' | b'1')) as fn(&u8) -> bool),
            Some(b'o' | b'O') => Some((|byte| matches!(byte, b'0'..=b'7')) as fn(&u8) -> bool),
            _ => None,
        };
        if let Some(is_digit) = of_base {
            self.at += 2 + run(&bytes[begin + 2..], |byte| is_digit(&byte) || byte == b'_');
            return self.ends(begin, Kind::Integer);
        }
        let digits =
            |at: usize| run(bytes.get(at..).unwrap_or(&[]), |byte| byte.is_ascii_digit() || byte == b'_');
        let mut kind = Kind::Integer;
        self.at += digits(begin);
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1 + digits(self.at + 1);
            kind = Kind::Real;
        }
        if matches!(bytes.get(self.at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(self.at + 1), Some(b'+' | b'-')));
            let exponent = digits(self.at + 1 + sign);
            if exponent == 0 {
                return Err(Fault::invalid(begin, "an exponent without digits"));
            }
            self.at += 1 + sign + exponent;
            kind = Kind::Real;
        }
        self.suffix(begin, kind)
    }

    /// A unit of time or `im`, directly behind the number or after blanks.
    fn suffix(&mut self, begin: usize, kind: Kind) -> Parse<Kind> {
        let rest = &self.text[self.at..];
        let blank = run(rest.as_bytes(), |byte| byte == b' ' || byte == b'\t');
        if !matches!(rest.as_bytes().get(blank), Some(b'd' | b'n' | b'u' | b'm' | b's' | b'i' | 0x80..)) {
            return self.ends(begin, kind);
        }
        for unit in ["dt", "ns", "us", "µs", "ms", "s", "im"] {
            let Some(after) = rest[blank..].strip_prefix(unit) else { continue };
            if after.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
                continue;
            }
            self.at += blank + unit.len();
            return Ok(if unit == "im" { Kind::Imaginary } else { Kind::Time });
        }
        self.ends(begin, kind)
    }

    fn ends(&self, begin: usize, kind: Kind) -> Parse<Kind> {
        if matches!(self.text.as_bytes().get(self.at), Some(b']' | b')' | b';' | b',' | b' ')) {
            return Ok(kind);
        }
        let next = self.text[self.at..].chars().next();
        if next.is_some_and(|next| next.is_alphanumeric() || next == '_' || next == '.') {
            return Err(Fault::invalid(begin, "a number runs into what follows it"));
        }
        Ok(kind)
    }

    fn quoted(&mut self, quote: u8) -> Parse<Token<'a>> {
        let begin = self.at + 1;
        let length = run(&self.text.as_bytes()[begin..], |byte| byte != quote && byte != b'\n');
        if self.text.as_bytes().get(begin + length) != Some(&quote) {
            return Err(Fault::invalid(self.at, "a text in quotes does not end on its line"));
        }
        self.at = begin + length + 1;
        Ok(Token { kind: Kind::Text, text: &self.text[begin..begin + length], at: begin - 1 })
    }
}
