//! Noise: channels on one or two qubits, and models that say where in a circuit they act. Knows no engine.
//!
//! Times are nanoseconds. A channel's first qubit is the least significant bit of its matrices.
mod calibration;
mod channel;
mod json;
mod model;
mod operators;
mod read;
mod schedule;
mod sites;
mod text;

pub use channel::Channel;
pub use model::{Event, Model, Place, Readout, Relaxation, Rule};
pub use sites::{Site, Sites};

use crate::error::{CoreError, ErrorCode};

/// The error for a channel or a model that is none.
fn invalid(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::NoiseInvalid, message)
}

#[cfg(test)]
mod tests;
