//! Formats of text that are read and written by the core.
use std::collections::HashMap;

use eigen_core::{qasm2, qasm3, quil, stim, text};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::builder::PyCircuitBuilder;
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

/// The circuit of an OpenQASM 3 program; inputs with a value are constants of it, others become parameters.
#[pyfunction]
#[pyo3(signature = (data, inputs=None))]
fn load_qasm3(py: Python<'_>, data: &[u8], inputs: Option<HashMap<String, f64>>) -> PyResult<PyCircuit> {
    let inputs = inputs.unwrap_or_default();
    py.detach(|| qasm3::load(data, &inputs)).map(PyCircuit::new).map_err(raise)
}

/// The OpenQASM 3 program of a circuit.
#[pyfunction]
fn dump_qasm3<'py>(py: Python<'py>, circuit: &PyCircuit) -> PyResult<Bound<'py, PyBytes>> {
    let text = py.detach(|| qasm3::dump(&circuit.0)).map_err(raise)?;
    Ok(PyBytes::new(py, text.as_bytes()))
}

/// The circuit of a Stim document.
#[pyfunction]
fn load_stim(py: Python<'_>, data: &[u8]) -> PyResult<PyCircuit> {
    py.detach(|| stim::load(data)).map(PyCircuit::new).map_err(raise)
}

/// The circuit of a Quil program.
#[pyfunction]
fn load_quil(py: Python<'_>, data: &[u8]) -> PyResult<PyCircuit> {
    py.detach(|| quil::load(data)).map(PyCircuit::new).map_err(raise)
}

/// A builder with the names that a line of JSON tells.
#[pyfunction]
fn named_builder(line: &str) -> PyResult<PyCircuitBuilder> {
    text::opened(line).map(PyCircuitBuilder).map_err(raise)
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(load_qasm2, module)?)?;
    module.add_function(wrap_pyfunction!(dump_qasm2, module)?)?;
    module.add_function(wrap_pyfunction!(load_qasm3, module)?)?;
    module.add_function(wrap_pyfunction!(dump_qasm3, module)?)?;
    module.add_function(wrap_pyfunction!(load_stim, module)?)?;
    module.add_function(wrap_pyfunction!(load_quil, module)?)?;
    module.add_function(wrap_pyfunction!(named_builder, module)?)
}
