//! What each native engine would cost for a circuit.
use eigen_core::choose::{Request, Speed, Verdict, verdicts};
use pyo3::prelude::*;

use crate::circuit::PyCircuit;
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
        let speed = if prepared { Speed::PREPARED } else { Speed::REFERENCE };
        let request = Request { shots, observables: &observables, memory_limit_bytes, speed };
        let row = |(engine, verdict)| match verdict {
            Verdict::Able { seconds, bytes, why } => (engine, Some(seconds), Some(bytes), why),
            Verdict::Unable { why } => (engine, None, None, why),
        };
        verdicts(&circuit, &request).into_iter().map(row).collect()
    })
}

/// Adds the functions to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(engine_verdicts, module)?)
}
