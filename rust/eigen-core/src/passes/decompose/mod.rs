//! Circuits in a device's gates: every operation is rewritten until only gates of the basis are left.
mod call;
mod controlled;
mod entangler;
mod euler;
mod native;
mod one_qubit;
mod phase;
mod target;
mod unitary;

use super::tree::{Body, Node};
use crate::circuit::{Circuit, Instruction};
use crate::error::CoreResult;
use crate::gate::{GateSpec, Opcode};
use call::Call;
use target::Target;

pub(super) use euler::Euler;
pub(super) use native::one_qubit_word;

/// The circuit in the gates of `basis`; measurements, resets, barriers, delays and control flow stay.
///
/// Exact up to a global phase, which is kept when GPHASE is in the basis. Fails with the operation's name and index
/// when the basis cannot express it.
pub fn decompose(circuit: &Circuit, basis: &[Opcode]) -> CoreResult<Circuit> {
    let body = Body::of(circuit);
    if is_written_in(&body, basis) {
        return Ok(circuit.clone());
    }
    rewritten(body, circuit.num_qubits(), basis, false)?.into_circuit(circuit)
}

/// Whether every gate is one of a basis already.
pub(super) fn is_written_in(body: &Body, basis: &[Opcode]) -> bool {
    let plain =
        |op: &Instruction| !op.opcode.is_gate() || basis.contains(&op.opcode) && op.detail.modifier.is_none();
    body.0.iter().all(|node| match node {
        Node::Straight(stretch) => stretch.iter().all(plain),
        Node::If(_, then, otherwise) => {
            is_written_in(then, basis) && otherwise.iter().all(|body| is_written_in(body, basis))
        }
        Node::Loop(_, body) => is_written_in(body, basis),
    })
}

/// A body in the gates of a basis. With `borrows` gates under many controls may use the other qubits of the circuit, in any
/// state, and give them back as they were: it takes fewer gates.
pub(super) fn rewritten(body: Body, num_qubits: usize, basis: &[Opcode], borrows: bool) -> CoreResult<Body> {
    if is_written_in(&body, basis) {
        return Ok(body);
    }
    let mut place = 0;
    block(body, &mut Target::new(num_qubits, basis, borrows), &mut place)
}

/// A body, its operations counted in `place`.
fn block(body: Body, target: &mut Target, place: &mut usize) -> CoreResult<Body> {
    let mut node = |node: Node| -> CoreResult<Node> {
        Ok(match node {
            Node::Straight(stretch) => {
                for op in stretch {
                    let opcode = op.opcode;
                    operation(target, op)
                        .map_err(|error| error.at(format_args!("operation {place} (`{}`)", opcode.name())))?;
                    *place += 1;
                }
                Node::Straight(target.take())
            }
            Node::If(open, then, otherwise) => {
                *place += 1;
                let then = block(then, target, place)?;
                Node::If(open, then, otherwise.map(|body| block(body, target, place)).transpose()?)
            }
            Node::Loop(open, body) => {
                *place += 1;
                Node::Loop(open, block(body, target, place)?)
            }
        })
    };
    body.0.into_iter().map(&mut node).collect::<CoreResult<Vec<Node>>>().map(Body)
}

fn operation(target: &mut Target, instruction: Instruction) -> CoreResult<()> {
    let Some(spec) = GateSpec::of(instruction.opcode) else {
        return target.push(instruction);
    };
    if target.has(instruction.opcode) && instruction.detail.modifier.is_none() {
        return target.push(instruction);
    }
    target.condition = instruction.detail.condition.clone();
    let modifier = instruction.detail.modifier.clone();
    let call = Call::of(instruction, spec);
    let zeros: Vec<u32> = (0..modifier.controls as usize)
        .filter(|k| !modifier.control_bit(*k))
        .map(|k| call.controls[k])
        .collect();
    for qubit in &zeros {
        target.apply(Call::gate(Opcode::X, &[*qubit], &[]))?;
    }
    target.apply(call)?;
    for qubit in &zeros {
        target.apply(Call::gate(Opcode::X, &[*qubit], &[]))?;
    }
    target.flush_phase()
}

#[cfg(test)]
mod tests;
