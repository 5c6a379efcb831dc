//! Derivatives by the parameter-shift rule: a circuit in which each angle has a symbol of its own, so that each can be
//! moved alone. Noise does not change the rule: the channels do not depend on the angles.
use crate::circuit::{Circuit, CircuitBuilder, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::param::{Affine, Expression, Param};

/// An angle of one operation.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    /// What the angle is, in the circuit's parameters.
    pub expression: Expression,
    /// (shift, weight): the derivative is the weighted sum of the values at the shifted angle.
    pub rule: Vec<(f64, f64)>,
}

/// The circuit with a symbol for each symbolic angle, and the angles in the order of the symbols.
pub(super) fn separated(circuit: &Circuit) -> CoreResult<(Circuit, Vec<Occurrence>)> {
    let mut builder = CircuitBuilder::new(circuit.num_qubits(), circuit.num_clbits())?;
    let mut occurrences = Vec::new();
    let names: Vec<String> = circuit
        .operations()
        .flat_map(|operation| operation.params().to_vec())
        .filter(|param| matches!(param, Param::Expression(_)))
        .enumerate()
        .map(|(k, _)| format!("angle{k}"))
        .collect();
    for name in &names {
        builder.declare(name)?;
    }
    for operation in circuit.operations() {
        if operation.opcode().is_control_flow() {
            return Err(refused(&operation, "is control flow"));
        }
        let mut instruction = operation.to_instruction();
        for (place, param) in operation.params().iter().enumerate() {
            let Param::Expression(index) = param else { continue };
            instruction.params[place] = Affine::symbol(names[occurrences.len()].clone());
            let expression = circuit.expressions()[*index as usize].clone();
            occurrences.push(Occurrence { expression, rule: rule(&operation)? });
        }
        builder.push(instruction)?;
    }
    Ok((builder.build()?, occurrences))
}

fn refused(operation: &Operation<'_>, why: &str) -> CoreError {
    let (place, name) = (operation.index(), operation.opcode().name());
    let message = format!("no parameter-shift rule for operation {place}: `{name}` {why}");
    CoreError::new(ErrorCode::Unsupported, message).with_hint("use finite differences")
}

/// Shifts of an angle for the expectation value, a trigonometric polynomial of it with frequency 1, or with frequencies
/// up to 2 in steps of one half (Wierichs, Izaac, Wang and Lin, Quantum 6, 677, equation 28).
fn rule(operation: &Operation<'_>) -> CoreResult<Vec<(f64, f64)>> {
    if operation.modifier().power != 1.0 {
        return Err(refused(operation, "is raised to a power"));
    }
    let is_plain = operation.modifier().controls == 0
        && matches!(
            operation.opcode(),
            Opcode::Rx
                | Opcode::Ry
                | Opcode::Rz
                | Opcode::P
                | Opcode::Cp
                | Opcode::Mcp
                | Opcode::U
                | Opcode::Rxx
                | Opcode::Ryy
                | Opcode::Rzz
                | Opcode::Rzx
                | Opcode::PauliRot
        );
    let unit = if matches!(operation.opcode(), Opcode::Gpi | Opcode::Gpi2 | Opcode::Ms) {
        std::f64::consts::TAU
    } else {
        1.0
    };
    // (Number of frequencies, the smallest of them.)
    let (count, smallest) = if is_plain { (1, 1.0) } else { (4, 0.5 * unit) };
    let points = (1..=2 * count).map(|k| {
        let at = (2 * k - 1) as f64 * std::f64::consts::PI / (2 * count) as f64;
        let sine = libm::sin(at / 2.0);
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        (at / smallest, smallest * sign / (4.0 * count as f64 * sine * sine))
    });
    Ok(points.collect())
}
