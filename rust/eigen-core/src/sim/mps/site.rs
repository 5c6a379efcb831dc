//! One tensor of the chain: `data[l + left * (s + 2 * r)]` for the bonds l, r and the qubit's value s.
use faer::MatRef;

use crate::math::C64;
use crate::sim::linear::view;

/// A tensor with two bonds and one qubit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Site {
    pub left: usize,
    pub right: usize,
    pub data: Vec<C64>,
}

impl Site {
    /// A qubit in |0>, bound to nothing.
    pub fn zero() -> Self {
        Site { left: 1, right: 1, data: vec![C64::ONE, C64::ZERO] }
    }

    /// Rows (l, s), columns r.
    pub fn tall(&self) -> MatRef<'_, C64> {
        view(&self.data, 2 * self.left, self.right)
    }

    /// Rows l, columns (s, r).
    pub fn wide(&self) -> MatRef<'_, C64> {
        view(&self.data, self.left, 2 * self.right)
    }

    /// The matrix of one value of the qubit: rows l, columns r.
    pub fn slice(&self, value: usize) -> MatRef<'_, C64> {
        let part = &self.data[value * self.left..];
        MatRef::from_column_major_slice_with_stride(part, self.left, self.right, 2 * self.left)
    }

    /// Applies a 2x2 matrix, row-major, to the qubit.
    pub fn apply(&mut self, matrix: &[C64; 4]) {
        for pair in self.data.chunks_exact_mut(2 * self.left) {
            let (zeros, ones) = pair.split_at_mut(self.left);
            for (a, b) in zeros.iter_mut().zip(ones) {
                (*a, *b) = (matrix[0] * *a + matrix[1] * *b, matrix[2] * *a + matrix[3] * *b);
            }
        }
    }

    /// The sum of the squares, by the value of the qubit.
    pub fn weights(&self) -> [f64; 2] {
        let mut out = [0.0; 2];
        for (k, part) in self.data.chunks_exact(self.left).enumerate() {
            out[k % 2] += part.iter().map(|value| value.norm_sqr()).sum::<f64>();
        }
        out
    }

    /// Keeps one value of the qubit, times a factor.
    pub fn project(&mut self, value: usize, factor: f64) {
        for (k, part) in self.data.chunks_exact_mut(self.left).enumerate() {
            let factor = if k % 2 == value { factor } else { 0.0 };
            part.iter_mut().for_each(|entry| *entry *= factor);
        }
    }
}
