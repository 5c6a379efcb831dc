//! The order of contraction as a binary tree, and what it costs.
use super::network::Form;

/// Writing a number costs as much as so many multiplications.
const WRITE_WEIGHT: f64 = 16.0;

/// A node: a leaf, or the product of two earlier nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Node {
    Leaf(usize),
    Join(usize, usize),
}

/// A contraction tree; the last node is the result. Children stand before their parents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
}

/// What a tree costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// log2 of the numbers of the largest tensor.
    pub width: u32,
    /// Complex multiplications and additions.
    pub operations: f64,
    /// Operations and writes, for comparison.
    pub(crate) score: f64,
    /// Numbers that exist at a time, at most.
    pub peak: f64,
}

/// Indices of each node: which stay, and which its product runs over.
pub(crate) struct Extents {
    /// Kept indices of each node, sorted.
    pub kept: Vec<Vec<u32>>,
    /// How many indices the product of each join runs over.
    pub union: Vec<u32>,
}

/// Index counts of a node, sorted by index.
type Counts = Vec<(u32, u32)>;

impl Tree {
    /// The indices of all nodes, with `sliced` ones left out.
    pub fn extents(&self, form: &Form, sliced: &[bool]) -> Extents {
        let mut total = vec![0u32; form.count];
        form.leaves.iter().flatten().for_each(|index| total[*index as usize] += 1);
        form.output.iter().for_each(|index| total[*index as usize] += 1);
        let mut counts: Vec<Counts> = Vec::with_capacity(self.nodes.len());
        let mut union = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let own = match node {
                Node::Leaf(leaf) => {
                    let mut own: Counts = form.leaves[*leaf]
                        .iter()
                        .filter(|index| !sliced[**index as usize])
                        .map(|index| (*index, 1))
                        .collect();
                    own.sort_unstable();
                    union.push(own.len() as u32);
                    own
                }
                Node::Join(a, b) => {
                    let all = merged(&counts[*a], &counts[*b]);
                    union.push(all.len() as u32);
                    all
                }
            };
            counts.push(own.into_iter().filter(|(index, count)| *count < total[*index as usize]).collect());
        }
        let kept = counts.into_iter().map(|own| own.into_iter().map(|(index, _)| index).collect()).collect();
        Extents { kept, union }
    }

    /// What one slice costs.
    pub fn price(&self, form: &Form, sliced: &[bool]) -> Price {
        let extents = self.extents(form, sliced);
        let mut price = Price { width: 0, operations: 0.0, score: 0.0, peak: 0.0 };
        let mut alive = 0.0;
        for (at, node) in self.nodes.iter().enumerate() {
            let size = power(extents.kept[at].len() as u32);
            price.width = price.width.max(extents.kept[at].len() as u32);
            match node {
                // Slicing makes copies of the leaves; they are small.
                Node::Leaf(_) => alive += size,
                Node::Join(a, b) => {
                    let work = power(extents.union[at]);
                    price.operations += work;
                    price.score += work + WRITE_WEIGHT * size;
                    let inputs = power(extents.kept[*a].len() as u32) + power(extents.kept[*b].len() as u32);
                    price.peak = price.peak.max(alive + inputs + size);
                    alive += size - inputs;
                }
            }
        }
        price
    }
}

pub(super) fn power(bits: u32) -> f64 {
    libm::exp2(f64::from(bits))
}

/// Both lists of (index, count), added.
fn merged(a: &Counts, b: &Counts) -> Counts {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => {
                out.push(a[i]);
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                out.push(b[j]);
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                out.push((a[i].0, a[i].1 + b[j].1));
                i += 1;
                j += 1;
            }
        }
    }
    out.extend_from_slice(&a[i..]);
    out.extend_from_slice(&b[j..]);
    out
}
