//! Parts of a run, to be done apart: together they follow every history of the run once, so that their counts add up to
//! the counts of the run, shot for shot.
//!
//! Random numbers belong to a history, whoever follows it. What many shots have in common all parts follow; a history of
//! few shots, and whatever leaves it, belongs to one part, which follows from the history's own stream. So no part needs
//! to hear of another one, and it costs about its share of the run.
use std::ops::Range;

use super::branch::mix;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Most parts of one run.
const MOST_SHARES: u64 = 4096;

/// Histories of at most `1 / (SPLITTING * parts)` of the shots belong to one part: fewer weigh unevenly, more repeat more.
const SPLITTING: u64 = 32;

/// One of several parts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: u64,
    count: u64,
}

impl Share {
    /// All of it.
    pub const WHOLE: Share = Share { index: 0, count: 1 };

    /// Part `index` of `count`.
    pub fn new(index: u64, count: u64) -> CoreResult<Self> {
        if index >= count || count > MOST_SHARES {
            let message = format!(
                "part `{index}` of `{count}`: parts are numbered from 0, and there are at most {MOST_SHARES}"
            );
            return Err(CoreError::new(ErrorCode::SimulationArguments, message));
        }
        Ok(Share { index, count })
    }

    /// Whether it is all of the run.
    pub(crate) fn is_whole(self) -> bool {
        self.count == 1
    }

    /// The part's of so many things that are drawn independently, such as shots or chunks of them.
    pub(crate) fn of(self, things: u64) -> Range<u64> {
        let edge = |k: u64| (u128::from(k) * u128::from(things) / u128::from(self.count)) as u64;
        edge(self.index)..edge(self.index + 1)
    }

    /// How the part decides about histories of a run of so many shots.
    pub(crate) fn division(self, shots: u64) -> Division {
        let most = if self.is_whole() { u64::MAX } else { (shots / (SPLITTING * self.count)).max(1) };
        Division { share: self, most }
    }
}

/// Which histories of a run a part follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Division {
    share: Share,
    /// Shots of a history that belongs to one part.
    most: u64,
}

impl Division {
    /// Whether the part follows a history of so many shots. `is_own` is set once the history, with whatever leaves it,
    /// is the part's alone. `stream` is its stream of random numbers, `turn` tells apart what shares one: histories
    /// that leave another one are dealt out in turn.
    pub fn follows(self, is_own: &mut bool, shots: u64, stream: u64, turn: u64) -> bool {
        if *is_own || shots > self.most {
            return true;
        }
        *is_own = self.counts(false, stream, turn);
        *is_own
    }

    /// Whether the part counts the shots of a history that it has followed to its end.
    pub fn counts(self, is_own: bool, stream: u64, turn: u64) -> bool {
        is_own || mix(stream ^ SALT).wrapping_add(turn) % self.share.count == self.share.index
    }
}

/// Tells the draw of a part from other numbers made from a stream.
const SALT: u64 = 0x9E6D_62D0_6F6A_02B5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_things_are_all_of_them_in_order() {
        for things in [0, 1, 5, 1000, u64::MAX] {
            let mut next = 0;
            for index in 0..7 {
                let part = Share::new(index, 7).expect("a part").of(things);
                assert_eq!(part.start, next);
                next = part.end;
            }
            assert_eq!(next, things);
        }
    }

    #[test]
    fn a_history_of_few_shots_belongs_to_one_part() {
        let divisions: Vec<Division> =
            (0..5).map(|k| Share::new(k, 5).expect("a part").division(100_000)).collect();
        for stream in 0..200 {
            let (few, many) = (100_000 / (SPLITTING * 5), 100_000 / (SPLITTING * 5) + 1);
            let follow = |shots| divisions.iter().filter(|d| d.follows(&mut false, shots, stream, 3)).count();
            assert_eq!((follow(few), follow(many)), (1, 5));
            assert_eq!(divisions.iter().filter(|d| d.counts(false, stream, 9)).count(), 1);
        }
    }

    #[test]
    fn no_other_parts_are_known() {
        assert!(Share::new(3, 3).is_err());
        assert!(Share::new(0, 0).is_err());
        assert!(Share::new(0, MOST_SHARES + 1).is_err());
    }
}
