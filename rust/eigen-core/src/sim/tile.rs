//! Tiles: the state cut into pieces that fit the second-level cache, whatever qubits a piece must contain.
//!
//! A tile holds all values of its `qubits` and one value of the others. Tiles are copied into a buffer of the thread
//! that works on them and copied back; tiles of the lowest qubits are worked on in place.
use std::cell::RefCell;

use super::amplitude::{Block, LANE_QUBITS};
use super::workers::Workers;

/// Qubits of a tile: 2^14 amplitudes are 256 KiB.
pub(crate) const TILE_QUBITS: usize = 14;
/// Lowest qubits that every tile contains, so that it is read in runs of 256 bytes.
pub(crate) const RUN_QUBITS: usize = 4;

/// How a state of `num_qubits` qubits falls into tiles.
#[derive(Clone, Debug)]
pub(crate) struct Tiling {
    /// Qubits inside a tile, ascending: local qubit `k` is `inside[k]`.
    inside: Vec<usize>,
    /// The other qubits, ascending: bit `k` of a tile's number is qubit `outside[k]`.
    outside: Vec<usize>,
    blocks_per_tile: usize,
}

impl Tiling {
    /// Tiles over the qubits in `mask`, which contains the lowest `RUN_QUBITS` unless it contains all qubits.
    pub fn new(num_qubits: usize, mask: u64) -> Self {
        let (inside, outside): (Vec<usize>, Vec<usize>) = (0..num_qubits).partition(|q| mask >> q & 1 == 1);
        let blocks_per_tile = super::amplitude::block_count(inside.len());
        Tiling { inside, outside, blocks_per_tile }
    }

    /// Global block offset of each block of a tile; `None` when tiles are contiguous.
    fn offsets(&self) -> Option<Vec<usize>> {
        if self.inside.iter().enumerate().all(|(k, &q)| k == q) {
            return None;
        }
        let outside =
            !self.inside.iter().skip(LANE_QUBITS).fold(0usize, |mask, &q| mask | 1 << (q - LANE_QUBITS));
        // Counts through the bits that are inside: the others are filled so that carries run across them.
        let next = |&offset: &usize| Some((offset | outside).wrapping_add(1) & !outside);
        Some(std::iter::successors(Some(0), next).take(self.blocks_per_tile).collect())
    }

    /// The qubits inside a tile.
    pub fn num_local(&self) -> usize {
        self.inside.len()
    }

    /// The qubits outside, ascending.
    pub fn outside(&self) -> &[usize] {
        &self.outside
    }

    /// The qubit with a local number.
    pub fn qubit(&self, local: usize) -> usize {
        self.inside[local]
    }

    /// A tile as runs of neighbouring amplitudes, whole blocks of 2^`lane_qubits`: the numbers in a run (two for each
    /// amplitude), and where each run begins in the state, less where the tile does.
    pub fn runs(&self, lane_qubits: usize) -> (usize, Vec<usize>) {
        let together = self.inside.iter().enumerate().take_while(|(k, q)| k == *q).count();
        debug_assert!(together >= lane_qubits);
        let apart = &self.inside[together..];
        let offset = |run: usize| apart.iter().enumerate().map(|(k, q)| (run >> k & 1) << (q + 1)).sum();
        (2 << together, (0..1 << apart.len()).map(offset).collect())
    }

    /// The local number of a qubit, or `None` when it is outside.
    pub fn local(&self, qubit: usize) -> Option<usize> {
        self.inside.binary_search(&qubit).ok()
    }

    /// A mask over the circuit's qubits as (mask over local qubits, rest of the mask).
    pub fn split(&self, mask: u64) -> (usize, u64) {
        let inner = self.inside.iter().enumerate().filter(|(_, q)| mask >> **q & 1 == 1);
        inner.fold((0, mask), |(local, rest), (k, q)| (local | 1 << k, rest & !(1 << q)))
    }

    /// Number of tiles.
    pub fn count(&self) -> usize {
        1 << self.outside.len()
    }

