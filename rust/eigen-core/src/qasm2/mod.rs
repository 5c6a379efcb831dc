//! OpenQASM 2 in and out (Cross, Bishop, Smolin, Gambetta, "Open Quantum Assembly Language", 2017).
//!
//! One pass over the text, straight into a builder. A gate definition is kept as a list of calls with its cost, so
//! that what a call would expand to is known, and refused, before anything is expanded. Errors begin with
//! `line:column`; they quote names, and of a text without an `OPENQASM` header nothing.
mod condition;
mod cursor;
mod definition;
mod emit;
mod expression;
mod lexer;
mod library;
mod names;
mod operands;
mod parser;
mod statement;
#[cfg(test)]
mod tests;
mod write;

pub use parser::load;
pub use write::dump;
