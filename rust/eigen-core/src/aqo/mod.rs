//! AQO, the circuit's canonical JSON: versions 0.1, 1.0.0 and ours, 1.1. Identity is the SHA-256 of the bytes.
mod condition;
mod expression;
mod operation;
mod read;
mod version;
mod write;

pub(crate) use operation::{read_affine, read_number};
pub(crate) use write::write_affine;

pub use condition::{read_condition, write_condition};
pub use expression::{read_expression, write_expression};
pub use read::read;
pub use version::Version;
pub use write::{digest, write};

#[cfg(test)]
mod tests;
