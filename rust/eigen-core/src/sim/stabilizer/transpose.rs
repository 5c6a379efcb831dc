//! From columns (one lane for each classical bit) to rows (one packed key for each shot).
use super::super::isa::for_each_isa;
use super::lanes::{LANE, LANE_SHOTS, Lane};

/// Lanes of 64 classical bits.
type Block = [Lane; 64];

/// Calls `write(shot, key word, word)` for every word of the keys of the first `count` shots.
pub(super) fn rows(columns: &[Lane], count: usize, mut write: impl FnMut(usize, usize, u64)) {
    let mut block: Block = [[0; LANE]; 64];
    for (key_word, lanes) in columns.chunks(64).enumerate() {
        block[..lanes.len()].copy_from_slice(lanes);
        block[lanes.len()..].fill([0; LANE]);
        transpose(&mut block);
        for shot_word in 0..count.div_ceil(64).min(LANE_SHOTS / 64) {
            let first = 64 * shot_word;
            for (k, row) in block.iter().enumerate().take(count - first) {
                write(first + k, key_word, row[shot_word]);
            }
        }
    }
}

/// Writes keys of `ceil(columns / 8)` bytes one after the other: classical bit `k` is bit `k % 8` of byte `k / 8`.
pub(super) fn packed(columns: &[Lane], out: &mut [u8]) {
    let width = columns.len().div_ceil(8);
    if width == 0 {
        return;
    }
    rows(columns, out.len() / width, |shot, key_word, word| {
        let row = &mut out[shot * width..(shot + 1) * width];
        match row[8 * key_word..].first_chunk_mut::<8>() {
            Some(bytes) => *bytes = word.to_le_bytes(),
            None => {
                row[8 * key_word..].iter_mut().zip(word.to_le_bytes()).for_each(|(to, from)| *to = from);
            }
        }
    });
}

for_each_isa! {
    /// Transposes the 64 x 64 bits of each shot word by exchanging ever smaller squares across the diagonal.
    transpose(block: &mut Block) = transpose_plain
}

#[inline(always)]
fn transpose_plain(block: &mut Block) {
    let (mut width, mut mask) = (32, u64::MAX >> 32);
    while width > 0 {
        for start in (0..64).step_by(2 * width) {
            let (upper, lower) = block[start..start + 2 * width].split_at_mut(width);
            for (a, b) in upper.iter_mut().zip(lower) {
                for k in 0..LANE {
                    let exchanged = (a[k] >> width ^ b[k]) & mask;
                    a[k] ^= exchanged << width;
                    b[k] ^= exchanged;
                }
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Philox;

    #[test]
    fn every_bit_finds_its_place() {
        let mut random = Philox::new(5, 0);
        for (num_bits, shots) in [(1usize, 1usize), (8, 1024), (9, 65), (64, 64), (70, 1000), (131, 127)] {
            let columns: Vec<Lane> =
                (0..num_bits).map(|_| std::array::from_fn(|_| random.next_u64())).collect();
            let width = num_bits.div_ceil(8);
            let mut out = vec![0; width * shots];
            packed(&columns, &mut out);
            for shot in 0..shots {
                for bit in 0..8 * width {
                    let expected =
                        columns.get(bit).is_some_and(|lane| lane[shot / 64] >> (shot % 64) & 1 == 1);
                    assert_eq!(out[shot * width + bit / 8] >> (bit % 8) & 1 == 1, expected);
                }
            }
        }
    }
}
