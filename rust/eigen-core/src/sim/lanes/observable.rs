//! An observable behind a circuit's Clifford gates, in coordinates: its expectation value and what it makes of a state.
//!
//! Sums run in the same order in both layouts, so that an energy has the same bits alone and among others.
use std::collections::BTreeMap;

use super::complex::{Complex, dot};
use super::coordinates::is_odd;
use super::frame::Pauli;
use super::program::{Layout, Program};
use super::vector::{Cells, LANES, Lane, Vector};
use super::walk::{Part, Walk};
use crate::sim::pauli_sum::PauliTerm;

/// Most numbers in the tables of an observable, 32 MiB, and most of the work of filling them.
const MOST_WEIGHTS: usize = 1 << 22;
const MOST_WORK: usize = 1 << 27;

/// Terms that couple each amplitude `p` to `p ^ flip`: with `X = 1`, or `-i` for imaginary ones, and weights `w`, the
/// observable takes `psi` to `X w[p] psi[p ^ flip]`.
#[derive(Clone, Debug)]
struct Group {
    flip: usize,
    is_imaginary: bool,
    weights: Weights,
    /// One cell of each coupled pair, eight amplitudes in a cell; runs of one sign where there is one weight.
    walk: Walk,
}

#[derive(Clone, Debug)]
enum Weights {
    /// `(-1)^(p . signs)` times the weight, in the lanes of even cells and of odd ones.
    One { signs: usize, lanes: [Lane; 2] },
    /// One for each amplitude.
    Each(Vec<Lane>),
}

impl Weights {
    /// The weights of the eight amplitudes of a cell.
    #[inline(always)]
    fn of(&self, cell: usize) -> &Lane {
        match self {
            Weights::One { signs, lanes } => &lanes[((cell << 3) & signs).count_ones() as usize & 1],
            Weights::Each(table) => &table[cell],
        }
    }
}

/// An observable for a program.
#[derive(Clone, Debug)]
pub(super) struct Image {
    groups: Vec<Group>,
    /// Amplitudes in use of each eight: fewer than eight in the smallest states.
    width: usize,
}

impl Image {
    /// `None` when its tables would be too large.
    pub fn new(terms: &[PauliTerm], program: &Program) -> Option<Self> {
        let dim = program.space.dim();
        let mut grouped: BTreeMap<(u32, bool), Vec<(u32, f64)>> = BTreeMap::new();
        for term in terms {
            let image = program.frame.image(Pauli::hermitian(term.x, term.z));
            // A flip that no sum of rotations makes couples no two amplitudes.
            let Some(flip) = program.space.find(image.x) else { continue };
            let letters = (image.x & image.z).count_ones() % 4;
            let is_negative = image.is_negative() ^ (letters >= 2);
            let weight = if is_negative { -term.coefficient } else { term.coefficient };
            let signs = program.space.signs(image.z);
            grouped.entry((flip, letters % 2 == 1)).or_default().push((signs, weight));
        }
        let tabled: usize = grouped.values().map(Vec::len).filter(|len| *len > 1).sum();
        let tables = grouped.values().filter(|terms| terms.len() > 1).count();
        if tables << dim > MOST_WEIGHTS || tabled << dim > MOST_WORK {
            return None;
        }
        let cells_dim = dim.saturating_sub(3);
        let groups = grouped.into_iter().map(|((flip, is_imaginary), terms)| {
            let flips = if flip >> 3 == 0 { vec![] } else { vec![flip >> 3] };
            let (weights, signs) = weights(&terms, dim);
            let walk = Walk::new(cells_dim, &flips, [signs >> 3, 0]);
            Group { flip: flip as usize, is_imaginary, weights, walk }
        });
        Some(Image { groups: groups.collect(), width: LANES.min(1 << dim) })
    }

    /// A part of the expectation values, one in each lane (`Sets`), or of the sum of all lanes (`Amplitudes`).
    #[inline(always)]
    pub fn expectation<V: Vector>(&self, ket: Cells, layout: Layout, part: Part) -> Lane {
        match layout {
            Layout::Sets => self.of_sets::<V>(ket),
            Layout::Amplitudes => self.of_amplitudes::<V>(ket, part),
        }
    }

