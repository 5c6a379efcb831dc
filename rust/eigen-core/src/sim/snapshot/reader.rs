//! Reads a snapshot that anybody may have written: every length is checked before memory is taken for it.
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::chunk::{Number, most_packed, numbers_of_chunk, unpack};
use super::tour::Header;
use super::{CHUNKS_PER_THREAD, FORMAT, MAGIC, MOST_HEADER_BYTES, Watch, refused};
use crate::error::CoreResult;
use crate::sim::workers::Workers;

/// How far from 1 the norm of a state may be.
const NORM_TOLERANCE: f64 = 1e-2;

/// An open snapshot.
pub(crate) struct Reader<'a> {
    watch: &'a mut dyn Watch,
    hash: Sha256,
}

impl<'a> Reader<'a> {
    pub(super) fn new(watch: &'a mut dyn Watch) -> Self {
        Reader { watch, hash: Sha256::new() }
    }

    pub(super) fn header(&mut self) -> CoreResult<Header> {
        let mut magic = [0; MAGIC.len()];
        self.fill(&mut magic)?;
        if magic != MAGIC {
            return Err(refused("the file is no snapshot"));
        }
        let format = self.length()?;
        if format != FORMAT as usize {
            return Err(refused(format!("the snapshot has the format `{format}`, not `{FORMAT}`")));
        }
        let length = self.length()?;
        if length > MOST_HEADER_BYTES {
            return Err(refused(format!("the header has `{length}` bytes, at most {MOST_HEADER_BYTES}")));
        }
        let mut text = vec![0; length];
        self.fill(&mut text)?;
        serde_json::from_slice(&text).map_err(|_| refused("the header of the snapshot cannot be read"))
    }

    /// Fills `numbers`; the sum of their squares.
    pub fn numbers<N: Number>(&mut self, numbers: &mut [N], workers: &Workers) -> CoreResult<f64> {
        let size = numbers_of_chunk::<N>();
        let mut sum = 0.0;
        for batch in numbers.chunks_mut(size * CHUNKS_PER_THREAD * workers.count()) {
            let packed = batch.chunks(size).map(|chunk| self.packed::<N>(chunk.len()));
            let packed = packed.collect::<CoreResult<Vec<_>>>()?;
            let parts = Mutex::new(vec![Ok(0.0); packed.len()]);
            workers.each_chunk(batch, size, |k, chunk| {
                let part = unpack(&packed[k], chunk);
                parts.lock().unwrap_or_else(PoisonError::into_inner)[k] = part;
            });
            for part in parts.into_inner().unwrap_or_else(PoisonError::into_inner) {
                sum += part?;
            }
        }
        Ok(sum)
    }

    /// Fills the amplitudes of a state of norm 1.
    pub fn state<N: Number>(&mut self, numbers: &mut [N], workers: &Workers) -> CoreResult<()> {
        let norm = self.numbers(numbers, workers)?;
        if (norm - 1.0).abs() <= NORM_TOLERANCE {
            return Ok(());
        }
        Err(refused(format!("the state of the snapshot has the squared norm `{norm}`")))
    }

    /// Checks the digest, and that nothing follows.
    pub(super) fn end(mut self) -> CoreResult<()> {
        let digest = self.hash.clone().finalize();
        let mut written = [0; 32];
        self.fill(&mut written)?;
        if written != digest.as_slice() {
            return Err(refused("the snapshot does not have the digest that it was written with"));
        }
        if self.watch.read(&mut [0])? != 0 {
            return Err(refused("bytes follow the end of the snapshot"));
        }
        Ok(())
    }

    fn packed<N: Number>(&mut self, numbers: usize) -> CoreResult<Vec<u8>> {
        let length = self.length()?;
        if length > most_packed(numbers, N::BYTES) {
            return Err(refused(format!("a part of the snapshot has `{length}` bytes")));
        }
        let mut packed = vec![0; length];
        self.fill(&mut packed)?;
        Ok(packed)
    }

    fn length(&mut self) -> CoreResult<usize> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> CoreResult<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            let count = self.watch.read(&mut buffer[filled..])?;
            if count == 0 {
                return Err(refused("the snapshot ends too early"));
            }
            filled += count;
        }
        self.hash.update(buffer);
        Ok(())
    }
}
