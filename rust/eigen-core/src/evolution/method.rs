//! Which propagator an evolution gets, by cost and memory, and why.
use super::chebyshev::{applications, expansion};
use super::krylov::MOST_VECTORS;
use super::magnus::EXTRA_STATES;
use super::operator::Operator;
use super::{Evolution, Formula};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::sim::{Resources, check_memory};

/// How the state is carried along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Method {
    /// The cheapest of those below that fits.
    #[default]
    Auto,
    /// Lanczos with restarts; for a Hamiltonian that does not change with time.
    Krylov,
    /// Chebyshev polynomials; for a Hamiltonian that does not change with time.
    Chebyshev,
    /// The commutator-free Magnus integrator of fourth order; for one that does.
    Magnus,
    /// A product formula of this order; so many steps, or (0) as many as the tolerance takes.
    Trotter(Formula),
    /// The density matrix; for collapse operators.
    Density,
    /// Quantum trajectories; for collapse operators.
    Trajectories,
}

/// What may be chosen about a propagation.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The propagator.
    pub method: Method,
    /// Distance of the final state from the exact one that is allowed.
    pub tolerance: f64,
    /// How many trajectories, where trajectories are followed.
    pub trajectories: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { method: Method::Auto, tolerance: 1e-10, trajectories: 1000 }
    }
}

/// Most trajectories of one run.
const MOST_TRAJECTORIES: u64 = 10_000_000;
/// Applications of the Hamiltonian beyond which an evolution is refused.
const MOST_APPLICATIONS: f64 = 1e8;
/// Vectors beside the Krylov basis: the state, an image of it at a save time, and half of one for the diagonal.
const BESIDE: usize = 3;
/// A Krylov basis shorter than this restarts too often.
const LEAST_VECTORS: usize = 6;
/// Vectors of the Chebyshev recurrence and the table of the diagonal.
const CHEBYSHEV_STATES: usize = 4;
/// One application costs about as much as so many passes over a vector for each X-mask.
const PASSES_PER_GROUP: f64 = 0.4;
/// The spectrum fills about this part of the bounds: Krylov profits from it, Chebyshev does not.
const FILLED: f64 = 0.75;

impl Settings {
    /// Checks the settings against an evolution.
    pub fn check(&self, evolution: &Evolution) -> CoreResult<()> {
        if !(1e-13..=0.1).contains(&self.tolerance) {
            return Err(refused(format!("the tolerance is 1e-13 to 0.1, not `{}`", self.tolerance)));
        }
        if self.trajectories < 2 || self.trajectories > MOST_TRAJECTORIES {
            return Err(refused(format!(
                "trajectories: 2 to {MOST_TRAJECTORIES}, not `{}`",
                self.trajectories
            )));
        }
        let is_constant = !evolution.is_time_dependent();
        let (good, needed) = match self.method {
            Method::Auto => (true, ""),
            Method::Krylov => {
                (is_constant && !evolution.is_open(), "krylov takes a constant Hamiltonian without collapse")
            }
            Method::Chebyshev => (
                is_constant && !evolution.is_open(),
                "chebyshev takes a constant Hamiltonian without collapse",
            ),
            Method::Magnus => (!evolution.is_open(), "magnus takes an evolution without collapse operators"),
            Method::Trotter(formula) => {
                Formula { steps: formula.steps.max(1), ..formula }.check()?;
                (!evolution.is_open(), "trotter takes an evolution without collapse operators")
            }
            Method::Density => (evolution.is_open(), "density takes an evolution with collapse operators"),
            Method::Trajectories => {
                (evolution.is_open(), "trajectories take an evolution with collapse operators")
            }
        };
        if good { Ok(()) } else { Err(refused(needed.to_string()).with_hint("take the method auto")) }
    }
}

/// A method and the reason for it; `vectors` is the length of Krylov bases.
pub(super) struct Choice {
    pub method: Method,
    pub why: String,
    pub vectors: usize,
}

/// How long a Krylov basis may be beside `beside` other states, checked with the numbers.
fn vectors_within(num_qubits: usize, beside: usize, resources: Resources) -> CoreResult<usize> {
    check_memory(num_qubits, LEAST_VECTORS + beside, resources.memory_limit_bytes)?;
    let states = crate::sim::states_within(num_qubits, resources.memory_limit_bytes);
    Ok((states - beside - 1).min(MOST_VECTORS))
}

