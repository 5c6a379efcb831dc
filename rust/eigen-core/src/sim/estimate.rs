//! Expectation values estimated from shots, in groups of terms that one product basis measures together.
use super::basis::to_z_axis;
use super::pauli_sum::{PauliSum, PauliTerm};
use super::plan::Start;
use super::precision::Precision;
use super::sample::sample;
use super::segment::Segment;
use super::state::State;
use super::workers::Workers;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::observable::{Observable, PauliString};
use crate::rng::Philox;

/// Terms measured in one basis.
pub(crate) struct MeasuredGroup {
    /// Turns the basis into the computational one.
    pub rotation: Segment,
    /// The qubits that it turns, with the letters X and Y.
    pub letters: Vec<(usize, u8)>,
    /// (mask of qubits, coefficient): the value of a basis state is the signed sum.
    terms: Vec<(u64, f64)>,
}

/// An observable ready for estimation.
pub(crate) struct MeasuredGroups {
    /// Coefficient of the identity.
    constant: f64,
    groups: Vec<MeasuredGroup>,
}

/// How many shots, and from which seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    pub shots: u64,
    pub seed: u64,
}

/// The observable as masks over the qubits of a circuit.
pub(crate) fn pauli_sum(observable: &Observable, num_qubits: usize) -> CoreResult<PauliSum> {
    Ok(PauliSum::new(terms(observable, num_qubits)?))
}

/// The terms of an observable as masks over the qubits of a circuit.
pub(crate) fn terms(observable: &Observable, num_qubits: usize) -> CoreResult<Vec<PauliTerm>> {
    let terms = observable.terms().iter().map(|(string, coefficient)| {
        let (x, z) = masks(string, num_qubits)?;
        Ok(PauliTerm { x, z, coefficient: *coefficient })
    });
    terms.collect()
}

pub(crate) fn masks(string: &PauliString, num_qubits: usize) -> CoreResult<(u64, u64)> {
    string.masks().filter(|_| string.width() <= num_qubits).ok_or_else(|| beyond(string, num_qubits))
}

/// Refuses terms beyond the circuit's qubits.
pub(crate) fn check_widths(observables: &[&Observable], num_qubits: usize) -> CoreResult<()> {
    let terms = observables.iter().flat_map(|observable| observable.terms());
    match terms.map(|(string, _)| string).find(|string| string.width() > num_qubits) {
        Some(string) => Err(beyond(string, num_qubits)),
        None => Ok(()),
    }
}

/// The error for a term that is wider than the circuit.
fn beyond(string: &PauliString, num_qubits: usize) -> CoreError {
    let message =
        format!("the observable's term `{string}` acts beyond the {num_qubits} qubits of the circuit");
    CoreError::new(ErrorCode::SimulationArguments, message)
}

/// The observable as measured groups.
pub(crate) fn groups(
    observable: &Observable,
    num_qubits: usize,
    precision: Precision,
) -> CoreResult<MeasuredGroups> {
    let mut out = MeasuredGroups { constant: 0.0, groups: Vec::new() };
    for group in observable.groups() {
        let mut terms = Vec::new();
        for (string, coefficient) in group.observable.terms() {
            match masks(string, num_qubits)? {
                (0, 0) => out.constant += coefficient,
                (x, z) => terms.push((x | z, *coefficient)),
            }
        }
        if terms.is_empty() {
            continue;
        }
        let letters =
            group.basis.factors().iter().map(|(qubit, letter)| (*qubit as usize, letter.letter() as u8));
        let letters: Vec<(usize, u8)> = letters.filter(|(_, letter)| *letter != b'Z').collect();
        let steps = letters.iter().map(|(qubit, letter)| to_z_axis(*qubit, *letter, false)).collect();
        out.groups.push(MeasuredGroup {
            rotation: Segment::new(num_qubits, steps, Start::Anywhere, precision),
            letters,
            terms,
        });
    }
    Ok(out)
}

/// Mean and standard error from shots shared between the groups in proportion to the sum of their |coefficients|.
pub(crate) fn estimate(
    measured: &MeasuredGroups,
    state: &State,
    copy: &mut State,
    draw: Draw,
    workers: &Workers,
) -> CoreResult<(f64, f64)> {
    measured.estimate(draw.shots, |index, group, shots| {
        copy.copy_from(state);
        group.rotation.run(copy, workers);
        Ok(sample(copy, shots, &mut Philox::new(draw.seed, index as u64), workers))
    })
}

