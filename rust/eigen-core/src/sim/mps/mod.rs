//! The engine of matrix product states: circuits whose entanglement across every cut of a line stays small, hundreds of
//! qubits wide.
//!
//! The chain is kept in canonical form with a moving orthogonality centre, so that every truncation is the best one and
//! its error is known (Schollwoeck, Annals of Physics 326, 96). A bond of size b costs O(b^3) for each gate across it.
mod bond;
mod chain;
mod draw;
mod fuse;
pub(super) mod gate;
pub(super) mod lower;
pub(super) mod operator;
mod order;
mod prepared;
mod read;
mod run;
mod schedule;
mod shots;
mod site;
mod snapshot;
mod split;
mod sweep;
mod tree;

pub use bond::{BondBound, bond_bound};

use super::engine::{Capabilities, Engine, Prepared, Resources};
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use split::Truncation;

/// Largest bond that may be asked for.
const MOST_BOND: usize = 1 << 16;

/// The engine that keeps a matrix product state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mps {
    /// Most values of a bond, 1 to 65,536.
    pub max_bond: usize,
    /// The part of the squared norm that one truncation may drop while the bond is below `max_bond`: 0 up to, not
    /// including, 1.
    pub cutoff: f64,
}

impl Default for Mps {
    fn default() -> Self {
        Mps { max_bond: 256, cutoff: 1e-12 }
    }
}

impl Mps {
    fn truncation(&self) -> Truncation {
        Truncation { max_bond: self.max_bond, cutoff: self.cutoff }
    }
}

impl Engine for Mps {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "mps",
            is_exact: false,
            is_dynamic: true,
            has_gradients: false,
            bytes_per_amplitude: 0,
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        let refused = |message| Err(CoreError::new(ErrorCode::SimulationArguments, message));
        if self.max_bond == 0 || self.max_bond > MOST_BOND {
            return refused(format!("max_bond must be 1 to {MOST_BOND}, not `{}`", self.max_bond));
        }
        if !(0.0..1.0).contains(&self.cutoff) {
            return refused(format!("cutoff must be from 0 up to, not including, 1, not `{}`", self.cutoff));
        }
        if circuit.num_qubits() == 0 {
            return refused("a matrix product state needs at least `1` qubit".to_string());
        }
        let program = lower::lower(circuit)?;
        let layout = order::layout(&program, self.max_bond.ilog2());
        Ok(Box::new(prepared::PreparedChain::new(program, layout, self, resources)?))
    }
}

#[cfg(test)]
mod tests;
