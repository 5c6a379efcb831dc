//! Formats of text that are read and written by the core.
use eigen_core::qasm2;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::circuit::PyCircuit;
use crate::errors::raise;

/// The circuit of an OpenQASM 2 program.
#[pyfunction]
fn load_qasm2(py: Python<'_>, data: &[u8]) -> PyResult<PyCircuit> {
    py.detach(|| qasm2::load(data)).map(PyCircuit::new).map_err(raise)
}

/// The OpenQASM 2 program of a circuit.
#[pyfunction]
fn dump_qasm2<'py>(py: Python<'py>, circuit: &PyCircuit) -> PyResult<Bound<'py, PyBytes>> {
    let text = py.detach(|| qasm2::dump(&circuit.0)).map_err(raise)?;
    Ok(PyBytes::new(py, text.as_bytes()))
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(load_qasm2, module)?)?;
    module.add_function(wrap_pyfunction!(dump_qasm2, module)?)
}
