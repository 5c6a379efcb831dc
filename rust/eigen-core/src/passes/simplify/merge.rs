//! Two gates on the same qubits as one, as none, or as they are.
use std::f64::consts::{FRAC_PI_4, PI};

use crate::circuit::{Instruction, Payload};
use crate::gate::{GateSpec, Inverse, Opcode, PowerRule};
use crate::param::Affine;

/// Angles below this are rounding, not rotation.
const NEGLIGIBLE: f64 = 1e-12;

/// What becomes of two gates in a row.
pub(super) enum Merged {
    /// They cancel.
    Nothing,
    /// One gate does the work of both.
    One(Instruction),
}

/// Merges `first` followed by `second`, exactly; `None` when there is nothing to gain.
pub(super) fn merge(first: &Instruction, second: &Instruction) -> Option<Merged> {
    let plain = |gate: &Instruction| gate.opcode.is_gate() && gate.detail.condition.is_none();
    if !plain(first) || !plain(second) || !same_place(first, second) {
        return None;
    }
    if cancels(first, second) {
        return Some(Merged::Nothing);
    }
    phases(first, second).or_else(|| rotations(first, second)).map(|gate| match is_identity(&gate) {
        true => Merged::Nothing,
        false => Merged::One(gate),
    })
}

/// Whether two gates have the same qubits in the same roles.
fn same_place(first: &Instruction, second: &Instruction) -> bool {
    let (a, b) = (&first.detail.modifier, &second.detail.modifier);
    if first.qubits.len() != second.qubits.len() || a.controls != b.controls || a.state != b.state {
        return false;
    }
    if first.qubits == second.qubits {
        return true;
    }
    // Diagonal gates of all-one controls do not care which qubit is which.
    let symmetric = |gate: &Instruction| {
        let base = GateSpec::of(gate.opcode).map(|spec| spec.base.unwrap_or(gate.opcode));
        matches!(base, Some(Opcode::P | Opcode::Z)) || matches!(gate.opcode, Opcode::Rzz | Opcode::Swap)
    };
    let added = a.controls as usize;
    let sorted = |gate: &Instruction| {
        let mut own = gate.qubits[added..].to_vec();
        own.sort_unstable();
        own
    };
    symmetric(first)
        && symmetric(second)
        && first.qubits[..added] == second.qubits[..added]
        && sorted(first) == sorted(second)
}

fn cancels(first: &Instruction, second: &Instruction) -> bool {
    let Some(spec) = GateSpec::of(first.opcode) else { return false };
    if first.detail.is_plain() && second.detail.is_plain() {
        match spec.inverse {
            Inverse::Itself => return first.opcode == second.opcode && first.params == second.params,
            Inverse::Gate(partner) => return second.opcode == partner && first.params == second.params,
            // Of the rules that stay, each gives the gate itself with other parameters.
            _ if second.opcode != first.opcode => return false,
            _ => {}
        }
    }
    let Ok(inverse) = first.clone().inverse().normalised(spec) else { return false };
    if let (Payload::Matrix(a), Payload::Matrix(b)) = (&inverse.detail.payload, &second.detail.payload) {
        return a.distance(b) < NEGLIGIBLE && inverse.detail.modifier == second.detail.modifier;
    }
    let same_gate = inverse.opcode == second.opcode && inverse.detail == second.detail;
    // Rotations that cancel are found by their sum, which is not sensitive to rounding.
    same_gate && inverse.params == second.params
}

/// The angle of a fixed or free phase gate, and what it is controlled by inside the gate.
fn phase_angle(gate: &Instruction) -> Option<Affine> {
    if gate.detail.modifier.inverse || gate.detail.modifier.power != 1.0 {
        return None;
    }
    Some(match gate.opcode {
        Opcode::Z | Opcode::Cz | Opcode::Ccz => Affine::number(PI),
        Opcode::S => Affine::number(PI / 2.0),
        Opcode::Sdg => Affine::number(-PI / 2.0),
        Opcode::T => Affine::number(FRAC_PI_4),
        Opcode::Tdg => Affine::number(-FRAC_PI_4),
        Opcode::P | Opcode::Cp => gate.params.first()?.clone(),
        _ => return None,
    })
}

