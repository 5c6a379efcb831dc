//! A circuit as Pauli rotations: Clifford gates are not applied, they change what later rotations and observables mean.
//!
//! With the Clifford gates so far collected in C, the rest of the circuit applies G to C|psi>: a rotation about P is one
//! of |psi> about C^-1 P C, and at the end <O> is <psi| C^-1 O C |psi>. Global phases are left out.
use std::collections::HashMap;
use std::f64::consts::FRAC_PI_2;

use crate::circuit::{Circuit, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::param::{Expression, Param};
use crate::passes::decompose;

/// Gates that this file knows; all others are written in them first.
const BASIS: [Opcode; 22] = [
    Opcode::X,
    Opcode::Y,
    Opcode::Z,
    Opcode::H,
    Opcode::S,
    Opcode::Sdg,
    Opcode::Sx,
    Opcode::Sxdg,
    Opcode::T,
    Opcode::Tdg,
    Opcode::Cx,
    Opcode::Cy,
    Opcode::Cz,
    Opcode::Swap,
    Opcode::Rx,
    Opcode::Ry,
    Opcode::Rz,
    Opcode::Rxx,
    Opcode::Ryy,
    Opcode::Rzz,
    Opcode::Rzx,
    Opcode::PauliRot,
];
/// Distance in radians from a multiple of a quarter turn within which a rotation is Clifford.
const TOLERANCE: f64 = 1e-14;

/// `i^phase X^x Z^z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pauli {
    pub x: u64,
    pub z: u64,
    pub phase: u32,
}

impl Pauli {
    const IDENTITY: Pauli = Pauli { x: 0, z: 0, phase: 0 };

    /// The Hermitian product of X and Z on the masks' qubits, Y where both are set.
    pub fn hermitian(x: u64, z: u64) -> Self {
        Pauli { x, z, phase: (x & z).count_ones() & 3 }
    }

    fn times(self, other: Self) -> Self {
        let swaps = (self.z & other.x).count_ones();
        Pauli { x: self.x ^ other.x, z: self.z ^ other.z, phase: (self.phase + other.phase + 2 * swaps) & 3 }
    }

    fn anticommutes(self, other: Self) -> bool {
        ((self.x & other.z).count_ones() + (self.z & other.x).count_ones()) % 2 == 1
    }

    /// Whether a Hermitian product is minus the one of the same masks.
    pub fn is_negative(self) -> bool {
        self.phase != (self.x & self.z).count_ones() & 3
    }
}

/// What the Clifford gates so far make of each qubit's X and Z.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    x: Vec<Pauli>,
    z: Vec<Pauli>,
}

impl Frame {
    fn new(num_qubits: usize) -> Self {
        let x = (0..num_qubits).map(|q| Pauli::hermitian(1 << q, 0)).collect();
        let z = (0..num_qubits).map(|q| Pauli::hermitian(0, 1 << q)).collect();
        Frame { x, z }
    }

    /// `C^-1 P C`.
    pub fn image(&self, p: Pauli) -> Pauli {
        let mut out = Pauli { phase: p.phase, ..Pauli::IDENTITY };
        for q in 0..self.x.len() {
            if p.x >> q & 1 == 1 {
                out = out.times(self.x[q]);
            }
        }
        for q in 0..self.z.len() {
            if p.z >> q & 1 == 1 {
                out = out.times(self.z[q]);
            }
        }
        out
    }

    /// Appends `exp(-i quarters pi/4 P)`: G^-1 Q G = i P Q for a quarter turn and a Q that anticommutes with P.
    fn turn(&mut self, p: Pauli, quarters: u32) {
        let image = self.image(p);
        let own = |q: usize| [Pauli::hermitian(1 << q, 0), Pauli::hermitian(0, 1 << q)];
        for q in 0..self.x.len() {
            let [x, z] = own(q);
            for (slot, generator) in [(&mut self.x[q], x), (&mut self.z[q], z)] {
                if generator.anticommutes(p) {
                    match quarters & 3 {
                        1 => *slot = Pauli { phase: image.phase + 1, ..image }.times(*slot),
                        2 => slot.phase = (slot.phase + 2) & 3,
                        3 => *slot = Pauli { phase: image.phase + 3, ..image }.times(*slot),
                        _ => {}
                    }
                }
            }
        }
    }
}

/// `exp(-i angle/2 P)` with `angle = sign * angles[angle]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation {
    pub x: u64,
    pub z: u64,
    pub is_negative: bool,
    pub angle: usize,
}

/// A circuit as rotations on |0...0>.
pub(super) struct Rotations {
    pub rotations: Vec<Rotation>,
    /// Each different angle once.
    pub angles: Vec<Expression>,
    pub frame: Frame,
}

/// The rotations of a circuit of at most 63 qubits without measurements, resets and control flow. Fails when a gate
/// cannot be written as rotations, or when there would be more than `most`.
pub(super) fn rotations(circuit: &Circuit, most: usize) -> CoreResult<Rotations> {
    let circuit = decompose(circuit, &BASIS)?;
    let mut reader = Reader {
        out: Rotations { rotations: Vec::new(), angles: Vec::new(), frame: Frame::new(circuit.num_qubits()) },
        known: HashMap::new(),
    };
    for operation in circuit.operations() {
        reader.gate(&circuit, &operation)?;
        if reader.out.rotations.len() > most {
            return Err(CoreError::limit(
                "rotations of a circuit in lanes",
                most,
                reader.out.rotations.len(),
            ));
        }
    }
    Ok(reader.out)
}

