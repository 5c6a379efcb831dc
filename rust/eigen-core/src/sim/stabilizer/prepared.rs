//! A circuit ready to run on the tableau.
use std::collections::HashMap;

use super::super::counts::Counts;
use super::super::engine::{Prepared, check_listed, check_shots, check_values};
use super::super::estimate::check_widths;
use super::super::share::Share;
use super::super::snapshot::Watch;
use super::super::tally::Tally;
use super::super::workers::Workers;
use super::affine::Affine;
use super::batch::{self, Batches, Reference};
use super::lower::{Program, lower};
use super::noise::Noise;
use super::path::Path;
use super::run::{readout, reference};
use super::tableau::Tableau;
use super::{check_bytes, check_memory, estimate, histories, tree};
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::Observable;

/// How shots are drawn.
enum Way {
    /// Only the end is measured.
    Affine,
    /// Every shot takes the same path.
    Frames,
    /// Outcomes decide.
    Tree,
    /// Outcomes decide, and there is noise.
    Histories,
}

/// See `Prepared`. The last tableau is kept for more questions about the same values.
pub(super) struct PreparedTableau {
    /// The circuit when it has parameters: it is translated for each set of values.
    open: Option<Circuit>,
    num_parameters: usize,
    noise: Option<Noise>,
    program: Program,
    /// How frames walk the program, where they can, with the reference shot once it is known.
    path: Option<Path>,
    reference: Option<Reference>,
    memory_limit_bytes: u64,
    workers: Workers,
    values: Vec<f64>,
    last: Option<Tableau>,
    /// Who looks after the next run.
    watch: Option<Box<dyn Watch>>,
}

impl PreparedTableau {
    pub fn new(
        circuit: &Circuit,
        noise: Option<Noise>,
        memory_limit_bytes: u64,
        workers: Workers,
    ) -> CoreResult<Self> {
        let num_parameters = circuit.symbols().len();
        let program = lower(circuit, None, noise.as_ref())?;
        Ok(PreparedTableau {
            path: Path::new(&program),
            reference: None,
            program,
            noise,
            open: (num_parameters > 0).then(|| circuit.clone()),
            num_parameters,
            memory_limit_bytes,
            workers,
            values: Vec::new(),
            last: None,
            watch: None,
        })
    }

    /// Checks parameter values and translates the circuit for them.
    pub(super) fn bind(&mut self, values: &[f64]) -> CoreResult<()> {
        check_values(values, self.num_parameters)?;
        if let Some(circuit) = &self.open
            && self.values != values
        {
            self.last = None;
            self.values.clear();
            self.reference = None;
            self.program = lower(circuit, Some(values), self.noise.as_ref())?;
            self.path = Path::new(&self.program);
            self.values = values.to_vec();
        }
        Ok(())
    }

    /// The final tableau of a circuit that neither measures nor resets.
    fn run(&mut self, values: &[f64]) -> CoreResult<&Tableau> {
        if self.program.collapses {
            let message = "the circuit measures or resets, so it has no single final state";
            return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message)
                .with_hint("take the circuit without its measurements, or sample it"));
        }
        self.bind(values)?;
        match self.last.take() {
            Some(tableau) => Ok(self.last.insert(tableau)),
            None => Ok(self.last.insert(reference(&self.program, self.watch.take())?.tableau)),
        }
    }

    /// How shots of the bound program are drawn.
    fn way(&self) -> Way {
        let program = &self.program;
        let is_straight = self.path.as_ref().is_some_and(|path| !path.chooses);
        match (&self.path, program.is_noisy()) {
            (_, false) if is_straight && !program.collapses_early() => Way::Affine,
            (Some(_), _) => Way::Frames,
            (None, false) => Way::Tree,
            (None, true) => Way::Histories,
        }
    }

    fn sample_affine(&mut self, shots: u64, seed: u64) -> CoreResult<Tally> {
        if self.last.is_none() {
            self.last = Some(reference(&self.program, self.watch.take())?.tableau);
        }
        let clbits = self.program.start().clbits;
        let mut tally = Tally::new(clbits.len());
        if let Some(tableau) = &self.last {
            let affine = readout(&self.program, tableau, clbits);
            affine.sample(shots, (seed, 0), &self.workers, &mut tally)?;
        }
        Ok(tally)
    }

    /// The frames of the bound program, where it has a path.
    fn batches(&mut self) -> CoreResult<Batches<'_>> {
        let program = &self.program;
        let frames = batch::bytes(program.num_qubits, program.num_clbits);
        check_bytes(frames * self.workers.count() as u128, self.memory_limit_bytes, || {
            format!("the frames of {} qubits", program.num_qubits)
        })?;
        if let (None, Some(path)) = (&self.reference, &self.path) {
            self.reference = Some(Reference::new(program, path, self.watch.take())?);
        }
        match (&self.path, &self.reference) {
            (Some(path), Some(reference)) => Ok(Batches { program, path, reference, workers: &self.workers }),
            _ => Err(CoreError::new(ErrorCode::Unsupported, "outcomes decide about the path of the circuit")),
        }
    }

    /// The joint outcomes of some qubits: bit `k` of a key is `qubits[k]`.
    fn outcomes(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Affine> {
        let tableau = self.run(values)?;
        let rows = qubits.iter().enumerate().map(|(k, qubit)| (tableau.image_of_z(*qubit), k));
        Ok(Affine::new(vec![0; qubits.len().div_ceil(64).max(1)], rows))
    }
}

