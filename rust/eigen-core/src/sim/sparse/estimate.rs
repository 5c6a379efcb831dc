//! Expectation values of Pauli sums on a sparse state: exact, their variances, and from shots.
use std::collections::BTreeMap;

use super::super::estimate::{enough_shots, moments, share};
use super::lower::to_z_axis;
use super::state::State;
use super::walk::draw;
use crate::circuit::Basis;
use crate::error::CoreResult;
use crate::math::C64;
use crate::observable::{Observable, Pauli, PauliString};
use crate::rng::Philox;

/// Masks (x, z) of a string.
fn masks(string: &PauliString) -> (u128, u128) {
    string.factors().iter().fold((0, 0), |(x, z), (qubit, letter)| match letter {
        Pauli::X => (x | 1 << qubit, z),
        Pauli::Y => (x | 1 << qubit, z | 1 << qubit),
        Pauli::Z => (x, z | 1 << qubit),
    })
}

/// `<key ^ x| P |key>`.
fn phase(x: u128, z: u128, key: u128) -> C64 {
    let quarter = (x & z).count_ones() + 2 * (key & z).count_ones();
    [C64::ONE, C64::I, -C64::ONE, -C64::I][(quarter % 4) as usize]
}

/// `<state| O |state>`.
pub(super) fn mean(state: &mut State, observable: &Observable) -> f64 {
    let terms: Vec<_> = observable.terms().iter().map(|(string, weight)| (masks(string), *weight)).collect();
    let (keys, amplitudes) = (state.keys.clone(), state.amplitudes.clone());
    let lookup = state.lookup();
    let mut sum = 0.0;
    for (key, amplitude) in keys.iter().zip(&amplitudes) {
        for ((x, z), weight) in &terms {
            let partner = if *x == 0 { *amplitude } else { lookup(key ^ x) };
            sum += weight * (partner.conj() * phase(*x, *z, *key) * amplitude).re;
        }
    }
    sum
}

/// `<O^2> - <O>^2`.
pub(super) fn variance(state: &mut State, observable: &Observable) -> f64 {
    let mut image: BTreeMap<u128, C64> = BTreeMap::new();
    for (string, weight) in observable.terms() {
        let (x, z) = masks(string);
        for (key, amplitude) in state.keys.iter().zip(&state.amplitudes) {
            *image.entry(key ^ x).or_insert(C64::ZERO) += phase(x, z, *key) * amplitude * *weight;
        }
    }
    let square: f64 = image.values().map(|value| value.norm_sqr()).sum();
    let mean = mean(state, observable);
    (square - mean * mean).max(0.0)
}

/// Mean and standard error from shots shared between qubit-wise commuting groups by the sum of their |coefficients|.
pub(super) fn sampled(
    state: &State,
    observable: &Observable,
    shots: u64,
    seed: u64,
) -> CoreResult<(f64, f64)> {
    let (mut mean, mut variance) = (0.0, 0.0);
    let mut groups = Vec::new();
    for group in observable.groups() {
        let mut terms = Vec::new();
        for (string, weight) in group.observable.terms() {
            match masks(string) {
                (0, 0) => mean += weight,
                (x, z) => terms.push((x | z, *weight)),
            }
        }
        if !terms.is_empty() {
            groups.push((group.basis, terms));
        }
    }
    enough_shots(groups.len(), shots)?;
    let weights: Vec<f64> =
        groups.iter().map(|(_, terms)| terms.iter().map(|(_, weight)| weight.abs()).sum()).collect();
    for (index, ((basis, terms), part)) in groups.iter().zip(share(&weights, shots)).enumerate() {
        let mut turned = state.clone();
        for (qubit, letter) in basis.factors() {
            let axis = match letter {
                Pauli::X => Basis::X,
                Pauli::Y => Basis::Y,
                Pauli::Z => Basis::Z,
            };
            to_z_axis(*qubit, axis, false).try_for_each(|gate| turned.apply(&gate))?;
        }
        let value = |key: u128| -> f64 {
            let sign = |mask: u128| if (key & mask).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
            terms.iter().map(|(mask, weight)| sign(*mask) * weight).sum()
        };
        let samples = draw(&turned, part, &mut Philox::new(seed, index as u64));
        let values: Vec<(f64, f64)> =
            samples.into_iter().map(|(key, count)| (value(key), count as f64)).collect();
        let (group_mean, spread) = moments(&values, part, weights[index]);
        mean += group_mean;
        variance += spread / part as f64;
    }
    Ok((mean, variance.sqrt()))
}
