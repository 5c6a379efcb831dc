//! A noisy Clifford circuit: shots from frames, exact values from Pauli propagation, where noise multiplies each product.
use super::super::counts::Counts;
use super::super::engine::{Fact, Prepared, Resources, check_shots};
use super::super::share::Share;
use super::Stabilizer;
use super::measured::estimate;
use super::prepared::PreparedTableau;
use crate::circuit::Circuit;
use crate::error::CoreResult;
use crate::math::C64;
use crate::observable::Observable;

/// See `Prepared`.
pub(super) struct PreparedNoisy {
    engine: Stabilizer,
    circuit: Circuit,
    resources: Resources,
    shots: PreparedTableau,
    values: Box<dyn Prepared>,
}

impl PreparedNoisy {
    pub fn new(
        engine: Stabilizer,
        circuit: Circuit,
        resources: Resources,
        shots: PreparedTableau,
        values: Box<dyn Prepared>,
    ) -> Self {
        PreparedNoisy { engine, circuit, resources, shots, values }
    }
}

impl Prepared for PreparedNoisy {
    fn num_parameters(&self) -> usize {
        self.shots.num_parameters()
    }

    fn num_qubits(&self) -> usize {
        self.shots.num_qubits()
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        self.shots.state(values)
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        self.shots.amplitude(values, index)
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        self.shots.bind(values)?;
        self.values.probability(values, bits)
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        self.shots.bind(values)?;
        self.values.probabilities(values, qubits)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.shots.sample(values, shots, seed)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        self.shots.sample_share(values, shots, seed, share)
    }

    fn sample_bits(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Vec<u8>> {
        self.shots.sample_bits(values, shots, seed)
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.shots.bind(values)?;
        self.values.expectation(values, observables)
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.shots.bind(values)?;
        self.values.variance(values, observables)
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        if self.num_parameters() > 0 {
            return self.shots.gradient(values, observable);
        }
        Ok((self.expectation(values, &[observable])?[0], Vec::new()))
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        check_shots(shots)?;
        self.shots.bind(values)?;
        // Refuses circuits that measure, as for exact values.
        self.values.expectation(values, &[])?;
        crate::sim::estimate::check_widths(&[observable], self.num_qubits())?;
        estimate(&self.engine, &self.circuit, values, observable, (shots, seed), self.resources)
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        self.shots.facts()
    }
}
