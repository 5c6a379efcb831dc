//! The classes `Evolution`, `Coefficient` and `Propagation`. The GIL is released while they work.
mod coefficient;
mod propagation;

use std::sync::Arc;

use eigen_core::Evolution;
use eigen_core::error::{CoreError, ErrorCode};
use eigen_core::evolution::{Collapse, Formula, Initial, Jump, Parts, Term};
use eigen_core::observable::PauliString;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::circuit::PyCircuit;
use crate::errors::raise;
use crate::observable::PyObservable;
use crate::params::{affine_of, affine_to_python};
use coefficient::{PyCoefficient, coefficient_of, coefficient_to_python};

/// Hamiltonian dynamics: what acts, for how long, on which state, and what is recorded.
#[pyclass(name = "Evolution", module = "eigen._core", frozen, eq, from_py_object)]
#[derive(Clone, PartialEq)]
pub struct PyEvolution(pub Arc<Evolution>);

impl PyEvolution {
    fn new(evolution: Evolution) -> Self {
        Self(Arc::new(evolution))
    }
}

/// A Hamiltonian: an `Observable`, or (label, coefficient) pairs.
fn hamiltonian_of(value: &Bound<'_, PyAny>, num_qubits: usize) -> PyResult<Vec<Term>> {
    if let Ok(observable) = value.cast::<PyObservable>() {
        let term = |(pauli, value): &(PauliString, f64)| Term {
            pauli: pauli.clone(),
            coefficient: eigen_core::evolution::Coefficient::number(*value),
        };
        return Ok(observable.get().0.terms().iter().map(term).collect());
    }
    let pairs: Vec<(String, Bound<'_, PyAny>)> = value.extract()?;
    let term = |(label, value): (String, Bound<'_, PyAny>)| {
        let pauli = PauliString::parse(&label, num_qubits).map_err(raise)?;
        Ok(Term { pauli, coefficient: coefficient_of(&value)? })
    };
    pairs.into_iter().map(term).collect()
}

/// A bit string, a circuit, or one pair of Bloch angles for each qubit.
fn initial_of(value: Option<&Bound<'_, PyAny>>, num_qubits: usize) -> PyResult<Initial> {
    let Some(value) = value else { return Ok(Initial::Bits("0".repeat(num_qubits.min(64)))) };
    if let Ok(bits) = value.cast::<PyString>() {
        return Ok(Initial::Bits(bits.extract()?));
    }
    match value.cast::<PyCircuit>() {
        Ok(circuit) => Ok(Initial::Circuit(Box::new((*circuit.get().0).clone()))),
        Err(_) => Ok(Initial::Product(value.extract()?)),
    }
}

/// The width: as asked for, or that of the Hamiltonian given as an observable, or of the circuit of the initial state.
fn width_of(
    hamiltonian: &Bound<'_, PyAny>,
    initial: Option<&Bound<'_, PyAny>>,
    num_qubits: Option<usize>,
) -> PyResult<usize> {
    if let Some(width) = num_qubits {
        return Ok(width);
    }
    if let Some(Ok(circuit)) = initial.map(|value| value.cast::<PyCircuit>()) {
        return Ok(circuit.get().0.num_qubits());
    }
    if let Some(Ok(bits)) = initial.map(|value| value.cast::<PyString>()) {
        return bits.len();
    }
    if let Some(value) = initial {
        return value.len();
    }
    match hamiltonian.cast::<PyObservable>() {
        Ok(observable) => Ok(observable.get().0.num_qubits()),
        Err(_) => {
            let message = "the number of qubits is not known from a Hamiltonian of pairs";
            let refusal = CoreError::new(ErrorCode::EvolutionInvalid, message);
            Err(raise(refusal.with_hint("give `num_qubits`, or an initial state")))
        }
    }
}

#[pymethods]
impl PyEvolution {
    #[new]
    #[pyo3(signature = (hamiltonian, time, *, times = None, initial = None, observables = None, collapse = None,
        num_qubits = None, name = String::new()))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn create(
        hamiltonian: &Bound<'_, PyAny>,
        time: f64,
        times: Option<Vec<f64>>,
        initial: Option<&Bound<'_, PyAny>>,
        observables: Option<Vec<PyObservable>>,
        collapse: Option<Vec<(String, Bound<'_, PyAny>)>>,
        num_qubits: Option<usize>,
        name: String,
    ) -> PyResult<Self> {
        let num_qubits = width_of(hamiltonian, initial, num_qubits)?;
        let observables = observables.unwrap_or_default();
        let jump = |(text, rate): (String, Bound<'_, PyAny>)| {
            Ok::<_, PyErr>(Collapse {
                jump: Jump::parse(&text, num_qubits).map_err(raise)?,
                rate: affine_of(&rate)?,
            })
        };
        // What is recorded without a time is recorded at the end.
        let times = times.unwrap_or_else(|| if observables.is_empty() { Vec::new() } else { vec![time] });
        let parts = Parts {
            num_qubits,
            hamiltonian: hamiltonian_of(hamiltonian, num_qubits)?,
            time,
            times,
            initial: initial_of(initial, num_qubits)?,
            collapse: collapse.unwrap_or_default().into_iter().map(jump).collect::<PyResult<_>>()?,
            observables: observables.iter().map(|observable| (*observable.0).clone()).collect(),
            name,
        };
        Evolution::new(parts).map(Self::new).map_err(raise)
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.0.num_qubits()
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.parts().name
    }

    #[getter]
    fn time(&self) -> f64 {
        self.0.parts().time
    }

    #[getter]
    fn times(&self) -> Vec<f64> {
        self.0.parts().times.clone()
    }

    #[getter]
    fn parameters(&self) -> Vec<String> {
        self.0.symbols().to_vec()
    }

    #[getter]
    fn observables(&self) -> Vec<PyObservable> {
        self.0.parts().observables.iter().map(|observable| PyObservable::new(observable.clone())).collect()
    }

    /// (label, coefficient) of each term.
    #[getter]
    fn hamiltonian(&self, py: Python<'_>) -> PyResult<Vec<(String, Py<PyAny>)>> {
        let term = |term: &Term| Ok((term.pauli.to_string(), coefficient_to_python(py, &term.coefficient)?));
        self.0.parts().hamiltonian.iter().map(term).collect()
    }

    /// (operator, rate) of each collapse operator.
    #[getter]
    fn collapse(&self, py: Python<'_>) -> PyResult<Vec<(String, Py<PyAny>)>> {
        let pair = |collapse: &Collapse| {
            Ok((collapse.jump.to_string(), affine_to_python(py, collapse.rate.clone())?))
        };
        self.0.parts().collapse.iter().map(pair).collect()
    }

    #[getter]
    fn is_time_dependent(&self) -> bool {
        self.0.is_time_dependent()
    }

    #[getter]
    fn is_open(&self) -> bool {
        self.0.is_open()
    }

    #[getter]
    fn digest(&self) -> &str {
        self.0.digest()
    }

    /// A circuit that prepares the initial state.
    fn preparation(&self) -> PyResult<PyCircuit> {
        let circuit = self.0.parts().initial.to_circuit(self.0.num_qubits()).map_err(raise)?;
        Ok(PyCircuit::new(circuit))
    }

    /// The same with numbers in place of all parameters.
    fn bind(&self, values: Vec<f64>) -> PyResult<Self> {
        self.0.bind(&values).map(Self::new).map_err(raise)
    }

    /// The evolution as a circuit, by a product formula.
    #[pyo3(signature = (*, order = 2, steps))]
    fn to_circuit(&self, py: Python<'_>, order: u32, steps: u64) -> PyResult<PyCircuit> {
        py.detach(|| self.0.to_circuit(Formula { order, steps })).map(PyCircuit::new).map_err(raise)
    }

    /// A bound on the error of a product formula, where one is known.
    #[pyo3(signature = (*, order = 2, steps))]
    fn formula_bound(&self, py: Python<'_>, order: u32, steps: u64) -> PyResult<Option<f64>> {
        py.detach(|| self.0.formula_bound(Formula { order, steps })).map_err(raise)
    }

    fn to_aqo<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_aqo())
    }

    #[staticmethod]
    fn from_aqo(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        py.detach(|| Evolution::from_aqo(data)).map(Self::new).map_err(raise)
    }

    fn __hash__(&self) -> u64 {
        u64::from_str_radix(&self.0.digest()[..16], 16).unwrap_or(0)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((py.get_type::<Self>().getattr("from_aqo")?, (self.to_aqo(py),)))
    }

    fn __repr__(&self) -> String {
        let parts = self.0.parts();
        format!(
            "Evolution({} qubits, {} terms, time {}{})",
            parts.num_qubits,
            parts.hamiltonian.len(),
            parts.time,
            if self.0.is_open() {
                format!(", {} collapse operators", parts.collapse.len())
            } else {
                String::new()
            }
        )
    }
}

/// Adds the classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyEvolution>()?;
    module.add_class::<PyCoefficient>()?;
    module.add_class::<propagation::PyPropagation>()
}
