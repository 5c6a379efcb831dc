//! A tensor over indices of two values: bit `k` of a position is the value of `indices[k]`.
use crate::math::C64;
use crate::sim::linear::{multiply, view};

/// Products smaller than this are written out: a call would cost more.
const SMALL: usize = 32;

/// Numbers over named indices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub indices: Vec<u32>,
    pub data: Vec<C64>,
}

impl Tensor {
    /// From the value at each assignment; bit `k` is `indices[k]`.
    pub fn from_fn(indices: Vec<u32>, value: impl FnMut(usize) -> C64) -> Self {
        let data = (0..1usize << indices.len()).map(value).collect();
        Tensor { indices, data }
    }

    /// A number.
    pub fn scalar(value: C64) -> Self {
        Tensor { indices: Vec::new(), data: vec![value] }
    }

    /// The complex conjugate.
    pub fn conj(&self) -> Self {
        Tensor { indices: self.indices.clone(), data: self.data.iter().map(|value| value.conj()).collect() }
    }

    /// The tensor with the value of one index chosen.
    pub fn fixed(&self, index: u32, value: bool) -> Self {
        let Some(bit) = self.indices.iter().position(|own| *own == index) else { return self.clone() };
        let mut indices = self.indices.clone();
        indices.remove(bit);
        let low = (1usize << bit) - 1;
        let at = |k: usize| (k & low) | (k & !low) << 1 | usize::from(value) << bit;
        let data = (0..self.data.len() / 2).map(|k| self.data[at(k)]).collect();
        Tensor { indices, data }
    }

    /// The sum over the values of one index.
    pub fn summed(&self, index: u32) -> Self {
        let (mut zero, one) = (self.fixed(index, false), self.fixed(index, true));
        zero.data.iter_mut().zip(&one.data).for_each(|(a, b)| *a += b);
        zero
    }

    /// The same numbers with the indices in another order.
    pub fn permuted(&self, order: &[u32]) -> Vec<C64> {
        if order == self.indices {
            return self.data.clone();
        }
        let from = |index: &u32| self.indices.iter().position(|own| own == index).unwrap_or_default();
        let source: Vec<usize> = order.iter().map(from).collect();
        // The lowest bits that stay move as whole runs.
        let run = source.iter().enumerate().take_while(|(k, bit)| k == *bit).count();
        let mut out = Vec::with_capacity(self.data.len());
        let (length, high) = (1usize << run, &source[run..]);
        // Two tables, each for half of the bits, give the place of a run by two look-ups.
        let (first, second) = high.split_at(high.len() / 2);
        let (low_table, high_table) = (table(first), table(second));
        for above in &high_table {
            for below in &low_table {
                let start = above | below;
                out.extend_from_slice(&self.data[start..start + length]);
            }
        }
        out
    }
}

/// For each assignment of some bits, where they lie.
fn table(bits: &[usize]) -> Vec<usize> {
    let mut out = vec![0];
    for bit in bits {
        (0..out.len()).for_each(|k| out.push(out[k] | 1 << bit));
    }
    out
}

/// How the indices of two tensors take part in their product.
pub(crate) struct Plan {
    /// In the first alone, kept.
    rows: Vec<u32>,
    /// In the second alone, kept.
    columns: Vec<u32>,
    /// In both, summed.
    inner: Vec<u32>,
    /// In both, kept.
    batch: Vec<u32>,
}

impl Plan {
    /// For indices of which those that `keep` names stay.
    pub fn new(a: &[u32], b: &[u32], keep: impl Fn(u32) -> bool) -> Self {
        let shared = |index: &u32| b.contains(index);
        let (both, rows): (Vec<u32>, Vec<u32>) = a.iter().copied().partition(shared);
        let (batch, inner) = both.into_iter().partition(|index| keep(*index));
        let columns = b.iter().copied().filter(|index| !a.contains(index)).collect();
        Plan { rows, columns, inner, batch }
    }

    /// Indices of the product, in its order.
    pub fn result(&self) -> Vec<u32> {
        [self.rows.as_slice(), &self.columns, &self.batch].concat()
    }

    /// The product. All indices in one tensor alone must be kept.
    pub fn contract(&self, a: &Tensor, b: &Tensor) -> Tensor {
        let left = a.permuted(&[self.rows.as_slice(), &self.inner, &self.batch].concat());
        let right = b.permuted(&[self.inner.as_slice(), &self.columns, &self.batch].concat());
        let (m, k, n) = (1usize << self.rows.len(), 1usize << self.inner.len(), 1usize << self.columns.len());
        let mut data = vec![C64::ZERO; (m * n) << self.batch.len()];
        let parts = left.chunks_exact(m * k).zip(right.chunks_exact(k * n)).zip(data.chunks_exact_mut(m * n));
        for ((left, right), out) in parts {
            if m * n * k > SMALL {
                multiply(out, view(left, m, k), view(right, k, n));
                continue;
            }
            for (column, out) in right.chunks_exact(k).zip(out.chunks_exact_mut(m)) {
                for (factor, part) in column.iter().zip(left.chunks_exact(m)) {
                    out.iter_mut().zip(part).for_each(|(sum, value)| *sum += value * factor);
                }
            }
        }
        Tensor { indices: self.result(), data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Philox;

    fn random(indices: &[u32], seed: u64) -> Tensor {
        let mut random = Philox::new(seed, 0);
        Tensor::from_fn(indices.to_vec(), |_| C64::new(random.uniform(), random.uniform()))
    }

    #[test]
    fn products_agree_with_the_definition() {
        let (a, b) = (random(&[0, 1, 2, 3, 7], 1), random(&[3, 4, 1, 5, 7, 6], 2));
        let keep = |index: u32| index != 1 && index != 3;
        let found = Plan::new(&a.indices, &b.indices, keep).contract(&a, &b);
        assert_eq!(found.indices.len(), 6);
        let bit = |assignment: usize, indices: &[u32]| -> usize {
            indices.iter().enumerate().map(|(k, index)| (assignment >> index & 1) << k).sum()
        };
        for assignment in (0..256usize).filter(|k| k >> 1 & 1 == 0 && k >> 3 & 1 == 0) {
            let mut sum = C64::ZERO;
            for summed in [0, 2, 8, 10] {
                let all = assignment | summed;
                sum += a.data[bit(all, &a.indices)] * b.data[bit(all, &b.indices)];
            }
            assert!((found.data[bit(assignment, &found.indices)] - sum).norm() < 1e-12);
        }
        let order: Vec<u32> = found.indices.iter().rev().copied().collect();
        let moved = found.permuted(&order);
        for assignment in 0..256usize {
            assert_eq!(moved[bit(assignment, &order)], found.data[bit(assignment, &found.indices)]);
        }
    }
}
