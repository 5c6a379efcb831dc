//! Many trials from different initial layouts; the cheapest one counts, the first among equals.
use super::blocks::SWAP;
use super::embedding::{chained, embedded};
use super::layout::Layout;
use super::paths::long_path;
use super::placement::{Interactions, along, grown, improved};
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
    /// Steps in the search for a layout without SWAPs.
    pub steps: usize,
}

impl Effort {
    /// What a level tries on a problem of so many pairs: less on large ones, by count and never by the clock.
    pub fn of(level: u8, trials: Option<u32>, pairs: usize) -> Self {
        let within = |least: usize, most: usize, total: usize| (total / pairs.max(1)).clamp(least, most);
        let (usual, rounds, steps) = match level {
            0 => (1, 0, 0),
            1 => (2, 1, 2_000),
            2 => (within(2, 6, 36_000), within(1, 2, 12_000), 20_000),
            _ => (within(4, 12, 200_000), within(1, 2, 60_000), 200_000),
        };
        Self { trials: trials.map_or(usual, |trials| trials.max(1) as usize), rounds, steps }
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

/// What trials start from.
struct Starts {
    /// With all meetings alike, and with later ones fading.
    interactions: [Interactions; 2],
    /// A long way through the device, and two orders of the qubits along it.
    path: Vec<u32>,
    orders: [Vec<u32>; 2],
    /// The device without the couplings beside that way, where most qubits meet most others: there they pass each other
    /// along a line with the fewest SWAPs (Kivlichan et al., PRL 120, 110501, 2018).
    line: Option<Topology>,
}

/// What is searched.
pub(super) struct Search<'a> {
    pub problem: &'a Problem,
    pub topology: &'a Topology,
    /// Trials take turns with these.
    pub weights: &'a [Weights],
    /// Physical qubits for logical ones that meet others.
    pub allowed: &'a [u32],
    /// The circuit's qubits.
    pub num_qubits: usize,
    pub seed: u64,
}

impl Search<'_> {
    /// The routing from one layout alone.
    pub fn fixed(&self, initial: Layout) -> Option<Found> {
        self.forward(initial, self.topology, &self.weights[0], &mut Philox::new(self.seed, 0))
    }

    /// The best of all trials. The same for any number of threads.
    pub fn best(&self, effort: Effort, threads: usize) -> CoreResult<Option<Found>> {
        let interactions = [0.0, FADING].map(|fading| Interactions::of(self.problem, fading));
        let [even, _] = &interactions;
        if effort.steps > 0
            && let Some(layout) = self.perfect(even, effort.steps)
        {
            return Ok(self.fixed(layout));
        }
        let orders = [even.active(), even.banded()];
        let path = long_path(self.topology, self.allowed, orders[0].len());
        let line = self.line(even, &path)?;
        let starts = Starts { interactions, path, orders, line };
        let workers = Workers::new(threads.min(effort.trials))?;
        let found = workers.map(effort.trials, |trial| self.trial(trial, effort.rounds, &starts));
        Ok(found.into_iter().flatten().reduce(|best, next| if next.is_better(&best) { next } else { best }))
    }

    /// A layout without SWAPs, if one is found.
    fn perfect(&self, interactions: &Interactions, steps: usize) -> Option<Layout> {
        let (topology, allowed, num_qubits) = (self.topology, self.allowed, self.num_qubits);
        let chained = || {
            let order = chained(interactions)?;
            let path = long_path(topology, allowed, order.len());
            (path.len() == order.len())
                .then(|| along(&path, &order, interactions, topology, allowed, num_qubits))
        };
        let searched = || embedded(interactions, topology, allowed, num_qubits, steps);
        // Error rates tell layouts apart; a way does not ask for them.
        if topology.has_errors() { searched().or_else(chained) } else { chained().or_else(searched) }
    }

    /// The way alone, where it has room for all qubits that meet others and most meet most.
    fn line(&self, interactions: &Interactions, path: &[u32]) -> CoreResult<Option<Topology>> {
        let active = interactions.active().len();
        let meetings: usize = interactions.partners.iter().map(Vec::len).sum();
        let is_line = self.topology.edges().len() < active;
        if path.len() < active || is_line || active < 4 || 2 * meetings < active * (active - 1) {
            return Ok(None);
        }
        let edges: Vec<(u32, u32)> = path.windows(2).map(|pair| (pair[0], pair[1])).collect();
        Topology::new(self.topology.num_qubits(), &edges, None).map(Some)
    }

    fn trial(&self, trial: usize, rounds: usize, starts: &Starts) -> Option<Found> {
        let topology = starts.line.as_ref().filter(|_| trial == 1).unwrap_or(self.topology);
        let mut random = Philox::new(self.seed, trial as u64);
        let weights = &self.weights[trial % self.weights.len()];
        let mut layout = self.start(trial, starts, &mut random);
        let mut best: Option<Found> = None;
        for round in 0..=rounds {
            let found = self.forward(layout, topology, weights, &mut random)?;
            layout = found.routing.last.clone();
            if best.as_ref().is_none_or(|best| found.is_better(best)) {
                best = Some(found);
            }
            if round < rounds {
                let wires = &self.problem.backward;
                let router = Router::new(self.problem, wires, topology, weights, layout);
                layout = router.route(&mut random, u64::MAX)?.last;
            } else {
                break;
            }
        }
        best
    }

    fn start(&self, trial: usize, starts: &Starts, random: &mut Philox) -> Layout {
        let (topology, allowed, num_qubits) = (self.topology, self.allowed, self.num_qubits);
        let interactions = &starts.interactions[(trial / 2) % 2];
        if trial % 2 == 1 && trial < 4 {
            let order = &starts.orders[trial / 2];
            return along(&starts.path, order, interactions, topology, allowed, num_qubits);
        }
        let random = if trial < 4 { None } else { Some(random) };
        let layout = grown(interactions, topology, allowed, num_qubits, random);
        if topology.is_connected() { improved(layout, interactions, topology) } else { layout }
    }

    fn forward(
        &self,
        initial: Layout,
        topology: &Topology,
        weights: &Weights,
        random: &mut Philox,
    ) -> Option<Found> {
        let wires = &self.problem.forward;
        let router = Router::new(self.problem, wires, topology, weights, initial.clone());
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
