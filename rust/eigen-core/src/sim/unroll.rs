//! Control flow that no measurement decides: every classical bit is 0, so conditions are known and loops written out.
use std::ops::Range;

use crate::circuit::{Circuit, CircuitBuilder, Item};
use crate::condition::Condition;
use crate::error::CoreResult;
use crate::gate::Opcode;

/// Operations of a circuit that is written out.
const MOST_OPERATIONS: usize = 100_000;

/// The same circuit without control flow and conditions. `None` when it has none, when outcomes decide anything, when a
/// loop would not end, or when it would be too long.
pub(crate) fn unrolled(circuit: &Circuit) -> Option<Circuit> {
    let decides = |opcode: Opcode| matches!(opcode, Opcode::Measure | Opcode::Reset);
    let is_plain = circuit.is_flat() && circuit.operations().all(|operation| operation.condition().is_none());
    if is_plain || circuit.computes() || circuit.operations().any(|operation| decides(operation.opcode())) {
        return None;
    }
    let mut builder = circuit.like();
    let is_done = write(circuit, 0..circuit.stream_len(), &mut builder).ok()?;
    is_done.then(|| builder.build().ok()).flatten()
}

/// Writes a range of the stream; false when it cannot be written out.
fn write(circuit: &Circuit, range: Range<usize>, out: &mut CircuitBuilder) -> CoreResult<bool> {
    let holds = |condition: Option<&Condition>| condition.is_none_or(|condition| condition.holds(&|_| false));
    for item in circuit.items(range) {
        let is_done = match item {
            Item::Plain(operation) => {
                if holds(operation.condition()) {
                    let mut instruction = operation.to_instruction();
                    instruction.detail.condition = None;
                    out.push(instruction)?;
                }
                out.num_operations() <= MOST_OPERATIONS
            }
            Item::If { open, then, otherwise } => match (holds(open.condition()), otherwise) {
                (true, _) => write(circuit, then, out)?,
                (false, Some(otherwise)) => write(circuit, otherwise, out)?,
                (false, None) => true,
            },
            Item::Loop { open, body } if open.opcode() == Opcode::For => {
                // An empty body is written in no time, however often.
                let rounds = if body.is_empty() { 0 } else { open.bound() };
                for _ in 0..rounds {
                    let before = out.num_operations();
                    if !write(circuit, body.clone(), out)? || out.num_operations() > MOST_OPERATIONS {
                        return Ok(false);
                    }
                    if out.num_operations() == before {
                        break; // so do all other rounds
                    }
                }
                true
            }
            Item::Loop { open, .. } => !holds(open.condition()),
        };
        if !is_done {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Basis, Instruction};

    fn names(circuit: &Circuit) -> Vec<&'static str> {
        circuit.operations().map(|operation| operation.opcode().name()).collect()
    }

    #[test]
    fn loops_and_branches_are_written_out() {
        let mut builder = CircuitBuilder::new(1, 1).expect("valid");
        builder.begin_for(3).expect("valid");
        builder.gate(Opcode::H, &[0], &[]).expect("valid");
        builder.begin_if(Condition::Bit(0)).expect("valid");
        builder.gate(Opcode::X, &[0], &[]).expect("valid");
        builder.begin_else().expect("valid");
        builder.gate(Opcode::Y, &[0], &[]).expect("valid");
        builder.end().expect("valid");
        builder.end().expect("valid");
        builder.push(Instruction::new(Opcode::Z, &[0]).when(Some(Condition::Bit(0)))).expect("valid");
        let flat = unrolled(&builder.build().expect("valid")).expect("known");
        assert_eq!(names(&flat), ["H", "Y", "H", "Y", "H", "Y"]);
    }

    #[test]
    fn what_outcomes_decide_or_what_is_long_stays() {
        let mut builder = CircuitBuilder::new(1, 1).expect("valid");
        builder.measure(&[0], &[0], Basis::Z).expect("valid");
        builder.begin_if(Condition::Bit(0)).expect("valid");
        builder.gate(Opcode::X, &[0], &[]).expect("valid");
        builder.end().expect("valid");
        assert!(unrolled(&builder.build().expect("valid")).is_none());

        let mut builder = CircuitBuilder::new(1, 1).expect("valid");
        builder.begin_for(1_000).expect("valid");
        builder.begin_for(1_000).expect("valid");
        builder.gate(Opcode::H, &[0], &[]).expect("valid");
        builder.end().expect("valid");
        builder.end().expect("valid");
        assert!(unrolled(&builder.build().expect("valid")).is_none());

        let mut builder = CircuitBuilder::new(1, 1).expect("valid");
        builder.begin_while(Condition::Bit(0).negate().expect("valid"), 5).expect("valid");
        builder.gate(Opcode::H, &[0], &[]).expect("valid");
        builder.end().expect("valid");
        assert!(unrolled(&builder.build().expect("valid")).is_none());
    }
}
