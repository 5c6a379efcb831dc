//! A matrix as the product of two, the smallest parts of its spectrum left out: what bounds the bonds.
use faer::MatRef;

use crate::error::CoreResult;
use crate::math::C64;
use crate::sim::linear::{adjoint, adjoint_product, copy, gram, hermitian, left_singular, product, qr, view};

/// Squared singular values come from the Gram matrix, twice as fast, when the cutoff lies above this: below, their
/// rounding would decide.
const LEAST_GRAM_CUTOFF: f64 = 1e-13;
/// Relative to the sum of the squares, for each of them: what is smaller is rounding.
const GRAM_ROUNDING: f64 = 1e-15;
const SINGULAR_ROUNDING: f64 = 1e-30;

/// What a bond may keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Truncation {
    /// Most values that a bond takes.
    pub max_bond: usize,
    /// Largest part of the squared norm that one truncation may drop while the bond is below `max_bond`.
    pub cutoff: f64,
}

/// Two factors of a matrix, column-major.
pub(super) struct Split {
    pub left: Vec<C64>,
    pub right: Vec<C64>,
    pub bond: usize,
    /// Part of the squared norm that was dropped; 0 when it was no more than rounding. The factors are scaled back.
    pub dropped: f64,
}

/// `m = left * right` with orthonormal columns in `left`.
pub(super) fn left_orthonormal(m: MatRef<'_, C64>, truncation: Truncation) -> CoreResult<Split> {
    if m.nrows() <= m.ncols() {
        return truncated(m, truncation);
    }
    let (q, r, rank) = qr(m);
    let inner = truncated(view(&r, rank, m.ncols()), truncation)?;
    let left = product(view(&q, m.nrows(), rank), view(&inner.left, rank, inner.bond));
    Ok(Split { left, ..inner })
}

/// `m = left * right` with orthonormal rows in `right`.
pub(super) fn right_orthonormal(m: MatRef<'_, C64>, truncation: Truncation) -> CoreResult<Split> {
    let turned = adjoint(m);
    let split = left_orthonormal(view(&turned, m.ncols(), m.nrows()), truncation)?;
    Ok(Split {
        left: adjoint(view(&split.right, split.bond, m.nrows())),
        right: adjoint(view(&split.left, m.ncols(), split.bond)),
        ..split
    })
}

/// For no more rows than columns.
fn truncated(m: MatRef<'_, C64>, truncation: Truncation) -> CoreResult<Split> {
    let rows = m.nrows();
    // Descending weights; column k of the basis belongs to the first of the pair.
    let (weights, basis, rounding): (Vec<(usize, f64)>, _, f64) = if truncation.cutoff >= LEAST_GRAM_CUTOFF {
        let (values, vectors) = hermitian(gram(m).as_ref())?;
        let weights = values.iter().enumerate().rev().map(|(k, value)| (k, value.max(0.0))).collect();
        (weights, vectors, GRAM_ROUNDING)
    } else {
        let (vectors, values) = left_singular(m)?;
        let weights = values.iter().map(|value| value * value).enumerate().collect();
        (weights, vectors, SINGULAR_ROUNDING)
    };
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let rounding = rounding * rows as f64;
    let bond = kept(&weights, total * truncation.cutoff.max(rounding)).min(truncation.max_bond);
    let mut left = Vec::with_capacity(rows * bond);
    for (k, _) in &weights[..bond] {
        left.extend((0..rows).map(|row| basis[(row, *k)]));
    }
    let mut right = adjoint_product(view(&left, rows, bond), m);
    // The eigenvalues of a Gram matrix cannot tell 1e-16 from nothing; the distance to the product can.
    let dropped = if bond == rows || total == 0.0 { 0.0 } else { distance(m, &left, &right, bond) / total };
    let dropped = if dropped <= SINGULAR_ROUNDING * rows as f64 { 0.0 } else { dropped };
    if dropped > 0.0 {
        let factor = 1.0 / libm::sqrt(1.0 - dropped);
        right.iter_mut().for_each(|value| *value *= factor);
    }
    Ok(Split { left, right, bond, dropped })
}

/// The squared distance of a matrix from the product of its factors.
fn distance(m: MatRef<'_, C64>, left: &[C64], right: &[C64], bond: usize) -> f64 {
    let near = product(view(left, m.nrows(), bond), view(right, bond, m.ncols()));
    copy(m).iter().zip(&near).map(|(a, b)| (a - b).norm_sqr()).sum()
}

/// How many weights stay when the smallest are dropped up to `most` in all; at least one.
fn kept(weights: &[(usize, f64)], most: f64) -> usize {
    let mut tail = 0.0;
    for (count, (_, weight)) in weights.iter().enumerate().rev() {
        tail += weight;
        if tail > most {
            return count + 1;
        }
    }
    1
}

/// `m = q * r` without truncation: orthonormal columns in `q`.
pub(super) fn orthonormal(m: MatRef<'_, C64>) -> Split {
    if m.ncols() == 1 && m.nrows() > 0 {
        let norm = libm::sqrt((0..m.nrows()).map(|row| m[(row, 0)].norm_sqr()).sum());
        if norm > 0.0 {
            let left = copy(m).into_iter().map(|value| value / norm).collect();
            return Split { left, right: vec![C64::new(norm, 0.0)], bond: 1, dropped: 0.0 };
        }
    }
    let (left, right, bond) = qr(m);
    Split { left, right, bond, dropped: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Philox;

    #[test]
    fn a_weight_below_the_rounding_of_the_gram_matrix_is_told() {
        let small = 2.4e-8;
        let m = [C64::ONE, C64::ZERO, C64::ZERO, C64::new(small, 0.0)];
        let split =
            left_orthonormal(view(&m, 2, 2), Truncation { max_bond: 8, cutoff: 1e-12 }).expect("converges");
        assert_eq!(split.bond, 1);
        assert!((split.dropped / (small * small) - 1.0).abs() < 1e-6, "{}", split.dropped);
    }

    #[test]
    fn the_weight_dropped_is_the_distance() {
        let mut random = Philox::new(5, 0);
        for (rows, columns, cutoff) in [(6, 9, 1e-2), (9, 6, 1e-2), (12, 12, 1e-15), (1, 4, 0.0), (5, 1, 0.0)]
        {
            // Rank one and noise below it.
            let m: Vec<C64> = (0..rows * columns)
                .map(|k| C64::new(1.0 + 0.05 * random.normal_pair().0, 0.02 * (k % 3) as f64))
                .collect();
            let total: f64 = m.iter().map(|value| value.norm_sqr()).sum();
            for max_bond in [1, 3, 100] {
                for towards_left in [true, false] {
                    let limits = Truncation { max_bond, cutoff };
                    let m = view(&m, rows, columns);
                    let split =
                        if towards_left { right_orthonormal(m, limits) } else { left_orthonormal(m, limits) };
                    let split = split.expect("converges");
                    assert!(split.bond <= max_bond);
                    let back =
                        product(view(&split.left, rows, split.bond), view(&split.right, split.bond, columns));
                    let scale = libm::sqrt(1.0 - split.dropped);
                    let distance: f64 =
                        copy(m).iter().zip(&back).map(|(a, b)| (a - b * scale).norm_sqr()).sum::<f64>()
                            / total;
                    assert!((distance - split.dropped).abs() < 1e-13, "{distance} {}", split.dropped);
                }
            }
        }
    }
}
