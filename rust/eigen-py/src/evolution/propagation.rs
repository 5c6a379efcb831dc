//! The class `Propagation`: an evolution with its propagator, run with many parameter values.
use std::sync::{Mutex, PoisonError};

use eigen_core::error::CoreResult;
use eigen_core::evolution::{Method, Propagation, Settings};
use eigen_core::sim::Resources;
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::PyEvolution;
use crate::errors::raise;
use crate::sim::{PyCounts, available_bytes, facts_to_python, values};

/// Values, standard errors and counts of a run.
type Run<'py> = (Bound<'py, PyArray2<f64>>, Option<Bound<'py, PyArray2<f64>>>, Option<PyCounts>);

/// An evolution with its propagator.
#[pyclass(name = "Propagation", module = "eigen._core", frozen)]
pub struct PyPropagation {
    inner: Mutex<Propagation>,
    shape: [usize; 2],
    num_qubits: usize,
}

impl PyPropagation {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Propagation) -> CoreResult<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))).map_err(raise)
    }
}

#[pymethods]
impl PyPropagation {
    #[new]
    #[pyo3(signature = (evolution, *, method = "auto", tolerance = 1e-10, order = 2, steps = 0, trajectories = 1000,
        threads = 0, memory_limit_bytes = None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        evolution: &PyEvolution,
        method: &str,
        tolerance: f64,
        order: u32,
        steps: u64,
        trajectories: u64,
        threads: usize,
        memory_limit_bytes: Option<u64>,
    ) -> PyResult<Self> {
        let method = Method::parse(method, order, steps).map_err(raise)?;
        let settings = Settings { method, tolerance, trajectories };
        let resources =
            Resources { threads, memory_limit_bytes: memory_limit_bytes.unwrap_or_else(available_bytes) };
        let parts = evolution.0.parts();
        let (shape, num_qubits) = ([parts.times.len(), parts.observables.len()], parts.num_qubits);
        let inner = Propagation::new((*evolution.0).clone(), settings, resources).map_err(raise)?;
        Ok(Self { inner: Mutex::new(inner), shape, num_qubits })
    }

    /// Expectation values (times, observables), standard errors where trajectories were averaged, and counts of the
    /// final state when shots are asked for.
    #[pyo3(signature = (params = None, *, seed = 0, shots = None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
        seed: u64,
        shots: Option<u64>,
    ) -> PyResult<Run<'py>> {
        let given = values(params)?;
        let answer = self.with(py, |plan| plan.run(&given, seed, shots))?;
        let table = |flat: Vec<f64>| PyArray1::from_vec(py, flat).reshape(self.shape);
        Ok((table(answer.values)?, answer.errors.map(table).transpose()?, answer.counts.map(PyCounts::new)))
    }

    /// The final state: complex128, 2^n; bit k of the index is qubit k.
    #[pyo3(signature = (params = None))]
    fn state<'py>(
        &self,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        let given = values(params)?;
        Ok(PyArray1::from_vec(py, self.with(py, |plan| plan.state(&given))?))
    }

    /// The final density matrix: complex128, (2^n, 2^n), row first.
    #[pyo3(signature = (params = None))]
    fn density<'py>(
        &self,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
        let given = values(params)?;
        let columns = self.with(py, |plan| plan.density(&given))?;
        let dim = 1 << self.num_qubits;
        let rows = (0..dim * dim).map(|at| columns[at / dim + at % dim * dim]).collect();
        PyArray1::from_vec(py, rows).reshape([dim, dim])
    }

    /// What the last call did: method and reason, estimated error, applications of the Hamiltonian.
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        facts_to_python(py, self.with(py, |plan| Ok(plan.facts().to_vec()))?)
    }
}
