//! An error and where in the text it is.
use crate::error::{CoreError, ErrorCode};

/// An error at a byte of the text.
#[derive(Debug)]
pub(crate) struct Fault {
    at: usize,
    error: CoreError,
}

/// Result of reading a part of the text.
pub(crate) type Parse<T> = Result<T, Box<Fault>>;

impl Fault {
    /// An error of the core at a place.
    pub fn new(at: usize, error: CoreError) -> Box<Self> {
        Box::new(Self { at, error })
    }

    /// What is not valid.
    pub fn invalid(at: usize, message: impl Into<String>) -> Box<Self> {
        Self::new(at, CoreError::new(ErrorCode::FormatInvalid, message))
    }

    /// What is not valid, and what to write instead.
    pub fn hinted(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Box<Self> {
        Self::new(at, CoreError::new(ErrorCode::FormatInvalid, message).with_hint(hint))
    }

    /// What cannot be carried over.
    pub fn unsupported(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Box<Self> {
        Self::new(at, CoreError::new(ErrorCode::FormatUnsupported, message).with_hint(hint))
    }

    /// A counted limit.
    pub fn limit(at: usize, what: &str, limit: usize, value: usize) -> Box<Self> {
        Self::new(at, CoreError::limit(what, limit, value))
    }

    /// The error with `line:column` in front, both from 1; columns count characters.
    pub fn located(self, text: &str) -> CoreError {
        let before = &text.as_bytes()[..self.at.min(text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        // Bytes that continue a character are not counted.
        let column = before[begin..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
        self.error.at(format_args!("{line}:{column}"))
    }
}

/// A name as it is quoted in an error: at most 40 characters of it.
pub(crate) fn shown(name: &str) -> &str {
    name.get(..40).unwrap_or(name)
}
