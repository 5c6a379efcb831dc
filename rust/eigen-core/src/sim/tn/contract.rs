//! Carries out a contraction: parts without sliced indices once, the rest for every slice, summed in a fixed order.
use super::network::Network;
use super::search::Path;
use super::tensor::{Plan, Tensor};
use super::tree::Node;
use crate::math::C64;
use crate::sim::workers::Workers;

/// Slices that are worked on at a time, whatever the number of threads: their sums are added in this many parts.
pub(crate) const PARTS: usize = 4;

/// The value of the network, as a list over its output: bit `k` of a position is `output[k]`. The path is that of the
/// network's form.
pub(crate) fn contract(network: &Network, path: &Path, workers: &Workers) -> Vec<C64> {
    let form = network.form();
    let leaves: Vec<Tensor> = network
        .tensors
        .iter()
        .zip(&form.leaves)
        .map(|(tensor, indices)| Tensor { indices: indices.clone(), data: tensor.data.clone() })
        .collect();
    let mut is_sliced = vec![false; form.count];
    path.sliced.iter().for_each(|index| is_sliced[*index as usize] = true);
    let kept = path.tree.extents(&form, &is_sliced).kept;
    let mut varies = Vec::with_capacity(path.tree.nodes.len());
    for node in &path.tree.nodes {
        varies.push(match node {
            Node::Leaf(leaf) => leaves[*leaf].indices.iter().any(|index| is_sliced[*index as usize]),
            Node::Join(a, b) => varies[*a] || varies[*b],
        });
    }
    let work = Work { path, leaves, kept, varies };
    let constant = work.constant();
    let slices = 1u64 << path.sliced.len();
    let parts = (PARTS as u64).min(slices);
    let sums = workers.map(parts as usize, |part| {
        let (first, last) = (slices * part as u64 / parts, slices * (part as u64 + 1) / parts);
        let mut sum = vec![C64::ZERO; 1 << form.output.len()];
        for slice in first..last {
            let values = work.slice(slice, &constant).permuted(&form.output);
            sum.iter_mut().zip(values).for_each(|(total, value)| *total += value);
        }
        sum
    });
    let mut total = vec![C64::ZERO; 1 << form.output.len()];
    for part in sums {
        total.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
    total
}

struct Work<'a> {
    path: &'a Path,
    leaves: Vec<Tensor>,
    /// Indices that each node keeps.
    kept: Vec<Vec<u32>>,
    /// Whether a node differs between slices.
    varies: Vec<bool>,
}

impl Work<'_> {
    fn join(&self, at: usize, a: &Tensor, b: &Tensor) -> Tensor {
        Plan::new(&a.indices, &b.indices, |index| self.kept[at].binary_search(&index).is_ok()).contract(a, b)
    }

    /// The tensors that every slice uses.
    fn constant(&self) -> Vec<Option<Tensor>> {
        let nodes = &self.path.tree.nodes;
        let mut out: Vec<Option<Tensor>> = vec![None; nodes.len()];
        for (at, node) in nodes.iter().enumerate().filter(|(at, _)| !self.varies[*at]) {
            out[at] = match node {
                Node::Leaf(leaf) => Some(self.leaves[*leaf].clone()),
                Node::Join(a, b) => {
                    let (a, b) = (out[*a].take(), out[*b].take());
                    a.zip(b).map(|(a, b)| self.join(at, &a, &b))
                }
            };
        }
        out
    }

    /// The result of one slice; bit `k` of its number is the value of the `k`-th sliced index.
    fn slice(&self, slice: u64, constant: &[Option<Tensor>]) -> Tensor {
        let nodes = &self.path.tree.nodes;
        let mut own: Vec<Option<Tensor>> = vec![None; nodes.len()];
        for (at, node) in nodes.iter().enumerate().filter(|(at, _)| self.varies[*at]) {
            own[at] = match node {
                Node::Leaf(leaf) => {
                    let sliced = self.path.sliced.iter().enumerate();
                    Some(sliced.fold(self.leaves[*leaf].clone(), |tensor, (bit, index)| {
                        tensor.fixed(*index, slice >> bit & 1 == 1)
                    }))
                }
                Node::Join(a, b) => {
                    let (left, right) = (own[*a].take(), own[*b].take());
                    let (left, right) =
                        (left.as_ref().or(constant[*a].as_ref()), right.as_ref().or(constant[*b].as_ref()));
                    left.zip(right).map(|(left, right)| self.join(at, left, right))
                }
            };
        }
        let root = nodes.len() - 1;
        own[root].take().or_else(|| constant[root].clone()).unwrap_or(Tensor::scalar(C64::ZERO))
    }
}
