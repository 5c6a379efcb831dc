//! Sums, multiples and products of observables.
use std::collections::BTreeMap;

use super::pauli::PauliString;
use super::{Observable, invalid};
use crate::error::{CoreError, CoreResult};
use crate::limits::MAX_TERMS;
use crate::math::C64;

impl PauliString {
    /// The product `self · other` as (power of i, string).
    pub fn times(&self, other: &Self) -> (u8, Self) {
        let (left, right) = (self.factors(), other.factors());
        let (mut a, mut b, mut quarter) = (0, 0, 0u8);
        let mut out = Vec::with_capacity(left.len() + right.len());
        while a < left.len() || b < right.len() {
            let from_left = b == right.len() || (a < left.len() && left[a].0 < right[b].0);
            if from_left {
                out.push(left[a]);
                a += 1;
            } else if a == left.len() || right[b].0 < left[a].0 {
                out.push(right[b]);
                b += 1;
            } else {
                let (phase, letter) = left[a].1.times(right[b].1);
                quarter = (quarter + phase) % 4;
                out.extend(letter.map(|letter| (left[a].0, letter)));
                a += 1;
                b += 1;
            }
        }
        (quarter, Self::from_sorted(out))
    }
}

impl Observable {
    /// The sum `self + factor · other`; the wider of the two gives the width.
    pub fn add_scaled(&self, other: &Self, factor: f64) -> CoreResult<Self> {
        let scaled = other.terms.iter().map(|(string, value)| (string.clone(), value * factor));
        Self::from_terms(self.num_qubits.max(other.num_qubits), self.terms.iter().cloned().chain(scaled))
    }

    /// A multiple.
    pub fn scale(&self, factor: f64) -> CoreResult<Self> {
        let scaled = self.terms.iter().map(|(string, value)| (string.clone(), value * factor));
        Self::from_terms(self.num_qubits, scaled)
    }

    /// The operator product. Fails when it is not Hermitian (the two do not commute).
    pub fn times(&self, other: &Self) -> CoreResult<Self> {
        let pairs = self.terms.len().saturating_mul(other.terms.len());
        if pairs > MAX_TERMS {
            return Err(CoreError::limit("terms of a product of observables", MAX_TERMS, pairs));
        }
        let mut sum: BTreeMap<PauliString, C64> = BTreeMap::new();
        let mut largest = 0.0f64;
        for (left, a) in &self.terms {
            for (right, b) in &other.terms {
                let (quarter, string) = left.times(right);
                let phase = [C64::ONE, C64::I, -C64::ONE, -C64::I][quarter as usize];
                *sum.entry(string).or_insert(C64::ZERO) += phase * (a * b);
                largest = largest.max((a * b).abs());
            }
        }
        if let Some((string, value)) = sum.iter().find(|(_, value)| value.im.abs() > 1e-12 * largest) {
            let shown = crate::json::float_text(value.im);
            let message =
                format!("the product is not Hermitian: `{string}` has the imaginary coefficient `{shown}`");
            return Err(
                invalid(message).with_hint("only observables that commute have an observable as product")
            );
        }
        let width = self.num_qubits.max(other.num_qubits);
        // An imaginary term that cancelled leaves no real part behind.
        Self::from_terms(width, sum.into_iter().map(|(string, value)| (string, value.re)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observable(terms: &[(&str, f64)]) -> Observable {
        let terms: Vec<(String, f64)> =
            terms.iter().map(|(label, value)| (label.to_string(), *value)).collect();
        Observable::from_labels(3, &terms).expect("valid")
    }

    #[test]
    fn products_match_matrices() {
        let a = observable(&[("X0 X1", 0.5), ("Z2", -1.0)]);
        let b = observable(&[("Y0 Y1", 2.0), ("", 0.25)]);
        let product = a.times(&b).expect("commute").matrix().expect("small");
        let expected = a.matrix().expect("small").mul(&b.matrix().expect("small"));
        assert!(product.distance(&expected) < 1e-12);
    }

    #[test]
    fn products_that_do_not_commute_are_refused() {
        assert!(observable(&[("X0", 1.0)]).times(&observable(&[("Z0", 1.0)])).is_err());
        // Cross terms of a square cancel.
        let square = observable(&[("X0", 1.0), ("Z0", 1.0)]);
        assert_eq!(square.times(&square).expect("hermitian"), observable(&[("", 2.0)]));
    }
}
