//! Bounds on the error of product formulas of order 1 and 2 from commutators of Pauli strings.
//!
//! A. M. Childs, Y. Su, M. C. Tran, N. Wiebe and S. Zhu, Theory of Trotter Error, Phys. Rev. X 11, 011020 (2021),
//! propositions 9 and 10, with the triangle inequality over the terms.
use super::trotter::Formula;
use super::{Evolution, Term};
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Triples of terms that are looked at.
const MOST_TRIPLES: u64 = 200_000_000;

impl Evolution {
    /// A bound on the distance, in the spectral norm, of a product formula from the evolution itself. `None` beyond order
    /// 2, for coefficients that change with time or have parameters, and where it takes too long.
    pub fn formula_bound(&self, formula: Formula) -> CoreResult<Option<f64>> {
        formula.check()?;
        if self.is_open() {
            return Err(CoreError::new(
                ErrorCode::Unsupported,
                "an evolution with collapse operators is no circuit",
            ));
        }
        let is_plain = |term: &Term| {
            term.coefficient.is_constant() && term.coefficient.affine_at(0.0).is_ok_and(|c| c.is_constant())
        };
        let terms = &self.parts().hamiltonian;
        if formula.order > 2 || !terms.iter().all(is_plain) {
            return Ok(None);
        }
        let strings: Vec<(u64, u64, f64)> = terms
            .iter()
            .map(|term| {
                let (x, z) = term.pauli.masks().unwrap_or_default();
                (x, z, term.coefficient.value(0.0).abs())
            })
            .collect();
        let (time, steps) = (self.parts().time, formula.steps as f64);
        if formula.order == 1 {
            return Ok(Some(time * time / (2.0 * steps) * pairs(&strings)));
        }
        Ok(triples(&strings).map(|sum| time * time * time / (steps * steps) * sum))
    }
}

fn anticommute(a: (u64, u64), b: (u64, u64)) -> bool {
    ((a.0 & b.1).count_ones() + (a.1 & b.0).count_ones()) % 2 == 1
}

/// `Σ_i || [Σ_{j>i} H_j, H_i] ||`, term by term.
fn pairs(strings: &[(u64, u64, f64)]) -> f64 {
    let mut sum = 0.0;
    for (i, (x, z, a)) in strings.iter().enumerate() {
        let others = strings[i + 1..].iter().filter(|(u, w, _)| anticommute((*x, *z), (*u, *w)));
        sum += others.map(|(_, _, b)| 2.0 * a * b).sum::<f64>();
    }
    sum
}

/// `Σ_i ( || [B,[B,A]] || / 12 + || [A,[A,B]] || / 24 )` with `A = H_i`, `B = Σ_{j>i} H_j`, term by term.
fn triples(strings: &[(u64, u64, f64)]) -> Option<f64> {
    let mut sum = 0.0;
    let mut looked = 0u64;
    for (i, (x, z, a)) in strings.iter().enumerate() {
        let later = &strings[i + 1..];
        for (u, w, b) in later.iter().filter(|(u, w, _)| anticommute((*x, *z), (*u, *w))) {
            looked += later.len() as u64;
            if looked > MOST_TRIPLES {
                return None;
            }
            let inner = (x ^ u, z ^ w);
            let outer = later.iter().filter(|(s, t, _)| anticommute(inner, (*s, *t)));
            sum += outer.map(|(_, _, c)| c).sum::<f64>() * 4.0 * a * b / 12.0;
            sum += 4.0 * a * a * b / 24.0;
        }
    }
    Some(sum)
}
