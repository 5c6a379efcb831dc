//! The constants of a group's operations for the numbers of a run, and the codes that these allow.
use super::group::Numbers;
use super::op::{Pair, Term, Top, TopForm};
use super::rotation::{Form, Parts};
use crate::math::C64;
use crate::sim::kernel::register::Code;
use crate::sim::vector::Real;

pub(super) fn family(form: Form) -> &'static [Code] {
    match form {
        Form::Turn => Code::TURN,
        Form::Mirror => Code::MIRROR,
        Form::TurnFlipped => Code::TURN_FLIPPED,
        Form::MirrorFlipped => Code::MIRROR_FLIPPED,
        Form::Imaginary => Code::IMAGINARY,
        Form::ImaginaryFlipped => Code::IMAGINARY_FLIPPED,
    }
}

/// Lines of a rotation inside the lanes. The factor i of a flipped imaginary form is left to its scale.
pub(super) fn bind_lane<R: Real>(parts: &Parts, qubit: usize, out: &mut [R]) -> Code {
    let rows = parts.core();
    let turned = if parts.form == Form::ImaginaryFlipped { -C64::I } else { C64::ONE };
    let is_imaginary = matches!(parts.form, Form::Imaginary | Form::ImaginaryFlipped);
    for lane in 0..R::LANES {
        let row = lane >> qubit & 1;
        let (keep, mix) = (rows[row][row] * turned, rows[row][1 - row] * turned);
        out[lane] = R::from_f64(keep.re);
        out[R::LANES + lane] = R::from_f64(if is_imaginary { mix.im } else { mix.re });
    }
    if is_imaginary { Code::ImLaneTurn } else { Code::LaneTurn }
}

/// Writes the factors; where they are all 1 unless a register bit is set, the others are left alone. The scale is taken
/// in where none are left alone, or if it must be.
pub(super) fn bind_phase<R: Real>(
    terms: &[Term],
    numbers: &Numbers<'_>,
    scale: &mut C64,
    must_scale: bool,
    spread: &[u64],
    out: &mut [R],
) -> Code {
    let mut factors = vec![C64::ONE; spread.len()];
    for term in terms {
        let pair = numbers.factors(term);
        for (factor, index) in factors.iter_mut().zip(spread) {
            *factor *= pair[usize::from(term.on.is_second(*index))];
        }
    }
    let is_set = |bit: usize| move |index: usize| (index / R::LANES) >> bit & 1 == 1;
    let leaves = |bit: usize| factors.iter().enumerate().all(|(k, f)| is_set(bit)(k) || *f == C64::ONE);
    let partly = (0..3).find(|bit| leaves(*bit)).filter(|_| !must_scale || *scale == C64::ONE);
    let scale = if partly.is_none() { std::mem::replace(scale, C64::ONE) } else { C64::ONE };
    for (index, factor) in factors.iter().enumerate() {
        let (at, factor) = (index / R::LANES * 2 * R::LANES + index % R::LANES, factor * scale);
        (out[at], out[at + R::LANES]) = (R::from_f64(factor.re), R::from_f64(factor.im));
    }
    partly.map_or(Code::Phase, |bit| Code::PHASE_IF[bit])
}

pub(super) fn bind_pair<R: Real>(
    pair: &Pair,
    [lanes, registers]: [usize; 2],
    numbers: &Numbers<'_>,
    spread: &[u64],
    out: &mut [R],
) -> Code {
    // Controls outside the group are guards: here they hold.
    let inside = spread[spread.len() - 1];
    let beyond = pair.controls.value & !inside;
    let values: Vec<(C64, C64)> =
        spread.iter().map(|index| pair.coefficients(numbers, index | beyond)).collect();
    let is_imaginary = values.iter().all(|(a, b)| a.im == 0.0 && b.re == 0.0);
    for (index, (a, b)) in values.iter().enumerate() {
        let (register, lane) = (index / R::LANES, index % R::LANES);
        if is_imaginary {
            let at = register * 2 * R::LANES + lane;
            (out[at], out[at + R::LANES]) = (R::from_f64(a.re), R::from_f64(b.im));
            continue;
        }
        let at = register * 4 * R::LANES + lane;
        for (k, number) in [a.re, a.im, b.re, b.im].into_iter().enumerate() {
            out[at + k * R::LANES] = R::from_f64(number);
        }
    }
    match (is_imaginary, lanes == 0) {
        (false, true) => Code::PAIR[registers],
        (false, false) => Code::LANE_PAIR[registers],
        (true, true) => Code::IMAGINARY_PAIR[registers],
        (true, false) => Code::IMAGINARY_LANE_PAIR[registers],
    }
}

/// Writes an operation on real and imaginary parts: a matrix, or one for each register and lane.
pub(super) fn bind_top<R: Real>(top: &Top, numbers: &Numbers<'_>, spread: &[u64], out: &mut [R]) {
    // Controls outside the group are guards: here they hold.
    let inside = spread[spread.len() - 1];
    let beyond = top.controls.value & !inside;
    let holds = |index: u64| (index | beyond) & top.controls.mask == top.controls.value;
    let matrix = |index: u64| match top.form {
        TopForm::Flip if holds(index) => [0.0, 1.0, 1.0, 0.0],
        TopForm::Sign(term) if holds(index) => {
            let factors = numbers.factors(&term);
            let highest = 1 << (63 - term.on.mask().leading_zeros());
            let sign = |value: u64| factors[usize::from(term.on.is_second(index | beyond | value))].re;
            [sign(0), 0.0, 0.0, sign(highest)]
        }
        _ => [1.0, 0.0, 0.0, 1.0],
    };
    if let TopForm::Turn = top.form {
        out.iter_mut()
            .zip(numbers.of(top.step))
            .take(4)
            .for_each(|(slot, entry)| *slot = R::from_f64(entry.re));
        return;
    }
    for (index, spread) in spread.iter().enumerate() {
        let at = index / R::LANES * 4 * R::LANES + index % R::LANES;
        for (k, number) in matrix(*spread).into_iter().enumerate() {
            out[at + k * R::LANES] = R::from_f64(number);
        }
    }
}
