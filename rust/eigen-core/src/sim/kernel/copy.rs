//! Tiles between the state and a buffer: runs of lines that lie apart on one side.
use crate::sim::vector::{Kernel, Real, Vector};

/// Which way lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the state into the buffer.
    In,
    /// Back.
    Out,
    /// Back, past the caches: for states that do not fit there, where they were not read before.
    Past,
}

/// Bytes of the state that are fetched ahead: runs are too short for the processor to see what comes.
const AHEAD_BYTES: usize = 2048;

/// Copies a tile.
pub(crate) struct CopyTile<'a, R: Real> {
    /// The state from the tile's first line on.
    pub state: *mut R,
    /// Where each run begins in the state, in numbers; runs follow each other in the buffer.
    pub offsets: &'a [usize],
    /// Numbers in a run.
    pub run: usize,
    pub tile: &'a mut [R],
    pub way: Way,
}

impl<R: Real> Kernel<R> for CopyTile<'_, R> {
    type Out = ();

    /// SAFETY: besides what `Kernel` asks, every run of `state` may be read, or written for the ways back, by this thread
    /// alone.
    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) {
        assert!(self.tile.len() == self.offsets.len() * self.run && self.run.is_multiple_of(R::LANES));
        let mut tile = self.tile.as_mut_ptr();
        let ahead = (AHEAD_BYTES / (self.run * size_of::<R>())).max(1);
        let last = self.offsets.len().saturating_sub(1);
        for (number, offset) in self.offsets.iter().enumerate() {
            // SAFETY: the caller's promise; the buffer is as long as the runs together.
            unsafe {
                let state = self.state.add(*offset);
                let next = self.state.wrapping_add(self.offsets[(number + ahead).min(last)]);
                let mut k = 0;
                while k < self.run {
                    match self.way {
                        Way::In => {
                            V::prefetch(next.wrapping_add(k));
                            V::load(state.add(k)).store(tile.add(k));
                        }
                        Way::Out => V::load(tile.add(k)).store(state.add(k)),
                        Way::Past => V::load(tile.add(k)).stream(state.add(k)),
                    }
                    k += R::LANES;
                }
                tile = tile.add(self.run);
            }
        }
        if self.way == Way::Past {
            // SAFETY: the caller's promise.
            unsafe { V::fence() };
        }
    }
}
