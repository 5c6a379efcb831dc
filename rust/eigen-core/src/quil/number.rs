//! Complex numbers as Quil's functions take and give them; what is real stays real.
use crate::math::{C64, cis};

/// A real number as a complex one.
pub(super) fn real(value: f64) -> C64 {
    C64::new(value, 0.0)
}

/// A function of one number.
pub(super) type Function = fn(C64) -> C64;

/// The function of a name, in any case.
pub(super) fn function(name: &str) -> Option<Function> {
    const FUNCTIONS: [(&str, Function); 5] =
        [("sin", sin), ("cos", cos), ("sqrt", sqrt), ("exp", exp), ("cis", |z| exp(C64::i() * z))];
    FUNCTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, function)| *function)
}

fn sin(z: C64) -> C64 {
    C64::new(libm::sin(z.re) * libm::cosh(z.im), libm::cos(z.re) * libm::sinh(z.im))
}

fn cos(z: C64) -> C64 {
    C64::new(libm::cos(z.re) * libm::cosh(z.im), -libm::sin(z.re) * libm::sinh(z.im))
}

fn exp(z: C64) -> C64 {
    if z.im == 0.0 { real(libm::exp(z.re)) } else { cis(z.im) * libm::exp(z.re) }
}

fn sqrt(z: C64) -> C64 {
    if z.im == 0.0 {
        let root = libm::sqrt(z.re.abs());
        return if z.re >= 0.0 { real(root) } else { C64::new(0.0, root) };
    }
    let half = libm::sqrt((z.re.abs() + libm::hypot(z.re, z.im)) / 2.0);
    if z.re >= 0.0 {
        C64::new(half, z.im / (2.0 * half))
    } else {
        C64::new(z.im.abs() / (2.0 * half), half.copysign(z.im))
    }
}

/// The principal power.
pub(super) fn power(base: C64, exponent: C64) -> C64 {
    let is_whole = exponent.im == 0.0 && exponent.re.fract() == 0.0;
    if base.im == 0.0 && exponent.im == 0.0 && (base.re >= 0.0 || is_whole) {
        return real(libm::pow(base.re, exponent.re));
    }
    if is_whole && exponent.re.abs() <= 100.0 {
        return base.powi(exponent.re as i32);
    }
    if base == real(0.0) {
        return if exponent.re > 0.0 { real(0.0) } else { real(f64::NAN) };
    }
    let log = C64::new(libm::log(libm::hypot(base.re, base.im)), libm::atan2(base.im, base.re));
    exp(exponent * log)
}

/// The quotient; a real divisor divides both parts.
pub(super) fn quotient(a: C64, b: C64) -> C64 {
    if b.im == 0.0 { C64::new(a.re / b.re, a.im / b.re) } else { a / b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_keep_their_identities() {
        for z in [C64::new(0.3, 0.4), C64::new(-1.2, 0.5), C64::new(-2.0, -0.1), C64::new(-2.0, 0.0)] {
            assert!((sqrt(z) * sqrt(z) - z).norm() < 1e-14);
            assert!((power(z, real(0.5)) - sqrt(z)).norm() < 1e-14);
            assert!((power(z, real(3.0)) - z * z * z).norm() < 1e-13);
            assert!((sin(z) * sin(z) + cos(z) * cos(z) - 1.0).norm() < 1e-14);
            assert!((exp(C64::i() * z) - (cos(z) + C64::i() * sin(z))).norm() < 1e-14);
        }
    }
}
