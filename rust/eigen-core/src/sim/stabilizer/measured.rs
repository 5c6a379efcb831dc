//! Expectation values of a noisy circuit from shots: each group of terms is measured in its basis, misread as it is.
use super::super::engine::{Engine, Resources};
use super::super::estimate::{enough_shots, moments, share};
use super::Stabilizer;
use crate::circuit::{Basis, Circuit, Instruction};
use crate::error::CoreResult;
use crate::observable::{Group, Observable, Pauli};
use crate::rng::{Step, derive_seed};

/// Mean and standard error from shots shared between qubit-wise commuting groups by the sum of their |coefficients|.
pub(super) fn estimate(
    engine: &Stabilizer,
    circuit: &Circuit,
    values: &[f64],
    observable: &Observable,
    (shots, seed): (u64, u64),
    resources: Resources,
) -> CoreResult<(f64, f64)> {
    let (mut mean, mut variance) = (0.0, 0.0);
    let groups = observable.groups();
    let is_constant = |group: &&Group| group.basis.factors().is_empty();
    for group in groups.iter().filter(is_constant) {
        mean += group.observable.terms().iter().map(|(_, weight)| weight).sum::<f64>();
    }
    let groups: Vec<&Group> = groups.iter().filter(|group| !is_constant(group)).collect();
    enough_shots(groups.len(), shots)?;
    let weight =
        |group: &&Group| group.observable.terms().iter().map(|(_, weight)| weight.abs()).sum::<f64>();
    let weights: Vec<f64> = groups.iter().map(weight).collect();
    for (index, (group, part)) in groups.iter().zip(share(&weights, shots)).enumerate() {
        let factors = group.basis.factors();
        let mut plan = engine.prepare(&measured(circuit, factors)?, resources)?;
        let bits = plan.sample_bits(values, part, derive_seed(seed, &[Step::Int(index as i128)]))?;
        let first = circuit.num_clbits();
        let place =
            |qubit: u32| factors.binary_search_by_key(&qubit, |(known, _)| *known).unwrap_or_default();
        let terms: Vec<(Vec<usize>, f64)> = group
            .observable
            .terms()
            .iter()
            .map(|(string, weight)| {
                (string.factors().iter().map(|(qubit, _)| first + place(*qubit)).collect(), *weight)
            })
            .collect();
        let width = (first + factors.len()).div_ceil(8);
        let value = |key: &[u8]| -> f64 {
            terms
                .iter()
                .map(|(clbits, weight)| {
                    let parity = clbits.iter().fold(0, |sum, bit| sum ^ key[bit / 8] >> (bit % 8) & 1);
                    if parity == 1 { -weight } else { *weight }
                })
                .sum()
        };
        let found: Vec<(f64, f64)> = bits.chunks_exact(width).map(|key| (value(key), 1.0)).collect();
        let (group_mean, spread) = moments(&found, part, weights[index]);
        mean += group_mean;
        variance += spread / part as f64;
    }
    Ok((mean, variance.sqrt()))
}

/// The circuit with measurements of some letters at its end, on classical bits of their own.
fn measured(circuit: &Circuit, factors: &[(u32, Pauli)]) -> CoreResult<Circuit> {
    let mut builder = circuit.like();
    for operation in circuit.operations() {
        builder.push(operation.to_instruction())?;
    }
    let first = builder.add_clbits(factors.len(), None)?;
    for (k, (qubit, letter)) in factors.iter().enumerate() {
        let basis = match letter {
            Pauli::X => Basis::X,
            Pauli::Y => Basis::Y,
            Pauli::Z => Basis::Z,
        };
        builder.push(Instruction::measure(&[*qubit], &[first + k as u32], basis))?;
    }
    builder.build()
}
