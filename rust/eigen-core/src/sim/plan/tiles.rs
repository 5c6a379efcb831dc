//! Goes over a state tile by tile, with the buffers of each thread.
use super::phases::Scratch;
use super::{Beginning, Float};
use crate::sim::kernel::copy::{CopyTile, Way};
use crate::sim::kernel::register::Micro;
use crate::sim::kernel::unpack::Unpack;
use crate::sim::lines::{Lines, Plain};
use crate::sim::tile::Tiling;
use crate::sim::vector::Isa;
use crate::sim::workers::Workers;

/// Bytes from which a state is not expected to be in a cache when its next pass comes.
const LARGE_BYTES: usize = 48 << 20;

/// What a thread needs for one tile.
#[derive(Debug)]
pub(crate) struct Buffers<R: Plain> {
    tile: Lines<R>,
    pub work: Work<R>,
}

/// What the sweeps over a tile need.
#[derive(Debug)]
pub(crate) struct Work<R: Plain> {
    pub ops: Vec<Micro>,
    /// Numbers of a head.
    pub head: Vec<R>,
    pub phases: Scratch<R>,
}

impl<R: Plain> Buffers<R> {
    pub fn new() -> Self {
        Buffers {
            tile: Lines::new(0),
            work: Work { ops: Vec::new(), head: Vec::new(), phases: Scratch::new() },
        }
    }

    /// A buffer of at least `len` numbers.
    fn tile(&mut self, len: usize) -> (&mut [R], &mut Work<R>) {
        if self.tile.len() < len {
            self.tile = Lines::new(len);
        }
        (&mut self.tile[..len], &mut self.work)
    }
}

/// The lines of a state, shared between threads that work on disjoint tiles.
struct Shared<R>(*mut R);

// SAFETY: the pointer is only used on tiles with different numbers, which are disjoint.
unsafe impl<R: Send> Sync for Shared<R> {}
// SAFETY: as above.
unsafe impl<R: Send> Send for Shared<R> {}

impl<R> Shared<R> {
    /// SAFETY: `offset` lies within the state.
    unsafe fn at(&self, offset: usize) -> *mut R {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(offset) }
    }
}

/// Calls `work(lines, values of the qubits outside, …)` for every tile: copied to a buffer and back, or in place where
/// tiles are contiguous; but the first tiles of a large state are written past the caches. With `initial` tiles begin with that state, not with what was there. A state smaller than one tile is filled up with zeros.
pub(crate) fn each_tile<R: Float>(
    state: &mut [R],
    tiling: &Tiling,
    initial: Option<&Beginning<'_, R>>,
    isa: Isa,
    workers: &Workers,
    work: impl Fn(&mut [R], u64, &mut Work<R>) + Sync + Send,
) {
    let tile_len = 2usize << tiling.num_local();
    if state.len() < tile_len {
        return R::with_buffers(|buffers| {
            let (tile, scratch) = buffers.tile(tile_len);
            match initial {
                Some(initial) => initial.write(tile, tiling, 0, isa),
                None => {
                    tile.fill(R::default());
                    tile[..state.len()].copy_from_slice(state);
                }
            }
            work(tile, 0, scratch);
            state.copy_from_slice(&tile[..state.len()]);
        });
    }
    assert!(state.len() == tile_len * tiling.count(), "a state of another size");
    let (run, offsets) = tiling.runs(R::LANE_QUBITS);
    let is_large = size_of_val(state) >= LARGE_BYTES;
    let back = if is_large && initial.is_some() { Way::Past } else { Way::Out };
    let state = Shared(state.as_mut_ptr());
    workers.map(tiling.count(), |tile| {
        let outer = tiling.outer(tile);
        // An amplitude takes two numbers, and tiles begin at multiples of whole blocks.
        let base = 2 * outer as usize;
        R::with_buffers(|buffers| {
            // SAFETY: tiles with different numbers are disjoint, `map` gives out every number once, and all their
            // lines lie within the state by the assertion above.
            unsafe {
                if back == Way::Out
                    && let [0] = offsets.as_slice()
                {
                    let lines = std::slice::from_raw_parts_mut(state.at(base), tile_len);
                    if let Some(initial) = initial {
                        initial.write(lines, tiling, outer, isa);
                    }
                    return work(lines, outer, &mut buffers.work);
                }
                let (lines, scratch) = buffers.tile(tile_len);
                let copy = |tile: &mut [R], way| {
                    R::dispatch(isa, CopyTile { state: state.at(base), offsets: &offsets, run, tile, way });
                };
                match initial {
                    Some(initial) => initial.write(lines, tiling, outer, isa),
                    None => copy(lines, Way::In),
                }
                work(lines, outer, scratch);
                copy(lines, back);
            }
        });
    });
}

/// Makes complex amplitudes of real ones that fill the lower half, those of the highest qubit's two values as real and
/// imaginary parts.
pub(crate) fn unpack<R: Float>(state: &mut [R], isa: Isa, workers: &Workers) {
    const LEN: usize = 1 << 14;
    let half = state.len() / 2;
    let len = LEN.min(half);
    assert!(half.is_multiple_of(len), "a state of another size");
    let state = Shared(state.as_mut_ptr());
    workers.map(half / len, |part| {
        // SAFETY: parts of both halves with different numbers are disjoint, and `map` gives out every number once.
        unsafe {
            let low = std::slice::from_raw_parts_mut(state.at(part * len), len);
            let high = std::slice::from_raw_parts_mut(state.at(half + part * len), len);
            R::dispatch(isa, Unpack { low, high });
        }
    });
}
