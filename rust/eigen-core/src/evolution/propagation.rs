//! `Propagation`: an evolution ready to run with values for its parameters.
use super::method::{Choice, Method, Settings, choose_open, refused};
use super::mixed::Mixed;
use super::pure::Pure;
use super::{Evolution, density};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::rng::Philox;
use crate::sim::{
    Counts, Fact, PauliSum, Resources, State, Workers, allocate, apply_circuit, check_memory, check_shots,
    pauli_sum, sample,
};

/// Up to so many qubits one thread is enough.
const SMALL_QUBITS: usize = 11;
/// The stream of random numbers that draws the shots of a final state.
const SHOT_STREAM: u64 = 1 << 40;

/// What a run gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Expectation values: `values[t * observables + o]` at `times[t]`.
    pub values: Vec<f64>,
    /// Their standard errors, where trajectories were averaged.
    pub errors: Option<Vec<f64>>,
    /// Basis states of the final state, bit `k` of a key is qubit `k`.
    pub counts: Option<Counts>,
}

/// An evolution with what may be chosen about its propagation.
pub struct Propagation {
    evolution: Evolution,
    settings: Settings,
    resources: Resources,
    workers: Workers,
    facts: Vec<(&'static str, Fact)>,
}

impl Propagation {
    /// Checks the settings and that a state fits into the memory.
    pub fn new(evolution: Evolution, settings: Settings, resources: Resources) -> CoreResult<Self> {
        settings.check(&evolution)?;
        check_memory(evolution.num_qubits(), 1, resources.memory_limit_bytes)?;
        let workers = Workers::new(resources.threads)?;
        Ok(Propagation { evolution, settings, resources, workers, facts: Vec::new() })
    }

    /// The evolution.
    pub fn evolution(&self) -> &Evolution {
        &self.evolution
    }

    /// What the last call did: method and reason, estimated error, applications of the Hamiltonian.
    pub fn facts(&self) -> &[(&'static str, Fact)] {
        &self.facts
    }

    /// Expectation values at the times, and counts of the final state when `shots` are asked for. The seed decides the
    /// trajectories and the shots.
    pub fn run(&mut self, values: &[f64], seed: u64, shots: Option<u64>) -> CoreResult<Answer> {
        shots.map_or(Ok(()), check_shots)?;
        let bound = self.evolution.bind(values)?;
        if !bound.is_open() {
            return self.run_pure(&bound, seed, shots);
        }
        let choice = choose_open(&self.settings, bound.num_qubits(), self.resources)?;
        if choice.method == Method::Density {
            return self.run_density(&bound, &choice, seed, shots);
        }
        let psi = self.initial(&bound)?;
        let mixed =
            Mixed { evolution: &bound, settings: &self.settings, choice: &choice, workers: &self.workers };
        let (means, facts) = mixed.sampled(&psi, seed, shots.unwrap_or_default())?;
        self.facts = facts;
        let counts = shots.map(|_| counted(bound.num_qubits(), means.drawn));
        Ok(Answer { values: means.values, errors: Some(means.errors), counts })
    }

    /// The final state: 2^n amplitudes. Refused with collapse operators.
    pub fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        if self.evolution.is_open() {
            return Err(CoreError::new(
                ErrorCode::Unsupported,
                "with collapse operators there is no final state vector",
            )
            .with_hint("ask for the density matrix"));
        }
        check_memory(self.evolution.num_qubits(), 3, self.resources.memory_limit_bytes)?;
        let bound = self.evolution.bind(values)?;
        Ok(self.propagate(&bound, &mut |_, _| Ok(()))?.to_vec())
    }

    /// The final density matrix, 4^n entries, `out[row + column * 2^n]`.
    pub fn density(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        let num_qubits = self.evolution.num_qubits();
        check_memory(2 * num_qubits, 2, self.resources.memory_limit_bytes)?;
        let bound = self.evolution.bind(values)?;
        if !bound.is_open() {
            let psi = self.propagate(&bound, &mut |_, _| Ok(()))?;
            return Ok(density::pure(&psi, num_qubits)?.to_vec());
        }
        let settings = Settings { method: Method::Density, ..self.settings };
        let choice = choose_open(&settings, num_qubits, self.resources)?;
        Ok(self.propagate_density(&bound, &choice, &mut |_, _| Ok(()))?.to_vec())
    }