impl Prepared for PreparedTableau {
    fn num_parameters(&self) -> usize {
        self.num_parameters
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
        let outcomes = self.outcomes(values, &qubits)?;
        Ok(if outcomes.contains(bits) { libm::exp2(-(outcomes.free() as f64)) } else { 0.0 })
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        check_listed(qubits, self.program.num_qubits)?;
        let outcomes = self.outcomes(values, qubits)?;
        let mut out = vec![0.0; 1 << qubits.len()];
        let mut key = outcomes.base()[0];
        // All sums of effects in the order of a Gray code: each step changes one free bit.
        for step in 1..=1usize << outcomes.free() {
            out[key as usize] = libm::exp2(-(outcomes.free() as f64));
            if let Some(effect) = outcomes.effects().get(step.trailing_zeros() as usize) {
                key ^= effect[0];
            }
        }
        Ok(out)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.sample_share(values, shots, seed, Share::WHOLE)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        check_shots(shots)?;
        self.bind(values)?;
        let tally = match self.way() {
            Way::Affine if share.division(shots).counts(false, 0, 0) => self.sample_affine(shots, seed)?,
            Way::Affine => Tally::new(self.program.start().clbits.len()),
            Way::Frames => self.batches()?.tally(shots, seed, share)?,
            Way::Tree => {
                check_memory(self.program.num_qubits, tree::most_tableaux(shots), self.memory_limit_bytes)?;
                tree::sample(&self.program, (shots, seed), share.division(shots), &self.workers)?
            }
            Way::Histories => {
                let mut tally = Tally::new(self.program.start().clbits.len());
                let shots = share.of(shots);
                let count = (shots.end - shots.start) as usize;
                tally.check(count)?;
                let keys = histories::sample(&self.program, shots, seed, &self.workers)?;
                tally.add_rows(&keys, &vec![1; count])?;
                tally
            }
        };
        Ok(tally.finish(self.program.num_clbits))
    }

    fn sample_bits(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Vec<u8>> {
        check_shots(shots)?;
        self.bind(values)?;
        if self.path.is_none() {
            return self.sample(values, shots, seed)?.shuffled(seed);
        }
        let width = self.program.num_clbits.div_ceil(8);
        check_bytes(width as u128 * u128::from(shots), self.memory_limit_bytes, || {
            format!("{shots} shots of {width} bytes")
        })?;
        let mut out = vec![0; width * shots as usize];
        self.batches()?.packed(seed, &mut out)?;
        Ok(out)
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        check_widths(observables, self.program.num_qubits)?;
        let tableau = self.run(values)?;
        let value = |observable: &&Observable| {
            observable.terms().iter().map(|(string, weight)| weight * estimate::mean(tableau, string)).sum()
        };
        Ok(observables.iter().map(value).collect())
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        check_widths(observables, self.program.num_qubits)?;
        let tableau = self.run(values)?;
        // Each term takes |0…0> to one basis state with a phase: the square is the norm of their sum.
        let variance = |observable: &&Observable| {
            let mut image: HashMap<Vec<u64>, C64> = HashMap::new();
            let mut mean = 0.0;
            for (string, weight) in observable.terms() {
                let row = tableau.image(string);
                let phase = [C64::ONE, C64::I, -C64::ONE, -C64::I][usize::from(row.phase)];
                *image.entry(row.x().to_vec()).or_insert(C64::ZERO) += phase * *weight;
                mean += weight * estimate::mean(tableau, string);
            }
            let mut squares: Vec<f64> = image.values().map(|value| value.norm_sqr()).collect();
            squares.sort_by(f64::total_cmp);
            (squares.iter().sum::<f64>() - mean * mean).max(0.0)
        };
        Ok(observables.iter().map(variance).collect())
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        if self.num_parameters > 0 {
            let message =
                "the stabilizer engine has no derivatives: between quarter turns circuits are not Clifford";
            return Err(CoreError::new(ErrorCode::Unsupported, message));
        }
        Ok((self.expectation(values, &[observable])?[0], Vec::new()))
    }

    fn look_after(&mut self, watch: Option<Box<dyn Watch>>) -> bool {
        self.watch = watch;
        true
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        check_shots(shots)?;
        check_widths(&[observable], self.program.num_qubits)?;
        let workers = self.workers.clone();
        let tableau = self.run(values)?;
        estimate::estimate(tableau, observable, (shots, seed), &workers)
    }
}

fn no_amplitudes() -> CoreError {
    let message =
        "the stabilizer engine gives no amplitudes: a tableau does not keep the phase of the whole state";
    CoreError::new(ErrorCode::Unsupported, message).with_hint("ask for probabilities or expectation values")
}
