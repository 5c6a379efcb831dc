//! Eight complex numbers in registers.
use super::vector::{Cell, Vector};

#[derive(Clone, Copy)]
pub(super) struct Complex<V> {
    pub re: V,
    pub im: V,
}

impl<V: Vector> Complex<V> {
    #[inline(always)]
    pub fn load(from: &Cell) -> Self {
        Complex { re: V::load(&from.re), im: V::load(&from.im) }
    }

    #[inline(always)]
    pub fn store(self, to: &mut Cell) {
        self.re.store(&mut to.re);
        self.im.store(&mut to.im);
    }

    /// Lane `l` of the result is lane `l ^ mask`.
    #[inline(always)]
    pub fn xor_lanes(self, mask: usize) -> Self {
        Complex { re: self.re.xor_lanes(mask), im: self.im.xor_lanes(mask) }
    }

    #[inline(always)]
    pub fn scaled(self, factor: V) -> Self {
        Complex { re: self.re.mul(factor), im: self.im.mul(factor) }
    }

    /// `self + X sine other`, where X is 1 for real turns and -i for others.
    #[inline(always)]
    pub fn plus<const REAL: bool>(self, sine: V, other: Self) -> Self {
        if REAL {
            Complex { re: sine.mul_add(other.re, self.re), im: sine.mul_add(other.im, self.im) }
        } else {
            Complex { re: sine.mul_add(other.im, self.re), im: sine.mul_sub_from(other.re, self.im) }
        }
    }

    /// `self - sine other`.
    #[inline(always)]
    pub fn minus_real(self, sine: V, other: Self) -> Self {
        Complex { re: sine.mul_sub_from(other.re, self.re), im: sine.mul_sub_from(other.im, self.im) }
    }

    #[inline(always)]
    pub fn times(self, other: Self) -> Self {
        Complex {
            re: self.im.mul_sub_from(other.im, self.re.mul(other.re)),
            im: self.im.mul_add(other.re, self.re.mul(other.im)),
        }
    }
}

/// `sum + Re(conj(a) b)` for real turns, `sum + Im(conj(a) b)` for others.
#[inline(always)]
pub(super) fn dot<V: Vector, const REAL: bool>(a: Complex<V>, b: Complex<V>, sum: V) -> V {
    if REAL {
        a.im.mul_add(b.im, a.re.mul_add(b.re, sum))
    } else {
        a.im.mul_sub_from(b.re, a.re.mul_add(b.im, sum))
    }
}

/// `sum - Re(conj(a) b)`.
#[inline(always)]
pub(super) fn minus_dot<V: Vector>(a: Complex<V>, b: Complex<V>, sum: V) -> V {
    a.im.mul_sub_from(b.im, a.re.mul_sub_from(b.re, sum))
}
