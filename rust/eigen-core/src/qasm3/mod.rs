//! OpenQASM 3 in and out (Cross et al., ACM Trans. Quantum Comput. 3, 12, 2022; language version 3.1).
//!
//! Statements are read one by one and evaluated at once: what is known while the text is read is computed now, so that
//! constants, loops, subroutines and gate definitions leave plain operations behind; what depends on a measurement
//! becomes blocks, conditions and `COMPUTE`. Everything is metered while it is evaluated. Errors begin with
//! `line:column`; they quote names, and of a text without an `OPENQASM` header nothing.
mod cursor;
mod lexer;
mod library;
mod lower;
mod parse;
mod tree;
mod value;
mod write;

pub use lower::load;
pub use write::dump;
