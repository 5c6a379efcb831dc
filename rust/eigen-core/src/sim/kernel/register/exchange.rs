//! Operations on two qubits that leave |00> alone: on register bits with the same numbers in all lanes, and those that
//! change the singlet alone wherever the qubits lie.
use super::{Micro, Registers};
use crate::sim::vector::{Real, Vector};

/// Complex number `k` at `c`, in all lanes. SAFETY: it is there, and the processor has the instruction set of `V`.
#[inline(always)]
unsafe fn number<V: Vector>(c: *const V::Real, k: usize) -> (V, V) {
    // SAFETY: the caller's promise.
    unsafe { (V::splat(*c.add(2 * k)), V::splat(*c.add(2 * k + 1))) }
}

#[inline(always)]
fn times<V: Vector>((a, b): (V, V), (re, im): (V, V)) -> (V, V) {
    (b.neg_mul_add(im, a.mul(re)), b.mul_add(re, a.mul(im)))
}

/// `sum + (a + i b)(re + i im)`.
#[inline(always)]
fn plus_times<V: Vector>(sum: (V, V), (a, b): (V, V), (re, im): (V, V)) -> (V, V) {
    (b.neg_mul_add(im, a.mul_add(re, sum.0)), b.mul_add(re, a.mul_add(im, sum.1)))
}

/// `sum - (a + i b)(re + i im)`.
#[inline(always)]
fn less_times<V: Vector>(sum: (V, V), (a, b): (V, V), (re, im): (V, V)) -> (V, V) {
    (b.mul_add(im, a.neg_mul_add(re, sum.0)), b.neg_mul_add(re, a.neg_mul_add(im, sum.1)))
}

#[inline(always)]
fn less<V: Vector>(a: (V, V), b: (V, V)) -> (V, V) {
    (a.0.sub(b.0), a.1.sub(b.1))
}

#[inline(always)]
fn joined<V: Vector>((re, im): (V, V), join: usize) -> (V, V) {
    (re.xor_lanes(join), im.xor_lanes(join))
}

/// Safety of all: the processor has the instruction set of `V`; the constants lie at `c`.
impl<V: Vector, const K: usize> Registers<V, K> {
    /// Five numbers at `c`: the factor where bits `A` and `B` are set, and by rows the matrix where one is, `A` first.
    #[inline(always)]
    pub unsafe fn mix_odd<const A: usize, const B: usize>(mut self, c: *const V::Real) -> Self {
        for r in 0..K {
            let (p, q, both) = (r | 1 << A, r | 1 << B, r | 1 << A | 1 << B);
            if r == p || r == q || both >= K {
                continue;
            }
            let (x, y, z) =
                ((self.re[p], self.im[p]), (self.re[q], self.im[q]), (self.re[both], self.im[both]));
            // SAFETY: the caller's promise.
            unsafe {
                (self.re[both], self.im[both]) = times(number::<V>(c, 0), z);
                let first = times(number::<V>(c, 1), x);
                (self.re[p], self.im[p]) = plus_times(first, number::<V>(c, 2), y);
                let second = times(number::<V>(c, 3), x);
                (self.re[q], self.im[q]) = plus_times(second, number::<V>(c, 4), y);
            }
        }
        self
    }

    /// One number k at `c`: `1 + k (1 - SWAP)` on bits `A` and `B`.
    #[inline(always)]
    pub unsafe fn singlet<const A: usize, const B: usize>(mut self, c: *const V::Real) -> Self {
        // SAFETY: the caller's promise.
        let k = unsafe { number::<V>(c, 0) };
        for r in 0..K {
            let (p, q, both) = (r | 1 << A, r | 1 << B, r | 1 << A | 1 << B);
            if r == p || r == q || both >= K {
                continue;
            }
            let (x, y) = ((self.re[p], self.im[p]), (self.re[q], self.im[q]));
            let difference = less(x, y);
            (self.re[p], self.im[p]) = plus_times(x, k, difference);
            (self.re[q], self.im[q]) = less_times(y, k, difference);
        }
        self
    }

    /// The same on lanes that `op.lanes[0]` joins with those of the register that differs in the bits of `D`. Lines at
    /// `c`: k by lane, 0 where both qubits are alike, for the value 0 of the register bit and for 1.
    #[inline(always)]
    pub unsafe fn lane_singlet<const D: usize>(mut self, op: &Micro, c: *const V::Real) -> Self {
        let (join, lanes) = (usize::from(op.lanes[0]), V::Real::LANES);
        for r in 0..K {
            let s = r ^ D;
            if s < r || s >= K {
                continue;
            }
            let (x, y) = ((self.re[r], self.im[r]), (self.re[s], self.im[s]));
            // SAFETY: the caller's promise.
            unsafe {
                let k = (V::load(c), V::load(c.add(lanes)));
                (self.re[r], self.im[r]) = plus_times(x, k, less(x, joined(y, join)));
                if D != 0 {
                    let k = (V::load(c.add(2 * lanes)), V::load(c.add(3 * lanes)));
                    (self.re[s], self.im[s]) = plus_times(y, k, less(y, joined(x, join)));
                }
            }
        }
        self
    }
}
