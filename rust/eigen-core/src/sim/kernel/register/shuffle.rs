//! Operations that only move amplitudes: flips with and without controls, swaps. No arithmetic.
use super::{Micro, Registers};
use crate::sim::vector::Vector;

impl<V: Vector, const K: usize> Registers<V, K> {
    /// Exchanges registers that differ in bit `Q`, in the lanes of `op.lanes[1]`.
    #[inline(always)]
    pub fn flip<const Q: usize>(mut self, op: &Micro) -> Self {
        let lanes = op.lanes[1];
        for r in 0..K {
            let s = r | 1 << Q;
            if r == s || s >= K {
                continue;
            }
            if lanes == u16::MAX {
                self.exchange(r, s);
                continue;
            }
            let (a, b) = (self.re[r], self.re[s]);
            (self.re[r], self.re[s]) = (a.select(b, lanes), b.select(a, lanes));
            let (a, b) = (self.im[r], self.im[s]);
            (self.im[r], self.im[s]) = (a.select(b, lanes), b.select(a, lanes));
        }
        self
    }

    /// Exchanges registers that differ in bit `T` where bit `C` is set.
    #[inline(always)]
    pub fn controlled_flip<const C: usize, const T: usize>(mut self) -> Self {
        for r in 0..K {
            let s = r | 1 << T;
            if r != s && s < K && r >> C & 1 == 1 {
                self.exchange(r, s);
            }
        }
        self
    }

    /// Exchanges lanes that `op.lanes[0]` joins, in the lanes of `op.lanes[1]`, in registers with all bits of `C`.
    #[inline(always)]
    pub fn lane_flip<const C: usize>(mut self, op: &Micro) -> Self {
        let (join, lanes) = (usize::from(op.lanes[0]), op.lanes[1]);
        for r in 0..K {
            if r & C == C {
                let (re, im) = (self.re[r], self.im[r]);
                self.re[r] = re.select(re.xor_lanes(join), lanes);
                self.im[r] = im.select(im.xor_lanes(join), lanes);
            }
        }
        self
    }

    /// Exchanges bits `A` and `B`.
    #[inline(always)]
    pub fn swap<const A: usize, const B: usize>(mut self) -> Self {
        for r in 0..K {
            let s = r ^ (1 << A | 1 << B);
            if r >> A & 1 == 1 && r >> B & 1 == 0 && s < K {
                self.exchange(r, s);
            }
        }
        self
    }

    #[inline(always)]
    fn exchange(&mut self, r: usize, s: usize) {
        (self.re[r], self.re[s]) = (self.re[s], self.re[r]);
        (self.im[r], self.im[s]) = (self.im[s], self.im[r]);
    }
}
