//! Strict JSON: a reader that refuses what is ambiguous or too deep, and a writer of canonical bytes.
mod float;
mod read;
mod write;

pub use float::float_text;
pub use read::{Json, MAX_DEPTH, parse};
pub use write::{Writer, write_value};
