//! The operation stream as a tree: plain operations and blocks, for passes that work block by block.
use std::ops::Range;

use super::detail::Payload;
use super::{Circuit, Operation};
use crate::gate::Opcode;

/// An element of a block: a plain operation or a nested block given by stream ranges.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// A gate, measurement, reset, barrier or delay.
    Plain(Operation<'a>),
    /// `IF` with its branches.
    If {
        /// The opening operation; it carries the condition.
        open: Operation<'a>,
        /// The branch taken when the condition holds.
        then: Range<usize>,
        /// The other branch.
        otherwise: Option<Range<usize>>,
    },
    /// `WHILE` or `FOR` with its body.
    Loop {
        /// The opening operation; it carries bound and condition.
        open: Operation<'a>,
        /// The body.
        body: Range<usize>,
    },
}

impl Circuit {
    /// The elements of a stream range; `0..stream_len()` is the whole circuit.
    pub fn items(&self, range: Range<usize>) -> impl Iterator<Item = Item<'_>> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            if at >= range.end {
                return None;
            }
            let open = self.operation(at);
            let Payload::Block { middle, end, .. } = open.payload() else {
                at += 1;
                return Some(Item::Plain(open));
            };
            let (begin, end) = (at + 1, *end as usize);
            at = end + 1;
            if open.opcode() != Opcode::If {
                return Some(Item::Loop { open, body: begin..end });
            }
            let split = middle.map(|middle| middle as usize);
            Some(Item::If {
                open,
                then: begin..split.unwrap_or(end),
                otherwise: split.map(|split| split + 1..end),
            })
        })
    }
}
