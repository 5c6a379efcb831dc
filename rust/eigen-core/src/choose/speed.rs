//! Seconds of elementary steps: fitted on one machine, scaled to this host by a short run.
use std::time::Instant;

use crate::circuit::{Circuit, CircuitBuilder};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::sim::{Engine, Resources, StateVector};

/// Width and layers of the circuit whose time is taken.
const PROBE: (u32, usize) = (16, 4);
/// The least of so many runs counts: others may share the processor.
const ROUNDS: usize = 5;

/// Seconds that elementary steps of the engines take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Preparing and starting any engine.
    pub overhead: f64,
    /// One gate on one amplitude of a state vector.
    pub amplitude: f64,
    /// One gate on one amplitude of a sparse state.
    pub entry: f64,
    /// One word of 64 bits of a tableau or a frame.
    pub word: f64,
    /// One shot from a known state.
    pub shot: f64,
    /// One unit of work on a matrix product state: a cube of its bond.
    pub tensor: f64,
}

impl Speed {
    /// Two cores of a server of 2024 with AVX-512: what the models were fitted to.
    pub const REFERENCE: Speed =
        Speed { overhead: 4e-5, amplitude: 8e-11, entry: 2.5e-8, word: 1.5e-9, shot: 4e-8, tensor: 1e-8 };

    /// All steps so many times as long.
    pub fn scaled(self, factor: f64) -> Speed {
        Speed {
            overhead: self.overhead * factor,
            amplitude: self.amplitude * factor,
            entry: self.entry * factor,
            word: self.word * factor,
            shot: self.shot * factor,
            tensor: self.tensor * factor,
        }
    }

    /// The speed of this host, by the time that a state vector of 16 qubits takes (about 20 ms in all).
    pub fn measure() -> CoreResult<Speed> {
        let circuit = probe()?;
        let resources = Resources { threads: 0, memory_limit_bytes: u64::MAX };
        let mut plan = StateVector::default().prepare(&circuit, resources)?;
        let mut least = f64::INFINITY;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            plan.amplitude(&[], 0)?;
            least = least.min(start.elapsed().as_secs_f64());
        }
        let expected = Self::REFERENCE.amplitude * 65536.0 * circuit.num_operations() as f64;
        Ok(Self::REFERENCE.scaled((least / expected).clamp(0.05, 50.0)))
    }
}

fn probe() -> CoreResult<Circuit> {
    let (width, layers) = PROBE;
    let mut builder = CircuitBuilder::new(width as usize, 0)?;
    for layer in 0..layers {
        for qubit in 0..width {
            builder.gate(Opcode::Ry, &[qubit], &[0.1 + f64::from(qubit) + layer as f64])?;
            builder.gate(Opcode::Rz, &[qubit], &[0.2 + f64::from(qubit)])?;
        }
        for qubit in 0..width - 1 {
            builder.gate(Opcode::Cx, &[qubit, qubit + 1], &[])?;
        }
    }
    builder.build()
}
