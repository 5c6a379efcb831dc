//! The face of an engine: what it can do, and circuits prepared once to be run with many parameter values.
use super::counts::Counts;
use super::reduced::check_qubits;
use super::share::Share;
use super::snapshot::Watch;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::Observable;

/// Most shots of one call.
const MOST_SHOTS: u64 = 100_000_000;

/// Most qubits whose probabilities are written out where the state is not: 2^26 of them take 512 MiB.
const MOST_LISTED: usize = 26;

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

/// Something an engine tells about how it worked, such as its precision or the error of an approximation.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A name.
    Text(String),
    /// A quantity.
    Number(f64),
    /// A number of things.
    Count(u64),
}

/// A way to simulate circuits. What may be chosen about it (precision, noise, truncation) lies in its fields.
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

    /// The reduced density matrix of some qubits, row-major, 2^k x 2^k; bit `j` of an index is `qubits[j]`.
    fn density_matrix(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<C64>> {
        let num_qubits = self.num_qubits();
        super::reduced::reduced(&self.state(values)?, num_qubits, qubits)
    }

    /// The probability of one basis state; bit `k % 64` of word `k / 64` is qubit `k`.
    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        Ok(self.amplitude(values, bits.first().copied().unwrap_or_default())?.norm_sqr())
    }

    /// Probabilities of the values of some qubits; bit `k` of the index is `qubits[k]`.
    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>>;

    /// Runs the circuit's measurements `shots` times.
    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts>;

    /// The counts of one part of `sample`, by the same random numbers: those of all parts add up to it. How many shots
    /// a part has follows from what happens in the run.
    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        if share.is_whole() {
            return self.sample(values, shots, seed);
        }
        Err(CoreError::new(ErrorCode::Unsupported, "the engine does not draw shots in parts"))
    }

    /// Runs the circuit's measurements `shots` times and gives each shot's bits, in no particular order of shots: key by
    /// key of `ceil(classical bits / 8)` bytes, classical bit `k` being bit `k % 8` of byte `k / 8`.
    fn sample_bits(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Vec<u8>> {
        self.sample(values, shots, seed)?.shuffled(seed)
    }

    /// Expectation values of observables.
    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>>;

    /// One expectation value.
    fn energy(&mut self, values: &[f64], observable: &Observable) -> CoreResult<f64> {
        Ok(self.expectation(values, &[observable])?[0])
    }

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

    /// Expectation values for many sets of parameter values: `sets` holds them one after the other.
    fn expectations(&mut self, sets: &[f64], observable: &Observable) -> CoreResult<Vec<f64>> {
        each_set(sets, self.num_parameters())?.map(|values| self.energy(values, observable)).collect()
    }

    /// Expectation values and their derivatives for many sets of parameter values; the derivatives one set after the
    /// other.
    fn gradients(&mut self, sets: &[f64], observable: &Observable) -> CoreResult<(Vec<f64>, Vec<f64>)> {
        let (mut energies, mut slopes) = (Vec::new(), Vec::with_capacity(sets.len()));
        for values in each_set(sets, self.num_parameters())? {
            let (energy, slope) = self.gradient(values, observable)?;
            energies.push(energy);
            slopes.extend(slope);
        }
        Ok((energies, slopes))
    }

    /// Has somebody look after the runs of the questions that follow, or nobody. False when the engine cannot go on from
    /// a snapshot. Of the questions those are looked after whose answer comes from one run of the whole circuit.
    fn look_after(&mut self, _watch: Option<Box<dyn Watch>>) -> bool {
        false
    }

    /// What the last call did, for the record of its result: names in snake case.
    fn facts(&self) -> Vec<(&'static str, Fact)> {
        Vec::new()
    }
}

/// The sets of parameter values that lie one after the other in `sets`.
pub(crate) fn each_set(sets: &[f64], num_parameters: usize) -> CoreResult<impl Iterator<Item = &[f64]>> {
    if num_parameters == 0 || !sets.len().is_multiple_of(num_parameters) {
        let message = format!("`{}` numbers are no sets of {num_parameters} parameter values", sets.len());
        return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
    }
    Ok(sets.chunks_exact(num_parameters))
}

/// Refuses numbers of shots that no engine takes.
pub(crate) fn check_shots(shots: u64) -> CoreResult<()> {
    if shots == 0 || shots > MOST_SHOTS {
        let message = format!("shots must be 1 to {MOST_SHOTS}, not `{shots}`");
        return Err(CoreError::new(ErrorCode::SimulationArguments, message));
    }
    Ok(())
}

/// Refuses a basis state that the qubits do not have.
pub(crate) fn check_basis_state(index: u64, num_qubits: usize) -> CoreResult<()> {
    if num_qubits < 64 && index >> num_qubits != 0 {
        let message = format!("there is no basis state `{index}` of {num_qubits} qubits");
        return Err(CoreError::new(ErrorCode::SimulationArguments, message));
    }
    Ok(())
}

/// Refuses qubits that are not there or named twice, and more of them than probabilities are written out for.
pub(crate) fn check_listed(qubits: &[usize], num_qubits: usize) -> CoreResult<()> {
    check_qubits(qubits, num_qubits)?;
    if qubits.len() > MOST_LISTED {
        return Err(CoreError::limit("qubits whose probabilities are listed", MOST_LISTED, qubits.len()));
    }
    Ok(())
}

/// Refuses another number of parameter values than `wanted`, and values that are not finite.
pub(crate) fn check_values(values: &[f64], wanted: usize) -> CoreResult<()> {
    let invalid = |message| Err(CoreError::new(ErrorCode::ParameterInvalid, message));
    if values.len() != wanted {
        return invalid(format!("the circuit has {wanted} parameters, not `{}`", values.len()));
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(bad) => invalid(format!("the value `{}` of parameter {bad} is not finite", values[bad])),
        None => Ok(()),
    }
}

/// Refuses circuits that compute classical values while they run, for engines that follow no histories.
pub(crate) fn refuse_computation(circuit: &Circuit, engine: &str) -> CoreResult<()> {
    if !circuit.computes() {
        return Ok(());
    }
    let message =
        format!("the {engine} engine computes no classical values while a circuit runs (`COMPUTE`)");
    Err(CoreError::new(ErrorCode::Unsupported, message).with_hint("use the state vector, or sim:auto"))
}
