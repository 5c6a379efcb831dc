//! What the grammar asks of the token at hand.
use super::lexer::{Kind, Lexer, mark};
use crate::limits::MAX_NAME_BYTES;
use crate::text::{self, Fault, Parse, shown};

/// A place in a text.
pub(super) type Cursor<'a> = text::Cursor<'a, Lexer<'a>>;

/// Words that cannot be names.
const KEYWORDS: [&str; 62] = [
    "OPENQASM",
    "include",
    "pragma",
    "defcalgrammar",
    "def",
    "cal",
    "defcal",
    "gate",
    "extern",
    "box",
    "let",
    "break",
    "continue",
    "if",
    "else",
    "end",
    "return",
    "for",
    "while",
    "in",
    "switch",
    "case",
    "default",
    "nop",
    "input",
    "output",
    "const",
    "readonly",
    "mutable",
    "qreg",
    "qubit",
    "creg",
    "bool",
    "bit",
    "int",
    "uint",
    "float",
    "angle",
    "complex",
    "array",
    "void",
    "duration",
    "stretch",
    "gphase",
    "inv",
    "pow",
    "ctrl",
    "negctrl",
    "durationof",
    "delay",
    "reset",
    "measure",
    "barrier",
    "true",
    "false",
    "im",
    "pi",
    "tau",
    "euler",
    "π",
    "τ",
    "ℇ",
];

impl<'a> Cursor<'a> {
    /// At the first token of a text.
    pub fn new(text: &'a str) -> Parse<Self> {
        Self::at_first(Lexer::new(text))
    }

    /// Bytes of the text up to the token at hand.
    pub fn position(&self) -> usize {
        self.token.at
    }

    /// The rest of the line behind the token at hand, and on to the next line.
    pub fn line(&mut self) -> Parse<&'a str> {
        let line = self.lexer.line();
        self.advance()?;
        Ok(line)
    }

    /// Past a block in braces that begins here and is not read.
    pub fn skip_block(&mut self) -> Parse<()> {
        if self.token.kind != Kind::Mark(mark("{")) {
            return Err(self.wanted("`{`"));
        }
        self.lexer.skip_braces()?;
        self.advance().map(|_| ())
    }

    /// Whether a mark stands here.
    #[inline(always)]
    pub fn is(&self, text: &str) -> bool {
        self.token.kind == Kind::Mark(mark(text))
    }

    /// Whether a mark stands here; if so, on to the next token.
    #[inline(always)]
    pub fn takes(&mut self, text: &str) -> Parse<bool> {
        self.takes_kind(Kind::Mark(mark(text)))
    }

    /// Past a mark that must stand here.
    #[inline]
    pub fn mark(&mut self, text: &str) -> Parse<()> {
        self.kind(Kind::Mark(mark(text)), text)
    }

    /// A name that is declared here.
    pub fn new_name(&mut self) -> Parse<&'a str> {
        let token = self.token;
        if token.kind != Kind::Name {
            return Err(self.wanted("a name"));
        }
        if !is_name(token.text) {
            let message = format!("`{}` cannot be declared", shown(token.text));
            return Err(Fault::hinted(token.at, message, "a name is no keyword and has at most 256 bytes"));
        }
        self.advance()?;
        Ok(token.text)
    }
}

/// Whether a text can be declared as a name.
pub(super) fn is_name(text: &str) -> bool {
    let is_first = |letter: char| letter.is_alphabetic() || letter == '_';
    text.len() <= MAX_NAME_BYTES
        && text.starts_with(is_first)
        && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        && !KEYWORDS.contains(&text)
}
