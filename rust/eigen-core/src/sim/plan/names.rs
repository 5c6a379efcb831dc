//! SWAPs for free: |0…0> does not change under them, so all of a circuit's come first, by other names of the qubits in
//! what lies before each.
use std::borrow::Cow;

use crate::math::C64;
use crate::sim::segment::Step;
use crate::sim::step::{Controls, Shape};

/// The targets of a step that is a SWAP, or one followed by a diagonal matrix. `fixed` are numbers that no parameter
/// changes.
pub(super) fn swapped(step: &Step, fixed: Option<&[C64]>) -> Option<[usize; 2]> {
    match (&step.shape, fixed) {
        _ if step.controls.mask != 0 => None,
        (Shape::Swap { targets }, _) => Some(*targets),
        (Shape::Double { targets }, Some(matrix)) if is_swap_and_diagonal(matrix) => Some(*targets),
        _ => None,
    }
}

fn is_swap_and_diagonal(matrix: &[C64]) -> bool {
    (0..16).all(|k| [0, 6, 9, 15].contains(&k) || matrix[k] == C64::ZERO)
}

/// The steps with the names that their qubits have when all SWAPs are done at the beginning.
pub(super) fn renamed<'a, 'b>(
    num_qubits: usize,
    steps: &'a [Step],
    fixed: impl Fn(usize) -> Option<&'b [C64]>,
) -> Cow<'a, [Step]> {
    let swaps: Vec<_> = steps.iter().enumerate().map(|(index, step)| swapped(step, fixed(index))).collect();
    if swaps.iter().all(Option::is_none) {
        return Cow::Borrowed(steps);
    }
    let mut names: Vec<usize> = (0..num_qubits).collect();
    let mut out = Vec::with_capacity(steps.len());
    for (step, swap) in steps.iter().zip(swaps).rev() {
        let spread = |mask: u64| {
            names.iter().enumerate().fold(0, |out, (qubit, name)| out | (mask >> qubit & 1) << name)
        };
        let Controls { mask, value } = step.controls;
        let controls = Controls { mask: spread(mask), value: spread(value) };
        let shape = step.shape.renamed(|qubit| names[qubit], spread);
        out.push(Step { shape, controls, sources: step.sources.clone() });
        if let Some([a, b]) = swap {
            names.swap(a, b);
        }
    }
    out.reverse();
    Cow::Owned(out)
}
