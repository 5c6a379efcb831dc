//! Initial layouts from the interaction graph: greedy growth, then exchanges that shorten the weighted distances.
use super::embedding::filled;
use super::layout::Layout;
use super::problem::Problem;
use super::topology::Topology;
use crate::rng::Philox;

/// How often all qubits are tried in the search for better places.
const ROUNDS: usize = 8;

/// How often, and how early, logical qubits meet.
#[derive(Clone, Debug)]
pub(super) struct Interactions {
    /// The partners of each logical qubit with their weights, ascending.
    pub partners: Vec<Vec<(u32, f64)>>,
}

impl Interactions {
    /// Each meeting counts `1/(1 + fading·level)`.
    pub fn of(problem: &Problem, fading: f64) -> Self {
        let wires = &problem.forward;
        let mut partners: Vec<Vec<(u32, f64)>> = vec![Vec::new(); problem.width];
        for (pair, qubits) in problem.pairs.iter().enumerate() {
            let levels = [0, 1].map(|k| wires.slots[wires.slot_of[2 * pair + k] as usize].level);
            let weight = 1.0 / (1.0 + fading * f64::from(levels[0].max(levels[1])));
            partners[qubits[0] as usize].push((qubits[1], weight));
            partners[qubits[1] as usize].push((qubits[0], weight));
        }
        for list in &mut partners {
            list.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            list.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                }
                same
            });
        }
        Self { partners }
    }

    /// The qubits that meet others, ascending.
    pub fn active(&self) -> Vec<u32> {
        (0..self.partners.len() as u32).filter(|k| !self.partners[*k as usize].is_empty()).collect()
    }

    /// The qubits that meet others, breadth first from those with the fewest partners, so that those who meet are close
    /// in the order (Cuthill and McKee, 1969).
    pub fn banded(&self) -> Vec<u32> {
        let degree = |logical: &u32| (self.partners[*logical as usize].len(), *logical);
        let mut starts = self.active();
        starts.sort_by_key(degree);
        let mut seen = vec![false; self.partners.len()];
        let mut order: Vec<u32> = Vec::with_capacity(starts.len());
        for start in starts {
            if std::mem::replace(&mut seen[start as usize], true) {
                continue;
            }
            let mut next = order.len();
            order.push(start);
            while let Some(logical) = order.get(next).copied() {
                next += 1;
                let around = self.partners[logical as usize].iter().map(|(other, _)| *other);
                let mut fresh: Vec<u32> = around.filter(|other| !seen[*other as usize]).collect();
                fresh.sort_by_key(degree);
                fresh.iter().for_each(|other| seen[*other as usize] = true);
                order.extend(fresh);
            }
        }
        order
    }

    fn degree(&self, logical: usize) -> f64 {
        self.partners[logical].iter().map(|(_, weight)| weight).sum()
    }
}

/// A layout grown from a physical qubit: the logical qubit that meets the placed ones most comes next, and goes where
/// its partners are closest.
pub(super) fn grown(
    interactions: &Interactions,
    topology: &Topology,
    allowed: &[u32],
    num_qubits: usize,
    random: Option<&mut Philox>,
) -> Layout {
    let mut growth = Growth::new(interactions, topology, allowed, num_qubits);
    let mut start = growth.centre();
    let mut first = None;
    if let Some(random) = random {
        start = allowed[random.below(allowed.len() as u64) as usize];
        first = Some(random.below(num_qubits.max(1) as u64) as u32);
    }
    growth.run(Some(start), first);
    Layout::of(&growth.place, topology.num_qubits())
}

/// The qubits of an order along a way of the device; those that it is too short for grow around them.
pub(super) fn along(
    path: &[u32],
    order: &[u32],
    interactions: &Interactions,
    topology: &Topology,
    allowed: &[u32],
    num_qubits: usize,
) -> Layout {
    let mut growth = Growth::new(interactions, topology, allowed, num_qubits);
    for (logical, physical) in order.iter().zip(path) {
        growth.put(*logical, *physical);
    }
    growth.run(None, None);
    Layout::of(&growth.place, topology.num_qubits())
}

struct Growth<'a> {
    interactions: &'a Interactions,
    topology: &'a Topology,
    allowed: &'a [u32],
    is_free: Vec<bool>,
    /// Free qubits beside placed ones.
    border: Vec<u32>,
    in_border: Vec<bool>,
    place: Vec<u32>,
    /// How strongly each logical qubit meets the placed ones.
    drawn: Vec<f64>,
}

/// Not placed.
const NOWHERE: u32 = u32::MAX;

impl<'a> Growth<'a> {
    fn new(
        interactions: &'a Interactions,
        topology: &'a Topology,
        allowed: &'a [u32],
        num_qubits: usize,
    ) -> Self {
        let width = topology.num_qubits();
        let mut is_free = vec![false; width];
        allowed.iter().for_each(|qubit| is_free[*qubit as usize] = true);
        Self {
            interactions,
            topology,
            allowed,
            is_free,
            border: Vec::new(),
            in_border: vec![false; width],
            place: vec![NOWHERE; num_qubits],
            drawn: vec![0.0; num_qubits],
        }
    }

