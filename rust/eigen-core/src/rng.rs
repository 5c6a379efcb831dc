//! Counter-based randomness: Philox4x32-10, and seeds derived by SHA-256. Same bits on every host.
use sha2::{Digest, Sha256};

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::sim::isa::for_each_isa;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The Philox4x32-10 bijection (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11).
pub fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let low = u64::from(MULTIPLIERS[0]) * u64::from(counter[0]);
        let high = u64::from(MULTIPLIERS[1]) * u64::from(counter[2]);
        counter = [
            (high >> 32) as u32 ^ counter[1] ^ key[0],
            high as u32,
            (low >> 32) as u32 ^ counter[3] ^ key[1],
            low as u32,
        ];
    }
    counter
}

/// Blocks that `Philox::fill` makes at a time.
const BLOCKS: usize = 16;

for_each_isa! {
    /// `BLOCKS` blocks of a stream from number `first` on, two words each.
    blocks(first: u64, stream: u64, key: [u32; 2], out: &mut [u64]) = blocks_plain
}

/// One array for each word of the counters, so that a register holds the same word of several blocks.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "lane loops run over several arrays at once")]
fn blocks_plain(first: u64, stream: u64, key: [u32; 2], out: &mut [u64]) {
    const LOW: u64 = u32::MAX as u64;
    let mut c: [[u64; BLOCKS]; 4] = [[0; BLOCKS]; 4];
    for k in 0..BLOCKS {
        let block = first.wrapping_add(k as u64);
        (c[0][k], c[1][k], c[2][k], c[3][k]) = (block & LOW, block >> 32, stream & LOW, stream >> 32);
    }
    for round in 0..ROUNDS as u32 {
        let key = [0, 1].map(|k: usize| u64::from(key[k].wrapping_add(WEYL[k].wrapping_mul(round))));
        for k in 0..BLOCKS {
            let low = u64::from(MULTIPLIERS[0]) * (c[0][k] & LOW);
            let high = u64::from(MULTIPLIERS[1]) * (c[2][k] & LOW);
            (c[0][k], c[1][k]) = (high >> 32 ^ c[1][k] ^ key[0], high & LOW);
            (c[2][k], c[3][k]) = (low >> 32 ^ c[3][k] ^ key[1], low & LOW);
        }
    }
    for (k, pair) in out.chunks_exact_mut(2).enumerate().take(BLOCKS) {
        pair[0] = c[0][k] | c[1][k] << 32;
        pair[1] = c[2][k] | c[3][k] << 32;
    }
}

/// A stream of random numbers: key = seed, counter = (position, stream).
#[derive(Clone, Debug)]
pub struct Philox {
    key: [u32; 2],
    stream: u64,
    block: u64,
    buffer: [u64; 2],
    left: usize,
}

impl Philox {
    /// The stream `stream` of a seed, from its beginning. Streams of one seed do not overlap.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], stream, block: 0, buffer: [0; 2], left: 0 }
    }

    /// The same stream after `counter` words were drawn.
    pub fn at(seed: u64, stream: u64, counter: u64) -> Self {
        let mut there = Self { block: counter / 2, ..Self::new(seed, stream) };
        if counter % 2 == 1 {
            there.next_u64();
        }
        there
    }

    /// Number of 64-bit words drawn so far.
    pub fn counter(&self) -> u64 {
        self.block * 2 - self.left as u64
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        if self.left == 0 {
            let counter = [
                self.block as u32,
                (self.block >> 32) as u32,
                self.stream as u32,
                (self.stream >> 32) as u32,
            ];
            let words = philox4x32(counter, self.key);
            self.buffer = [
                u64::from(words[0]) | (u64::from(words[1]) << 32),
                u64::from(words[2]) | (u64::from(words[3]) << 32),
            ];
            self.block += 1;
            self.left = 2;
        }
        self.left -= 1;
        self.buffer[1 - self.left]
    }

    /// The next `out.len()` words, the same as from `next_u64`, many blocks at a time.
    pub fn fill(&mut self, out: &mut [u64]) {
        let mut rest = out;
        while !rest.is_empty() && self.left > 0 {
            let (first, more) = rest.split_at_mut(1);
            first[0] = self.next_u64();
            rest = more;
        }
        let mut batches = rest.chunks_exact_mut(2 * BLOCKS);
        for batch in &mut batches {
            blocks(self.block, self.stream, self.key, batch);
            self.block += BLOCKS as u64;
        }
        batches.into_remainder().iter_mut().for_each(|word| *word = self.next_u64());
    }

    /// A number in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A pair of independent standard normal numbers (Box and Muller).
    pub fn normal_pair(&mut self) -> (f64, f64) {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        let angle = std::f64::consts::TAU * self.uniform();
        (radius * libm::cos(angle), radius * libm::sin(angle))
    }

    /// A whole number in `0..bound`, without bias (Lemire's multiplication with rejection). `bound` is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let threshold = bound.wrapping_neg() % bound.max(1);
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            if product as u64 >= threshold {
                return (product >> 64) as u64;
            }
        }
    }

    /// A whole number in `low..high`.
    pub fn integer(&mut self, low: i64, high: i64) -> CoreResult<i64> {
        if low >= high {
            let message = format!("there is no whole number from `{low}` up to but not including `{high}`");
            return Err(CoreError::new(ErrorCode::RandomInvalid, message));
        }
        Ok(low.wrapping_add(self.below(high.wrapping_sub(low) as u64) as i64))
    }

    /// The numbers `0..n` in random order (Fisher and Yates).
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for k in (1..n).rev() {
            order.swap(k, self.below(k as u64 + 1) as usize);
        }
        order
    }
}

