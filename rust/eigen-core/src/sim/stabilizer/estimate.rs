//! Expectation values of Pauli sums on a stabilizer state: exact, where every term is -1, 0 or 1, and from shots.
use super::super::estimate::{enough_shots, moments, share};
use super::super::tally::Tally;
use super::super::workers::Workers;
use super::affine::Affine;
use super::row::bit;
use super::tableau::Tableau;
use crate::error::CoreResult;
use crate::observable::{Observable, PauliString};

/// The expectation value of one string: certain when the string was a product of Z at the start, else 0.
pub(super) fn mean(tableau: &Tableau, string: &PauliString) -> f64 {
    let row = tableau.image(string);
    match (row.x().iter().all(|word| *word == 0), row.phase) {
        (false, _) => 0.0,
        (true, 0) => 1.0,
        (true, _) => -1.0,
    }
}

/// Mean and standard error from shots shared between qubit-wise commuting groups by the sum of their |coefficients|.
pub(super) fn estimate(
    tableau: &Tableau,
    observable: &Observable,
    (shots, seed): (u64, u64),
    workers: &Workers,
) -> CoreResult<(f64, f64)> {
    let (mut mean, mut variance) = (0.0, 0.0);
    let mut groups: Vec<Vec<(PauliString, f64)>> = Vec::new();
    for group in observable.groups() {
        let (constant, terms): (Vec<_>, Vec<_>) =
            group.observable.terms().iter().cloned().partition(|(string, _)| string.factors().is_empty());
        mean += constant.iter().map(|(_, weight)| weight).sum::<f64>();
        if !terms.is_empty() {
            groups.push(terms);
        }
    }
    enough_shots(groups.len(), shots)?;
    let weight = |terms: &Vec<(PauliString, f64)>| terms.iter().map(|(_, weight)| weight.abs()).sum::<f64>();
    let weights: Vec<f64> = groups.iter().map(weight).collect();
    for (index, (terms, part)) in groups.iter().zip(share(&weights, shots)).enumerate() {
        let rows = terms.iter().enumerate().map(|(k, (string, _))| (tableau.image(string), k));
        let words = terms.len().div_ceil(64);
        let mut tally = Tally::new(words);
        Affine::new(vec![0; words], rows).sample(part, (seed, index as u64), workers, &mut tally)?;
        let (keys, counts) = tally.into_parts();
        let value = |key: &[u64]| -> f64 {
            let signed = |k: usize, weight: f64| if bit(key, k) { -weight } else { weight };
            terms.iter().enumerate().map(|(k, (_, weight))| signed(k, *weight)).sum()
        };
        let values: Vec<(f64, f64)> =
            keys.chunks_exact(words).map(value).zip(counts.iter().map(|count| *count as f64)).collect();
        let (group_mean, spread) = moments(&values, part, weights[index]);
        mean += group_mean;
        variance += spread / part as f64;
    }
    Ok((mean, variance.sqrt()))
}
