//! Passes and verification in Python.
use eigen_core::verify::verify as check;
use pyo3::prelude::*;

use crate::circuit::PyCircuit;
use crate::errors::raise;

/// Checks every rule of the IR again.
#[pyfunction]
fn verify(py: Python<'_>, circuit: &PyCircuit) -> PyResult<()> {
    py.detach(|| check(&circuit.0)).map_err(raise)
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(verify, module)?)
}
