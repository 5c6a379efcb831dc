//! Operations on real and imaginary parts as on the two values of a qubit, for states whose amplitudes are all real.
use super::Registers;
use crate::sim::vector::{Real, Vector};

/// Safety of all: the processor has the instruction set of `V`; the constants lie at `c`.
impl<V: Vector, const K: usize> Registers<V, K> {
    /// Four numbers at `c`: a real 2x2 matrix, row by row.
    #[inline(always)]
    pub unsafe fn part_turn(mut self, c: *const V::Real) -> Self {
        // SAFETY: the caller's promise.
        let [m, n, p, q] = unsafe { [0, 1, 2, 3].map(|k| V::splat(*c.add(k))) };
        for r in 0..K {
            let (re, im) = (self.re[r], self.im[r]);
            self.re[r] = n.mul_add(im, m.mul(re));
            self.im[r] = q.mul_add(im, p.mul(re));
        }
        self
    }

    /// Four lines at `c` for each register: the same by register and lane.
    #[inline(always)]
    pub unsafe fn part_mix(mut self, c: *const V::Real) -> Self {
        for r in 0..K {
            let (re, im) = (self.re[r], self.im[r]);
            // SAFETY: the caller's promise.
            unsafe {
                let line = |k: usize| V::load(c.add((4 * r + k) * V::Real::LANES));
                self.re[r] = line(1).mul_add(im, line(0).mul(re));
                self.im[r] = line(3).mul_add(im, line(2).mul(re));
            }
        }
        self
    }

    /// Exchanges the parts in registers with all bits of `C`.
    #[inline(always)]
    pub fn part_flip<const C: usize>(mut self) -> Self {
        for r in 0..K {
            if r & C == C {
                (self.re[r], self.im[r]) = (self.im[r], self.re[r]);
            }
        }
        self
    }
}
