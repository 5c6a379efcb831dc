//! Circuits as rotations about Pauli operators and a Clifford gate, written anew with fewer gates on two qubits: Trotter
//! steps, excitations, phase polynomials and Clifford circuits alike. Rotations that commute may change places.
mod compare;
mod end;
mod extract;
mod order;
mod phase;
mod planes;
mod read;
mod segment;
mod weave;

use super::pairs::Places;
use super::swaps::renamed;
use super::tree::{Body, Node};
use crate::circuit::Instruction;
pub(super) use compare::same_rotations;
use segment::Segment;
use weave::Taste;

/// Wider segments are left as they are.
const MOST_QUBITS: usize = 128;
/// So are those with more rotations times qubits.
const MOST_WORK: usize = 1 << 20;

/// How much later rotations count against the next ones, and the gate at the end: each wins on some circuits, the first
/// ones together on most.
const TASTES: [Taste; 6] = [
    Taste { layers: &[1000, 300, 90, 27, 8, 2], end: 10 },
    Taste { layers: &[1000], end: 20 },
    Taste { layers: &[1000, 300, 90, 27, 8, 2], end: 50 },
    Taste { layers: &[1000, 700, 490, 343, 240, 168], end: 150 },
    Taste { layers: &[1000, 300, 90, 27, 8, 2], end: 150 },
    Taste { layers: &[1000, 300, 90, 27, 8, 2], end: 0 },
];

/// What is asked of the pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// How many ways of choosing are tried on each segment.
    pub tries: usize,
    /// More gates on two qubits than this are of no use.
    pub limit: usize,
    /// Whether the global phase is kept.
    pub phase: bool,
}

/// The body with its segments written anew where that takes fewer gates on two qubits, and where its qubits are then, when
/// they may go; `None` when no segment gains. What the pass reads is CX and gates on one qubit.
pub(super) fn rewoven(body: Body, wish: Wish, places: Option<Places>) -> Option<(Body, Option<Places>)> {
    let Some(mut places) = places else {
        let mut gained = false;
        let body = strict(body, wish, &mut gained);
        return gained.then_some((body, None));
    };
    let mut gained = false;
    let mut moved: Places = (0..places.len() as u32).collect();
    let nodes = body.0.into_iter().map(|node| match node {
        Node::Straight(stretch) => Node::Straight(straight(stretch, wish, Some(&mut moved), &mut gained)),
        block => within(renamed(block, &moved), wish, &mut gained),
    });
    let body = Body(nodes.collect());
    places.iter_mut().for_each(|place| *place = moved[*place as usize]);
    gained.then_some((body, Some(places)))
}

/// Whether some segment of a body might be written with fewer than `limit` gates on two qubits.
pub(super) fn may_gain(body: &Body, limit: usize) -> bool {
    body.0.iter().any(|node| match node {
        Node::Straight(stretch) => {
            Segment::of(stretch.clone()).iter().any(|segment| segment.read(limit).is_some())
        }
        _ => true,
    })
}

/// The same with every qubit where it is.
fn strict(body: Body, wish: Wish, gained: &mut bool) -> Body {
    Body(body.0.into_iter().map(|node| within(node, wish, gained)).collect())
}

fn within(node: Node, wish: Wish, gained: &mut bool) -> Node {
    match node {
        Node::Straight(stretch) => Node::Straight(straight(stretch, wish, None, gained)),
        Node::If(open, then, otherwise) => {
            let then = strict(then, wish, gained);
            Node::If(open, then, otherwise.map(|body| strict(body, wish, gained)))
        }
        Node::Loop(open, body) => Node::Loop(open, strict(body, wish, gained)),
    }
}

/// A stretch, segment by segment; `moved` says where qubits are, when they may go.
fn straight(
    stretch: Vec<Instruction>,
    wish: Wish,
    mut moved: Option<&mut Places>,
    gained: &mut bool,
) -> Vec<Instruction> {
    let mut out = Vec::with_capacity(stretch.len());
    for segment in Segment::of(stretch) {
        let woven = segment.woven(wish, moved.is_some());
        *gained |= woven.is_some();
        let (gates, order) = woven.unwrap_or((segment.gates, None));
        let put = |mut op: Instruction, moved: &Option<&mut Places>| {
            if let Some(moved) = moved {
                op.qubits.iter_mut().for_each(|qubit| *qubit = moved[*qubit as usize]);
            }
            op
        };
        out.extend(gates.into_iter().map(|gate| put(gate, &moved)));
        if let (Some(moved), Some(order)) = (&mut moved, order) {
            // What belongs on `to` is held by `from`.
            let before = moved.clone();
            order.into_iter().for_each(|(to, from)| moved[to as usize] = before[from as usize]);
        }
        out.extend(segment.tail.into_iter().map(|op| put(op, &moved)));
    }
    out
}
