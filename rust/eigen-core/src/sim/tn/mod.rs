//! The engine of tensor networks: amplitudes, and expectation values within their light cones, of circuits that are wide
//! and shallow. A question becomes a network, and the network one number; no state is ever kept.
//!
//! The cost is that of the contraction tree: 2^width numbers, less when indices are sliced. What is too much is refused
//! with its figures before it begins.
mod build;
mod contract;
mod estimate;
mod evaluate;
mod gates;
mod greedy;
mod network;
mod prepared;
mod question;
mod refine;
mod sample;
mod search;
mod tensor;
mod tree;

pub use estimate::{ContractionCost, contraction_cost};

use super::engine::{Capabilities, Engine, Prepared, Resources, refuse_computation};
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// The engine that contracts tensor networks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TensorNetwork {
    /// Bytes that the tensors of one contraction may take at a time; indices are sliced to stay below.
    pub memory_bytes: u64,
    /// log2 of the complex multiplications that one call may take; more is refused.
    pub max_operations: f64,
}

impl Default for TensorNetwork {
    fn default() -> Self {
        TensorNetwork { memory_bytes: 2 << 30, max_operations: 42.0 }
    }
}

impl Engine for TensorNetwork {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "tn",
            is_exact: true,
            is_dynamic: false,
            has_gradients: false,
            bytes_per_amplitude: 0,
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        if !(0.0..=100.0).contains(&self.max_operations) {
            let message =
                format!("max_operations, a power of two, must be 0 to 100, not `{}`", self.max_operations);
            return Err(CoreError::new(ErrorCode::SimulationArguments, message));
        }
        refuse_computation(circuit, "tn")?;
        let engine =
            TensorNetwork { memory_bytes: self.memory_bytes.min(resources.memory_limit_bytes), ..*self };
        Ok(Box::new(prepared::PreparedNetwork::new(circuit, engine, resources)?))
    }
}

#[cfg(test)]
mod tests;
