//! Errors that stabilise the state: which of them, drawn at random, make open outcomes fair, and which change nothing.
//!
//! After every preparation and measurement of a qubit its Z stabilises the state, and a frame may be multiplied by it at
//! will. All such places together flip the outcomes by a linear map; a basis of its columns is as good as all of them,
//! and in circuits whose outcomes are mostly certain, such as error correction, it is small.
use super::flips::{Flips, Source};
use super::frames::{Course, Frames};
use super::lanes::{LANE, LANE_SHOTS, Lane};
use super::random::Words;
use crate::error::CoreResult;

/// Words of work that finding a basis may take: below a second.
const MOST_WORK: usize = 1 << 30;

/// What to do at the places, in the order in which they come.
pub(super) enum Gauge<'a> {
    Nothing,
    /// Random Z at all places, or at those marked.
    Random {
        words: Box<Words>,
        marked: Option<&'a [bool]>,
        at: usize,
    },
    /// Place `first + k` sets bit `k`, to see what it flips.
    Probe {
        first: usize,
        at: usize,
    },
}

impl Gauge<'_> {
    /// Acts on the Z lane of the next place.
    #[inline]
    pub fn scatter(&mut self, lane: &mut Lane) {
        match self {
            Gauge::Nothing => {}
            Gauge::Random { words, marked, at } => {
                let place = *at;
                *at += 1;
                if marked.is_none_or(|marked| marked[place]) {
                    lane.iter_mut().for_each(|word| *word ^= words.next());
                }
            }
            Gauge::Probe { first, at } => {
                let place = *at;
                *at += 1;
                if let Some(k) = place.checked_sub(*first).filter(|k| *k < LANE_SHOTS) {
                    lane[k / 64] ^= 1 << (k % 64);
                }
            }
        }
    }
}

/// Marks a basis of the `count` places. `None` where outcomes choose gates, so that they are no linear map of the places, or
/// where finding it would take longer than it saves.
pub(super) fn basis(course: &Course<'_>, count: usize) -> CoreResult<Option<Vec<bool>>> {
    if course.path.chooses {
        return Ok(None);
    }
    let measured = course.outcomes.len() + course.finals.len();
    if count.saturating_mul(measured) / 64 > MOST_WORK / 4 {
        return Ok(None);
    }
    let words = count.div_ceil(LANE_SHOTS) * LANE;
    let mut rows = vec![0u64; measured * words];
    let mut frames = Frames::new(course);
    for first in (0..count).step_by(LANE_SHOTS) {
        frames.record = Some(Vec::with_capacity(measured));
        frames.run(Source { gauge: Gauge::Probe { first, at: 0 }, flips: Flips::new(&[], 0, 0) })?;
        for (row, lane) in rows.chunks_exact_mut(words).zip(frames.record.iter().flatten()) {
            row[first / 64..][..LANE].copy_from_slice(lane);
        }
    }
    Ok(pivots(rows, words, count))
}

/// Marks the pivot columns of a matrix of packed rows; `None` when that takes too long.
fn pivots(mut rows: Vec<u64>, words: usize, count: usize) -> Option<Vec<bool>> {
    let mut marked = vec![false; count];
    let mut pivots: Vec<(usize, usize)> = Vec::new();
    let mut work = 0;
    for at in 0..rows.len() / words.max(1) {
        let (before, rest) = rows.split_at_mut(at * words);
        let row = &mut rest[..words];
        for (column, pivot) in &pivots {
            if row[column / 64] >> (column % 64) & 1 == 1 {
                let start = column / 64;
                let other = &before[pivot * words..(pivot + 1) * words];
                row[start..].iter_mut().zip(&other[start..]).for_each(|(a, b)| *a ^= b);
                work += words;
            }
        }
        work += pivots.len();
        if work > MOST_WORK {
            return None;
        }
        if let Some(first) = row.iter().position(|word| *word != 0) {
            let column = 64 * first + row[first].trailing_zeros() as usize;
            marked[column] = true;
            pivots.push((column, at));
        }
    }
    Some(marked)
}
