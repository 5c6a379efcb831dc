//! Factors on the register bits of a group that follow from everything else, multiplied in as the amplitudes are loaded.
use super::Registers;
use crate::sim::vector::{Real, Vector};

/// For each register bit a factor of the amplitudes where it is set: the product of a line, which repeats after some
/// groups, and of a number, which then changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a, R: Real> {
    /// For each of a power of two of groups, by register bit: a complex line. 64-byte aligned.
    pub lines: &'a [R],
    /// For each run of as many groups, by register bit: a complex number.
    pub numbers: &'a [R],
}

impl<R: Real> Head<'_, R> {
    /// Numbers that the three lines of a group take.
    pub const LINES: usize = 6 * R::LANES;

    /// As a power of two, how many groups the lines are for.
    #[inline(always)]
    pub(super) fn period(&self, groups: usize) -> u32 {
        let count = self.lines.len() / Self::LINES;
        assert!(count.is_power_of_two() && self.lines.len() == count * Self::LINES, "lines of no head");
        assert!(
            self.numbers.len() >= groups.div_ceil(count) * 6 && self.lines.as_ptr().addr().is_multiple_of(64)
        );
        count.trailing_zeros()
    }
}

#[inline(always)]
fn times<V: Vector>((a, b): (V, V), (re, im): (V, V)) -> (V, V) {
    (b.neg_mul_add(im, a.mul(re)), b.mul_add(re, a.mul(im)))
}

/// Safety: the processor has the instruction set of `V`; three complex lines lie at `lines`, and three complex numbers
/// at `numbers`.
impl<V: Vector> Registers<V, 8> {
    #[inline(always)]
    pub(super) unsafe fn times_head(mut self, lines: *const V::Real, numbers: *const V::Real) -> Self {
        macro_rules! factor {
            ($k:literal) => {{
                // SAFETY: the caller's promise.
                unsafe {
                    let line = lines.add(2 * $k * V::Real::LANES);
                    let number = (V::splat(*numbers.add(2 * $k)), V::splat(*numbers.add(2 * $k + 1)));
                    times(number, (V::load(line), V::load(line.add(V::Real::LANES))))
                }
            }};
        }
        macro_rules! multiply {
            ($r:literal, $factor:expr) => {
                (self.re[$r], self.im[$r]) = times($factor, (self.re[$r], self.im[$r]));
            };
        }
        let first = factor!(0);
        multiply!(1, first);
        let second = factor!(1);
        multiply!(2, second);
        let both = times(first, second);
        multiply!(3, both);
        let third = factor!(2);
        multiply!(4, third);
        multiply!(5, times(first, third));
        multiply!(6, times(second, third));
        multiply!(7, times(both, third));
        self
    }
}
