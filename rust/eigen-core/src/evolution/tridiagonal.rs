//! Real symmetric tridiagonal matrices: what the Lanczos recurrence projects onto.
use crate::math::{C64, cis};

/// Sweeps of the implicit QL iteration for one eigenvalue.
const MOST_SWEEPS: usize = 60;

/// Eigenvalues and eigenvectors of a real symmetric tridiagonal matrix.
pub(super) struct Tridiagonal {
    values: Vec<f64>,
    /// `vectors[row * dim + k]` is entry `row` of eigenvector `k`.
    vectors: Vec<f64>,
}

impl Tridiagonal {
    /// From the diagonal and the `dim - 1` entries beside it, by the QL method with implicit shifts (Golub and Van
    /// Loan, Matrix Computations, section 8.3).
    pub fn new(diagonal: &[f64], beside: &[f64]) -> Self {
        let dim = diagonal.len();
        let mut d = diagonal.to_vec();
        let mut e: Vec<f64> = beside.iter().copied().take(dim - 1).chain([0.0]).collect();
        let mut q = vec![0.0; dim * dim];
        (0..dim).for_each(|k| q[k * dim + k] = 1.0);
        for l in 0..dim {
            for _ in 0..MOST_SWEEPS {
                let small = |m: usize| e[m].abs() <= f64::EPSILON * (d[m].abs() + d[m + 1].abs());
                let m = (l..dim - 1).find(|m| small(*m)).unwrap_or(dim - 1);
                if m == l {
                    break;
                }
                sweep(&mut d, &mut e, &mut q, l, m);
            }
        }
        Tridiagonal { values: d, vectors: q }
    }

    /// The first column of `exp(-i s T)`.
    pub fn column(&self, s: f64) -> Vec<C64> {
        let dim = self.values.len();
        let phases: Vec<C64> = (0..dim).map(|k| cis(-s * self.values[k]) * self.vectors[k]).collect();
        (0..dim).map(|row| (0..dim).map(|k| phases[k] * self.vectors[row * dim + k]).sum()).collect()
    }

    /// The size of the last entry of that column.
    pub fn tail(&self, s: f64) -> f64 {
        let dim = self.values.len();
        let last = &self.vectors[(dim - 1) * dim..];
        (0..dim).map(|k| cis(-s * self.values[k]) * (self.vectors[k] * last[k])).sum::<C64>().norm()
    }
}

/// One implicit QL step on the rows `l..=m`.
fn sweep(d: &mut [f64], e: &mut [f64], q: &mut [f64], l: usize, m: usize) {
    let dim = d.len();
    let mut g = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let mut r = libm::hypot(g, 1.0);
    g = d[m] - d[l] + e[l] / (g + if g < 0.0 { -r } else { r });
    let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
    for i in (l..m).rev() {
        let (f, b) = (s * e[i], c * e[i]);
        r = libm::hypot(f, g);
        e[i + 1] = r;
        if r == 0.0 {
            d[i + 1] -= p;
            e[m] = 0.0;
            return;
        }
        (s, c) = (f / r, g / r);
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2.0 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        for row in q.chunks_exact_mut(dim) {
            let (high, low) = (row[i + 1], row[i]);
            row[i + 1] = s * low + c * high;
            row[i] = c * low - s * high;
        }
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Matrix, hermitian_eigen};

    #[test]
    fn columns_match_jacobi() {
        let dim = 12;
        let diagonal: Vec<f64> = (0..dim).map(|k| libm::sin(k as f64 * 1.7)).collect();
        let beside: Vec<f64> = (0..dim - 1).map(|k| 0.5 + libm::cos(k as f64)).collect();
        let mut matrix = Matrix::zeros(dim);
        for k in 0..dim {
            matrix.set(k, k, C64::new(diagonal[k], 0.0));
            if k + 1 < dim {
                matrix.set(k, k + 1, C64::new(beside[k], 0.0));
                matrix.set(k + 1, k, C64::new(beside[k], 0.0));
            }
        }
        let s = 3.3;
        let small = Tridiagonal::new(&diagonal, &beside);
        let (values, vectors) = hermitian_eigen(&matrix);
        let expected = |row: usize| -> C64 {
            (0..dim).map(|k| vectors.get(row, k) * vectors.get(0, k).conj() * cis(-s * values[k])).sum()
        };
        for (row, value) in small.column(s).into_iter().enumerate() {
            assert!((value - expected(row)).norm() < 1e-12);
        }
        assert!((small.tail(s) - expected(dim - 1).norm()).abs() < 1e-12);
    }
}
