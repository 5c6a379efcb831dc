//! The density matrix: all 4^n entries as a state of 2n qubits, exact up to rounding, with or without noise.
//!
//! Entry `rho[row, column]` is amplitude `row + 2^n column`: a gate is one step on the row's qubits and its conjugate on
//! the column's, a channel on one qubit a 4x4 matrix on its row and column bit.
mod lower;
mod prepared;
mod read;
mod shift;
mod walk;

pub(super) use prepared::PreparedDensity;

use std::sync::Arc;

use super::engine::{Capabilities, Engine, Prepared, Resources};
use crate::circuit::Circuit;
use crate::error::CoreResult;
use crate::noise::Model;

/// The engine that keeps the whole density matrix.
#[derive(Clone, Debug, Default)]
pub struct Density {
    /// The noise, if there is any.
    pub noise: Option<Arc<Model>>,
}

impl Engine for Density {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "density",
            is_exact: true,
            is_dynamic: true,
            has_gradients: true,
            bytes_per_amplitude: 0,
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        Ok(Box::new(PreparedDensity::new(circuit, self.noise.clone(), resources)?))
    }
}
