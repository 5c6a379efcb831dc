//! Instruction sets: the same kernels compiled for what the processor has, chosen once at run time.
//! No fused multiply-add is used, so every choice gives the same bits.
use super::amplitude::Block;
use super::segment::Backward;
use super::step::Placed;
use crate::math::C64;

#[inline(always)]
fn apply_each(blocks: &mut [Block], outer: u64, placed: &[Placed], numbers: &[C64], starts: &[usize]) {
    for step in placed {
        step.apply(blocks, outer, &numbers[starts[step.step]..starts[step.step + 1]]);
    }
}

/// Applies the steps to a tile in order.
pub(crate) fn apply_all(blocks: &mut [Block], outer: u64, placed: &[Placed], numbers: &[C64], starts: &[usize]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has the feature.
            return unsafe { x86::apply_all_avx512(blocks, outer, placed, numbers, starts) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the feature.
            return unsafe { x86::apply_all_avx2(blocks, outer, placed, numbers, starts) };
        }
    }
    apply_each(blocks, outer, placed, numbers, starts);
}

/// Undoes a pass on a tile of two states.
pub(crate) fn run_back(run: &Backward<'_>, ket: &mut [Block], bra: &mut [Block], outer: u64, overlaps: &mut [C64]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has the feature.
            return unsafe { x86::run_back_avx512(run, ket, bra, outer, overlaps) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the feature.
            return unsafe { x86::run_back_avx2(run, ket, bra, outer, overlaps) };
        }
    }
    run.run(ket, bra, outer, overlaps);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Backward, Block, C64, Placed, apply_each};

    #[target_feature(enable = "avx512f")]
    pub fn apply_all_avx512(blocks: &mut [Block], outer: u64, placed: &[Placed], numbers: &[C64], starts: &[usize]) {
        apply_each(blocks, outer, placed, numbers, starts);
    }

    #[target_feature(enable = "avx2")]
    pub fn apply_all_avx2(blocks: &mut [Block], outer: u64, placed: &[Placed], numbers: &[C64], starts: &[usize]) {
        apply_each(blocks, outer, placed, numbers, starts);
    }

    #[target_feature(enable = "avx512f")]
    pub fn run_back_avx512(run: &Backward<'_>, ket: &mut [Block], bra: &mut [Block], outer: u64, overlaps: &mut [C64]) {
        run.run(ket, bra, outer, overlaps);
    }

    #[target_feature(enable = "avx2")]
    pub fn run_back_avx2(run: &Backward<'_>, ket: &mut [Block], bra: &mut [Block], outer: u64, overlaps: &mut [C64]) {
        run.run(ket, bra, outer, overlaps);
    }
}
