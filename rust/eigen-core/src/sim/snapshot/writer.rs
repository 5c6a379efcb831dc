//! Writes a snapshot, chunk after chunk.
use sha2::{Digest, Sha256};

use super::chunk::{Number, numbers_of_chunk, pack};
use super::tour::Header;
use super::{CHUNKS_PER_THREAD, FORMAT, MAGIC, Watch};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::sim::workers::Workers;

/// A snapshot under way. Once it was given up nothing more is done.
pub(crate) struct Writer<'a> {
    watch: &'a mut dyn Watch,
    hash: Sha256,
    is_given_up: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(watch: &'a mut dyn Watch) -> Self {
        Writer { watch, hash: Sha256::new(), is_given_up: false }
    }

    pub(super) fn header(&mut self, header: &Header) -> CoreResult<()> {
        let text = serde_json::to_vec(header)
            .map_err(|error| CoreError::new(ErrorCode::Internal, format!("a header is no JSON: {error}")))?;
        let mut head = MAGIC.to_vec();
        head.extend(FORMAT.to_le_bytes());
        head.extend((text.len() as u32).to_le_bytes());
        head.extend(text);
        self.bytes(&head)
    }

    /// Writes numbers in chunks.
    pub fn numbers<N: Number>(&mut self, numbers: &[N], workers: &Workers) -> CoreResult<()> {
        let size = numbers_of_chunk::<N>();
        for batch in numbers.chunks(size * CHUNKS_PER_THREAD * workers.count()) {
            if self.is_given_up {
                return Ok(());
            }
            let chunks: Vec<&[N]> = batch.chunks(size).collect();
            for packed in workers.map(chunks.len(), |k| pack(chunks[k])) {
                let packed = packed?;
                self.bytes(&(packed.len() as u32).to_le_bytes())?;
                self.bytes(&packed)?;
            }
        }
        Ok(())
    }

    /// Ends the file with its digest; false when it was given up.
    pub(super) fn end(mut self) -> CoreResult<bool> {
        let digest = self.hash.clone().finalize();
        self.bytes(&digest)?;
        Ok(!self.is_given_up)
    }

    fn bytes(&mut self, bytes: &[u8]) -> CoreResult<()> {
        if !self.is_given_up {
            self.hash.update(bytes);
            self.is_given_up = !self.watch.write(bytes)?;
        }
        Ok(())
    }
}
