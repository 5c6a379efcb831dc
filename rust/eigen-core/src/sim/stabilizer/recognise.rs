//! From a gate, with its controls, inverse and power, to what the tableau applies; and which gate is not Clifford.
use std::collections::HashMap;
use std::f64::consts::FRAC_PI_2;

use super::action::{Action, MOST_QUBITS};
use crate::circuit::{Circuit, Operation, Payload};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::observable::{Pauli, PauliString};

/// Distance in radians from a multiple of a quarter turn within which a rotation counts as one: angles are written with
/// ten digits, and a stabilizer state has no room for the rest.
const WRITTEN: f64 = 1e-9;
/// The same, for what goes on exactly with any other angle: the rounding of arithmetic.
const ROUNDED: f64 = 1e-13;
/// The angle after which a rotation is the identity, phase included.
const FULL_TURN: f64 = 4.0 * std::f64::consts::PI;
/// Controls of a Pauli rotation that are written out as products of Z.
const MOST_CONTROLS: usize = 6;

/// A Clifford gate on given qubits.
#[derive(Clone, Debug)]
pub(in crate::sim) enum Gate {
    /// `actions[action]` on qubits.
    Local { action: usize, qubits: Box<[u32]> },
    /// `exp(-i quarters pi/4 P)`, 1 to 3 quarters.
    Rotation { pauli: PauliString, quarters: u8 },
    /// `mechanisms[mechanism]` may strike.
    Error { mechanism: usize, qubits: Box<[u32]> },
}

/// Finds actions, each kind of plain gate once.
pub(in crate::sim) struct Recogniser {
    pub actions: Vec<Action>,
    tolerance: f64,
    /// By gate, number of qubits and bits of the parameters.
    known: HashMap<(Opcode, usize, Vec<u64>), Option<usize>>,
}

impl Recogniser {
    /// For engines that know nothing but Clifford gates.
    pub fn lenient() -> Recogniser {
        Recogniser { actions: Vec::new(), tolerance: WRITTEN, known: HashMap::new() }
    }

    /// For engines that take whatever is not Clifford in another way.
    pub fn strict() -> Recogniser {
        Recogniser { tolerance: ROUNDED, ..Recogniser::lenient() }
    }

    /// The Clifford gates that an operation is for these parameters; none for the identity. EIGEN_SIM_UNSUPPORTED when
    /// it is not Clifford.
    pub fn recognise(
        &mut self,
        operation: &Operation<'_>,
        params: &[f64],
        out: &mut Vec<Gate>,
    ) -> CoreResult<()> {
        if let Some(bad) = params.iter().find(|value| !value.is_finite()) {
            let message = format!("operation {}: the angle `{bad}` is not finite", operation.index());
            return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
        }
        if operation.opcode() == Opcode::I {
            return Ok(());
        }
        if operation.opcode() == Opcode::PauliRot {
            return rotation(operation, params, self.tolerance, out);
        }
        let (count, controls) = (operation.qubits().len(), operation.num_controls());
        if count == 0
            || (controls > 2 || count > MOST_QUBITS) && is_identity(operation, params, self.tolerance)
        {
            return Ok(());
        }
        // Three controls on anything but the identity lie outside the group: its square would have to be of Paulis.
        if controls > 2 || count > MOST_QUBITS {
            return Err(refusal(operation, params));
        }
        let action = self.action(operation, params).ok_or_else(|| refusal(operation, params))?;
        if !self.actions[action].changed.is_empty() {
            out.push(Gate::Local { action, qubits: operation.qubits().into() });
        }
        Ok(())
    }

    fn action(&mut self, operation: &Operation<'_>, params: &[f64]) -> Option<usize> {
        let is_plain = operation.modifier().is_none() && matches!(operation.payload(), Payload::None);
        let bits = params.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let key = (operation.opcode(), operation.qubits().len(), bits);
        if let Some(known) = self.known.get(&key).filter(|_| is_plain) {
            return *known;
        }
        let found =
            operation.matrix(params).and_then(|matrix| Action::of(&matrix, self.tolerance)).map(|action| {
                self.actions.push(action);
                self.actions.len() - 1
            });
        if is_plain {
            self.known.insert(key, found);
        }
        found
    }
}