impl MeasuredGroups {
    /// Mean and standard error, where `draw(k, group k, shots)` measures in the basis of a group: basis states with how
    /// often each came.
    pub fn estimate(
        &self,
        shots: u64,
        mut draw: impl FnMut(usize, &MeasuredGroup, u64) -> CoreResult<Vec<(u64, u64)>>,
    ) -> CoreResult<(f64, f64)> {
        enough_shots(self.groups.len(), shots)?;
        let weights: Vec<f64> = self.groups.iter().map(MeasuredGroup::weight).collect();
        let (mut mean, mut variance) = (self.constant, 0.0);
        for (index, (group, shots)) in self.groups.iter().zip(share(&weights, shots)).enumerate() {
            let samples = draw(index, group, shots)?;
            let (group_mean, spread) = group.moments(&samples, shots);
            mean += group_mean;
            variance += spread / shots as f64;
        }
        Ok((mean, variance.sqrt()))
    }
}

/// Refuses fewer shots than groups.
pub(crate) fn enough_shots(groups: usize, shots: u64) -> CoreResult<()> {
    if shots >= groups as u64 {
        return Ok(());
    }
    let message = format!("`{shots}` shots cannot serve {groups} groups of terms");
    Err(CoreError::new(ErrorCode::SimulationArguments, message)
        .with_hint("give each group at least one shot"))
}

/// Shots of each group: one each, the rest in proportion to the weights, remainders to the largest fractions.
pub(crate) fn share(weights: &[f64], shots: u64) -> Vec<u64> {
    let total: f64 = weights.iter().sum();
    let rest = shots - weights.len() as u64;
    let ideal: Vec<f64> = weights.iter().map(|weight| weight / total * rest as f64).collect();
    let mut out: Vec<u64> = ideal.iter().map(|part| 1 + part.floor() as u64).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| ideal[*b].fract().total_cmp(&ideal[*a].fract()).then(a.cmp(b)));
    let given: u64 = out.iter().sum();
    for index in order.into_iter().cycle().take(shots.saturating_sub(given) as usize) {
        out[index] += 1;
    }
    out
}

impl MeasuredGroup {
    fn weight(&self) -> f64 {
        self.terms.iter().map(|(_, coefficient)| coefficient.abs()).sum()
    }

    /// Mean and variance of the group's value over sampled basis states.
    fn moments(&self, samples: &[(u64, u64)], shots: u64) -> (f64, f64) {
        let value = |index: u64| -> f64 {
            let sign = |mask: u64| if (index & mask).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
            self.terms.iter().map(|(mask, coefficient)| sign(*mask) * coefficient).sum()
        };
        let values: Vec<(f64, f64)> =
            samples.iter().map(|(index, count)| (value(*index), *count as f64)).collect();
        moments(&values, shots, self.weight())
    }
}

/// Mean and variance of values with how often each came. One shot has no sample variance: the largest that values up
/// to `most` allow stands for it.
pub(crate) fn moments(values: &[(f64, f64)], shots: u64, most: f64) -> (f64, f64) {
    let mean = values.iter().map(|(value, count)| value * count).sum::<f64>() / shots as f64;
    if shots == 1 {
        return (mean, most * most);
    }
    let squares: f64 = values.iter().map(|(value, count)| (value - mean) * (value - mean) * count).sum();
    (mean, squares / (shots - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shots_are_shared_by_weight_and_none_is_lost() {
        let labels =
            [("X0", 3.0), ("Z0", 1.0), ("Y0 Y1", 0.001)].map(|(label, value)| (label.to_string(), value));
        let observable = Observable::from_labels(2, &labels).expect("valid");
        let measured = groups(&observable, 2, Precision::F64).expect("valid");
        let weights: Vec<f64> = measured.groups.iter().map(MeasuredGroup::weight).collect();
        let shares = share(&weights, 1000);
        assert_eq!(shares.iter().sum::<u64>(), 1000);
        assert!(shares.iter().all(|shots| *shots >= 1));
        assert!(shares[0] > 740 && shares[0] < 760);
    }
}
