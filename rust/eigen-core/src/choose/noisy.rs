//! What the engines that have noise would cost for a noisy circuit, or why they cannot run it.
use std::sync::Arc;

use super::verdict::{Request, Verdict};
use crate::circuit::Circuit;
use crate::noise::Model;
use crate::sim::{Engine, NoiseMethod, NoisyCost, Resources, Stabilizer, noisy_cost, size_text};

/// What a gate of a history costs where its channels are no mixtures of Pauli strings, so that their probabilities are
/// those of the state.
const WEIGHED: f64 = 4.0;
/// What a gate of a frame costs with its errors, in words.
const ERRORS: f64 = 2.5;
/// States that a walk over histories holds besides one for each halving of its shots.
const SPARES: u32 = 3;

/// The verdict of each engine that has noise, by its name; `method` is how the state vector simulates it.
pub fn noisy_verdicts(
    circuit: &Circuit,
    noise: &Arc<Model>,
    method: NoiseMethod,
    request: &Request<'_>,
) -> Vec<(&'static str, Verdict)> {
    vec![
        ("density", density_matrix(circuit, request)),
        ("stabilizer", frames(circuit, noise, request)),
        ("statevector", state_vector(circuit, noise, method, request)),
    ]
}

fn state_vector(
    circuit: &Circuit,
    noise: &Arc<Model>,
    method: NoiseMethod,
    request: &Request<'_>,
) -> Verdict {
    let Some(shots) = request.shots else {
        return match method {
            NoiseMethod::Trajectories => Verdict::unable("tells no exact values by trajectories"),
            NoiseMethod::Auto | NoiseMethod::Density => density_matrix(circuit, request),
        };
    };
    if method == NoiseMethod::Density {
        return density_matrix(circuit, request);
    }
    let cost = match noisy_cost(circuit, noise, shots, request.memory_limit_bytes) {
        Ok(cost) => cost,
        Err(error) => return Verdict::unable(error.message),
    };
    if method == NoiseMethod::Auto && cost.density < cost.trajectories {
        let whole = density_matrix(circuit, request);
        if matches!(whole, Verdict::Able { .. }) {
            return whole;
        }
    }
    let weight = if noise.is_pauli() { 1.0 } else { WEIGHED };
    trajectories(circuit, shots, cost, weight, request)
}

fn trajectories(
    circuit: &Circuit,
    shots: u64,
    cost: NoisyCost,
    weight: f64,
    request: &Request<'_>,
) -> Verdict {
    let width = circuit.num_qubits();
    let dimension = libm::exp2(width as f64);
    let states = f64::from(shots.checked_ilog2().unwrap_or(0) + SPARES);
    let bytes = (16.0 * dimension * states).min(request.memory_limit_bytes as f64);
    let seconds = started(circuit, request)
        + weight * (request.speed.step / dimension + request.speed.history) * cost.trajectories
        + request.speed.branch * dimension * cost.histories
        + request.speed.shot * shots as f64;
    let why = format!("about {:.0} histories of 2^{width} amplitudes", cost.histories);
    Verdict::Able { seconds, bytes, why }
}

fn density_matrix(circuit: &Circuit, request: &Request<'_>) -> Verdict {
    let width = circuit.num_qubits();
    let entries = libm::exp2(2.0 * width as f64);
    let bytes = 16.0 * entries;
    if bytes > request.memory_limit_bytes as f64 {
        let limit = size_text(u128::from(request.memory_limit_bytes));
        return Verdict::unable(format!("needs a density matrix of 2^{} entries; limit {limit}", 2 * width));
    }
    let gates = circuit.stream_len() as f64;
    let terms: usize = request.observables.iter().map(|observable| observable.terms().len()).sum();
    let seconds = started(circuit, request)
        + request.speed.mixed * 2.0 * gates * entries
        + request.speed.term * terms as f64 * libm::exp2(width as f64)
        + request.speed.shot * request.shots.unwrap_or(0) as f64;
    Verdict::Able { seconds, bytes, why: format!("a density matrix of 2^{} entries", 2 * width) }
}

fn frames(circuit: &Circuit, noise: &Arc<Model>, request: &Request<'_>) -> Verdict {
    let Some(shots) = request.shots else {
        return Verdict::unable("has no cost model for exact values under noise");
    };
    let resources = Resources { threads: 1, memory_limit_bytes: request.memory_limit_bytes };
    if let Err(error) = (Stabilizer { noise: Some(noise.clone()) }).prepare(circuit, resources) {
        return Verdict::unable(error.message);
    }
    let (n, gates) = (circuit.num_qubits() as f64, circuit.stream_len() as f64);
    let words = libm::ceil(n / 64.0);
    let seconds = started(circuit, request)
        + request.speed.word * (gates * words + ERRORS * shots as f64 * gates / 64.0)
        + request.speed.shot * shots as f64;
    Verdict::Able {
        seconds,
        bytes: n * n / 2.0,
        why: format!("Pauli frames of {n} qubits, {gates} operations"),
    }
}

/// What comes before the first gate.
fn started(circuit: &Circuit, request: &Request<'_>) -> f64 {
    request.speed.overhead + request.speed.lowered * circuit.stream_len() as f64
}
