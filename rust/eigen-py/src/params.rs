//! Affine parameters: the class `Affine` and what is accepted in its place.
use std::collections::BTreeMap;

use eigen_core::param::Affine;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString};

use crate::errors::raise;

/// A constant plus multiples of named symbols.
#[pyclass(name = "Affine", module = "eigen._core", frozen, eq, from_py_object)]
#[derive(Clone, PartialEq)]
pub struct PyAffine(pub Affine);

/// Reads a number, an `Affine`, or the name of a symbol.
pub fn affine_of(value: &Bound<'_, PyAny>) -> PyResult<Affine> {
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Affine::number(number.extract()?));
    }
    if let Ok(affine) = value.cast::<PyAffine>() {
        return Ok(affine.get().0.clone());
    }
    if let Ok(name) = value.cast::<PyString>() {
        return Ok(Affine::symbol(name.extract::<String>()?));
    }
    match value.extract::<f64>() {
        Ok(number) => Ok(Affine::number(number)),
        Err(_) => {
            let kind = value.get_type().name()?.to_string();
            Err(PyTypeError::new_err(format!("a parameter is a number, an Affine or a name, not `{kind}`")))
        }
    }
}

/// A number when constant, else an `Affine`.
pub fn affine_to_python(py: Python<'_>, affine: Affine) -> PyResult<Py<PyAny>> {
    if affine.is_constant() {
        Ok(affine.constant.into_pyobject(py)?.into_any().unbind())
    } else {
        Ok(Py::new(py, PyAffine(affine))?.into_any())
    }
}

#[pymethods]
impl PyAffine {
    #[new]
    #[pyo3(signature = (constant = 0.0, terms = None))]
    fn new(constant: f64, terms: Option<BTreeMap<String, f64>>) -> PyResult<Self> {
        let mut affine = Affine { constant: constant + 0.0, terms: terms.unwrap_or_default().into() };
        affine.terms.retain(|_, coefficient| *coefficient != 0.0);
        affine.check().map_err(raise)?;
        Ok(Self(affine))
    }

    /// One symbol.
    #[staticmethod]
    fn symbol(name: &str) -> PyResult<Self> {
        let affine = Affine::symbol(name);
        affine.check().map_err(raise)?;
        Ok(Self(affine))
    }

    #[getter]
    fn constant(&self) -> f64 {
        self.0.constant
    }

    #[getter]
    fn terms(&self) -> BTreeMap<String, f64> {
        BTreeMap::clone(&self.0.terms)
    }

    #[getter]
    fn is_constant(&self) -> bool {
        self.0.is_constant()
    }

    /// The value for given values of all symbols.
    fn value(&self, values: BTreeMap<String, f64>) -> PyResult<f64> {
        self.0.terms.iter().try_fold(self.0.constant, |sum, (name, factor)| match values.get(name) {
            Some(value) => Ok(sum + factor * value),
            None => Err(pyo3::exceptions::PyKeyError::new_err(name.clone())),
        })
    }

    fn __add__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.add_scaled(&affine_of(other)?, 1.0)))
    }

    fn __radd__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.__add__(other)
    }

    fn __sub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.add_scaled(&affine_of(other)?, -1.0)))
    }

    fn __rsub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(affine_of(other)?.add_scaled(&self.0, -1.0)))
    }

    fn __mul__(&self, factor: f64) -> Self {
        Self(self.0.scale(factor))
    }

    fn __rmul__(&self, factor: f64) -> Self {
        Self(self.0.scale(factor))
    }

    fn __truediv__(&self, divisor: f64) -> PyResult<Self> {
        if divisor == 0.0 {
            return Err(pyo3::exceptions::PyZeroDivisionError::new_err("division by zero"));
        }
        let terms = self.0.terms.iter().map(|(name, factor)| (name.clone(), factor / divisor)).collect();
        Ok(Self(Affine { constant: self.0.constant / divisor, terms }))
    }

    fn __neg__(&self) -> Self {
        Self(self.0.scale(-1.0))
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        (self.0.constant + 0.0).to_bits().hash(&mut hasher);
        for (name, factor) in &self.0.terms {
            (name, factor.to_bits()).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        format!("Affine({})", self.0)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }
}
