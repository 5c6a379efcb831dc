//! Gates on one target under controls (Barenco et al., "Elementary gates for quantum computation", 1995).
use std::f64::consts::PI;

use super::call::Call;
use super::euler::Euler;
use super::one_qubit::{symbolic_power, write_angles};
use super::target::Target;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::param::Affine;

/// Writes a call with at least one control and at most one target.
pub(super) fn write(target: &mut Target, call: &Call) -> CoreResult<()> {
    let controls = &call.controls;
    let Some(to) = call.targets.first().copied() else {
        let sign = if call.modifier.inverse { -1.0 } else { 1.0 };
        return phase(target, controls, &call.params[0].scale(sign * call.modifier.power));
    };
    let plain = call.modifier.is_none();
    match call.opcode {
        Opcode::I => Ok(()),
        Opcode::X if plain => not(target, controls, to),
        Opcode::Z | Opcode::S | Opcode::Sdg | Opcode::T | Opcode::Tdg | Opcode::P if plain => {
            let angle = match call.opcode {
                Opcode::P => call.params[0].clone(),
                opcode => Affine::number(fixed_phase(opcode)),
            };
            phase(target, &[controls.as_slice(), &[to]].concat(), &angle)
        }
        Opcode::H if plain => {
            // H = RY(π/4)·Z·RY(−π/4)
            target.apply(Call::numeric(Opcode::Ry, &[to], &[-PI / 4.0]))?;
            phase(target, &[controls.as_slice(), &[to]].concat(), &Affine::number(PI))?;
            target.apply(Call::numeric(Opcode::Ry, &[to], &[PI / 4.0]))
        }
        Opcode::Rx | Opcode::Ry | Opcode::Rz if plain => rotation(target, call, to),
        _ => general(target, call, to),
    }
}

fn fixed_phase(opcode: Opcode) -> f64 {
    match opcode {
        Opcode::Z => PI,
        Opcode::S => PI / 2.0,
        Opcode::Sdg => -PI / 2.0,
        Opcode::T => PI / 4.0,
        _ => -PI / 4.0,
    }
}

/// A controlled rotation: two half turns whose second is reversed by the controls.
fn rotation(target: &mut Target, call: &Call, to: u32) -> CoreResult<()> {
    let half = call.params[0].scale(0.5);
    if call.opcode == Opcode::Rx {
        target.apply(Call::gate(Opcode::H, &[to], &[]))?;
        target.apply(Call::gate(Opcode::Rz, &[to], &call.params).under(&call.controls))?;
        return target.apply(Call::gate(Opcode::H, &[to], &[]));
    }
    for angle in [half.clone(), half.scale(-1.0)] {
        target.apply(Call::gate(call.opcode, &[to], &[angle]))?;
        target.apply(Call::gate(Opcode::X, &[to], &[]).under(&call.controls))?;
    }
    Ok(())
}

/// `e^{iγ}·U(θ, φ, λ)` under controls: `A·X·B·X·C` with `A·B·C = 1`, and a phase on the controls.
fn general(target: &mut Target, call: &Call, to: u32) -> CoreResult<()> {
    let angles = Euler::of(call).ok_or_else(|| symbolic_power(target, call))?;
    let Euler { theta, phi, lambda, gamma } = &angles;
    let sum = phi.add_scaled(lambda, 1.0);
    let difference = lambda.add_scaled(phi, -1.0);
    let none = Affine::default;
    let u = |theta: Affine, phi: Affine, lambda: Affine| Euler { theta, phi, lambda, gamma: none() };
    phase(target, &call.controls, &gamma.add_scaled(&sum, 0.5))?;
    target.apply(Call::gate(Opcode::P, &[to], &[difference.scale(0.5)]))?;
    target.apply(Call::gate(Opcode::X, &[to], &[]).under(&call.controls))?;
    write_angles(target, to, &u(theta.scale(-0.5), none(), sum.scale(-0.5)))?;
    target.apply(Call::gate(Opcode::X, &[to], &[]).under(&call.controls))?;
    write_angles(target, to, &u(theta.scale(0.5), phi.clone(), none()))
}

