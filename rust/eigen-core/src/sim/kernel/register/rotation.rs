//! Real and imaginary 2x2 matrices on one register bit, scaled so that half of their entries are 1 or -1: one fused
//! operation for each amplitude's part. The scale is a factor of the whole state, multiplied in elsewhere.
use super::Registers;
use crate::sim::vector::Vector;

/// A method that replaces both parts `(a, b)` of every pair that differs in bit `Q`.
macro_rules! by_parts {
    ($name:ident, |$p:ident, $q:ident, $a:ident, $b:ident| $new:expr) => {
        #[inline(always)]
        pub unsafe fn $name<const Q: usize>(mut self, c: *const V::Real) -> Self {
            // SAFETY: the caller's promise.
            let ($p, $q) = unsafe { (V::splat(*c), V::splat(*c.add(1))) };
            for r in 0..K {
                let s = r | 1 << Q;
                if r != s && s < K {
                    let ($a, $b) = (self.re[r], self.re[s]);
                    (self.re[r], self.re[s]) = $new;
                    let ($a, $b) = (self.im[r], self.im[s]);
                    (self.im[r], self.im[s]) = $new;
                }
            }
            self
        }
    };
}

/// A method that replaces the complex numbers `(ar + i ai, br + i bi)` of every pair that differs in bit `Q`.
macro_rules! by_pairs {
    ($name:ident, |$p:ident, $q:ident, $ar:ident, $ai:ident, $br:ident, $bi:ident| $new:expr) => {
        #[inline(always)]
        pub unsafe fn $name<const Q: usize>(mut self, c: *const V::Real) -> Self {
            // SAFETY: the caller's promise.
            let ($p, $q) = unsafe { (V::splat(*c), V::splat(*c.add(1))) };
            for r in 0..K {
                let s = r | 1 << Q;
                if r != s && s < K {
                    let ($ar, $ai, $br, $bi) = (self.re[r], self.im[r], self.re[s], self.im[s]);
                    (self.re[r], self.im[r], self.re[s], self.im[s]) = $new;
                }
            }
            self
        }
    };
}

/// Safety of all: the processor has the instruction set of `V`; two numbers lie at `c`. No closures and no calls that
/// are not inlined: registers would not survive them.
impl<V: Vector, const K: usize> Registers<V, K> {
    by_parts!(turn, |p, q, a, b| (p.mul_add(b, a), q.mul_add(a, b)));
    by_parts!(mirror, |p, q, a, b| (p.mul_add(b, a), q.mul_sub(a, b)));
    by_parts!(turn_flipped, |p, q, a, b| (p.mul_add(a, b), q.mul_sub(b, a)));
    by_parts!(mirror_flipped, |p, q, a, b| (p.mul_add(a, b), q.mul_add(b, a)));
    by_pairs!(imaginary, |p, q, ar, ai, br, bi| (
        p.neg_mul_add(bi, ar),
        p.mul_add(br, ai),
        q.neg_mul_add(ai, br),
        q.mul_add(ar, bi)
    ));
    by_pairs!(imaginary_flipped, |p, q, ar, ai, br, bi| (
        p.neg_mul_add(ai, br),
        p.mul_add(ar, bi),
        q.neg_mul_add(bi, ar),
        q.mul_add(br, ai)
    ));
}
