//! The extension module `eigen._core`: the only crate that knows PyO3.
mod builder;
mod choose;
mod circuit;
mod condition;
mod errors;
mod evolution;
mod formats;
mod gates;
mod hybrid;
mod instruction;
mod json;
mod mapping;
mod math;
mod noise;
mod observable;
mod params;
mod passes;
mod rng;
mod sim;

use pyo3::prelude::*;

/// The Rust core of Eigen OS.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    errors::register(module)?;
    module.add_class::<params::PyAffine>()?;
    module.add_class::<condition::PyCondition>()?;
    module.add_class::<circuit::PyCircuit>()?;
    module.add_class::<builder::PyCircuitBuilder>()?;
    module.add_class::<instruction::PyInstruction>()?;
    module.add_class::<observable::PyObservable>()?;
    module.add_class::<observable::PyObservableGroup>()?;
    module.add_class::<noise::PyNoiseModel>()?;
    gates::register(module)?;
    hybrid::register(module)?;
    evolution::register(module)?;
    formats::register(module)?;
    json::register(module)?;
    math::register(module)?;
    mapping::register(module)?;
    passes::register(module)?;
    rng::register(module)?;
    sim::register(module)?;
    choose::register(module)
}
