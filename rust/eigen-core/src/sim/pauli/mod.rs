//! Pauli propagation: observables taken back through a circuit as sums of Pauli products. Expectation values of near-Clifford
//! or shallow circuits at any width, with noise; no amplitudes and no shots.
//!
//! A Clifford gate takes each product to one product; a rotation splits those that it does not commute with, cos and sin;
//! Pauli noise multiplies each by a number. Work grows with the number of products, at most twofold with each rotation.
//! Products left out are told as a bound on the error. (Rall, Liang, Cook, Kretschmer, PRA 99, 062337 (2019); Begušić,
//! Gray, Chan, Science Advances 10, eadk4321 (2024).)
mod estimate;
mod gradient;
mod prepared;
mod program;
mod step;
mod sweep;
mod terms;
mod turn;

use std::sync::Arc;

use super::engine::{Capabilities, Engine, Prepared, Resources, refuse_computation};
use super::workers::Workers;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::noise::Model;
use prepared::PreparedPauli;
use program::Program;
use sweep::Bounds;
use terms::Terms;

pub use estimate::{Growth, growth};

/// Products at a time when nothing else is said.
pub const DEFAULT_TERMS: usize = 1 << 24;

/// The engine that takes observables back through the circuit.
#[derive(Clone, Debug)]
pub struct PauliPropagation {
    /// Channels on one and two qubits after gates; misread outcomes do not touch expectation values.
    pub noise: Option<Arc<Model>>,
    /// Products whose coefficient is smaller are left out; 0 for exact values.
    pub cutoff: f64,
    /// Products of more letters are left out as they come up.
    pub max_weight: Option<u32>,
    /// Products at a time, beyond which it refuses.
    pub max_terms: usize,
}

impl Default for PauliPropagation {
    fn default() -> Self {
        PauliPropagation { noise: None, cutoff: 0.0, max_weight: None, max_terms: DEFAULT_TERMS }
    }
}

impl Engine for PauliPropagation {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "pauli",
            is_exact: self.cutoff == 0.0 && self.max_weight.is_none(),
            is_dynamic: false,
            has_gradients: true,
            bytes_per_amplitude: 0,
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        if !(self.cutoff.is_finite() && self.cutoff >= 0.0) || self.max_terms == 0 {
            let message = format!(
                "a cutoff is not negative and max_terms is not 0, not `{}` and `{}`",
                self.cutoff, self.max_terms
            );
            return Err(CoreError::new(ErrorCode::SimulationArguments, message));
        }
        refuse_computation(circuit, "pauli")?;
        let workers = Workers::new(resources.threads)?;
        let program = Program::new(circuit, self.noise.as_deref(), None)?;
        let share = u128::from(resources.memory_limit_bytes) / workers.count() as u128;
        let fitting = share / Terms::bytes(program.num_qubits);
        let max_terms = self.max_terms.min(1 << 31).min(usize::try_from(fitting).unwrap_or(usize::MAX));
        let bounds =
            Bounds { cutoff: self.cutoff, max_weight: self.max_weight.unwrap_or(u32::MAX), max_terms };
        let source = (circuit.clone(), self.noise.clone());
        Ok(Box::new(PreparedPauli::new(program, source, bounds, workers)))
    }
}

#[cfg(test)]
mod tests;
