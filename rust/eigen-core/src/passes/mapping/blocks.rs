//! A run of gates on two qubits as the router sees it: what it costs, what it costs with a SWAP behind it, and which
//! axis it keeps on each qubit.
use std::f64::consts::FRAC_PI_2;

use crate::circuit::Instruction;
use crate::gate::Opcode;
use crate::param::Affine;
use crate::passes::numeric::follow;
use crate::passes::pairs::Native;
use crate::passes::simplify::axes;
use crate::passes::weyl::{Entangler, Four, cx_count};

/// Entries that differ by less are the same.
const SAME: f64 = 1e-10;

/// What a block means for routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    /// The Pauli axis that it keeps on its first and on its second qubit: blocks with the same one commute.
    pub axes: [Option<u8>; 2],
    /// Entangling gates of the device.
    pub cost: u8,
    /// The same when the qubits are exchanged behind it.
    pub swapped: u8,
}

impl Traits {
    /// Of something on two qubits that cannot be written anew.
    pub const OPAQUE: Self = Self { axes: [None, None], cost: 3, swapped: 6 };
}

/// The entangling gates that a SWAP takes.
pub(super) const SWAP: u8 = 3;

/// What a run of gates on two qubits means.
pub(super) fn traits(gates: &[Instruction], qubits: [u32; 2], native: Native) -> Traits {
    if let [gate] = gates
        && let Some(known) = known(gate, native.entangler())
    {
        return known;
    }
    // Symbols stand for generic numbers: what holds there holds everywhere, the entries being analytic in them.
    let is_symbolic = gates.iter().flat_map(|gate| &gate.params).any(|param| !param.is_constant());
    let Some(unitary) = product(gates, qubits, 0) else { return Traits::OPAQUE };
    let mut found = [0, 1].map(|bit| kept(&unitary, bit));
    if is_symbolic {
        let Some(again) = product(gates, qubits, 1) else { return Traits::OPAQUE };
        for (bit, axis) in found.iter_mut().enumerate() {
            *axis = axis.filter(|axis| keeps(&again, bit, *axis));
        }
    }
    let entangler = native.entangler();
    let mut exchanged = unitary;
    exchanged.0.swap(1, 2);
    let [cost, swapped] = [unitary, exchanged].map(|unitary| count(entangler, &unitary));
    Traits { axes: found, cost, swapped }
}

/// Common gates that need no matrix.
fn known(gate: &Instruction, entangler: Entangler) -> Option<Traits> {
    if entangler != Entangler::Cz || !gate.detail.modifier.is_none() {
        return None;
    }
    let (cost, swapped) = match gate.opcode {
        Opcode::Cx | Opcode::Cz | Opcode::Cy | Opcode::Ecr => (1, 2),
        Opcode::Swap => (3, 0),
        Opcode::Iswap => (2, 1),
        Opcode::Rxx | Opcode::Ryy | Opcode::Rzz | Opcode::Rzx | Opcode::Cp if is_generic(gate) => (2, 3),
        _ => return None,
    };
    let [first, second] = *axes(gate).as_slice() else { return None };
    Some(Traits { axes: [first, second], cost, swapped })
}

/// Whether a rotation is far from every quarter turn, at which it would take fewer gates.
fn is_generic(gate: &Instruction) -> bool {
    let [angle] = gate.params.as_slice() else { return false };
    let quarters = angle.constant / FRAC_PI_2;
    angle.is_constant() && (quarters - libm::round(quarters)).abs() > 1e-3
}

fn count(entangler: Entangler, unitary: &Four) -> u8 {
    match entangler {
        Entangler::Cz => cx_count(unitary) as u8,
        other => other.count(unitary) as u8,
    }
}

/// The product of the gates with symbols at the generic point `point`; the first qubit is the less significant.
fn product(gates: &[Instruction], [first, _]: [u32; 2], point: u64) -> Option<Four> {
    let mut total = Four::identity();
    for gate in gates {
        let bound;
        let gate = if gate.params.iter().all(Affine::is_constant) {
            gate
        } else {
            bound = bound_at(gate, point);
            &bound
        };
        follow(&mut total, gate, first)?;
    }
    Some(total)
}

fn bound_at(gate: &Instruction, point: u64) -> Instruction {
    let value = |param: &Affine| {
        param.terms.iter().fold(param.constant, |sum, (name, factor)| sum + factor * generic(name, point))
    };
    let params = gate.params.iter().map(|param| Affine::number(value(param))).collect();
    Instruction { params, ..gate.clone() }
}

/// A number in [0.3, 1.3) that a name stands for (FNV-1a).
fn generic(name: &str, point: u64) -> f64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ point;
    let hash = name.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    0.3 + (hash >> 11) as f64 / (1u64 << 53) as f64
}

/// The axis that a unitary keeps on one of its qubits.
fn kept(unitary: &Four, bit: usize) -> Option<u8> {
    [b'Z', b'X', b'Y'].into_iter().find(|axis| keeps(unitary, bit, *axis))
}

/// Whether a unitary commutes with a Pauli matrix on one of its qubits.
fn keeps(unitary: &Four, bit: usize, axis: u8) -> bool {
    let mask = 1 << bit;
    let entries = (0..4).flat_map(|row| (0..4).map(move |column| (row, column)));
    entries.into_iter().all(|(row, column)| {
        let mixes = (row ^ column) & mask != 0;
        let entry = unitary.0[row][column];
        let other = unitary.0[row ^ mask][column ^ mask];
        match axis {
            b'Z' => !mixes || entry.norm() < SAME,
            b'Y' if mixes => (entry + other).norm() < SAME,
            _ => (entry - other).norm() < SAME,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(opcode: Opcode, qubits: &[u32], params: &[f64]) -> Instruction {
        Instruction::with_numbers(opcode, qubits, params)
    }

    #[test]
    fn cx_rz_cx_is_diagonal_even_with_a_symbol() {
        let cx = gate(Opcode::Cx, &[4, 2], &[]);
        let turn = Instruction::with_params(Opcode::Rz, &[2], vec![Affine::symbol("a")]);
        let found = traits(&[cx.clone(), turn, cx], [2, 4], Native::of(None));
        assert_eq!(found, Traits { axes: [Some(b'Z'), Some(b'Z')], cost: 2, swapped: 3 });
    }

    #[test]
    fn table_agrees_with_matrices() {
        let native = Native::of(None);
        for opcode in [Opcode::Cx, Opcode::Cz, Opcode::Cy, Opcode::Ecr, Opcode::Swap, Opcode::Iswap] {
            let one = gate(opcode, &[0, 1], &[]);
            let none = gate(Opcode::I, &[0], &[]);
            let counts = |gates: &[Instruction]| {
                let found = traits(gates, [0, 1], native);
                (found.cost, found.swapped)
            };
            assert_eq!(counts(std::slice::from_ref(&one)), counts(&[one.clone(), none]), "{}", opcode.name());
        }
    }

    #[test]
    fn axes_of_rotations() {
        let native = Native::of(None);
        let of = |opcode, params: &[f64]| traits(&[gate(opcode, &[1, 0], params)], [1, 0], native).axes;
        assert_eq!(of(Opcode::Cx, &[]), [Some(b'Z'), Some(b'X')]);
        assert_eq!(of(Opcode::Rzx, &[0.3]), [Some(b'Z'), Some(b'X')]);
        assert_eq!(of(Opcode::Ryy, &[0.3]), [Some(b'Y'), Some(b'Y')]);
        assert_eq!(of(Opcode::Ch, &[]), [Some(b'Z'), None]);
        assert_eq!(of(Opcode::Swap, &[]), [None, None]);
    }
}
