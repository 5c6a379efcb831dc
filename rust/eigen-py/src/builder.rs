//! The class `CircuitBuilder`.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use eigen_core::CircuitBuilder;
use eigen_core::circuit::{Basis, DurationUnit, Instruction, Modifier, Payload};
use eigen_core::error::{CoreError, ErrorCode};
use eigen_core::gate::{Opcode, find, suggest};
use eigen_core::math::Matrix;
use eigen_core::param::Affine;
use num_complex::Complex64;
use pyo3::prelude::*;

use crate::circuit::PyCircuit;
use crate::condition::PyCondition;
use crate::errors::raise;
use crate::params::affine_of;

/// Builds a circuit operation by operation.
#[pyclass(name = "CircuitBuilder", module = "eigen._core")]
pub struct PyCircuitBuilder(pub CircuitBuilder);

/// A square matrix from nested rows or a flat list.
pub fn matrix_of(value: &Bound<'_, PyAny>) -> PyResult<Matrix> {
    let flat = match value.extract::<Vec<Vec<Complex64>>>() {
        Ok(rows) => rows.into_iter().flatten().collect(),
        Err(_) => value.extract::<Vec<Complex64>>()?,
    };
    Matrix::from_entries(flat)
        .ok_or_else(|| raise(CoreError::new(ErrorCode::GateArguments, "the matrix is not square")))
}

/// The opcode of a gate name, or an error with a suggestion.
pub fn opcode_of(name: &str) -> PyResult<Opcode> {
    find(name).map(|spec| spec.opcode).ok_or_else(|| {
        let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
        let error = CoreError::new(ErrorCode::GateUnknown, format!("there is no gate `{shown}`"));
        raise(match suggest(name) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error,
        })
    })
}

#[pymethods]
impl PyCircuitBuilder {
    #[new]
    #[pyo3(signature = (num_qubits = 0, num_clbits = 0, *, name = "", metadata = None, parameters = None))]
    fn new(
        num_qubits: usize,
        num_clbits: usize,
        name: &str,
        metadata: Option<BTreeMap<String, String>>,
        parameters: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let mut builder = CircuitBuilder::new(num_qubits, num_clbits).map_err(raise)?;
        builder.set_name(name);
        builder.set_metadata(metadata.unwrap_or_default());
        for parameter in parameters.unwrap_or_default() {
            builder.declare(&parameter).map_err(raise)?;
        }
        Ok(Self(builder))
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.0.num_qubits()
    }

    #[getter]
    fn num_clbits(&self) -> usize {
        self.0.num_clbits()
    }

    #[getter]
    fn num_operations(&self) -> usize {
        self.0.num_operations()
    }

    /// Adds qubits, as a register when named; gives the first index.
    #[pyo3(signature = (n, name = None))]
    fn add_qubits(&mut self, n: usize, name: Option<&str>) -> PyResult<u32> {
        self.0.add_qubits(n, name).map_err(raise)
    }

    /// Adds classical bits, as a register when named; gives the first index.
    #[pyo3(signature = (n, name = None))]
    fn add_clbits(&mut self, n: usize, name: Option<&str>) -> PyResult<u32> {
        self.0.add_clbits(n, name).map_err(raise)
    }

