//! The stabilizer engine: circuits of Clifford gates, measurements and resets, thousands of qubits wide.
//!
//! A tableau takes n^2/2 bytes; a gate costs O(n/64), an open measurement O(n^2/64), a certain one O(n/64). Shots come
//! from one history: as an affine space where only the end is measured, as Pauli frames where every shot takes the same
//! path, from the tree of histories where outcomes decide. Not kept: the phase of the whole state.
mod action;
mod affine;
mod estimate;
mod frames;
mod lower;
mod prepared;
mod recognise;
mod row;
mod run;
mod tableau;
mod tree;

pub use recognise::not_clifford;

use super::engine::{Capabilities, Engine, Prepared, Resources};
use super::memory::size_text;
use super::workers::Workers;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// The engine that keeps the tableau of a Clifford circuit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stabilizer;

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
        Ok(Box::new(prepared::PreparedTableau::new(circuit, resources.memory_limit_bytes, workers)?))
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
