//! The token at hand, and what any grammar asks of it.
use super::fault::{Fault, Parse};

/// What a token is, in one language.
pub(crate) trait TokenKind: Copy + PartialEq {
    /// The kind of names and keywords.
    const NAME: Self;

    /// What stands there, for errors: `a name`.
    fn found(self) -> &'static str;
}

/// A token: its kind, its text and the byte where it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a, K> {
    pub kind: K,
    pub text: &'a str,
    pub at: usize,
}

/// Text to tokens, on demand. Borrowed, nothing is copied; behind the last token comes one that says so, for ever.
pub(crate) trait Lexer<'a> {
    /// What tokens are.
    type Kind: TokenKind;

    /// The next token.
    fn next(&mut self) -> Parse<Token<'a, Self::Kind>>;
}

/// A place among the tokens of a text.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a, L: Lexer<'a>> {
    pub lexer: L,
    pub token: Token<'a, L::Kind>,
}

impl<'a, L: Lexer<'a>> Cursor<'a, L> {
    /// At the first token.
    pub fn at_first(mut lexer: L) -> Parse<Self> {
        let token = lexer.next()?;
        Ok(Self { lexer, token })
    }

    /// The token at hand, and on to the next.
    #[inline]
    pub fn advance(&mut self) -> Parse<Token<'a, L::Kind>> {
        let token = self.token;
        self.token = self.lexer.next()?;
        Ok(token)
    }

    /// Whether a token of a kind stands here; if so, on to the next.
    #[inline(always)]
    pub fn takes_kind(&mut self, kind: L::Kind) -> Parse<bool> {
        let found = self.token.kind == kind;
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Past a token of a kind, which must stand here; `text` is how it is written.
    #[inline]
    pub fn kind(&mut self, kind: L::Kind, text: &str) -> Parse<()> {
        if self.takes_kind(kind)? {
            return Ok(());
        }
        Err(self.wanted(&format!("`{text}`")))
    }

    /// A name.
    #[inline]
    pub fn name(&mut self) -> Parse<Token<'a, L::Kind>> {
        if self.token.kind != L::Kind::NAME {
            return Err(self.wanted("a name"));
        }
        self.advance()
    }

    /// Whether a word stands here.
    #[inline]
    pub fn is_word(&self, word: &str) -> bool {
        self.token.kind == L::Kind::NAME && self.token.text == word
    }

    /// Whether a word stands here; if so, on to the next token.
    #[inline]
    pub fn takes_word(&mut self, word: &str) -> Parse<bool> {
        let found = self.is_word(word);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Past a word that must stand here.
    pub fn word(&mut self, word: &str) -> Parse<()> {
        if self.takes_word(word)? {
            return Ok(());
        }
        Err(self.wanted(&format!("`{word}`")))
    }

    /// The error that something else should stand here.
    pub fn wanted(&self, what: &str) -> Box<Fault> {
        let found = self.token.kind.found();
        Fault::invalid(self.token.at, format!("{what} should follow, and {found}"))
    }
}
