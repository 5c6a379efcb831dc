//! A small dense square complex matrix, row-major. For gates and tests, not for states.
use super::C64;

/// Tolerance on every entry of `U†U − I` for a matrix that counts as unitary.
pub const UNITARY_TOLERANCE: f64 = 1e-9;

/// A square complex matrix, row-major; `data[row * dim + column]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    dim: usize,
    data: Vec<C64>,
}

impl Matrix {
    /// The zero matrix.
    pub fn zeros(dim: usize) -> Self {
        Self { dim, data: vec![C64::ZERO; dim * dim] }
    }

    /// The identity.
    pub fn identity(dim: usize) -> Self {
        Self::diagonal(&vec![C64::ONE; dim])
    }

    /// A diagonal matrix.
    pub fn diagonal(entries: &[C64]) -> Self {
        let mut matrix = Self::zeros(entries.len());
        for (k, value) in entries.iter().enumerate() {
            matrix.set(k, k, *value);
        }
        matrix
    }

    /// From row-major entries; `None` unless their number is a square.
    pub fn from_entries(data: Vec<C64>) -> Option<Self> {
        let dim = data.len().isqrt();
        (dim * dim == data.len()).then_some(Self { dim, data })
    }

    /// A 2×2 matrix from its rows.
    pub fn two(a: C64, b: C64, c: C64, d: C64) -> Self {
        Self { dim: 2, data: vec![a, b, c, d] }
    }

    /// Number of rows.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Number of qubits, when the dimension is a power of two.
    pub fn num_qubits(&self) -> Option<usize> {
        self.dim.is_power_of_two().then(|| self.dim.trailing_zeros() as usize)
    }

    /// Entries, row-major.
    pub fn data(&self) -> &[C64] {
        &self.data
    }

    /// One entry.
    pub fn get(&self, row: usize, column: usize) -> C64 {
        self.data[row * self.dim + column]
    }

    /// Sets one entry.
    pub fn set(&mut self, row: usize, column: usize, value: C64) {
        self.data[row * self.dim + column] = value;
    }

    /// The matrix product `self · other` of two matrices of the same size.
    pub fn mul(&self, other: &Self) -> Self {
        let n = self.dim;
        let mut out = Self::zeros(n);
        for row in 0..n {
            for k in 0..n {
                let left = self.get(row, k);
                if left == C64::ZERO {
                    continue;
                }
                for column in 0..n {
                    out.data[row * n + column] += left * other.get(k, column);
                }
            }
        }
        out
    }

    /// The conjugate transpose.
    pub fn dagger(&self) -> Self {
        let mut out = Self::zeros(self.dim);
        for row in 0..self.dim {
            for column in 0..self.dim {
                out.set(column, row, self.get(row, column).conj());
            }
        }
        out
    }

    /// Every entry times a factor.
    pub fn scale(&self, factor: C64) -> Self {
        Self { dim: self.dim, data: self.data.iter().map(|value| value * factor).collect() }
    }

    /// The Kronecker product with `self` on the less significant index bits.
    pub fn kron_above(&self, high: &Self) -> Self {
        let (low_dim, dim) = (self.dim, self.dim * high.dim);
        let mut out = Self::zeros(dim);
        for row in 0..dim {
            for column in 0..dim {
                let value =
                    high.get(row / low_dim, column / low_dim) * self.get(row % low_dim, column % low_dim);
                out.set(row, column, value);
            }
        }
        out
    }

    /// The matrix with `bits.len()` controls on the least significant index bits; `bits[k]` is the value
    /// that control `k` must have.
    pub fn controlled(&self, bits: &[bool]) -> Self {
        let controls = bits.len();
        let active = bits.iter().enumerate().fold(0usize, |mask, (k, bit)| mask | (usize::from(*bit) << k));
        let mut out = Self::identity(self.dim << controls);
        for row in 0..self.dim {
            for column in 0..self.dim {
                out.set((row << controls) | active, (column << controls) | active, self.get(row, column));
            }
        }
        out
    }

    /// Largest absolute difference of two entries; infinite when the sizes differ.
    pub fn distance(&self, other: &Self) -> f64 {
        if self.dim != other.dim {
            return f64::INFINITY;
        }
        self.data.iter().zip(&other.data).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
    }

    /// Whether `U†U` is the identity to 1e-9 in every entry.
    pub fn is_unitary(&self) -> bool {
        self.data.iter().all(|value| value.is_finite())
            && self.dagger().mul(self).distance(&Self::identity(self.dim)) <= UNITARY_TOLERANCE
    }

    /// The phase `p` with `self ≈ p · other` to `tolerance`, if there is one.
    pub fn phase_to(&self, other: &Self, tolerance: f64) -> Option<C64> {
        if self.dim != other.dim {
            return None;
        }
        let pivot =
            (0..other.data.len()).max_by(|a, b| other.data[*a].norm().total_cmp(&other.data[*b].norm()))?;
        let ratio = self.data[pivot] / other.data[pivot];
        let phase = ratio / ratio.norm();
        (phase.is_finite() && self.distance(&other.scale(phase)) <= tolerance).then_some(phase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_is_on_the_low_bits() {
        let x = Matrix::two(C64::ZERO, C64::ONE, C64::ONE, C64::ZERO);
        let cx = x.controlled(&[true]);
        assert_eq!(cx.get(1, 3), C64::ONE);
        assert_eq!(cx.get(0, 0), C64::ONE);
        let open = x.controlled(&[false]);
        assert_eq!(open.get(0, 2), C64::ONE);
        assert_eq!(open.get(1, 1), C64::ONE);
    }

    #[test]
    fn phase_is_found() {
        let x = Matrix::two(C64::ZERO, C64::ONE, C64::ONE, C64::ZERO);
        let phase = x.scale(C64::I).phase_to(&x, 1e-12).expect("phase");
        assert!((phase - C64::I).norm() < 1e-12);
        assert!(x.phase_to(&Matrix::identity(2), 1e-12).is_none());
        assert!(!Matrix::zeros(2).is_unitary());
    }
}
