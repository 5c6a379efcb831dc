//! What all readers of text share: the document, tokens and the place among them, pieces of numbers, errors with their
//! place, and the line that tells names where a format has none. No grammar lives here.
mod cursor;
mod fault;
mod header;
pub(crate) mod scan;

pub(crate) use cursor::{Cursor, Lexer, Token, TokenKind};
pub(crate) use fault::{Fault, Parse, shown};
pub use header::opened;

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::MAX_TEXT_BYTES;

/// The text of a document, without a byte order mark. Fails for what is too long or not UTF-8.
pub(crate) fn document(data: &[u8]) -> CoreResult<&str> {
    if data.len() > MAX_TEXT_BYTES {
        return Err(CoreError::limit("bytes of a document", MAX_TEXT_BYTES, data.len()));
    }
    let text = std::str::from_utf8(data)
        .map_err(|_| CoreError::new(ErrorCode::FormatInvalid, "the document is not text in UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