    /// Appends a gate. The first `num_controls` qubits are controls on top of the named gate.
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (name, qubits, params = None, *, num_controls = 0, ctrl_state = None, inverse = false,
                        power = 1.0, condition = None, matrix = None, pauli = None))]
    fn gate(
        &mut self,
        name: &str,
        qubits: Vec<u32>,
        params: Option<Vec<Bound<'_, PyAny>>>,
        num_controls: u32,
        ctrl_state: Option<&str>,
        inverse: bool,
        power: f64,
        condition: Option<PyCondition>,
        matrix: Option<Bound<'_, PyAny>>,
        pauli: Option<&str>,
    ) -> PyResult<()> {
        let opcode = opcode_of(name)?;
        let params = params.unwrap_or_default().iter().map(affine_of).collect::<PyResult<Vec<Affine>>>()?;
        let mut instruction = Instruction::with_params(opcode, &qubits, params);
        let modifier = Modifier { controls: num_controls, state: None, inverse, power };
        instruction.detail.modifier = modifier.with_state(ctrl_state).map_err(raise)?;
        instruction.detail.condition = condition.map(|condition| condition.0);
        instruction.detail.payload = match (matrix, pauli) {
            (Some(matrix), None) => Payload::Matrix(Arc::new(matrix_of(&matrix)?)),
            (None, Some(letters)) => Payload::Pauli(letters.to_ascii_uppercase().as_bytes().into()),
            (None, None) => Payload::None,
            _ => {
                let message = "a gate takes a matrix or a Pauli string, not both";
                return Err(raise(CoreError::new(ErrorCode::GateArguments, message)));
            }
        };
        self.0.push(instruction).map_err(raise)
    }

    #[pyo3(signature = (qubits, clbits, basis = "Z", *, condition = None))]
    fn measure(
        &mut self,
        qubits: Vec<u32>,
        clbits: Vec<u32>,
        basis: &str,
        condition: Option<PyCondition>,
    ) -> PyResult<()> {
        let basis = Basis::parse(basis).map_err(raise)?;
        let instruction = Instruction::measure(&qubits, &clbits, basis);
        self.0.push(instruction.when(condition.map(|condition| condition.0))).map_err(raise)
    }

    #[pyo3(signature = (qubits, *, condition = None))]
    fn reset(&mut self, qubits: Vec<u32>, condition: Option<PyCondition>) -> PyResult<()> {
        let instruction = Instruction::new(Opcode::Reset, &qubits);
        self.0.push(instruction.when(condition.map(|condition| condition.0))).map_err(raise)
    }

    fn barrier(&mut self, qubits: Vec<u32>) -> PyResult<()> {
        self.0.push(Instruction::new(Opcode::Barrier, &qubits)).map_err(raise)
    }

    #[pyo3(signature = (qubits, duration, unit = "ns"))]
    fn delay(&mut self, qubits: Vec<u32>, duration: &Bound<'_, PyAny>, unit: &str) -> PyResult<()> {
        let unit = DurationUnit::parse(unit).map_err(raise)?;
        self.0.push(Instruction::delay(&qubits, affine_of(duration)?, unit)).map_err(raise)
    }

    fn begin_if(&mut self, condition: PyCondition) -> PyResult<()> {
        self.0.begin_if(condition.0).map_err(raise)
    }

    fn begin_else(&mut self) -> PyResult<()> {
        self.0.begin_else().map_err(raise)
    }

    fn begin_while(&mut self, condition: PyCondition, max_iterations: u64) -> PyResult<()> {
        self.0.begin_while(condition.0, max_iterations).map_err(raise)
    }

    fn begin_for(&mut self, count: u64) -> PyResult<()> {
        self.0.begin_for(count).map_err(raise)
    }

    fn end(&mut self) -> PyResult<()> {
        self.0.end().map_err(raise)
    }

    /// Appends a whole circuit on the given bits.
    #[pyo3(signature = (circuit, qubits, clbits = None, parameters = None))]
    fn append(
        &mut self,
        circuit: &PyCircuit,
        qubits: Vec<u32>,
        clbits: Option<Vec<u32>>,
        parameters: Option<HashMap<String, Bound<'_, PyAny>>>,
    ) -> PyResult<()> {
        let clbits = clbits.unwrap_or_else(|| (0..circuit.0.num_clbits() as u32).collect());
        let named = match parameters {
            Some(parameters) => {
                let read = |(name, value): (String, Bound<'_, PyAny>)| Ok((name, affine_of(&value)?));
                Some(parameters.into_iter().map(read).collect::<PyResult<HashMap<String, Affine>>>()?)
            }
            None => None,
        };
        if let Some(name) =
            named.iter().flat_map(|named| named.keys()).find(|name| !circuit.0.symbols().contains(name))
        {
            let message = format!("the appended circuit has no parameter `{name}`");
            return Err(raise(CoreError::new(ErrorCode::ParameterInvalid, message)));
        }
        let lookup = |named: &HashMap<String, Affine>, name: &str| {
            named.get(name).cloned().unwrap_or_else(|| Affine::symbol(name))
        };
        let appended = match &named {
            Some(named) => self.0.append(&circuit.0, &qubits, &clbits, Some(&|name| lookup(named, name))),
            None => self.0.append(&circuit.0, &qubits, &clbits, None),
        };
        appended.map_err(raise)
    }

    /// The circuit so far; the builder can go on.
    fn build(&self) -> PyResult<PyCircuit> {
        self.0.clone().build().map(PyCircuit::new).map_err(raise)
    }
}
