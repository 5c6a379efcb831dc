//! A circuit ready to run on the chain.
use super::Mps;
use super::chain::{Chain, Limits, Loss};
use super::draw::{Drawing, draw};
use super::lower::Program;
use super::order::Layout;
use super::run::{Numbers, final_chain};
use super::{shots, sweep, tree};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::Observable;
use crate::sim::counts::Counts;
use crate::sim::engine::{Fact, Prepared, Resources, check_basis_state, check_shots, check_values};
use crate::sim::estimate::check_widths;
use crate::sim::memory;
use crate::sim::program::Code;
use crate::sim::reduced::check_qubits;
use crate::sim::share::Share;
use crate::sim::snapshot::Watch;
use crate::sim::tally::Tally;
use crate::sim::workers::Workers;

/// See `Prepared`. The last state is kept for more questions about the same values.
pub(super) struct PreparedChain {
    program: Program,
    layout: Layout,
    limits: Limits,
    workers: Workers,
    values: Vec<f64>,
    last: Option<Chain>,
    loss: Loss,
    bytes: u64,
    /// Who looks after the next run.
    watch: Option<Box<dyn Watch>>,
}

impl PreparedChain {
    pub fn new(program: Program, layout: Layout, engine: &Mps, resources: Resources) -> CoreResult<Self> {
        Ok(PreparedChain {
            program,
            layout,
            limits: Limits { truncation: engine.truncation(), memory_bytes: resources.memory_limit_bytes },
            workers: Workers::new(resources.threads)?,
            values: Vec::new(),
            last: None,
            loss: Loss::default(),
            bytes: 0,
            watch: None,
        })
    }

    /// The final state of a circuit that neither measures nor resets, its centre at the first site.
    fn run(&mut self, values: &[f64]) -> CoreResult<&Chain> {
        if self.program.collapses {
            let message = "the circuit measures or resets, so it has no single final state";
            return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message)
                .with_hint("take the circuit without its measurements, or sample it"));
        }
        self.settle(values)
    }

    /// The state before the final measurements of a circuit that collapses nothing before them.
    fn settle(&mut self, values: &[f64]) -> CoreResult<&Chain> {
        check_values(values, self.program.num_parameters)?;
        let kept = self.last.take().filter(|_| self.values == values);
        let chain = match kept {
            Some(chain) => chain,
            None => {
                let numbers = Numbers::new(&self.program, &self.layout, values)?;
                final_chain(&self.program, &numbers, &self.layout, self.limits, self.watch.take())?
            }
        };
        self.values = values.to_vec();
        (self.loss, self.bytes) = (chain.loss, chain.bytes() as u64);
        Ok(self.last.insert(chain))
    }

    fn collapses_early(&self) -> bool {
        self.program.codes.iter().any(|code| matches!(code, Code::Measure { .. } | Code::Reset { .. }))
    }
}

impl Prepared for PreparedChain {
    fn num_parameters(&self) -> usize {
        self.program.num_parameters
    }

    fn num_qubits(&self) -> usize {
        self.program.num_qubits
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        memory::check(self.program.num_qubits, 3, self.limits.memory_bytes)?;
        Ok(self.run(values)?.state())
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        check_basis_state(index, self.program.num_qubits)?;
        Ok(self.run(values)?.amplitude(&[index]))
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        Ok(self.run(values)?.amplitude(bits).norm_sqr())
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        check_qubits(qubits, self.program.num_qubits)?;
        if qubits.len() == self.program.num_qubits {
            let state = self.state(values)?;
            let index =
                |key: usize| -> usize { qubits.iter().enumerate().map(|(k, q)| (key >> k & 1) << q).sum() };
            return Ok((0..state.len()).map(|key| state[index(key)].norm_sqr()).collect());
        }
        sweep::probabilities(self.run(values)?, qubits)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.sample_share(values, shots, seed, Share::WHOLE)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        check_shots(shots)?;
        let mut tally = Tally::new(self.program.start().clbits.len());
        if self.collapses_early() {
            check_values(values, self.program.num_parameters)?;
            let numbers = Numbers::new(&self.program, &self.layout, values)?;
            let start = Chain::zero(&self.layout.place, self.limits);
            (tally, self.loss) = {
                let division = share.division(shots);
                tree::sample(&self.program, &numbers, start, (shots, seed), division, &self.workers)?
            };
        } else {
            let workers = self.workers.clone();
            self.settle(values)?;
            let is_counted = share.division(shots).counts(false, 0, 0);
            if let Some(chain) = self.last.as_ref().filter(|_| is_counted) {
                let drawing = Drawing { chain, clbits: tree::written(&self.program, chain), seed };
                draw(&drawing, (shots, 0), &self.program.start().clbits, &workers, &mut tally)?;
            }
        }
        Ok(tally.finish(self.program.num_clbits))
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        check_widths(observables, self.program.num_qubits)?;
        let chain = self.run(values)?;
        Ok(observables.iter().map(|observable| sweep::expectation(chain, observable)).collect())
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        check_widths(observables, self.program.num_qubits)?;
        let squares = observables.iter().map(|o| o.times(o)).collect::<CoreResult<Vec<_>>>()?;
        let chain = self.run(values)?;
        let variance = |(observable, square): (&&Observable, &Observable)| {
            let mean = sweep::expectation(chain, observable);
            (sweep::expectation(chain, square) - mean * mean).max(0.0)
        };
        Ok(observables.iter().zip(&squares).map(variance).collect())
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        if self.program.num_parameters > 0 {
            let message = "the matrix-product-state engine has no derivatives";
            return Err(CoreError::new(ErrorCode::Unsupported, message)
                .with_hint("use the parameter-shift rule or finite differences"));
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
        shots::estimate(self.run(values)?, observable, (shots, seed), &workers)
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        vec![
            ("precision", Fact::Text("f64".to_string())),
            ("max_bond", Fact::Count(self.loss.largest_bond as u64)),
            ("truncation_error", Fact::Number(self.loss.infidelity_bound())),
            ("fidelity_estimate", Fact::Number(self.loss.fidelity_estimate())),
            ("state_bytes", Fact::Count(self.bytes)),
        ]
    }
}