    /// Values of the outside qubits in tile number `tile`, as bits of the global index.
    pub fn outer(&self, tile: usize) -> u64 {
        self.outside.iter().enumerate().map(|(k, &q)| ((tile >> k & 1) as u64) << q).sum()
    }
}

/// The values of `work(outer, [local blocks of each state])` for every tile of the states, in order.
pub(crate) fn map_tiles<T: Send, const STATES: usize>(
    states: [&mut [Block]; STATES],
    tiling: &Tiling,
    workers: &Workers,
    work: impl Fn(u64, [&mut [Block]; STATES]) -> T + Sync + Send,
) -> Vec<T> {
    if tiling.count() == 1 {
        return vec![work(0, states)];
    }
    let offsets = tiling.offsets();
    let states = states.map(SharedBlocks::new);
    workers.map(tiling.count(), |tile| {
        let outer = tiling.outer(tile);
        let base = (outer >> LANE_QUBITS) as usize;
        let Some(offsets) = &offsets else {
            // SAFETY: contiguous tiles with different numbers are disjoint ranges, and `map` gives out every
            // number once.
            let local = states.each_ref().map(|state| unsafe { state.range(base, tiling.blocks_per_tile) });
            return work(outer, local);
        };
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.resize(tiling.blocks_per_tile * STATES, Block::ZERO);
            let mut parts = scratch.chunks_exact_mut(tiling.blocks_per_tile);
            let mut local: [&mut [Block]; STATES] = std::array::from_fn(|_| parts.next().unwrap_or_default());
            for (part, state) in local.iter_mut().zip(&states) {
                // SAFETY: `base | offset` differs from every such index of another tile, because tile numbers and
                // offsets set disjoint bits; `map` gives out every tile number once.
                unsafe { state.gather(base, offsets, part) };
            }
            let value = work(outer, local.each_mut().map(|part| &mut **part));
            for (part, state) in local.iter().zip(&states) {
                // SAFETY: as above.
                unsafe { state.scatter(base, offsets, part) };
            }
            value
        })
    })
}

thread_local! {
    static SCRATCH: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// The blocks of a state, shared between threads that work on disjoint tiles.
struct SharedBlocks<'a> {
    start: *mut Block,
    len: usize,
    owner: std::marker::PhantomData<&'a mut [Block]>,
}

// SAFETY: every access goes through the unsafe methods below, whose callers touch disjoint blocks in each thread.
unsafe impl Sync for SharedBlocks<'_> {}
// SAFETY: as above.
unsafe impl Send for SharedBlocks<'_> {}

impl<'a> SharedBlocks<'a> {
    fn new(blocks: &'a mut [Block]) -> Self {
        SharedBlocks { start: blocks.as_mut_ptr(), len: blocks.len(), owner: std::marker::PhantomData }
    }

    /// The range as a slice. SAFETY: no other thread may touch the range while the slice lives.
    #[allow(clippy::mut_from_ref)]
    unsafe fn range(&self, base: usize, len: usize) -> &mut [Block] {
        assert!(base + len <= self.len);
        // SAFETY: in bounds by the assertion; exclusive by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(base), len) }
    }

    /// Copies blocks into `out`. SAFETY: no other thread may write blocks `base | offset` meanwhile.
    unsafe fn gather(&self, base: usize, offsets: &[usize], out: &mut [Block]) {
        for (slot, offset) in out.iter_mut().zip(offsets) {
            let index = base | offset;
            assert!(index < self.len);
            // SAFETY: in bounds by the assertion; not written meanwhile by the caller's promise.
            *slot = unsafe { *self.start.add(index) };
        }
    }

    /// Copies `from` back. SAFETY: no other thread may touch blocks `base | offset` meanwhile.
    unsafe fn scatter(&self, base: usize, offsets: &[usize], from: &[Block]) {
        for (slot, offset) in from.iter().zip(offsets) {
            let index = base | offset;
            assert!(index < self.len);
            // SAFETY: in bounds by the assertion; exclusive by the caller's promise.
            unsafe { *self.start.add(index) = *slot };
        }
    }
}
