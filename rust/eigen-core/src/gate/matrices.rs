//! Matrices of one-qubit gates (and of the targets of controlled ones), as functions of their parameters.
use crate::math::{C64, Matrix, cis};

const ZERO: C64 = C64::ZERO;
const ONE: C64 = C64::ONE;
const HALF_SQRT: f64 = std::f64::consts::FRAC_1_SQRT_2;

fn real(value: f64) -> C64 {
    C64::new(value, 0.0)
}

fn imaginary(value: f64) -> C64 {
    C64::new(0.0, value)
}

/// Cosine and sine of half an angle.
fn half(angle: f64) -> (f64, f64) {
    (libm::cos(angle / 2.0), libm::sin(angle / 2.0))
}

pub(super) fn identity(_: &[f64]) -> Matrix {
    Matrix::identity(2)
}

pub(super) fn x(_: &[f64]) -> Matrix {
    super::pauli(b'X')
}

pub(super) fn y(_: &[f64]) -> Matrix {
    super::pauli(b'Y')
}

pub(super) fn z(_: &[f64]) -> Matrix {
    super::pauli(b'Z')
}

pub(super) fn h(_: &[f64]) -> Matrix {
    let v = real(HALF_SQRT);
    Matrix::two(v, v, v, -v)
}

pub(super) fn s(_: &[f64]) -> Matrix {
    Matrix::two(ONE, ZERO, ZERO, imaginary(1.0))
}

pub(super) fn sdg(_: &[f64]) -> Matrix {
    Matrix::two(ONE, ZERO, ZERO, imaginary(-1.0))
}

pub(super) fn t(_: &[f64]) -> Matrix {
    Matrix::two(ONE, ZERO, ZERO, C64::new(HALF_SQRT, HALF_SQRT))
}

pub(super) fn tdg(_: &[f64]) -> Matrix {
    Matrix::two(ONE, ZERO, ZERO, C64::new(HALF_SQRT, -HALF_SQRT))
}

pub(super) fn sx(_: &[f64]) -> Matrix {
    let (a, b) = (C64::new(0.5, 0.5), C64::new(0.5, -0.5));
    Matrix::two(a, b, b, a)
}

pub(super) fn sxdg(_: &[f64]) -> Matrix {
    let (a, b) = (C64::new(0.5, -0.5), C64::new(0.5, 0.5));
    Matrix::two(a, b, b, a)
}

pub(super) fn rx(p: &[f64]) -> Matrix {
    let (c, s) = half(p[0]);
    Matrix::two(real(c), imaginary(-s), imaginary(-s), real(c))
}

pub(super) fn ry(p: &[f64]) -> Matrix {
    let (c, s) = half(p[0]);
    Matrix::two(real(c), real(-s), real(s), real(c))
}

pub(super) fn rz(p: &[f64]) -> Matrix {
    Matrix::two(cis(-p[0] / 2.0), ZERO, ZERO, cis(p[0] / 2.0))
}

pub(super) fn p(p: &[f64]) -> Matrix {
    Matrix::two(ONE, ZERO, ZERO, cis(p[0]))
}

pub(super) fn u(p: &[f64]) -> Matrix {
    let (c, s) = half(p[0]);
    Matrix::two(real(c), -cis(p[2]) * s, cis(p[1]) * s, cis(p[1] + p[2]) * c)
}

/// `exp(iγ)·U(θ, φ, λ)`, the target of `CU(θ, φ, λ, γ)`.
pub(super) fn u_with_phase(p: &[f64]) -> Matrix {
    u(&p[..3]).scale(cis(p[3]))
}

pub(super) fn gphase(p: &[f64]) -> Matrix {
    Matrix::diagonal(&[cis(p[0])])
}

/// Angle of a fraction of a turn.
pub(super) fn turns(fraction: f64) -> f64 {
    fraction * std::f64::consts::TAU
}

pub(super) fn gpi(p: &[f64]) -> Matrix {
    let angle = turns(p[0]);
    Matrix::two(ZERO, cis(-angle), cis(angle), ZERO)
}

pub(super) fn gpi2(p: &[f64]) -> Matrix {
    let (angle, v) = (turns(p[0]), HALF_SQRT);
    Matrix::two(real(v), cis(-angle) * imaginary(-v), cis(angle) * imaginary(-v), real(v))
}