/// A phase on the states where all `qubits` are 1.
fn phase(target: &mut Target, qubits: &[u32], angle: &Affine) -> CoreResult<()> {
    let (to, controls) = match qubits.split_last() {
        None => {
            target.turn(angle);
            return Ok(());
        }
        Some((to, controls)) => (*to, controls),
    };
    if angle.is_constant() && angle.constant == 0.0 {
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
    // P(θ) = e^{iθ/2}·RZ(θ): a rotation under the controls, and half the phase on them alone.
    rotation_about_z(target, controls, to, angle)?;
    phase(target, controls, &half)
}

/// RZ under at least two controls: four quarters, which only all controls turn the same way (Vale et al., "Circuit
/// decomposition of multicontrolled special unitary single-qubit gates", IEEE TCAD 43, 2024).
fn rotation_about_z(target: &mut Target, controls: &[u32], to: u32, angle: &Affine) -> CoreResult<()> {
    let (first, second) = controls.split_at(controls.len().div_ceil(2));
    for _ in 0..2 {
        borrowed_not(target, first, to, second)?;
        target.apply(Call::gate(Opcode::Rz, &[to], &[angle.scale(-0.25)]))?;
        borrowed_not(target, second, to, first)?;
        target.apply(Call::gate(Opcode::Rz, &[to], &[angle.scale(0.25)]))?;
    }
    Ok(())
}

/// X under controls, nothing borrowed.
fn not(target: &mut Target, controls: &[u32], to: u32) -> CoreResult<()> {
    let whole = Call::gate(Opcode::X, &[to], &[]).under(controls);
    let direct = controls.len() < 2 || whole.named().is_some_and(|name| target.has(name));
    if direct {
        return target.apply(whole);
    }
    if let [a, b] = controls {
        return toffoli(target, *a, *b, to);
    }
    target.apply(Call::gate(Opcode::H, &[to], &[]))?;
    phase(target, &[controls, &[to]].concat(), &Affine::number(PI))?;
    target.apply(Call::gate(Opcode::H, &[to], &[]))
}

/// X under controls with at least two fewer other qubits to borrow, in any state, given back as they were.
///
/// A ladder of Toffolis down and up the borrowed qubits, twice (Barenco et al., Lemma 7.2). Those that do not reach the
/// target come in pairs that undo each other's phases, so that three CX do for each (Maslov, PRA 93, 022311, 2016).
fn borrowed_not(target: &mut Target, controls: &[u32], to: u32, borrowed: &[u32]) -> CoreResult<()> {
    let n = controls.len();
    let whole = Call::gate(Opcode::X, &[to], &[]).under(controls);
    if n < 3 || whole.named().is_some_and(|name| target.has(name)) {
        return not(target, controls, to);
    }
    let chain: Vec<u32> = borrowed[..n - 2].iter().copied().chain([to]).collect();
    let rung = |target: &mut Target, k: usize| {
        let (below, at) = (if k == 0 { controls[0] } else { chain[k - 1] }, chain[k]);
        if k == n - 2 || target.has(Opcode::Ccx) {
            return not(target, &[controls[k + 1], below], at);
        }
        margolus(target, controls[k + 1], below, at)
    };
    for top in [n - 2, n - 3] {
        (1..=top).rev().try_for_each(|k| rung(target, k))?;
        rung(target, 0)?;
        (1..=top).try_for_each(|k| rung(target, k))?;
    }
    Ok(())
}

/// A Toffoli but for a sign, its own inverse, with three CX.
fn margolus(target: &mut Target, a: u32, b: u32, to: u32) -> CoreResult<()> {
    let turn = |sign: f64| Call::numeric(Opcode::Ry, &[to], &[sign * PI / 4.0]);
    let cx = |from: u32| Call::gate(Opcode::Cx, &[from, to], &[]);
    let gates = [turn(1.0), cx(b), turn(1.0), cx(a), turn(-1.0), cx(b), turn(-1.0)];
    gates.into_iter().try_for_each(|call| target.apply(call))
}

/// The six-CX Toffoli.
fn toffoli(target: &mut Target, a: u32, b: u32, to: u32) -> CoreResult<()> {
    let t = |qubit: u32| Call::gate(Opcode::T, &[qubit], &[]);
    let tdg = |qubit: u32| Call::gate(Opcode::Tdg, &[qubit], &[]);
    let h = || Call::gate(Opcode::H, &[to], &[]);
    let cx = |from: u32, to: u32| Call::gate(Opcode::Cx, &[from, to], &[]);
    let gates = [
        h(),
        cx(b, to),
        tdg(to),
        cx(a, to),
        t(to),
        cx(b, to),
        tdg(to),
        cx(a, to),
        t(b),
        t(to),
        h(),
        cx(a, b),
        t(a),
        tdg(b),
        cx(a, b),
    ];
    gates.into_iter().try_for_each(|call| target.apply(call))
}
