//! Passes and verification in Python.
use eigen_core::gate::Opcode;
use eigen_core::passes;
use eigen_core::verify::verify as check;
use pyo3::prelude::*;

use crate::builder::opcode_of;
use crate::circuit::PyCircuit;
use crate::errors::raise;

/// Checks every rule of the IR again.
#[pyfunction]
fn verify(py: Python<'_>, circuit: &PyCircuit) -> PyResult<()> {
    py.detach(|| check(&circuit.0)).map_err(raise)
}

/// The circuit in the named gates, exact up to a global phase (kept when GPHASE is in the basis).
#[pyfunction]
fn decompose(py: Python<'_>, circuit: &PyCircuit, basis: Vec<String>) -> PyResult<PyCircuit> {
    let opcodes = basis.iter().map(|name| opcode_of(name)).collect::<PyResult<Vec<Opcode>>>()?;
    py.detach(|| passes::decompose(&circuit.0, &opcodes)).map(PyCircuit::new).map_err(raise)
}

/// The circuit with fewer gates, equal to it exactly.
#[pyfunction]
fn simplify(py: Python<'_>, circuit: &PyCircuit, level: u8) -> PyResult<PyCircuit> {
    py.detach(|| passes::simplify(&circuit.0, level)).map(PyCircuit::new).map_err(raise)
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_function(wrap_pyfunction!(decompose, module)?)?;
    module.add_function(wrap_pyfunction!(simplify, module)?)
}
