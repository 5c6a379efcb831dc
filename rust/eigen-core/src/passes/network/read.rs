//! Gates as Clifford gates and rotations: CX, and everything on one qubit that has angles.
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::extract::Reader;
use super::planes::{Letter, Move};
use crate::circuit::Instruction;
use crate::gate::Opcode;
use crate::math::Matrix;
use crate::param::Affine;
use crate::passes::decompose::Euler;
use crate::passes::numeric::{is_numeric, two};

/// What counts as rounding of an angle.
const NEGLIGIBLE: f64 = 1e-12;

/// Whether a gate can be read.
pub(super) fn is_readable(gate: &Instruction) -> bool {
    if !gate.opcode.is_gate() || gate.detail.condition.is_some() {
        return false;
    }
    let plain = gate.detail.modifier.is_none();
    let angled =
        matches!(gate.opcode, Opcode::Rx | Opcode::Ry | Opcode::Rz | Opcode::P | Opcode::U | Opcode::Gphase);
    match gate.qubits.len() {
        0 => plain && gate.opcode == Opcode::Gphase,
        1 => plain && angled || is_numeric(gate),
        _ => plain && gate.opcode == Opcode::Cx,
    }
}

/// Reads a gate on the qubits given. `None` for one that is not readable.
pub(super) fn read(reader: &mut Reader, gate: &Instruction, at: &[u32], turned: &mut Affine) -> Option<()> {
    let mut turn = |amount: &Affine, by: f64| *turned = turned.add_scaled(amount, by);
    let plain = gate.detail.modifier.is_none();
    let qubit = match (gate.opcode, at) {
        (Opcode::Gphase, _) if plain => {
            turn(gate.params.first()?, 1.0);
            return Some(());
        }
        (Opcode::Cx, [control, to]) if plain => {
            reader.gate(Move::Cx(*control, *to));
            return Some(());
        }
        (_, [qubit]) => *qubit,
        _ => return None,
    };
    let first = gate.params.first();
    let number = |angle: f64| Affine::number(angle);
    match gate.opcode {
        Opcode::I if plain => {}
        Opcode::H if plain => reader.gate(Move::H(qubit)),
        Opcode::Rx if plain => turn(&number(about(reader, Letter::X, qubit, first?)), 1.0),
        Opcode::Ry if plain => turn(&number(about(reader, Letter::Y, qubit, first?)), 1.0),
        Opcode::Rz if plain => turn(&number(about(reader, Letter::Z, qubit, first?)), 1.0),
        Opcode::P if plain => {
            turn(first?, 0.5);
            turn(&number(about(reader, Letter::Z, qubit, first?)), 1.0);
        }
        Opcode::Z | Opcode::S | Opcode::Sdg | Opcode::T | Opcode::Tdg if plain => {
            let angle = number(match gate.opcode {
                Opcode::Z => PI,
                Opcode::S => FRAC_PI_2,
                Opcode::Sdg => -FRAC_PI_2,
                Opcode::T => FRAC_PI_4,
                _ => -FRAC_PI_4,
            });
            turn(&angle, 0.5);
            turn(&number(about(reader, Letter::Z, qubit, &angle)), 1.0);
        }
        _ => {
            let Euler { theta, phi, lambda, gamma } = angles(gate)?;
            // U(θ, φ, λ) = e^{i(φ+λ)/2}·RZ(φ)·RY(θ)·RZ(λ)
            turn(&gamma.add_scaled(&phi.add_scaled(&lambda, 1.0), 0.5), 1.0);
            for (letter, angle) in [(Letter::Z, lambda), (Letter::Y, theta), (Letter::Z, phi)] {
                turn(&number(about(reader, letter, qubit, &angle)), 1.0);
            }
        }
    }
    Some(())
}

fn angles(gate: &Instruction) -> Option<Euler> {
    if gate.opcode == Opcode::U && gate.detail.modifier.is_none() {
        let [theta, phi, lambda] = gate.params.as_slice() else { return None };
        let (theta, phi, lambda) = (theta.clone(), phi.clone(), lambda.clone());
        return Some(Euler { theta, phi, lambda, gamma: Affine::default() });
    }
    let rows = two(gate)?.0;
    Some(Euler::of_matrix(&Matrix::two(rows[0][0], rows[0][1], rows[1][0], rows[1][1])))
}

/// A rotation; by quarter turns it is a Clifford gate, and the phase that gate lacks is given back.
fn about(reader: &mut Reader, letter: Letter, qubit: u32, angle: &Affine) -> f64 {
    let quarters = libm::round(angle.constant / FRAC_PI_2);
    if !angle.is_constant() || (angle.constant - quarters * FRAC_PI_2).abs() > NEGLIGIBLE {
        reader.turn(letter, qubit, angle);
        return 0.0;
    }
    // Half turns and whole ones have signs of their own: the phase runs over eight quarters.
    let quarters = quarters.rem_euclid(8.0);
    let (before, after): (&[Move], &[Move]) = match letter {
        Letter::Z => (&[], &[]),
        Letter::X => (&[Move::H(qubit)], &[Move::H(qubit)]),
        Letter::Y => (&[Move::Sdg(qubit), Move::H(qubit)], &[Move::H(qubit), Move::S(qubit)]),
    };
    let middle: &[Move] = match quarters as u8 % 4 {
        0 => return -quarters * FRAC_PI_4,
        1 => &[Move::S(qubit)],
        2 => &[Move::S(qubit), Move::S(qubit)],
        _ => &[Move::Sdg(qubit)],
    };
    [before, middle, after].concat().into_iter().for_each(|gate| reader.gate(gate));
    -quarters * FRAC_PI_4
}
