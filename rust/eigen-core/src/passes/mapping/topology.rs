//! A device as a graph: which qubits are coupled, how far apart the others are, and how reliable each coupling is.
use std::collections::VecDeque;

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::MAX_DEVICE_QUBITS;

/// The distance of qubits between which there is no way.
pub(super) const UNREACHABLE: u16 = u16::MAX;

/// The couplings of a device. Directions do not matter here: a pair coupled one way can meet.
#[derive(Clone, Debug)]
pub struct Topology {
    num_qubits: usize,
    /// Each coupled pair once, the smaller qubit first, ascending.
    edges: Vec<(u32, u32)>,
    /// The error rate of each edge; empty when none is known.
    errors: Vec<f64>,
    /// Neighbours of qubit `q` are `neighbours[start[q]..start[q + 1]]`.
    start: Vec<u32>,
    /// A neighbour and the edge that leads there.
    neighbours: Vec<(u32, u32)>,
    /// Row by row, the number of couplings between two qubits.
    distance: Vec<u16>,
    /// The number of the connected part that each qubit lies in, the largest part first.
    part: Vec<u32>,
    part_sizes: Vec<usize>,
}

impl Topology {
    /// A device of `num_qubits` with coupled pairs, directed or not, and the error rate of each pair where known (the
    /// smaller one counts where both directions are given). At most 8192 qubits: all distances are kept.
    pub fn new(num_qubits: usize, edges: &[(u32, u32)], errors: Option<&[f64]>) -> CoreResult<Self> {
        if num_qubits > MAX_DEVICE_QUBITS {
            return Err(CoreError::limit("qubits of a device", MAX_DEVICE_QUBITS, num_qubits));
        }
        if let Some(errors) = errors {
            check_errors(edges, errors)?;
        }
        for (a, b) in edges {
            if a == b || (*a).max(*b) as usize >= num_qubits {
                let message =
                    format!("`{a}-{b}` is no pair of the device's qubits 0 to {}", num_qubits as i64 - 1);
                return Err(CoreError::new(ErrorCode::CircuitInvalid, message));
            }
        }
        let rate = |k: usize| errors.map_or(0.0, |errors| errors[k]);
        let pair = |(a, b): (u32, u32)| (a.min(b), a.max(b));
        let mut rated: Vec<((u32, u32), f64)> =
            edges.iter().enumerate().map(|(k, edge)| (pair(*edge), rate(k))).collect();
        rated.sort_by(|x, y| x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)));
        rated.dedup_by_key(|(edge, _)| *edge);
        let (edges, rates): (Vec<(u32, u32)>, Vec<f64>) = rated.into_iter().unzip();
        let (start, neighbours) = adjacency(num_qubits, &edges);
        let mut topology = Self {
            num_qubits,
            edges,
            errors: if errors.is_some() { rates } else { Vec::new() },
            start,
            neighbours,
            distance: Vec::new(),
            part: Vec::new(),
            part_sizes: Vec::new(),
        };
        topology.measure();
        Ok(topology)
    }

    /// Breadth-first search from every qubit.
    fn measure(&mut self) {
        let n = self.num_qubits;
        let mut distance = vec![UNREACHABLE; n * n];
        let mut queue = VecDeque::new();
        for (source, row) in distance.chunks_exact_mut(n.max(1)).enumerate() {
            row[source] = 0;
            queue.push_back(source as u32);
            while let Some(qubit) = queue.pop_front() {
                let next = row[qubit as usize] + 1;
                for (other, _) in self.neighbours(qubit) {
                    if row[*other as usize] == UNREACHABLE {
                        row[*other as usize] = next;
                        queue.push_back(*other);
                    }
                }
            }
        }
        let mut parts: Vec<Vec<usize>> = Vec::new();
        let mut seen = vec![false; n];
        for source in 0..n {
            if !seen[source] {
                let row = &distance[source * n..(source + 1) * n];
                let part: Vec<usize> = (0..n).filter(|qubit| row[*qubit] != UNREACHABLE).collect();
                part.iter().for_each(|qubit| seen[*qubit] = true);
                parts.push(part);
            }
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        self.part = vec![0; n];
        for (number, part) in parts.iter().enumerate() {
            part.iter().for_each(|qubit| self.part[*qubit] = number as u32);
        }
        self.part_sizes = parts.iter().map(Vec::len).collect();
        self.distance = distance;
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Each coupled pair once, the smaller qubit first, ascending.
    pub fn edges(&self) -> &[(u32, u32)] {
        &self.edges
    }

    /// The error rate of a coupling; 0 where none is known.
    pub(super) fn error(&self, edge: u32) -> f64 {
        self.errors.get(edge as usize).copied().unwrap_or(0.0)
    }

    /// Whether error rates are known.
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The neighbours of a qubit, each with the edge to it.
    pub(super) fn neighbours(&self, qubit: u32) -> &[(u32, u32)] {
        let [begin, end] = [0, 1].map(|k| self.start[qubit as usize + k] as usize);
        &self.neighbours[begin..end]
    }

    /// The edge between two coupled qubits.
    pub(super) fn edge(&self, a: u32, b: u32) -> Option<u32> {
        self.neighbours(a).iter().find(|(other, _)| *other == b).map(|(_, edge)| *edge)
    }

    /// The number of couplings on the shortest way between two qubits.
    #[inline]
    pub(super) fn distance(&self, a: u32, b: u32) -> u16 {
        self.distance[a as usize * self.num_qubits + b as usize]
    }

    /// The distances of all qubits from one.
    #[inline]
    pub(super) fn distances(&self, from: u32) -> &[u16] {
        let begin = from as usize * self.num_qubits;
        &self.distance[begin..begin + self.num_qubits]
    }

    /// The qubits of the largest connected part, ascending.
    pub(super) fn largest_part(&self) -> Vec<u32> {
        (0..self.num_qubits as u32).filter(|qubit| self.part[*qubit as usize] == 0).collect()
    }

    /// Whether all couplings hang together.
    pub(super) fn is_connected(&self) -> bool {
        self.part_sizes.len() < 2
    }
}

fn check_errors(edges: &[(u32, u32)], errors: &[f64]) -> CoreResult<()> {
    if errors.len() != edges.len() {
        let message = format!("`{}` error rates for {} couplings", errors.len(), edges.len());
        return Err(
            CoreError::new(ErrorCode::CircuitInvalid, message).with_hint("give one for each pair, in order")
        );
    }
    match errors.iter().find(|rate| !(0.0..=1.0).contains(*rate)) {
        Some(rate) => {
            let message = format!("the error rate of a coupling is from 0 to 1, not `{rate}`");
            Err(CoreError::new(ErrorCode::CircuitInvalid, message))
        }
        None => Ok(()),
    }
}

fn adjacency(num_qubits: usize, edges: &[(u32, u32)]) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut lists: Vec<Vec<(u32, u32)>> = vec![Vec::new(); num_qubits];
    for (number, (a, b)) in edges.iter().enumerate() {
        lists[*a as usize].push((*b, number as u32));
        lists[*b as usize].push((*a, number as u32));
    }
    let mut start = vec![0];
    let mut all = Vec::with_capacity(2 * edges.len());
    for mut list in lists {
        list.sort_unstable();
        all.extend(list);
        start.push(all.len() as u32);
    }
    (start, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_and_parts() {
        let topology = Topology::new(6, &[(1, 0), (1, 2), (0, 1), (4, 5)], None).expect("valid");
        assert_eq!(topology.edges(), &[(0, 1), (1, 2), (4, 5)]);
        assert_eq!((topology.distance(0, 2), topology.distance(0, 4)), (2, UNREACHABLE));
        assert_eq!(topology.largest_part(), vec![0, 1, 2]);
        assert!(!topology.is_connected());
        assert_eq!(topology.edge(2, 1), Some(1));
    }

    #[test]
    fn smaller_error_of_two_directions_counts() {
        let topology = Topology::new(2, &[(0, 1), (1, 0)], Some(&[0.5, 0.25])).expect("valid");
        assert_eq!(topology.error(0), 0.25);
    }

    #[test]
    fn hostile_devices_are_refused() {
        assert!(Topology::new(2, &[(0, 2)], None).is_err());
        assert!(Topology::new(2, &[(1, 1)], None).is_err());
        assert!(Topology::new(2, &[(0, 1)], Some(&[])).is_err());
        assert!(Topology::new(2, &[(0, 1)], Some(&[f64::NAN])).is_err());
        assert!(Topology::new(MAX_DEVICE_QUBITS + 1, &[], None).is_err());
        assert!(Topology::new(0, &[], None).is_ok());
    }
}
