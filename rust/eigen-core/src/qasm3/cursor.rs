//! The token at hand, and what a grammar asks of it.
use super::lexer::{Kind, Lexer, Token, mark};
use crate::limits::MAX_NAME_BYTES;
use crate::qasm2::fault::{Fault, Parse, shown};

/// A place in a text.
pub(super) struct Cursor<'a> {
    lexer: Lexer<'a>,
    pub token: Token<'a>,
}

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
        let mut lexer = Lexer::new(text);
        let token = lexer.next()?;
        Ok(Self { lexer, token })
    }

    /// The token at hand, and on to the next.
    #[inline]
    pub fn advance(&mut self) -> Parse<Token<'a>> {
        let token = self.token;
        self.token = self.lexer.next()?;
        Ok(token)
    }

    /// Bytes of the text up to the token at hand.
    pub fn position(&self) -> usize {
        self.token.at
    }

    /// The rest of the line behind the token at hand, and on to the next line.
    pub fn line(&mut self) -> Parse<&'a str> {
        let line = self.lexer.line();
        self.token = self.lexer.next()?;
        Ok(line)
    }

    /// Past a block in braces that begins here and is not read.
    pub fn skip_block(&mut self) -> Parse<()> {
        if self.token.kind != Kind::Mark(mark("{")) {
            return Err(self.wanted("`{`"));
        }
        self.lexer.skip_braces()?;
        self.token = self.lexer.next()?;
        Ok(())
    }

    /// Whether a mark stands here.
    #[inline(always)]
    pub fn is(&self, text: &str) -> bool {
        self.token.kind == Kind::Mark(mark(text))
    }

    /// Whether a word stands here.
    #[inline]
    pub fn is_word(&self, word: &str) -> bool {
        self.token.kind == Kind::Name && self.token.text == word
    }

    /// Whether a mark stands here; if so, on to the next token.
    #[inline(always)]
    pub fn takes(&mut self, text: &str) -> Parse<bool> {
        let found = self.is(text);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Whether a word stands here; if so, on to the next token.
    pub fn takes_word(&mut self, word: &str) -> Parse<bool> {
        let found = self.is_word(word);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Past a mark that must stand here.
    #[inline]
    pub fn mark(&mut self, text: &str) -> Parse<()> {
        if self.takes(text)? {
            return Ok(());
        }
        Err(self.wanted(&format!("`{text}`")))
    }

    /// Past a word that must stand here.
    pub fn word(&mut self, word: &str) -> Parse<()> {
        if self.takes_word(word)? {
            return Ok(());
        }
        Err(self.wanted(&format!("`{word}`")))
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

    /// The error that something else should stand here.
    pub fn wanted(&self, what: &str) -> Box<Fault> {
        let found = match self.token.kind {
            Kind::End => "the text ends here",
            Kind::Name => "a name stands here",
            Kind::Integer | Kind::Real | Kind::Time | Kind::Imaginary => "a number stands here",
            _ => "something else stands here",
        };
        Fault::invalid(self.token.at, format!("{what} should follow, and {found}"))
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
