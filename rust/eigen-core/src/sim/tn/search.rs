//! The search for a contraction tree: greedy trials, the best of them refined, then sliced until it fits into memory.
//! Steps bound it, not time, so that the same network gets the same tree everywhere.
use super::contract::PARTS;
use super::greedy::{self, Taste};
use super::network::Form;
use super::refine;
use super::tree::{Node, Price, Tree};
use crate::rng::Philox;

/// Greedy trials at most.
const MOST_TRIALS: usize = 64;
/// Trees that are refined.
const FINALISTS: usize = 4;
/// Rounds of refinement at most.
const MOST_ROUNDS: usize = 12;
/// One step of a trial costs as much as so many operations of a contraction.
const STEP_OPERATIONS: f64 = 2_000.0;
/// Indices that are sliced at most.
const MOST_SLICED: usize = 60;
const SEED: u64 = 0x7472_6565;

/// How a network is contracted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    pub tree: Tree,
    /// Indices that are summed last, one contraction for each assignment of values.
    pub sliced: Vec<u32>,
    /// What one slice costs.
    pub slice: Price,
    /// log2 of the largest tensor without slicing.
    pub width: u32,
}

impl Path {
    /// Complex multiplications and additions of all slices.
    pub fn operations(&self) -> f64 {
        self.slice.operations * libm::exp2(self.sliced.len() as f64)
    }
}

/// Greedy trials after which a hopeless network is given up.
const HOPELESS_TRIALS: usize = 4;

/// The best path found whose slices take at most `most_numbers` numbers at a time, or the best there is. A network that
/// takes more than `hopeless` operations by the first trials is neither refined nor sliced.
pub(crate) fn search(form: &Form, most_numbers: f64, hopeless: f64) -> Path {
    let none = vec![false; form.count];
    let mut random = Philox::new(SEED, 0);
    let mut found: Vec<(f64, Tree)> = Vec::new();
    for trial in 0..MOST_TRIALS {
        let taste = Taste {
            relief: [1.0, 0.5, 1.5, 0.0][trial % 4],
            temperature: if trial < 4 { 0.0 } else { [0.02, 0.1, 0.3, 0.7][trial / 4 % 4] },
        };
        let tree = greedy::tree(form, taste, &mut random);
        let score = tree.price(form, &none).score;
        let at = found.partition_point(|(known, _)| *known <= score);
        found.insert(at, (score, tree));
        found.truncate(FINALISTS);
        if (trial + 1) as f64 * form.leaves.len() as f64 * STEP_OPERATIONS > found[0].0 {
            break;
        }
        if trial + 1 == HOPELESS_TRIALS && found[0].0 > hopeless {
            let (_, tree) = found.swap_remove(0);
            let slice = tree.price(form, &none);
            return Path { tree, sliced: Vec::new(), slice, width: slice.width };
        }
    }
    let mut best: Option<(f64, Path)> = None;
    for (score, mut tree) in found {
        let worth = score > form.leaves.len() as f64 * STEP_OPERATIONS;
        let rounds = if worth { MOST_ROUNDS } else { 0 };
        (0..rounds).any(|_| !refine::round(&mut tree, form, &none));
        let path = sliced(tree, form, most_numbers);
        let total = path.slice.score * libm::exp2(path.sliced.len() as f64);
        if best.as_ref().is_none_or(|(known, _)| total < *known) {
            best = Some((total, path));
        }
    }
    match best {
        Some((_, path)) => path,
        None => sliced(Tree { nodes: vec![Node::Leaf(0)] }, form, most_numbers),
    }
}

/// Slices indices of the largest tensors, those that add the least work, and refines what is left.
fn sliced(mut tree: Tree, form: &Form, most_numbers: f64) -> Path {
    let mut chosen = vec![false; form.count];
    let mut names = Vec::new();
    let mut price = tree.price(form, &chosen);
    let width = price.width;
    // Several slices are worked on at a time.
    let room = |slices: usize| if slices == 0 { most_numbers } else { most_numbers / PARTS as f64 };
    while price.peak > room(names.len()) && names.len() < MOST_SLICED {
        let extents = tree.extents(form, &chosen);
        let widest = extents.kept.iter().filter(|kept| kept.len() as u32 == price.width);
        let mut candidates: Vec<u32> = widest.flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates.retain(|index| !form.output.contains(index));
        let mut trial = |index: u32| {
            chosen[index as usize] = true;
            let score = tree.price(form, &chosen).score;
            chosen[index as usize] = false;
            (score, index)
        };
        let scores = candidates.into_iter().map(&mut trial);
        let Some((_, index)) = scores.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))) else { break };
        chosen[index as usize] = true;
        names.push(index);
        refine::round(&mut tree, form, &chosen);
        price = tree.price(form, &chosen);
    }
    Path { tree, sliced: names, slice: price, width }
}
