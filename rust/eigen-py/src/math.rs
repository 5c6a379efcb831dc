//! The submodule `math`: deterministic scalar functions.
use eigen_core::math::scalar::{BINARY, UNARY};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};

/// Adds the submodule.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let math = PyModule::new(py, "math")?;
    for (name, function) in UNARY {
        let call = move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<f64> {
            Ok(function(args.extract::<(f64,)>()?.0))
        };
        math.add(*name, PyCFunction::new_closure(py, None, None, call)?)?;
    }
    for (name, function) in BINARY {
        let call = move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<f64> {
            let (a, b) = args.extract::<(f64, f64)>()?;
            Ok(function(a, b))
        };
        math.add(*name, PyCFunction::new_closure(py, None, None, call)?)?;
    }
    module.add_submodule(&math)?;
    // So that `from eigen._core.math import sin` works too.
    py.import("sys")?.getattr("modules")?.set_item("eigen._core.math", math)
}
