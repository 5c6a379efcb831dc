//! Routing: runs what can run, and otherwise the SWAP that brings the next pairs closest (SABRE: Li, Ding and Xie,
//! ASPLOS 2019; relative scores and the release valve: Zou et al., LightSABRE, arXiv:2409.08368).
//!
//! Differences: lookahead is by layers on the wires of a qubit, commuting pairs are ready together, the score of a
//! coupling is kept until something near it changes, and a SWAP right behind a gate on its pair counts as the few
//! entangling gates that it adds to it.
use super::blocks::SWAP;
use super::front::Front;
use super::layout::Layout;
use super::problem::{Problem, Wires};
use super::topology::Topology;
use crate::rng::Philox;

/// A score of couplings at which no waiting pair stands.
const IDLE: i32 = i32::MAX;
/// What one step of distance of a ready pair counts.
const UNIT: i32 = 1024;
/// How many groups ahead the router looks, the next one included.
const LAYERS: usize = 5;
/// How often SWAPs may follow each other before their qubits are free of the penalty for repetition.
const RESET: usize = 5;

/// What a routing weighs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    /// Of a pair `k` groups ahead, in parts of 1024; its length is how far the router looks.
    pub layers: [i32; LAYERS],
    /// Of an entangling gate saved.
    pub saved: i32,
    /// Of a qubit that has just been swapped.
    pub repeated: i32,
    /// Whether what is ahead is measured along all wires.
    pub deep: bool,
}

impl Weights {
    /// The same with what is ahead measured along all wires.
    pub fn deep(self) -> Self {
        Self { deep: true, ..self }
    }

    /// Weights that fall by a factor from layer to layer.
    pub fn falling(ahead: f64, factor: f64, saved: f64) -> Self {
        let mut weight = ahead * f64::from(UNIT);
        let mut layers = [UNIT; LAYERS];
        for layer in &mut layers[1..] {
            *layer = weight as i32;
            weight *= factor;
        }
        Self { layers, saved: (saved * f64::from(UNIT)) as i32, repeated: 3, deep: false }
    }
}

/// A step of a routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// A node runs where its qubits are.
    Run(u32),
    /// Two coupled physical qubits are exchanged.
    Swap(u32, u32),
}

/// A finished routing.
#[derive(Clone, Debug)]
pub(super) struct Routing {
    pub moves: Vec<Move>,
    pub last: Layout,
    /// Entangling gates, those that SWAPs add to a neighbour included.
    pub cost: u64,
    pub swaps: usize,
}

/// A routing under way.
pub(super) struct Router<'a> {
    topology: &'a Topology,
    weights: &'a Weights,
    front: Front<'a>,
    layout: Layout,
    moves: Vec<Move>,
    cost: u64,
    swaps: usize,
    /// The pair that ran last on a physical qubit, while a SWAP could join it.
    behind: Vec<u32>,
    scores: Vec<i32>,
    penalty: Vec<i32>,
    penalised: Vec<u32>,
    /// Logical qubits around which scores are out of date.
    stale: Vec<u32>,
    is_stale: Vec<bool>,
    /// Whether a logical qubit has come to a pair that cannot run yet.
    waits: Vec<bool>,
    fresh: Vec<u32>,
    round: u32,
    todo: Vec<u32>,
    reached: Vec<u32>,
    lowest: Vec<u32>,
}

/// Nothing ran last.
const NOTHING: u32 = u32::MAX;

impl<'a> Router<'a> {
    pub fn new(
        problem: &'a Problem,
        wires: &'a Wires,
        topology: &'a Topology,
        weights: &'a Weights,
        layout: Layout,
    ) -> Self {
        let (qubits, edges) = (topology.num_qubits(), topology.edges().len());
        Self {
            topology,
            weights,
            front: Front::new(problem, wires, weights.deep),
            layout,
            moves: Vec::with_capacity(2 * problem.num_nodes()),
            cost: problem.cost(),
            swaps: 0,
            behind: vec![NOTHING; qubits],
            scores: vec![IDLE; edges],
            penalty: vec![0; qubits],
            penalised: Vec::new(),
            stale: Vec::new(),
            is_stale: vec![false; qubits],
            waits: vec![false; qubits],
            lowest: Vec::new(),
            fresh: vec![0; edges],
            round: 0,
            todo: (0..problem.num_nodes() as u32).rev().collect(),
            reached: Vec::new(),
        }
    }

