//! Writes a routing: the operations of a body on the physical qubits where they happen, SWAPs between them.
use super::layout::Layout;
use super::problem::{Content, Problem};
use super::router::{Move, Router, Routing, Weights};
use super::topology::Topology;
use crate::circuit::Instruction;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::passes::pairs::Native;
use crate::passes::tree::{Body, Node};
use crate::rng::Philox;

/// What blocks inside are routed with.
pub(super) struct Inside<'a> {
    pub topology: &'a Topology,
    pub weights: &'a Weights,
    pub native: Native,
    pub num_clbits: usize,
    pub random: Philox,
    /// SWAPs written in blocks so far.
    pub swaps: usize,
}

/// The body that runs the nodes of a problem in the order of a routing.
pub(super) fn written(
    problem: Problem,
    moves: &[Move],
    mut layout: Layout,
    inside: &mut Inside<'_>,
) -> CoreResult<Body> {
    let mut writer = Writer { nodes: Vec::new(), stretch: problem.loose.clone() };
    let mut locals: Vec<std::iter::Peekable<std::vec::IntoIter<(u32, Instruction)>>> = Vec::new();
    let mut problem = problem;
    locals.extend(std::mem::take(&mut problem.locals).into_iter().map(|list| list.into_iter().peekable()));
    let mut contents: Vec<Option<Content>> =
        std::mem::take(&mut problem.contents).into_iter().map(Some).collect();
    for step in moves {
        match *step {
            Move::Swap(p, q) => {
                writer.stretch.push(Instruction::new(Opcode::Swap, &[p, q]));
                layout.swap(p, q);
            }
            Move::Run(node) => {
                for place in problem.places(node) {
                    let (wire, group) =
                        (problem.wire[place as usize] as usize, problem.group[place as usize]);
                    while let Some((_, op)) = locals[wire].next_if(|(before, _)| *before <= group) {
                        writer.stretch.push(placed(op, &layout));
                    }
                }
                match contents[node as usize].take() {
                    Some(Content::Gates(gates)) => {
                        writer.stretch.extend(gates.into_iter().map(|op| placed(op, &layout)));
                    }
                    Some(Content::Block(block)) => {
                        writer.block(inside.node(*block, problem.width, &layout)?)
                    }
                    None => {}
                }
            }
        }
    }
    writer.stretch.extend(locals.into_iter().flatten().map(|(_, op)| placed(op, &layout)));
    Ok(writer.finish())
}

/// An operation on the places of its qubits.
pub(super) fn placed(mut op: Instruction, layout: &Layout) -> Instruction {
    op.qubits.iter_mut().for_each(|qubit| *qubit = layout.place[*qubit as usize]);
    op
}

struct Writer {
    nodes: Vec<Node>,
    stretch: Vec<Instruction>,
}

impl Writer {
    fn block(&mut self, node: Node) {
        if !self.stretch.is_empty() {
            self.nodes.push(Node::Straight(std::mem::take(&mut self.stretch)));
        }
        self.nodes.push(node);
    }

    fn finish(mut self) -> Body {
        if !self.stretch.is_empty() {
            self.nodes.push(Node::Straight(self.stretch));
        }
        Body(self.nodes)
    }
}

impl Inside<'_> {
    /// A block of control flow on physical qubits; every qubit is back at its place at the end of each branch.
    fn node(&mut self, node: Node, width: usize, layout: &Layout) -> CoreResult<Node> {
        Ok(match node {
            Node::Straight(stretch) => {
                Node::Straight(stretch.into_iter().map(|op| placed(op, layout)).collect())
            }
            Node::If(open, then, otherwise) => {
                let otherwise = otherwise.map(|body| self.body(body, width, layout)).transpose()?;
                Node::If(open, self.body(then, width, layout)?, otherwise)
            }
            Node::Loop(open, body) => Node::Loop(open, self.body(body, width, layout)?),
        })
    }

    fn body(&mut self, body: Body, width: usize, layout: &Layout) -> CoreResult<Body> {
        let problem = Problem::of(body, width, self.num_clbits, self.native);
        let router = Router::new(&problem, &problem.forward, self.topology, self.weights, layout.clone());
        let routing = router.route(&mut self.random, u64::MAX);
        let Some(Routing { mut moves, .. }) = routing else {
            return Err(CoreError::new(ErrorCode::Internal, "a block could not be routed"));
        };
        let back: Vec<Move> =
            moves.iter().rev().filter(|step| matches!(step, Move::Swap(..))).copied().collect();
        self.swaps += 2 * back.len();
        moves.extend(back);
        written(problem, &moves, layout.clone(), self)
    }
}
