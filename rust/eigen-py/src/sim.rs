//! The class `Plan`: a circuit prepared for one of the engines. The GIL is released while it works.
mod counts;
mod engines;
mod isa;
mod memory;
mod pauli;
mod stabilizer;
mod watch;

use std::sync::{Mutex, PoisonError};

use eigen_core::error::{CoreError, CoreResult, ErrorCode};
use eigen_core::sim::{Fact, Prepared, Resources, Share};
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::circuit::PyCircuit;
use crate::errors::raise;
use crate::hybrid::{self, PySearch};
use crate::observable::PyObservable;
pub use counts::PyCounts;
pub use memory::available_bytes;
use watch::{PyWatch, Raised};

/// Values, and their derivatives in rows.
type Slopes<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

/// A circuit prepared once, run with many parameter values.
#[pyclass(name = "Plan", module = "eigen._core", frozen)]
pub struct PyPlan {
    prepared: Mutex<Box<dyn Prepared>>,
    num_parameters: usize,
    num_qubits: usize,
    engine: String,
    keeps_snapshots: bool,
}

impl PyPlan {
    /// Runs `work` on the prepared circuit without the GIL, looked after by `watch`.
    fn watched<T: Send>(
        &self,
        py: Python<'_>,
        watch: Option<&Bound<'_, PyAny>>,
        work: impl FnOnce(&mut dyn Prepared) -> CoreResult<T> + Send,
    ) -> PyResult<T> {
        let Some(watch) = watch else { return self.with(py, work) };
        let raised = Raised::default();
        let watch = PyWatch::new(watch, raised.clone())?;
        let outcome = py.detach(|| {
            let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
            if !prepared.look_after(Some(Box::new(watch))) {
                return Err(self.keeps_no_snapshots());
            }
            let outcome = work(prepared.as_mut());
            prepared.look_after(None);
            outcome
        });
        outcome.map_err(|error| raised.take().unwrap_or_else(|| raise(error)))
    }

    fn keeps_no_snapshots(&self) -> CoreError {
        let message = format!("the engine {} keeps no snapshots of its state", self.engine);
        CoreError::new(ErrorCode::Unsupported, message).with_hint("leave out `watch`")
    }

    /// Runs `work` on the prepared circuit without the GIL.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut dyn Prepared) -> CoreResult<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| work(self.prepared.lock().unwrap_or_else(PoisonError::into_inner).as_mut()))
            .map_err(raise)
    }
}

/// Parameter values from a list, a tuple, an array of float64 (read without NumPy), or any sequence.
pub fn values(params: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<f64>> {
    let Some(params) = params else { return Ok(Vec::new()) };
    if params.is_instance_of::<PyList>() || params.is_instance_of::<PyTuple>() {
        return params.extract();
    }
    match PyBuffer::<f64>::get(params) {
        Ok(buffer) if buffer.dimensions() == 1 => buffer.to_vec(params.py()),
        _ => params.extract(),
    }
}

/// The rows of a matrix, one after the other.
fn rows(sets: &PyReadonlyArray2<'_, f64>) -> Vec<f64> {
    let array = sets.as_array();
    // `as_slice` of the array, not of `sets`: the latter is in memory order, whatever that is.
    array.as_slice().map_or_else(|| array.iter().copied().collect(), <[f64]>::to_vec)
}

/// Facts as a dict.
pub fn facts_to_python<'py>(
    py: Python<'py>,
    facts: Vec<(&'static str, Fact)>,
) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    for (name, fact) in facts {
        match fact {
            Fact::Text(text) => out.set_item(name, text)?,
            Fact::Number(number) => out.set_item(name, number)?,
            Fact::Count(count) => out.set_item(name, count)?,
        }
    }
    Ok(out)
}

fn references(observables: &[PyObservable]) -> Vec<&eigen_core::Observable> {
    observables.iter().map(|observable| observable.0.as_ref()).collect()
}

#[pymethods]
impl PyPlan {
    #[new]
    #[pyo3(signature = (circuit, *, engine = "statevector", threads = 0, memory_limit_bytes = None, options = None))]
    fn new(
        py: Python<'_>,
        circuit: &PyCircuit,
        engine: &str,
        threads: usize,
        memory_limit_bytes: Option<u64>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let circuit = circuit.0.clone();
        let name = engine.to_string();
        let engine = engines::engine(engine, options)?;
        let prepared = py.detach(|| {
            // Small states cannot exhaust anything, and reading the system's figures takes longer than they do.
            let is_small = circuit.num_qubits() <= memory::SMALL_QUBITS;
            let limit = memory_limit_bytes
                .unwrap_or_else(|| if is_small { u64::MAX } else { memory::available_bytes() });
            engine.prepare(&circuit, Resources { threads, memory_limit_bytes: limit })
        });
        let mut prepared = prepared.map_err(raise)?;
        let keeps_snapshots = prepared.look_after(None);
        let (num_parameters, num_qubits) = (prepared.num_parameters(), prepared.num_qubits());
        Ok(PyPlan {
            prepared: Mutex::new(prepared),
            num_parameters,
            num_qubits,
            engine: name,
            keeps_snapshots,
        })
    }

