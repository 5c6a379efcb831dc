//! The class `NoiseModel`.
use std::sync::Arc;

use eigen_core::noise::Model;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::raise;

/// Which channels act where in a circuit, how readout errs, how long operations take.
#[pyclass(name = "NoiseModel", module = "eigen._core", frozen, from_py_object, eq)]
#[derive(Clone, PartialEq)]
pub struct PyNoiseModel(pub Arc<Model>);

impl PyNoiseModel {
    fn new(model: Model) -> Self {
        Self(Arc::new(model))
    }
}

#[pymethods]
impl PyNoiseModel {
    /// Named noises joined by `+`, or the JSON form.
    #[staticmethod]
    fn parse(text: &str) -> PyResult<Self> {
        Model::parse(text).map(Self::new).map_err(raise)
    }

    /// The JSON form of a model, or calibration data.
    #[staticmethod]
    fn from_json(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        py.detach(|| Model::from_json(data)).map(Self::new).map_err(raise)
    }

    fn to_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_json())
    }

    #[getter]
    fn digest(&self) -> String {
        self.0.digest()
    }

    /// Whether only the record of measurements errs.
    #[getter]
    fn is_readout_only(&self) -> bool {
        self.0.is_readout_only()
    }

    /// Whether its channels are mixtures of Pauli strings.
    #[getter]
    fn is_pauli(&self) -> bool {
        self.0.is_pauli()
    }

    fn __add__(&self, other: &Self) -> PyResult<Self> {
        self.0.as_ref().clone().plus(other.0.as_ref().clone()).map(Self::new).map_err(raise)
    }

    fn __hash__(&self) -> u64 {
        u64::from_str_radix(&self.0.digest()[..16], 16).unwrap_or_default()
    }

    fn __repr__(&self) -> String {
        format!("NoiseModel({} rules, {})", self.0.rules().len(), &self.0.digest()[..12])
    }
}
