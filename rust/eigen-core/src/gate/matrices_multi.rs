//! Matrices of gates on two qubits; the first qubit is the least significant bit of the index.
use super::matrices::turns;
use crate::math::{C64, Matrix, cis};

const ONE: C64 = C64::ONE;

fn half(angle: f64) -> (f64, f64) {
    (libm::cos(angle / 2.0), libm::sin(angle / 2.0))
}

/// A matrix that acts on the span of `01` and `10` only, rows and columns in the order index 1, index 2.
fn exchange(a: C64, b: C64, c: C64, d: C64, last: C64) -> Matrix {
    let mut matrix = Matrix::diagonal(&[ONE, a, d, last]);
    matrix.set(1, 2, b);
    matrix.set(2, 1, c);
    matrix
}

pub(super) fn swap(_: &[f64]) -> Matrix {
    exchange(C64::ZERO, ONE, ONE, C64::ZERO, ONE)
}

pub(super) fn iswap(_: &[f64]) -> Matrix {
    exchange(C64::ZERO, C64::I, C64::I, C64::ZERO, ONE)
}

/// Echoed cross resonance, `(I⊗X − X⊗Y)/√2` with the right factor on the first qubit (Qiskit's ECRGate).
pub(super) fn ecr(_: &[f64]) -> Matrix {
    let v = std::f64::consts::FRAC_1_SQRT_2;
    let (r, i) = (C64::new(v, 0.0), C64::new(0.0, v));
    let mut m = Matrix::zeros(4);
    for (row, column, value) in
        [(0, 1, r), (0, 3, i), (1, 0, r), (1, 2, -i), (2, 1, i), (2, 3, r), (3, 0, -i), (3, 2, r)]
    {
        m.set(row, column, value);
    }
    m
}

pub(super) fn rxx(p: &[f64]) -> Matrix {
    super::pauli_rotation(p[0], b"XX")
}

pub(super) fn ryy(p: &[f64]) -> Matrix {
    super::pauli_rotation(p[0], b"YY")
}

pub(super) fn rzz(p: &[f64]) -> Matrix {
    let (minus, plus) = (cis(-p[0] / 2.0), cis(p[0] / 2.0));
    Matrix::diagonal(&[minus, plus, plus, minus])
}

pub(super) fn rzx(p: &[f64]) -> Matrix {
    super::pauli_rotation(p[0], b"ZX")
}

pub(super) fn fsim(p: &[f64]) -> Matrix {
    let (c, s) = (C64::new(libm::cos(p[0]), 0.0), C64::new(0.0, -libm::sin(p[0])));
    exchange(c, s, s, c, cis(-p[1]))
}

/// `XXPlusYY(θ, β)` of Qiskit: β is a phase on the first qubit.
pub(super) fn xx_plus_yy(p: &[f64]) -> Matrix {
    let (c, s) = half(p[0]);
    let (c, s) = (C64::new(c, 0.0), C64::new(0.0, -s));
    exchange(c, s * cis(-p[1]), s * cis(p[1]), c, ONE)
}

/// `MS(φ0, φ1, θ)` of IonQ, all in turns; φ0 belongs to the first qubit.
pub(super) fn ms(p: &[f64]) -> Matrix {
    let (c, s) = half(turns(p[2]));
    let (sum, difference) = (turns(p[0] + p[1]), turns(p[0] - p[1]));
    let m = C64::new(0.0, -s);
    let mut matrix = Matrix::identity(4).scale(C64::new(c, 0.0));
    matrix.set(0, 3, m * cis(-sum));
    matrix.set(3, 0, m * cis(sum));
    matrix.set(1, 2, m * cis(difference));
    matrix.set(2, 1, m * cis(-difference));
    matrix
}
