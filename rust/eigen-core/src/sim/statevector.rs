//! The state-vector engine: all 2^n amplitudes in f64, exact up to rounding.
use super::branch::Sampler;
use super::counts::Counts;
use super::engine::{
    Capabilities, Engine, Fact, Prepared, Resources, check_basis_state, check_shots, check_values,
};
use super::lanes::SmallState;
use super::pauli_sum::{PauliSum, inner_product};
use super::precision::Precision;
use super::program::{Program, Stop};
use super::reduced::check_qubits;
use super::share::Share;
use super::snapshot::{About, Tour, Watch};
use super::standing::{Shots, Standing, to_words};
use super::state::State;
use super::unroll::unrolled;
use super::vector::instruction_set;
use super::workers::Workers;
use super::{estimate, lower, memory};
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::Observable;

/// The engine that keeps the whole state.
#[derive(Clone, Copy, Debug, Default)]
pub struct StateVector {
    /// How amplitudes are kept.
    pub precision: Precision,
}

impl Engine for StateVector {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "statevector",
            is_exact: true,
            is_dynamic: true,
            has_gradients: self.precision == Precision::F64,
            bytes_per_amplitude: self.precision.amplitude_bytes(),
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        let unrolled = unrolled(circuit);
        let circuit = unrolled.as_ref().unwrap_or(circuit);
        let plain = self.prepare_plain(circuit, resources)?;
        match self.precision {
            Precision::F64 => Ok(SmallState::wrap(plain, circuit, resources)),
            Precision::F32 => Ok(plain),
        }
    }
}

impl StateVector {
    /// The whole state for every question.
    pub(crate) fn prepare_plain(
        &self,
        circuit: &Circuit,
        resources: Resources,
    ) -> CoreResult<Box<dyn Prepared>> {
        let precision = self.precision;
        let (num_qubits, limit_bytes) = (circuit.num_qubits(), resources.memory_limit_bytes);
        memory::check_in(num_qubits, 1, precision, limit_bytes)?;
        let spare_bytes = memory::spare_bytes(num_qubits, precision, limit_bytes);
        let program = lower::lower(circuit, precision, spare_bytes)?;
        let is_small = num_qubits <= super::tile::TILE_QUBITS;
        let workers = if is_small { Workers::ONE } else { Workers::new(resources.threads)? };
        Ok(Box::new(PreparedState {
            program,
            workers,
            resources,
            is_small,
            state: None,
            second: None,
            watch: None,
        }))
    }
}

struct PreparedState {
    program: Program,
    workers: Workers,
    resources: Resources,
    /// Whether a state is too small to be shared between threads.
    is_small: bool,
    /// The state of the last run; its memory is used again.
    state: Option<State>,
    /// A second state for gradients and variances.
    second: Option<State>,
    /// Who looks after the next run.
    watch: Option<Box<dyn Watch>>,
}

