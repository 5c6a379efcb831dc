//! Matrices on several targets: two by at most three CX, more as products of two-level rotations under controls.
//!
//! The latter are exact for any size and not short: O(4ⁿ) controlled gates (Nielsen and Chuang, section 4.5).
use super::call::Call;
use super::one_qubit::symbolic_power;
use super::target::Target;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::{C64, Matrix};
use crate::param::Affine;
use crate::passes::weyl::{Entangler, Four};

const ZERO: f64 = 1e-14;

/// Writes a call whose matrix is known.
pub(super) fn write(target: &mut Target, call: &Call) -> CoreResult<()> {
    let mut rest = call.target_matrix().ok_or_else(|| symbolic_power(target, call))?;
    if let (Some(unitary), []) = (Four::of(&rest), call.controls.as_slice()) {
        return pair(target, &call.targets, &unitary);
    }
    let order: Vec<usize> = (0..rest.dim()).map(|k| k ^ (k >> 1)).collect();
    let mut rotations: Vec<(usize, usize, Matrix)> = Vec::new();
    // Column by column, in Gray order, so that the two levels of every rotation differ in one bit.
    for column in 0..order.len() {
        for row in (column + 1..order.len()).rev() {
            let (upper, lower) = (order[row - 1], order[row]);
            let (a, b) = (rest.get(upper, order[column]), rest.get(lower, order[column]));
            if b.norm() < ZERO {
                continue;
            }
            let norm = libm::hypot(a.norm(), b.norm());
            let eliminate = Matrix::two(a.conj() / norm, b.conj() / norm, -b / norm, a / norm);
            mix(&mut rest, upper, lower, &eliminate);
            rotations.push((upper, lower, eliminate.dagger()));
        }
    }
    // What is left is diagonal: rest = …R₂R₁U, so U = R₁†R₂†…·rest, and rest acts first.
    diagonal(target, call, &rest)?;
    for (upper, lower, rotation) in rotations.into_iter().rev() {
        two_level(target, call, (upper, lower), &rotation)?;
    }
    Ok(())
}

/// A matrix on two targets, by its interaction.
fn pair(target: &mut Target, targets: &[u32], unitary: &Four) -> CoreResult<()> {
    let word = Entangler::Cz.word(unitary);
    target.turn(&Affine::number(unitary.phase_to(&word.unitary()).0));
    for (k, layer) in word.layers.iter().enumerate() {
        for (gate, qubit) in layer.iter().zip(targets) {
            let [[a, b], [c, d]] = gate.0;
            target.apply(Call::matrix(Matrix::two(a, b, c, d), &[*qubit]))?;
        }
        if k < word.links.len() {
            target.apply(Call::gate(Opcode::Cz, targets, &[]))?;
        }
    }
    Ok(())
}

/// Multiplies two rows of a matrix from the left.
fn mix(matrix: &mut Matrix, upper: usize, lower: usize, by: &Matrix) {
    for column in 0..matrix.dim() {
        let (a, b) = (matrix.get(upper, column), matrix.get(lower, column));
        matrix.set(upper, column, by.get(0, 0) * a + by.get(0, 1) * b);
        matrix.set(lower, column, by.get(1, 0) * a + by.get(1, 1) * b);
    }
}

/// A diagonal matrix: a phase on each basis state that has one.
fn diagonal(target: &mut Target, call: &Call, matrix: &Matrix) -> CoreResult<()> {
    for index in 0..matrix.dim() / 2 {
        // The two states that differ in the lowest bit share the other targets as controls.
        let (low, high) = (matrix.get(2 * index, 2 * index), matrix.get(2 * index + 1, 2 * index + 1));
        if (low - C64::ONE).norm() < ZERO && (high - C64::ONE).norm() < ZERO {
            continue;
        }
        two_level(target, call, (2 * index, 2 * index + 1), &Matrix::diagonal(&[low, high]))?;
    }
    Ok(())
}

/// A 2×2 matrix between two basis states that differ in one bit.
fn two_level(target: &mut Target, call: &Call, levels: (usize, usize), matrix: &Matrix) -> CoreResult<()> {
    let bit = (levels.0 ^ levels.1).trailing_zeros() as usize;
    let to = call.targets[bit];
    let swapped = levels.0 > levels.1;
    let (a, b) = if swapped { (1, 0) } else { (0, 1) };
    let local = Matrix::two(matrix.get(a, a), matrix.get(a, b), matrix.get(b, a), matrix.get(b, b));
    let others = (0..call.targets.len()).filter(|position| *position != bit);
    let (ones, zeros): (Vec<usize>, Vec<usize>) = others.partition(|position| levels.0 >> position & 1 == 1);
    let flips: Vec<Call> =
        zeros.iter().map(|position| Call::gate(Opcode::X, &[call.targets[*position]], &[])).collect();
    let qubits = ones.iter().chain(&zeros).map(|position| call.targets[*position]);
    let controls: Vec<u32> = call.controls.iter().copied().chain(qubits).collect();
    flips.iter().cloned().try_for_each(|flip| target.apply(flip))?;
    target.apply(Call::matrix(local, &[to]).under(&controls))?;
    flips.into_iter().try_for_each(|flip| target.apply(flip))
}
