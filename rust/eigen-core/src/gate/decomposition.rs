//! How each gate without controls is written in one-qubit gates, CX and GPHASE, on symbolic parameters.
use std::f64::consts::{FRAC_PI_2, TAU};

use super::Opcode;
use crate::param::Affine;

/// One gate of a decomposition; qubits are positions among the gate's own.
#[derive(Clone, Debug)]
pub struct Step {
    /// The gate.
    pub opcode: Opcode,
    /// Positions of its qubits.
    pub qubits: Vec<usize>,
    /// Its parameters.
    pub params: Vec<Affine>,
    /// Part of a change of frame that a later step undoes: it needs no control when the whole is controlled.
    pub frame: bool,
}

/// A step in the making.
fn gate(opcode: Opcode, qubits: &[usize], params: &[Affine]) -> Step {
    Step { opcode, qubits: qubits.to_vec(), params: params.to_vec(), frame: false }
}

fn frame(opcode: Opcode, qubits: &[usize]) -> Step {
    Step { frame: true, ..gate(opcode, qubits, &[]) }
}

fn turned(opcode: Opcode, qubit: usize, angle: Affine) -> Step {
    Step { frame: true, ..gate(opcode, &[qubit], &[angle]) }
}

fn number(value: f64) -> Affine {
    Affine::number(value)
}

/// The steps of a gate, exact including the global phase. `None` for one-qubit gates, for controlled gates (they
/// follow from what they control) and for `UNITARY`.
pub fn decomposition(opcode: Opcode, params: &[Affine], pauli: &[u8]) -> Option<Vec<Step>> {
    Some(match opcode {
        Opcode::Swap => {
            vec![frame(Opcode::Cx, &[1, 0]), gate(Opcode::Cx, &[0, 1], &[]), frame(Opcode::Cx, &[1, 0])]
        }
        Opcode::Iswap => exchange(&number(-FRAC_PI_2)),
        Opcode::Ecr => vec![
            gate(Opcode::Gphase, &[], &[number(-std::f64::consts::FRAC_PI_4)]),
            gate(Opcode::S, &[0], &[]),
            gate(Opcode::Sx, &[1], &[]),
            gate(Opcode::Cx, &[0, 1], &[]),
            gate(Opcode::X, &[0], &[]),
        ],
        Opcode::Rxx => pauli_rotation(&params[0], b"XX"),
        Opcode::Ryy => pauli_rotation(&params[0], b"YY"),
        Opcode::Rzz => pauli_rotation(&params[0], b"ZZ"),
        Opcode::Rzx => pauli_rotation(&params[0], b"ZX"),
        Opcode::PauliRot => pauli_rotation(&params[0], pauli),
        Opcode::Fsim => {
            let mut steps = exchange(&params[0]);
            steps.push(gate(Opcode::Cp, &[0, 1], &[params[1].scale(-1.0)]));
            steps
        }
        Opcode::XxPlusYy => {
            let mut steps = vec![turned(Opcode::Rz, 0, params[1].clone())];
            steps.extend(exchange(&params[0].scale(0.5)));
            steps.push(turned(Opcode::Rz, 0, params[1].scale(-1.0)));
            steps
        }
        Opcode::Ms => molmer_sorensen(params),
        _ => return None,
    })
}

/// `exp(−i·angle/2·(XX + YY))`: in a frame where XX and ZZ are left, which a CX turns into X on one and Z on the
/// other qubit.
fn exchange(angle: &Affine) -> Vec<Step> {
    let turn = |qubit: usize, angle: f64| turned(Opcode::Rx, qubit, number(angle));
    vec![
        turn(0, FRAC_PI_2),
        turn(1, FRAC_PI_2),
        frame(Opcode::Cx, &[0, 1]),
        gate(Opcode::Rx, &[0], std::slice::from_ref(angle)),
        gate(Opcode::Rz, &[1], std::slice::from_ref(angle)),
        frame(Opcode::Cx, &[0, 1]),
        turn(0, -FRAC_PI_2),
        turn(1, -FRAC_PI_2),
    ]
}

/// A rotation about a Pauli string: letters turned to Z, parity gathered on the last qubit, RZ, and back.
fn pauli_rotation(angle: &Affine, letters: &[u8]) -> Vec<Step> {
    let active: Vec<usize> = (0..letters.len()).filter(|k| letters[*k] != b'I').collect();
    let Some(last) = active.last() else {
        return vec![gate(Opcode::Gphase, &[], &[angle.scale(-0.5)])];
    };
    let mut steps = Vec::new();
    for qubit in &active {
        match letters[*qubit] {
            b'X' => steps.push(frame(Opcode::H, &[*qubit])),
            b'Y' => steps.extend([frame(Opcode::Sdg, &[*qubit]), frame(Opcode::H, &[*qubit])]),
            _ => {}
        }
    }
    steps.extend(active.windows(2).map(|pair| frame(Opcode::Cx, pair)));
    steps.push(gate(Opcode::Rz, &[*last], std::slice::from_ref(angle)));
    steps.extend(active.windows(2).rev().map(|pair| frame(Opcode::Cx, pair)));
    for qubit in active.iter().rev() {
        match letters[*qubit] {
            b'X' => steps.push(frame(Opcode::H, &[*qubit])),
            b'Y' => steps.extend([frame(Opcode::H, &[*qubit]), frame(Opcode::S, &[*qubit])]),
            _ => {}
        }
    }
    steps
}

fn molmer_sorensen(params: &[Affine]) -> Vec<Step> {
    let mut steps: Vec<Step> = (0..2).map(|k| turned(Opcode::Rz, k, params[k].scale(-TAU))).collect();
    steps.extend(pauli_rotation(&params[2].scale(TAU), b"XX"));
    steps.extend((0..2).map(|k| turned(Opcode::Rz, k, params[k].scale(TAU))));
    steps
}
