//! Gates on several or distant qubits as matrix product operators: their bonds are the operator-Schmidt ranks, 2 for
//! whatever is controlled, diagonal on two qubits, or a Pauli rotation.
use std::f64::consts::SQRT_2;

use super::site::Site;
use crate::error::CoreResult;
use crate::math::C64;
use crate::sim::linear::{adjoint_product, left_singular, product, view};

/// Relative to the largest: operator-Schmidt values below are rounding.
const NEGLIGIBLE: f64 = 1e-14;

/// One tensor of an operator: for each pair of bond values (l, r) a 2x2 matrix, row-major, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    pub left: usize,
    pub right: usize,
    /// (l, r, matrix) of what is not zero.
    pub blocks: Vec<(usize, usize, [C64; 4])>,
}

pub(super) const IDENTITY: [C64; 4] = [C64::ONE, C64::ZERO, C64::ZERO, C64::ONE];

impl Link {
    /// Hands `bond` values through and leaves the qubit as it is.
    pub fn through(bond: usize) -> Self {
        Link { left: bond, right: bond, blocks: (0..bond).map(|k| (k, k, IDENTITY)).collect() }
    }

    /// The same matrix on every one of `bond` values.
    pub fn repeated(bond: usize, matrix: [C64; 4]) -> Self {
        Link { left: bond, right: bond, blocks: (0..bond).map(|k| (k, k, matrix)).collect() }
    }

    /// The tensor of a site after the operator: bond indices (site, operator), the site's first.
    pub fn apply(&self, site: &Site) -> Site {
        let (left, right) = (site.left * self.left, site.right * self.right);
        let mut data = vec![C64::ZERO; 2 * left * right];
        for (l, r, matrix) in &self.blocks {
            for column in 0..site.right {
                let from = &site.data[2 * site.left * column..][..2 * site.left];
                let (zeros, ones) = from.split_at(site.left);
                let to = &mut data[2 * left * (column + site.right * r) + site.left * l..];
                for s in 0..2 {
                    let (a, b) = (matrix[2 * s], matrix[2 * s + 1]);
                    let out = &mut to[s * left..][..site.left];
                    for ((value, zero), one) in out.iter_mut().zip(zeros).zip(ones) {
                        *value += a * zero + b * one;
                    }
                }
            }
        }
        Site { left, right, data }
    }
}

/// A matrix on qubits, row-major, bit `k` of an index the `k`-th of them, as links in that order.
pub(crate) fn factorised(matrix: &[C64], num_qubits: usize) -> CoreResult<Vec<Link>> {
    let dimension = 1usize << num_qubits;
    // rest[b + bond * (digits of the qubits to come)], a digit being row bit + 2 * column bit.
    let mut rest = vec![C64::ZERO; dimension * dimension];
    for row in 0..dimension {
        for column in 0..dimension {
            let digits: usize =
                (0..num_qubits).map(|k| ((row >> k & 1) + 2 * (column >> k & 1)) << (2 * k)).sum();
            rest[digits] = matrix[row * dimension + column];
        }
    }
    let (mut links, mut bond) = (Vec::with_capacity(num_qubits), 1);
    for k in 0..num_qubits {
        let (rows, columns) = (4 * bond, rest.len() / (4 * bond));
        if k + 1 == num_qubits {
            links.push(link(&rest, bond, 1));
            break;
        }
        let m = view(&rest, rows, columns);
        let (basis, values) = left_singular(m)?;
        let rank = values.iter().filter(|value| **value > NEGLIGIBLE * values[0]).count().max(1);
        let left: Vec<C64> =
            (0..rank).flat_map(|c| (0..rows).map(move |r| (r, c))).map(|at| basis[at]).collect();
        rest = adjoint_product(view(&left, rows, rank), m);
        links.push(link(&left, bond, rank));
        bond = rank;
    }
    Ok(links)
}

/// From `data[l + left * (digit + 4 * r)]`.
fn link(data: &[C64], left: usize, right: usize) -> Link {
    let mut blocks = Vec::new();
    for r in 0..right {
        for l in 0..left {
            let entry = |digit: usize| data[l + left * (digit + 4 * r)];
            let matrix = [entry(0), entry(2), entry(1), entry(3)];
            if matrix.iter().any(|value| *value != C64::ZERO) {
                blocks.push((l, r, matrix));
            }
        }
    }
    Link { left, right, blocks }
}

/// `factor * 1 + operator`, over the same sites.
pub(super) fn plus_identity(factor: C64, links: Vec<Link>) -> Vec<Link> {
    let count = links.len();
    if count == 1 {
        let mut sum = IDENTITY.map(|value| value * factor);
        links[0].blocks.iter().for_each(|(_, _, m)| sum.iter_mut().zip(m).for_each(|(a, b)| *a += b));
        return vec![Link { left: 1, right: 1, blocks: vec![(0, 0, sum)] }];
    }
    let widen = |(k, link): (usize, Link)| {
        let (first, last) = (k == 0, k + 1 == count);
        let shift = |index: usize, joined: bool| if joined { index } else { index + 1 };
        let own = if first { IDENTITY.map(|value| value * factor) } else { IDENTITY };
        let moved = link.blocks.into_iter().map(|(l, r, m)| (shift(l, first), shift(r, last), m));
        Link {
            left: shift(link.left, first),
            right: shift(link.right, last),
            blocks: std::iter::once((0, 0, own)).chain(moved).collect(),
        }
    };
    links.into_iter().enumerate().map(widen).collect()
}

/// The unitary 2x2 factors of a unitary 4x4 matrix that acts on its two qubits apart; `None` when it binds them.
pub(super) fn as_product(matrix: &[C64; 16]) -> CoreResult<Option<[[C64; 4]; 2]>> {
    let links = factorised(matrix, 2)?;
    let whole = |link: &Link| link.blocks.first().map_or([C64::ZERO; 4], |(_, _, m)| *m);
    Ok((links[0].right == 1).then(|| {
        let [first, second] = [whole(&links[0]), whole(&links[1])];
        // The links share the norm of the whole as they like.
        let scale = SQRT_2 / libm::sqrt(first.iter().map(|entry| entry.norm_sqr()).sum());
        [first.map(|entry| entry * scale), second.map(|entry| entry / scale)]
    }))
}

/// `b * a` for row-major square matrices.
pub(super) fn after<const N: usize>(b: &[C64; N], a: &[C64; N]) -> [C64; N] {
    let n = N.isqrt();
    // Row-major slices seen column-major are transposes: (b a)^T = a^T b^T.
    let turned = product(view(a, n, n), view(b, n, n));
    std::array::from_fn(|k| turned[k])
}
