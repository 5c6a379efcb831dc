//! A peephole pass: identities dropped, inverse pairs cancelled, rotations about one axis merged.
mod axis;
mod merge;
mod window;

use super::tree::{Body, Node};
use crate::circuit::{Circuit, Instruction, Payload};
use crate::error::CoreResult;
use crate::gate::Opcode;
pub(super) use axis::axes;
use window::Window;

/// The circuit with fewer gates, equal to it exactly (global phase included).
///
/// Level 0 changes nothing, level 1 looks at neighbours, level 2 and above also past gates that commute.
/// Conditional gates and control flow are left in place; blocks are simplified inside.
pub fn simplify(circuit: &Circuit, level: u8) -> CoreResult<Circuit> {
    if level == 0 {
        return Ok(circuit.clone());
    }
    simplified(Body::of(circuit), level).into_circuit(circuit)
}

/// A body with fewer gates; blocks that are left empty and do nothing go.
pub(super) fn simplified(body: Body, level: u8) -> Body {
    if level == 0 {
        return body;
    }
    let nodes = body.0.into_iter().filter_map(|node| match node {
        Node::Straight(stretch) => {
            let left = straight(stretch, level > 1);
            (!left.is_empty()).then_some(Node::Straight(left))
        }
        Node::If(open, then, otherwise) => {
            let then = simplified(then, level);
            let otherwise = otherwise.map(|body| simplified(body, level)).filter(|body| !body.0.is_empty());
            (!then.0.is_empty() || otherwise.is_some()).then_some(Node::If(open, then, otherwise))
        }
        Node::Loop(open, body) => {
            let body = simplified(body, level);
            let rounds = if let Payload::Block { bound, .. } = open.detail.payload { bound } else { 0 };
            let is_idle = open.opcode == Opcode::For && (body.0.is_empty() || rounds == 0);
            (!is_idle).then_some(Node::Loop(open, body))
        }
    });
    Body(nodes.collect())
}

/// A stretch without control flow, simplified by itself; `past_commuting` as at level 2.
pub(super) fn straight(stretch: Vec<Instruction>, past_commuting: bool) -> Vec<Instruction> {
    let mut window = Window::new(past_commuting);
    stretch.into_iter().for_each(|op| window.take(op));
    window.finish()
}

#[cfg(test)]
mod tests;
