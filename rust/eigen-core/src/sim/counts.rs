//! Counts: how often each classical key came, in sorted packed columns.
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::rng::Philox;

/// The stream that orders shots; draws of outcomes use others.
const SHUFFLE_STREAM: u64 = u64::MAX;

/// Sorted distinct keys of classical bits with how often each came. Bit `k` of a key is classical bit `k`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    num_clbits: usize,
    /// Words in a key, the least significant first.
    words: usize,
    keys: Vec<u64>,
    values: Vec<u64>,
}

impl Counts {
    /// Sorts rows of `words` words, merges equal ones and drops those that never came.
    pub(crate) fn from_rows(num_clbits: usize, words: usize, rows: Vec<u64>, values: Vec<u64>) -> Self {
        if words == 1 {
            return Self::from_single_words(num_clbits, rows, values);
        }
        let row = |k: usize| &rows[k * words..(k + 1) * words];
        let mut order: Vec<usize> = (0..values.len()).filter(|k| values[*k] > 0).collect();
        order.sort_unstable_by(|a, b| row(*a).iter().rev().cmp(row(*b).iter().rev()));
        let mut out = Counts { num_clbits, words, keys: Vec::new(), values: Vec::new() };
        for k in order {
            if out.values.is_empty() || out.keys[out.keys.len() - words..] != *row(k) {
                out.keys.extend_from_slice(row(k));
                out.values.push(0);
            }
            let last = out.values.len() - 1;
            out.values[last] += values[k];
        }
        out
    }

    fn from_single_words(num_clbits: usize, mut keys: Vec<u64>, mut values: Vec<u64>) -> Self {
        if !keys.is_sorted() {
            let mut pairs: Vec<(u64, u64)> = keys.into_iter().zip(values).collect();
            pairs.sort_unstable_by_key(|pair| pair.0);
            (keys, values) = pairs.into_iter().unzip();
        }
        let mut kept = 0;
        for k in 0..keys.len() {
            if values[k] == 0 {
                continue;
            }
            if kept > 0 && keys[kept - 1] == keys[k] {
                values[kept - 1] += values[k];
            } else {
                (keys[kept], values[kept]) = (keys[k], values[k]);
                kept += 1;
            }
        }
        keys.truncate(kept);
        values.truncate(kept);
        Counts { num_clbits, words: 1, keys, values }
    }

    /// From texts `c[n-1]…c[0]` and numbers; equal texts are added up.
    pub fn from_texts<'a>(
        num_clbits: usize,
        entries: impl IntoIterator<Item = (&'a str, u64)>,
    ) -> CoreResult<Self> {
        let words = num_clbits.div_ceil(64).max(1);
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        let mut total = 0u64;
        for (text, value) in entries {
            if text.len() != num_clbits || text.bytes().any(|b| b != b'0' && b != b'1') {
                let shown: String = text.chars().take(80).collect();
                return Err(invalid(format!("key `{shown}` must be {num_clbits} characters 0 or 1")));
            }
            total = total
                .checked_add(value)
                .ok_or_else(|| invalid("the counts add up to more than 2^64".into()))?;
            let start = rows.len();
            rows.resize(start + words, 0);
            for (bit, _) in text.bytes().rev().enumerate().filter(|(_, b)| *b == b'1') {
                rows[start + bit / 64] |= 1 << (bit % 64);
            }
            values.push(value);
        }
        Ok(Self::from_rows(num_clbits, words, rows, values))
    }

    /// Classical bits in a key.
    pub fn num_clbits(&self) -> usize {
        self.num_clbits
    }

    /// Number of distinct keys.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How often each key came, in the order of the keys.
    pub fn values(&self) -> &[u64] {
        &self.values
    }

    /// The sum of the values.
    pub fn shots(&self) -> u64 {
        self.values.iter().sum()
    }

    fn row(&self, index: usize) -> &[u64] {
        &self.keys[index * self.words..(index + 1) * self.words]
    }

    /// Classical bit `clbit` of key number `index`.
    pub fn bit(&self, index: usize, clbit: usize) -> bool {
        self.row(index)[clbit / 64] >> (clbit % 64) & 1 == 1
    }

    /// Key number `index` as text `c[n-1]…c[0]`.
    pub fn text(&self, index: usize) -> String {
        let row = self.row(index);
        (0..self.num_clbits)
            .rev()
            .map(|bit| if row[bit / 64] >> (bit % 64) & 1 == 1 { '1' } else { '0' })
            .collect()
    }

