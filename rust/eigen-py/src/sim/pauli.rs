//! What Pauli propagation says about a circuit before it runs.
use eigen_core::sim;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::circuit::PyCircuit;
use crate::errors::raise;
use crate::noise::PyNoiseModel;
use crate::observable::PyObservable;

/// How the number of Pauli terms grows on the way back through a circuit.
#[pyfunction]
#[pyo3(signature = (circuit, observable, *, noise = None, most_terms = 1000))]
fn pauli_growth<'py>(
    py: Python<'py>,
    circuit: &PyCircuit,
    observable: PyObservable,
    noise: Option<PyNoiseModel>,
    most_terms: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let model = noise.as_ref().map(|noise| noise.0.as_ref());
    let found = py.detach(|| sim::growth(&circuit.0, model, &observable.0, most_terms)).map_err(raise)?;
    let out = PyDict::new(py);
    for (name, count) in [
        ("rotations", found.rotations),
        ("walked", found.walked),
        ("branching", found.branching),
        ("terms", found.terms),
    ] {
        out.set_item(name, count)?;
    }
    Ok(out)
}

/// Adds the function to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(pauli_growth, module)?)
}