impl PreparedState {
    /// Binds and runs a circuit that neither measures nor resets.
    fn run(&mut self, values: &[f64]) -> CoreResult<&State> {
        if self.program.collapses {
            let message = "the circuit measures or resets, so it has no single final state";
            return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message)
                .with_hint("take the circuit without its measurements, or sample it"));
        }
        self.bind(values)?;
        let mut state = self.fresh()?;
        let stop = match self.watch.take() {
            None => self.program.advance(&mut self.program.start(), &mut state, &self.workers),
            Some(mut watch) => self.watched(&mut state, watch.as_mut()),
        };
        let state = self.state.insert(state);
        match stop? {
            Stop::End => Ok(state),
            stop => {
                Err(CoreError::new(ErrorCode::Internal, format!("a unitary circuit stopped at {stop:?}")))
            }
        }
    }

    /// The same run with somebody who looks after it.
    fn watched(&self, state: &mut State, watch: &mut dyn Watch) -> CoreResult<Stop> {
        let (program, workers) = (&self.program, &self.workers);
        let identity = || program.identity("state");
        let mut tour = Tour::new(watch, self.about(&identity));
        let standing = tour.restore(|words, numbers, reader| {
            let standing = Standing::of_words(words, program, 0)?;
            state.restore(&program.segments[standing.mark.segment], numbers, reader, workers)?;
            Ok(standing)
        })?;
        let (mut mark, mut cursor) = match standing {
            Some(standing) => (Some(standing.mark), standing.cursor),
            None => {
                state.reset();
                (None, program.start())
            }
        };
        let nobody = Shots { shots: 0, stream: 0, outcomes: &[] };
        program.advance_from(&mut mark, &mut cursor, state, workers, &mut |cursor, mark, numbers| {
            let words = || to_words(mark, cursor, nobody, [].into_iter(), (&[], &[]));
            tour.passed(1, words, numbers.len() as u64, |writer| numbers.write(writer, workers))
        })
    }

    fn about<'a>(&self, identity: &'a dyn Fn() -> String) -> About<'a> {
        About {
            engine: "statevector",
            precision: self.program.precision.name(),
            num_qubits: self.program.num_qubits,
            of: self.program.straight_passes() as u64,
            identity,
        }
    }

    fn bind(&mut self, values: &[f64]) -> CoreResult<()> {
        check_values(values, self.program.num_parameters)?;
        if !self.program.bind(values) {
            return Err(parameter("an angle overflows for these values of the parameters".to_string()));
        }
        Ok(())
    }

    /// |0…0> in the kept memory, or in new.
    fn fresh(&mut self) -> CoreResult<State> {
        match self.state.take() {
            Some(mut state) => {
                state.reset();
                Ok(state)
            }
            None => memory::allocate_in(self.program.num_qubits, self.program.precision),
        }
    }

    /// A second state of any content.
    fn another(&mut self) -> CoreResult<State> {
        memory::check_in(
            self.program.num_qubits,
            2,
            self.program.precision,
            self.resources.memory_limit_bytes,
        )?;
        self.second
            .take()
            .map_or_else(|| memory::allocate_in(self.program.num_qubits, self.program.precision), Ok)
    }

    fn pauli_sum(&self, observable: &Observable) -> CoreResult<PauliSum> {
        estimate::pauli_sum(observable, self.program.num_qubits)
    }
}

impl Prepared for PreparedState {
    fn num_parameters(&self) -> usize {
        self.program.num_parameters
    }

