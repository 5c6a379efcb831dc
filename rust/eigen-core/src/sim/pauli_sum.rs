//! Pauli sums on states: expectation values and products, terms with the same X-mask taken together.
//!
//! A group of terms maps |k> to `f(k) |k ^ x>`; `f` is a signed sum over the terms, by a Walsh-Hadamard transform where
//! they are many.
use super::amplitude::{Block, LANE_QUBITS, LANES, times_i_power};
use super::isa::for_each_isa;
use super::kernel::mean::{Mean, Mixed};
use super::lines::{Lines, Plain};
use super::state::{State, Storage};
use super::vector::{Dispatch, Isa};
use super::workers::Workers;
use crate::math::C64;

/// Blocks in a chunk: 4,096 amplitudes.
const CHUNK_BLOCKS: usize = 512;
/// Lines in a chunk whose mean is taken: 32 KiB.
const CHUNK_LINES: usize = 512;
/// Up to this many terms are taken one by one, without adding them up first.
const FEW_TERMS: usize = 3;
/// From this many terms on a transform is cheaper than adding them one by one.
const MANY_TERMS: usize = 10;

/// One Pauli string with its coefficient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PauliTerm {
    /// Qubits with X or Y.
    pub x: u64,
    /// Qubits with Z or Y.
    pub z: u64,
    pub coefficient: f64,
}

/// A Hermitian sum of Pauli strings.
#[derive(Clone, Debug)]
pub(crate) struct PauliSum {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    x: usize,
    /// (Z-mask, coefficient times i^(number of Y)).
    terms: Vec<(usize, C64)>,
}

impl PauliSum {
    pub fn new(terms: impl IntoIterator<Item = PauliTerm>) -> Self {
        let mut groups: std::collections::BTreeMap<u64, Vec<(usize, C64)>> =
            std::collections::BTreeMap::new();
        for term in terms {
            let factor = times_i_power(C64::new(term.coefficient, 0.0), (term.x & term.z).count_ones());
            groups.entry(term.x).or_default().push((term.z as usize, factor));
        }
        PauliSum { groups: groups.into_iter().map(|(x, terms)| Group { x: x as usize, terms }).collect() }
    }

    /// `<state| O |state>` of a normalised state.
    pub fn expectation(&self, state: &State, workers: &Workers) -> f64 {
        match state.storage() {
            Storage::Double(lines) => self.mean(lines, workers, Isa::current()),
            Storage::Single(lines) => self.mean(lines, workers, Isa::current()),
        }
    }

    fn mean<R: Dispatch + Plain>(&self, lines: &[R], workers: &Workers, isa: Isa) -> f64 {
        let len = CHUNK_LINES.min(lines.len() / R::LANES) * R::LANES;
        let chunk_bits = (len / (2 * R::LANES)).ilog2();
        let mixed = |group: &Group| Mixed::new(group.x, &group.terms, chunk_bits, R::LANE_QUBITS as u32);
        let groups: Vec<Mixed> = self.groups.iter().map(mixed).collect();
        let parts = workers.map(lines.len() / len, |chunk| {
            let lines_of = |chunk: usize| &lines[chunk * len..(chunk + 1) * len];
            let mut room = Lines::new(len / 2);
            let each = groups.iter().filter(|mixed| mixed.looks_at(chunk)).map(|mixed| {
                let (own, other) = (lines_of(chunk), lines_of(chunk ^ mixed.far));
                R::dispatch(isa, Mean { mixed, chunk, own, other, room: &mut room })
            });
            each.sum::<f64>()
        });
        parts.iter().sum()
    }

    /// Writes `O state` into `out`.
    pub fn apply(&self, state: &State, out: &mut State, workers: &Workers) {
        let blocks = state.blocks();
        workers.each_chunk(out.blocks_mut(), CHUNK_BLOCKS, |chunk, out| {
            let mut factors = vec![Block::ZERO; out.len()];
            out.fill(Block::ZERO);
            self.groups.iter().for_each(|group| add_chunk(group, blocks, chunk, &mut factors, out));
        });
    }
}

