//! Gates on one target under controls (Barenco et al., "Elementary gates for quantum computation", 1995).
use std::f64::consts::PI;

use super::call::Call;
use super::euler::Euler;
use super::one_qubit::{symbolic_power, write_angles};
use super::phase::{phase, rotation_about_z};
use super::target::Target;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::C64;
use crate::param::Affine;
use crate::passes::weyl::Two;

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

/// A controlled rotation: two half turns whose second is reversed by the control; under more controls as RZ.
fn rotation(target: &mut Target, call: &Call, to: u32) -> CoreResult<()> {
    if call.controls.len() > 1 {
        return turned(target, call.opcode, &call.controls, to, &call.params[0]);
    }
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

/// RX, RY or RZ under at least two controls: RZ between gates that turn the axis to Z.
fn turned(target: &mut Target, axis: Opcode, controls: &[u32], to: u32, angle: &Affine) -> CoreResult<()> {
    let (before, after): (&[Opcode], &[Opcode]) = match axis {
        Opcode::Rx => (&[Opcode::H], &[Opcode::H]),
        Opcode::Ry => (&[Opcode::Sdg, Opcode::H], &[Opcode::H, Opcode::S]),
        _ => (&[], &[]),
    };
    before.iter().try_for_each(|gate| target.apply(Call::gate(*gate, &[to], &[])))?;
    rotation_about_z(target, controls, to, angle)?;
    after.iter().try_for_each(|gate| target.apply(Call::gate(*gate, &[to], &[])))
}

/// A matrix under at least two controls: its eigenvectors are turned to Z, and what is left is RZ and a phase.
fn diagonalised(target: &mut Target, controls: &[u32], to: u32, matrix: &Two) -> CoreResult<()> {
    let root = matrix.determinant().sqrt();
    let special = matrix.scale(C64::from(1.0) / root);
    // cos(θ/2) − i·sin(θ/2)·(n·σ)
    let [[a, b], [c, _]] = special.0;
    let axis = [-0.5 * (b + c).im, 0.5 * (c - b).re, -a.im];
    let sin = axis.iter().map(|part| part * part).sum::<f64>().sqrt();
    phase(target, controls, &Affine::number(libm::atan2(root.im, root.re)))?;
    if sin < 1e-15 && a.re > 0.0 {
        return Ok(());
    }
    let angle = Affine::number(2.0 * libm::atan2(sin, a.re));
    let polar = libm::atan2(libm::hypot(axis[0], axis[1]), axis[2]);
    let azimuth = libm::atan2(axis[1], axis[0]);
    let turns = [(Opcode::Rz, -azimuth), (Opcode::Ry, -polar)];
    let gate = |opcode: Opcode, angle: f64| Call::numeric(opcode, &[to], &[angle]);
    let needed = |(_, angle): &&(Opcode, f64)| angle.abs() > 1e-15;
    turns.iter().filter(needed).try_for_each(|(opcode, angle)| target.apply(gate(*opcode, *angle)))?;
    rotation_about_z(target, controls, to, &angle)?;
    turns.iter().rev().filter(needed).try_for_each(|(opcode, angle)| target.apply(gate(*opcode, -angle)))
}

/// `e^{iγ}·U(θ, φ, λ)` under controls: `A·X·B·X·C` with `A·B·C = 1`, and a phase on the controls; under more than one
/// control its rotations one by one, or its eigenvectors where it has a matrix.
fn general(target: &mut Target, call: &Call, to: u32) -> CoreResult<()> {
    let many = call.controls.len() > 1;
    if let Some(matrix) = call.target_matrix().filter(|_| many).as_ref().and_then(Two::of) {
        return diagonalised(target, &call.controls, to, &matrix);
    }
    let angles = Euler::of(call).ok_or_else(|| symbolic_power(target, call))?;
    let Euler { theta, phi, lambda, gamma } = &angles;
    let sum = phi.add_scaled(lambda, 1.0);
    if many {
        phase(target, &call.controls, &gamma.add_scaled(&sum, 0.5))?;
        let steps = [(Opcode::Rz, lambda), (Opcode::Ry, theta), (Opcode::Rz, phi)];
        let there = steps.into_iter().filter(|(_, angle)| !angle.is_constant() || angle.constant != 0.0);
        return there
            .into_iter()
            .try_for_each(|(axis, angle)| turned(target, axis, &call.controls, to, angle));
    }
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

/// X under controls; borrows other qubits of the circuit where the target allows it.
pub(super) fn not(target: &mut Target, controls: &[u32], to: u32) -> CoreResult<()> {
    let whole = Call::gate(Opcode::X, &[to], &[]).under(controls);
    let n = controls.len();
    let direct = n < 2 || whole.named().is_some_and(|name| target.has(name));
    if direct {
        return target.apply(whole);
    }
    if let [a, b] = controls {
        return toffoli(target, *a, *b, to);
    }
    let others = if n > 3 { target.others(controls, to, n - 2) } else { Vec::new() };
    match others.first() {
        Some(_) if others.len() == n - 2 => return borrowed_not(target, controls, to, &others),
        Some(spare) if n > 4 => return halved_not(target, controls, to, *spare),
        _ => {}
    }
    target.apply(Call::gate(Opcode::H, &[to], &[]))?;
    phase(target, &[controls, &[to]].concat(), &Affine::number(PI))?;
    target.apply(Call::gate(Opcode::H, &[to], &[]))
}

/// X under controls with one other qubit to borrow, which takes half of the controls (Barenco et al., Lemma 7.3).
fn halved_not(target: &mut Target, controls: &[u32], to: u32, spare: u32) -> CoreResult<()> {
    let (first, second) = controls.split_at(controls.len().div_ceil(2));
    let rest = [second, &[spare]].concat();
    let lent = [second, &[to]].concat();
    for _ in 0..2 {
        borrowed_not(target, first, spare, &lent)?;
        borrowed_not(target, &rest, to, first)?;
    }
    Ok(())
}

/// X under controls with at least two fewer other qubits to borrow, in any state, given back as they were.
///
/// A ladder of Toffolis down and up the borrowed qubits, twice (Barenco et al., Lemma 7.2). Those that do not reach the
/// target come in pairs that undo each other's phases, so that three CX do for each (Maslov, PRA 93, 022311, 2016), and of two such three only four are
/// left when neighbours have cancelled.
pub(super) fn borrowed_not(
    target: &mut Target,
    controls: &[u32],
    to: u32,
    borrowed: &[u32],
) -> CoreResult<()> {
    let n = controls.len();
    let whole = Call::gate(Opcode::X, &[to], &[]).under(controls);
    if n < 4 || whole.named().is_some_and(|name| target.has(name)) {
        return not(target, controls, to);
    }
    let chain: Vec<u32> = borrowed[..n - 2].iter().copied().chain([to]).collect();
    let rung = |target: &mut Target, k: usize| {
        let (below, at) = (if k == 0 { controls[0] } else { chain[k - 1] }, chain[k]);
        if k == n - 2 || target.has(Opcode::Ccx) {
            return not(target, &[controls[k + 1], below], at);
        }
        // The control outermost: what is between two rungs leaves it alone, so that the inner CX of both cancel.
        margolus(target, below, controls[k + 1], at)
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