    /// Routes to the end, or gives up once it costs `most`. Every waiting pair must be connected.
    pub fn route(mut self, random: &mut Philox, most: u64) -> Option<Routing> {
        self.run_ready();
        (0..self.topology.num_qubits() as u32).for_each(|qubit| self.touch(qubit));
        let patience = 20 + 2 * self.topology.num_qubits().min(60);
        let (mut since_progress, mut before) = (0, self.cost);
        while !self.front.is_done() {
            if self.cost >= most {
                return None;
            }
            self.refresh();
            // Pairs beyond the windows have no score.
            let chosen = if since_progress < patience { self.best(random) } else { None };
            let Some(edge) = chosen else {
                self.release(before);
                (since_progress, before) = (0, self.cost);
                continue;
            };
            let (p, q) = self.topology.edges()[edge];
            self.swap(p, q);
            since_progress += 1;
            if self.run_ready() {
                (since_progress, before) = (0, self.cost);
                self.forgive();
            } else if since_progress % RESET == 0 {
                self.forgive();
            }
        }
        Some(Routing { moves: self.moves, last: self.layout, cost: self.cost, swaps: self.swaps })
    }

    /// Runs everything that can run; tells whether anything did.
    fn run_ready(&mut self) -> bool {
        let before = self.moves.len();
        while let Some(node) = self.todo.pop() {
            if !self.front.is_ready(node) || !self.can_meet(node) {
                continue;
            }
            self.moves.push(Move::Run(node));
            self.front.run(node, |wire| self.reached.push(wire));
            while let Some(wire) = self.reached.pop() {
                self.todo.extend(self.front.current(wire));
            }
            self.follow(node);
        }
        self.moves.len() > before
    }

    fn can_meet(&self, node: u32) -> bool {
        match self.front.problem.pairs.get(node as usize) {
            Some([a, b]) => self.topology.distance(self.place(*a), self.place(*b)) == 1,
            None => true,
        }
    }

    fn place(&self, logical: u32) -> u32 {
        self.layout.place[logical as usize]
    }

    /// What a node that ran means for its qubits.
    fn follow(&mut self, node: u32) {
        let problem = self.front.problem;
        let behind = match problem.pairs.get(node as usize) {
            Some(_) => node,
            None => NOTHING,
        };
        for place in problem.places(node) {
            let wire = problem.wire[place as usize];
            if (wire as usize) < problem.width {
                let at = self.place(wire);
                self.behind[at as usize] = behind;
                self.touch(wire);
            }
        }
    }

    /// Marks the scores around a logical qubit and the partners that it sees as out of date.
    fn touch(&mut self, logical: u32) {
        mark(&mut self.stale, &mut self.is_stale, logical);
        for near in self.front.window(logical, LAYERS as u32) {
            mark(&mut self.stale, &mut self.is_stale, near.partner);
        }
    }

    /// Brings the scores up to date.
    fn refresh(&mut self) {
        self.round += 1;
        for logical in &self.stale {
            let waits = self.front.window(*logical, 1).any(|near| near.ready);
            self.waits[*logical as usize] = waits;
        }
        while let Some(logical) = self.stale.pop() {
            self.is_stale[logical as usize] = false;
            let place = self.place(logical);
            for (_, edge) in self.topology.neighbours(place) {
                let fresh = &mut self.fresh[*edge as usize];
                if *fresh != self.round {
                    *fresh = self.round;
                    self.scores[*edge as usize] = self.score(*edge);
                }
            }
        }
    }

    /// How much farther apart the next pairs are after a SWAP, weighted; lower is better.
    fn score(&self, edge: u32) -> i32 {
        let (p, q) = self.topology.edges()[edge as usize];
        let [a, b] = [p, q].map(|physical| self.layout.tenant[physical as usize]);
        if !(self.waits[a as usize] || self.waits[b as usize]) {
            return IDLE;
        }
        let pulled = self.pull(a, b, p, q) + self.pull(b, a, q, p);
        let penalty = self.penalty[p as usize] + self.penalty[q as usize];
        pulled + penalty + self.weights.saved * (i32::from(self.price(p, q)) - i32::from(SWAP))
    }

