//! SWAPs as other names of qubits: what follows is renamed, and where each qubit ends is told.
use super::pairs::{Native, Places, mirrored};
use super::tree::{Body, Node};
use crate::circuit::Instruction;
use crate::gate::Opcode;

/// The body without the SWAPs outside blocks and conditions; qubit `k` ends at place `k` of the list.
pub(super) fn elided(body: Body, num_qubits: usize) -> (Body, Vec<u32>) {
    let mut places: Vec<u32> = (0..num_qubits as u32).collect();
    let nodes = body.0.into_iter().map(|node| match node {
        Node::Straight(stretch) => {
            let kept = stretch.into_iter().filter_map(|op| followed(op, &mut places));
            Node::Straight(kept.collect())
        }
        block => renamed(block, &places),
    });
    (Body(nodes.collect()), places)
}

/// The body with runs on pairs written anew where that takes fewer gates, their qubits exchanged where that takes fewer
/// still, and whether any was; qubit `k` was at `places[k]` before and is at that of the list afterwards.
pub(super) fn exchanged(body: Body, native: Native, mut places: Places) -> (Body, Places, bool) {
    let mut changed = false;
    // The body names qubits by where they are; what follows an exchange is renamed from there on.
    let mut moved: Places = (0..places.len() as u32).collect();
    let nodes = body.0.into_iter().map(|node| match node {
        Node::Straight(stretch) => {
            let (out, after, anew) = mirrored(stretch, native, std::mem::take(&mut moved));
            moved = after;
            changed |= anew;
            Node::Straight(out)
        }
        block => renamed(block, &moved),
    });
    let nodes = nodes.collect();
    places.iter_mut().for_each(|place| *place = moved[*place as usize]);
    (Body(nodes), places, changed)
}

/// The operation where its qubits are now, or nothing for a SWAP.
fn followed(op: Instruction, places: &mut [u32]) -> Option<Instruction> {
    let plain = op.detail.condition.is_none() && op.detail.modifier.is_none();
    if let (Opcode::Swap, [a, b], true) = (op.opcode, op.qubits.as_slice(), plain) {
        places.swap(*a as usize, *b as usize);
        return None;
    }
    Some(moved(op, places))
}

fn moved(mut op: Instruction, places: &[u32]) -> Instruction {
    op.qubits.iter_mut().for_each(|qubit| *qubit = places[*qubit as usize]);
    op
}

pub(super) fn renamed(node: Node, places: &[u32]) -> Node {
    let inner = |body: Body| Body(body.0.into_iter().map(|node| renamed(node, places)).collect());
    match node {
        Node::Straight(stretch) => Node::Straight(stretch.into_iter().map(|op| moved(op, places)).collect()),
        Node::If(open, then, otherwise) => Node::If(open, inner(then), otherwise.map(inner)),
        Node::Loop(open, body) => Node::Loop(open, inner(body)),
    }
}
