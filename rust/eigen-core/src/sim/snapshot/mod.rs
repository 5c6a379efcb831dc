//! Snapshots: the state of a run between two of its steps, written so that the run goes on from there, elsewhere and
//! later, to the same bits. What the engine needs to go on is the engine's affair; how it is written is here.
//!
//! The file: `EIGENSNP`, the format as u32, the length of the header as u32, the header as JSON, words (u64) and then
//! numbers in chunks, and the sha256 of all bytes before it. Everything is little-endian. A chunk is the length of its
//! frame as u32 and a frame of Zstandard (RFC 8878) of up to `CHUNK_BYTES`, byte `k` of all its numbers before byte
//! `k + 1` of any: neighbouring amplitudes have like exponents, and their mantissas look like noise.
mod chunk;
mod identity;
mod reader;
mod tour;
mod words;
mod writer;

pub(crate) use identity::Identity;
pub(crate) use reader::Reader;
pub(crate) use tour::{About, Tour};
pub(crate) use words::Words;
pub(crate) use writer::Writer;

use crate::error::{CoreError, CoreResult, ErrorCode};

/// What a file begins with.
const MAGIC: [u8; 8] = *b"EIGENSNP";
/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;
/// Bytes of the header at most.
const MOST_HEADER_BYTES: usize = 64 << 10;
/// Words beside the numbers at most: 2 GiB.
const MOST_WORDS: u64 = 1 << 28;
/// Bytes of a chunk before it is compressed.
const CHUNK_BYTES: usize = 1 << 20;
/// Chunks that each thread has in hand at a time.
const CHUNKS_PER_THREAD: usize = 4;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Steps that are done: passes over memory, or gates.
    pub done: u64,
    /// Steps in all; 0 where outcomes decide how many there are.
    pub of: u64,
    /// Bytes that a snapshot takes, uncompressed.
    pub bytes: u64,
}

/// Who looks after a run that takes long. What it fails with ends the run.
pub trait Watch: Send {
    /// Called between two steps. True: a snapshot is wanted now.
    fn look(&mut self, place: Place) -> CoreResult<bool>;

    /// Takes the next bytes of a snapshot. False: it is given up.
    fn write(&mut self, bytes: &[u8]) -> CoreResult<bool>;

    /// The snapshot of this place is whole.
    fn keep(&mut self, place: Place) -> CoreResult<()>;

    /// Opens the newest snapshot that was not opened yet; false when there is none.
    fn open(&mut self) -> CoreResult<bool>;

    /// Reads from the open snapshot up to the end of the buffer, less only at the end of the file.
    fn read(&mut self, buffer: &mut [u8]) -> CoreResult<usize>;

    /// The run goes on from the open snapshot, or why it cannot.
    fn opened(&mut self, outcome: Result<Place, CoreError>) -> CoreResult<()>;
}

/// The error for a snapshot that is not to be used.
pub(crate) fn refused(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::SnapshotInvalid, message)
        .with_hint("the run begins with an earlier snapshot, or from its beginning")
}