struct Reader {
    out: Rotations,
    /// Angles by their bits.
    known: HashMap<(u64, Vec<(u32, u64)>), usize>,
}

impl Reader {
    fn gate(&mut self, circuit: &Circuit, operation: &Operation<'_>) -> CoreResult<()> {
        if operation.condition().is_some() {
            return Err(no_rotation(operation, operation.opcode()));
        }
        let bit = |k: usize| operation.qubits().get(k).map_or(0, |q| 1u64 << q);
        let (a, b) = (bit(0), bit(1));
        let frame = &mut self.out.frame;
        let mut turn = |x: u64, z: u64, quarters: u32| frame.turn(Pauli::hermitian(x, z), quarters);
        match operation.opcode() {
            Opcode::Barrier | Opcode::Delay | Opcode::I => {}
            Opcode::X => turn(a, 0, 2),
            Opcode::Y => turn(a, a, 2),
            Opcode::Z => turn(0, a, 2),
            Opcode::S => turn(0, a, 1),
            Opcode::Sdg => turn(0, a, 3),
            Opcode::Sx => turn(a, 0, 1),
            Opcode::Sxdg => turn(a, 0, 3),
            Opcode::H => {
                turn(a, a, 1);
                turn(a, 0, 2);
            }
            // exp(-i pi/4 (1 - Z)(1 - P)) up to its phase.
            Opcode::Cx => [(b, a, 3), (0, a, 1), (b, 0, 1)].into_iter().for_each(|(x, z, k)| turn(x, z, k)),
            Opcode::Cy => {
                [(b, a | b, 3), (0, a, 1), (b, b, 1)].into_iter().for_each(|(x, z, k)| turn(x, z, k))
            }
            Opcode::Cz => {
                [(0, a | b, 3), (0, a, 1), (0, b, 1)].into_iter().for_each(|(x, z, k)| turn(x, z, k))
            }
            Opcode::Swap => {
                [(a | b, 0, 1), (a | b, a | b, 1), (0, a | b, 1)]
                    .into_iter()
                    .for_each(|(x, z, k)| turn(x, z, k));
            }
            Opcode::T => self.rotate(0, a, Expression { constant: FRAC_PI_2 / 2.0, terms: Vec::new() }),
            Opcode::Tdg => self.rotate(0, a, Expression { constant: -FRAC_PI_2 / 2.0, terms: Vec::new() }),
            opcode => {
                let (x, z) = axis(operation, a, b).ok_or_else(|| no_rotation(operation, opcode))?;
                let angle = match operation.params().first() {
                    Some(Param::Number(constant)) => Expression { constant: *constant, terms: Vec::new() },
                    Some(Param::Expression(index)) => circuit.expressions()[*index as usize].clone(),
                    None => return Err(no_rotation(operation, opcode)),
                };
                self.rotate(x, z, angle);
            }
        }
        Ok(())
    }

    /// Appends `exp(-i angle/2 P)`.
    fn rotate(&mut self, x: u64, z: u64, angle: Expression) {
        if angle.terms.is_empty() {
            let quarters = (angle.constant / FRAC_PI_2).round();
            if (angle.constant - quarters * FRAC_PI_2).abs() < TOLERANCE {
                return self.out.frame.turn(Pauli::hermitian(x, z), quarters.rem_euclid(4.0) as u32);
            }
        }
        let image = self.out.frame.image(Pauli::hermitian(x, z));
        let terms = angle.terms.iter().map(|(symbol, factor)| (*symbol, factor.to_bits())).collect();
        let angles = &mut self.out.angles;
        let index = *self.known.entry((angle.constant.to_bits(), terms)).or_insert_with(|| {
            angles.push(angle);
            angles.len() - 1
        });
        self.out.rotations.push(Rotation {
            x: image.x,
            z: image.z,
            is_negative: image.is_negative(),
            angle: index,
        });
    }
}

/// The axis of a rotation gate as masks.
fn axis(operation: &Operation<'_>, a: u64, b: u64) -> Option<(u64, u64)> {
    Some(match operation.opcode() {
        Opcode::Rx => (a, 0),
        Opcode::Ry => (a, a),
        Opcode::Rz => (0, a),
        Opcode::Rxx => (a | b, 0),
        Opcode::Ryy => (a | b, a | b),
        Opcode::Rzz => (0, a | b),
        Opcode::Rzx => (b, a),
        Opcode::PauliRot => {
            let letters = operation.qubits().iter().zip(operation.pauli());
            letters.fold((0, 0), |(x, z), (qubit, letter)| match letter {
                b'X' => (x | 1 << qubit, z),
                b'Y' => (x | 1 << qubit, z | 1 << qubit),
                b'Z' => (x, z | 1 << qubit),
                _ => (x, z),
            })
        }
        _ => return None,
    })
}

fn no_rotation(operation: &Operation<'_>, opcode: Opcode) -> CoreError {
    let message = format!("{} at operation {} is no rotation", opcode.name(), operation.index());
    CoreError::new(ErrorCode::Unsupported, message)
}
