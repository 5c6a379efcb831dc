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

use std::ops::Range;

use crate::circuit::{Circuit, Instruction, Item};
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
    expanded(circuit, basis, false)
}

/// The same with fewer gates where gates under many controls may borrow the other qubits of the circuit, in any state,
/// and give them back as they were.
pub(super) fn decompose_borrowing(circuit: &Circuit, basis: &[Opcode]) -> CoreResult<Circuit> {
    expanded(circuit, basis, true)
}

fn expanded(circuit: &Circuit, basis: &[Opcode], borrows: bool) -> CoreResult<Circuit> {
    let mut target = Target::new(circuit, basis, borrows);
    block(circuit, 0..circuit.stream_len(), &mut target)?;
    target.builder.build()
}

fn block(circuit: &Circuit, range: Range<usize>, target: &mut Target) -> CoreResult<()> {
    for item in circuit.items(range) {
        match item {
            Item::Plain(op) => {
                operation(target, op.to_instruction()).map_err(|error| {
                    let place = op.index() - circuit.markers_before(op.index());
                    error.at(format_args!("operation {place} (`{}`)", op.opcode().name()))
                })?;
            }
            Item::If { open, then, otherwise } => {
                target.builder.push(open.to_instruction())?;
                block(circuit, then, target)?;
                if let Some(otherwise) = otherwise {
                    target.builder.begin_else()?;
                    block(circuit, otherwise, target)?;
                }
                target.builder.end()?;
            }
            Item::Loop { open, body } => {
                target.builder.push(open.to_instruction())?;
                block(circuit, body, target)?;
                target.builder.end()?;
            }
        }
    }
    Ok(())
}

fn operation(target: &mut Target, instruction: Instruction) -> CoreResult<()> {
    let Some(spec) = GateSpec::of(instruction.opcode) else {
        return target.builder.push(instruction);
    };
    if target.has(instruction.opcode) && instruction.detail.modifier.is_none() {
        return target.builder.push(instruction);
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
