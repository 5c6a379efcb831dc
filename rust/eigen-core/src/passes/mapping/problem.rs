//! A body as the router sees it: on each wire (qubit or classical bit) a list of groups of nodes, one after the other.
//!
//! Nodes of one group commute on that wire and may come in any order; a node may run when every one of its wires has
//! come to its group. These lists are all the dependencies there are. Gates on one qubit are no nodes: they stand
//! beside the wires and go out before the first node of the group that they precede.
use super::blocks::Traits;
use crate::circuit::Instruction;
use crate::passes::tree::Node as Tree;

/// No qubit.
pub(super) const NONE: u32 = u32::MAX;

/// Where a node stands on a wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// Which operand of which node: `2·g` and `2·g + 1` are the qubits of pair `g`, larger ones see `Problem::owner`.
    pub place: u32,
    /// The other qubit of a pair, or `NONE`.
    pub partner: u32,
    /// How many groups with pairs come before this one on the wire.
    pub level: u32,
    /// How many pairs, one after the other, come before this one on all wires.
    pub depth: u32,
}

/// What goes out when a node runs.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Operations, one after the other.
    Gates(Vec<Instruction>),
    /// Control flow.
    Block(Box<Tree>),
}

/// The order of a body.
#[derive(Clone, Debug, Default)]
pub(super) struct Wires {
    /// Slots of wire `w` are `slots[start[w]..start[w + 1]]`.
    pub start: Vec<u32>,
    pub slots: Vec<Slot>,
    /// Where the group of a slot ends.
    pub group_end: Vec<u32>,
    /// The slot of each place.
    pub slot_of: Vec<u32>,
}

/// A body to be routed.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem {
    /// Logical qubits, spare ones included; classical bits are the wires behind them.
    pub width: usize,
    /// The first nodes are pairs; their qubits.
    pub pairs: Vec<[u32; 2]>,
    /// What each pair costs.
    pub traits: Vec<Traits>,
    /// All nodes, pairs first.
    pub contents: Vec<Content>,
    /// Further operands of each node: a range of places, counted behind those of pairs.
    pub more: Vec<(u32, u32)>,
    /// The node of each further place.
    pub owner: Vec<u32>,
    /// The wire of each place.
    pub wire: Vec<u32>,
    /// The group of each place on its wire.
    pub group: Vec<u32>,
    /// From first to last.
    pub forward: Wires,
    /// From last to first.
    pub backward: Wires,
    /// Operations on single qubits, by wire, each with the group before which it goes out.
    pub locals: Vec<Vec<(u32, Instruction)>>,
    /// Operations on no wire.
    pub loose: Vec<Instruction>,
}

impl Problem {
    /// Number of nodes.
    pub fn num_nodes(&self) -> usize {
        self.contents.len()
    }

    /// The node of a place.
    #[inline]
    pub fn node(&self, place: u32) -> u32 {
        let pairs = 2 * self.pairs.len() as u32;
        if place < pairs { place / 2 } else { self.owner[(place - pairs) as usize] }
    }

    /// The places of a node.
    #[inline]
    pub fn places(&self, node: u32) -> impl Iterator<Item = u32> + use<> {
        let pairs = self.pairs.len() as u32;
        let own = if node < pairs { 2 * node..2 * node + 2 } else { 0..0 };
        let (begin, end) = self.more[node as usize];
        own.chain(begin + 2 * pairs..end + 2 * pairs)
    }

    /// What all pairs cost without a SWAP.
    pub fn cost(&self) -> u64 {
        self.traits.iter().map(|traits| u64::from(traits.cost)).sum()
    }
}

impl Wires {
    /// The wires from the operands on each, in order: place, partner, group.
    pub fn of(lists: &[Vec<(u32, u32, u32)>], places: usize) -> Self {
        let total = lists.iter().map(Vec::len).sum();
        let mut wires = Self {
            start: Vec::with_capacity(lists.len() + 1),
            slots: Vec::with_capacity(total),
            group_end: vec![0; total],
            slot_of: vec![0; places],
        };
        wires.start.push(0);
        for list in lists {
            let mut level = 0;
            for group in list.chunk_by(|a, b| a.2 == b.2) {
                let end = (wires.slots.len() + group.len()) as u32;
                for (place, partner, _) in group {
                    let at = wires.slots.len();
                    wires.slot_of[*place as usize] = at as u32;
                    wires.group_end[at] = end;
                    wires.slots.push(Slot { place: *place, partner: *partner, level, depth: 0 });
                }
                level += u32::from(group.iter().any(|(_, partner, _)| *partner != NONE));
            }
            wires.start.push(wires.slots.len() as u32);
        }
        wires
    }

    /// Measures depths, given the pairs' qubits in an order in which they may run.
    pub fn measure<'a>(&mut self, pairs: impl Iterator<Item = (usize, &'a [u32; 2])>) {
        // For each wire the group that it is in, the depth before it and the depth behind what has come of it.
        let mut reached = vec![(u32::MAX, 0, 0); self.start.len() - 1];
        for (pair, qubits) in pairs {
            let slots = [0, 1].map(|operand| self.slot_of[2 * pair + operand] as usize);
            let mut depth = 0;
            for (slot, qubit) in slots.into_iter().zip(qubits) {
                let (group, before, behind) = &mut reached[*qubit as usize];
                if *group != self.group_end[slot] {
                    (*group, *before) = (self.group_end[slot], *behind);
                }
                depth = depth.max(*before);
            }
            for (slot, qubit) in slots.into_iter().zip(qubits) {
                self.slots[slot].depth = depth;
                let (_, _, behind) = &mut reached[*qubit as usize];
                *behind = (*behind).max(depth + 1);
            }
        }
    }
}
