//! One-qubit gates in what the basis offers: U, or Z rotations between something that leaves the Z axis.
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use super::call::Call;
use super::euler::Euler;
use super::target::{NEGLIGIBLE, Target};
use crate::error::{CoreError, CoreResult};
use crate::gate::Opcode;
use crate::param::Affine;

/// Writes a one-qubit call without controls.
pub(super) fn write(target: &mut Target, call: &Call) -> CoreResult<()> {
    let angles = Euler::of(call).ok_or_else(|| symbolic_power(target, call))?;
    write_angles(target, call.targets[0], &angles)
}

pub(super) fn symbolic_power(target: &Target, call: &Call) -> CoreError {
    let error =
        target.unreachable(&format!("{} with a symbolic parameter under a power", call.opcode.name()));
    error.with_hint("bind its parameters first")
}

fn is_close(angle: &Affine, value: f64) -> bool {
    angle.is_constant() && (angle.constant - value).abs() < NEGLIGIBLE
}

fn sum(a: &Affine, b: &Affine) -> Affine {
    a.add_scaled(b, 1.0)
}

fn plus(a: &Affine, value: f64) -> Affine {
    a.add_scaled(&Affine::number(value), 1.0)
}

/// Writes `e^{iγ}·U(θ, φ, λ)`.
pub(super) fn write_angles(target: &mut Target, qubit: u32, angles: &Euler) -> CoreResult<()> {
    if angles.theta.is_constant() && angles.theta.constant < 0.0 {
        return write_angles(target, qubit, &positive(angles));
    }
    let Euler { theta, phi, lambda, gamma } = angles;
    target.turn(gamma);
    if is_close(theta, 0.0) {
        // U(0, φ, λ) = P(φ + λ)
        let angle = sum(phi, lambda);
        target.turn(&angle.scale(0.5));
        return z_rotation(target, qubit, &angle);
    }
    if target.has(Opcode::U) {
        return target.write(Opcode::U, &[qubit], [theta.clone(), phi.clone(), lambda.clone()]);
    }
    // U(θ, φ, λ) = e^{i(φ+λ)/2}·RZ(φ)·RY(θ)·RZ(λ)
    target.turn(&sum(phi, lambda).scale(0.5));
    if target.has(Opcode::Ry) {
        z_rotation(target, qubit, lambda)?;
        target.write(Opcode::Ry, &[qubit], [theta.clone()])?;
        return z_rotation(target, qubit, phi);
    }
    if target.has(Opcode::Gpi) && target.has(Opcode::Gpi2) && !has_free_z(target) {
        return ion(target, qubit, angles);
    }
    if target.has(Opcode::Rx) || is_quarter(theta) && has_quarter(target) {
        z_rotation(target, qubit, &plus(lambda, -FRAC_PI_2))?;
        x_rotation(target, qubit, theta)?;
        return z_rotation(target, qubit, &plus(phi, FRAC_PI_2));
    }
    if has_quarter(target) {
        // RY(θ) = −RZ(π)·RX(π/2)·RZ(θ+π)·RX(π/2), and −1 is a phase of π.
        target.turn(&Affine::number(PI));
        z_rotation(target, qubit, lambda)?;
        quarter(target, qubit, 1.0)?;
        z_rotation(target, qubit, &plus(theta, PI))?;
        quarter(target, qubit, 1.0)?;
        return z_rotation(target, qubit, &plus(phi, PI));
    }
    Err(target
        .unreachable("a rotation out of the Z axis")
        .with_hint("add U, or RZ with SX, H, RX or RY, to the basis"))
}

/// `U(−θ, φ, λ) = U(θ, φ + π, λ − π)`.
fn positive(angles: &Euler) -> Euler {
    Euler {
        theta: angles.theta.scale(-1.0),
        phi: plus(&angles.phi, PI),
        lambda: plus(&angles.lambda, -PI),
        gamma: angles.gamma.clone(),
    }
}

fn is_quarter(theta: &Affine) -> bool {
    is_close(theta, FRAC_PI_2)
}

/// Whether RX(±π/2) can be written.
fn has_quarter(target: &Target) -> bool {
    [Opcode::Sx, Opcode::Sxdg, Opcode::H, Opcode::Gpi2, Opcode::Rx].iter().any(|gate| target.has(*gate))
}

fn has_free_z(target: &Target) -> bool {
    target.has(Opcode::Rz) || target.has(Opcode::P) || target.has(Opcode::U)
}

/// RX of any angle where RX is there, else of a quarter turn.
fn x_rotation(target: &mut Target, qubit: u32, theta: &Affine) -> CoreResult<()> {
    if target.has(Opcode::Rx) {
        return target.write(Opcode::Rx, &[qubit], [theta.clone()]);
    }
    quarter(target, qubit, theta.constant.signum())
}

/// RX(±π/2), from √X, H or GPI2.
fn quarter(target: &mut Target, qubit: u32, sign: f64) -> CoreResult<()> {
    let (same, other) = if sign > 0.0 { (Opcode::Sx, Opcode::Sxdg) } else { (Opcode::Sxdg, Opcode::Sx) };
    let number = Affine::number;
    if target.has(same) {
        // SX = e^{iπ/4}·RX(π/2)
        target.turn(&number(-sign * FRAC_PI_4));
        return target.write(same, &[qubit], []);
    }
    if target.has(Opcode::Rx) {
        return target.write(Opcode::Rx, &[qubit], [number(sign * FRAC_PI_2)]);
    }
    if target.has(Opcode::Gpi2) {
        return target.write(Opcode::Gpi2, &[qubit], [number(if sign > 0.0 { 0.0 } else { 0.5 })]);
    }
    if target.has(Opcode::H) {
        // RX(a) = H·RZ(a)·H
        target.write(Opcode::H, &[qubit], [])?;
        z_rotation(target, qubit, &number(sign * FRAC_PI_2))?;
        return target.write(Opcode::H, &[qubit], []);
    }
    // RX(π/2) = −RX(−π/2)³ and the like: three of the other root.
    target.turn(&number(PI + sign * 3.0 * FRAC_PI_4));
    (0..3).try_for_each(|_| target.write(other, &[qubit], []))
}

