//! The tree that passes work on: straight stretches of operations between blocks of control flow.
use std::ops::Range;

use crate::circuit::{Circuit, CircuitBuilder, Instruction, Item};
use crate::error::CoreResult;
use crate::gate::Opcode;

/// A part of a body.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Operations one after the other.
    Straight(Vec<Instruction>),
    /// `IF`: its opening operation and its branches.
    If(Instruction, Body, Option<Body>),
    /// `WHILE` or `FOR`.
    Loop(Instruction, Body),
}

/// What stands in a circuit or in a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Body(pub Vec<Node>);

impl Body {
    /// The operations of a circuit.
    pub fn of(circuit: &Circuit) -> Self {
        Self::of_range(circuit, 0..circuit.stream_len())
    }

    fn of_range(circuit: &Circuit, range: Range<usize>) -> Self {
        let mut nodes = Vec::new();
        let mut stretch = Vec::new();
        for item in circuit.items(range) {
            let node = match item {
                // What is computed from bits keeps its place among all that writes or reads them.
                Item::Plain(op) if op.opcode() == Opcode::Compute => {
                    Node::Straight(vec![op.to_instruction()])
                }
                Item::Plain(op) => {
                    stretch.push(op.to_instruction());
                    continue;
                }
                Item::If { open, then, otherwise } => {
                    let otherwise = otherwise.map(|range| Self::of_range(circuit, range));
                    Node::If(open.to_instruction(), Self::of_range(circuit, then), otherwise)
                }
                Item::Loop { open, body } => Node::Loop(open.to_instruction(), Self::of_range(circuit, body)),
            };
            if !stretch.is_empty() {
                nodes.push(Node::Straight(std::mem::take(&mut stretch)));
            }
            nodes.push(node);
        }
        if !stretch.is_empty() {
            nodes.push(Node::Straight(stretch));
        }
        Self(nodes)
    }

    /// Whether there is control flow in it.
    pub fn has_blocks(&self) -> bool {
        self.0.iter().any(|node| !matches!(node, Node::Straight(_)))
    }

    /// Whether any angle is a symbol.
    pub fn has_symbols(&self) -> bool {
        self.0.iter().any(|node| match node {
            Node::Straight(stretch) => {
                stretch.iter().any(|op| op.params.iter().any(|param| !param.is_constant()))
            }
            Node::If(_, then, otherwise) => {
                then.has_symbols() || otherwise.as_ref().is_some_and(Self::has_symbols)
            }
            Node::Loop(_, body) => body.has_symbols(),
        })
    }

    /// Appends operations.
    pub fn append(&mut self, operations: impl Iterator<Item = Instruction>) {
        match self.0.last_mut() {
            Some(Node::Straight(stretch)) => stretch.extend(operations),
            _ => self.0.push(Node::Straight(operations.collect())),
        }
    }

    /// The circuit with this body and everything else of `like`.
    pub fn into_circuit(self, like: &Circuit) -> CoreResult<Circuit> {
        let mut builder = like.like();
        self.write(&mut builder)?;
        builder.build()
    }

    /// Appends the body to a circuit under way.
    pub fn write(self, builder: &mut CircuitBuilder) -> CoreResult<()> {
        for node in self.0 {
            match node {
                Node::Straight(stretch) => stretch.into_iter().try_for_each(|op| builder.push(op))?,
                Node::If(open, then, otherwise) => {
                    builder.push(open)?;
                    then.write(builder)?;
                    if let Some(otherwise) = otherwise {
                        builder.push(Instruction::new(Opcode::Else, &[]))?;
                        otherwise.write(builder)?;
                    }
                    builder.end()?;
                }
                Node::Loop(open, body) => {
                    builder.push(open)?;
                    body.write(builder)?;
                    builder.end()?;
                }
            }
        }
        Ok(())
    }

    /// The body with every stretch rewritten; a pass never looks past the ends of a stretch.
    pub fn map<F>(self, rewrite: &F) -> CoreResult<Self>
    where
        F: Fn(Vec<Instruction>) -> CoreResult<Vec<Instruction>>,
    {
        let nodes = self.0.into_iter().map(|node| match node {
            Node::Straight(stretch) => Ok(Node::Straight(rewrite(stretch)?)),
            Node::If(open, then, otherwise) => {
                let otherwise = otherwise.map(|body| body.map(rewrite)).transpose()?;
                Ok(Node::If(open, then.map(rewrite)?, otherwise))
            }
            Node::Loop(open, body) => Ok(Node::Loop(open, body.map(rewrite)?)),
        });
        nodes.collect::<CoreResult<Vec<Node>>>().map(Self)
    }
}
