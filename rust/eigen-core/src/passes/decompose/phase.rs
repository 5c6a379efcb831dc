//! Phases on the states where some qubits are all 1, and RZ under controls: as parities for few qubits, as additions for
//! many.
use std::f64::consts::PI;

use super::call::Call;
use super::controlled::{borrowed_not, not};
use super::target::Target;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::param::Affine;

/// A phase below this changes no entry of a matrix of numbers near 1.
const UNSEEN: f64 = 1e-16;
/// Phases on at most so many qubits are written as parities; RZ under fewer controls as well.
const WIDEST_PARITIES: usize = 6;
/// Phases on more qubits than these are written by addition, those between by rotations.
const WIDEST_ROTATIONS: usize = 7;

/// A phase on the states where all `qubits` are 1.
pub(super) fn phase(target: &mut Target, qubits: &[u32], angle: &Affine) -> CoreResult<()> {
    let (to, controls) = match qubits.split_last() {
        None => {
            target.turn(angle);
            return Ok(());
        }
        Some((to, controls)) => (*to, controls),
    };
    if angle.is_constant() && angle.constant.abs() < UNSEEN {
        return Ok(());
    }
    let whole = Call::gate(Opcode::P, &[to], std::slice::from_ref(angle)).under(controls);
    let is_sign = angle.is_constant() && (angle.constant.abs() - PI).abs() < 1e-15;
    let sign = Call::gate(Opcode::Z, &[to], &[]).under(controls);
    let named = [Some(whole), is_sign.then_some(sign)].into_iter().flatten();
    for call in named {
        if call.named().is_some_and(|name| target.has(name)) {
            return target.apply(call);
        }
    }
    let half = angle.scale(0.5);
    let Some((last, others)) = controls.split_last() else {
        return target.apply(Call::gate(Opcode::P, &[to], std::slice::from_ref(angle)));
    };
    if is_sign && (others.is_empty() || others.len() == 1) {
        target.apply(Call::gate(Opcode::H, &[to], &[]))?;
        not(target, controls, to)?;
        return target.apply(Call::gate(Opcode::H, &[to], &[]));
    }
    if others.is_empty() {
        target.apply(Call::gate(Opcode::P, &[*last], std::slice::from_ref(&half)))?;
        target.apply(Call::gate(Opcode::P, &[to], std::slice::from_ref(&half)))?;
        target.apply(Call::gate(Opcode::X, &[to], &[]).under(&[*last]))?;
        target.apply(Call::gate(Opcode::P, &[to], &[half.scale(-1.0)]))?;
        return target.apply(Call::gate(Opcode::X, &[to], &[]).under(&[*last]));
    }
    if qubits.len() <= WIDEST_PARITIES {
        return parities(target, qubits, angle);
    }
    if qubits.len() > WIDEST_ROTATIONS {
        return by_addition(target, qubits, angle);
    }
    // P(θ) = e^{iθ/2}·RZ(θ): a rotation under the controls, and half the phase on them alone.
    rotation_about_z(target, controls, to, angle)?;
    phase(target, controls, &half)
}

/// RZ under at least two controls.
pub(super) fn rotation_about_z(
    target: &mut Target,
    controls: &[u32],
    to: u32,
    angle: &Affine,
) -> CoreResult<()> {
    if controls.len() < WIDEST_PARITIES {
        let share = angle.scale(libm::exp2(-(controls.len() as f64)));
        return gray(target, controls, to, |target, negated| {
            let angle = share.scale(if negated { -1.0 } else { 1.0 });
            target.apply(Call::gate(Opcode::Rz, &[to], &[angle]))
        });
    }
    // Four quarters, which only all controls turn the same way (Vale et al., "Circuit decomposition of
    // multicontrolled special unitary single-qubit gates", IEEE TCAD 43, 2024).
    let (first, second) = controls.split_at(controls.len().div_ceil(2));
    for _ in 0..2 {
        borrowed_not(target, first, to, second)?;
        target.apply(Call::gate(Opcode::Rz, &[to], &[angle.scale(-0.25)]))?;
        borrowed_not(target, second, to, first)?;
        target.apply(Call::gate(Opcode::Rz, &[to], &[angle.scale(0.25)]))?;
    }
    Ok(())
}