    #[getter]
    fn num_parameters(&self) -> usize {
        self.num_parameters
    }

    /// Whether questions may have a `watch`.
    #[getter]
    fn keeps_snapshots(&self) -> bool {
        self.keeps_snapshots
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The final state: complex128, 2^n; bit k of the index is qubit k.
    #[pyo3(signature = (params = None, *, watch = None))]
    fn state<'py>(
        &self,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
        watch: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        let values = values(params)?;
        let state = self.watched(py, watch, |plan| plan.state(&values))?;
        Ok(PyArray1::from_vec(py, state))
    }

    /// The reduced density matrix of some qubits (all when not named): complex128, 2^k x 2^k.
    #[pyo3(signature = (params = None, qubits = None))]
    fn density_matrix<'py>(
        &self,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
        qubits: Option<Vec<usize>>,
    ) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
        let values = values(params)?;
        let qubits = qubits.unwrap_or_else(|| (0..self.num_qubits).collect());
        let matrix = self.with(py, |plan| plan.density_matrix(&values, &qubits))?;
        let dimension = matrix.len().isqrt();
        PyArray1::from_vec(py, matrix).reshape([dimension, dimension])
    }

    /// The amplitude of one basis state.
    #[pyo3(signature = (params, index))]
    fn amplitude(&self, py: Python<'_>, params: &Bound<'_, PyAny>, index: u64) -> PyResult<Complex64> {
        let values = values(Some(params))?;
        self.with(py, |plan| plan.amplitude(&values, index))
    }

    /// The probability of one bit string, qubit 0 rightmost.
    #[pyo3(signature = (params, bits, *, watch = None))]
    fn probability(
        &self,
        py: Python<'_>,
        params: &Bound<'_, PyAny>,
        bits: &str,
        watch: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<f64> {
        if bits.len() != self.num_qubits || bits.bytes().any(|b| b != b'0' && b != b'1') {
            let shown: String = bits.chars().take(80).collect();
            let message = format!("bit string `{shown}` must be {} characters 0 or 1", self.num_qubits);
            return Err(raise(CoreError::new(ErrorCode::SimulationArguments, message)));
        }
        let mut words = vec![0; bits.len().div_ceil(64).max(1)];
        let ones = bits.bytes().rev().enumerate().filter(|(_, bit)| *bit == b'1');
        ones.for_each(|(qubit, _)| words[qubit / 64] |= 1 << (qubit % 64));
        let values = values(Some(params))?;
        self.watched(py, watch, |plan| plan.probability(&values, &words))
    }

    /// Probabilities of the values of some qubits (all when not named); bit k of the index is `qubits[k]`.
    #[pyo3(signature = (params = None, qubits = None))]
    fn probabilities<'py>(
        &self,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
        qubits: Option<Vec<usize>>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let values = values(params)?;
        let qubits = qubits.unwrap_or_else(|| (0..self.num_qubits).collect());
        let probabilities = self.with(py, |plan| plan.probabilities(&values, &qubits))?;
        Ok(PyArray1::from_vec(py, probabilities))
    }

    /// Runs the circuit's measurements `shots` times; with `part`, its number and of how many, only that part of them,
    /// which nobody watches.
    #[pyo3(signature = (params = None, *, shots, seed, part = None, watch = None))]
    fn sample(
        &self,
        py: Python<'_>,
        params: Option<&Bound<'_, PyAny>>,
        shots: u64,
        seed: u64,
        part: Option<(u64, u64)>,
        watch: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyCounts> {
        let values = values(params)?;
        let share =
            part.map_or(Ok(Share::WHOLE), |(index, count)| Share::new(index, count)).map_err(raise)?;
        let watch = watch.filter(|_| part.is_none());
        self.watched(py, watch, |plan| plan.sample_share(&values, shots, seed, share)).map(PyCounts::new)
    }

    /// Runs the circuit's measurements `shots` times: uint8, (shots, ceil(classical bits / 8)), one packed key a row.
    #[pyo3(signature = (params = None, *, shots, seed))]
    fn sample_bits<'py>(
        &self,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
        shots: u64,
        seed: u64,
    ) -> PyResult<Bound<'py, PyArray2<u8>>> {
        let values = values(params)?;
        let bits = self.with(py, |plan| plan.sample_bits(&values, shots, seed))?;
        let width = bits.len() / shots as usize;
        PyArray1::from_vec(py, bits).reshape([shots as usize, width])
    }

    /// Expectation values.
    #[pyo3(signature = (params, observables, *, watch = None))]
    fn expectation(
        &self,
        py: Python<'_>,
        params: &Bound<'_, PyAny>,
        observables: Vec<PyObservable>,
        watch: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<f64>> {
        let values = values(Some(params))?;
        self.watched(py, watch, |plan| plan.expectation(&values, &references(&observables)))
    }

    /// Variances.
    fn variance(
        &self,
        py: Python<'_>,
        params: &Bound<'_, PyAny>,
        observables: Vec<PyObservable>,
    ) -> PyResult<Vec<f64>> {
        let values = values(Some(params))?;
        self.with(py, |plan| plan.variance(&values, &references(&observables)))
    }

    /// An expectation value and its derivative by each parameter.
    fn gradient(
        &self,
        py: Python<'_>,
        params: &Bound<'_, PyAny>,
        observable: PyObservable,
    ) -> PyResult<(f64, Vec<f64>)> {
        let values = values(Some(params))?;
        self.with(py, |plan| plan.gradient(&values, &observable.0))
    }

    /// One expectation value.
    fn energy(
        &self,
        py: Python<'_>,
        params: &Bound<'_, PyAny>,
        observable: &Bound<'_, PyObservable>,
    ) -> PyResult<f64> {
        let (values, observable) = (values(Some(params))?, &observable.get().0);
        self.with(py, |plan| plan.energy(&values, observable))
    }

    /// One expectation value and its derivatives as an array.
    fn energy_grad<'py>(
        &self,
        py: Python<'py>,
        params: &Bound<'py, PyAny>,
        observable: &Bound<'py, PyObservable>,
    ) -> PyResult<(f64, Bound<'py, PyArray1<f64>>)> {
        let (values, observable) = (values(Some(params))?, &observable.get().0);
        let (energy, slopes) = self.with(py, |plan| plan.gradient(&values, observable))?;
        Ok((energy, PyArray1::from_vec(py, slopes)))
    }

    /// An expectation value from shots, and its standard error.
    #[pyo3(signature = (params, observable, *, shots, seed, watch = None))]
    fn sample_expectation(
        &self,
        py: Python<'_>,
        params: &Bound<'_, PyAny>,
        observable: PyObservable,
        shots: u64,
        seed: u64,
        watch: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(f64, f64)> {
        let values = values(Some(params))?;
        self.watched(py, watch, |plan| plan.sample_expectation(&values, &observable.0, shots, seed))
    }

    /// Expectation values for many sets of parameter values, one set in each row.
    fn expectations<'py>(
        &self,
        py: Python<'py>,
        sets: PyReadonlyArray2<'py, f64>,
        observable: PyObservable,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let sets = rows(&sets);
        let energies = self.with(py, |plan| plan.expectations(&sets, &observable.0))?;
        Ok(PyArray1::from_vec(py, energies))
    }

    /// Expectation values and their derivatives for many sets of parameter values, one set in each row.
    fn gradients<'py>(
        &self,
        py: Python<'py>,
        sets: PyReadonlyArray2<'py, f64>,
        observable: PyObservable,
    ) -> PyResult<Slopes<'py>> {
        let sets = rows(&sets);
        let (energies, slopes) = self.with(py, |plan| plan.gradients(&sets, &observable.0))?;
        let slopes = PyArray1::from_vec(py, slopes).reshape([energies.len(), self.num_parameters])?;
        Ok((PyArray1::from_vec(py, energies), slopes))
    }

    /// Runs a search on the expectation value, wholly here. True when the search has ended.
    #[pyo3(signature = (search, observable, **limits))]
    fn minimize(
        &self,
        py: Python<'_>,
        search: &Bound<'_, PySearch>,
        observable: PyObservable,
        limits: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<bool> {
        let (limits, search) = (hybrid::limits(limits)?, search.get());
        py.detach(|| {
            let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
            hybrid::minimize(prepared.as_mut(), search, &observable.0, &limits)
        })
    }

    /// What the last call did: precision, instruction set, errors of approximations.
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        facts_to_python(py, self.with(py, |plan| Ok(plan.facts()))?)
    }

    fn __repr__(&self) -> String {
        format!("Plan({} qubits, {} parameters)", self.num_qubits, self.num_parameters)
    }
}

/// Adds the simulation classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPlan>()?;
    module.add_class::<PyCounts>()?;
    isa::register(module)?;
    pauli::register(module)?;
    stabilizer::register(module)
}
