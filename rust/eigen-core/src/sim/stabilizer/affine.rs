//! Outcomes of commuting Pauli measurements on a stabilizer state: uniform over an affine space of bit strings.
use super::super::branch::mix;
use super::super::tally::Tally;
use super::super::workers::Workers;
use super::row::{Row, bit};
use crate::error::CoreResult;
use crate::rng::Philox;

/// Up to this many free bits a table counts how often each pattern came.
const MOST_TABLED: usize = 16;
/// Shots drawn from one stream of random numbers.
const CHUNK_SHOTS: u64 = 4096;

/// Keys `base + sum of effects[k] r_k` over fair independent bits `r`.
pub(super) struct Affine {
    /// Words of a key.
    words: usize,
    base: Vec<u64>,
    /// One key for each free bit.
    effects: Vec<Vec<u64>>,
}

impl Affine {
    /// The joint outcomes of the products `rows` on |0…0>, each written to a bit of the key; the products commute.
    /// Bits of `base` that no row writes stay.
    ///
    /// Gaussian elimination of the X parts: a product that stays independent has a fair outcome of its own, any
    /// other's is certain once those before it are known.
    pub fn new(mut base: Vec<u64>, rows: impl Iterator<Item = (Row, usize)>) -> Self {
        let words = base.len();
        let mut pivots: Vec<(usize, Row)> = Vec::new();
        let mut effects: Vec<Vec<u64>> = Vec::new();
        for (mut row, key_bit) in rows {
            let (word, mask) = (key_bit / 64, 1 << (key_bit % 64));
            base[word] &= !mask;
            for ((column, pivot), effect) in pivots.iter().zip(&mut effects) {
                if bit(row.x(), *column) {
                    row.multiply(&pivot.bits, pivot.phase);
                    effect[word] |= mask;
                }
            }
            match row.x().iter().position(|word| *word != 0) {
                None => base[word] |= if row.phase == 2 { mask } else { 0 },
                Some(first) => {
                    let column = 64 * first + row.x()[first].trailing_zeros() as usize;
                    let mut effect = vec![0; words];
                    effect[word] |= mask;
                    effects.push(effect);
                    pivots.push((column, row));
                }
            }
        }
        Affine { words, base, effects }
    }

    /// Number of free bits.
    pub fn free(&self) -> usize {
        self.effects.len()
    }

    /// The key for no free bit set.
    pub fn base(&self) -> &[u64] {
        &self.base
    }

    /// The key that each free bit flips.
    pub fn effects(&self) -> &[Vec<u64>] {
        &self.effects
    }

    /// Whether a key can come at all. Then its probability is `2^-free`.
    pub fn contains(&self, key: &[u64]) -> bool {
        let mut rest: Vec<u64> = key.iter().zip(&self.base).map(|(a, b)| a ^ b).collect();
        let mut basis: Vec<(usize, Vec<u64>)> = Vec::new();
        let lead =
            |v: &[u64]| v.iter().position(|w| *w != 0).map(|w| 64 * w + v[w].trailing_zeros() as usize);
        let reduce = |v: &mut Vec<u64>, basis: &[(usize, Vec<u64>)]| {
            for (column, known) in basis {
                if bit(v, *column) {
                    v.iter_mut().zip(known).for_each(|(a, b)| *a ^= b);
                }
            }
        };
        for effect in &self.effects {
            let mut effect = effect.clone();
            reduce(&mut effect, &basis);
            if let Some(column) = lead(&effect) {
                basis.push((column, effect));
            }
        }
        reduce(&mut rest, &basis);
        rest.iter().all(|word| *word == 0)
    }

    /// Draws keys. The draws depend on seed and stream only.
    pub fn sample(
        &self,
        shots: u64,
        draw: (u64, u64),
        workers: &Workers,
        tally: &mut Tally,
    ) -> CoreResult<()> {
        match self.free() {
            0 => tally.add_rows(&self.base, &[shots]),
            free if free <= MOST_TABLED => self.sample_tabled(shots, draw, tally),
            free if free <= 64 => self.sample_sorted(shots, draw, tally),
            _ => self.sample_wide(shots, draw, workers, tally),
        }
    }

