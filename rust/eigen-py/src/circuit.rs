//! The class `Circuit`.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use eigen_core::aqo::{self, Version};
use eigen_core::circuit::{Circuit, Modifier, Register};
use eigen_core::param::Param;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::errors::raise;
use crate::instruction::instructions;

/// An immutable circuit.
#[pyclass(name = "Circuit", module = "eigen._core", frozen, from_py_object)]
#[derive(Clone)]
pub struct PyCircuit(pub Arc<Circuit>);

impl PyCircuit {
    /// Wraps a circuit of the core.
    pub fn new(circuit: Circuit) -> Self {
        Self(Arc::new(circuit))
    }
}

fn registers<'py>(py: Python<'py>, registers: &[Register]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, registers.iter().map(|register| (register.name.clone(), register.start, register.size)))
}

#[pymethods]
impl PyCircuit {
    #[getter]
    fn num_qubits(&self) -> usize {
        self.0.num_qubits()
    }

    #[getter]
    fn num_clbits(&self) -> usize {
        self.0.num_clbits()
    }

    /// Scratch bits: behind the classical bits, written and read by operations, shown by no counts.
    #[getter]
    fn num_scratch(&self) -> usize {
        self.0.num_scratch()
    }

    /// Whether classical values are computed while the circuit runs, beyond conditions.
    #[getter]
    fn computes(&self) -> bool {
        self.0.computes()
    }

    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.symbols())
    }

    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    #[getter]
    fn metadata(&self) -> BTreeMap<String, String> {
        self.0.metadata().clone()
    }

    #[getter]
    fn qubit_registers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        registers(py, self.0.qubit_registers())
    }

    #[getter]
    fn clbit_registers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        registers(py, self.0.clbit_registers())
    }

    #[getter]
    fn digest(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.digest().to_string())
    }

    #[getter]
    fn depth(&self, py: Python<'_>) -> u64 {
        py.detach(|| self.0.depth())
    }

    #[getter]
    fn has_measurements(&self) -> bool {
        self.0.has_measurements()
    }

    #[getter]
    fn is_dynamic(&self, py: Python<'_>) -> bool {
        py.detach(|| self.0.is_dynamic())
    }

    #[getter]
    fn is_flat(&self) -> bool {
        self.0.is_flat()
    }

    fn count_ops(&self) -> BTreeMap<&'static str, usize> {
        self.0.count_ops()
    }

    fn instructions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        instructions(py, &self.0, 0..self.0.stream_len())
    }

    /// The stream as NumPy arrays; opcodes index `gate_table()` as far as that goes.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = self.0.columns();
        let opcodes: Vec<u16> = columns.opcodes().iter().map(|opcode| *opcode as u16).collect();
        let number = |param: &Param| if let Param::Number(value) = param { *value } else { f64::NAN };
        let params: Vec<f64> = columns.params().iter().map(number).collect();
        let dict = PyDict::new(py);
        dict.set_item("opcode", opcodes.into_pyarray(py))?;
        dict.set_item("qubit_start", columns.qubit_starts().to_vec().into_pyarray(py))?;
        dict.set_item("qubits", columns.qubits().to_vec().into_pyarray(py))?;
        dict.set_item("param_start", columns.param_starts().to_vec().into_pyarray(py))?;
        dict.set_item("params", params.into_pyarray(py))?;
        Ok(dict)
    }

    /// The canonical bytes, in a version of the format.
    #[pyo3(signature = (version = None))]
    fn to_aqo<'py>(&self, py: Python<'py>, version: Option<&str>) -> PyResult<Bound<'py, PyBytes>> {
        let version = version.map_or(Ok(Version::V1_1), Version::parse).map_err(raise)?;
        let bytes = py.detach(|| aqo::write(&self.0, version)).map_err(raise)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Reads AQO 0.1, 1.0.0 or 1.1.
    #[staticmethod]
    fn from_aqo(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        py.detach(|| aqo::read(data)).map(Self::new).map_err(raise)
    }

    /// Numbers for symbols, by name or (all of them) by position.
    fn bind(&self, py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bound = if let Ok(named) = values.extract::<HashMap<String, f64>>() {
            py.detach(|| self.0.bind(&named))
        } else {
            let listed: Vec<f64> =
                values.try_iter()?.map(|value| value?.extract()).collect::<PyResult<_>>()?;
            py.detach(|| self.0.bind_all(&listed))
        };
        bound.map(Self::new).map_err(raise)
    }

    fn rename_parameters(&self, mapping: HashMap<String, String>) -> PyResult<Self> {
        self.0.rename_parameters(&mapping).map(Self::new).map_err(raise)
    }

    fn inverse(&self) -> PyResult<Self> {
        self.0.inverse().map(Self::new).map_err(raise)
    }

    /// The circuit under `n` new controls, qubits 0 to n-1 of the result.
    #[pyo3(signature = (n = 1, ctrl_state = None))]
    fn controlled(&self, n: u32, ctrl_state: Option<&str>) -> PyResult<Self> {
        if n as usize > eigen_core::limits::MAX_QUBITS {
            return Err(raise(eigen_core::CoreError::limit(
                "controls",
                eigen_core::limits::MAX_QUBITS,
                n as usize,
            )));
        }
        let modifier = Modifier::controls(n).with_state(ctrl_state).map_err(raise)?;
        let bits: Vec<bool> = (0..n as usize).map(|k| modifier.control_bit(k)).collect();
        self.0.controlled(&bits).map(Self::new).map_err(raise)
    }

    fn power(&self, k: f64) -> PyResult<Self> {
        self.0.power(k).map(Self::new).map_err(raise)
    }

    /// This circuit, then another one on the given bits (by default the first ones).
    #[pyo3(signature = (other, qubits = None, clbits = None))]
    fn compose(&self, other: &Self, qubits: Option<Vec<u32>>, clbits: Option<Vec<u32>>) -> PyResult<Self> {
        let qubits = qubits.unwrap_or_else(|| (0..other.0.num_qubits() as u32).collect());
        let clbits = clbits.unwrap_or_else(|| (0..other.0.num_clbits() as u32).collect());
        self.0.compose(&other.0, &qubits, &clbits).map(Self::new).map_err(raise)
    }

    #[pyo3(signature = (qubits, num_qubits = None))]
    fn remap(&self, qubits: Vec<u32>, num_qubits: Option<usize>) -> PyResult<Self> {
        let needed = qubits.iter().max().map_or(0, |qubit| *qubit as usize + 1);
        self.0.remap(&qubits, num_qubits.unwrap_or(needed)).map(Self::new).map_err(raise)
    }

    fn without_measurements(&self) -> PyResult<Self> {
        self.0.without_measurements().map(Self::new).map_err(raise)
    }

    fn measure_all(&self) -> PyResult<Self> {
        self.0.measure_all().map(Self::new).map_err(raise)
    }

    fn __len__(&self) -> usize {
        self.0.num_operations()
    }

    fn __eq__(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }

    fn __hash__(&self) -> u64 {
        u64::from_str_radix(&self.0.digest()[..16], 16).unwrap_or(0)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let read = py.get_type::<Self>().getattr("from_aqo")?;
        Ok((read, (self.to_aqo(py, None)?,)))
    }

    fn __repr__(&self) -> String {
        let (qubits, clbits) = (self.0.num_qubits(), self.0.num_clbits());
        let name = if self.0.name().is_empty() { String::new() } else { format!("'{}': ", self.0.name()) };
        format!("Circuit({name}{qubits} qubits, {clbits} clbits, {} operations)", self.0.num_operations())
    }
}