/// A step of the path that leads from one seed to another.
#[derive(Clone, Debug)]
pub enum Step<'a> {
    /// A name.
    Text(&'a str),
    /// A number.
    Int(i128),
}

/// A seed for a purpose: the first 8 bytes (little-endian) of the SHA-256 of an unambiguous encoding of the
/// seed and the path.
pub fn derive_seed(seed: u64, path: &[Step<'_>]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(b"eigen.seed.v1");
    hash.update(seed.to_le_bytes());
    for step in path {
        match step {
            Step::Text(text) => {
                hash.update([b's']);
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text.as_bytes());
            }
            Step::Int(value) => {
                hash.update([b'i']);
                hash.update(value.to_le_bytes());
            }
        }
    }
    let digest = hash.finalize();
    let mut first = [0u8; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_of_random123() {
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(philox4x32(counter, key), expected);
        }
    }

    #[test]
    fn counter_and_streams() {
        let mut a = Philox::new(7, 0);
        let first: Vec<u64> = (0..5).map(|_| a.next_u64()).collect();
        assert_eq!(a.counter(), 5);
        let mut b = Philox::new(7, 1);
        assert_ne!(first[0], b.next_u64());
        assert_eq!(Philox::new(7, 0).next_u64(), first[0]);
        for (counter, word) in first.iter().enumerate() {
            let mut there = Philox::at(7, 0, counter as u64);
            assert_eq!((there.counter(), there.next_u64()), (counter as u64, *word));
        }
    }

    #[test]
    fn bulk_words_are_the_same() {
        let (mut bulk, mut single) =
            (Philox::new(0x1234_5678_9ABC_DEF0, 1 << 40), Philox::new(0x1234_5678_9ABC_DEF0, 1 << 40));
        for length in [1, 2, 3, 31, 32, 33, 100, 1000] {
            let mut words = vec![0; length];
            bulk.fill(&mut words);
            assert!(words.iter().all(|word| *word == single.next_u64()), "{length}");
            assert_eq!(bulk.counter(), single.counter());
        }
    }

    #[test]
    fn integers_cover_extremes() {
        let mut rng = Philox::new(1, 0);
        assert!(rng.integer(3, 3).is_err());
        assert_eq!(rng.integer(3, 4).expect("one"), 3);
        for _ in 0..100 {
            rng.integer(i64::MIN, i64::MAX).expect("range");
        }
        let mut seen = [false; 6];
        (0..200).for_each(|_| seen[rng.below(6) as usize] = true);
        assert!(seen.iter().all(|hit| *hit));
    }

    #[test]
    fn moments_are_right() {
        let mut rng = Philox::new(42, 0);
        let n = 20_000;
        let (mut sum, mut square) = (0.0, 0.0);
        for _ in 0..n {
            let (a, b) = rng.normal_pair();
            sum += a + b;
            square += a * a + b * b;
        }
        // Six standard deviations of the mean and of the variance of 40,000 draws.
        assert!((sum / (2.0 * n as f64)).abs() < 6.0 / 200.0);
        assert!((square / (2.0 * n as f64) - 1.0).abs() < 6.0 * 1.415 / 200.0);
    }

    #[test]
    fn derived_seeds_separate_paths() {
        let a = derive_seed(1, &[Step::Text("ab"), Step::Text("c")]);
        assert_ne!(a, derive_seed(1, &[Step::Text("a"), Step::Text("bc")]));
        assert_ne!(a, derive_seed(2, &[Step::Text("ab"), Step::Text("c")]));
        assert_ne!(derive_seed(1, &[Step::Int(1)]), derive_seed(1, &[Step::Text("1")]));
    }
}
