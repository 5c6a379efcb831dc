//! What each native engine would cost for a circuit.
use eigen_core::choose::{Request, Speed, Verdict, noisy_verdicts, verdicts};
use eigen_core::sim::NoiseMethod;
use pyo3::prelude::*;

use crate::circuit::PyCircuit;
use crate::errors::raise;
use crate::noise::PyNoiseModel;
use crate::observable::PyObservable;

/// `(engine, seconds, bytes, why)` for each engine; seconds and bytes are None where it cannot run the circuit.
type Row = (&'static str, Option<f64>, Option<f64>, String);

/// The verdicts of the engines, by name; of a run that is prepared already when `prepared`.
#[pyfunction]
#[pyo3(signature = (circuit, *, shots = None, observables = Vec::new(), memory_limit_bytes = u64::MAX, prepared = false))]
fn engine_verdicts(
    py: Python<'_>,
    circuit: &PyCircuit,
    shots: Option<u64>,
    observables: Vec<PyObservable>,
    memory_limit_bytes: u64,
    prepared: bool,
) -> Vec<Row> {
    let circuit = circuit.0.clone();
    py.detach(|| {
        let observables: Vec<_> = observables.iter().map(|observable| observable.0.as_ref()).collect();
        let request =
            Request { shots, observables: &observables, memory_limit_bytes, speed: speed(prepared) };
        verdicts(&circuit, &request).into_iter().map(row).collect()
    })
}

/// The verdicts of the engines that have noise; `method` is that of the state vector.
#[pyfunction]
#[pyo3(signature = (circuit, noise, *, method = "auto", shots = None, observables = Vec::new(), memory_limit_bytes = u64::MAX, prepared = false))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
fn engine_verdicts_with_noise(
    py: Python<'_>,
    circuit: &PyCircuit,
    noise: &PyNoiseModel,
    method: &str,
    shots: Option<u64>,
    observables: Vec<PyObservable>,
    memory_limit_bytes: u64,
    prepared: bool,
) -> PyResult<Vec<Row>> {
    let (circuit, noise) = (circuit.0.clone(), noise.0.clone());
    let method = NoiseMethod::parse(method).map_err(raise)?;
    Ok(py.detach(|| {
        let observables: Vec<_> = observables.iter().map(|observable| observable.0.as_ref()).collect();
        let request =
            Request { shots, observables: &observables, memory_limit_bytes, speed: speed(prepared) };
        noisy_verdicts(&circuit, &noise, method, &request).into_iter().map(row).collect()
    }))
}

fn speed(prepared: bool) -> Speed {
    if prepared { Speed::PREPARED } else { Speed::REFERENCE }
}

fn row((engine, verdict): (&'static str, Verdict)) -> Row {
    match verdict {
        Verdict::Able { seconds, bytes, why } => (engine, Some(seconds), Some(bytes), why),
        Verdict::Unable { why } => (engine, None, None, why),
    }
}

/// Adds the functions to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(engine_verdicts, module)?)?;
    module.add_function(wrap_pyfunction!(engine_verdicts_with_noise, module)?)
}
