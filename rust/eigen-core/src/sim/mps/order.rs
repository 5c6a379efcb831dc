//! Which site each qubit gets: neighbours where gates join them, so that few gates cross a cut. The cheapest of the given
//! order, reverse Cuthill-McKee, and a spectral order, by a bound on the bonds that gates can make.
use std::collections::BTreeMap;

use super::bond::{Crossing, bond_bits};
use super::gate::Action;
use super::lower::Program;

/// Rounds of the power iteration towards the Fiedler vector.
const ROUNDS: usize = 300;
/// Widths above which only the given order and reverse Cuthill-McKee are compared.
const MOST_SPECTRAL: usize = 5_000;

/// A plan of the chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    /// The site of each qubit.
    pub place: Vec<usize>,
    /// Whether SWAPs only rename.
    pub renames: bool,
}

/// The cheapest layout found for a program whose bonds stay below `2^most_bits`.
pub(crate) fn layout(program: &Program, most_bits: u32) -> Layout {
    let given: Vec<usize> = (0..program.num_qubits).collect();
    let has_swaps = program.segments.iter().flatten().any(|gate| matches!(gate.action, Action::Swap));
    let mut best = (Layout { place: given.clone(), renames: true }, f64::INFINITY);
    for renames in [true, false] {
        if !renames && !has_swaps {
            break;
        }
        let gates = crossings(program, renames);
        let graph = Graph::new(program.num_qubits, &gates);
        let mut places = vec![given.clone(), graph.cuthill_mckee()];
        if program.num_qubits <= MOST_SPECTRAL {
            places.push(graph.spectral(&places[1]));
        }
        for place in places {
            let price = cost(&gates, &place, most_bits);
            // An order that is not clearly better than the given one is not worth a change.
            if price < best.1 * 0.999 {
                best = (Layout { place, renames }, price);
            }
        }
    }
    best.0
}

/// The gates on several qubits, in program order, renamed as SWAPs say.
pub(crate) fn crossings(program: &Program, renames: bool) -> Vec<Crossing> {
    let mut names: Vec<u32> = (0..program.num_qubits as u32).collect();
    let mut out = Vec::new();
    for gate in program.segments.iter().flatten() {
        if renames && matches!(gate.action, Action::Swap) {
            names.swap(gate.targets[0] as usize, gate.targets[1] as usize);
            continue;
        }
        let qubits: Vec<u32> = gate.qubits().map(|qubit| names[qubit as usize]).collect();
        if qubits.len() > 1 {
            out.push(Crossing { qubits, bits: gate.rank_bits(program.num_parameters) });
        }
    }
    out
}

/// Work of all gates up to a factor: the cube of the bound on the bond for each cut that a gate crosses.
fn cost(gates: &[Crossing], place: &[usize], most_bits: u32) -> f64 {
    let bits = bond_bits(gates, place);
    let mut until = vec![0.0; place.len() + 1];
    for (cut, bits) in bits.iter().enumerate() {
        until[cut + 1] = until[cut] + libm::exp2(3.0 * f64::from((*bits).min(most_bits)));
    }
    gates.iter().map(|gate| gate.span(place)).map(|(first, last)| until[last] - until[first]).sum()
}

struct Graph {
    /// (neighbour, how many gates join them), sorted.
    edges: Vec<Vec<(usize, f64)>>,
}

impl Graph {
    fn new(num_qubits: usize, gates: &[Crossing]) -> Self {
        let mut joined: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for gate in gates {
            let mut qubits = gate.qubits.clone();
            qubits.sort_unstable();
            for pair in qubits.windows(2) {
                *joined.entry((pair[0], pair[1])).or_insert(0.0) += f64::from(gate.bits.max(1));
            }
        }
        let mut edges = vec![Vec::new(); num_qubits];
        for ((a, b), weight) in joined {
            edges[a as usize].push((b as usize, weight));
            edges[b as usize].push((a as usize, weight));
        }
        Graph { edges }
    }

    /// Breadth-first order from `start`, neighbours of small degree first; appends to `order`.
    fn breadth_first(&self, start: usize, order: &mut Vec<usize>, seen: &mut [bool]) {
        let mut at = order.len();
        order.push(start);
        seen[start] = true;
        while at < order.len() {
            let mut next: Vec<usize> = self.edges[order[at]].iter().map(|(other, _)| *other).collect();
            next.retain(|other| !std::mem::replace(&mut seen[*other], true));
            next.sort_by_key(|other| (self.edges[*other].len(), *other));
            order.extend(next);
            at += 1;
        }
    }

    /// Reverse Cuthill-McKee (Cuthill and McKee 1969; George 1971), part by part, each from a peripheral node.
    fn cuthill_mckee(&self) -> Vec<usize> {
        let count = self.edges.len();
        let (mut order, mut seen) = (Vec::with_capacity(count), vec![false; count]);
        for node in 0..count {
            if seen[node] {
                continue;
            }
            let mut start = node;
            for _ in 0..4 {
                let (mut trial, mut reached) = (Vec::new(), vec![false; count]);
                self.breadth_first(start, &mut trial, &mut reached);
                start = trial[trial.len() - 1];
                if trial.len() == 1 {
                    break;
                }
            }
            let from = order.len();
            self.breadth_first(start, &mut order, &mut seen);
            order[from..].reverse();
        }
        places(&order)
    }

    /// Sorted by an approximate Fiedler vector: power iteration on the shifted Laplacian, begun from another order.
    fn spectral(&self, begin: &[usize]) -> Vec<usize> {
        let count = self.edges.len();
        let degree: Vec<f64> = self.edges.iter().map(|edges| edges.iter().map(|(_, w)| w).sum()).collect();
        let shift = 2.0 * degree.iter().copied().fold(1.0, f64::max);
        let mut x: Vec<f64> = begin.iter().map(|place| *place as f64 - (count as f64 - 1.0) / 2.0).collect();
        for _ in 0..ROUNDS {
            let mut y: Vec<f64> = (0..count)
                .map(|q| {
                    let pull: f64 = self.edges[q].iter().map(|(other, weight)| weight * x[*other]).sum();
                    (shift - degree[q]) * x[q] + pull
                })
                .collect();
            let mean = y.iter().sum::<f64>() / count as f64;
            y.iter_mut().for_each(|value| *value -= mean);
            let norm = libm::sqrt(y.iter().map(|value| value * value).sum::<f64>()).max(f64::MIN_POSITIVE);
            x = y.into_iter().map(|value| value / norm).collect();
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| x[*a].total_cmp(&x[*b]).then(begin[*a].cmp(&begin[*b])));
        places(&order)
    }
}

/// The place of each qubit in an order.
fn places(order: &[usize]) -> Vec<usize> {
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(at, qubit)| place[*qubit] = at);
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffled_ring_is_laid_out_with_two_gates_across_a_cut() {
        let names = crate::rng::Philox::new(2, 0).permutation(30);
        let gates: Vec<Crossing> = (0..30)
            .map(|k| Crossing { qubits: vec![names[k] as u32, names[(k + 1) % 30] as u32], bits: 1 })
            .collect();
        let place = Graph::new(30, &gates).cuthill_mckee();
        assert_eq!(bond_bits(&gates, &place).into_iter().max(), Some(2));
    }
}
