//! Ways made longer by detours: a stretch gives way to a longer one through free qubits, and an end to a longer branch.
//!
//! It is what finds long ways where qubits have two or three neighbours, and what is left out closes rings. Deterministic.
use std::collections::VecDeque;

use super::topology::Topology;

/// How far from a qubit of the way detours are looked for.
const FARTHEST: u32 = 20;
/// How many qubits an end may give up for a longer branch.
const MOST_GIVEN_UP: usize = 14;
/// Nothing, nowhere.
const NONE: u32 = u32::MAX;

/// A longest one of the shortest ways, begun at a qubit and turned round once.
pub(super) fn across(topology: &Topology, from: u32) -> Vec<u32> {
    let mut way = Detours::new(topology, vec![from]);
    for _ in 0..2 {
        way.look(0, u32::MAX);
        let far = way.trace(way.farthest);
        way = Detours::new(topology, vec![far.last().copied().unwrap_or(from)]);
    }
    let start = way.path[0];
    way.look(0, u32::MAX);
    [vec![start], way.trace(way.farthest)].concat()
}

/// The way with detours until none makes it longer, or it is as long as wanted.
pub(super) fn lengthened(topology: &Topology, path: Vec<u32>, wanted: usize) -> Vec<u32> {
    let mut way = Detours::new(topology, path);
    let mut before = 0;
    while way.path.len() > before && way.path.len() < wanted {
        before = way.path.len();
        let mut at = 0;
        while at < way.path.len() {
            if !way.detour(at) {
                at += 1;
            }
        }
        for _ in 0..2 {
            way.branch();
            way.path.reverse();
            way.number(0);
        }
    }
    way.path
}

struct Detours<'a> {
    topology: &'a Topology,
    path: Vec<u32>,
    /// The place of each qubit on the way.
    at: Vec<u32>,
    /// What the last look saw: from where, and how far, in the order of distance.
    from: Vec<u32>,
    steps: Vec<u32>,
    seen: Vec<u32>,
    farthest: u32,
    /// Free qubits beside the way, and the qubit of the way that each is beside.
    reached: Vec<(u32, u32)>,
    queue: VecDeque<u32>,
}

impl<'a> Detours<'a> {
    fn new(topology: &'a Topology, path: Vec<u32>) -> Self {
        let width = topology.num_qubits();
        let mut way = Self {
            topology,
            path,
            at: vec![NONE; width],
            from: vec![NONE; width],
            steps: vec![NONE; width],
            seen: Vec::new(),
            farthest: 0,
            reached: Vec::new(),
            queue: VecDeque::new(),
        };
        way.number(0);
        way
    }

    fn number(&mut self, from: usize) {
        for (k, qubit) in self.path.iter().enumerate().skip(from) {
            self.at[*qubit as usize] = k as u32;
        }
    }

    /// Breadth first through free qubits from a place of the way.
    fn look(&mut self, place: usize, farthest: u32) {
        let start = self.path[place];
        self.seen.drain(..).for_each(|qubit| self.steps[qubit as usize] = NONE);
        self.reached.clear();
        self.queue.clear();
        (self.steps[start as usize], self.from[start as usize], self.farthest) = (0, NONE, start);
        self.seen.push(start);
        self.queue.push_back(start);
        while let Some(qubit) = self.queue.pop_front() {
            let next = self.steps[qubit as usize] + 1;
            if next > farthest {
                continue;
            }
            for (other, _) in self.topology.neighbours(qubit) {
                if self.at[*other as usize] != NONE {
                    self.reached.push((qubit, *other));
                } else if self.steps[*other as usize] == NONE {
                    (self.steps[*other as usize], self.from[*other as usize]) = (next, qubit);
                    self.seen.push(*other);
                    self.queue.push_back(*other);
                    self.farthest = *other;
                }
            }
        }
    }

    /// The free qubits from where the last look began to one that it saw.
    fn trace(&self, to: u32) -> Vec<u32> {
        let back = std::iter::successors(Some(to), |qubit| {
            Some(self.from[*qubit as usize]).filter(|before| *before != NONE)
        });
        let mut way: Vec<u32> = back.collect();
        way.pop();
        way.reverse();
        way
    }

    /// The detour behind a place that gains most; whether there is one.
    fn detour(&mut self, place: usize) -> bool {
        self.look(place, FARTHEST);
        let gain = |(last, back): &(u32, u32)| {
            let there = self.at[*back as usize] as usize;
            let steps = self.steps[*last as usize] as usize + 1;
            (steps > 1 && there > place && steps > there - place)
                .then(|| (steps + place - there, *last, there))
        };
        let best = self.reached.iter().filter_map(gain).reduce(|a, b| if b.0 > a.0 { b } else { a });
        let Some((_, last, there)) = best else { return false };
        self.replace(place, there, self.trace(last));
        true
    }

    /// The branch that makes the end longest.
    fn branch(&mut self) {
        let mut best: Option<(usize, usize, Vec<u32>)> = None;
        for given_up in 0..MOST_GIVEN_UP.min(self.path.len()) {
            let place = self.path.len() - 1 - given_up;
            self.look(place, u32::MAX);
            let length = self.steps[self.farthest as usize] as usize;
            if length > given_up && best.as_ref().is_none_or(|(gain, ..)| length - given_up > *gain) {
                best = Some((length - given_up, place, self.trace(self.farthest)));
            }
        }
        if let Some((_, place, branch)) = best {
            self.replace(place, self.path.len(), branch);
        }
    }

    /// Puts other qubits between two places.
    fn replace(&mut self, place: usize, there: usize, by: Vec<u32>) {
        self.path[place + 1..there].iter().for_each(|qubit| self.at[*qubit as usize] = NONE);
        self.path.splice(place + 1..there, by);
        self.number(place + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of qubits, every second pair of neighbours of two rows coupled over one more.
    fn hexagons(rows: u32, columns: u32) -> Topology {
        let mut edges = Vec::new();
        let mut next = rows * columns;
        for row in 0..rows {
            edges.extend((1..columns).map(|k| (row * columns + k - 1, row * columns + k)));
            if row + 1 < rows {
                for column in ((row % 2 * 2)..columns).step_by(4) {
                    edges.extend([(row * columns + column, next), (next, (row + 1) * columns + column)]);
                    next += 1;
                }
            }
        }
        Topology::new(next as usize, &edges, None).expect("valid")
    }

    #[test]
    fn a_way_winds_through_hexagons() {
        let topology = hexagons(5, 11);
        let short = across(&topology, 30);
        let path = lengthened(&topology, short.clone(), usize::MAX);
        assert!(path.len() > 50 && path.len() > 2 * short.len(), "{} from {}", path.len(), short.len());
        assert!(path.windows(2).all(|pair| topology.distance(pair[0], pair[1]) == 1));
        let mut once = path.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), path.len());
    }

    #[test]
    fn what_is_already_longest_stays() {
        let topology = Topology::new(4, &[(0, 1), (1, 2), (2, 3)], None).expect("a line");
        assert_eq!(lengthened(&topology, across(&topology, 1), 4).len(), 4);
    }
}
