//! What each engine would cost for a circuit, or why it cannot run it.
//!
//! The costs are models: counts of elementary steps, read off the circuit or found by bounded probes, times the seconds
//! of a step on this host.
use super::speed::Speed;
use super::{independent_parts, light_cone};
use crate::circuit::Circuit;
use crate::gate::Opcode;
use crate::observable::Observable;
use crate::sim::{
    SPARSE_BYTES, SPARSE_QUBITS, bond_bound, contraction_cost, growth, not_clifford, size_text, sparse_probe,
};

/// The bond that the matrix product state keeps unless it is told otherwise.
const MOST_BOND: usize = 256;
/// What an update of a bond costs however small it is, in the unit of its cube.
const UPDATE_COST: f64 = 500.0;

/// Pauli products at which a probe gives up, and what one takes in memory (a generous estimate).
const MOST_PRODUCTS: f64 = 65_536.0;
const PRODUCT_BYTES: u64 = 128;
/// Contractions are looked at only where everything else takes longer, and for no more gates and terms than these.
const WORTH_CONTRACTING_SEC: f64 = 0.2;
const MOST_CONTRACTED_GATES: usize = 4_000;
const MOST_CONTRACTED_TERMS: usize = 200;
/// What the tensors of one contraction may take.
const NETWORK_BYTES: u64 = 2 << 30;

/// What is asked of a circuit, and with what.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Shots to draw; `None` when nothing is sampled.
    pub shots: Option<u64>,
    /// Observables whose exact expectation values are wanted.
    pub observables: &'a [&'a Observable],
    /// Memory for states, in bytes.
    pub memory_limit_bytes: u64,
    /// Seconds of elementary steps on this host.
    pub speed: Speed,
}

/// What an engine says to a circuit.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It can, in about so many seconds and bytes.
    Able {
        /// Predicted seconds of one run.
        seconds: f64,
        /// Bytes of its state.
        bytes: f64,
        /// What the prediction rests on, such as `2^20 amplitudes, 300 gates`.
        why: String,
    },
    /// It cannot, with the numbers.
    Unable {
        /// Why, as a phrase that follows the engine's name.
        why: String,
    },
}

/// The verdict of each engine, by its name.
pub fn verdicts(circuit: &Circuit, request: &Request<'_>) -> Vec<(&'static str, Verdict)> {
    let dense = state_vector(circuit, request);
    let budget = match &dense {
        Verdict::Able { seconds, .. } => *seconds,
        Verdict::Unable { .. } => f64::INFINITY,
    };
    let chain = product_state(circuit, request);
    let sparse = sparse(circuit, request, budget);
    let stabilizer = stabilizer(circuit, request);
    let pauli = pauli(circuit, request, budget);
    let best = [&dense, &chain, &sparse, &stabilizer, &pauli].into_iter().filter_map(Verdict::seconds);
    let network = network(circuit, request, best.fold(f64::INFINITY, f64::min));
    vec![
        ("mps", chain),
        ("pauli", pauli),
        ("sparse", sparse),
        ("stabilizer", stabilizer),
        ("statevector", dense),
        ("tn", network),
    ]
}

impl Verdict {
    fn seconds(&self) -> Option<f64> {
        match self {
            Verdict::Able { seconds, .. } => Some(*seconds),
            Verdict::Unable { .. } => None,
        }
    }

    pub(super) fn unable(why: impl Into<String>) -> Self {
        Verdict::Unable { why: why.into() }
    }
}

