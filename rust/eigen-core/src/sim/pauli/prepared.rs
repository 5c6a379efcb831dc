//! A circuit ready for expectation values by Pauli propagation.
use std::sync::Arc;

use super::gradient::gradient;
use super::program::{Program, collapsed};
use super::sweep::{Bounds, Sweep};
use super::terms::Hashes;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::noise::Model;
use crate::observable::{Observable, Pauli, PauliString};
use crate::rng::Philox;
use crate::sim::counts::Counts;
use crate::sim::engine::{Fact, Prepared, check_shots, check_values, each_set};
use crate::sim::estimate::{check_widths, enough_shots, moments, share};
use crate::sim::reduced::check_qubits;
use crate::sim::workers::Workers;

/// Qubits whose probabilities are listed: each outcome takes a value of its own.
const MOST_LISTED: usize = 12;
/// Products of terms that a variance may take.
const MOST_SQUARES: usize = 1 << 22;

/// See `Prepared`.
pub(super) struct PreparedPauli {
    program: Program,
    /// What the program is translated from for each set of values, where it cannot be otherwise.
    open: Option<(Circuit, Option<Arc<Model>>)>,
    hashes: Hashes,
    bounds: Bounds,
    workers: Workers,
    /// Of the last call: the largest sum of dropped coefficients, and the most products at a time.
    dropped: f64,
    most: usize,
}

impl PreparedPauli {
    pub fn new(
        program: Program,
        source: (Circuit, Option<Arc<Model>>),
        bounds: Bounds,
        workers: Workers,
    ) -> Self {
        let hashes = Hashes::new(program.num_qubits);
        let open = program.needs_values.then_some(source);
        PreparedPauli { program, open, hashes, bounds, workers, dropped: 0.0, most: 0 }
    }

    /// Checks parameter values, and translates the circuit for them where that is needed.
    fn bind(&mut self, values: &[f64]) -> CoreResult<()> {
        check_values(values, self.program.num_parameters)?;
        if let Some((circuit, noise)) = &self.open {
            self.program = Program::new(circuit, noise.as_deref(), Some(values))?;
        }
        Ok(())
    }

    fn check(&self, observables: &[&Observable]) -> CoreResult<()> {
        if self.program.collapses {
            return Err(collapsed());
        }
        check_widths(observables, self.program.num_qubits)
    }

    /// The values of pieces of work, with what they dropped.
    fn values<T: Sync>(
        &mut self,
        work: &[T],
        value: impl Fn(&Self, &T) -> CoreResult<(f64, f64, usize)> + Sync + Send,
    ) -> CoreResult<Vec<f64>> {
        let this: &Self = self;
        let found = this.workers.map(work.len(), |k| value(this, &work[k]));
        (self.dropped, self.most) = (0.0, 0);
        found
            .into_iter()
            .map(|one| {
                let (value, dropped, most) = one?;
                self.dropped = self.dropped.max(dropped);
                self.most = self.most.max(most);
                Ok(value)
            })
            .collect()
    }

    fn one(&self, observable: &Observable, values: &[f64]) -> CoreResult<(f64, f64, usize)> {
        Sweep::new(&self.program, &self.hashes, observable, self.bounds, false)?.run(values)
    }

    /// `<Z…Z>` of every subset of the qubits, in the order of the subsets' masks.
    fn parities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        let subsets: Vec<usize> = (0..1 << qubits.len()).collect();
        self.values(&subsets, |this, subset| {
            let chosen = qubits.iter().enumerate().filter(|(k, _)| subset >> k & 1 == 1);
            let string = PauliString::new(chosen.map(|(_, qubit)| (*qubit as u32, Pauli::Z)).collect())?;
            this.one(&Observable::from_terms(this.program.num_qubits, vec![(string, 1.0)])?, values)
        })
    }

    /// Probabilities of the values of some qubits at the end of the steps.
    fn marginal(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        check_qubits(qubits, self.program.num_qubits)?;
        if qubits.len() > MOST_LISTED {
            let what = "qubits whose probabilities the pauli engine lists";
            return Err(CoreError::limit(what, MOST_LISTED, qubits.len()));
        }
        // Parities become probabilities by a Walsh-Hadamard transform.
        let mut out = self.parities(values, qubits)?;
        for k in 0..qubits.len() {
            for index in (0..out.len()).filter(|index| index >> k & 1 == 0) {
                let (even, odd) = (out[index], out[index | 1 << k]);
                (out[index], out[index | 1 << k]) = (even + odd, even - odd);
            }
        }
        let scale = 1.0 / out.len() as f64;
        Ok(out.into_iter().map(|value| (value * scale).clamp(0.0, 1.0)).collect())
    }
}

impl Prepared for PreparedPauli {
    fn num_parameters(&self) -> usize {
        self.program.num_parameters
    }

    fn num_qubits(&self) -> usize {
        self.program.num_qubits
    }

    fn state(&mut self, _values: &[f64]) -> CoreResult<Vec<C64>> {
        Err(no_amplitudes())
    }

