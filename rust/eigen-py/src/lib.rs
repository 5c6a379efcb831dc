//! The extension module `eigen._core`: the only crate that knows PyO3.
use pyo3::prelude::*;

/// The Rust core of Eigen OS.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
