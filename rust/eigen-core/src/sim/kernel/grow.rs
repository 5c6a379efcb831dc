//! Writes a tile of a state grown from a smaller one: every amplitude of that, once for each value of the new qubits.
use crate::math::C64;
use crate::sim::vector::{Kernel, Real, Vector};

/// The amplitudes of the smaller state that a tile holds, and where they go.
pub(crate) struct GrowTile<'a, R: Real> {
    pub tile: &'a mut [R],
    pub seed: &'a [R],
    /// Where each block of the smaller state lies, in numbers, and where in the tile for value 0 of the new qubits.
    pub blocks: &'a [(usize, usize)],
    /// For each value of the new qubits inside the tile, what it adds to the place, and its amplitude.
    pub values: &'a [(usize, C64)],
}

impl<R: Real> Kernel<R> for GrowTile<'_, R> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) {
        let block = 2 * R::LANES;
        let (tile_end, seed_end) =
            (self.tile.len().saturating_sub(block), self.seed.len().saturating_sub(block));
        assert!(self.tile.as_ptr().addr().is_multiple_of(64) && self.seed.as_ptr().addr().is_multiple_of(64));
        let (tile, seed) = (self.tile.as_mut_ptr(), self.seed.as_ptr());
        for &(offset, amplitude) in self.values {
            // SAFETY: the caller promises the instruction set.
            let (fr, fi) =
                unsafe { (V::splat(R::from_f64(amplitude.re)), V::splat(R::from_f64(amplitude.im))) };
            for &(from, to) in self.blocks {
                let to = to + offset;
                assert!(from <= seed_end && to <= tile_end && (from | to) % block == 0, "a block outside");
                // SAFETY: whole blocks within both buffers, aligned, by the assertions.
                unsafe {
                    let (re, im) = (V::load(seed.add(from)), V::load(seed.add(from + R::LANES)));
                    fi.neg_mul_add(im, fr.mul(re)).store(tile.add(to));
                    fi.mul_add(re, fr.mul(im)).store(tile.add(to + R::LANES));
                }
            }
        }
    }
}
