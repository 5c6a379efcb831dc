//! Plain arrays for a line, for any processor. Products are rounded before they are added.
use super::{Real, Vector};

#[derive(Clone, Copy)]
pub(crate) struct Lanes<R, const N: usize>([R; N]);

/// What a plain number can do.
pub(crate) trait Number:
    Real + std::ops::Add<Output = Self> + std::ops::Sub<Output = Self> + std::ops::Mul<Output = Self>
{
}

impl Number for f64 {}
impl Number for f32 {}

impl<R: Number, const N: usize> Lanes<R, N> {
    #[inline(always)]
    fn each(self, other: Self, work: impl Fn(R, R) -> R) -> Self {
        let mut out = self;
        for l in 0..N {
            out.0[l] = work(self.0[l], other.0[l]);
        }
        out
    }
}

impl<R: Number, const N: usize> Vector for Lanes<R, N> {
    type Real = R;

    #[inline(always)]
    unsafe fn load(from: *const R) -> Self {
        // SAFETY: the caller's promise.
        Lanes(unsafe { *from.cast::<[R; N]>() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut R) {
        // SAFETY: the caller's promise.
        unsafe { *to.cast::<[R; N]>() = self.0 }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut R) {
        // SAFETY: the caller's promise.
        unsafe { self.store(to) }
    }

    #[inline(always)]
    unsafe fn fence() {}

    #[inline(always)]
    unsafe fn prefetch(_: *const R) {}

    #[inline(always)]
    unsafe fn splat(value: R) -> Self {
        Lanes([value; N])
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.each(other, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.each(other, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.each(other, |a, b| a * b)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        self.mul(factor).add(term)
    }

    #[inline(always)]
    fn mul_sub(self, factor: Self, term: Self) -> Self {
        self.mul(factor).sub(term)
    }

    #[inline(always)]
    fn neg_mul_add(self, factor: Self, term: Self) -> Self {
        term.sub(self.mul(factor))
    }

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        let mut out = self;
        for l in 0..N {
            out.0[l] = self.0[(l ^ mask) % N];
        }
        out
    }

    #[inline(always)]
    fn select(self, other: Self, mask: u16) -> Self {
        let mut out = self;
        for l in 0..N {
            if mask >> l & 1 == 1 {
                out.0[l] = other.0[l];
            }
        }
        out
    }
}
