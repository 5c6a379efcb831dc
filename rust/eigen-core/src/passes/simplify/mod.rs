//! A peephole pass: identities dropped, inverse pairs cancelled, rotations about one axis merged.
mod axis;
mod merge;
mod window;

use std::ops::Range;

use crate::circuit::{Circuit, Instruction, Item};
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
    let mut builder = circuit.like();
    for instruction in block(circuit, 0..circuit.stream_len(), level) {
        builder.push(instruction)?;
    }
    builder.build()
}

/// A stretch without control flow, simplified by itself; `past_commuting` as at level 2.
pub(super) fn straight(stretch: Vec<Instruction>, past_commuting: bool) -> Vec<Instruction> {
    let mut window = Window::new(past_commuting);
    stretch.into_iter().for_each(|op| window.take(op));
    window.finish()
}

fn block(circuit: &Circuit, range: Range<usize>, level: u8) -> Vec<Instruction> {
    let mut window = Window::new(level > 1);
    let mut out = Vec::new();
    for item in circuit.items(range) {
        let nested = match item {
            Item::Plain(op) => {
                window.take(op.to_instruction());
                continue;
            }
            Item::If { open, then, otherwise } => {
                let then = block(circuit, then, level);
                let otherwise =
                    otherwise.map(|range| block(circuit, range, level)).filter(|ops| !ops.is_empty());
                if then.is_empty() && otherwise.is_none() {
                    continue;
                }
                let split = otherwise.is_some().then(|| Instruction::new(Opcode::Else, &[]));
                let branches = then.into_iter().chain(split).chain(otherwise.unwrap_or_default());
                std::iter::once(open.to_instruction()).chain(branches).collect::<Vec<_>>()
            }
            Item::Loop { open, body } => {
                let body = block(circuit, body, level);
                if open.opcode() == Opcode::For && (body.is_empty() || open.bound() == 0) {
                    continue;
                }
                std::iter::once(open.to_instruction()).chain(body).collect()
            }
        };
        out.append(&mut window.finish());
        out.extend(nested);
        out.push(Instruction::new(Opcode::End, &[]));
    }
    out.append(&mut window.finish());
    out
}

#[cfg(test)]
mod tests;
