//! What the stabilizer engine says about a circuit before it runs.
use eigen_core::sim;
use pyo3::prelude::*;

use crate::circuit::PyCircuit;

/// Why a circuit is not Clifford for all values of its parameters, or `None` when it is.
#[pyfunction]
fn not_clifford(py: Python<'_>, circuit: &PyCircuit) -> Option<String> {
    py.detach(|| sim::not_clifford(&circuit.0))
}

/// Adds the function to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(not_clifford, module)?)
}
