//! Simulators. `Engine` is the face of all of them; `StateVector` keeps all 2^n amplitudes in f64, `Stabilizer` the
//! tableau of a Clifford circuit, `Density` the density matrix, `Mps` a matrix product state, `TensorNetwork` nothing but
//! the circuit; `Noisy` runs noise on state vectors or on the density matrix.
#![allow(clippy::needless_range_loop, reason = "lane loops run over several arrays at once")]

pub(crate) use amplitude::{Block, LANE_QUBITS, LANES, times_i_power};
pub(crate) use engine::{check_shots, check_values};
pub(crate) use estimate::pauli_sum;
pub(crate) use isa::for_each_isa;
pub(crate) use memory::{allocate, check as check_memory, states_within};
pub(crate) use onto::apply_circuit;
pub(crate) use pauli_sum::{PauliSum, PauliTerm};
pub(crate) use sample::sample;
pub(crate) use state::State;
pub(crate) use workers::Workers;

mod amplitude;
mod basis;
mod branch;
mod collapse;
mod counts;
mod defer;
mod density;
mod engine;
mod estimate;
mod flow;
mod history;
pub(crate) mod isa;
mod kernel;
mod lanes;
mod linear;
mod lines;
mod lower;
mod memory;
mod mps;
mod noisy;
mod onto;
mod pauli;
mod pauli_sum;
mod plan;
mod precision;
mod program;
mod reduced;
mod sample;
mod schedule;
mod segment;
mod share;
mod snapshot;
mod source;
mod sparse;
mod stabilizer;
mod standing;
mod state;
mod statevector;
mod step;
mod tally;
mod tile;
mod tn;
mod trajectory;
mod unroll;
mod vector;
pub(crate) mod workers;

pub use counts::Counts;
pub use density::Density;
pub use engine::{Capabilities, Engine, Fact, Prepared, Resources};
pub(crate) use memory::size_text;
pub use mps::{BondBound, Mps, bond_bound};
pub use noisy::{NoiseMethod, Noisy, NoisyCost, noisy_cost};
pub use pauli::{Growth, PauliPropagation, growth};
pub use precision::Precision;
pub use share::Share;
pub use snapshot::{Place, Watch};
pub use sparse::Sparse;
pub(crate) use sparse::{
    BYTES_PER_AMPLITUDE as SPARSE_BYTES, MOST_QUBITS as SPARSE_QUBITS, probe as sparse_probe,
};
pub use stabilizer::{Stabilizer, not_clifford};
pub use statevector::StateVector;
pub use tn::{ContractionCost, TensorNetwork, contraction_cost};
pub use vector::{instruction_set, limit_instruction_set};

#[cfg(test)]
pub(crate) mod tests;
