//! Contraction trees by greedy choice with noise: always the pair whose product is smallest against its factors (Gray and
//! Kourtis, Quantum 5, 410, section 4.2).
use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

use super::network::Form;
use super::tree::{Node, Tree, power};
use crate::rng::Philox;

/// How a trial chooses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taste {
    /// How much the sizes of the factors count against that of the product.
    pub relief: f64,
    /// How much chance counts; 0 is none.
    pub temperature: f64,
}

/// A pair and what it promises, the smallest first.
struct Pair {
    score: f64,
    nodes: (usize, usize),
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| other.nodes.cmp(&self.nodes))
    }
}

struct Greedy<'a> {
    taste: Taste,
    random: &'a mut Philox,
    nodes: Vec<Node>,
    /// Indices of each node that is not joined yet, sorted.
    alive: Vec<Option<Vec<u32>>>,
    /// The nodes that have each index, and 1 for an open index.
    holders: Vec<BTreeSet<usize>>,
    open: Vec<bool>,
    queue: BinaryHeap<Pair>,
}

/// One trial.
pub(crate) fn tree(form: &Form, taste: Taste, random: &mut Philox) -> Tree {
    let mut open = vec![false; form.count];
    form.output.iter().for_each(|index| open[*index as usize] = true);
    let mut greedy = Greedy {
        taste,
        random,
        nodes: (0..form.leaves.len()).map(Node::Leaf).collect(),
        alive: Vec::with_capacity(2 * form.leaves.len()),
        holders: vec![BTreeSet::new(); form.count],
        open,
        queue: BinaryHeap::new(),
    };
    for (leaf, indices) in form.leaves.iter().enumerate() {
        let mut indices = indices.clone();
        indices.sort_unstable();
        indices.iter().for_each(|index| {
            greedy.holders[*index as usize].insert(leaf);
        });
        greedy.alive.push(Some(indices));
    }
    (0..form.leaves.len()).for_each(|leaf| greedy.offer(leaf, true));
    greedy.join_neighbours();
    greedy.join_rest();
    Tree { nodes: greedy.nodes }
}

impl Greedy<'_> {
    /// The indices that the product of two nodes keeps.
    fn product(&self, a: usize, b: usize) -> Vec<u32> {
        let (Some(left), Some(right)) = (&self.alive[a], &self.alive[b]) else { return Vec::new() };
        let mut all: Vec<u32> = left.iter().chain(right).copied().collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|index| {
            let holders = &self.holders[*index as usize];
            let inside = usize::from(holders.contains(&a)) + usize::from(holders.contains(&b));
            self.open[*index as usize] || holders.len() > inside
        });
        all
    }

    /// Puts the pairs of a node and its neighbours into the queue; only larger ones when `once`.
    fn offer(&mut self, node: usize, once: bool) {
        let Some(indices) = &self.alive[node] else { return };
        let near: BTreeSet<usize> =
            indices.iter().flat_map(|index| &self.holders[*index as usize]).copied().collect();
        for other in near.into_iter().filter(|other| *other != node && (!once || *other > node)) {
            let size = |n: usize| self.alive[n].as_ref().map_or(0.0, |indices| power(indices.len() as u32));
            let gain = power(self.product(node, other).len() as u32)
                - self.taste.relief * (size(node) + size(other));
            let noise = self.taste.temperature * -libm::log(-libm::log(self.random.uniform().max(1e-300)));
            let magnitude = gain.signum() * libm::log2(1.0 + gain.abs());
            self.queue.push(Pair { score: magnitude - noise, nodes: (node, other) });
        }
    }

    fn join(&mut self, a: usize, b: usize) -> usize {
        let product = self.product(a, b);
        let joined = self.nodes.len();
        for node in [a, b] {
            for index in self.alive[node].take().into_iter().flatten() {
                self.holders[index as usize].remove(&node);
            }
        }
        for index in &product {
            self.holders[*index as usize].insert(joined);
        }
        self.nodes.push(Node::Join(a, b));
        self.alive.push(Some(product));
        joined
    }

    fn join_neighbours(&mut self) {
        while let Some(Pair { nodes: (a, b), .. }) = self.queue.pop() {
            if self.alive[a].is_some() && self.alive[b].is_some() {
                let joined = self.join(a, b);
                self.offer(joined, false);
            }
        }
    }

    /// Joins parts that share no index, the smallest first.
    fn join_rest(&mut self) {
        loop {
            let mut parts: Vec<(usize, usize)> = self
                .alive
                .iter()
                .enumerate()
                .filter_map(|(node, indices)| indices.as_ref().map(|indices| (indices.len(), node)))
                .collect();
            parts.sort_unstable();
            if parts.len() < 2 {
                return;
            }
            self.join(parts[0].1, parts[1].1);
        }
    }
}
