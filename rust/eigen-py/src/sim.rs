//! Python classes of the simulators.
use pyo3::prelude::*;

/// Adds the simulation classes to the extension module.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