/// RZ of any angle, as RZ, P or U, between X or Y rotations, or as S and T where the angle allows.
pub(super) fn z_rotation(target: &mut Target, qubit: u32, angle: &Affine) -> CoreResult<()> {
    let full_turns = if angle.is_constant() { libm::round(angle.constant / TAU) } else { 0.0 };
    let angle = &plus(angle, -full_turns * TAU);
    target.turn(&Affine::number(full_turns * PI));
    if is_close(angle, 0.0) {
        return Ok(());
    }
    if target.has(Opcode::Rz) {
        return target.write(Opcode::Rz, &[qubit], [angle.clone()]);
    }
    if target.has(Opcode::P) {
        target.turn(&angle.scale(-0.5));
        return target.write(Opcode::P, &[qubit], [angle.clone()]);
    }
    if target.has(Opcode::U) {
        target.turn(&angle.scale(-0.5));
        return target.write(Opcode::U, &[qubit], [Affine::default(), Affine::default(), angle.clone()]);
    }
    if let Some(gates) = eighths(target, angle) {
        target.turn(&angle.scale(-0.5));
        return gates.into_iter().try_for_each(|gate| target.write(gate, &[qubit], []));
    }
    if target.has(Opcode::Ry) && has_quarter(target) {
        // RZ(a) = RX(π/2)·RY(a)·RX(−π/2)
        quarter_without_z(target, qubit, -1.0)?;
        target.write(Opcode::Ry, &[qubit], [angle.clone()])?;
        return quarter_without_z(target, qubit, 1.0);
    }
    if target.has(Opcode::Rx) && target.has(Opcode::H) {
        target.write(Opcode::H, &[qubit], [])?;
        target.write(Opcode::Rx, &[qubit], [angle.clone()])?;
        return target.write(Opcode::H, &[qubit], []);
    }
    if target.has(Opcode::Gpi) {
        // GPI(t)·GPI(0) = RZ(4πt)
        target.write(Opcode::Gpi, &[qubit], [Affine::default()])?;
        return target.write(Opcode::Gpi, &[qubit], [angle.scale(0.5 / TAU)]);
    }
    Err(target.unreachable(&format!("a rotation RZ({angle})")).with_hint("add RZ, P or U to the basis"))
}

/// RX(±π/2) where H alone does not count, because it would need the Z rotation that is being made.
fn quarter_without_z(target: &mut Target, qubit: u32, sign: f64) -> CoreResult<()> {
    let direct = [Opcode::Sx, Opcode::Sxdg, Opcode::Rx, Opcode::Gpi2].iter().any(|gate| target.has(*gate));
    if direct {
        return quarter(target, qubit, sign);
    }
    Err(target.unreachable("a rotation about Z").with_hint("add RZ, P or U to the basis"))
}

/// P(angle) as Z, S, T and their inverses, shortest first; `None` unless a multiple of π/4 that the basis can make.
fn eighths(target: &Target, angle: &Affine) -> Option<Vec<Opcode>> {
    let steps = angle.constant / FRAC_PI_4;
    if !angle.is_constant() || (steps - libm::round(steps)).abs() > NEGLIGIBLE {
        return None;
    }
    let wanted = (libm::round(steps) as i64).rem_euclid(8) as usize;
    let moves: Vec<(Opcode, usize)> =
        [(Opcode::Z, 4), (Opcode::S, 2), (Opcode::Sdg, 6), (Opcode::T, 1), (Opcode::Tdg, 7)]
            .into_iter()
            .filter(|(gate, _)| target.has(*gate))
            .collect();
    let mut ways: Vec<Option<Vec<Opcode>>> = vec![None; 8];
    ways[0] = Some(Vec::new());
    for _ in 0..8 {
        for at in 0..8 {
            let Some(way) = ways[at].clone() else { continue };
            for (gate, step) in &moves {
                let next = &mut ways[(at + step) % 8];
                if next.as_ref().is_none_or(|known| known.len() > way.len() + 1) {
                    *next = Some(way.iter().copied().chain([*gate]).collect());
                }
            }
        }
    }
    ways[wanted].take()
}

/// Two GPI2 and two GPI: RZ(φ+π)·RX(π/2)·RZ(θ+π)·RX(π/2)·RZ(λ) with the Z rotations moved to the end.
fn ion(target: &mut Target, qubit: u32, angles: &Euler) -> CoreResult<()> {
    let turns = |angle: &Affine| angle.scale(1.0 / TAU);
    let first = angles.lambda.clone();
    let second = plus(&sum(&first, &angles.theta), PI);
    let last = plus(&sum(&second, &angles.phi), PI);
    target.turn(&Affine::number(PI));
    target.write(Opcode::Gpi2, &[qubit], [turns(&first.scale(-1.0))])?;
    target.write(Opcode::Gpi2, &[qubit], [turns(&second.scale(-1.0))])?;
    z_rotation(target, qubit, &last)
}
