//! Chunks: numbers by planes of bytes, compressed.
use super::{CHUNK_BYTES, refused};
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Planes compress at this level about as fast as at lower ones, and hardly better at higher ones.
const LEVEL: i32 = 1;

/// What snapshots are made of.
pub(crate) trait Number: Copy + Default + Send + Sync {
    /// Bytes of one.
    const BYTES: usize;

    fn bits(self) -> u64;
    fn from_bits(bits: u64) -> Self;
    /// Its square as a part of a norm; not finite for what no state has. 0 for what is no amplitude.
    fn square(self) -> f64;
}

impl Number for f64 {
    const BYTES: usize = 8;

    fn bits(self) -> u64 {
        self.to_bits()
    }

    fn from_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }

    fn square(self) -> f64 {
        self * self
    }
}

impl Number for f32 {
    const BYTES: usize = 4;

    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }

    fn from_bits(bits: u64) -> Self {
        f32::from_bits(bits as u32)
    }

    fn square(self) -> f64 {
        f64::from(self) * f64::from(self)
    }
}

impl Number for u64 {
    const BYTES: usize = 8;

    fn bits(self) -> u64 {
        self
    }

    fn from_bits(bits: u64) -> Self {
        bits
    }

    fn square(self) -> f64 {
        0.0
    }
}

/// Numbers of a whole chunk.
pub(super) const fn numbers_of_chunk<N: Number>() -> usize {
    CHUNK_BYTES / N::BYTES
}

/// A compressed chunk.
pub(super) fn pack<N: Number>(numbers: &[N]) -> CoreResult<Vec<u8>> {
    let mut planes = vec![0; numbers.len() * N::BYTES];
    for (plane, bytes) in planes.chunks_exact_mut(numbers.len().max(1)).enumerate() {
        bytes.iter_mut().zip(numbers).for_each(|(byte, number)| *byte = (number.bits() >> (8 * plane)) as u8);
    }
    zstd::bulk::compress(&planes, LEVEL).map_err(|error| {
        CoreError::new(ErrorCode::Internal, format!("a state cannot be compressed: {error}"))
    })
}

/// Bytes of a compressed chunk at most.
pub(super) fn most_packed(numbers: usize, bytes: usize) -> usize {
    zstd::zstd_safe::compress_bound(numbers * bytes)
}

/// Fills `numbers` from a compressed chunk that holds exactly so many; the sum of their squares.
pub(super) fn unpack<N: Number>(packed: &[u8], numbers: &mut [N]) -> CoreResult<f64> {
    let wanted = numbers.len() * N::BYTES;
    let planes = zstd::bulk::decompress(packed, wanted).ok().filter(|planes| planes.len() == wanted);
    let planes = planes.ok_or_else(|| refused("a part of the snapshot cannot be decompressed"))?;
    let count = numbers.len();
    let mut sum = 0.0;
    for (k, number) in numbers.iter_mut().enumerate() {
        let bits =
            (0..N::BYTES).fold(0, |bits, plane| bits | u64::from(planes[plane * count + k]) << (8 * plane));
        *number = N::from_bits(bits);
        sum += number.square();
    }
    Ok(sum)
}
