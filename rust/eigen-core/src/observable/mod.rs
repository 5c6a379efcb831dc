//! Observables: real sums of Pauli strings, of any width. Immutable, merged, in canonical order.
mod algebra;
mod groups;
mod json;
mod pauli;

pub use groups::Group;
pub use pauli::{Pauli, PauliString};

use std::collections::BTreeMap;

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::{MAX_DENSE_QUBITS, MAX_QUBITS, MAX_TERMS};
use crate::math::{C64, Matrix};

/// A Hermitian operator `Σ coefficient · P` with Pauli strings P.
#[derive(Clone, Debug, PartialEq)]
pub struct Observable {
    num_qubits: usize,
    terms: Vec<(PauliString, f64)>,
}

pub(crate) fn invalid(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::ObservableInvalid, message)
}

impl Observable {
    /// From terms in any order; equal strings are merged, zeros dropped.
    pub fn from_terms(
        num_qubits: usize,
        terms: impl IntoIterator<Item = (PauliString, f64)>,
    ) -> CoreResult<Self> {
        if num_qubits > MAX_QUBITS {
            return Err(CoreError::limit("qubits of an observable", MAX_QUBITS, num_qubits));
        }
        let mut merged: BTreeMap<PauliString, f64> = BTreeMap::new();
        for (string, coefficient) in terms {
            if !coefficient.is_finite() {
                return Err(invalid(format!("coefficient `{coefficient}` of `{string}` is not finite")));
            }
            if let Some(qubit) = string.width().checked_sub(1).filter(|qubit| *qubit >= num_qubits) {
                return Err(invalid(format!(
                    "`{string}` acts on qubit {qubit}, the observable has {num_qubits} qubits"
                )));
            }
            *merged.entry(string).or_insert(0.0) += coefficient;
            if merged.len() > MAX_TERMS {
                return Err(CoreError::limit("terms of an observable", MAX_TERMS, merged.len()));
            }
        }
        let terms: Vec<_> = merged.into_iter().filter(|(_, coefficient)| *coefficient != 0.0).collect();
        match terms.iter().find(|(_, coefficient)| !coefficient.is_finite()) {
            Some((string, _)) => Err(invalid(format!("the coefficients of `{string}` overflow"))),
            None => Ok(Self { num_qubits, terms }),
        }
    }

    /// From labels: sparse (`"X0 Z3"`) or dense (`"IZXY"`, qubit 0 rightmost).
    pub fn from_labels(num_qubits: usize, terms: &[(String, f64)]) -> CoreResult<Self> {
        let parsed = terms
            .iter()
            .map(|(label, coefficient)| Ok((PauliString::parse(label, num_qubits)?, *coefficient)));
        Self::from_terms(num_qubits, parsed.collect::<CoreResult<Vec<_>>>()?)
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The terms, in canonical order.
    pub fn terms(&self) -> &[(PauliString, f64)] {
        &self.terms
    }

    /// Whether every term is a product of Z and I.
    pub fn is_diagonal(&self) -> bool {
        self.terms.iter().all(|(string, _)| string.factors().iter().all(|(_, letter)| *letter == Pauli::Z))
    }

    /// The dense matrix, qubit 0 the least significant bit of the index. At most 12 qubits.
    pub fn matrix(&self) -> CoreResult<Matrix> {
        if self.num_qubits > MAX_DENSE_QUBITS {
            return Err(CoreError::limit("qubits of a dense matrix", MAX_DENSE_QUBITS, self.num_qubits));
        }
        let mut out = Matrix::zeros(1 << self.num_qubits);
        for (string, coefficient) in &self.terms {
            let Some((x, z)) = string.masks() else { continue };
            for column in 0..out.dim() {
                let (row, value) = (column ^ x as usize, string.entry_phase(x, z, column as u64));
                out.set(row, column, out.get(row, column) + value * C64::new(*coefficient, 0.0));
            }
        }
        Ok(out)
    }
}
