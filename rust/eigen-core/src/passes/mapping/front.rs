//! How far a routing has come: what has run, and what may run next.
use super::problem::{NONE, Problem, Slot, Wires};

/// How many nodes of a wire are looked at, the next one included.
const WINDOW: usize = 10;

/// The wires with what has run taken off. Within a group what has run is moved in front of the cursor.
#[derive(Clone, Debug)]
pub(super) struct Front<'a> {
    pub problem: &'a Problem,
    wires: &'a Wires,
    slots: Vec<Slot>,
    slot_of: Vec<u32>,
    cursor: Vec<u32>,
    /// Where the group under the cursor ends.
    end: Vec<u32>,
    left: usize,
    /// Whether a pair is as far ahead as the longest chain of pairs before it, or as what is before it on its own wires.
    deep: bool,
}

/// A pair in the window of a qubit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub partner: u32,
    /// The larger number of groups before it, of both its qubits.
    pub layer: u32,
    /// Whether both its qubits have come to it.
    pub ready: bool,
}

impl<'a> Front<'a> {
    pub fn new(problem: &'a Problem, wires: &'a Wires, deep: bool) -> Self {
        let cursor: Vec<u32> = wires.start[..wires.start.len() - 1].to_vec();
        let ends = wires.start.windows(2).map(|range| match range {
            [begin, end] if begin < end => wires.group_end[*begin as usize],
            _ => range[0],
        });
        Self {
            problem,
            wires,
            slots: wires.slots.clone(),
            slot_of: wires.slot_of.clone(),
            end: ends.collect(),
            cursor,
            left: problem.num_nodes(),
            deep,
        }
    }

    /// Whether everything has run.
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    /// The nodes that stand in the group that a wire has come to.
    pub fn current(&self, wire: u32) -> impl Iterator<Item = u32> + '_ {
        let [begin, end] = [self.cursor[wire as usize] as usize, self.end[wire as usize] as usize];
        self.slots[begin..end].iter().map(|slot| self.problem.node(slot.place))
    }

    /// The partners that a qubit may meet now, as far as its own wire says.
    pub fn partners(&self, qubit: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let [begin, end] = [self.cursor[qubit as usize] as usize, self.end[qubit as usize] as usize];
        let pairs = self.slots[begin..end].iter().filter(|slot| slot.partner != NONE);
        pairs.map(|slot| (slot.partner, slot.place / 2))
    }

    /// Whether every wire of a node has come to it (and it has not run).
    pub fn is_ready(&self, node: u32) -> bool {
        self.problem.places(node).all(|place| {
            let (at, wire) = (self.slot_of[place as usize], self.problem.wire[place as usize] as usize);
            self.cursor[wire] <= at && at < self.end[wire]
        })
    }

    /// Runs a ready node; the wires that come to another group are told.
    pub fn run(&mut self, node: u32, mut moved: impl FnMut(u32)) {
        for place in self.problem.places(node) {
            let wire = self.problem.wire[place as usize];
            let at = self.slot_of[place as usize];
            let first = self.cursor[wire as usize];
            if at != first {
                let other = self.slots[first as usize].place;
                self.slots.swap(at as usize, first as usize);
                self.slot_of[place as usize] = first;
                self.slot_of[other as usize] = at;
            }
            let next = first + 1;
            self.cursor[wire as usize] = next;
            if next == self.end[wire as usize] && next < self.wires.start[wire as usize + 1] {
                self.end[wire as usize] = self.wires.group_end[next as usize];
                moved(wire);
            }
        }
        self.left -= 1;
    }

    /// The level and the depth that a wire has come to.
    #[inline]
    fn reached(&self, wire: u32) -> (u32, u32) {
        let at = self.cursor[wire as usize];
        let is_there = at < self.wires.start[wire as usize + 1];
        if is_there { (self.slots[at as usize].level, self.slots[at as usize].depth) } else { (u32::MAX, 0) }
    }

    /// The pairs of a qubit that come next, at most `layers` groups ahead on both wires.
    #[inline(always)]
    pub fn window(&self, qubit: u32, layers: u32) -> impl Iterator<Item = Near> + '_ {
        let begin = self.cursor[qubit as usize] as usize;
        let end = (begin + WINDOW).min(self.wires.start[qubit as usize + 1] as usize);
        let ((own, since), current) = (self.reached(qubit), self.end[qubit as usize] as usize);
        let ahead = self.slots[begin..end].iter().enumerate();
        ahead.take_while(move |(_, slot)| slot.level - own < layers).filter_map(move |(k, slot)| {
            if slot.partner == NONE {
                return None;
            }
            let there = self.slot_of[(slot.place ^ 1) as usize];
            let partner = slot.partner;
            if there >= self.cursor[partner as usize] + WINDOW as u32 {
                return None;
            }
            let (others, other_since) = self.reached(partner);
            let behind = self.slots[there as usize].level - others;
            let mut layer = (slot.level - own).max(behind);
            let ready = begin + k < current && there < self.end[partner as usize];
            if self.deep && !ready {
                layer = layer.max(slot.depth.saturating_sub(since.min(other_since)));
            }
            (layer < layers).then_some(Near { partner, layer, ready })
        })
    }
}
