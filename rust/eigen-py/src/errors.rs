//! The one place where errors of the core become Python exceptions.
use eigen_core::{CoreError, ErrorCode};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

static CORE_ERROR: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The class `CoreError`. Its source is Python: the stable ABI cannot extend exceptions before Python 3.12.
fn class(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    let class = CORE_ERROR.get_or_try_init(py, || {
        let source = std::ffi::CString::new(include_str!("core_error.py"))?;
        let names = PyDict::new(py);
        names.set_item("__name__", "eigen._core")?;
        py.run(&source, Some(&names), None)?;
        let class = names.as_any().get_item("CoreError")?;
        let codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        class.setattr("CODES", PyTuple::new(py, codes)?)?;
        Ok::<_, PyErr>(class.unbind())
    })?;
    Ok(class.bind(py))
}

/// The Python exception of an error of the core.
pub fn raise(error: CoreError) -> PyErr {
    Python::attach(|py| {
        match class(py).and_then(|class| class.call1((error.code.as_str(), error.message, error.hint))) {
            Ok(value) => PyErr::from_value(value),
            Err(failure) => failure,
        }
    })
}

/// Adds the exception class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("CoreError", class(module.py())?)
}
