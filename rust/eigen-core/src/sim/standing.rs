//! Where the walk through the histories of a circuit stands, beside the state itself: what a snapshot keeps of it.
use super::program::{Cursor, Mark, Program};
use super::snapshot::{Words, refused};
use crate::error::CoreResult;

/// Shots with a common history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shots<'a> {
    pub shots: u64,
    /// Stream of random numbers that belongs to the history.
    pub stream: u64,
    /// Outcomes so far.
    pub outcomes: &'a [bool],
}

/// The same, of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnShots {
    pub shots: u64,
    pub stream: u64,
    pub outcomes: Vec<bool>,
}

/// A walk that was interrupted.
#[derive(Debug)]
pub(crate) struct Standing {
    pub mark: Mark,
    pub cursor: Cursor,
    /// The history under way.
    pub now: OwnShots,
    /// Those that wait, the next one last.
    pub waiting: Vec<OwnShots>,
    /// Keys found so far, and how often each came.
    pub rows: Vec<u64>,
    pub values: Vec<u64>,
}

/// A walk as words. A run without measurements is one of no shots.
pub(crate) fn to_words<'a>(
    mark: Mark,
    cursor: &Cursor,
    now: Shots<'_>,
    waiting: impl ExactSizeIterator<Item = Shots<'a>>,
    (rows, values): (&[u64], &[u64]),
) -> Vec<u64> {
    let mut words = vec![mark.segment as u64, mark.pass as u64];
    cursor.put(&mut words);
    put(now, &mut words);
    words.push(waiting.len() as u64);
    waiting.for_each(|shots| put(shots, &mut words));
    words.push(values.len() as u64);
    words.extend(rows.iter().chain(values));
    words
}

fn put(shots: Shots<'_>, words: &mut Vec<u64>) {
    words.extend([shots.shots, shots.stream, shots.outcomes.len() as u64]);
    let packed = shots.outcomes.chunks(64);
    words.extend(packed.map(|bits| bits.iter().rev().fold(0, |word, bit| word << 1 | u64::from(*bit))));
}

impl Standing {
    /// The walk of so many shots through a program that `to_words` wrote.
    pub fn of_words(words: &[u64], program: &Program, shots: u64) -> CoreResult<Self> {
        Self::take(&mut Words::new(words), program, shots)
            .ok_or_else(|| refused("the snapshot stands nowhere in this run"))
    }

    fn take(words: &mut Words<'_>, program: &Program, shots: u64) -> Option<Self> {
        let segment = words.index(program.segments.len())?;
        let pass = words.index(program.segments[segment].num_worked() + 1)?;
        let start = program.start();
        let cursor = Cursor::take(words, &start, program.codes.len())?;
        let now = OwnShots::take(words)?;
        let count = words.count(3)?;
        let waiting = (0..count).map(|_| OwnShots::take(words)).collect::<Option<Vec<_>>>()?;
        let width = start.clbits.len();
        let keys = words.count(width + 1)?;
        let rows = words.several(keys * width)?.to_vec();
        let values = words.several(keys)?.to_vec();
        let counted = values.iter().chain(waiting.iter().chain([&now]).map(|shots| &shots.shots));
        let total = counted.copied().try_fold(0u64, u64::checked_add)?;
        let is_whole = words.is_empty() && total == shots && waiting.iter().all(|shots| shots.shots > 0);
        is_whole.then_some(Standing { mark: Mark { segment, pass }, cursor, now, waiting, rows, values })
    }
}

impl OwnShots {
    fn take(words: &mut Words<'_>) -> Option<Self> {
        let (shots, stream) = (words.next()?, words.next()?);
        let length = usize::try_from(words.next()?).ok()?;
        let packed = words.several(length.div_ceil(64))?;
        let outcomes = (0..length).map(|k| packed[k / 64] >> (k % 64) & 1 == 1).collect();
        Some(OwnShots { shots, stream, outcomes })
    }
}