    /// The allowed qubit with the shortest ways to all others.
    fn centre(&self) -> u32 {
        let total = |qubit: &u32| -> u64 {
            let row = self.topology.distances(*qubit);
            self.allowed.iter().map(|other| u64::from(row[*other as usize])).sum()
        };
        self.allowed.iter().copied().min_by_key(total).unwrap_or(0)
    }

    fn run(&mut self, start: Option<u32>, first: Option<u32>) {
        let mut next = first.filter(|logical| !self.interactions.partners[*logical as usize].is_empty());
        let mut at = start;
        while let Some(logical) = next.take().or_else(|| self.next()) {
            let physical = at.take().or_else(|| self.best_place(logical));
            let Some(physical) = physical else { break };
            self.put(logical, physical);
        }
        // Qubits that meet nobody take what is left, wherever it is.
        self.place = filled(&self.place, self.topology.num_qubits());
    }

    /// The qubit that is drawn most; where none is drawn, the one with the most meetings.
    fn next(&self) -> Option<u32> {
        let mut best: Option<(f64, f64, usize)> = None;
        for logical in 0..self.place.len() {
            if self.place[logical] != NOWHERE || self.interactions.partners[logical].is_empty() {
                continue;
            }
            let key = (self.drawn[logical], self.interactions.degree(logical));
            if best.is_none_or(|(drawn, degree, _)| key > (drawn, degree)) {
                best = Some((key.0, key.1, logical));
            }
        }
        best.map(|(_, _, logical)| logical as u32)
    }

    fn best_place(&self, logical: u32) -> Option<u32> {
        let partners = &self.interactions.partners[logical as usize];
        let placed: Vec<(u32, f64)> = partners
            .iter()
            .map(|(other, weight)| (self.place[*other as usize], *weight))
            .filter(|(at, _)| *at != NOWHERE)
            .collect();
        let mut best: Option<(f64, usize, u32)> = None;
        for physical in &self.border {
            let row = self.topology.distances(*physical);
            let cost: f64 = placed.iter().map(|(at, weight)| weight * f64::from(row[*at as usize])).sum();
            // Among equal places the one that shuts in fewer free qubits.
            let around = self.topology.neighbours(*physical).iter();
            let shut = around.filter(|(next, _)| self.is_free[*next as usize]).count();
            if best.is_none_or(|(least, open, at)| (cost, shut, *physical) < (least, open, at)) {
                best = Some((cost, shut, *physical));
            }
        }
        let anywhere = || self.allowed.iter().copied().find(|qubit| self.is_free[*qubit as usize]);
        best.map(|(_, _, physical)| physical).or_else(anywhere)
    }

    fn put(&mut self, logical: u32, physical: u32) {
        self.place[logical as usize] = physical;
        self.is_free[physical as usize] = false;
        self.border.retain(|qubit| *qubit != physical);
        for (next, _) in self.topology.neighbours(physical) {
            if self.is_free[*next as usize] && !std::mem::replace(&mut self.in_border[*next as usize], true) {
                self.border.push(*next);
            }
        }
        for (other, weight) in &self.interactions.partners[logical as usize] {
            self.drawn[*other as usize] += weight;
        }
    }
}

/// Exchanges of a qubit with one beside a partner of its, as long as the weighted distances shrink.
pub(super) fn improved(mut layout: Layout, interactions: &Interactions, topology: &Topology) -> Layout {
    let active: Vec<u32> = (0..interactions.partners.len() as u32)
        .filter(|logical| !interactions.partners[*logical as usize].is_empty())
        .collect();
    for _ in 0..ROUNDS {
        let mut changed = false;
        for logical in &active {
            changed |= moved_closer(&mut layout, *logical, interactions, topology);
        }
        if !changed {
            break;
        }
    }
    layout
}

fn moved_closer(layout: &mut Layout, logical: u32, interactions: &Interactions, topology: &Topology) -> bool {
    let from = layout.place[logical as usize];
    let mut best = (-1e-9, from);
    for (partner, _) in &interactions.partners[logical as usize] {
        let there = layout.place[*partner as usize];
        for (to, _) in topology.neighbours(there) {
            let gain = change(layout, from, *to, interactions, topology);
            if gain < best.0 {
                best = (gain, *to);
            }
        }
    }
    let moves = best.1 != from;
    if moves {
        layout.swap(from, best.1);
    }
    moves
}

/// How the weighted distances change when two physical qubits exchange their tenants.
fn change(layout: &Layout, p: u32, q: u32, interactions: &Interactions, topology: &Topology) -> f64 {
    if p == q {
        return 0.0;
    }
    let [a, b] = [p, q].map(|physical| layout.tenant[physical as usize]);
    let one = |logical: u32, other: u32, from: u32, to: u32| -> f64 {
        let [here, there] = [from, to].map(|physical| topology.distances(physical));
        let Some(partners) = interactions.partners.get(logical as usize) else { return 0.0 };
        let others = partners.iter().filter(|(partner, _)| *partner != other);
        let change = |(partner, weight): &(u32, f64)| {
            let at = layout.place[*partner as usize] as usize;
            weight * (f64::from(there[at]) - f64::from(here[at]))
        };
        others.map(change).sum()
    };
    one(a, b, p, q) + one(b, a, q, p)
}
