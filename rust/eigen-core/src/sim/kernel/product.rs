//! Writes a product state, scaled, into a tile.
use crate::math::C64;
use crate::sim::vector::{Kernel, Real, Vector};

/// The amplitudes of each local qubit, and a factor of the whole tile.
pub(crate) struct FillProduct<'a, R: Real> {
    pub tile: &'a mut [R],
    pub qubits: &'a [[C64; 2]],
    pub factor: C64,
}

impl<R: Real> Kernel<R> for FillProduct<'_, R> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) {
        let block = 2 * R::LANES;
        assert!(self.tile.len() == 2 << self.qubits.len() && self.tile.len() >= block);
        assert!(self.tile.as_ptr().addr().is_multiple_of(64), "lines out of line");
        let (lanes, rest) = self.qubits.split_at(R::LANE_QUBITS);
        for lane in 0..R::LANES {
            let mut value = self.factor;
            for (k, amplitudes) in lanes.iter().enumerate() {
                value *= amplitudes[lane >> k & 1];
            }
            self.tile[lane] = R::from_f64(value.re);
            self.tile[R::LANES + lane] = R::from_f64(value.im);
        }
        let start = self.tile.as_mut_ptr();
        let mut filled = block;
        for [zero, one] in rest {
            // SAFETY: `filled` numbers are there and as many fit behind them, by the first assertion; the caller
            // promises the instruction set.
            unsafe {
                let (zr, zi) = (V::splat(R::from_f64(zero.re)), V::splat(R::from_f64(zero.im)));
                let (or, oi) = (V::splat(R::from_f64(one.re)), V::splat(R::from_f64(one.im)));
                let mut at = 0;
                while at < filled {
                    let from = start.add(at);
                    let (re, im) = (V::load(from), V::load(from.add(R::LANES)));
                    let to = from.add(filled);
                    oi.neg_mul_add(im, or.mul(re)).store(to);
                    oi.mul_add(re, or.mul(im)).store(to.add(R::LANES));
                    zi.neg_mul_add(im, zr.mul(re)).store(from);
                    zi.mul_add(re, zr.mul(im)).store(from.add(R::LANES));
                    at += block;
                }
            }
            filled *= 2;
        }
    }
}