/// Phase gates on the same qubits add their angles; eighths of a turn get their own names back.
fn phases(first: &Instruction, second: &Instruction) -> Option<Instruction> {
    let sum = phase_angle(first)?.add_scaled(&phase_angle(second)?, 1.0);
    let own = first.qubits.len() - first.detail.modifier.controls as usize;
    let (opcode, params) = match own {
        1 => named_phase(&sum),
        2 if sum.is_constant() && is_turns(sum.constant - PI, 2.0 * PI) => (Opcode::Cz, vec![]),
        2 => (Opcode::Cp, vec![sum]),
        _ => return None,
    };
    let modifier = first.detail.modifier.clone();
    Some(Instruction::with_params(opcode, &first.qubits, params).modified(modifier))
}

fn named_phase(angle: &Affine) -> (Opcode, Vec<Affine>) {
    let eighths = angle.constant / FRAC_PI_4;
    let whole = libm::round(eighths);
    if angle.is_constant() && (eighths - whole).abs() < NEGLIGIBLE {
        let names =
            [Opcode::I, Opcode::T, Opcode::S, Opcode::P, Opcode::Z, Opcode::P, Opcode::Sdg, Opcode::Tdg];
        let name = names[(whole as i64).rem_euclid(8) as usize];
        if name != Opcode::P {
            return (name, vec![]);
        }
    }
    (Opcode::P, vec![angle.clone()])
}

/// Rotations generated by the same operator add their angles.
fn rotations(first: &Instruction, second: &Instruction) -> Option<Instruction> {
    let spec = GateSpec::of(first.opcode)?;
    let same =
        first.opcode == second.opcode && first.qubits == second.qubits && first.detail == second.detail;
    if !same || !matches!(spec.power, PowerRule::ScaleAll | PowerRule::ScaleFirst | PowerRule::ScaleLast) {
        return None;
    }
    let adds = |k: usize| match spec.power {
        PowerRule::ScaleFirst => k == 0,
        PowerRule::ScaleLast => k + 1 == first.params.len(),
        _ => true,
    };
    let mut sum = first.clone();
    for (k, (into, more)) in sum.params.iter_mut().zip(&second.params).enumerate() {
        if adds(k) {
            *into = into.add_scaled(more, 1.0);
        } else if into != more {
            return None;
        }
    }
    Some(sum)
}

fn is_turns(angle: f64, period: f64) -> bool {
    (angle - period * libm::round(angle / period)).abs() < NEGLIGIBLE
}

/// Whether a gate does nothing at all, global phase included.
pub(super) fn is_identity(gate: &Instruction) -> bool {
    if gate.opcode == Opcode::I || gate.opcode.is_gate() && gate.detail.modifier.power == 0.0 {
        return true;
    }
    let all_turns = |period: f64| {
        !gate.params.is_empty() && gate.params.iter().all(|p| p.is_constant() && is_turns(p.constant, period))
    };
    match gate.opcode {
        Opcode::P | Opcode::Cp | Opcode::Mcp | Opcode::Gphase | Opcode::Fsim => all_turns(2.0 * PI),
        Opcode::Rx | Opcode::Ry | Opcode::Rz | Opcode::Crx | Opcode::Cry | Opcode::Crz => all_turns(4.0 * PI),
        Opcode::Rxx | Opcode::Ryy | Opcode::Rzz | Opcode::Rzx | Opcode::PauliRot => all_turns(4.0 * PI),
        Opcode::XxPlusYy => {
            gate.params.first().is_some_and(|p| p.is_constant() && is_turns(p.constant, 4.0 * PI))
        }
        Opcode::Ms => gate.params.last().is_some_and(|p| p.is_constant() && is_turns(p.constant, 2.0)),
        _ => false,
    }
}
