//! Passes: pure functions from circuit to circuit, one per file.
mod decompose;
mod simplify;

pub use decompose::decompose;
pub use simplify::simplify;
