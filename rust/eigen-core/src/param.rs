//! Gate parameters: numbers, or affine expressions `constant + Σ coefficient·symbol`. Nothing non-linear lives here.
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::MAX_NAME_BYTES;

/// An affine expression over named symbols, free of any circuit. Terms with coefficient zero do not occur.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Affine {
    /// The constant.
    pub constant: f64,
    /// Coefficient of each symbol.
    pub terms: Terms,
}

impl Affine {
    /// A number.
    pub fn number(constant: f64) -> Self {
        Self { constant, terms: Terms::default() }
    }

    /// One symbol.
    pub fn symbol(name: impl Into<String>) -> Self {
        Self { constant: 0.0, terms: Terms::from_iter([(name.into(), 1.0)]) }
    }

    /// Whether no symbol occurs.
    pub fn is_constant(&self) -> bool {
        self.terms.is_empty()
    }

    /// The sum `self + factor·other`.
    pub fn add_scaled(&self, other: &Self, factor: f64) -> Self {
        let mut out = self.clone();
        out.constant += factor * other.constant;
        if out.is_constant() && other.is_constant() {
            return out;
        }
        for (name, coefficient) in &other.terms {
            *out.terms.entry(name.clone()).or_insert(0.0) += factor * coefficient;
        }
        out.terms.retain(|_, coefficient| *coefficient != 0.0);
        out
    }

    /// The product with a number.
    pub fn scale(&self, factor: f64) -> Self {
        Self::default().add_scaled(self, factor)
    }

    /// Checks that all numbers are finite and all symbol names acceptable.
    pub fn check(&self) -> CoreResult<()> {
        if !self.constant.is_finite() || self.terms.values().any(|value| !value.is_finite()) {
            let message = format!("parameter `{self}` is not finite");
            return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
        }
        self.terms.keys().try_for_each(|name| check_name(name))
    }
}

/// Coefficients by symbol, ascending: a map that takes a word where there is no symbol, as in most parameters.
#[derive(Clone, Debug, Default)]
#[allow(clippy::box_collection, reason = "a word instead of three: passes move many parameters")]
pub struct Terms(Option<Box<BTreeMap<String, f64>>>);

static NO_TERMS: BTreeMap<String, f64> = BTreeMap::new();

impl Deref for Terms {
    type Target = BTreeMap<String, f64>;

    fn deref(&self) -> &BTreeMap<String, f64> {
        self.0.as_deref().unwrap_or(&NO_TERMS)
    }
}

impl DerefMut for Terms {
    fn deref_mut(&mut self) -> &mut BTreeMap<String, f64> {
        self.0.get_or_insert_default()
    }
}

impl<'a> IntoIterator for &'a Terms {
    type Item = (&'a String, &'a f64);
    type IntoIter = std::collections::btree_map::Iter<'a, String, f64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Terms {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl From<BTreeMap<String, f64>> for Terms {
    fn from(terms: BTreeMap<String, f64>) -> Self {
        Self((!terms.is_empty()).then(|| Box::new(terms)))
    }
}

impl FromIterator<(String, f64)> for Terms {
    fn from_iter<I: IntoIterator<Item = (String, f64)>>(terms: I) -> Self {
        BTreeMap::from_iter(terms).into()
    }
}

/// Checks the name of a symbol: 1 to 256 bytes, no control characters.
pub fn check_name(name: &str) -> CoreResult<()> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        let shown: String = name.chars().take(40).collect();
        let message = format!("`{}` is no name for a parameter", shown.escape_debug());
        return Err(CoreError::new(ErrorCode::ParameterInvalid, message)
            .with_hint(format!("a name has 1 to {MAX_NAME_BYTES} bytes and no control characters")));
    }
    Ok(())
}

impl fmt::Display for Affine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (name, coefficient) in &self.terms {
            let sign = if *coefficient < 0.0 { "-" } else { "+" };
            match (first, sign) {
                (true, "-") => write!(f, "-")?,
                (true, _) => {}
                (false, _) => write!(f, " {sign} ")?,
            }
            if coefficient.abs() != 1.0 {
                write!(f, "{}*", crate::json::float_text(coefficient.abs()))?;
            }
            write!(f, "{name}")?;
            first = false;
        }
        if first {
            return write!(f, "{}", crate::json::float_text(self.constant));
        }
        if self.constant != 0.0 {
            let sign = if self.constant < 0.0 { "-" } else { "+" };
            write!(f, " {sign} {}", crate::json::float_text(self.constant.abs()))?;
        }
        Ok(())
    }
}

/// A parameter as a circuit stores it: a number, or an index into the circuit's expressions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Param {
    /// A number.
    Number(f64),
    /// `circuit.expressions()[index]`.
    Expression(u32),
}

/// An affine expression over a circuit's own symbols, sorted by symbol index.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The constant.
    pub constant: f64,
    /// (index into `circuit.symbols()`, coefficient), ascending, coefficients not zero.
    pub terms: Vec<(u32, f64)>,
}

impl Expression {
    /// The value when symbol `k` has the value `values[k]`.
    pub fn value(&self, values: &[f64]) -> f64 {
        self.terms
            .iter()
            .fold(self.constant, |sum, (symbol, coefficient)| sum + coefficient * values[*symbol as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_merges_and_drops() {
        let a = Affine::symbol("a").scale(2.0).add_scaled(&Affine::number(1.0), 1.0);
        assert_eq!(a.to_string(), "2.0*a + 1.0");
        assert!(a.add_scaled(&Affine::symbol("a"), -2.0).is_constant());
        assert_eq!(
            Affine::symbol("b").scale(-1.0).add_scaled(&Affine::number(0.5), -1.0).to_string(),
            "-b - 0.5"
        );
    }

    #[test]
    fn bad_names_and_numbers_are_refused() {
        assert!(Affine::symbol("").check().is_err());
        assert!(Affine::symbol("a\n").check().is_err());
        assert!(Affine::number(f64::NAN).check().is_err());
        assert!(Affine::symbol("theta[0]").check().is_ok());
    }
}