/// A product of bits as a sum of their parities, each a phase: `2ᵐ − 2` CX for m qubits.
fn parities(target: &mut Target, qubits: &[u32], angle: &Affine) -> CoreResult<()> {
    let share = angle.scale(libm::exp2(1.0 - qubits.len() as f64));
    for (k, to) in qubits.iter().enumerate().rev() {
        gray(target, &qubits[..k], *to, |target, negated| {
            let angle = share.scale(if negated { -1.0 } else { 1.0 });
            target.apply(Call::gate(Opcode::P, &[*to], &[angle]))
        })?;
    }
    Ok(())
}

/// Adds every subset of the controls to a qubit, one CX each, and calls `act` in between with the parity of the subset.
fn gray<F>(target: &mut Target, controls: &[u32], to: u32, act: F) -> CoreResult<()>
where
    F: Fn(&mut Target, bool) -> CoreResult<()>,
{
    let subsets = 1usize << controls.len();
    for k in 0..subsets {
        act(target, k % 2 == 1)?;
        if subsets > 1 {
            let next = ((k + 1) % subsets) ^ (((k + 1) % subsets) >> 1);
            let changed = (k ^ (k >> 1) ^ next).trailing_zeros() as usize;
            target.apply(Call::gate(Opcode::X, &[to], &[]).under(&[controls[changed]]))?;
        }
    }
    Ok(())
}

/// A phase on all ones by adding: with `y = x + x₀` on the upper bits, `Σ 2ᵏ(yₖ − xₖ)` is `2x₀` but for the carry, which
/// is the product of all bits. Phases of those bits under the last qubit leave that product: `4n² − 4n + 2` CX for n + 1
/// qubits, after the constructions of da Silva and Park (PRA 106, 042602, 2022) with Draper's adder.
fn by_addition(target: &mut Target, qubits: &[u32], angle: &Affine) -> CoreResult<()> {
    let n = qubits.len() - 1;
    let (to, low, upper) = (qubits[n], qubits[0], &qubits[1..n]);
    let unit = |power: usize| angle.scale(-libm::exp2(power as f64 - n as f64));
    let weighted = |target: &mut Target, sign: f64| {
        let each = upper.iter().enumerate();
        each.map(|(k, qubit)| (*qubit, unit(k + 1).scale(sign)))
            .try_for_each(|(qubit, angle)| phase(target, &[qubit, to], &angle))
    };
    phase(target, &[low, to], &unit(1).scale(-1.0))?;
    weighted(target, -1.0)?;
    add(target, low, upper, 1.0)?;
    weighted(target, 1.0)?;
    add(target, low, upper, -1.0)
}

/// Adds a bit to a register (or takes it off, with sign −1), least significant qubit first, in its Fourier basis.
fn add(target: &mut Target, bit: u32, register: &[u32], sign: f64) -> CoreResult<()> {
    let turn = |apart: usize| Affine::number(PI * libm::exp2(-(apart as f64)));
    for (j, to) in register.iter().enumerate().rev() {
        target.apply(Call::gate(Opcode::H, &[*to], &[]))?;
        for (k, from) in register[..j].iter().enumerate() {
            phase(target, &[*from, *to], &turn(j - k))?;
        }
    }
    for (j, to) in register.iter().enumerate() {
        phase(target, &[bit, *to], &turn(j).scale(sign))?;
    }
    for (j, to) in register.iter().enumerate() {
        for (k, from) in register[..j].iter().enumerate().rev() {
            phase(target, &[*from, *to], &turn(j - k).scale(-1.0))?;
        }
        target.apply(Call::gate(Opcode::H, &[*to], &[]))?;
    }
    Ok(())
}
