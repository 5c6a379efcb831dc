//! States whose amplitudes all stay real take half the memory: the highest qubit tells real parts from imaginary ones.
//! All other qubits are worked on as ever, for a real matrix does the same to both parts.
use super::group::MOST_GUARDS;
use super::op::{Factor, Kind, Op, Ops, PairForm, Term, Top, TopForm, Where};
use super::rotation::Core;
use crate::math::C64;
use crate::sim::step::Controls;

/// Qubits from which it is worth another pass at the end.
const FEWEST_QUBITS: usize = 14;

/// Whether all operations are real for all parameter values, and those on the highest qubit turn it, flip it under few
/// controls or change signs. `fixed` gives the numbers of a step that no parameter changes.
pub(super) fn is_real<'a>(num_qubits: usize, ops: &Ops, fixed: impl Fn(usize) -> Option<&'a [C64]>) -> bool {
    if num_qubits < FEWEST_QUBITS {
        return false;
    }
    let top = 1u64 << (num_qubits - 1);
    let numbers_are_real =
        |step: usize| fixed(step).is_some_and(|numbers| numbers.iter().all(|number| number.im == 0.0));
    let keeps_real = |op: &Op| match &op.kind {
        Kind::Term(Term { from: Factor::Numbers | Factor::Entry(_), step, .. }) => numbers_are_real(*step),
        Kind::Term(_) | Kind::Step { .. } | Kind::Top(_) => false,
        Kind::Rotation { number, .. } => {
            let rotation = ops.rotations[*number];
            let is_plain = rotation.core == Core { before: false, after: false, is_imaginary: false };
            is_plain && (fixed(rotation.step).is_none() || numbers_are_real(rotation.step))
        }
        Kind::Flip { .. } | Kind::Swap { .. } => true,
        Kind::Pair(pair) => match pair.form {
            PairForm::Flip => true,
            PairForm::Single(_) | PairForm::Cross(_) => numbers_are_real(pair.step),
            PairForm::Pauli(_) | PairForm::Product(_) => false,
        },
        Kind::Dense { step, .. } => numbers_are_real(*step),
    };
    let allows_top = |op: &Op| (op.mixed | op.diagonal) & top == 0 || on_top(op, top).is_some();
    ops.list.iter().all(|op| keeps_real(op) && allows_top(op))
}

/// Names the operations on the highest qubit so.
pub(super) fn pack(num_qubits: usize, ops: &mut Ops) {
    let top = 1u64 << (num_qubits - 1);
    for op in &mut ops.list {
        if let Some(mut operation) = on_top(op, top) {
            if let Kind::Rotation { number, .. } = op.kind {
                operation.step = ops.rotations[number].step;
            }
            (op.mixed, op.diagonal) = (top, operation.controls.mask);
            op.kind = Kind::Top(operation);
        }
    }
}

/// An operation on the highest qubit, if it is such a one that groups know; the step of a rotation is left out.
fn on_top(op: &Op, top: u64) -> Option<Top> {
    let others = |controls: Controls| Controls { mask: controls.mask & !top, value: controls.value & !top };
    let few = |controls: Controls| (controls.mask.count_ones() <= MOST_GUARDS).then_some(controls);
    match op.kind {
        Kind::Rotation { .. } if op.mixed == top => {
            Some(Top { form: TopForm::Turn, controls: Controls::default(), step: 0 })
        }
        Kind::Flip { controls, step, .. } if op.mixed == top => {
            Some(Top { form: TopForm::Flip, controls: few(controls)?, step })
        }
        Kind::Term(term) if term.on.mask() & top != 0 => {
            let controls = match term.on {
                Where::Parity(mask) if mask != top => return None,
                Where::Parity(_) => Controls::default(),
                Where::Controls(controls) => few(others(controls))?,
            };
            Some(Top { form: TopForm::Sign(term), controls, step: term.step })
        }
        _ => None,
    }
}
