//! Real amplitudes of two values of a qubit, kept as real and imaginary parts, become complex ones of their own.
use crate::sim::vector::{Kernel, Real, Vector};

/// Takes the imaginary parts of some blocks to others as real parts.
pub(crate) struct Unpack<'a, R: Real> {
    pub low: &'a mut [R],
    pub high: &'a mut [R],
}

impl<R: Real> Kernel<R> for Unpack<'_, R> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) {
        let block = 2 * R::LANES;
        assert!(self.low.len() == self.high.len() && self.low.len().is_multiple_of(block));
        let (low, high) = (self.low.as_mut_ptr(), self.high.as_mut_ptr());
        assert!(low.addr().is_multiple_of(64) && high.addr().is_multiple_of(64), "lines out of line");
        let mut k = 0;
        // SAFETY: whole blocks, aligned, by the assertions; the caller promises the instruction set.
        unsafe {
            let zero = V::splat(R::default());
            while k < self.low.len() {
                let im = V::load(low.add(k + R::LANES));
                zero.store(low.add(k + R::LANES));
                im.stream(high.add(k));
                zero.stream(high.add(k + R::LANES));
                k += block;
            }
            V::fence();
        }
    }
}
