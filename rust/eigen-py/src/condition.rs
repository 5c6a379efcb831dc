//! The class `Condition`.
use eigen_core::aqo::{read_condition, write_condition};
use eigen_core::condition::{Comparison, Condition};
use eigen_core::json::{Writer, parse};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::raise;

/// A Boolean expression on classical bits.
#[pyclass(name = "Condition", module = "eigen._core", frozen, eq, hash, from_py_object)]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PyCondition(pub Condition);

impl PyCondition {
    fn json(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        write_condition(&mut writer, &self.0);
        writer.into_bytes()
    }
}

#[pymethods]
impl PyCondition {
    /// The value of one bit.
    #[staticmethod]
    fn bit(index: u32) -> Self {
        Self(Condition::Bit(index))
    }

    /// Always or never.
    #[staticmethod]
    #[pyo3(name = "const")]
    fn constant(value: bool) -> Self {
        Self(Condition::Const(value))
    }

    /// Bits, least significant first, compared with a number.
    #[staticmethod]
    fn compare(bits: Vec<u32>, op: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        // A whole number beyond 128 bits compares like the nearest one that fits.
        let number: i128 = match value.extract() {
            Ok(number) => number,
            Err(_) if value.is_instance_of::<pyo3::types::PyInt>() => {
                if value.lt(0)? {
                    i128::MIN
                } else {
                    i128::MAX
                }
            }
            Err(error) => return Err(error),
        };
        Comparison::parse(op).and_then(|op| Condition::compare(bits, op, number)).map(Self).map_err(raise)
    }

    /// The bits that are read.
    #[getter]
    fn clbits(&self) -> Vec<u32> {
        self.0.clbits()
    }

    /// The value for given bits, bit 0 first.
    fn holds(&self, bits: Vec<bool>) -> bool {
        self.0.holds(&|index| bits.get(index as usize).copied().unwrap_or(false))
    }

    fn __invert__(&self) -> PyResult<Self> {
        self.0.clone().negate().map(Self).map_err(raise)
    }

    fn __and__(&self, other: Self) -> PyResult<Self> {
        self.0.clone().and(other.0).map(Self).map_err(raise)
    }

    fn __or__(&self, other: Self) -> PyResult<Self> {
        self.0.clone().or(other.0).map(Self).map_err(raise)
    }

    fn __xor__(&self, other: Self) -> PyResult<Self> {
        self.0.clone().xor(other.0).map(Self).map_err(raise)
    }

    /// The AQO form as canonical JSON.
    fn to_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.json())
    }

    /// Reads the AQO form.
    #[staticmethod]
    fn from_json(data: &[u8]) -> PyResult<Self> {
        parse(data).and_then(|json| read_condition(&json)).map(Self).map_err(raise)
    }

    fn __repr__(&self) -> String {
        format!("Condition({})", String::from_utf8_lossy(&self.json()))
    }
}
