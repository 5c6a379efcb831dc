//! Eigenvectors of small Hermitian and unitary matrices by cyclic Jacobi rotations, and powers of unitaries.
use super::{C64, Matrix, cis};

const SWEEPS: usize = 60;

/// Eigenvalues and the matrix whose columns are the eigenvectors, of a Hermitian matrix.
///
/// Cyclic complex Jacobi (Golub and Van Loan, Matrix Computations, section 8.5). Values are not sorted.
pub fn hermitian_eigen(matrix: &Matrix) -> (Vec<f64>, Matrix) {
    let n = matrix.dim();
    let mut a = matrix.clone();
    let mut vectors = Matrix::identity(n);
    for _ in 0..SWEEPS {
        let off: f64 =
            (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q))).map(|(p, q)| a.get(p, q).norm_sqr()).sum();
        if off < 1e-30 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, p, q);
            }
        }
    }
    ((0..n).map(|k| a.get(k, k).re).collect(), vectors)
}

/// One Jacobi rotation that zeroes entry (p, q).
fn rotate(a: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    let apq = a.get(p, q);
    let size = libm::hypot(apq.re, apq.im);
    if size < 1e-300 {
        return;
    }
    let phase = apq / size;
    let theta = (a.get(q, q).re - a.get(p, p).re) / (2.0 * size);
    let t = theta.signum() / (theta.abs() + libm::sqrt(theta * theta + 1.0));
    let t = if theta == 0.0 { 1.0 } else { t };
    let c = 1.0 / libm::sqrt(t * t + 1.0);
    let s = t * c;
    for k in 0..a.dim() {
        let (kp, kq) = (a.get(k, p), a.get(k, q));
        a.set(k, p, kp * c - kq * phase.conj() * s);
        a.set(k, q, kp * phase * s + kq * c);
        let (vp, vq) = (vectors.get(k, p), vectors.get(k, q));
        vectors.set(k, p, vp * c - vq * phase.conj() * s);
        vectors.set(k, q, vp * phase * s + vq * c);
    }
    for k in 0..a.dim() {
        let (pk, qk) = (a.get(p, k), a.get(q, k));
        a.set(p, k, pk * c - qk * phase * s);
        a.set(q, k, pk * phase.conj() * s + qk * c);
    }
}

/// The principal power `U^k` of a unitary: every eigenphase, taken in (−π, π], times `k`.
pub fn unitary_power(unitary: &Matrix, power: f64) -> Matrix {
    let (phases, vectors) = unitary_eigen(unitary);
    let powered: Vec<C64> = phases.iter().map(|phase| cis(phase * power)).collect();
    vectors.mul(&Matrix::diagonal(&powered)).mul(&vectors.dagger())
}

/// The derivative of `unitary_power` from that of the unitary, where no eigenphase crosses π.
///
/// In the eigenbasis entry (j, k) is multiplied by the divided difference of the power at both eigenvalues (Daleckii and
/// Krein; Higham, Functions of Matrices, theorem 3.11).
pub fn unitary_power_derivative(unitary: &Matrix, derivative: &Matrix, power: f64) -> Matrix {
    let (phases, vectors) = unitary_eigen(unitary);
    let mut inner = vectors.dagger().mul(derivative).mul(&vectors);
    for row in 0..inner.dim() {
        for column in 0..inner.dim() {
            let (mean, half) = ((phases[row] + phases[column]) / 2.0, (phases[row] - phases[column]) / 2.0);
            // The quotient of sines is smooth; its limit for equal phases is the power.
            let slope = if half.abs() < 1e-9 { power } else { libm::sin(power * half) / libm::sin(half) };
            inner.set(row, column, inner.get(row, column) * cis((power - 1.0) * mean) * slope);
        }
    }
    vectors.mul(&inner).mul(&vectors.dagger())
}

