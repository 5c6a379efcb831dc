//! Stim's circuits in (Gidney, Quantum 5, 497, 2021; the language as its reference of gates and files has it).
//!
//! Lines are read into a flat list, counted with their repetitions, and only then written out. Measurement k of the
//! record is classical bit k. Errors begin with `line:column`.
mod count;
mod gates;
mod lines;
mod notes;
mod reading;
mod targets;
#[cfg(test)]
mod tests;

pub use reading::load;