    #[inline(always)]
    fn of_amplitudes<V: Vector>(&self, ket: Cells, part: Part) -> Lane {
        let mut total = V::splat(0.0);
        for group in &self.groups {
            let (high, low) = (group.flip >> 3, group.flip & 7);
            let mut sum = V::splat(0.0);
            for start in &group.walk.starts {
                for i in group.walk.part(*start, part) {
                    let left = ket.read::<V>(i);
                    let right = ket.read::<V>(i ^ high).xor_lanes(low);
                    let product = if group.is_imaginary {
                        dot::<V, false>(left, right, V::splat(0.0))
                    } else {
                        dot::<V, true>(left, right, V::splat(0.0))
                    };
                    sum = product.mul_add(V::load(group.weights.of(i)), sum);
                }
            }
            total = total.add(if high == 0 { sum } else { sum.add(sum) });
        }
        let mut out = Lane::ZERO;
        total.store(&mut out);
        out
    }

    #[inline(always)]
    fn of_sets<V: Vector>(&self, ket: Cells) -> Lane {
        let mut totals = [V::splat(0.0); LANES];
        for group in &self.groups {
            let mut sums = [V::splat(0.0); LANES];
            for start in &group.walk.starts {
                for i in group.walk.part(*start, Part::WHOLE) {
                    let weights = group.weights.of(i);
                    for l in 0..self.width {
                        let p = i << 3 | l;
                        let left = ket.read::<V>(p);
                        let right = ket.read::<V>(p ^ group.flip);
                        let product = if group.is_imaginary {
                            dot::<V, false>(left, right, V::splat(0.0))
                        } else {
                            dot::<V, true>(left, right, V::splat(0.0))
                        };
                        sums[l] = product.mul_add(V::splat(weights.0[l]), sums[l]);
                    }
                }
            }
            for l in 0..LANES {
                totals[l] = totals[l].add(if group.flip >> 3 == 0 { sums[l] } else { sums[l].add(sums[l]) });
            }
        }
        let t = totals;
        let total = (t[0].add(t[1]).add(t[2].add(t[3]))).add(t[4].add(t[5]).add(t[6].add(t[7])));
        let mut out = Lane::ZERO;
        total.store(&mut out);
        out
    }

    /// Writes a part of `O ket` into `out`.
    #[inline(always)]
    pub fn apply<V: Vector>(&self, ket: Cells, out: Cells, cells: usize, layout: Layout, part: Part) {
        let bits = layout.lane_bits();
        for p in part.of(cells as u32) {
            let p = p as usize;
            let mut sum = Complex { re: V::splat(0.0), im: V::splat(0.0) };
            for group in &self.groups {
                let (weight, other) = if bits == 0 {
                    let weight = V::splat(group.weights.of(p >> 3).0[p & 7]);
                    (weight, ket.read::<V>(p ^ group.flip))
                } else {
                    let other = ket.read::<V>(p ^ group.flip >> 3).xor_lanes(group.flip & 7);
                    (V::load(group.weights.of(p)), other)
                };
                sum = if group.is_imaginary {
                    sum.plus::<false>(weight, other)
                } else {
                    sum.plus::<true>(weight, other)
                };
            }
            out.write(p, sum);
        }
    }
}

/// The weights of terms (signs, coefficient), and the sign mask of a single one.
fn weights(terms: &[(u32, f64)], dim: usize) -> (Weights, u32) {
    let at = |p: usize| -> f64 {
        let signed = |(signs, weight): &(u32, f64)| if is_odd(p as u32, *signs) { -weight } else { *weight };
        terms.iter().map(signed).sum()
    };
    let width = LANES.min(1 << dim);
    let lane = |cell: usize, sign: f64| {
        Lane(std::array::from_fn(|l| if l < width { sign * at(cell << 3 | l) } else { 0.0 }))
    };
    if let [(signs, _)] = terms {
        return (Weights::One { signs: *signs as usize, lanes: [lane(0, 1.0), lane(0, -1.0)] }, *signs);
    }
    (Weights::Each((0..1 << dim.saturating_sub(3)).map(|cell| lane(cell, 1.0)).collect()), 0)
}