    fn amplitude(&mut self, _values: &[f64], _index: u64) -> CoreResult<C64> {
        Err(no_amplitudes())
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        let qubits: Vec<usize> = (0..self.program.num_qubits).collect();
        let index = bits.first().copied().unwrap_or_default() as usize;
        Ok(self.probabilities(values, &qubits)?[index])
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        self.bind(values)?;
        self.check(&[])?;
        self.marginal(values, qubits)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        check_shots(shots)?;
        self.bind(values)?;
        let Some(readout) = self.program.readout.clone() else { return Err(no_shots()) };
        let mut qubits: Vec<usize> = readout.iter().map(|read| read.qubit).collect();
        qubits.sort_unstable();
        qubits.dedup();
        let shares = self.marginal(values, &qubits)?;
        let counts = draw(&shares, shots, &mut Philox::new(seed, 0));
        let words = self.program.num_clbits.div_ceil(64).max(1);
        let mut rows = vec![0u64; words * counts.len()];
        for read in &readout {
            let place = qubits.binary_search(&read.qubit).unwrap_or_default();
            for (outcome, row) in rows.chunks_exact_mut(words).enumerate() {
                let (word, bit) = (read.clbit / 64, read.clbit % 64);
                row[word] = row[word] & !(1 << bit) | (outcome as u64 >> place & 1) << bit;
            }
        }
        Ok(Counts::from_rows(self.program.num_clbits, words, rows, counts))
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.bind(values)?;
        self.check(observables)?;
        self.values(observables, |this, observable| this.one(observable, values))
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        let means = self.expectation(values, observables)?;
        let squares = observables.iter().map(|observable| {
            let products = observable.terms().len().saturating_mul(observable.terms().len());
            if products > MOST_SQUARES {
                return Err(CoreError::limit("products of terms in a variance", MOST_SQUARES, products));
            }
            observable.times(observable)
        });
        let squares: Vec<Observable> = squares.collect::<CoreResult<_>>()?;
        let squares = self.values(&squares, |this, square| this.one(square, values))?;
        Ok(squares.iter().zip(means).map(|(square, mean)| (square - mean * mean).max(0.0)).collect())
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        check_values(values, self.program.num_parameters)?;
        self.check(&[observable])?;
        if self.open.is_some() {
            let message =
                "the pauli engine has no derivatives of gates that become rotations only at given values";
            return Err(CoreError::new(ErrorCode::Unsupported, message));
        }
        let found = gradient(&self.program, &self.hashes, observable, values, self.bounds)?;
        (self.dropped, self.most) = (found.dropped, found.most);
        Ok((found.value, found.slopes))
    }

    /// Each term is measured on its own: its value alone says how its outcomes are distributed.
    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        check_shots(shots)?;
        if self.program.misreads {
            return Err(no_shots());
        }
        let num_qubits = self.program.num_qubits;
        let (constant, terms): (Vec<_>, Vec<_>) =
            observable.terms().iter().cloned().partition(|(string, _)| string.factors().is_empty());
        enough_shots(terms.len(), shots)?;
        let weights: Vec<f64> = terms.iter().map(|(_, weight)| weight.abs()).collect();
        let single = |(string, _): &(PauliString, f64)| {
            Observable::from_terms(num_qubits, vec![(string.clone(), 1.0)])
        };
        let singles: Vec<Observable> = terms.iter().map(single).collect::<CoreResult<_>>()?;
        let means = self.expectation(values, &singles.iter().collect::<Vec<_>>())?;
        let (mut sum, mut variance) = (constant.iter().map(|(_, weight)| weight).sum::<f64>(), 0.0);
        for (k, part) in share(&weights, shots).into_iter().enumerate().take(terms.len()) {
            let ones = ((1.0 - means[k]) / 2.0).clamp(0.0, 1.0);
            let counts = draw(&[1.0 - ones, ones], part, &mut Philox::new(seed, k as u64));
            let weight = terms[k].1;
            let values = [(weight, counts[0] as f64), (-weight, counts[1] as f64)];
            let (mean, spread) = moments(&values, part, weight.abs());
            sum += mean;
            variance += spread / part as f64;
        }
        Ok((sum, variance.sqrt()))
    }

    fn expectations(&mut self, sets: &[f64], observable: &Observable) -> CoreResult<Vec<f64>> {
        self.check(&[observable])?;
        if self.open.is_some() {
            return each_set(sets, self.program.num_parameters)?
                .map(|values| Ok(self.expectation(values, &[observable])?[0]))
                .collect();
        }
        let sets: Vec<&[f64]> = each_set(sets, self.program.num_parameters)?.collect();
        sets.iter().try_for_each(|values| check_values(values, self.program.num_parameters))?;
        self.values(&sets, |this, values| this.one(observable, values))
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        vec![
            ("precision", Fact::Text("f64".into())),
            ("pauli_terms", Fact::Count(self.most as u64)),
            ("truncation_error_bound", Fact::Number(self.dropped)),
        ]
    }
}

fn no_amplitudes() -> CoreError {
    let message = "the pauli engine gives no amplitudes: it computes expectation values of Pauli products";
    CoreError::new(ErrorCode::Unsupported, message)
        .with_hint("ask for expectation values, or use another engine")
}

fn no_shots() -> CoreError {
    let message = "the pauli engine draws shots only where measurements come last and neither noise nor misreading touches them";
    CoreError::new(ErrorCode::Unsupported, message)
        .with_hint("ask for exact expectation values, without shots, or use another engine")
}

/// How often each outcome comes in so many independent draws.
fn draw(shares: &[f64], shots: u64, random: &mut Philox) -> Vec<u64> {
    let mut sums = Vec::with_capacity(shares.len());
    let total = shares.iter().fold(0.0, |sum, part| {
        sums.push(sum + part);
        sum + part
    });
    let last = shares.iter().rposition(|part| *part > 0.0).unwrap_or(0);
    let mut counts = vec![0; shares.len()];
    for _ in 0..shots {
        let at = random.uniform() * total;
        counts[sums.partition_point(|sum| *sum <= at).min(last)] += 1;
    }
    counts
}
