//! The gate table in Python: `gate_table`, `gate_matrix`.
use std::sync::Arc;

use eigen_core::circuit::{CircuitBuilder, Instruction, Modifier, Payload};
use eigen_core::error::{CoreError, ErrorCode};
use eigen_core::gate::{GateSpec, TABLE};
use eigen_core::limits::MAX_DENSE_QUBITS;
use num_complex::Complex64;
use pyo3::prelude::*;

use crate::builder::{matrix_of, opcode_of};
use crate::errors::raise;

/// One row of the gate table.
#[pyclass(name = "GateInfo", module = "eigen._core", frozen)]
pub struct PyGateInfo(&'static GateSpec);

#[pymethods]
impl PyGateInfo {
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name()
    }

    #[getter]
    fn aliases(&self) -> Vec<&'static str> {
        self.0.aliases.to_vec()
    }

    /// Number of qubits; None when variadic.
    #[getter]
    fn num_qubits(&self) -> Option<usize> {
        self.0.num_qubits()
    }

    #[getter]
    fn param_names(&self) -> Vec<&'static str> {
        self.0.params.to_vec()
    }

    #[getter]
    fn qasm_name(&self) -> Option<&'static str> {
        self.0.qasm
    }

    #[getter]
    fn help(&self) -> &'static str {
        self.0.help
    }

    #[getter]
    fn source(&self) -> &'static str {
        self.0.source
    }

    #[getter]
    fn is_clifford(&self) -> bool {
        self.0.flags.clifford
    }

    #[getter]
    fn is_diagonal(&self) -> bool {
        self.0.flags.diagonal
    }

    #[getter]
    fn is_permutation(&self) -> bool {
        self.0.flags.permutation
    }

    #[getter]
    fn hermitian(&self) -> bool {
        self.0.flags.hermitian
    }

    /// Number of controls inside the gate; for MCX and MCP the least number.
    #[getter]
    fn num_controls(&self) -> usize {
        let smallest = match self.0.arity {
            eigen_core::gate::Arity::Fixed(count)
            | eigen_core::gate::Arity::ControlsAndTarget(count)
            | eigen_core::gate::Arity::Payload(count) => count,
        };
        self.0.controls_for(smallest)
    }

    /// The gate that is controlled, if this one is a control of another one.
    #[getter]
    fn base(&self) -> Option<&'static str> {
        self.0.base.map(|base| base.name())
    }

    fn __repr__(&self) -> String {
        format!("GateInfo({})", self.0.name())
    }
}

/// Every gate, in table order.
#[pyfunction]
pub fn gate_table() -> Vec<PyGateInfo> {
    TABLE.iter().map(PyGateInfo).collect()
}

/// The matrix of a gate, modifiers applied, row-major; qubits[0] is the least significant bit of the index.
#[allow(clippy::too_many_arguments)]
#[pyfunction]
#[pyo3(signature = (name, params = None, num_qubits = None, *, num_controls = 0, ctrl_state = None, inverse = false,
                    power = 1.0, matrix = None, pauli = None))]
pub fn gate_matrix(
    name: &str,
    params: Option<Vec<f64>>,
    num_qubits: Option<usize>,
    num_controls: u32,
    ctrl_state: Option<&str>,
    inverse: bool,
    power: f64,
    matrix: Option<Bound<'_, PyAny>>,
    pauli: Option<&str>,
) -> PyResult<Vec<Vec<Complex64>>> {
    let opcode = opcode_of(name)?;
    let payload = match (&matrix, pauli) {
        (Some(matrix), _) => Payload::Matrix(Arc::new(matrix_of(matrix)?)),
        (None, Some(letters)) => Payload::Pauli(letters.as_bytes().into()),
        (None, None) => Payload::None,
    };
    let own = match &payload {
        Payload::Matrix(matrix) => matrix.num_qubits(),
        Payload::Pauli(letters) => Some(letters.len()),
        _ => GateSpec::of(opcode).and_then(GateSpec::num_qubits),
    };
    let Some(width) = num_qubits.or_else(|| own.map(|own| own + num_controls as usize)) else {
        let message = format!("`{}` acts on any number of qubits: say num_qubits", opcode.name());
        return Err(raise(CoreError::new(ErrorCode::GateArguments, message)));
    };
    if width > MAX_DENSE_QUBITS {
        return Err(raise(CoreError::limit("qubits of a dense matrix", MAX_DENSE_QUBITS, width)));
    }
    let qubits: Vec<u32> = (0..width as u32).collect();
    let mut instruction =
        Instruction::with_numbers(opcode, &qubits, &params.unwrap_or_default()).payload(payload);
    let modifier = Modifier { controls: num_controls, state: None, inverse, power };
    instruction.detail.modifier = modifier.with_state(ctrl_state).map_err(raise)?;
    let mut builder = CircuitBuilder::new(width, 0).map_err(raise)?;
    builder.push(instruction).map_err(raise)?;
    let circuit = builder.build().map_err(raise)?;
    let op = circuit.operation(0);
    match op.matrix(&op.values(&[])) {
        Some(matrix) => Ok(matrix.data().chunks(matrix.dim()).map(<[_]>::to_vec).collect()),
        None => Err(raise(CoreError::new(ErrorCode::GateArguments, format!("`{name}` has no matrix")))),
    }
}

/// Adds the gate table to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGateInfo>()?;
    module.add_function(wrap_pyfunction!(gate_table, module)?)?;
    module.add_function(wrap_pyfunction!(gate_matrix, module)?)
}
