//! Deterministic mathematics: the same bits on every host, through the pure-Rust `libm`.
mod eigen;
mod matrix;
pub mod scalar;

pub use eigen::{hermitian_eigen, unitary_power, unitary_power_derivative};
pub use matrix::Matrix;

/// A complex number of two f64.
pub type C64 = num_complex::Complex64;

/// `exp(i·angle)`, by libm.
pub fn cis(angle: f64) -> C64 {
    C64::new(libm::cos(angle), libm::sin(angle))
}
