//! The classes `Observable` and `ObservableGroup`.
use std::sync::Arc;

use eigen_core::Observable;
use eigen_core::observable::PauliString;
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::raise;

/// A real sum of Pauli strings.
#[pyclass(name = "Observable", module = "eigen._core", frozen, from_py_object)]
#[derive(Clone)]
pub struct PyObservable(pub Arc<Observable>);

impl PyObservable {
    pub fn new(observable: Observable) -> Self {
        Self(Arc::new(observable))
    }
}

/// Terms that one product basis measures together.
#[pyclass(name = "ObservableGroup", module = "eigen._core", frozen)]
pub struct PyObservableGroup {
    #[pyo3(get)]
    observable: PyObservable,
    basis: PauliString,
}

#[pymethods]
impl PyObservableGroup {
    /// (qubit, letter to measure), ascending.
    #[getter]
    fn basis(&self) -> Vec<(u32, char)> {
        self.basis.factors().iter().map(|(qubit, letter)| (*qubit, letter.letter())).collect()
    }

    #[getter]
    fn terms(&self) -> Vec<(String, f64)> {
        self.observable.terms()
    }
}

#[pymethods]
impl PyObservable {
    /// From (label, coefficient) pairs; labels `"X0 Z3"` or `"IZXY"` (qubit 0 rightmost).
    #[staticmethod]
    fn from_terms(num_qubits: usize, terms: Vec<(String, f64)>) -> PyResult<Self> {
        Observable::from_labels(num_qubits, &terms).map(Self::new).map_err(raise)
    }

    /// One Pauli string: `paulis[k]` acts on `qubits[k]`, or (without qubits) a dense label.
    #[staticmethod]
    #[pyo3(signature = (paulis, qubits = None, num_qubits = None, coefficient = 1.0))]
    fn pauli(
        paulis: &str,
        qubits: Option<Vec<u32>>,
        num_qubits: Option<usize>,
        coefficient: f64,
    ) -> PyResult<Self> {
        let Some(qubits) = qubits else {
            let width = num_qubits.unwrap_or_else(|| paulis.chars().count());
            return Self::from_terms(width, vec![(paulis.to_string(), coefficient)]);
        };
        if paulis.chars().count() != qubits.len() {
            let message = format!("`{}` letters for {} qubits", paulis.chars().count(), qubits.len());
            return Err(raise(eigen_core::CoreError::new(eigen_core::ErrorCode::ObservableInvalid, message)));
        }
        let words: Vec<String> =
            paulis.chars().zip(&qubits).map(|(letter, qubit)| format!("{letter}{qubit}")).collect();
        let needed = qubits.iter().max().map_or(0, |qubit| *qubit as usize + 1);
        Self::from_terms(num_qubits.unwrap_or(needed), vec![(words.join(" "), coefficient)])
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.0.num_qubits()
    }

    #[getter]
    fn num_terms(&self) -> usize {
        self.0.terms().len()
    }

    #[getter]
    fn terms(&self) -> Vec<(String, f64)> {
        self.0.terms().iter().map(|(string, value)| (string.to_string(), *value)).collect()
    }

    #[getter]
    fn is_diagonal(&self) -> bool {
        self.0.is_diagonal()
    }

    #[getter]
    fn digest(&self) -> String {
        self.0.digest()
    }

    /// Qubit-wise commuting groups, largest coefficients first.
    fn groups(&self, py: Python<'_>) -> Vec<PyObservableGroup> {
        let groups = py.detach(|| self.0.groups());
        let wrap = |group: eigen_core::observable::Group| PyObservableGroup {
            observable: Self::new(group.observable),
            basis: group.basis,
        };
        groups.into_iter().map(wrap).collect()
    }

    /// The dense matrix; at most 12 qubits.
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
        let matrix = py.detach(|| self.0.matrix()).map_err(raise)?;
        PyArray1::from_slice(py, matrix.data()).reshape([matrix.dim(), matrix.dim()])
    }

    fn to_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_json())
    }

    #[staticmethod]
    fn from_json(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        py.detach(|| Observable::from_json(data)).map(Self::new).map_err(raise)
    }

    fn __add__(&self, other: &Self) -> PyResult<Self> {
        self.0.add_scaled(&other.0, 1.0).map(Self::new).map_err(raise)
    }

    fn __sub__(&self, other: &Self) -> PyResult<Self> {
        self.0.add_scaled(&other.0, -1.0).map(Self::new).map_err(raise)
    }

    fn __mul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        match other.cast::<Self>() {
            Ok(other) => self.0.times(&other.get().0).map(Self::new).map_err(raise),
            Err(_) => self.0.scale(other.extract()?).map(Self::new).map_err(raise),
        }
    }

    fn __rmul__(&self, factor: f64) -> PyResult<Self> {
        self.0.scale(factor).map(Self::new).map_err(raise)
    }

    fn __truediv__(&self, divisor: f64) -> PyResult<Self> {
        if divisor == 0.0 {
            return Err(pyo3::exceptions::PyZeroDivisionError::new_err("division by zero"));
        }
        self.0.scale(1.0 / divisor).map(Self::new).map_err(raise)
    }

    fn __neg__(&self) -> PyResult<Self> {
        self.0.scale(-1.0).map(Self::new).map_err(raise)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn __hash__(&self) -> u64 {
        u64::from_str_radix(&self.0.digest()[..16], 16).unwrap_or(0)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((py.get_type::<Self>().getattr("from_json")?, (self.to_json(py),)))
    }

    fn __repr__(&self) -> String {
        let shown = self.0.terms().iter().take(4).map(|(string, value)| format!("{value}*[{string}]"));
        let more = if self.0.terms().len() > 4 { " + …" } else { "" };
        format!("Observable({} qubits: {}{more})", self.0.num_qubits(), shown.collect::<Vec<_>>().join(" + "))
    }
}
