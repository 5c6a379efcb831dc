//! Operations that mix each amplitude with one other, coefficients by register and lane: any 2x2 matrix with controls,
//! Pauli rotations, excitation-preserving gates; and diagonal ones.
use super::{Micro, Registers};
use crate::sim::vector::{Real, Vector};

/// Line `k` of the constants. SAFETY: it is there, and the processor has the instruction set of `V`.
#[inline(always)]
unsafe fn line<V: Vector>(c: *const V::Real, k: usize) -> V {
    // SAFETY: the caller's promise.
    unsafe { V::load(c.add(k * V::Real::LANES)) }
}

/// `(a + i b)(re + i im)` with the two lines `k` and `k + 1` for a and b. SAFETY: as for `line`.
#[inline(always)]
unsafe fn product<V: Vector>(c: *const V::Real, k: usize, (re, im): (V, V)) -> (V, V) {
    // SAFETY: the caller's promise.
    let (a, b) = unsafe { (line::<V>(c, k), line::<V>(c, k + 1)) };
    (b.neg_mul_add(im, a.mul(re)), b.mul_add(re, a.mul(im)))
}

/// The product added to a sum. SAFETY: as for `line`.
#[inline(always)]
unsafe fn add_product<V: Vector>(sum: (V, V), c: *const V::Real, k: usize, (re, im): (V, V)) -> (V, V) {
    // SAFETY: the caller's promise.
    let (a, b) = unsafe { (line::<V>(c, k), line::<V>(c, k + 1)) };
    (b.neg_mul_add(im, a.mul_add(re, sum.0)), b.mul_add(re, a.mul_add(im, sum.1)))
}

#[inline(always)]
fn turned<V: Vector, const LANES: bool>((re, im): (V, V), join: usize) -> (V, V) {
    if LANES { (re.xor_lanes(join), im.xor_lanes(join)) } else { (re, im) }
}

/// Safety of all: the processor has the instruction set of `V`; the lines of constants lie at `c`.
impl<V: Vector, const K: usize> Registers<V, K> {
    #[inline(always)]
    fn get(&self, r: usize) -> (V, V) {
        (self.re[r], self.im[r])
    }

    /// Lines at `c`, for each register: real and imaginary part of a, real and imaginary part of b.
    #[inline(always)]
    pub unsafe fn pair<const D: usize, const LANES: bool>(mut self, op: &Micro, c: *const V::Real) -> Self {
        let join = usize::from(op.lanes[0]);
        for r in 0..K {
            let s = r ^ D;
            if s < r || s >= K {
                continue;
            }
            let (a, b) = (self.get(r), self.get(s));
            // SAFETY: the caller's promise.
            unsafe {
                let new = product::<V>(c, 4 * r, a);
                (self.re[r], self.im[r]) = add_product(new, c, 4 * r + 2, turned::<V, LANES>(b, join));
                if D != 0 {
                    let new = product::<V>(c, 4 * s, b);
                    (self.re[s], self.im[s]) = add_product(new, c, 4 * s + 2, turned::<V, LANES>(a, join));
                }
            }
        }
        self
    }

    /// Lines at `c`, for each register: a, and b without its factor i.
    #[inline(always)]
    pub unsafe fn imaginary_pair<const D: usize, const LANES: bool>(
        mut self,
        op: &Micro,
        c: *const V::Real,
    ) -> Self {
        let join = usize::from(op.lanes[0]);
        for r in 0..K {
            let s = r ^ D;
            if s < r || s >= K {
                continue;
            }
            let (a, b) = (self.get(r), self.get(s));
            let (x, y) = (turned::<V, LANES>(b, join), turned::<V, LANES>(a, join));
            // SAFETY: the caller's promise.
            unsafe {
                let (keep, mix) = (line::<V>(c, 2 * r), line::<V>(c, 2 * r + 1));
                self.re[r] = mix.neg_mul_add(x.1, keep.mul(a.0));
                self.im[r] = mix.mul_add(x.0, keep.mul(a.1));
                if D != 0 {
                    let (keep, mix) = (line::<V>(c, 2 * s), line::<V>(c, 2 * s + 1));
                    self.re[s] = mix.neg_mul_add(y.1, keep.mul(b.0));
                    self.im[s] = mix.mul_add(y.0, keep.mul(b.1));
                }
            }
        }
        self
    }

    /// Two lines at `c`.
    #[inline(always)]
    pub unsafe fn lane_turn(mut self, op: &Micro, c: *const V::Real) -> Self {
        let join = usize::from(op.lanes[0]);
        // SAFETY: the caller's promise.
        let (keep, mix) = unsafe { (line::<V>(c, 0), line::<V>(c, 1)) };
        for r in 0..K {
            self.re[r] = mix.mul_add(self.re[r].xor_lanes(join), keep.mul(self.re[r]));
            self.im[r] = mix.mul_add(self.im[r].xor_lanes(join), keep.mul(self.im[r]));
        }
        self
    }

    /// Two lines at `c`.
    #[inline(always)]
    pub unsafe fn imaginary_lane_turn(mut self, op: &Micro, c: *const V::Real) -> Self {
        let join = usize::from(op.lanes[0]);
        // SAFETY: the caller's promise.
        let (keep, mix) = unsafe { (line::<V>(c, 0), line::<V>(c, 1)) };
        for r in 0..K {
            let (re, im) = self.get(r);
            self.re[r] = mix.neg_mul_add(im.xor_lanes(join), keep.mul(re));
            self.im[r] = mix.mul_add(re.xor_lanes(join), keep.mul(im));
        }
        self
    }

    /// Lines at `c`, for each register: real and imaginary part of its factors. Only registers with the bits of a mask
    /// are changed.
    #[inline(always)]
    pub unsafe fn phase<const BITS: usize>(mut self, c: *const V::Real) -> Self {
        for r in 0..K {
            if r & BITS != BITS {
                continue;
            }
            // SAFETY: the caller's promise.
            (self.re[r], self.im[r]) = unsafe { product::<V>(c, 2 * r, self.get(r)) };
        }
        self
    }

    /// Two numbers at `c`.
    #[inline(always)]
    pub unsafe fn scale(mut self, c: *const V::Real) -> Self {
        // SAFETY: the caller's promise.
        let (a, b) = unsafe { (V::splat(*c), V::splat(*c.add(1))) };
        for r in 0..K {
            let (re, im) = self.get(r);
            self.re[r] = b.neg_mul_add(im, a.mul(re));
            self.im[r] = b.mul_add(re, a.mul(im));
        }
        self
    }
}
