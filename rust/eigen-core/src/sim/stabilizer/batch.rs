//! Shots in batches of frames: a million shots are a thousand chunks, each with random streams of its own.
use super::super::branch::mix;
use super::super::share::Share;
use super::super::snapshot::Watch;
use super::super::tally::Tally;
use super::super::workers::Workers;
use super::flips::{Flips, Source};
use super::frames::{Course, Frames};
use super::gauge::{self, Gauge};
use super::lanes::{LANE_SHOTS, Lane};
use super::lower::Program;
use super::path::Path;
use super::random::Words;
use super::run::{History, last_writes, measure, reference};
use super::transpose::{packed, rows};
use crate::error::CoreResult;

/// Chunks whose keys wait to be counted.
const BATCH: usize = 64;

/// What the reference shot of a circuit tells.
pub(super) struct Reference {
    outcomes: Vec<bool>,
    finals: Vec<(usize, usize, bool)>,
    /// Places of the gauge that are drawn; `None` for all.
    marked: Option<Vec<bool>>,
}

/// A circuit ready to be drawn from.
pub(super) struct Batches<'a> {
    pub program: &'a Program,
    pub path: &'a Path,
    pub reference: &'a Reference,
    pub workers: &'a Workers,
}

/// Bytes of the frames of one chunk.
pub(super) fn bytes(num_qubits: usize, num_clbits: usize) -> u128 {
    (2 * num_qubits + num_clbits) as u128 * size_of::<Lane>() as u128
}

impl Reference {
    /// Runs the reference shot.
    pub fn new(program: &Program, path: &Path, watch: Option<Box<dyn Watch>>) -> CoreResult<Self> {
        let History { mut tableau, outcomes, places } = reference(program, watch)?;
        let finals: Vec<(usize, usize, bool)> = last_writes(program)
            .into_iter()
            .map(|read| (read.qubit, read.clbit, measure(&mut tableau, read.qubit)))
            .collect();
        drop(tableau);
        let course = Course { program, path, outcomes: &outcomes, finals: &finals };
        let marked = gauge::basis(&course, program.num_qubits + places)?;
        Ok(Reference { outcomes, finals, marked })
    }
}

impl Batches<'_> {
    fn course(&self) -> Course<'_> {
        let Reference { outcomes, finals, .. } = self.reference;
        Course { program: self.program, path: self.path, outcomes, finals }
    }

    fn source(&self, seed: u64, chunk: usize) -> Source<'_> {
        let stream = mix(1 + chunk as u64);
        let words = Box::new(Words::new(seed, stream));
        let gauge = Gauge::Random { words, marked: self.reference.marked.as_deref(), at: 0 };
        Source { gauge, flips: Flips::new(&self.program.mechanisms, seed, mix(stream)) }
    }

    /// Counts the shots of a part of a run: whole chunks.
    pub fn tally(&self, shots: u64, seed: u64, share: Share) -> CoreResult<Tally> {
        let course = self.course();
        let mut tally = Tally::new(self.program.start().clbits.len());
        let words = tally.words();
        let chunks = share.of(shots.div_ceil(LANE_SHOTS as u64));
        let (start, end) = (chunks.start as usize, chunks.end as usize);
        for first in (start..end).step_by(BATCH) {
            let parts = self.workers.map(BATCH.min(end - first), |k| {
                let mut frames = Frames::new(&course);
                frames.run(self.source(seed, first + k))?;
                let count = (shots as usize - LANE_SHOTS * (first + k)).min(LANE_SHOTS);
                let mut keys = vec![0; count * words];
                rows(&frames.clbits, count, |shot, key_word, word| keys[shot * words + key_word] = word);
                Ok(keys)
            });
            for part in parts {
                let keys: Vec<u64> = part?;
                tally.add_rows(&keys, &vec![1; keys.len() / words])?;
            }
        }
        Ok(tally)
    }

    /// Writes the packed keys of all shots in their order; `out` holds them all.
    pub fn packed(&self, seed: u64, out: &mut [u8]) -> CoreResult<()> {
        let course = self.course();
        let width = self.program.num_clbits.div_ceil(8);
        let failed = std::sync::Mutex::new(None);
        self.workers.each_chunk(out, (width * LANE_SHOTS).max(1), |chunk, rows| {
            let mut frames = Frames::new(&course);
            match frames.run(self.source(seed, chunk)) {
                Ok(()) => packed(&frames.clbits, rows),
                Err(error) => *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error),
            }
        });
        failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).map_or(Ok(()), Err)
    }
}
