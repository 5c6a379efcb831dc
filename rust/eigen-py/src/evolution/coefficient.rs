//! The class `Coefficient`: functions of time with their arithmetic.
use eigen_core::evolution::{Between, Coefficient, Table};
use pyo3::prelude::*;

use crate::errors::raise;
use crate::params::{affine_of, affine_to_python};

/// A real function of time from a closed family.
#[pyclass(name = "Coefficient", module = "eigen._core", frozen, eq, from_py_object)]
#[derive(Clone, PartialEq)]
pub struct PyCoefficient(pub Coefficient);

/// A `Coefficient`, or what stands for a constant one.
pub fn coefficient_of(value: &Bound<'_, PyAny>) -> PyResult<Coefficient> {
    match value.cast::<PyCoefficient>() {
        Ok(coefficient) => Ok(coefficient.get().0.clone()),
        Err(_) => Ok(Coefficient::Constant(affine_of(value)?)),
    }
}

/// A number, an `Affine` or a `Coefficient`.
pub fn coefficient_to_python(py: Python<'_>, coefficient: &Coefficient) -> PyResult<Py<PyAny>> {
    match coefficient {
        Coefficient::Constant(affine) => affine_to_python(py, affine.clone()),
        other => Ok(Py::new(py, PyCoefficient(other.clone()))?.into_any()),
    }
}

impl PyCoefficient {
    fn checked(coefficient: Coefficient) -> PyResult<Self> {
        coefficient.check().map_err(raise)?;
        Ok(Self(coefficient))
    }

    /// Parts of a sum or product, those of a nested one taken out so that long chains stay flat.
    fn joined(parts: [Coefficient; 2], is_sum: bool) -> PyResult<Self> {
        let mut all = Vec::new();
        for part in parts {
            match (part, is_sum) {
                (Coefficient::Sum(inner), true) | (Coefficient::Product(inner), false) => all.extend(inner),
                (other, _) => all.push(other),
            }
        }
        Self::checked(if is_sum { Coefficient::Sum(all) } else { Coefficient::Product(all) })
    }
}

#[pymethods]
impl PyCoefficient {
    /// A number, an affine expression or a parameter's name, the same at all times.
    #[staticmethod]
    fn constant(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::checked(Coefficient::Constant(affine_of(value)?))
    }

    /// `cos(omega t + phase)`.
    #[staticmethod]
    #[pyo3(signature = (omega, phase = None))]
    fn cos(omega: &Bound<'_, PyAny>, phase: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let phase = phase.map_or_else(|| Ok(Default::default()), affine_of)?;
        Self::checked(Coefficient::Cos { omega: affine_of(omega)?, phase })
    }

    /// `sin(omega t + phase)`.
    #[staticmethod]
    #[pyo3(signature = (omega, phase = None))]
    fn sin(omega: &Bound<'_, PyAny>, phase: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let phase = phase.map_or_else(|| Ok(Default::default()), affine_of)?;
        Self::checked(Coefficient::Sin { omega: affine_of(omega)?, phase })
    }

    /// `exp(-(t - center)^2 / (2 width^2))`.
    #[staticmethod]
    fn gaussian(center: &Bound<'_, PyAny>, width: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::checked(Coefficient::Gaussian { center: affine_of(center)?, width: affine_of(width)? })
    }

    /// `c[0] + c[1] t + c[2] t^2 + …`.
    #[staticmethod]
    fn polynomial(coefficients: Vec<f64>) -> PyResult<Self> {
        Self::checked(Coefficient::Polynomial(coefficients))
    }

    /// Values at times, joined by straight lines or held until the next time.
    #[staticmethod]
    #[pyo3(signature = (times, values, *, linear = true))]
    fn table(times: Vec<f64>, values: Vec<f64>, linear: bool) -> PyResult<Self> {
        let between = if linear { Between::Linear } else { Between::Step };
        Self::checked(Coefficient::Table(Table { times, values, between }))
    }

    /// The value at a time, a number or an `Affine`.
    fn value(&self, py: Python<'_>, t: f64) -> PyResult<Py<PyAny>> {
        affine_to_python(py, self.0.affine_at(t).map_err(raise)?)
    }

    #[getter]
    fn is_constant(&self) -> bool {
        self.0.is_constant()
    }

    fn __add__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::joined([self.0.clone(), coefficient_of(other)?], true)
    }

    fn __radd__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::joined([coefficient_of(other)?, self.0.clone()], true)
    }

    fn __sub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.__add__(Bound::new(other.py(), PyCoefficient(coefficient_of(other)?).__neg__()?)?.as_any())
    }

    fn __rsub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.__neg__()?.__radd__(other)
    }

    fn __mul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::joined([self.0.clone(), coefficient_of(other)?], false)
    }

    fn __rmul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::joined([coefficient_of(other)?, self.0.clone()], false)
    }

    fn __neg__(&self) -> PyResult<Self> {
        Self::joined([Coefficient::number(-1.0), self.0.clone()], false)
    }

    fn __repr__(&self) -> String {
        format!("Coefficient({})", self.0)
    }
}
