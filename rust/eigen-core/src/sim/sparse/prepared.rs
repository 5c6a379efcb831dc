//! A circuit ready to run on sparse states.
use super::super::counts::Counts;
use super::super::engine::{
    Fact, Prepared, Resources, check_basis_state, check_listed, check_shots, check_values,
};
use super::super::estimate::check_widths;
use super::super::history::{self, History};
use super::super::memory;
use super::super::share::Share;
use super::super::tally::Tally;
use super::BYTES_PER_AMPLITUDE;
use super::estimate;
use super::lower::{Program, lower};
use super::state::State;
use super::walk::Walk;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::Observable;

/// See `Prepared`. The last state is kept for more questions about the same values.
pub(super) struct PreparedSparse {
    circuit: Circuit,
    memory_limit_bytes: u64,
    values: Vec<f64>,
    program: Program,
    last: Option<State>,
    peak: usize,
}

impl PreparedSparse {
    pub fn new(circuit: &Circuit, resources: Resources) -> CoreResult<Self> {
        let values = vec![0.0; circuit.symbols().len()];
        Ok(PreparedSparse {
            program: lower(circuit, &values)?,
            circuit: circuit.clone(),
            memory_limit_bytes: resources.memory_limit_bytes,
            values,
            last: None,
            peak: 0,
        })
    }

    fn bind(&mut self, values: &[f64]) -> CoreResult<()> {
        check_values(values, self.values.len())?;
        if self.values != values {
            self.last = None;
            self.program = lower(&self.circuit, values)?;
            self.values = values.to_vec();
        }
        Ok(())
    }

    /// Amplitudes that the memory holds.
    fn most(&self) -> usize {
        usize::try_from(self.memory_limit_bytes / BYTES_PER_AMPLITUDE).unwrap_or(usize::MAX)
    }

    /// The final state of a circuit that neither measures nor resets.
    fn run(&mut self, values: &[f64]) -> CoreResult<&mut State> {
        self.bind(values)?;
        if self.program.flow.collapses {
            let message = "the circuit measures or resets, so it has no single final state";
            return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message)
                .with_hint("take the circuit without its measurements, or sample it"));
        }
        let state = match self.last.take() {
            Some(state) => state,
            None => {
                let mut walk = Walk::new(&self.program, self.most());
                walk.advance()?;
                walk.state
            }
        };
        self.peak = state.peak;
        Ok(self.last.insert(state))
    }
}

impl Prepared for PreparedSparse {
    fn num_parameters(&self) -> usize {
        self.values.len()
    }

    fn num_qubits(&self) -> usize {
        self.program.num_qubits
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        let num_qubits = self.program.num_qubits;
        memory::check(num_qubits, 1, self.memory_limit_bytes)?;
        let state = self.run(values)?;
        let mut out = vec![C64::ZERO; 1 << num_qubits];
        for (key, amplitude) in state.keys.iter().zip(&state.amplitudes) {
            out[*key as usize] = *amplitude;
        }
        Ok(out)
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        check_basis_state(index, self.program.num_qubits)?;
        Ok(self.run(values)?.lookup()(u128::from(index)))
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        let key =
            bits.iter().take(2).enumerate().fold(0, |key, (k, word)| key | u128::from(*word) << (64 * k));
        Ok(self.run(values)?.lookup()(key).norm_sqr())
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        check_listed(qubits, self.program.num_qubits)?;
        let state = self.run(values)?;
        let mut out = vec![0.0; 1 << qubits.len()];
        for (key, amplitude) in state.keys.iter().zip(&state.amplitudes) {
            let index: usize =
                qubits.iter().enumerate().map(|(k, qubit)| ((key >> qubit & 1) as usize) << k).sum();
            out[index] += amplitude.norm_sqr();
        }
        Ok(out)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.sample_share(values, shots, seed, Share::WHOLE)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        check_shots(shots)?;
        self.bind(values)?;
        let walk = Walk::new(&self.program, self.most());
        let mut tally = Tally::new(self.program.start().clbits.len());
        history::sample(walk, (shots, seed), share.division(shots), &mut tally)?;
        Ok(tally.finish(self.program.num_clbits))
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        check_widths(observables, self.program.num_qubits)?;
        let state = self.run(values)?;
        Ok(observables.iter().map(|observable| estimate::mean(state, observable)).collect())
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        check_widths(observables, self.program.num_qubits)?;
        let state = self.run(values)?;
        Ok(observables.iter().map(|observable| estimate::variance(state, observable)).collect())
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        if !self.values.is_empty() {
            let message = "the sparse engine has no derivatives";
            return Err(CoreError::new(ErrorCode::Unsupported, message)
                .with_hint("use the state-vector engine, or finite differences"));
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
        check_widths(&[observable], self.program.num_qubits)?;
        estimate::sampled(self.run(values)?, observable, shots, seed)
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        vec![("amplitudes", Fact::Count(self.peak as u64))]
    }
}