    fn pull(&self, logical: u32, other: u32, from: u32, to: u32) -> i32 {
        let [here, there] = [from, to].map(|physical| self.topology.distances(physical));
        let mut sum = 0;
        for near in self.front.window(logical, LAYERS as u32) {
            if near.partner != other {
                let at = self.place(near.partner) as usize;
                let change = i32::from(there[at]) - i32::from(here[at]);
                sum += self.weights.layers[near.layer as usize] * change;
            }
        }
        sum
    }

    /// The entangling gates that a SWAP adds.
    fn price(&self, p: u32, q: u32) -> i8 {
        let node = self.behind[p as usize];
        if node == NOTHING || node != self.behind[q as usize] {
            return SWAP as i8;
        }
        let traits = &self.front.problem.traits[node as usize];
        traits.swapped as i8 - traits.cost as i8
    }

    /// The edge with the lowest score; among equal ones any.
    fn best(&mut self, random: &mut Philox) -> Option<usize> {
        let least = self.scores.iter().copied().min().filter(|least| *least != IDLE)?;
        self.lowest.clear();
        let scores = self.scores.iter().zip(0u32..);
        self.lowest.extend(scores.filter(|(score, _)| **score == least).map(|(_, edge)| edge));
        let count = self.lowest.len() as u64;
        let chosen = if count > 1 { random.below(count) as usize } else { 0 };
        Some(self.lowest[chosen] as usize)
    }

    fn swap(&mut self, p: u32, q: u32) {
        self.cost = self.cost.saturating_add_signed(i64::from(self.price(p, q)));
        self.swaps += 1;
        self.moves.push(Move::Swap(p, q));
        self.layout.swap(p, q);
        for physical in [p, q] {
            self.behind[physical as usize] = NOTHING;
            self.penalty[physical as usize] += self.weights.repeated;
            self.penalised.push(physical);
            let logical = self.layout.tenant[physical as usize];
            self.touch(logical);
            self.todo.extend(self.front.partners(logical).map(|(_, node)| node));
        }
    }

    fn forgive(&mut self) {
        while let Some(physical) = self.penalised.pop() {
            self.penalty[physical as usize] = 0;
            mark(&mut self.stale, &mut self.is_stale, self.layout.tenant[physical as usize]);
        }
    }

    /// Takes back the SWAPs that led nowhere and brings the closest waiting pair together.
    fn release(&mut self, cost: u64) {
        self.cost = cost;
        while let Some(Move::Swap(p, q)) = self.moves.last().copied() {
            self.moves.pop();
            self.layout.swap(p, q);
            self.swaps -= 1;
            [p, q].into_iter().for_each(|physical| self.touch(self.layout.tenant[physical as usize]));
        }
        let logical = 0..self.front.problem.width as u32;
        let waiting = logical.flat_map(|a| self.front.partners(a).map(move |(b, node)| (a, b, node)));
        let ready = waiting.filter(|(_, _, node)| self.front.is_ready(*node));
        let closest =
            ready.min_by_key(|(a, b, node)| (self.topology.distance(self.place(*a), self.place(*b)), *node));
        let Some((a, b, _)) = closest else { return };
        let mut mine = true;
        while self.topology.distance(self.place(a), self.place(b)) > 1 {
            let (from, to) = if mine { (a, b) } else { (b, a) };
            let (from, to) = (self.place(from), self.place(to));
            let closer = |(next, _): &&(u32, u32)| {
                self.topology.distance(*next, to) + 1 == self.topology.distance(from, to)
            };
            let Some((next, _)) = self.topology.neighbours(from).iter().find(closer) else { return };
            self.swap(from, *next);
            mine = !mine;
        }
        self.run_ready();
        self.forgive();
    }
}

fn mark(stale: &mut Vec<u32>, is_stale: &mut [bool], logical: u32) {
    if !std::mem::replace(&mut is_stale[logical as usize], true) {
        stale.push(logical);
    }
}