/// Krylov or Chebyshev for `exp(-i t H)`, `gaps` being the times between stops.
pub(super) fn choose_constant(
    settings: &Settings,
    operator: &Operator,
    num_qubits: usize,
    gaps: &[f64],
    resources: Resources,
) -> CoreResult<Choice> {
    let radius = 0.5 * (operator.range.1 - operator.range.0) + operator.off_diagonal;
    let time: f64 = gaps.iter().sum();
    if radius * time > MOST_APPLICATIONS {
        let message = format!(
            "needs about `{:.1e}` applications of the Hamiltonian; limit {MOST_APPLICATIONS:.0e}",
            radius * time
        );
        return Err(CoreError::new(ErrorCode::LimitExceeded, format!("the evolution {message}"))
            .with_hint("use a shorter time or smaller coefficients"));
    }
    let vectors = vectors_within(num_qubits, BESIDE, resources);
    let chebyshev = |why| Choice { method: Method::Chebyshev, why, vectors: 0 };
    match (settings.method, vectors) {
        (Method::Krylov, vectors) => {
            Ok(Choice { method: Method::Krylov, why: "asked for".into(), vectors: vectors? })
        }
        (Method::Chebyshev, _) => {
            check_memory(num_qubits, CHEBYSHEV_STATES, resources.memory_limit_bytes)?;
            Ok(chebyshev("asked for".into()))
        }
        (_, Err(_)) => {
            check_memory(num_qubits, CHEBYSHEV_STATES, resources.memory_limit_bytes)?;
            Ok(chebyshev("a Krylov basis does not fit into the memory".into()))
        }
        (_, Ok(vectors)) => {
            let share = |gap: f64| settings.tolerance * gap / time;
            let by_chebyshev: f64 = gaps.iter().map(|gap| applications(radius * gap, share(*gap))).sum();
            let reach = reach(vectors, settings.tolerance);
            let steps = libm::ceil(FILLED * radius * time / reach).max(1.0);
            let by_krylov = steps * vectors as f64 * (FILLED * radius * time / (steps * reach)).max(0.3);
            let pass = 1.0 + PASSES_PER_GROUP * operator.num_groups() as f64;
            let costs = [by_krylov * (pass + 4.0), by_chebyshev * (pass + 1.0)];
            let why = format!("about {by_krylov:.0} applications by krylov, {by_chebyshev:.0} by chebyshev");
            let is_krylov = costs[0] <= costs[1];
            Ok(if is_krylov { Choice { method: Method::Krylov, why, vectors } } else { chebyshev(why) })
        }
    }
}

/// Half the width of the spectrum times the time that a basis of so many vectors reaches over.
fn reach(vectors: usize, tolerance: f64) -> f64 {
    let (mut low, mut high) = (0.0, vectors as f64);
    for _ in 0..20 {
        let middle = 0.5 * (low + high);
        if expansion(middle, tolerance).0.len() <= vectors { low = middle } else { high = middle }
    }
    low.max(1e-3)
}

/// The density matrix or trajectories.
pub(super) fn choose_open(
    settings: &Settings,
    num_qubits: usize,
    resources: Resources,
) -> CoreResult<Choice> {
    let limit = resources.memory_limit_bytes;
    let fits = |width: usize, states: usize| check_memory(width, states, limit);
    let density = fits(2 * num_qubits, 1 + EXTRA_STATES);
    let (method, why) = match (settings.method, density) {
        (Method::Density, fits) => fits.map(|()| (Method::Density, "asked for".to_string()))?,
        (Method::Trajectories, _) => (Method::Trajectories, "asked for".to_string()),
        (_, Err(refusal)) => {
            (Method::Trajectories, format!("the density matrix does not fit: {}", refusal.message))
        }
        (_, Ok(())) if 1u64 << num_qubits <= settings.trajectories => {
            let why =
                format!("4^{num_qubits} entries cost no more than {} trajectories", settings.trajectories);
            (Method::Density, why)
        }
        _ => {
            let why = format!("{} trajectories cost less than 4^{num_qubits} entries", settings.trajectories);
            (Method::Trajectories, why)
        }
    };
    if method == Method::Trajectories {
        fits(num_qubits, 3 + EXTRA_STATES)?;
    }
    Ok(Choice { method, why, vectors: 0 })
}

pub(super) fn refused(message: String) -> CoreError {
    CoreError::new(ErrorCode::SimulationArguments, message)
}