/// Why an engine that takes an observable back through the circuit, or contracts a network for it, is not asked.
fn not_a_mean(circuit: &Circuit, request: &Request<'_>) -> Option<&'static str> {
    if is_dynamic(circuit) {
        return Some("cannot measure in mid-circuit");
    }
    let is_mean = request.shots.is_none() && !request.observables.is_empty();
    (!is_mean).then_some("is chosen for exact expectation values only")
}

/// Pauli propagation, without dropping anything. `budget` is what the state vector would take.
fn pauli(circuit: &Circuit, request: &Request<'_>, budget: f64) -> Verdict {
    if let Some(why) = not_a_mean(circuit, request) {
        return Verdict::unable(why);
    }
    let gates = circuit.num_operations().max(1) as f64;
    let worth = libm::fmin(budget / (request.speed.product * gates), MOST_PRODUCTS);
    let most = libm::fmin(worth, (request.memory_limit_bytes / PRODUCT_BYTES) as f64).max(1.0) as usize;
    let (mut visits, mut products) = (0.0, 0);
    for observable in request.observables {
        let found = match growth(circuit, None, observable, most) {
            Ok(found) => found,
            Err(error) => return Verdict::unable(error.message),
        };
        if !found.is_whole {
            return Verdict::unable(format!("needs more than {most} Pauli products"));
        }
        visits += found.visits;
        products = products.max(found.terms);
    }
    let seconds = request.speed.overhead + request.speed.product * visits;
    let bytes = products as f64 * PRODUCT_BYTES as f64;
    Verdict::Able { seconds, bytes, why: format!("{products} Pauli products at most, {gates} operations") }
}

/// A tensor network; `best` is what the best other engine would take.
fn network(circuit: &Circuit, request: &Request<'_>, best: f64) -> Verdict {
    if let Some(why) = not_a_mean(circuit, request) {
        return Verdict::unable(why);
    }
    if best < WORTH_CONTRACTING_SEC {
        return Verdict::unable("is not looked at where another engine takes no time");
    }
    let terms: usize = request.observables.iter().map(|observable| observable.terms().len()).sum();
    if circuit.num_operations() > MOST_CONTRACTED_GATES || terms > MOST_CONTRACTED_TERMS {
        return Verdict::unable(format!("is looked at for up to {MOST_CONTRACTED_GATES} operations"));
    }
    let (mut operations, mut width) = (0.0, 0);
    for observable in request.observables {
        let memory = NETWORK_BYTES.min(request.memory_limit_bytes);
        match contraction_cost(circuit, Some(observable), memory) {
            Ok(cost) => {
                operations += cost.operations;
                width = width.max(cost.width);
            }
            Err(error) => return Verdict::unable(error.message),
        }
    }
    let seconds =
        request.speed.overhead + request.speed.contraction * operations + request.speed.search * terms as f64;
    let why = format!("tensors of 2^{width} numbers, {operations:.1e} multiplications");
    Verdict::Able { seconds, bytes: NETWORK_BYTES as f64, why }
}

/// Widths of what the state vector would run: light cones of expectation values, independent parts of samples.
fn widths(circuit: &Circuit, request: &Request<'_>) -> Vec<(usize, usize)> {
    let whole = vec![(circuit.num_qubits(), circuit.num_operations())];
    if request.shots.is_some() || request.observables.is_empty() {
        let parts = independent_parts(circuit);
        return parts.iter().map(|part| (part.qubits.len(), part.operations.len())).collect();
    }
    let mut cones: Vec<(usize, usize)> = Vec::new();
    for (string, _) in request.observables.iter().flat_map(|observable| observable.terms()) {
        let support: Vec<u32> = string.factors().iter().map(|(qubit, _)| *qubit).collect();
        if string.width() > circuit.num_qubits() {
            return whole;
        }
        let Some(cone) = light_cone(circuit, &support) else { return whole };
        cones.push((cone.qubits.len(), cone.operations.len()));
    }
    let cost =
        |list: &[(usize, usize)]| list.iter().map(|(w, g)| libm::exp2(*w as f64) * *g as f64).sum::<f64>();
    if cost(&cones) < cost(&whole) { cones } else { whole }
}

fn state_vector(circuit: &Circuit, request: &Request<'_>) -> Verdict {
    let parts = widths(circuit, request);
    let widest = parts.iter().map(|(width, _)| *width).max().unwrap_or_default();
    let bytes = 16.0 * libm::exp2(widest as f64);
    if bytes > request.memory_limit_bytes as f64 {
        let limit = size_text(u128::from(request.memory_limit_bytes));
        return Verdict::Unable { why: format!("needs 2^{widest} amplitudes; limit {limit}") };
    }
    let histories = if is_dynamic(circuit) { request.shots.unwrap_or(1).min(1 << 20) } else { 1 };
    let steps: f64 = parts.iter().map(|(width, gates)| libm::exp2(*width as f64) * *gates as f64).sum();
    let gates: usize = parts.iter().map(|(_, gates)| gates).sum();
    let terms: usize = request.observables.iter().map(|observable| observable.terms().len()).sum();
    let amplitudes: f64 = parts.iter().map(|(width, _)| libm::exp2(*width as f64)).sum();
    let read = if parts.len() > 1 { amplitudes } else { amplitudes * terms as f64 };
    let seconds = request.speed.overhead
        + request.speed.piece * parts.len() as f64
        + request.speed.planned * gates as f64
        + request.speed.amplitude * steps * histories as f64
        + request.speed.term * read
        + request.speed.shot * request.shots.unwrap_or(0) as f64;
    let parts = if parts.len() > 1 { format!(" at most, in {} parts", parts.len()) } else { String::new() };
    Verdict::Able { seconds, bytes, why: format!("2^{widest} amplitudes{parts}, {gates} operations") }
}

fn stabilizer(circuit: &Circuit, request: &Request<'_>) -> Verdict {
    if let Some(reason) = not_clifford(circuit) {
        return Verdict::Unable { why: format!("runs Clifford circuits only: {reason}") };
    }
    let (n, gates) = (circuit.num_qubits() as f64, circuit.num_operations() as f64);
    let words = libm::ceil(n / 64.0);
    let measured = circuit.operations().filter(|op| op.opcode() == Opcode::Measure);
    let measured = measured.map(|op| op.qubits().len()).sum::<usize>() as f64;
    let shots = request.shots.unwrap_or(0) as f64;
    let per_shot = if is_dynamic(circuit) { gates / 64.0 } else { words };
    let seconds = request.speed.overhead
        + request.speed.word * (gates * words + measured * n * words + shots * per_shot);
    let bytes = n * n / 2.0;
    if bytes > request.memory_limit_bytes as f64 {
        return Verdict::Unable { why: format!("needs a tableau of {}", size_text(bytes as u128)) };
    }
    Verdict::Able { seconds, bytes, why: format!("a tableau of {n} qubits, {gates} operations") }
}

/// `budget` is what the state vector would take: beyond it there is no need to probe.
fn sparse(circuit: &Circuit, request: &Request<'_>, budget: f64) -> Verdict {
    if circuit.num_qubits() > SPARSE_QUBITS {
        return Verdict::Unable {
            why: format!("has keys of {SPARSE_QUBITS} qubits, not of {}", circuit.num_qubits()),
        };
    }
    let memory = request.memory_limit_bytes / SPARSE_BYTES;
    let worth = budget / (request.speed.entry * circuit.num_operations().max(1) as f64);
    let most = libm::fmin(worth, (1 << 18) as f64).min(memory as f64) as usize;
    let Some(found) = sparse_probe(circuit, most.max(1)) else {
        let why = format!("needs more than {} amplitudes, for which a state vector is better", most.max(1));
        return Verdict::Unable { why };
    };
    let histories = if is_dynamic(circuit) { request.shots.unwrap_or(1).min(1 << 20) } else { 1 };
    let seconds = request.speed.overhead
        + request.speed.entry * found.visits * histories as f64
        + request.speed.shot * request.shots.unwrap_or(0) as f64;
    let bytes = (found.peak as u64 * SPARSE_BYTES) as f64;
    let why = format!("{} amplitudes at most, {} operations", found.peak, circuit.num_operations());
    Verdict::Able { seconds, bytes, why }
}

/// Exact only: where no bond can grow beyond what the engine keeps.
fn product_state(circuit: &Circuit, request: &Request<'_>) -> Verdict {
    let bound = match bond_bound(circuit, MOST_BOND) {
        Ok(bound) => bound,
        Err(error) => return Verdict::Unable { why: error.message },
    };
    let largest = bound.largest();
    if largest > MOST_BOND as f64 {
        let why = format!("would have to truncate: bonds of up to {largest}, of which it keeps {MOST_BOND}");
        return Verdict::Unable { why };
    }
    let power = |exponent: f64, bits: &u32| libm::exp2(exponent * f64::from(*bits));
    let histories = if is_dynamic(circuit) { request.shots.unwrap_or(1).min(1 << 20) } else { 1 };
    let shots = request.shots.unwrap_or(0) as f64;
    let updates = bound.updates as f64;
    let drawn =
        |(cut, bits): (usize, &u32)| libm::fmin(shots, libm::exp2(cut as f64 + 1.0)) * power(2.0, bits);
    let draws: f64 = bound.bits.iter().enumerate().map(drawn).sum();
    let sweep: f64 = bound.bits.iter().map(|bits| power(3.0, bits)).sum();
    let spans = request.observables.iter().flat_map(|observable| observable.terms()).map(|(string, _)| {
        let sites = string.factors().iter().filter_map(|(qubit, _)| bound.place.get(*qubit as usize));
        let (first, last) = (sites.clone().min().copied().unwrap_or(0), sites.max().copied().unwrap_or(0));
        bound.bits[first..last].iter().map(|bits| power(3.0, bits)).sum::<f64>()
    });
    let work = histories as f64 * (bound.cubes + UPDATE_COST * updates) + sweep + spans.sum::<f64>() + draws;
    let seconds = request.speed.overhead
        + request.speed.tensor * work
        + request.speed.drawn * shots * circuit.num_qubits() as f64;
    let bytes = 32.0 * bound.bits.iter().map(|bits| power(2.0, bits)).sum::<f64>();
    if bytes > request.memory_limit_bytes as f64 {
        return Verdict::Unable { why: format!("needs {} for its bonds", size_text(bytes as u128)) };
    }
    Verdict::Able { seconds, bytes, why: format!("bonds of at most {largest}, {updates} updates of bonds") }
}

/// Whether every shot may go another way.
pub(super) fn is_dynamic(circuit: &Circuit) -> bool {
    circuit.is_dynamic()
}
