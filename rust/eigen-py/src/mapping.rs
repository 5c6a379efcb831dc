//! Mapping to devices in Python.
use eigen_core::passes::{MapOptions, Topology, map};
use pyo3::prelude::*;

use crate::circuit::PyCircuit;
use crate::errors::raise;
use crate::passes::{PyPassStep, opcodes};

/// A circuit on a device's qubits, and where each logical qubit starts and ends.
#[pyclass(name = "Mapped", module = "eigen._core", frozen)]
pub struct PyMapped {
    #[pyo3(get)]
    circuit: Py<PyCircuit>,
    #[pyo3(get)]
    initial: Vec<u32>,
    #[pyo3(get)]
    last: Vec<u32>,
    #[pyo3(get)]
    swaps: usize,
    #[pyo3(get)]
    cost: u64,
    #[pyo3(get)]
    steps: Vec<Py<PyPassStep>>,
}

#[pymethods]
impl PyMapped {
    fn __repr__(&self) -> String {
        format!("Mapped({} qubits, {} swaps)", self.initial.len(), self.swaps)
    }
}

/// The circuit on the qubits of a device, SWAPs added where qubits that meet are not coupled.
#[pyfunction]
#[pyo3(signature = (
    circuit, num_qubits, edges, *, level=2, seed=0, trials=None, threads=None, initial=None, basis=None, errors=None
))]
#[allow(clippy::too_many_arguments, reason = "keywords in Python")]
fn map_to_device(
    py: Python<'_>,
    circuit: &PyCircuit,
    num_qubits: usize,
    edges: Vec<(u32, u32)>,
    level: u8,
    seed: u64,
    trials: Option<u32>,
    threads: Option<usize>,
    initial: Option<Vec<u32>>,
    basis: Option<Vec<String>>,
    errors: Option<Vec<f64>>,
) -> PyResult<PyMapped> {
    let basis = opcodes(basis)?;
    let options = MapOptions { level, seed, trials, threads: threads.unwrap_or(0), initial, basis };
    let mapped = py
        .detach(|| map(&circuit.0, &Topology::new(num_qubits, &edges, errors.as_deref())?, &options))
        .map_err(raise)?;
    let steps = mapped.steps.into_iter().map(|step| Py::new(py, PyPassStep::from(step)));
    Ok(PyMapped {
        circuit: Py::new(py, PyCircuit::new(mapped.circuit))?,
        initial: mapped.initial,
        last: mapped.last,
        swaps: mapped.swaps,
        cost: mapped.cost,
        steps: steps.collect::<PyResult<_>>()?,
    })
}

/// Adds the function and its result to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyMapped>()?;
    module.add_function(wrap_pyfunction!(map_to_device, module)?)
}
