//! Long ways through a device that visit no qubit twice: where chains, and circuits that are almost chains, go.
//!
//! Greedy growth towards the most cornered free neighbour, then rotations of the ends (Pósa, Discrete Math. 14, 359,
//! 1976), then detours. Deterministic.
use super::detours::{across, lengthened};
use super::topology::Topology;
use crate::rng::Philox;

/// Rotations for each qubit of the device before a way is given up.
const ROTATIONS: usize = 12;
/// Ways that are begun.
const BEGUN: usize = 6;

/// A way of at least `wanted` qubits if one is found, else the longest one found.
pub(super) fn long_path(topology: &Topology, allowed: &[u32], wanted: usize) -> Vec<u32> {
    let mut starts = allowed.to_vec();
    starts.sort_by_key(|qubit| (topology.neighbours(*qubit).len(), *qubit));
    let mut random = Philox::new(0, 0);
    let mut best: Vec<u32> = Vec::new();
    for begun in 0..BEGUN.min(starts.len()) {
        let start =
            if begun < 2 { starts[begun] } else { starts[random.below(starts.len() as u64) as usize] };
        let mut way = Way::new(topology, start);
        let mut rotations = ROTATIONS * allowed.len();
        loop {
            way.grow();
            if way.path.len() > best.len() {
                best.clone_from(&way.path);
            }
            if best.len() >= wanted || rotations == 0 {
                break;
            }
            rotations -= 1;
            way.turn(&mut random);
        }
        if best.len() >= wanted {
            break;
        }
    }
    for begun in 0..BEGUN {
        if best.len() >= wanted {
            break;
        }
        let start = starts[random.below(starts.len() as u64) as usize];
        let path = if begun == 0 { best.clone() } else { across(topology, start) };
        let path = lengthened(topology, path, wanted);
        if path.len() > best.len() {
            best = path;
        }
    }
    best.truncate(wanted);
    best
}

struct Way<'a> {
    topology: &'a Topology,
    path: Vec<u32>,
    at: Vec<u32>,
}

/// Not on the way.
const OFF: u32 = u32::MAX;

impl<'a> Way<'a> {
    fn new(topology: &'a Topology, start: u32) -> Self {
        let mut at = vec![OFF; topology.num_qubits()];
        at[start as usize] = 0;
        Self { topology, path: vec![start], at }
    }

    fn free_around(&self, qubit: u32) -> usize {
        self.topology.neighbours(qubit).iter().filter(|(next, _)| self.at[*next as usize] == OFF).count()
    }

    /// On from the end as long as there is a free neighbour.
    fn grow(&mut self) {
        while let Some(end) = self.path.last() {
            let around = self.topology.neighbours(*end).iter().map(|(next, _)| *next);
            let free = around.filter(|next| self.at[*next as usize] == OFF);
            let Some(next) = free.min_by_key(|next| (self.free_around(*next), *next)) else { break };
            self.at[next as usize] = self.path.len() as u32;
            self.path.push(next);
        }
    }

    /// Another end for the same qubits: from a neighbour of the end on, the way is walked backwards. Now and then the
    /// way is turned round, so that its other end moves, too.
    fn turn(&mut self, random: &mut Philox) {
        if random.below(8) == 0 {
            self.path.reverse();
            self.number(0);
        }
        let Some(end) = self.path.last().copied() else { return };
        let around = self.topology.neighbours(end);
        let (other, _) = around[random.below(around.len().max(1) as u64) as usize];
        let at = self.at[other as usize];
        if at == OFF || at as usize + 2 >= self.path.len() {
            return;
        }
        self.path[at as usize + 1..].reverse();
        self.number(at as usize + 1);
    }

    fn number(&mut self, from: usize) {
        for (k, qubit) in self.path.iter().enumerate().skip(from) {
            self.at[*qubit as usize] = k as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: u32, columns: u32) -> Topology {
        let at = |r: u32, c: u32| r * columns + c;
        let mut edges = Vec::new();
        for r in 0..rows {
            for c in 0..columns {
                edges.extend((c + 1 < columns).then(|| (at(r, c), at(r, c + 1))));
                edges.extend((r + 1 < rows).then(|| (at(r, c), at(r + 1, c))));
            }
        }
        Topology::new((rows * columns) as usize, &edges, None).expect("a grid")
    }

    #[test]
    fn a_grid_is_walked_once_over() {
        let topology = grid(6, 7);
        let allowed: Vec<u32> = (0..42).collect();
        let path = long_path(&topology, &allowed, 42);
        assert_eq!(path.len(), 42);
        assert!(path.windows(2).all(|pair| topology.distance(pair[0], pair[1]) == 1));
        let mut sorted = path;
        sorted.sort_unstable();
        assert_eq!(sorted, allowed);
    }

    #[test]
    fn a_star_has_no_long_way() {
        let topology = Topology::new(5, &[(0, 1), (0, 2), (0, 3), (0, 4)], None).expect("a star");
        assert_eq!(long_path(&topology, &[0, 1, 2, 3, 4], 5).len(), 3);
    }
}
