//! Expectation values from shots, in groups of terms that one product basis measures together.
use super::chain::Chain;
use super::draw::{Drawing, draw};
use super::lower::to_z_axis;
use crate::error::CoreResult;
use crate::observable::{Observable, Pauli, PauliString};
use crate::sim::estimate::{enough_shots, moments, share};
use crate::sim::tally::Tally;
use crate::sim::workers::Workers;

/// Mean and standard error; shots are shared by the sum of the |coefficients| of each group.
pub(super) fn estimate(
    chain: &Chain,
    observable: &Observable,
    (shots, seed): (u64, u64),
    workers: &Workers,
) -> CoreResult<(f64, f64)> {
    let (mut mean, mut variance) = (0.0, 0.0);
    let mut groups: Vec<(PauliString, Vec<(PauliString, f64)>)> = Vec::new();
    for group in observable.groups() {
        let terms = group.observable.terms().iter().cloned();
        let (constant, terms): (Vec<_>, Vec<_>) = terms.partition(|(string, _)| string.factors().is_empty());
        mean += constant.iter().map(|(_, weight)| weight).sum::<f64>();
        if !terms.is_empty() {
            groups.push((group.basis, terms));
        }
    }
    enough_shots(groups.len(), shots)?;
    let weight = |terms: &Vec<(PauliString, f64)>| terms.iter().map(|(_, weight)| weight.abs()).sum::<f64>();
    let weights: Vec<f64> = groups.iter().map(|(_, terms)| weight(terms)).collect();
    for (index, ((basis, terms), part)) in groups.iter().zip(share(&weights, shots)).enumerate() {
        let values = drawn(chain, basis, terms, (part, seed, index as u64), workers)?;
        let (group_mean, spread) = moments(&values, part, weights[index]);
        mean += group_mean;
        variance += spread / part as f64;
    }
    Ok((mean, libm::sqrt(variance)))
}

/// Values of a group of terms with how often each came.
fn drawn(
    chain: &Chain,
    basis: &PauliString,
    terms: &[(PauliString, f64)],
    (shots, seed, stream): (u64, u64, u64),
    workers: &Workers,
) -> CoreResult<Vec<(f64, f64)>> {
    let mut turned = chain.clone();
    let mut clbits: Vec<Vec<usize>> = Vec::new();
    for (bit, (qubit, letter)) in basis.factors().iter().enumerate() {
        let site = chain.place[*qubit as usize];
        if *letter != Pauli::Z {
            turned.sites[site].apply(&to_z_axis(letter.letter() as u8, false));
        }
        if clbits.len() <= site {
            clbits.resize(site + 1, Vec::new());
        }
        clbits[site].push(bit);
    }
    let bit_of = |qubit: u32| basis.factors().partition_point(|(other, _)| *other < qubit);
    let masks: Vec<(Vec<usize>, f64)> = terms
        .iter()
        .map(|(string, weight)| (string.factors().iter().map(|(qubit, _)| bit_of(*qubit)).collect(), *weight))
        .collect();
    let words = basis.factors().len().div_ceil(64).max(1);
    let mut tally = Tally::new(words);
    let drawing = Drawing { chain: &turned, clbits, seed };
    draw(&drawing, (shots, stream), &vec![0; words], workers, &mut tally)?;
    let (keys, counts) = tally.into_parts();
    let value = |key: &[u64]| -> f64 {
        let is_odd =
            |bits: &[usize]| bits.iter().fold(0, |odd, bit| odd ^ (key[bit / 64] >> (bit % 64) & 1)) == 1;
        masks.iter().map(|(bits, weight)| if is_odd(bits) { -weight } else { *weight }).sum()
    };
    Ok(keys.chunks_exact(words).map(value).zip(counts.iter().map(|count| *count as f64)).collect())
}
