//! The stabilizer engine: circuits of Clifford gates, measurements and resets, thousands of qubits wide.
//!
//! A tableau takes n^2/2 bytes; a gate costs O(n/64), an open measurement O(n^2/64), a certain one O(n/64). Shots come
//! from one history: as an affine space where only the end is measured, as Pauli frames where every shot takes the same
//! path, from the tree of histories where outcomes decide. Not kept: the phase of the whole state.
mod action;
mod affine;
mod batch;
mod estimate;
mod flips;
mod frames;
mod gauge;
mod histories;
mod lanes;
mod lower;
mod measured;
mod mechanism;
mod noise;
mod noisy;
mod path;
mod prepared;
mod random;
mod recognise;
mod row;
mod run;
mod snapshot;
mod tableau;
mod transpose;
mod tree;

pub(super) use action::Action;
pub use recognise::not_clifford;
pub(super) use recognise::{Gate, Recogniser};

use std::sync::Arc;

use super::engine::{Capabilities, Engine, Prepared, Resources};
use super::memory::size_text;
use super::pauli::PauliPropagation;
use super::workers::Workers;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::noise::Model;

/// The engine that keeps the tableau of a Clifford circuit.
#[derive(Clone, Debug, Default)]
pub struct Stabilizer {
    /// Pauli channels after gates, misread outcomes, failing resets.
    pub noise: Option<Arc<Model>>,
}

impl Engine for Stabilizer {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "stabilizer",
            is_exact: true,
            is_dynamic: true,
            has_gradients: false,
            bytes_per_amplitude: 0,
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        // The tableau, and the independent rows of its measurements.
        check_memory(circuit.num_qubits(), 2, resources.memory_limit_bytes)?;
        let workers = Workers::new(resources.threads)?;
        let noise = self.noise.as_deref().map(|model| noise::Noise::new(model, circuit)).transpose()?;
        let limit = resources.memory_limit_bytes;
        let tableau = prepared::PreparedTableau::new(circuit, noise, limit, workers)?;
        if self.noise.is_none() {
            return Ok(Box::new(tableau));
        }
        // Under noise there is no single state: values are taken back through the circuit.
        let engine = PauliPropagation { noise: self.noise.clone(), ..PauliPropagation::default() };
        let values = engine.prepare(circuit, resources)?;
        Ok(Box::new(noisy::PreparedNoisy::new(self.clone(), circuit.clone(), resources, tableau, values)))
    }
}

/// Checks that `count` tableaux fit into `limit_bytes`.
fn check_memory(num_qubits: usize, count: u64, limit_bytes: u64) -> CoreResult<()> {
    check_bytes(tableau::bytes(num_qubits) * u128::from(count), limit_bytes, || {
        format!("{count} tableaux of {num_qubits} qubits")
    })
}

fn check_bytes(needed: u128, limit_bytes: u64, what: impl FnOnce() -> String) -> CoreResult<()> {
    if needed <= u128::from(limit_bytes) {
        return Ok(());
    }
    let (needed, limit) = (size_text(needed), size_text(u128::from(limit_bytes)));
    let message = format!("the stabilizer engine needs {needed} for {}; limit {limit}", what());
    Err(CoreError::new(ErrorCode::ResourceExhausted, message).with_hint("use fewer qubits"))
}

#[cfg(test)]
mod tests;
