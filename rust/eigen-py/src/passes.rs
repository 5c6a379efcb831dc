//! Passes and verification in Python.
use eigen_core::gate::Opcode;
use eigen_core::passes::{self, Change, Freedom};
use eigen_core::verify::verify as check;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::builder::opcode_of;
use crate::circuit::PyCircuit;
use crate::errors::raise;

/// Checks every rule of the IR again.
#[pyfunction]
fn verify(py: Python<'_>, circuit: &PyCircuit) -> PyResult<()> {
    py.detach(|| check(&circuit.0)).map_err(raise)
}

/// The circuit in the named gates, exact up to a global phase (kept when GPHASE is in the basis).
#[pyfunction]
fn decompose(py: Python<'_>, circuit: &PyCircuit, basis: Vec<String>) -> PyResult<PyCircuit> {
    let opcodes = basis.iter().map(|name| opcode_of(name)).collect::<PyResult<Vec<Opcode>>>()?;
    py.detach(|| passes::decompose(&circuit.0, &opcodes)).map(PyCircuit::new).map_err(raise)
}

/// The circuit with fewer gates, equal to it exactly.
#[pyfunction]
fn simplify(py: Python<'_>, circuit: &PyCircuit, level: u8) -> PyResult<PyCircuit> {
    py.detach(|| passes::simplify(&circuit.0, level)).map(PyCircuit::new).map_err(raise)
}

/// A pass that ran, and the size of the circuit after it.
#[pyclass(name = "PassStep", module = "eigen._core", frozen, get_all)]
pub struct PyPassStep {
    name: &'static str,
    gates: usize,
    two_qubit_gates: usize,
    depth: u64,
}

impl From<passes::Step> for PyPassStep {
    fn from(step: passes::Step) -> Self {
        Self {
            name: step.pass,
            gates: step.size.gates,
            two_qubit_gates: step.size.two_qubit_gates,
            depth: step.size.depth,
        }
    }
}

#[pymethods]
impl PyPassStep {
    fn __repr__(&self) -> String {
        let Self { name, gates, two_qubit_gates, depth } = self;
        format!("PassStep({name}: {gates} gates, {two_qubit_gates} on two qubits or more, depth {depth})")
    }
}

pub(crate) fn opcodes(basis: Option<Vec<String>>) -> PyResult<Option<Vec<Opcode>>> {
    basis.map(|names| names.iter().map(|name| opcode_of(name)).collect()).transpose()
}

/// The circuit with fewer gates, and every pass that ran.
#[pyfunction]
#[pyo3(signature = (circuit, level=2, basis=None, *, new_pairs=false))]
fn optimise(
    py: Python<'_>,
    circuit: &PyCircuit,
    level: u8,
    basis: Option<Vec<String>>,
    new_pairs: bool,
) -> PyResult<(PyCircuit, Vec<PyPassStep>)> {
    let basis = opcodes(basis)?;
    let freedom = if new_pairs { Freedom::Coupled } else { Freedom::Pairs };
    let done =
        py.detach(|| passes::optimise(&circuit.0, level, basis.as_deref(), freedom, false)).map_err(raise)?;
    Ok((PyCircuit::new(done.circuit), done.steps.into_iter().map(PyPassStep::from).collect()))
}

/// A circuit, every pass that ran, and the qubit on which each one ends.
type Relabelled = (PyCircuit, Vec<PyPassStep>, Vec<u32>);

