//! A circuit made ready for the density-matrix engine.
use std::sync::Arc;

use super::lower::lower;
use super::read::{Entries, Masked, measured, recorded};
use super::shift::{Occurrence, separated};
use super::walk::Walk;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::noise::{Model, Sites};
use crate::observable::Observable;
use crate::sim::collapse;
use crate::sim::counts::Counts;
use crate::sim::engine::{Fact, Prepared, Resources, check_shots, check_values};
use crate::sim::estimate;
use crate::sim::memory;
use crate::sim::precision::Precision;
use crate::sim::program::{Code, Program, Stop};
use crate::sim::reduced::{check_qubits, check_reduced};
use crate::sim::share::Share;
use crate::sim::state::State;
use crate::sim::tally::Tally;
use crate::sim::workers::Workers;

/// Qubits beyond which no machine holds a density matrix; masks have room for twice as many.
const MOST_QUBITS: usize = 24;
/// Qubits whose density matrix is too small to be shared between threads.
const SMALL_QUBITS: usize = 7;

pub(crate) struct PreparedDensity {
    circuit: Circuit,
    sites: Option<Sites>,
    program: Program,
    workers: Workers,
    resources: Resources,
    /// The circuit with separate angles, made when a gradient is first asked for.
    separate: Option<(Program, Vec<Occurrence>)>,
    /// Memory of the last run.
    state: Option<State>,
    confusion: Vec<Option<[[f64; 2]; 2]>>,
}

impl PreparedDensity {
    pub fn new(circuit: &Circuit, noise: Option<Arc<Model>>, resources: Resources) -> CoreResult<Self> {
        let num_qubits = circuit.num_qubits();
        check_memory(num_qubits, 1, resources.memory_limit_bytes)?;
        let spare_bytes = memory::spare_bytes(2 * num_qubits, Precision::F64, resources.memory_limit_bytes);
        let sites = noise.map(|noise| noise.sites(circuit)).transpose()?;
        let is_small = num_qubits <= SMALL_QUBITS;
        Ok(PreparedDensity {
            program: lower(circuit, sites.as_ref(), spare_bytes)?,
            workers: if is_small { Workers::ONE } else { Workers::new(resources.threads)? },
            resources,
            separate: None,
            state: None,
            confusion: (0..num_qubits).map(|q| sites.as_ref().and_then(|sites| sites.readout(q))).collect(),
            circuit: circuit.clone(),
            sites,
        })
    }

    fn fresh(&mut self) -> CoreResult<State> {
        match self.state.take() {
            Some(mut state) => {
                state.reset();
                state.settle();
                Ok(state)
            }
            None => memory::allocate(2 * self.program.num_qubits),
        }
    }

    /// Runs the circuit; measurements whose results nothing reads take the coherence of their qubits and no more.
    fn run(&mut self, values: &[f64]) -> CoreResult<Entries<'_>> {
        let decides = |code: &Code| matches!(code, Code::Unless { .. });
        if self.program.codes.iter().any(decides) && self.program.collapses {
            let message =
                "what the circuit does depends on its measurements, so it has no single final state";
            return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message).with_hint("sample the circuit"));
        }
        bind(&mut self.program, values)?;
        let mut state = self.fresh()?;
        let done = evolve(&self.program, &mut state, &self.workers);
        let state = self.state.insert(state);
        done.map(|()| Entries { state, num_qubits: self.program.num_qubits })
    }

    fn separate(&mut self) -> CoreResult<&mut (Program, Vec<Occurrence>)> {
        if self.separate.is_none() {
            let (circuit, occurrences) = separated(&self.circuit)?;
            self.separate = Some((lower(&circuit, self.sites.as_ref(), 0)?, occurrences));
        }
        self.separate.as_mut().ok_or_else(|| CoreError::new(ErrorCode::Internal, "no separate angles"))
    }

    fn masked(&self, observables: &[&Observable]) -> CoreResult<Vec<Masked>> {
        observables.iter().map(|o| measured(o, self.program.num_qubits, &self.confusion)).collect()
    }
}

fn bind(program: &mut Program, values: &[f64]) -> CoreResult<()> {
    check_values(values, program.num_parameters)?;
    if program.bind(values) {
        return Ok(());
    }
    let message = "an angle overflows for these values of the parameters";
    Err(CoreError::new(ErrorCode::ParameterInvalid, message))
}

fn evolve(program: &Program, state: &mut State, workers: &Workers) -> CoreResult<()> {
    let mut cursor = program.start();
    loop {
        match program.advance(&mut cursor, state, workers)? {
            Stop::End | Stop::Reset { .. } => return Ok(()),
            Stop::Measure { qubit, .. } => dephase(state, qubit, program.num_qubits)?,
        }
    }
}

/// Takes all coherence between the values of a qubit.
fn dephase(state: &mut State, qubit: usize, num_qubits: usize) -> CoreResult<()> {
    let mut other = memory::copy_of(state)?;
    for (part, value) in [(&mut *state, false), (&mut other, true)] {
        collapse::project(part, qubit, value, 1.0);
        collapse::project(part, qubit + num_qubits, value, 1.0);
    }
    for (sum, part) in state.blocks_mut().iter_mut().zip(other.blocks()) {
        sum.re.iter_mut().zip(part.re).for_each(|(a, b)| *a += b);
        sum.im.iter_mut().zip(part.im).for_each(|(a, b)| *a += b);
    }
    Ok(())
}

impl Prepared for PreparedDensity {
    fn num_parameters(&self) -> usize {
        self.program.num_parameters
    }

    fn num_qubits(&self) -> usize {
        self.program.num_qubits
    }

    fn state(&mut self, _: &[f64]) -> CoreResult<Vec<C64>> {
        Err(mixed("no state vector"))
    }

