//! Memory for states, used again and again by the threads of one run.
use std::sync::{Mutex, PoisonError};

use crate::error::CoreResult;
use crate::sim::memory;
use crate::sim::state::State;

/// States of any content.
pub(super) struct Spares {
    num_qubits: usize,
    states: Mutex<Vec<State>>,
}

impl Spares {
    pub fn new(num_qubits: usize) -> Self {
        Spares { num_qubits, states: Mutex::new(Vec::new()) }
    }

    /// A state of any content.
    pub fn take(&self) -> CoreResult<State> {
        let known = self.states.lock().unwrap_or_else(PoisonError::into_inner).pop();
        known.map_or_else(|| memory::allocate(self.num_qubits), Ok)
    }

    pub fn give(&self, state: State) {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).push(state);
    }
}
