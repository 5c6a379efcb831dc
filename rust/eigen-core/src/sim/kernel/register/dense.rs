//! 4x4 matrices on two qubits, wherever they lie: loops of their own, for they need all registers.
use super::{Registers, check_lines, offsets};
use crate::sim::kernel::Indices;
use crate::sim::vector::{Kernel, Real, Vector};

/// Where the two qubits of a matrix lie; the first is the low bit of its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// Two block bits. Constants: 16 complex numbers, row by row.
    Blocks([usize; 2]),
    /// A lane mask, a block bit, and whether the lane qubit is the first. Constants: complex lines by row and column of the block bit, for lanes as they are
    /// and for lanes exchanged.
    LaneAndBlock(usize, usize, bool),
    /// Two lane masks. Constants: complex lines for lanes as they are, exchanged by either mask, and by both.
    Lanes([usize; 2]),
}

/// A 4x4 matrix over a run of blocks.
pub(crate) struct RunDense<'a, R: Real> {
    pub lines: &'a mut [R],
    pub places: Places,
    /// Further block bits that are fixed, and their values.
    pub fixed: usize,
    pub value: usize,
    /// Constants of the matrix, 64-byte aligned.
    pub constants: &'a [R],
}

impl<R: Real> Kernel<R> for RunDense<'_, R> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) {
        let blocks = self.lines.len() / (2 * R::LANES);
        check_lines(self.lines, self.constants);
        let bits: &[usize] = match &self.places {
            Places::Blocks(bits) => bits,
            Places::LaneAndBlock(_, bit, _) => std::slice::from_ref(bit),
            Places::Lanes(_) => &[],
        };
        let fixed = bits.iter().fold(self.fixed, |mask, bit| mask | 1 << bit);
        assert!(fixed < blocks && self.value & !self.fixed == 0, "a matrix beyond its blocks");
        assert!(self.constants.len() >= if bits.len() == 2 { 32 } else { 8 * R::LANES * (1 + bits.len()) });
        let (start, c) = (self.lines.as_mut_ptr(), self.constants.as_ptr());
        let indices = Indices::new(blocks, fixed, self.value);
        // SAFETY: every block index is below `blocks`, and the constants are there, by the assertions.
        unsafe {
            match self.places {
                Places::Blocks(bits) => {
                    let offsets = offsets::<4>(&bits);
                    for base in indices {
                        Registers::<V, 4>::load(start, base, &offsets)
                            .dense::<0, 1>(c)
                            .store(start, base, &offsets);
                    }
                }
                Places::LaneAndBlock(join, bit, _) => {
                    let offsets = offsets::<2>(&[bit]);
                    for base in indices {
                        let x = Registers::<V, 2>::load(start, base, &offsets);
                        x.lane_dense::<0>(join, c).store(start, base, &offsets);
                    }
                }
                Places::Lanes(joins) => {
                    for base in indices {
                        let x = Registers::<V, 1>::load(start, base, &[0]);
                        x.lanes_dense(joins, c).store(start, base, &[0]);
                    }
                }
            }
        }
    }
}

/// `(cr + i ci)(re + i im)`, added to a sum but for the first.
macro_rules! product {
    ($cr:expr, $ci:expr, $x:expr) => {{
        let ((cr, ci), (re, im)) = (($cr, $ci), $x);
        (ci.neg_mul_add(im, cr.mul(re)), ci.mul_add(re, cr.mul(im)))
    }};
    ($sum:expr, $cr:expr, $ci:expr, $x:expr) => {{
        let (sum, (cr, ci), (re, im)) = ($sum, ($cr, $ci), $x);
        (ci.neg_mul_add(im, cr.mul_add(re, sum.0)), ci.mul_add(re, cr.mul_add(im, sum.1)))
    }};
}

/// Safety of all: the processor has the instruction set of `V`; the constants lie at `c`.
impl<V: Vector, const K: usize> Registers<V, K> {
    #[inline(always)]
    unsafe fn dense<const A: usize, const B: usize>(mut self, c: *const V::Real) -> Self {
        for base in 0..K {
            let (p, q, both) = (base | 1 << A, base | 1 << B, base | 1 << A | 1 << B);
            if base == p || base == q || both >= K {
                continue;
            }
            let w = (self.re[base], self.im[base]);
            let x = (self.re[p], self.im[p]);
            let y = (self.re[q], self.im[q]);
            let z = (self.re[both], self.im[both]);
            macro_rules! row {
                ($row:literal) => {{
                    // SAFETY: the caller's promise.
                    unsafe {
                        let at = c.add(8 * $row);
                        let sum = product!(V::splat(*at), V::splat(*at.add(1)), w);
                        let sum = product!(sum, V::splat(*at.add(2)), V::splat(*at.add(3)), x);
                        let sum = product!(sum, V::splat(*at.add(4)), V::splat(*at.add(5)), y);
                        product!(sum, V::splat(*at.add(6)), V::splat(*at.add(7)), z)
                    }
                }};
            }
            (self.re[base], self.im[base]) = row!(0);
            (self.re[p], self.im[p]) = row!(1);
            (self.re[q], self.im[q]) = row!(2);
            (self.re[both], self.im[both]) = row!(3);
        }
        self
    }

    #[inline(always)]
    unsafe fn lane_dense<const B: usize>(mut self, join: usize, c: *const V::Real) -> Self {
        for r in 0..K {
            let s = r | 1 << B;
            if r == s || s >= K {
                continue;
            }
            let (x, y) = ((self.re[r], self.im[r]), (self.re[s], self.im[s]));
            let (u, v) =
                ((x.0.xor_lanes(join), x.1.xor_lanes(join)), (y.0.xor_lanes(join), y.1.xor_lanes(join)));
            macro_rules! row {
                ($row:literal) => {{
                    let lanes = V::Real::LANES;
                    // SAFETY: the caller's promise.
                    unsafe {
                        let at = c.add(8 * lanes * $row);
                        let sum = product!(V::load(at), V::load(at.add(lanes)), x);
                        let sum = product!(sum, V::load(at.add(2 * lanes)), V::load(at.add(3 * lanes)), u);
                        let sum = product!(sum, V::load(at.add(4 * lanes)), V::load(at.add(5 * lanes)), y);
                        product!(sum, V::load(at.add(6 * lanes)), V::load(at.add(7 * lanes)), v)
                    }
                }};
            }
            (self.re[r], self.im[r]) = row!(0);
            (self.re[s], self.im[s]) = row!(1);
        }
        self
    }

    #[inline(always)]
    unsafe fn lanes_dense(mut self, [a, b]: [usize; 2], c: *const V::Real) -> Self {
        let lanes = V::Real::LANES;
        for r in 0..K {
            let x = (self.re[r], self.im[r]);
            let u = (x.0.xor_lanes(a), x.1.xor_lanes(a));
            let v = (x.0.xor_lanes(b), x.1.xor_lanes(b));
            let w = (x.0.xor_lanes(a ^ b), x.1.xor_lanes(a ^ b));
            // SAFETY: the caller's promise.
            (self.re[r], self.im[r]) = unsafe {
                let sum = product!(V::load(c), V::load(c.add(lanes)), x);
                let sum = product!(sum, V::load(c.add(2 * lanes)), V::load(c.add(3 * lanes)), u);
                let sum = product!(sum, V::load(c.add(4 * lanes)), V::load(c.add(5 * lanes)), v);
                product!(sum, V::load(c.add(6 * lanes)), V::load(c.add(7 * lanes)), w)
            };
        }
        self
    }
}