    fn num_qubits(&self) -> usize {
        self.program.num_qubits
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        memory::check_in(
            self.program.num_qubits,
            2,
            self.program.precision,
            self.resources.memory_limit_bytes,
        )?;
        self.second = None;
        Ok(self.run(values)?.to_vec())
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        check_basis_state(index, self.program.num_qubits)?;
        Ok(self.run(values)?.get(index as usize))
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        let num_qubits = self.program.num_qubits;
        check_qubits(qubits, num_qubits)?;
        let state = self.run(values)?;
        if qubits.iter().enumerate().all(|(k, q)| k == *q) && qubits.len() == num_qubits {
            return Ok((0..state.len()).map(|index| state.get(index).norm_sqr()).collect());
        }
        let mut out = vec![0.0; 1 << qubits.len()];
        for index in 0..state.len() {
            let key: usize = qubits.iter().enumerate().map(|(k, q)| (index >> q & 1) << k).sum();
            out[key] += state.get(index).norm_sqr();
        }
        Ok(out)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.sample_share(values, shots, seed, Share::WHOLE)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        check_shots(shots)?;
        self.bind(values)?;
        let is_branching = self.is_small && shots > 1 && self.program.codes.len() > 1;
        let branch_workers = if is_branching { Workers::new(self.resources.threads)? } else { Workers::ONE };
        let state = self.fresh()?;
        self.second = None;
        let sampler = Sampler {
            program: &self.program,
            workers: &self.workers,
            branch_workers: &branch_workers,
            seed,
            division: share.division(shots),
            most_states: memory::states_within_in(
                self.program.num_qubits,
                self.program.precision,
                self.resources.memory_limit_bytes,
            ),
        };
        let identity = || self.program.identity(&format!("sample {shots} {seed}"));
        let mut watch = self.watch.take().filter(|_| !self.is_small && share.is_whole());
        let tour = watch.as_mut().map(|watch| Tour::new(watch.as_mut(), self.about(&identity)));
        let (tally, state) = sampler.run(state, shots, tour)?;
        self.state = Some(state);
        Ok(tally.finish(self.program.num_clbits))
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        let sums: Vec<PauliSum> = observables.iter().map(|o| self.pauli_sum(o)).collect::<CoreResult<_>>()?;
        let workers = self.workers.clone();
        let state = self.run(values)?;
        Ok(sums.iter().map(|sum| sum.expectation(state, &workers)).collect())
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.program.precision.only_double("variances")?;
        let sums: Vec<PauliSum> = observables.iter().map(|o| self.pauli_sum(o)).collect::<CoreResult<_>>()?;
        let mut image = self.another()?;
        let workers = self.workers.clone();
        let state = self.run(values)?;
        let variance = |sum: &PauliSum| {
            sum.apply(state, &mut image, &workers);
            let mean = inner_product(state, &image, &workers).re;
            (inner_product(&image, &image, &workers).re - mean * mean).max(0.0)
        };
        let out = sums.iter().map(variance).collect();
        self.second = Some(image);
        Ok(out)
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        self.program.precision.only_double("gradients")?;
        let sum = self.pauli_sum(observable)?;
        if self.program.single_segment().is_none() && !self.program.collapses {
            let message = "the circuit's control flow is too long to be written out, so it has no derivative";
            return Err(CoreError::new(ErrorCode::Unsupported, message)
                .with_hint("use finite differences, or a shorter loop"));
        }
        let mut bra = self.another()?;
        self.run(values)?;
        let mut ket = self.fresh_from_run()?;
        sum.apply(&ket, &mut bra, &self.workers);
        let value = inner_product(&ket, &bra, &self.workers).re;
        let mut gradient = vec![0.0; values.len()];
        if let Some(segment) = self.program.single_segment().flatten() {
            segment.add_gradient(values, &mut ket, &mut bra, &self.workers, &mut gradient);
        }
        (self.state, self.second) = (Some(ket), Some(bra));
        Ok((value, gradient))
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        check_shots(shots)?;
        let groups = estimate::groups(observable, self.program.num_qubits, self.program.precision)?;
        let mut copy = self.another()?;
        let workers = self.workers.clone();
        let state = self.run(values)?;
        let out = estimate::estimate(&groups, state, &mut copy, estimate::Draw { shots, seed }, &workers);
        self.second = Some(copy);
        out
    }

    fn look_after(&mut self, watch: Option<Box<dyn Watch>>) -> bool {
        self.watch = watch;
        true
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        let text = |text: &str| Fact::Text(text.to_string());
        let mut facts = vec![
            ("precision", text(self.program.precision.name())),
            ("instruction_set", text(instruction_set())),
            ("passes", Fact::Count(self.program.num_passes() as u64)),
            ("threads", Fact::Count(self.workers.count() as u64)),
        ];
        let grown = self.program.grown_from().map(|qubits| ("grown_from_qubits", Fact::Count(qubits as u64)));
        facts.extend(grown);
        facts
    }
}

impl PreparedState {
    /// Takes the state that the last run left.
    fn fresh_from_run(&mut self) -> CoreResult<State> {
        self.state.take().ok_or_else(|| CoreError::new(ErrorCode::Internal, "a run left no state"))
    }
}

fn parameter(message: String) -> CoreError {
    CoreError::new(ErrorCode::ParameterInvalid, message)
}
