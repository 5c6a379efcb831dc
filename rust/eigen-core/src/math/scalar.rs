//! Scalar functions f64 -> f64 by name. A domain error gives NaN or an infinity; the caller decides what that means.

/// A function of one argument.
pub type Unary = fn(f64) -> f64;
/// A function of two arguments.
pub type Binary = fn(f64, f64) -> f64;

/// The functions of one argument.
pub const UNARY: &[(&str, Unary)] = &[
    ("sin", libm::sin),
    ("cos", libm::cos),
    ("tan", libm::tan),
    ("asin", libm::asin),
    ("acos", libm::acos),
    ("atan", libm::atan),
    ("sinh", libm::sinh),
    ("cosh", libm::cosh),
    ("tanh", libm::tanh),
    ("asinh", libm::asinh),
    ("acosh", acosh),
    ("atanh", libm::atanh),
    ("exp", libm::exp),
    ("expm1", libm::expm1),
    ("log", libm::log),
    ("log1p", libm::log1p),
    ("log2", libm::log2),
    ("log10", libm::log10),
    ("sqrt", libm::sqrt),
    ("cbrt", libm::cbrt),
    ("erf", libm::erf),
    ("erfc", libm::erfc),
    ("gamma", libm::tgamma),
    ("lgamma", libm::lgamma),
];

/// The functions of two arguments.
pub const BINARY: &[(&str, Binary)] = &[("atan2", libm::atan2), ("pow", libm::pow), ("hypot", libm::hypot)];

/// libm computes something finite far below 1, where acosh is not defined.
fn acosh(x: f64) -> f64 {
    if x < 1.0 { f64::NAN } else { libm::acosh(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unary(name: &str) -> Unary {
        UNARY.iter().find(|(known, _)| *known == name).expect("known").1
    }

    #[test]
    fn values_are_pinned_to_the_last_bit() {
        assert_eq!(unary("sin")(1.0).to_bits(), 0x3fea_ed54_8f09_0cee);
        assert_eq!(unary("cos")(1.0).to_bits(), 0x3fe1_4a28_0fb5_068c);
        assert_eq!(unary("exp")(1.0).to_bits(), 0x4005_bf0a_8b14_576a);
    }

    #[test]
    fn domain_errors_are_nan() {
        assert!(unary("sqrt")(-1.0).is_nan());
        assert!(unary("log")(-1.0).is_nan());
        assert!(unary("acosh")(-21664.0).is_nan());
        assert_eq!(unary("gamma")(5.0), 24.0);
    }
}
