//! Many trials from different initial layouts; the cheapest one counts, the first among equals.
use super::blocks::SWAP;
use super::layout::Layout;
use super::placement::{Interactions, grown, improved};
use super::problem::Problem;
use super::router::{Move, Router, Routing, Weights};
use super::topology::Topology;
use crate::error::CoreResult;
use crate::rng::Philox;
use crate::sim::workers::Workers;

/// How fast the weight of later meetings falls in every second layout.
const FADING: f64 = 0.25;

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Initial layouts.
    pub trials: usize,
    /// How often each is routed there and back before its last routing.
    pub rounds: usize,
}

impl Effort {
    /// What a level tries.
    pub fn of(level: u8, trials: Option<u32>) -> Self {
        let (usual, rounds) = match level {
            0 => (1, 0),
            1 => (2, 1),
            2 => (6, 2),
            _ => (32, 3),
        };
        Self { trials: trials.map_or(usual, |trials| trials.max(1) as usize), rounds }
    }
}

/// An initial layout and the routing from it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub initial: Layout,
    pub routing: Routing,
    /// The sum of −ln(1 − error rate) over all entangling gates; 0 where no error rates are known.
    pub error: f64,
}

impl Found {
    /// Fewer entangling gates are better, then fewer errors.
    fn is_better(&self, other: &Self) -> bool {
        let (mine, others) = (self.routing.cost, other.routing.cost);
        mine < others || mine == others && self.error < other.error
    }
}

/// What is searched.
pub(super) struct Search<'a> {
    pub problem: &'a Problem,
    pub topology: &'a Topology,
    pub weights: &'a Weights,
    /// Physical qubits for logical ones that meet others.
    pub allowed: &'a [u32],
    /// The circuit's qubits.
    pub num_qubits: usize,
    pub seed: u64,
}

impl Search<'_> {
    /// The routing from one layout alone.
    pub fn fixed(&self, initial: Layout) -> Option<Found> {
        let mut random = Philox::new(self.seed, 0);
        self.forward(initial, &mut random)
    }

    /// The best of all trials. The same for any number of threads.
    pub fn best(&self, effort: Effort, threads: usize) -> CoreResult<Option<Found>> {
        let interactions = [0.0, FADING].map(|fading| Interactions::of(self.problem, fading));
        let workers = Workers::new(threads.min(effort.trials))?;
        let found = workers.map(effort.trials, |trial| self.trial(trial, effort.rounds, &interactions));
        Ok(found.into_iter().flatten().reduce(|best, next| if next.is_better(&best) { next } else { best }))
    }

    fn trial(&self, trial: usize, rounds: usize, interactions: &[Interactions; 2]) -> Option<Found> {
        let mut random = Philox::new(self.seed, trial as u64);
        let mut layout = self.start(trial, interactions, &mut random);
        let mut best: Option<Found> = None;
        for round in 0..=rounds {
            let found = self.forward(layout, &mut random)?;
            layout = found.routing.last.clone();
            if best.as_ref().is_none_or(|best| found.is_better(best)) {
                best = Some(found);
            }
            if round < rounds {
                let wires = &self.problem.backward;
                let router = Router::new(self.problem, wires, self.topology, self.weights, layout);
                layout = router.route(&mut random, u64::MAX)?.last;
            } else {
                break;
            }
        }
        best
    }

    fn start(&self, trial: usize, interactions: &[Interactions; 2], random: &mut Philox) -> Layout {
        let interactions = &interactions[trial % 2];
        let random = if trial < 2 { None } else { Some(random) };
        let layout = grown(interactions, self.topology, self.allowed, self.num_qubits, random);
        if self.topology.is_connected() { improved(layout, interactions, self.topology) } else { layout }
    }

    fn forward(&self, initial: Layout, random: &mut Philox) -> Option<Found> {
        let wires = &self.problem.forward;
        let router = Router::new(self.problem, wires, self.topology, self.weights, initial.clone());
        let routing = router.route(random, u64::MAX)?;
        let error = if self.topology.has_errors() { self.error(&initial, &routing) } else { 0.0 };
        Some(Found { initial, routing, error })
    }

    fn error(&self, initial: &Layout, routing: &Routing) -> f64 {
        let mut layout = initial.clone();
        let mut total = 0.0;
        for step in &routing.moves {
            let (pair, gates) = match *step {
                Move::Swap(p, q) => {
                    layout.swap(p, q);
                    ([p, q], SWAP)
                }
                Move::Run(node) => {
                    let Some(qubits) = self.problem.pairs.get(node as usize) else { continue };
                    let pair = qubits.map(|logical| layout.place[logical as usize]);
                    (pair, self.problem.traits[node as usize].cost)
                }
            };
            let rate = self.topology.edge(pair[0], pair[1]).map_or(0.0, |edge| self.topology.error(edge));
            // A coupling that always fails counts much, not infinitely.
            total -= f64::from(gates) * libm::log((1.0 - rate).max(1e-9));
        }
        total
    }
}
