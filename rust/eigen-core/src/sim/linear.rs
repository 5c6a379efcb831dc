//! Dense complex linear algebra on slices, column-major: the narrow door to `faer`, on the caller's thread only, so that
//! the same inputs give the same bits.
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;

/// A slice seen as a matrix, column-major.
pub(crate) fn view(data: &[C64], rows: usize, columns: usize) -> MatRef<'_, C64> {
    MatRef::from_column_major_slice(&data[..rows * columns], rows, columns)
}

/// `a * b`, column-major.
pub(crate) fn product(a: MatRef<'_, C64>, b: MatRef<'_, C64>) -> Vec<C64> {
    let mut out = vec![C64::ZERO; a.nrows() * b.ncols()];
    multiply(&mut out, a, b);
    out
}

/// Writes `a * b` into `out`, column-major.
pub(crate) fn multiply(out: &mut [C64], a: MatRef<'_, C64>, b: MatRef<'_, C64>) {
    let target = MatMut::from_column_major_slice_mut(&mut out[..a.nrows() * b.ncols()], a.nrows(), b.ncols());
    matmul(target, Accum::Replace, a, b, C64::ONE, Par::Seq);
}

/// `conj(a)^T * b`, column-major.
pub(crate) fn adjoint_product(a: MatRef<'_, C64>, b: MatRef<'_, C64>) -> Vec<C64> {
    let mut out = vec![C64::ZERO; a.ncols() * b.ncols()];
    let target = MatMut::from_column_major_slice_mut(&mut out, a.ncols(), b.ncols());
    matmul(target, Accum::Replace, a.adjoint(), b, C64::ONE, Par::Seq);
    out
}

/// `a * conj(a)^T`.
pub(crate) fn gram(a: MatRef<'_, C64>) -> Mat<C64> {
    let mut out = Mat::zeros(a.nrows(), a.nrows());
    matmul(out.as_mut(), Accum::Replace, a, a.adjoint(), C64::ONE, Par::Seq);
    out
}

/// The conjugate transpose, column-major.
pub(crate) fn adjoint(a: MatRef<'_, C64>) -> Vec<C64> {
    let mut out = Vec::with_capacity(a.nrows() * a.ncols());
    (0..a.nrows()).for_each(|row| out.extend((0..a.ncols()).map(|column| a[(row, column)].conj())));
    out
}

/// A column-major copy.
pub(crate) fn copy(a: MatRef<'_, C64>) -> Vec<C64> {
    let mut out = Vec::with_capacity(a.nrows() * a.ncols());
    (0..a.ncols()).for_each(|column| out.extend((0..a.nrows()).map(|row| a[(row, column)])));
    out
}

/// `a = Q R` with orthonormal columns in Q: (Q, R, columns of Q).
pub(crate) fn qr(a: MatRef<'_, C64>) -> (Vec<C64>, Vec<C64>, usize) {
    let rank = a.nrows().min(a.ncols());
    let found = a.qr();
    (copy(found.compute_thin_Q().as_ref()), copy(found.thin_R()), rank)
}

/// Eigenvalues, ascending, and eigenvectors, as columns, of a Hermitian matrix.
pub(crate) fn hermitian(a: MatRef<'_, C64>) -> CoreResult<(Vec<f64>, Mat<C64>)> {
    let found = a.self_adjoint_eigen(Side::Lower).map_err(|_| diverged("eigenvalues", a))?;
    let values = (0..a.nrows()).map(|k| found.S().column_vector()[k].re).collect();
    Ok((values, found.U().to_owned()))
}

/// Left singular vectors, as columns, and singular values, descending.
pub(crate) fn left_singular(a: MatRef<'_, C64>) -> CoreResult<(Mat<C64>, Vec<f64>)> {
    let found = a.thin_svd().map_err(|_| diverged("singular values", a))?;
    let values = (0..a.nrows().min(a.ncols())).map(|k| found.S().column_vector()[k].re).collect();
    Ok((found.U().to_owned(), values))
}

fn diverged(what: &str, a: MatRef<'_, C64>) -> CoreError {
    let message = format!("the {what} of a {} by {} matrix do not converge", a.nrows(), a.ncols());
    CoreError::new(ErrorCode::Internal, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Philox;

    fn random(rows: usize, columns: usize) -> Vec<C64> {
        let mut random = Philox::new(3, 0);
        (0..rows * columns).map(|_| random.normal_pair()).map(|(re, im)| C64::new(re, im)).collect()
    }

    fn distance(a: &[C64], b: &[C64]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(x, y)| (x - y).norm_sqr()).sum::<f64>().sqrt()
    }

    #[test]
    fn factors_multiply_back() {
        for (rows, columns) in [(1, 1), (7, 3), (3, 7), (40, 33)] {
            let a = random(rows, columns);
            let (q, r, rank) = qr(view(&a, rows, columns));
            assert!(distance(&product(view(&q, rows, rank), view(&r, rank, columns)), &a) < 1e-12);
            let identity = adjoint_product(view(&q, rows, rank), view(&q, rows, rank));
            let trace: f64 = (0..rank).map(|k| identity[k * rank + k].re).sum();
            assert!((trace - rank as f64).abs() < 1e-12);
            let (values, vectors) = hermitian(gram(view(&a, rows, columns)).as_ref()).expect("converges");
            let (_, singular) = left_singular(view(&a, rows, columns)).expect("converges");
            for (k, value) in singular.iter().enumerate() {
                assert!((values[rows - 1 - k] - value * value).abs() < 1e-10);
            }
            assert_eq!(vectors.ncols(), rows);
        }
    }
}
