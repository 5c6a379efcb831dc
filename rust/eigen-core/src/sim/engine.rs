//! The face of an engine: what it can do, and circuits prepared once to be run with many parameter values.
use super::counts::Counts;
use crate::circuit::Circuit;
use crate::error::CoreResult;
use crate::math::C64;
use crate::observable::Observable;

/// What an engine can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Its name, such as `statevector`.
    pub name: &'static str,
    /// Whether results are exact up to rounding.
    pub is_exact: bool,
    /// Whether circuits may measure and decide on the way.
    pub is_dynamic: bool,
    /// Whether gradients of expectation values are computed without running the circuit once per parameter.
    pub has_gradients: bool,
    /// Bytes that a state of `n` qubits takes: `bytes_per_amplitude << n`; 0 when memory does not grow so.
    pub bytes_per_amplitude: u64,
}

/// What an engine may use.
#[derive(Clone, Copy, Debug)]
pub struct Resources {
    /// Threads; 0 means one for each core.
    pub threads: usize,
    /// Memory for states, in bytes.
    pub memory_limit_bytes: u64,
}

/// A way to simulate circuits.
pub trait Engine: Send + Sync {
    /// What the engine can do.
    fn capabilities(&self) -> Capabilities;

    /// Checks a circuit and makes it ready to run. Fails when the engine cannot run it, or not within the resources.
    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>>;
}

/// A circuit ready to run. `values[k]` is the value of parameter `k`, in the order of the circuit's parameters.
/// Buffers are kept between calls. The same arguments give the same bits for any number of threads.
pub trait Prepared: Send {
    /// Number of parameters.
    fn num_parameters(&self) -> usize;

    /// Number of qubits.
    fn num_qubits(&self) -> usize;

    /// The final state, 2^n amplitudes; bit `k` of the index is qubit `k`.
    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>>;

    /// The amplitude of one basis state.
    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64>;

    /// Probabilities of the values of some qubits; bit `k` of the index is `qubits[k]`.
    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>>;

    /// Runs the circuit's measurements `shots` times.
    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts>;

    /// Expectation values of observables.
    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>>;

    /// Variances of observables, `<O^2> - <O>^2`.
    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>>;

    /// An expectation value and its derivative by each parameter.
    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)>;

    /// An expectation value estimated from shots, with its standard error.
    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)>;
}