/// Whether a gate's target matrix is the identity, phase included, so that controls change nothing.
fn is_identity(operation: &Operation<'_>, params: &[f64], tolerance: f64) -> bool {
    operation.target_matrix(params).is_some_and(|matrix| {
        let dim = matrix.dim();
        (0..dim * dim).all(|k| {
            let expected = if k / dim == k % dim { 1.0 } else { 0.0 };
            (matrix.data()[k] - expected).norm() < tolerance
        })
    })
}

/// A Pauli rotation under m controls is the product of rotations by its angle / 2^m about P times every product of the
/// controls' Z, each with the sign that the control values give.
fn rotation(
    operation: &Operation<'_>,
    params: &[f64],
    tolerance: f64,
    out: &mut Vec<Gate>,
) -> CoreResult<()> {
    let modifier = operation.modifier();
    let power = if modifier.inverse { -modifier.power } else { modifier.power };
    let controls = operation.controls();
    let angle = params.first().copied().unwrap_or(0.0) * power;
    let refused = || refusal(operation, params);
    let turns = (angle / FULL_TURN).round();
    if (angle - turns * FULL_TURN).abs() < tolerance {
        return Ok(());
    }
    if controls.len() > MOST_CONTROLS {
        return Err(refused());
    }
    let part = quarters(angle / f64::from(1u32 << controls.len()), tolerance).ok_or_else(refused)?;
    let letters = operation.targets().iter().zip(operation.pauli()).filter_map(|(qubit, letter)| {
        let pauli = match letter {
            b'X' => Pauli::X,
            b'Y' => Pauli::Y,
            b'Z' => Pauli::Z,
            _ => return None,
        };
        Some((*qubit, pauli))
    });
    let letters: Vec<(u32, Pauli)> = letters.collect();
    for subset in 0..1usize << controls.len() {
        let chosen: Vec<usize> = (0..controls.len()).filter(|k| subset >> k & 1 == 1).collect();
        let is_negative = chosen.iter().filter(|k| operation.control_bit(**k)).count() % 2 == 1;
        let mut factors = letters.clone();
        factors.extend(chosen.iter().map(|k| (controls[*k], Pauli::Z)));
        let quarters = if is_negative { (4 - part) & 3 } else { part };
        if quarters != 0 && !factors.is_empty() {
            out.push(Gate::Rotation { pauli: PauliString::new(factors)?, quarters });
        }
    }
    Ok(())
}

/// An angle as a number of quarter turns, modulo 4.
fn quarters(angle: f64, tolerance: f64) -> Option<u8> {
    let turns = (angle / FRAC_PI_2).round();
    ((angle - turns * FRAC_PI_2).abs() < tolerance).then(|| turns.rem_euclid(4.0) as u8)
}

fn refusal(operation: &Operation<'_>, params: &[f64]) -> CoreError {
    let shown = params.iter().map(|value| format!("{value}")).collect::<Vec<_>>().join(", ");
    let shown = if params.is_empty() { String::new() } else { format!("({shown})") };
    let controls = match operation.modifier().controls {
        0 => String::new(),
        count => format!(" with {count} added controls"),
    };
    let message = format!(
        "operation {}: `{}{shown}`{controls} is not a Clifford gate, and the stabilizer engine runs no other",
        operation.index(),
        operation.opcode().name(),
    );
    CoreError::new(ErrorCode::Unsupported, message)
        .with_hint("run it on an engine for all gates, such as sim:statevector")
}

/// Why a circuit is not Clifford for all values of its parameters: its first operation that is not, or `None`.
pub fn not_clifford(circuit: &Circuit) -> Option<String> {
    let mut recogniser = Recogniser::lenient();
    let mut out = Vec::new();
    circuit.operations().filter(|operation| operation.opcode().is_gate()).find_map(|operation| {
        if operation.is_symbolic() {
            return Some(format!(
                "operation {}: `{}` has open parameters",
                operation.index(),
                operation.opcode().name()
            ));
        }
        out.clear();
        let refused = recogniser.recognise(&operation, &operation.values(&[]), &mut out).err()?;
        Some(refused.message)
    })
}