    fn run_pure(&mut self, bound: &Evolution, seed: u64, shots: Option<u64>) -> CoreResult<Answer> {
        let sums: Vec<PauliSum> = bound
            .parts()
            .observables
            .iter()
            .map(|observable| pauli_sum(observable, bound.num_qubits()))
            .collect::<CoreResult<_>>()?;
        let mut values = Vec::with_capacity(bound.parts().times.len() * sums.len());
        let workers = self.workers_for(bound.num_qubits());
        let state = self.propagate(bound, &mut |_, state| {
            values.extend(sums.iter().map(|sum| sum.expectation(state, &workers)));
            Ok(())
        })?;
        let counts = shots.map(|shots| self.draw(bound.num_qubits(), &state, seed, shots));
        Ok(Answer { values, errors: None, counts })
    }

    fn run_density(
        &mut self,
        bound: &Evolution,
        choice: &Choice,
        seed: u64,
        shots: Option<u64>,
    ) -> CoreResult<Answer> {
        let parts = bound.parts();
        let mut values = Vec::with_capacity(parts.times.len() * parts.observables.len());
        let rho = self.propagate_density(bound, choice, &mut |_, rho| {
            let each = parts.observables.iter();
            values.extend(each.map(|observable| density::expectation(rho, observable, parts.num_qubits)));
            Ok(())
        })?;
        let counts = match shots {
            None => None,
            Some(shots) => {
                let roots = density::square_roots(&rho, parts.num_qubits)?;
                Some(self.draw(parts.num_qubits, &roots, seed, shots))
            }
        };
        Ok(Answer { values, errors: None, counts })
    }

    fn propagate(
        &mut self,
        bound: &Evolution,
        visit: &mut dyn FnMut(usize, &State) -> CoreResult<()>,
    ) -> CoreResult<State> {
        let psi = self.initial(bound)?;
        let workers = self.workers_for(bound.num_qubits());
        let pure =
            Pure { evolution: bound, settings: &self.settings, resources: self.resources, workers: &workers };
        let (state, facts) = pure.run(psi, visit)?;
        self.facts = facts;
        Ok(state)
    }

    fn propagate_density(
        &mut self,
        bound: &Evolution,
        choice: &Choice,
        visit: &mut dyn FnMut(usize, &State) -> CoreResult<()>,
    ) -> CoreResult<State> {
        let psi = self.initial(bound)?;
        let workers = self.workers_for(2 * bound.num_qubits());
        let mixed = Mixed { evolution: bound, settings: &self.settings, choice, workers: &workers };
        let (rho, facts) = mixed.exactly(&psi, visit)?;
        self.facts = facts;
        Ok(rho)
    }

    fn initial(&self, bound: &Evolution) -> CoreResult<State> {
        let circuit = bound.parts().initial.to_circuit(bound.num_qubits())?;
        let mut state = allocate(bound.num_qubits())?;
        apply_circuit(&circuit, &mut state, &self.workers_for(bound.num_qubits()))?;
        Ok(state)
    }

    fn workers_for(&self, num_qubits: usize) -> Workers {
        if num_qubits <= SMALL_QUBITS { Workers::ONE } else { self.workers.clone() }
    }

    fn draw(&self, num_qubits: usize, state: &State, seed: u64, shots: u64) -> Counts {
        counted(num_qubits, sample(state, shots, &mut Philox::new(seed, SHOT_STREAM), &self.workers))
    }
}

fn counted(num_qubits: usize, drawn: Vec<(u64, u64)>) -> Counts {
    let (keys, values) = drawn.into_iter().unzip();
    Counts::from_rows(num_qubits, 1, keys, values)
}

impl Method {
    /// Reads the name of a method; `order` and `steps` are those of a product formula.
    pub fn parse(name: &str, order: u32, steps: u64) -> CoreResult<Self> {
        Ok(match name {
            "auto" => Method::Auto,
            "krylov" => Method::Krylov,
            "chebyshev" => Method::Chebyshev,
            "magnus" => Method::Magnus,
            "trotter" => Method::Trotter(super::Formula { order, steps }),
            "density" => Method::Density,
            "trajectories" => Method::Trajectories,
            other => {
                let shown: String = other.chars().take(40).collect();
                let hint = "use auto, krylov, chebyshev, magnus, trotter, density or trajectories";
                return Err(refused(format!("there is no propagator `{shown}`")).with_hint(hint));
            }
        })
    }
}
