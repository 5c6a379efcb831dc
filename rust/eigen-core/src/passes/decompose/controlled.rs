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
    // Half the phase where (last, to) are 1, taken back where the others flip `last`, and half under the others.
    phase(target, &[*last, to], &half)?;
    borrowed_not(target, others, *last, &[to])?;
    phase(target, &[*last, to], &half.scale(-1.0))?;
    borrowed_not(target, others, *last, &[to])?;
    phase(target, &[others, &[to]].concat(), &half)
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

/// X under controls with other qubits to borrow, in any state, given back as they were (Lemmas 7.2 and 7.3).
fn borrowed_not(target: &mut Target, controls: &[u32], to: u32, borrowed: &[u32]) -> CoreResult<()> {
    let n = controls.len();
    let whole = Call::gate(Opcode::X, &[to], &[]).under(controls);
    if n < 3 || whole.named().is_some_and(|name| target.has(name)) {
        return not(target, controls, to);
    }
    if borrowed.len() >= n - 2 {
        // A ladder of Toffolis down and up the borrowed qubits, twice.
        let chain: Vec<u32> = borrowed[..n - 2].iter().copied().chain([to]).collect();
        let rung = |target: &mut Target, k: usize| {
            let (below, at) = (if k == 0 { controls[0] } else { chain[k - 1] }, chain[k]);
            not(target, &[controls[k + 1], below], at)
        };
        for top in [n - 2, n - 3] {
            (1..=top).rev().try_for_each(|k| rung(target, k))?;
            rung(target, 0)?;
            (1..=top).try_for_each(|k| rung(target, k))?;
        }
        return Ok(());
    }
    // Two halves of the controls, each with the other half to borrow, through one borrowed qubit.
    let (first, second) = controls.split_at(n.div_ceil(2));
    let bridge = borrowed[0];
    let with_bridge = [second, &[bridge]].concat();
    for _ in 0..2 {
        borrowed_not(target, first, bridge, &[second, &[to]].concat())?;
        borrowed_not(target, &with_bridge, to, first)?;
    }
    Ok(())
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
