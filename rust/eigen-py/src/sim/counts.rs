//! The class `Counts`.
use std::collections::BTreeMap;
use std::sync::Arc;

use eigen_core::sim::Counts;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::raise;

/// What pickle stores: a function and its arguments.
type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyDict>, usize));

/// How often each key of classical bits came.
#[pyclass(name = "Counts", module = "eigen._core", frozen, eq)]
#[derive(Clone, PartialEq)]
pub struct PyCounts(Arc<Counts>);

impl PyCounts {
    /// Wraps counts of the core.
    pub fn new(counts: Counts) -> Self {
        Self(Arc::new(counts))
    }
}

#[pymethods]
impl PyCounts {
    /// From keys `c[n-1]…c[0]`.
    #[staticmethod]
    fn from_dict(counts: BTreeMap<String, u64>, num_clbits: usize) -> PyResult<Self> {
        let entries = counts.iter().map(|(key, value)| (key.as_str(), *value));
        Counts::from_texts(num_clbits, entries).map(Self::new).map_err(raise)
    }

    #[getter]
    fn num_clbits(&self) -> usize {
        self.0.num_clbits()
    }

    #[getter]
    fn shots(&self) -> u64 {
        self.0.shots()
    }

    /// All keys ascending, each in ceil(num_clbits / 8) bytes: classical bit k is bit k % 8 of byte k / 8.
    #[getter]
    fn keys_packed<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.packed_keys())
    }

    /// How often each key came, in the order of the keys.
    #[getter]
    fn values(&self) -> Vec<u64> {
        self.0.values().to_vec()
    }

    /// Keys `c[n-1]…c[0]`, ascending.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        for (index, value) in self.0.values().iter().enumerate() {
            out.set_item(self.0.text(index), value)?;
        }
        Ok(out)
    }

    /// Counts of some bits: bit k of the new keys is bit `clbits[k]`.
    fn marginal(&self, clbits: Vec<usize>) -> PyResult<Self> {
        self.0.marginal(&clbits).map(Self::new).map_err(raise)
    }

    /// The counts of both.
    fn merge(&self, other: &Self) -> PyResult<Self> {
        self.0.merged(&other.0).map(Self::new).map_err(raise)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        Ok((py.get_type::<Self>().getattr("from_dict")?, (self.to_dict(py)?, self.num_clbits())))
    }

    fn __repr__(&self) -> String {
        let shown = (0..self.0.len().min(8)).map(|k| format!("{}: {}", self.0.text(k), self.0.values()[k]));
        let more = if self.0.len() > 8 { ", …" } else { "" };
        format!("Counts({} shots; {}{more})", self.0.shots(), shown.collect::<Vec<_>>().join(", "))
    }
}
