//! The order in which a kernel visits cells: one index out of each pair or quadruple, signs fixed over long runs.
use super::coordinates::is_odd;

/// Indices `start ^ (sums of directions)`, for each start.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// Entry `t` changes the index when the count of visits ends in `t` zeros; one more than there are directions.
    changes: Vec<u32>,
    pub starts: Vec<Start>,
}

/// A run of indices with the same signs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub index: u32,
    /// Whether the index has odd parity with each of the sign masks.
    pub odd: [bool; 2],
}

impl Walk {
    /// One representative of each coset of the span of `flips` (independent, not zero) among `2^dim` indices.
    pub fn new(dim: usize, flips: &[u32], signs: [u32; 2]) -> Self {
        let mut pivots: Vec<u32> = Vec::new();
        let mut taken = 0u32;
        for flip in flips {
            let reduced = pivots
                .iter()
                .fold(*flip, |sum, pivot| if sum >> pivot.ilog2() & 1 == 1 { sum ^ pivot } else { sum });
            pivots.push(reduced);
            taken |= 1 << reduced.ilog2();
        }
        let mut directions: Vec<u32> =
            (0..dim).map(|bit| 1 << bit).filter(|direction| direction & taken == 0).collect();
        let mut starts = vec![Start { index: 0, odd: [false; 2] }];
        for sign in signs {
            let Some(last) = directions.iter().rposition(|direction| is_odd(*direction, sign)) else {
                continue;
            };
            let pivot = directions.remove(last);
            directions.iter_mut().filter(|d| is_odd(**d, sign)).for_each(|d| *d ^= pivot);
            let crossed = starts.clone().into_iter().map(|start| {
                let odd = [0, 1].map(|k| start.odd[k] ^ is_odd(pivot, signs[k]));
                Start { index: start.index ^ pivot, odd }
            });
            starts.extend(crossed.collect::<Vec<_>>());
        }
        let mut sum = 0;
        let mut changes: Vec<u32> = Vec::new();
        for direction in directions {
            sum ^= direction;
            changes.push(sum);
        }
        changes.push(0);
        Walk { changes, starts }
    }

    /// The indices from a start that fall to a part.
    #[inline(always)]
    pub fn part(&self, start: Start, part: Part) -> Steps<'_> {
        let directions = self.changes.len() - 1;
        let visits = part.of(1 << directions);
        let (mut index, mut before) = (start.index, 0);
        for (bit, sum) in self.changes[..directions].iter().enumerate() {
            if visits.start >> bit & 1 == 1 {
                index ^= sum ^ before;
            }
            before = *sum;
        }
        Steps { changes: &self.changes, index, count: visits.start, end: visits.end }
    }
}

/// One of equal parts of the work, a power of two of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub index: u32,
    pub count: u32,
}

impl Part {
    pub const WHOLE: Part = Part { index: 0, count: 1 };

    /// The visits of this part among `total`, a power of two; the first parts take one each where there are too few.
    #[inline(always)]
    pub fn of(self, total: u32) -> std::ops::Range<u32> {
        if total >= self.count {
            let each = total / self.count;
            return self.index * each..(self.index + 1) * each;
        }
        self.index.min(total)..(self.index + 1).min(total)
    }
}

/// Visits the indices of a run.
pub(super) struct Steps<'a> {
    changes: &'a [u32],
    index: u32,
    count: u32,
    end: u32,
}

impl Iterator for Steps<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.count == self.end {
            return None;
        }
        let index = self.index as usize;
        self.count += 1;
        self.index ^= self.changes[self.count.trailing_zeros() as usize];
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_coset_once_and_signs_hold() {
        let (flips, signs) = ([0b0110, 0b1011], [0b1101, 0b0011]);
        let walk = Walk::new(5, &flips, signs);
        let mut seen = vec![0; 32];
        for start in &walk.starts {
            for index in (0..4).flat_map(|k| walk.part(*start, Part { index: k, count: 4 })) {
                for k in 0..2 {
                    assert_eq!(is_odd(index as u32, signs[k]), start.odd[k]);
                }
                for member in [0, flips[0], flips[1], flips[0] ^ flips[1]] {
                    seen[index ^ member as usize] += 1;
                }
            }
        }
        assert!(seen.iter().all(|count| *count == 1), "{seen:?}");
    }
}
