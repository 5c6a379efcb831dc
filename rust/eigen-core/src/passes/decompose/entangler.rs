//! CX from whatever entangling gate the basis has, exact including the phase.
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::call::Call;
use super::target::Target;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::param::Affine;

/// Writes CX. The caller has found that CX itself is not in the basis.
pub(super) fn cx(target: &mut Target, control: u32, to: u32) -> CoreResult<()> {
    let one = |opcode: Opcode, qubit: u32| Call::gate(opcode, &[qubit], &[]);
    let two = |opcode: Opcode, params: &[f64]| Call::numeric(opcode, &[control, to], params);
    let z_like = [
        (Opcode::Cz, None, Opcode::I),
        (Opcode::Cp, Some(PI), Opcode::I),
        (Opcode::Crz, Some(PI), Opcode::S),
    ];
    for (opcode, angle, fix) in z_like {
        if target.has(opcode) {
            let middle = angle.map_or_else(|| two(opcode, &[]), |angle| two(opcode, &[angle]));
            return write(target, [one(Opcode::H, to), middle, one(fix, control), one(Opcode::H, to)]);
        }
    }
    if target.has(Opcode::Mcx) {
        return target.write(Opcode::Mcx, &[control, to], []);
    }
    if target.has(Opcode::Cu) {
        return target.write(Opcode::Cu, &[control, to], [PI, 0.0, PI, 0.0].map(Affine::number));
    }
    if target.has(Opcode::Crx) {
        return write(target, [two(Opcode::Crx, &[PI]), one(Opcode::S, control)]);
    }
    // Y = S·X·S†, so that X = S†·Y·S.
    if target.has(Opcode::Cy) {
        return write(target, [one(Opcode::S, to), two(Opcode::Cy, &[]), one(Opcode::Sdg, to)]);
    }
    if target.has(Opcode::Cry) {
        let middle = two(Opcode::Cry, &[PI]);
        return write(target, [one(Opcode::S, to), middle, one(Opcode::S, control), one(Opcode::Sdg, to)]);
    }
    if target.has(Opcode::Ch) {
        // RY(π/4)·H·RY(−π/4) = X
        let turn = |angle: f64| Call::numeric(Opcode::Ry, &[to], &[angle]);
        return write(target, [turn(-FRAC_PI_4), two(Opcode::Ch, &[]), turn(FRAC_PI_4)]);
    }
    if target.has(Opcode::Ecr) {
        target.turn(&Affine::number(FRAC_PI_4));
        let before = [one(Opcode::Sdg, control), one(Opcode::Sxdg, to)];
        return write(target, before.into_iter().chain([two(Opcode::Ecr, &[]), one(Opcode::X, control)]));
    }
    if let Some(rotation) = zx_rotation(target, control, to) {
        // CX = e^{iπ/4}·RZ(π/2)·RX(π/2)·RZX(−π/2)
        target.turn(&Affine::number(FRAC_PI_4));
        let after = [
            Call::numeric(Opcode::Rz, &[control], &[FRAC_PI_2]),
            Call::numeric(Opcode::Rx, &[to], &[FRAC_PI_2]),
        ];
        return write(target, rotation.into_iter().chain(after));
    }
    Err(target
        .unreachable("an entangling gate")
        .with_hint("add a two-qubit gate such as CX, CZ, ECR, RZZ or MS"))
}

fn write(target: &mut Target, calls: impl IntoIterator<Item = Call>) -> CoreResult<()> {
    calls.into_iter().try_for_each(|call| target.apply(call))
}

/// RZX(−π/2) from a two-qubit rotation of the basis between one-qubit gates.
fn zx_rotation(target: &Target, control: u32, to: u32) -> Option<Vec<Call>> {
    let one = |opcode: Opcode, qubit: u32| Call::gate(opcode, &[qubit], &[]);
    let two = |opcode: Opcode, params: &[f64]| Call::numeric(opcode, &[control, to], params);
    let between = |frame: Vec<Call>, middle: Call| -> Vec<Call> {
        let back: Vec<Call> = frame.iter().rev().cloned().map(Call::inverted).collect();
        frame.into_iter().chain([middle]).chain(back).collect()
    };
    if target.has(Opcode::Rzx) {
        return Some(vec![two(Opcode::Rzx, &[-FRAC_PI_2])]);
    }
    if target.has(Opcode::Rzz) {
        return Some(between(vec![one(Opcode::H, to)], two(Opcode::Rzz, &[-FRAC_PI_2])));
    }
    if target.has(Opcode::Rxx) {
        return Some(between(vec![one(Opcode::H, control)], two(Opcode::Rxx, &[-FRAC_PI_2])));
    }
    if target.has(Opcode::Ms) {
        // Half a turn on the first axis changes the sign of the rotation; the angle itself must stay positive.
        return Some(between(vec![one(Opcode::H, control)], two(Opcode::Ms, &[0.5, 0.0, 0.25])));
    }
    if target.has(Opcode::Ryy) {
        let to_y = |qubit: u32, opcode: Opcode, angle: f64| Call::numeric(opcode, &[qubit], &[angle]);
        // Z becomes Y under RX(−π/2), X becomes Y under RZ(π/2).
        let frame = vec![to_y(control, Opcode::Rx, -FRAC_PI_2), to_y(to, Opcode::Rz, FRAC_PI_2)];
        return Some(between(frame, two(Opcode::Ryy, &[-FRAC_PI_2])));
    }
    let swap =
        [(Opcode::Iswap, vec![]), (Opcode::Fsim, vec![-FRAC_PI_2, 0.0]), (Opcode::XxPlusYy, vec![-PI, 0.0])];
    let (opcode, params) = swap.into_iter().find(|(opcode, _)| target.has(*opcode))?;
    // ISWAP = SWAP·CZ·(S⊗S), and CZ·RX·CZ on the second qubit is the rotation.
    let half = two(opcode, &params);
    let undo = || [one(Opcode::Sdg, control), one(Opcode::Sdg, to)];
    let middle = Call::numeric(Opcode::Rx, &[control], &[-FRAC_PI_2]);
    Some(undo().into_iter().chain([half.clone(), middle, half]).chain(undo()).collect())
}
