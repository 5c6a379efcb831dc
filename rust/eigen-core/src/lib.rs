//! Circuits, gates, observables, formats and simulators of Eigen OS. This crate knows no Python.
//!
//! Conventions: qubit 0 is the least significant bit of a state index, `qubits[0]` of an operation is the
//! least significant bit of its matrix index, classical bit 0 is the rightmost character of a key.
pub mod aqo;
pub mod choose;
pub mod circuit;
pub mod compute;
pub mod condition;
pub mod error;
pub mod evolution;
pub mod gate;
pub mod hybrid;
pub mod json;
pub mod limits;
pub mod math;
pub mod noise;
pub mod observable;
pub mod param;
pub mod passes;
pub mod qasm2;
pub mod qasm3;
pub mod quil;
pub mod rng;
pub mod sim;
pub mod stim;
#[cfg(test)]
mod testing;
pub mod text;
pub mod verify;

pub use circuit::{Circuit, CircuitBuilder};
pub use error::{CoreError, CoreResult, ErrorCode};
pub use evolution::Evolution;
pub use observable::Observable;
