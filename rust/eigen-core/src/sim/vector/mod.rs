//! One register's worth of real numbers: what kernels compute with, whatever the instruction set and the precision.
//!
//! Lanes lie alike everywhere (one 64-byte line: 8 of f64, 16 of f32), so a state is laid out once for all instruction
//! sets. Multiplications and additions are fused where the processor can, in the same order in every implementation.
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod isa;
mod portable;

#[cfg(target_arch = "x86_64")]
pub(crate) use isa::detected;
pub(crate) use isa::{Dispatch, Isa, Kernel};
pub use isa::{instruction_set, limit_instruction_set};

/// A precision: f64 or f32.
pub(crate) trait Real: Copy + Default + Send + Sync + std::fmt::Debug + PartialEq + 'static {
    /// Numbers in a line of 64 bytes.
    const LANES: usize;
    /// Qubits whose values select the lane.
    const LANE_QUBITS: usize;

    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
}

impl Real for f64 {
    const LANES: usize = 8;
    const LANE_QUBITS: usize = 3;

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}

impl Real for f32 {
    const LANES: usize = 16;
    const LANE_QUBITS: usize = 4;

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

/// A line of numbers in registers. A value exists only where the processor has its instruction set: whoever loads or
/// splats promises it, and the other operations rely on it.
pub(crate) trait Vector: Copy {
    type Real: Real;

    /// SAFETY: the processor has the instruction set; `from` points to a line that may be read, 64-byte aligned.
    unsafe fn load(from: *const Self::Real) -> Self;
    /// SAFETY: `to` points to a line that may be written, 64-byte aligned.
    unsafe fn store(self, to: *mut Self::Real);
    /// Writes a line past the caches, where the processor can. Other threads see it after a `fence`.
    ///
    /// SAFETY: as for `store`.
    unsafe fn stream(self, to: *mut Self::Real);
    /// Lets other threads see what was streamed, as soon as they see anything later.
    ///
    /// SAFETY: the processor has the instruction set.
    unsafe fn fence();
    /// Has the line that `from` points into fetched, where the processor can. Any address will do.
    ///
    /// SAFETY: the processor has the instruction set.
    unsafe fn prefetch(from: *const Self::Real);
    /// SAFETY: the processor has the instruction set.
    unsafe fn splat(value: Self::Real) -> Self;

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// `self * factor + term`.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// `self * factor - term`.
    fn mul_sub(self, factor: Self, term: Self) -> Self;
    /// `term - self * factor`.
    fn neg_mul_add(self, factor: Self, term: Self) -> Self;
    /// Lane `l` of the result is lane `l ^ mask`.
    fn xor_lanes(self, mask: usize) -> Self;
    /// The lanes of `other` where the bit of `mask` is set, else those of `self`.
    fn select(self, other: Self, mask: u16) -> Self;
}

#[cfg(test)]
mod tests;
