//! The instruction set of the state-vector engine.
use eigen_core::sim;
use pyo3::prelude::*;

use crate::errors::raise;

/// The instruction set in use: `avx512`, `avx2` or `portable`.
#[pyfunction]
fn instruction_set() -> &'static str {
    sim::instruction_set()
}

/// Lets the state-vector engine use no better instruction set than the named one, in this process and from now on.
#[pyfunction]
fn limit_instruction_set(name: &str) -> PyResult<()> {
    sim::limit_instruction_set(name).map_err(raise)
}

/// Adds the functions to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(instruction_set, module)?)?;
    module.add_function(wrap_pyfunction!(limit_instruction_set, module)?)
}
