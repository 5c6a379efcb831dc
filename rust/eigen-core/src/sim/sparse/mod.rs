//! The sparse engine: only the amplitudes that are not zero, for circuits that stay near the computational basis, such
//! as adders, GHZ states and chemistry in a sector of few electrons. Up to 128 qubits, exact up to rounding.
//!
//! Gates that permute basis states or give them phases cost one sweep over the amplitudes; gates that mix them look
//! their partners up in a hash table. There is no bound on depth, only on how many amplitudes there are at a time.
mod estimate;
mod gate;
mod lower;
mod prepared;
mod probe;
mod state;
mod table;
mod walk;

pub(crate) use probe::probe;

use super::engine::{Capabilities, Engine, Prepared, Resources};
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Qubits of a basis state's key.
pub(crate) const MOST_QUBITS: usize = 128;
/// Bytes of one amplitude with its key, its place in the table and its successor while a gate is applied.
pub(crate) const BYTES_PER_AMPLITUDE: u64 = 128;

/// The engine that keeps the amplitudes that are not zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sparse;

impl Engine for Sparse {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "sparse",
            is_exact: true,
            is_dynamic: true,
            has_gradients: false,
            bytes_per_amplitude: 0,
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        if circuit.num_qubits() > MOST_QUBITS {
            let message = format!("the sparse engine has keys of {MOST_QUBITS} qubits");
            return Err(CoreError::new(
                ErrorCode::ResourceExhausted,
                format!("{message}, the circuit `{}`", circuit.num_qubits()),
            ));
        }
        Ok(Box::new(prepared::PreparedSparse::new(circuit, resources)?))
    }
}

#[cfg(test)]
mod tests;