/// `<bra|ket>`.
pub(crate) fn inner_product(bra: &State, ket: &State, workers: &Workers) -> C64 {
    let (left, right) = (bra.blocks(), ket.blocks());
    let parts = workers.map(chunk_count(left), |chunk| {
        let range = chunk * CHUNK_BLOCKS..((chunk + 1) * CHUNK_BLOCKS).min(left.len());
        chunk_product(&left[range.clone()], &right[range])
    });
    parts.iter().sum()
}

fn chunk_count(blocks: &[Block]) -> usize {
    blocks.len().div_ceil(CHUNK_BLOCKS)
}

for_each_isa! {
    /// Adds chunk `chunk` of `O state` to `out`.
    add_chunk(group: &Group, blocks: &[Block], chunk: usize, factors: &mut [Block], out: &mut [Block]) = Group::add
}

for_each_isa! {
    chunk_product(bra: &[Block], ket: &[Block]) -> C64 = product
}

#[inline(always)]
fn product(bra: &[Block], ket: &[Block]) -> C64 {
    let mut sum = Block::ZERO;
    for (a, b) in bra.iter().zip(ket) {
        sum.add_conj_product(a, b);
    }
    sum.sum()
}

impl Group {
    /// The X-mask as (mask of blocks, mask of lanes).
    #[inline(always)]
    fn flips(&self) -> (usize, usize) {
        (self.x >> LANE_QUBITS, self.x & (LANES - 1))
    }

    #[inline(always)]
    fn add(&self, blocks: &[Block], chunk: usize, factors: &mut [Block], out: &mut [Block]) {
        let (high, low) = self.flips();
        let start = chunk * CHUNK_BLOCKS;
        if self.terms.len() <= FEW_TERMS {
            for (z, factor) in &self.terms {
                let signed = signs(*z, *factor);
                for (k, target) in out.iter_mut().enumerate() {
                    let source = (start + k) ^ high;
                    add(target, &blocks[source].times(&signed[parity(source, *z)]).xor_lanes(low));
                }
            }
            return;
        }
        let (from, near) = (chunk ^ (high / CHUNK_BLOCKS), high % CHUNK_BLOCKS);
        self.fill(from, factors);
        for (k, target) in out.iter_mut().enumerate() {
            let source = k ^ near;
            add(target, &blocks[from * CHUNK_BLOCKS + source].times(&factors[source]).xor_lanes(low));
        }
    }

    /// Writes `f(k)` for the basis states of a chunk.
    #[inline(always)]
    fn fill(&self, chunk: usize, factors: &mut [Block]) {
        factors.fill(Block::ZERO);
        let start = chunk * CHUNK_BLOCKS;
        if self.terms.len() >= MANY_TERMS {
            return self.fill_by_transform(start, factors);
        }
        for (z, factor) in &self.terms {
            let signed = signs(*z, *factor);
            for (k, slot) in factors.iter_mut().enumerate() {
                add(slot, &signed[parity(start + k, *z)]);
            }
        }
    }

    #[inline(always)]
    fn fill_by_transform(&self, start: usize, factors: &mut [Block]) {
        let inside = factors.len() * LANES - 1;
        for (z, factor) in &self.terms {
            let odd = ((start * LANES) & z).count_ones() % 2 == 1;
            let slot = &mut factors[(z & inside) / LANES];
            let lane = z % LANES;
            slot.set(lane, slot.get(lane) + if odd { -factor } else { *factor });
        }
        for bit in 0..LANE_QUBITS {
            for block in factors.iter_mut() {
                *block = lane_butterfly(block, 1 << bit);
            }
        }
        let mut half = 1;
        while half < factors.len() {
            for pair in factors.chunks_exact_mut(2 * half) {
                let (low, high) = pair.split_at_mut(half);
                for (a, b) in low.iter_mut().zip(high) {
                    butterfly(a, b);
                }
            }
            half *= 2;
        }
    }
}

/// Lane coefficients of a term where an even and where an odd number of its qubits outside the lanes is 1.
#[inline(always)]
fn signs(z: usize, factor: C64) -> [Block; 2] {
    let mut out = [Block::ZERO; 2];
    for lane in 0..LANES {
        let signed = if (lane & z).count_ones() % 2 == 1 { -factor } else { factor };
        out[0].set(lane, signed);
        out[1].set(lane, -signed);
    }
    out
}

