//! Better trees from good ones: parts of a tree with few branches are ordered anew, in the best way there is.
use super::network::Form;
use super::tree::{Node, Tree, power};

/// Branches of a part.
const BRANCHES: usize = 8;
/// Words of a set of indices of one part.
const WORDS: usize = 4;
/// Writing a number costs as much as so many multiplications.
const WRITE_WEIGHT: f64 = 16.0;

type Set = [u64; WORDS];

/// One round over all nodes, from the result down. True when anything became cheaper.
pub(crate) fn round(tree: &mut Tree, form: &Form, sliced: &[bool]) -> bool {
    let mut forest = Forest::new(tree, form, sliced);
    let mut improved = false;
    for node in (0..forest.nodes.len()).rev() {
        if matches!(forest.nodes[node], Node::Join(..)) {
            improved |= forest.improve(node);
        }
    }
    if improved {
        *tree = forest.sorted();
    }
    improved
}

struct Forest {
    /// Nodes keep their numbers while parts are rebuilt, so children need not stand before their parents.
    nodes: Vec<Node>,
    /// Kept indices of each node.
    kept: Vec<Vec<u32>>,
    root: usize,
}

impl Forest {
    fn new(tree: &Tree, form: &Form, sliced: &[bool]) -> Self {
        Forest {
            nodes: tree.nodes.clone(),
            kept: tree.extents(form, sliced).kept,
            root: tree.nodes.len() - 1,
        }
    }

    /// The part under a node: its branches and the inner nodes, the largest tensors opened first.
    fn part(&self, node: usize) -> (Vec<usize>, Vec<usize>) {
        let (mut branches, mut inner) = (vec![node], Vec::new());
        while branches.len() < BRANCHES {
            let joins =
                branches.iter().enumerate().filter(|(_, n)| matches!(self.nodes[**n], Node::Join(..)));
            let Some((at, _)) = joins.max_by_key(|(at, n)| (self.kept[**n].len(), usize::MAX - at)) else {
                break;
            };
            let opened = branches.swap_remove(at);
            if let Node::Join(a, b) = self.nodes[opened] {
                branches.extend([a, b]);
            }
            inner.push(opened);
        }
        (branches, inner)
    }

    fn improve(&mut self, node: usize) -> bool {
        let (branches, inner) = self.part(node);
        if branches.len() < 3 {
            return false;
        }
        let tensors: Vec<&[u32]> = branches.iter().map(|n| self.kept[*n].as_slice()).collect();
        let Some(part) = Part::new(&tensors, &self.kept[node]) else { return false };
        let before: f64 = inner.iter().map(|n| self.cost(*n)).sum();
        let (after, splits) = part.best();
        if after >= before * (1.0 - 1e-9) {
            return false;
        }
        let full = (1usize << branches.len()) - 1;
        let mut free = inner.into_iter().rev().filter(|n| *n != node).collect::<Vec<_>>();
        self.rebuild(node, full, &splits, &branches, &mut free, &part);
        true
    }

    /// Operations and writes of one join.
    fn cost(&self, node: usize) -> f64 {
        let Node::Join(a, b) = self.nodes[node] else { return 0.0 };
        let mut all: Vec<u32> = self.kept[a].iter().chain(&self.kept[b]).copied().collect();
        all.sort_unstable();
        all.dedup();
        power(all.len() as u32) + WRITE_WEIGHT * power(self.kept[node].len() as u32)
    }

    fn rebuild(
        &mut self,
        node: usize,
        mask: usize,
        splits: &[usize],
        branches: &[usize],
        free: &mut Vec<usize>,
        part: &Part,
    ) {
        let halves = [splits[mask], mask & !splits[mask]];
        let children = halves.map(|half| {
            if half.is_power_of_two() {
                return branches[half.trailing_zeros() as usize];
            }
            let child = free.pop().unwrap_or(node);
            self.rebuild(child, half, splits, branches, free, part);
            child
        });
        self.nodes[node] = Node::Join(children[0], children[1]);
        self.kept[node] = part.names(part.kept[mask]);
    }

