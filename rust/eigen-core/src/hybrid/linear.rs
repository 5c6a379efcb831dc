//! The little linear algebra of the methods. Sums go from left to right, so that they are the same everywhere.

/// The inner product.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}

/// The Euclidean length.
pub(super) fn length(a: &[f64]) -> f64 {
    libm::sqrt(dot(a, a))
}

/// The largest size of a component.
pub(super) fn largest(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |most, x| most.max(x.abs()))
}