/// Parity of the bits of a block's index under a Z-mask.
#[inline(always)]
fn parity(block: usize, z: usize) -> usize {
    (block & (z >> LANE_QUBITS)).count_ones() as usize % 2
}

#[inline(always)]
fn add(target: &mut Block, other: &Block) {
    for l in 0..LANES {
        target.re[l] += other.re[l];
        target.im[l] += other.im[l];
    }
}

/// `(a, b) -> (a + b, a - b)`.
#[inline(always)]
fn butterfly(a: &mut Block, b: &mut Block) {
    for l in 0..LANES {
        (a.re[l], b.re[l]) = (a.re[l] + b.re[l], a.re[l] - b.re[l]);
        (a.im[l], b.im[l]) = (a.im[l] + b.im[l], a.im[l] - b.im[l]);
    }
}

/// `(a, b) -> (a + b, a - b)` for lanes that differ in `bit`.
#[inline(always)]
fn lane_butterfly(block: &Block, bit: usize) -> Block {
    let partner = block.xor_lanes(bit);
    let mut out = Block::ZERO;
    for l in 0..LANES {
        let sign = if l & bit == 0 { 1.0 } else { -1.0 };
        out.re[l] = partner.re[l] + sign * block.re[l];
        out.im[l] = partner.im[l] + sign * block.im[l];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Philox;

    /// Lines of random amplitudes, and the amplitudes.
    fn random<R: Dispatch + Plain>(num_qubits: usize, draws: &mut Philox) -> (Lines<R>, Vec<C64>) {
        let count = 1usize << num_qubits;
        let mut lines = Lines::new(2 * count.max(R::LANES));
        let mut amplitudes = Vec::new();
        for k in 0..count {
            let at = k / R::LANES * 2 * R::LANES + k % R::LANES;
            let [re, im] = [(); 2].map(|()| R::from_f64(draws.uniform() - 0.5));
            (lines[at], lines[at + R::LANES]) = (re, im);
            amplitudes.push(C64::new(re.to_f64(), im.to_f64()));
        }
        (lines, amplitudes)
    }

    fn slow(terms: &[PauliTerm], amplitudes: &[C64]) -> f64 {
        let value = |term: &PauliTerm| -> f64 {
            let phase = times_i_power(C64::new(term.coefficient, 0.0), (term.x & term.z).count_ones());
            let each = amplitudes.iter().enumerate().map(|(k, amplitude)| {
                let odd = (k as u64 & term.z).count_ones() % 2 == 1;
                amplitudes[k ^ term.x as usize].conj() * if odd { -*amplitude } else { *amplitude }
            });
            (phase * each.sum::<C64>()).re
        };
        terms.iter().map(value).sum()
    }

    fn check<R: Dispatch + Plain>(tolerance: f64) {
        let mut draws = Philox::new(5, 0);
        for num_qubits in [1, 2, 3, 4, 5, 8, 11, 12, 13, 14] {
            let (lines, amplitudes) = random::<R>(num_qubits, &mut draws);
            for x_masks in [1, 4, 30] {
                let mask = |draws: &mut Philox| draws.below(1 << num_qubits);
                let xs: Vec<u64> = (0..x_masks).map(|_| mask(&mut draws)).collect();
                let terms = (0..30).map(|k| PauliTerm {
                    x: if k % 5 == 4 { 0 } else { xs[k % xs.len()] },
                    z: mask(&mut draws),
                    coefficient: draws.uniform() - 0.5,
                });
                let terms: Vec<PauliTerm> = terms.collect();
                let (sum, expected) = (PauliSum::new(terms.clone()), slow(&terms, &amplitudes));
                for isa in Isa::ALL.into_iter().filter(|isa| isa.is_there()) {
                    let found = sum.mean(&lines, &Workers::ONE, isa);
                    let error = (found - expected).abs() / amplitudes.len() as f64;
                    assert!(error < tolerance, "{num_qubits} qubits, {}: {found} {expected}", isa.name());
                }
            }
        }
    }

    #[test]
    fn means_are_those_of_the_strings() {
        check::<f64>(1e-14);
        check::<f32>(1e-6);
    }
}