    /// The tree with children before their parents again; of two children the one that needs more room first.
    fn sorted(&self) -> Tree {
        let mut out = Vec::with_capacity(self.nodes.len());
        let mut number = vec![usize::MAX; self.nodes.len()];
        let mut stack = vec![(self.root, false)];
        while let Some((node, ready)) = stack.pop() {
            match self.nodes[node] {
                Node::Join(a, b) if !ready => {
                    let (first, second) =
                        if self.kept[a].len() >= self.kept[b].len() { (a, b) } else { (b, a) };
                    stack.extend([(node, true), (second, false), (first, false)]);
                }
                Node::Join(a, b) => {
                    number[node] = out.len();
                    out.push(Node::Join(number[a], number[b]));
                }
                leaf => {
                    number[node] = out.len();
                    out.push(leaf);
                }
            }
        }
        Tree { nodes: out }
    }
}

/// A small contraction problem: a few tensors, and the indices that their product keeps.
struct Part {
    count: usize,
    /// Names of the bits of the sets.
    names: Vec<u32>,
    /// Kept indices of the product of each subset.
    kept: Vec<Set>,
}

impl Part {
    fn new(tensors: &[&[u32]], output: &[u32]) -> Option<Self> {
        let mut names: Vec<u32> = tensors.concat();
        names.sort_unstable();
        names.dedup();
        if names.len() > 64 * WORDS {
            return None;
        }
        let bit = |index: &u32| names.partition_point(|name| name < index);
        let count = tensors.len();
        let mut holders = vec![0usize; names.len()];
        for (k, tensor) in tensors.iter().enumerate() {
            tensor.iter().for_each(|index| holders[bit(index)] |= 1 << k);
        }
        let mut open = vec![false; names.len()];
        output.iter().for_each(|index| open[bit(index)] = true);
        let full = (1usize << count) - 1;
        let mut kept = vec![[0; WORDS]; 1 << count];
        for (mask, set) in kept.iter_mut().enumerate() {
            for (at, holders) in holders.iter().enumerate() {
                if holders & mask != 0 && (open[at] || holders & full & !mask != 0) {
                    set[at / 64] |= 1 << (at % 64);
                }
            }
        }
        // A branch keeps all its indices: what only it has was kept for the outside.
        for (k, tensor) in tensors.iter().enumerate() {
            tensor.iter().map(bit).for_each(|at| kept[1 << k][at / 64] |= 1 << (at % 64));
        }
        Some(Part { count, names, kept })
    }

    fn names(&self, set: Set) -> Vec<u32> {
        (0..self.names.len())
            .filter(|at| set[at / 64] >> (at % 64) & 1 == 1)
            .map(|at| self.names[at])
            .collect()
    }

    /// The least cost, and for each subset one side of its best division.
    fn best(&self) -> (f64, Vec<usize>) {
        let full = (1usize << self.count) - 1;
        let size = |set: &Set| set.iter().map(|word| word.count_ones()).sum::<u32>();
        let (mut cost, mut splits) = (vec![0.0; full + 1], vec![0; full + 1]);
        for mask in 1..=full {
            if mask.is_power_of_two() {
                continue;
            }
            let write = WRITE_WEIGHT * power(size(&self.kept[mask]));
            let lowest = mask & mask.wrapping_neg();
            let (mut least, mut split) = (f64::INFINITY, lowest);
            let mut half = (mask - 1) & mask;
            while half > 0 {
                if half & lowest != 0 {
                    let other = mask & !half;
                    let known = cost[half] + cost[other];
                    if known < least {
                        let union: Set = std::array::from_fn(|k| self.kept[half][k] | self.kept[other][k]);
                        let total = known + power(size(&union));
                        if total < least {
                            (least, split) = (total, half);
                        }
                    }
                }
                half = (half - 1) & mask;
            }
            (cost[mask], splits[mask]) = (least + write, split);
        }
        (cost[full], splits)
    }
}