/// Eigenphases in (−π, π] and the matrix whose columns are the eigenvectors, of a unitary.
///
/// The Hermitian parts of `U` commute, so a generic mixture of them has eigenvectors that diagonalise `U`.
fn unitary_eigen(unitary: &Matrix) -> (Vec<f64>, Matrix) {
    let n = unitary.dim();
    let dagger = unitary.dagger();
    let mut best: Option<(f64, Matrix, Vec<C64>)> = None;
    for mixture in [0.618_033_988_749_894_9, 1.324_717_957_244_746, 0.271_828_182_845_904_5] {
        let mut mixed = Matrix::zeros(n);
        for row in 0..n {
            for column in 0..n {
                let (u, d) = (unitary.get(row, column), dagger.get(row, column));
                mixed.set(row, column, (u + d) * 0.5 + (u - d) * C64::new(0.0, -0.5 * mixture));
            }
        }
        let (_, vectors) = hermitian_eigen(&mixed);
        let rotated = vectors.dagger().mul(unitary).mul(&vectors);
        let values: Vec<C64> = (0..n).map(|k| rotated.get(k, k)).collect();
        let rest = rotated.distance(&Matrix::diagonal(&values));
        if best.as_ref().is_none_or(|(known, _, _)| rest < *known) {
            best = Some((rest, vectors, values));
        }
        if rest < 1e-12 {
            break;
        }
    }
    match best {
        Some((_, vectors, values)) => (values.into_iter().map(principal_phase).collect(), vectors),
        None => (vec![0.0; n], Matrix::identity(n)),
    }
}

/// The phase in (−π, π], where rounding noise just above −π counts as π.
fn principal_phase(value: C64) -> f64 {
    let phase = libm::atan2(value.im, value.re);
    if phase < -std::f64::consts::PI + 1e-12 { std::f64::consts::PI } else { phase }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hadamard() -> Matrix {
        let h = C64::new(std::f64::consts::FRAC_1_SQRT_2, 0.0);
        Matrix::two(h, h, h, -h)
    }

    #[test]
    fn square_root_squares_back() {
        for matrix in [hadamard(), hadamard().kron_above(&hadamard()), hadamard().controlled(&[true, true])] {
            let root = unitary_power(&matrix, 0.5);
            assert!(root.is_unitary());
            assert!(root.mul(&root).distance(&matrix) < 1e-12);
        }
    }

    #[test]
    fn degenerate_unitaries_work() {
        let id = Matrix::identity(4).scale(C64::I);
        assert!(unitary_power(&id, 2.0).distance(&Matrix::identity(4).scale(-C64::ONE)) < 1e-12);
    }

    #[test]
    fn powers_have_the_slopes_of_their_differences() {
        let (x, z) =
            (hadamard().kron_above(&hadamard()), Matrix::diagonal(&[C64::ONE, C64::I, -C64::I, C64::ONE]));
        let at = |t: f64| unitary_power(&x, 0.3 * t).mul(&unitary_power(&z, t)).mul(&unitary_power(&x, 0.2));
        let (t, h) = (0.4, 1e-4);
        let slope = |f: &dyn Fn(f64) -> Matrix| {
            let (plus, minus) = (f(t + h), f(t - h));
            let entries = plus.data().iter().zip(minus.data()).map(|(a, b)| (a - b) / (2.0 * h)).collect();
            Matrix::from_entries(entries).expect("square")
        };
        for power in [0.5, -1.3, 2.0, 1.0] {
            let found = unitary_power_derivative(&at(t), &slope(&at), power);
            let wanted = slope(&|t| unitary_power(&at(t), power));
            assert!(found.distance(&wanted) < 1e-6, "{power}: {}", found.distance(&wanted));
        }
    }

    #[test]
    fn eigenvectors_diagonalise() {
        let m = Matrix::two(C64::new(2.0, 0.0), C64::new(0.0, 1.0), C64::new(0.0, -1.0), C64::new(-1.0, 0.0));
        let (values, vectors) = hermitian_eigen(&m);
        let diagonal = Matrix::diagonal(&values.iter().map(|v| C64::new(*v, 0.0)).collect::<Vec<_>>());
        assert!(vectors.mul(&diagonal).mul(&vectors.dagger()).distance(&m) < 1e-12);
    }
}
