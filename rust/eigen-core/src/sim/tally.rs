//! From sampled basis states to counts of classical keys.
use super::counts::Counts;
use super::program::Readout;
use crate::error::{CoreError, CoreResult};

/// Words that the keys of one call may take: 2 GiB.
const MOST_WORDS: usize = 1 << 28;

/// How the bits of a state's index move into the bits of a key: runs of neighbours move together.
pub(crate) struct KeyMap {
    moves: Vec<Move>,
    /// Bits that the readout overwrites, by word.
    written: Vec<u64>,
}

struct Move {
    word: usize,
    /// Bits of the index.
    mask: u64,
    /// Left shift; negative is right.
    shift: i32,
}

impl KeyMap {
    /// `readout` is in program order; the last one on a classical bit counts.
    pub fn new(readout: &[Readout], words: usize) -> Self {
        let mut map = KeyMap { moves: Vec::new(), written: vec![0; words] };
        for read in readout.iter().rev() {
            let (word, bit) = (read.clbit / 64, read.clbit % 64);
            if map.written[word] >> bit & 1 == 1 {
                continue;
            }
            map.written[word] |= 1 << bit;
            let shift = bit as i32 - read.qubit as i32;
            match map.moves.iter_mut().find(|m| m.word == word && m.shift == shift) {
                Some(found) => found.mask |= 1 << read.qubit,
                None => map.moves.push(Move { word, mask: 1 << read.qubit, shift }),
            }
        }
        map
    }

    /// Appends the key of basis state `index`, over a base of bits measured before.
    #[inline]
    fn push(&self, index: u64, base: &[u64], rows: &mut Vec<u64>) {
        let start = rows.len();
        rows.extend(base.iter().zip(&self.written).map(|(bits, written)| bits & !written));
        for m in &self.moves {
            let bits = index & m.mask;
            rows[start + m.word] |= if m.shift >= 0 { bits << m.shift } else { bits >> -m.shift };
        }
    }
}

/// Keys and how often they came, unsorted and with repetitions.
pub(crate) struct Tally {
    words: usize,
    rows: Vec<u64>,
    values: Vec<u64>,
}

impl Tally {
    pub fn new(words: usize) -> Self {
        Tally { words, rows: Vec::new(), values: Vec::new() }
    }

    /// Adds sampled basis states with their multiplicities. Fails when the keys take too much memory.
    pub fn add(&mut self, map: &KeyMap, base: &[u64], samples: &[(u64, u64)]) -> CoreResult<()> {
        self.check(samples.len())?;
        for (index, count) in samples {
            map.push(*index, base, &mut self.rows);
            self.values.push(*count);
        }
        Ok(())
    }

    /// Adds whole keys with how often each came.
    pub fn add_rows(&mut self, rows: &[u64], values: &[u64]) -> CoreResult<()> {
        self.check(values.len())?;
        self.rows.extend_from_slice(rows);
        self.values.extend_from_slice(values);
        Ok(())
    }

    /// Fails when that many more keys would take too much memory.
    pub fn check(&self, keys: usize) -> CoreResult<()> {
        let words = self.rows.len() + keys.saturating_mul(self.words);
        if words > MOST_WORDS {
            return Err(CoreError::limit("64-bit words in the keys of all counts", MOST_WORDS, words)
                .with_hint("take fewer shots or fewer classical bits"));
        }
        Ok(())
    }

    /// Words of a key.
    pub fn words(&self) -> usize {
        self.words
    }

    /// The keys so far and how often each came.
    pub fn parts(&self) -> (&[u64], &[u64]) {
        (&self.rows, &self.values)
    }

    /// The keys and how often each came.
    pub fn into_parts(self) -> (Vec<u64>, Vec<u64>) {
        (self.rows, self.values)
    }

    /// Adds all of another tally.
    pub fn append(&mut self, mut other: Tally) {
        self.rows.append(&mut other.rows);
        self.values.append(&mut other.values);
    }

    /// Sorts and merges.
    pub fn finish(self, num_clbits: usize) -> Counts {
        let words = num_clbits.div_ceil(64).max(1);
        if words == self.words {
            return Counts::from_rows(num_clbits, words, self.rows, self.values);
        }
        // What lies behind the bits of the results is 0 by now.
        let rows = self.rows.chunks(self.words).flat_map(|row| row[..words].iter().copied()).collect();
        Counts::from_rows(num_clbits, words, rows, self.values)
    }
}