/// The same, and the circuits on the way, each with how it differs from the one before.
type Traced = (PyCircuit, Vec<PyPassStep>, Vec<u32>, Vec<(&'static str, PyCircuit)>);

fn traced(done: passes::Optimised) -> Traced {
    let trail = done.trail.into_iter().map(|(change, circuit)| (change.name(), PyCircuit::new(circuit)));
    let steps = done.steps.into_iter().map(PyPassStep::from).collect();
    (PyCircuit::new(done.circuit), steps, done.places.unwrap_or_default(), trail.collect())
}

/// The circuit with fewer gates, every pass that ran, where each qubit ends when `freedom` is `renamed`, and what the
/// passes led through when that is to be kept.
#[pyfunction]
#[pyo3(signature = (circuit, level, basis, freedom, keep))]
fn optimise_traced(
    py: Python<'_>,
    circuit: &PyCircuit,
    level: u8,
    basis: Option<Vec<String>>,
    freedom: &str,
    keep: bool,
) -> PyResult<Traced> {
    let basis = opcodes(basis)?;
    let freedom = match freedom {
        "pairs" => Freedom::Pairs,
        "coupled" => Freedom::Coupled,
        "renamed" => Freedom::Renamed,
        _ => return Err(PyValueError::new_err("freedom is pairs, coupled or renamed")),
    };
    let done =
        py.detach(|| passes::optimise(&circuit.0, level, basis.as_deref(), freedom, keep)).map_err(raise)?;
    Ok(traced(done))
}

/// Where qubits are, a bound on the error, gates that were not compared; or why nothing was found.
type Compared = (Option<Vec<u32>>, f64, Vec<&'static str>, String);

/// Where the qubits of a circuit are in another one that differs from it as told, and a bound on the error and the gates
/// that both were taken apart into by the same rules; or why they are not found to be the same.
#[pyfunction]
fn compare_change(
    py: Python<'_>,
    before: &PyCircuit,
    after: &PyCircuit,
    change: &str,
    borrows: bool,
) -> PyResult<Compared> {
    let change = match change {
        "rotations" => Change::Rotations,
        "runs" => Change::Runs,
        _ => return Err(PyValueError::new_err("a change is of rotations or of runs")),
    };
    let found = py.detach(|| passes::compare(&before.0, &after.0, change, borrows)).map_err(raise)?;
    Ok(match found {
        Ok(same) => (Some(same.ends), same.error, same.taken_apart, String::new()),
        Err(why) => (None, 0.0, Vec::new(), why),
    })
}

/// The circuit with fewer gates, every pass that ran, and the qubit on which each one ends.
#[pyfunction]
#[pyo3(signature = (circuit, level=2, basis=None))]
fn optimise_relabelled(
    py: Python<'_>,
    circuit: &PyCircuit,
    level: u8,
    basis: Option<Vec<String>>,
) -> PyResult<Relabelled> {
    let basis = opcodes(basis)?;
    let done = py
        .detach(|| passes::optimise(&circuit.0, level, basis.as_deref(), Freedom::Renamed, false))
        .map_err(raise)?;
    let steps = done.steps.into_iter().map(PyPassStep::from).collect();
    Ok((PyCircuit::new(done.circuit), steps, done.places.unwrap_or_default()))
}

/// The circuit woven anew for a mapping, every pass that ran, and the qubit on which each one ends.
#[pyfunction]
#[pyo3(signature = (circuit, other, level, basis, share, *, keep=false))]
fn woven(
    py: Python<'_>,
    circuit: &PyCircuit,
    other: &PyCircuit,
    level: u8,
    basis: Vec<String>,
    share: f64,
    keep: bool,
) -> PyResult<Option<Traced>> {
    let basis = basis.iter().map(|name| opcode_of(name)).collect::<PyResult<Vec<Opcode>>>()?;
    let done =
        py.detach(|| passes::woven(&circuit.0, &other.0, level, &basis, share, keep)).map_err(raise)?;
    Ok(done.map(traced))
}

/// The circuit without its SWAPs, and the qubit on which each one ends.
#[pyfunction]
fn elide_swaps(py: Python<'_>, circuit: &PyCircuit) -> PyResult<(PyCircuit, Vec<u32>)> {
    let (out, places) = py.detach(|| passes::elide_swaps(&circuit.0)).map_err(raise)?;
    Ok((PyCircuit::new(out), places))
}

/// The circuit without the smallest rotations, how many they were, and a bound on what they did; None without any.
#[pyfunction]
fn without_negligible(
    py: Python<'_>,
    circuit: &PyCircuit,
    tolerance: f64,
) -> PyResult<Option<(PyCircuit, usize, f64)>> {
    let found = py.detach(|| passes::without_negligible(&circuit.0, tolerance)).map_err(raise)?;
    Ok(found.map(|reduced| (PyCircuit::new(reduced.circuit), reduced.rotations, reduced.bound)))
}

/// The names of the passes.
#[pyfunction]
fn pass_names() -> Vec<&'static str> {
    passes::Pass::ALL.map(passes::Pass::name).to_vec()
}

/// The circuit after one pass alone.
#[pyfunction]
#[pyo3(signature = (circuit, name, basis=None))]
fn apply_pass(
    py: Python<'_>,
    circuit: &PyCircuit,
    name: &str,
    basis: Option<Vec<String>>,
) -> PyResult<PyCircuit> {
    let pass = passes::Pass::parse(name).map_err(raise)?;
    let basis = opcodes(basis)?;
    py.detach(|| pass.apply(&circuit.0, basis.as_deref())).map(PyCircuit::new).map_err(raise)
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_function(wrap_pyfunction!(decompose, module)?)?;
    module.add_function(wrap_pyfunction!(simplify, module)?)?;
    module.add_class::<PyPassStep>()?;
    module.add_function(wrap_pyfunction!(pass_names, module)?)?;
    module.add_function(wrap_pyfunction!(optimise, module)?)?;
    module.add_function(wrap_pyfunction!(optimise_relabelled, module)?)?;
    module.add_function(wrap_pyfunction!(elide_swaps, module)?)?;
    module.add_function(wrap_pyfunction!(without_negligible, module)?)?;
    module.add_function(wrap_pyfunction!(optimise_traced, module)?)?;
    module.add_function(wrap_pyfunction!(compare_change, module)?)?;
    module.add_function(wrap_pyfunction!(woven, module)?)?;
    module.add_function(wrap_pyfunction!(apply_pass, module)?)
}
