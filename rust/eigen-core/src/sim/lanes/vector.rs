//! Eight numbers at a time: what the lane kernels need of an instruction set.
//!
//! Every operation is rounded as IEEE 754 says and products are fused where the kernels say so, so that all instruction
//! sets give the same bits.

use super::complex::Complex;

/// Lanes of a vector.
pub(super) const LANES: usize = 8;

/// Eight numbers in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Lane(pub [f64; LANES]);

impl Lane {
    pub const ZERO: Lane = Lane([0.0; LANES]);

    /// Adds lane by lane.
    pub fn add(&mut self, other: &Lane) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, value)| *sum += value);
    }

    /// The sum of all lanes, in pairs.
    pub fn sum(&self) -> f64 {
        let l = &self.0;
        ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]))
    }
}

/// Eight complex numbers in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Cell {
    pub re: Lane,
    pub im: Lane,
}

impl Cell {
    pub const ZERO: Cell = Cell { re: Lane::ZERO, im: Lane::ZERO };
}

/// The cells of a state, which several threads may work on: each index is touched by one of them at a time.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    first: *mut Cell,
    len: usize,
}

// SAFETY: the pointer comes from a slice that outlives the threads; who works in parallel visits disjoint indices.
unsafe impl Send for Cells {}
// SAFETY: as above.
unsafe impl Sync for Cells {}

impl Cells {
    pub fn of(cells: &mut [Cell]) -> Self {
        Cells { first: cells.as_mut_ptr(), len: cells.len() }
    }

    #[inline(always)]
    pub fn read<V: Vector>(self, index: usize) -> Complex<V> {
        debug_assert!(index < self.len);
        // SAFETY: passes visit indices below the number of cells for which they were made, and a state has as many; no
        // other thread writes this cell now.
        Complex::load(unsafe { &*self.first.add(index) })
    }

    #[inline(always)]
    pub fn write<V: Vector>(self, index: usize, value: Complex<V>) {
        debug_assert!(index < self.len);
        // SAFETY: as in `read`; no other thread visits this cell now.
        value.store(unsafe { &mut *self.first.add(index) });
    }
}

/// Eight numbers in registers.
pub(super) trait Vector: Copy {
    fn splat(value: f64) -> Self;
    fn load(from: &Lane) -> Self;
    fn store(self, to: &mut Lane);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// `self * factor + addend`, rounded once.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// `minuend - self * factor`, rounded once.
    fn mul_sub_from(self, factor: Self, minuend: Self) -> Self;
    /// The bits of one exclusive-or those of the other.
    fn xor(self, other: Self) -> Self;
    /// Lane `l` of the result is lane `l ^ mask`.
    fn xor_lanes(self, mask: usize) -> Self;
    /// `(b, a)` in the lanes where bit 0 of `bits` is set, `(a, b)` in the others.
    fn swap_odd(bits: Self, a: Self, b: Self) -> (Self, Self);
    /// -0.0 in the lanes where bit 1 of `self` is set, 0.0 in the others.
    fn sign_of_bit_one(self) -> Self;
    /// Whether every lane lies between `-most` and `most`; false for NaN.
    fn all_within(self, most: f64) -> bool;
}

/// Any processor: plain loops.
#[derive(Clone, Copy)]
pub(super) struct Portable([f64; LANES]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Portable(std::array::from_fn(|l| f(self.0[l], other.0[l])))
    }
}

impl Vector for Portable {
    #[inline(always)]
    fn splat(value: f64) -> Self {
        Portable([value; LANES])
    }

    #[inline(always)]
    fn load(from: &Lane) -> Self {
        Portable(from.0)
    }

    #[inline(always)]
    fn store(self, to: &mut Lane) {
        to.0 = self.0;
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Portable(std::array::from_fn(|l| self.0[l].mul_add(factor.0[l], addend.0[l])))
    }

    #[inline(always)]
    fn mul_sub_from(self, factor: Self, minuend: Self) -> Self {
        Portable(std::array::from_fn(|l| (-self.0[l]).mul_add(factor.0[l], minuend.0[l])))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| f64::from_bits(a.to_bits() ^ b.to_bits()))
    }

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        Portable(std::array::from_fn(|l| self.0[l ^ mask]))
    }

    #[inline(always)]
    fn swap_odd(bits: Self, a: Self, b: Self) -> (Self, Self) {
        let odd = |l: usize| bits.0[l].to_bits() & 1 == 1;
        let pick =
            |yes: Self, no: Self| Portable(std::array::from_fn(|l| if odd(l) { yes.0[l] } else { no.0[l] }));
        (pick(b, a), pick(a, b))
    }

    #[inline(always)]
    fn sign_of_bit_one(self) -> Self {
        Portable(self.0.map(|x| f64::from_bits((x.to_bits() & 2) << 62)))
    }

    #[inline(always)]
    fn all_within(self, most: f64) -> bool {
        self.0.iter().all(|x| x.abs() <= most)
    }
}
