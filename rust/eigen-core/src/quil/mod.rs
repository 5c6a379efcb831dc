//! Quil in (Smith, Curtis, Zeng, "A Practical Quantum Instruction Set Architecture", 2016; the language as version 2021.1
//! of its specification has it, without pulses).
//!
//! Statements are found first and read one by one where they are run; memory of bits is classical registers, memory of
//! reals is parameters, and jumps must be those of branches and loops. Definitions are expanded where they are used,
//! and metered before. Errors begin with `line:column`.
mod call;
mod definition;
mod expression;
mod flow;
mod gates;
mod lexer;
mod memory;
mod meter;
mod number;
mod opening;
mod reading;
mod statement;
#[cfg(test)]
mod tests;

pub use reading::load;