    /// Several patterns of free bits from each random word, counted in a table.
    fn sample_tabled(&self, shots: u64, (seed, stream): (u64, u64), tally: &mut Tally) -> CoreResult<()> {
        let free = self.free();
        let (each, mask) = (64 / free as u64, (1u64 << free) - 1);
        let mut random = Philox::new(seed, stream);
        let mut table = vec![0u64; 1 << free];
        for _ in 0..shots / each {
            let mut word = random.next_u64();
            for _ in 0..each {
                table[(word & mask) as usize] += 1;
                word >>= free;
            }
        }
        let mut word = random.next_u64();
        for _ in 0..shots % each {
            table[(word & mask) as usize] += 1;
            word >>= free;
        }
        let hit = table.iter().enumerate().filter(|(_, count)| **count > 0);
        let (patterns, counts): (Vec<u64>, Vec<u64>) = hit.map(|(k, count)| (k as u64, *count)).unzip();
        self.add_patterns(&patterns, &counts, tally)
    }

    /// One pattern from each random word, equal ones brought together by sorting.
    fn sample_sorted(&self, shots: u64, (seed, stream): (u64, u64), tally: &mut Tally) -> CoreResult<()> {
        let mut random = Philox::new(seed, stream);
        let mask = u64::MAX >> (64 - self.free());
        let mut drawn: Vec<u64> = (0..shots).map(|_| random.next_u64() & mask).collect();
        drawn.sort_unstable();
        let (mut patterns, mut counts): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
        for equal in drawn.chunk_by(|a, b| a == b) {
            patterns.push(equal[0]);
            counts.push(equal.len() as u64);
        }
        self.add_patterns(&patterns, &counts, tally)
    }

    fn add_patterns(&self, patterns: &[u64], counts: &[u64], tally: &mut Tally) -> CoreResult<()> {
        tally.check(patterns.len())?;
        let sums = Sums::new(self);
        let mut rows = Vec::with_capacity(patterns.len() * self.words);
        patterns.iter().for_each(|pattern| sums.push(&[*pattern], &mut rows));
        tally.add_rows(&rows, counts)
    }

    /// So many free bits that hardly two shots agree: chunks on all threads, each from its own stream.
    fn sample_wide(
        &self,
        shots: u64,
        (seed, stream): (u64, u64),
        workers: &Workers,
        tally: &mut Tally,
    ) -> CoreResult<()> {
        tally.check(shots as usize)?;
        let sums = Sums::new(self);
        let parts = workers.map(shots.div_ceil(CHUNK_SHOTS) as usize, |chunk| {
            let mut random = Philox::new(seed, mix(stream.wrapping_add(mix(1 + chunk as u64))));
            let count = CHUNK_SHOTS.min(shots - CHUNK_SHOTS * chunk as u64);
            let mut rows = Vec::with_capacity(count as usize * self.words);
            let mut pattern = vec![0; self.free().div_ceil(64)];
            for _ in 0..count {
                pattern.iter_mut().for_each(|word| *word = random.next_u64());
                sums.push(&pattern, &mut rows);
            }
            rows
        });
        for rows in parts {
            let count = rows.len() / self.words;
            tally.add_rows(&rows, &vec![1; count])?;
        }
        Ok(())
    }
}

/// Sums of effects for every value of four free bits, so that a key takes a quarter of the additions.
struct Sums<'a> {
    affine: &'a Affine,
    /// Sixteen keys for each group of four.
    table: Vec<u64>,
}

impl<'a> Sums<'a> {
    fn new(affine: &'a Affine) -> Self {
        let words = affine.words;
        let mut table = Vec::with_capacity(affine.effects.len().div_ceil(4) * 16 * words);
        for group in affine.effects.chunks(4) {
            for value in 0..16usize {
                let start = table.len();
                table.resize(start + words, 0);
                for (_, effect) in group.iter().enumerate().filter(|(k, _)| value >> k & 1 == 1) {
                    table[start..].iter_mut().zip(effect).for_each(|(a, b)| *a ^= b);
                }
            }
        }
        Sums { affine, table }
    }

    /// Appends the key of a pattern of free bits.
    fn push(&self, pattern: &[u64], rows: &mut Vec<u64>) {
        let (words, start) = (self.affine.words, rows.len());
        rows.extend_from_slice(&self.affine.base);
        for (group, sums) in self.table.chunks_exact(16 * words).enumerate() {
            let value = (pattern[group / 16] >> (4 * (group % 16)) & 15) as usize;
            let sum = &sums[value * words..(value + 1) * words];
            rows[start..].iter_mut().zip(sum).for_each(|(a, b)| *a ^= b);
        }
    }
}
