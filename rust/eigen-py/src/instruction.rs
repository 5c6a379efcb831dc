//! The class `Instruction`: a view of one operation, with its nested blocks.
use std::ops::Range;
use std::sync::Arc;

use eigen_core::aqo::write_expression;
use eigen_core::circuit::{Circuit, Item, Operation, Payload};
use eigen_core::gate::Opcode;
use eigen_core::json::Writer;
use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::condition::PyCondition;
use crate::params::affine_to_python;

/// A view of one operation of a circuit.
#[pyclass(name = "Instruction", module = "eigen._core", frozen)]
pub struct PyInstruction {
    circuit: Arc<Circuit>,
    index: usize,
}

impl PyInstruction {
    fn op(&self) -> Operation<'_> {
        self.circuit.operation(self.index)
    }
}

/// The instructions of a stream range.
pub fn instructions<'py>(
    py: Python<'py>,
    circuit: &Arc<Circuit>,
    range: Range<usize>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for item in circuit.items(range) {
        let index = match &item {
            Item::Plain(op) | Item::If { open: op, .. } | Item::Loop { open: op, .. } => op.index(),
        };
        list.append(Py::new(py, PyInstruction { circuit: Arc::clone(circuit), index })?)?;
    }
    Ok(list)
}

#[pymethods]
impl PyInstruction {
    #[getter]
    fn name(&self) -> &'static str {
        self.op().opcode().name()
    }

    #[getter]
    fn qubits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.op().qubits())
    }

    #[getter]
    fn clbits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.op().clbits())
    }

    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let op = self.op();
        let values = op.params().iter().map(|param| affine_to_python(py, op.affine(*param)));
        PyTuple::new(py, values.collect::<PyResult<Vec<_>>>()?)
    }

    /// Number of added controls (those inside the gate not counted).
    #[getter]
    fn num_controls(&self) -> u32 {
        self.op().modifier().controls
    }

    /// Values the added controls must have, control 0 rightmost.
    #[getter]
    fn ctrl_state(&self) -> String {
        self.op().modifier().state_text()
    }

    #[getter]
    fn power(&self) -> f64 {
        self.op().modifier().power
    }

    #[getter]
    fn inverse(&self) -> bool {
        self.op().modifier().inverse
    }

    #[getter]
    fn condition(&self) -> Option<PyCondition> {
        self.op().condition().cloned().map(PyCondition)
    }

    /// Nested blocks: `(then,)` or `(then, else)` of an IF, `(body,)` of a loop, `()` of anything else.
    #[getter]
    fn blocks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let Payload::Block { end, .. } = self.op().payload() else { return Ok(PyTuple::empty(py)) };
        let Some(item) = self.circuit.items(self.index..*end as usize + 1).next() else {
            return Ok(PyTuple::empty(py));
        };
        let ranges = match item {
            Item::If { then, otherwise, .. } => [Some(then), otherwise],
            Item::Loop { body, .. } => [Some(body), None],
            Item::Plain(_) => [None, None],
        };
        let lists = ranges.into_iter().flatten().map(|range| instructions(py, &self.circuit, range));
        PyTuple::new(py, lists.collect::<PyResult<Vec<_>>>()?)
    }

    /// Rounds of a FOR, most rounds of a WHILE, 0 otherwise.
    #[getter]
    fn bound(&self) -> u64 {
        if self.op().opcode() == Opcode::If { 0 } else { self.op().bound() }
    }

    /// What a COMPUTE writes, as the JSON of AQO; `None` for others.
    #[getter]
    fn computation(&self) -> Option<String> {
        let mut writer = Writer::default();
        write_expression(&mut writer, self.op().computed()?);
        Some(String::from_utf8_lossy(&writer.into_bytes()).into_owned())
    }

    #[getter]
    fn basis(&self) -> &'static str {
        self.op().basis().as_str()
    }

    /// Unit of a DELAY, empty otherwise.
    #[getter]
    fn unit(&self) -> &'static str {
        if self.op().opcode() == Opcode::Delay { self.op().unit().as_str() } else { "" }
    }

    /// Letters of a PAULI_ROT, first qubit first; empty otherwise.
    #[getter]
    fn pauli(&self) -> String {
        String::from_utf8_lossy(self.op().pauli()).into_owned()
    }

    /// Rows of a UNITARY's matrix; None otherwise.
    #[getter]
    fn matrix(&self) -> Option<Vec<Vec<Complex64>>> {
        match self.op().payload() {
            Payload::Matrix(matrix) => Some(matrix.data().chunks(matrix.dim()).map(<[_]>::to_vec).collect()),
            _ => None,
        }
    }

    /// What a drawing writes into the box: the name with its parameters.
    #[getter]
    fn label(&self) -> String {
        let op = self.op();
        let pauli = if op.pauli().is_empty() { String::new() } else { format!(" {}", self.pauli()) };
        let values: Vec<String> = op.params().iter().map(|param| op.affine(*param).to_string()).collect();
        let arguments = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        format!("{}{pauli}{arguments}", op.opcode().name())
    }

    fn __repr__(&self) -> String {
        format!("Instruction({} {:?})", self.label(), self.op().qubits())
    }
}