    fn amplitude(&mut self, _: &[f64], _: u64) -> CoreResult<C64> {
        Err(mixed("no amplitudes"))
    }

    fn density_matrix(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<C64>> {
        check_reduced(qubits, self.program.num_qubits)?;
        Ok(self.run(values)?.reduced(qubits))
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        let index = bits.first().copied().unwrap_or_default() as usize;
        let all: Vec<usize> = (0..self.program.num_qubits).collect();
        Ok(self.probabilities(values, &all)?.get(index).copied().unwrap_or_default())
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        check_qubits(qubits, self.program.num_qubits)?;
        let diagonal = self.run(values)?.diagonal();
        let seen = recorded(diagonal, qubits.iter().copied(), &self.confusion);
        let mut out = vec![0.0; 1 << qubits.len()];
        for (index, probability) in seen.into_iter().enumerate() {
            let key: usize = qubits.iter().enumerate().map(|(k, q)| (index >> q & 1) << k).sum();
            out[key] += probability.max(0.0);
        }
        Ok(out)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.sample_share(values, shots, seed, Share::WHOLE)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        check_shots(shots)?;
        bind(&mut self.program, values)?;
        let mut state = self.fresh()?;
        // A walk holds a state for each halving of its shots: with little memory the shots go in several walks.
        let states = memory::states_within(2 * self.program.num_qubits, self.resources.memory_limit_bytes);
        let most = shots.min(1u64 << states.saturating_sub(2).min(32));
        if most < shots && !share.is_whole() {
            // A run in several walks would not be the one that others do a part of.
            return Err(CoreError::limit("shots of a part with this memory", most as usize, shots as usize));
        }
        let walk = Walk {
            program: &self.program,
            confusion: &self.confusion,
            workers: &self.workers,
            seed,
            division: share.division(shots),
        };
        let mut tally = Tally::new(self.program.start().clbits.len());
        for number in 0..shots.div_ceil(most) {
            state = walk.run(state, most.min(shots - number * most), number, &mut tally)?;
        }
        self.state = Some(state);
        Ok(tally.finish(self.program.num_clbits))
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        let masked = self.masked(observables)?;
        let entries = self.run(values)?;
        Ok(masked.iter().map(|terms| entries.expectation(terms)).collect())
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        if self.confusion.iter().any(Option::is_some) {
            let message = "the variance of an observable is not defined where readout errs";
            return Err(CoreError::new(ErrorCode::Unsupported, message));
        }
        let squares = observables.iter().map(|o| o.times(o)).collect::<CoreResult<Vec<_>>>()?;
        let (means, squares) = (self.masked(observables)?, self.masked(&squares.iter().collect::<Vec<_>>())?);
        let entries = self.run(values)?;
        let variance = |(mean, square): (&Masked, &Masked)| {
            let mean = entries.expectation(mean);
            (entries.expectation(square) - mean * mean).max(0.0)
        };
        Ok(means.iter().zip(&squares).map(variance).collect())
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        let value = self.expectation(values, &[observable])?[0];
        let masked = self.masked(&[observable])?;
        let (num_qubits, workers) = (self.program.num_qubits, self.workers.clone());
        let mut state = self.fresh()?;
        let (program, occurrences) = self.separate()?;
        let mut angles: Vec<f64> = occurrences.iter().map(|o| o.expression.value(values)).collect();
        let mut gradient = vec![0.0; values.len()];
        for (k, occurrence) in occurrences.iter().enumerate() {
            let angle = angles[k];
            let mut slope = 0.0;
            for (shift, weight) in &occurrence.rule {
                angles[k] = angle + shift;
                bind(program, &angles)?;
                state.reset();
                state.settle();
                evolve(program, &mut state, &workers)?;
                slope += weight * Entries { state: &state, num_qubits }.expectation(&masked[0]);
            }
            angles[k] = angle;
            for (symbol, factor) in &occurrence.expression.terms {
                gradient[*symbol as usize] += factor * slope;
            }
        }
        self.state = Some(state);
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
        let num_qubits = self.program.num_qubits;
        let groups = estimate::groups(observable, num_qubits, Precision::F64)?;
        let (confusion, workers) = (self.confusion.clone(), self.workers.clone());
        let entries = self.run(values)?;
        super::walk::estimate(entries, &groups, &confusion, estimate::Draw { shots, seed }, &workers)
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        vec![
            ("method", Fact::Text("density matrix".to_string())),
            ("precision", Fact::Text("f64".to_string())),
        ]
    }
}

fn check_memory(num_qubits: usize, matrices: u32, limit_bytes: u64) -> CoreResult<()> {
    let limit = memory::size_text(u128::from(limit_bytes));
    let needed = (16u128 << (2 * num_qubits.min(MOST_QUBITS + 1))) * u128::from(matrices);
    if num_qubits <= MOST_QUBITS && needed <= u128::from(limit_bytes) {
        return Ok(());
    }
    let message = if num_qubits > MOST_QUBITS {
        format!("the density matrix of `{num_qubits}` qubits needs 4^{num_qubits} entries; limit {limit}")
    } else {
        let size = memory::size_text(needed);
        format!(
            "the density matrix of `{num_qubits}` qubits needs 4^{num_qubits} entries = {size}; limit {limit}"
        )
    };
    Err(CoreError::new(ErrorCode::ResourceExhausted, message)
        .with_hint("ask for shots on the engine statevector, which runs noise by trajectories"))
}

fn mixed(what: &str) -> CoreError {
    CoreError::new(ErrorCode::Unsupported, format!("a density matrix has {what}"))
        .with_hint("ask for probabilities, expectation values, or the density matrix itself")
}