    /// All keys, each in `ceil(num_clbits / 8)` bytes: classical bit `k` is bit `k % 8` of byte `k / 8`.
    pub fn packed_keys(&self) -> Vec<u8> {
        let width = self.num_clbits.div_ceil(8);
        let mut out = Vec::with_capacity(width * self.len());
        for index in 0..self.len() {
            out.extend(self.row(index).iter().flat_map(|word| word.to_le_bytes()).take(width));
        }
        out
    }

    /// One packed key for each shot, as in `packed_keys`, in random order.
    pub fn shuffled(&self, seed: u64) -> CoreResult<Vec<u8>> {
        const MOST_BYTES: u64 = 16 << 30;
        let (width, shots) = (self.num_clbits.div_ceil(8), self.shots());
        let bytes = shots.saturating_mul(width as u64);
        if bytes > MOST_BYTES {
            return Err(CoreError::limit("bytes of all shots", MOST_BYTES as usize, bytes as usize));
        }
        let each = self.values.iter().enumerate();
        let order: Vec<u32> = each.flat_map(|(k, count)| (0..*count).map(move |_| k as u32)).collect();
        let (mut order, packed) = (order, self.packed_keys());
        let mut random = Philox::new(seed, SHUFFLE_STREAM);
        for k in (1..order.len()).rev() {
            order.swap(k, random.below(k as u64 + 1) as usize);
        }
        let keys = order.iter().map(|k| &packed[*k as usize * width..(*k as usize + 1) * width]);
        let mut out = Vec::with_capacity(bytes as usize);
        keys.for_each(|key| out.extend_from_slice(key));
        Ok(out)
    }

    /// Counts of some of the bits: bit `k` of the new keys is bit `clbits[k]` of these.
    pub fn marginal(&self, clbits: &[usize]) -> CoreResult<Self> {
        if let Some(bad) = clbits.iter().find(|&&bit| bit >= self.num_clbits) {
            return Err(invalid(format!(
                "there is no classical bit `{bad}` in keys of {} bits",
                self.num_clbits
            )));
        }
        let words = clbits.len().div_ceil(64).max(1);
        let mut rows = vec![0; words * self.len()];
        for (index, new) in rows.chunks_exact_mut(words).enumerate() {
            let old = self.row(index);
            for (k, &bit) in clbits.iter().enumerate() {
                new[k / 64] |= (old[bit / 64] >> (bit % 64) & 1) << (k % 64);
            }
        }
        Ok(Self::from_rows(clbits.len(), words, rows, self.values.clone()))
    }

    /// The counts of both.
    pub fn merged(&self, other: &Self) -> CoreResult<Self> {
        if self.num_clbits != other.num_clbits {
            return Err(invalid(format!(
                "counts of {} and of `{}` bits do not merge",
                self.num_clbits, other.num_clbits
            )));
        }
        if self.shots().checked_add(other.shots()).is_none() {
            return Err(invalid("the counts add up to more than 2^64".into()));
        }
        let rows = [self.keys.as_slice(), &other.keys].concat();
        Ok(Self::from_rows(
            self.num_clbits,
            self.words,
            rows,
            [self.values.as_slice(), &other.values].concat(),
        ))
    }
}

fn invalid(message: String) -> CoreError {
    CoreError::new(ErrorCode::CountsInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_round_trip_sorted_and_merged() {
        let counts = Counts::from_texts(3, [("110", 2), ("001", 1), ("110", 3), ("000", 0)]).expect("valid");
        let texts: Vec<_> = (0..counts.len()).map(|k| (counts.text(k), counts.values()[k])).collect();
        assert_eq!(texts, [("001".to_string(), 1), ("110".to_string(), 5)]);
        assert_eq!(counts.packed_keys(), [1, 6]);
        assert_eq!(counts.shots(), 6);
        assert!(Counts::from_texts(3, [("11", 2)]).is_err());
        assert!(Counts::from_texts(1, [("1", u64::MAX), ("0", 1)]).is_err());
    }

    #[test]
    fn wide_keys_keep_their_order() {
        let (low, high) = ("0".repeat(99) + "1", "1".to_string() + &"0".repeat(99));
        let counts = Counts::from_texts(100, [(high.as_str(), 1), (low.as_str(), 2)]).expect("valid");
        assert_eq!(counts.text(0), low);
        assert_eq!(counts.packed_keys().len(), 26);
        assert_eq!(counts.marginal(&[99, 0]).expect("valid").text(1), "10");
        assert!(counts.marginal(&[100]).is_err());
    }
}
