//! Noise on the state-vector engine: counts and estimates by trajectories or from the density matrix, whichever costs
//! less; exact values from the density matrix.
use std::sync::Arc;

use super::counts::Counts;
use super::density::PreparedDensity;
use super::engine::{Capabilities, Engine, Fact, Prepared, Resources, check_shots};
use super::share::Share;
use super::trajectory::PreparedTrajectories;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::noise::Model;
use crate::observable::Observable;

/// How noise is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoiseMethod {
    /// Whichever costs less.
    #[default]
    Auto,
    /// State vectors, one for each pattern of errors.
    Trajectories,
    /// The density matrix.
    Density,
}

impl NoiseMethod {
    /// The method of a name.
    pub fn parse(name: &str) -> CoreResult<Self> {
        match name {
            "auto" => Ok(Self::Auto),
            "trajectories" => Ok(Self::Trajectories),
            "density" => Ok(Self::Density),
            other => {
                let shown: String = other.chars().take(40).collect();
                let message = format!("there is no noise method `{shown}`");
                Err(CoreError::new(ErrorCode::SimulationArguments, message)
                    .with_hint("use auto, trajectories or density"))
            }
        }
    }
}

/// The engine that runs noisy circuits on state vectors or density matrices.
#[derive(Clone, Debug)]
pub struct Noisy {
    /// The noise.
    pub noise: Arc<Model>,
    /// How it is simulated.
    pub method: NoiseMethod,
}

impl Engine for Noisy {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "noisy",
            is_exact: self.method != NoiseMethod::Trajectories,
            is_dynamic: true,
            has_gradients: self.method != NoiseMethod::Trajectories,
            bytes_per_amplitude: 16,
        }
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        let noise = self.noise.clone();
        Ok(match self.method {
            NoiseMethod::Trajectories => Box::new(PreparedTrajectories::new(circuit, &noise, resources)?),
            NoiseMethod::Density => Box::new(PreparedDensity::new(circuit, Some(noise), resources)?),
            NoiseMethod::Auto => Box::new(PreparedNoisy {
                trajectories: PreparedTrajectories::new(circuit, &noise, resources)?,
                density: None,
                circuit: circuit.clone(),
                noise,
                resources,
                last: Last::default(),
            }),
        })
    }
}

/// What it takes to draw shots of a noisy circuit, in elementary steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoisyCost {
    /// Gates on entries of the density matrix.
    pub density: f64,
    /// Gates on amplitudes of state vectors.
    pub trajectories: f64,
    /// About how many histories the shots come to.
    pub histories: f64,
}

impl NoisyCost {
    fn new(circuit: &Circuit, histories: f64) -> Self {
        let (gates, dimension) = (circuit.stream_len() as f64, libm::exp2(circuit.num_qubits() as f64));
        // A gate is one step on rows and one on columns; histories share on average half of their gates.
        NoisyCost {
            density: 2.0 * gates * dimension * dimension,
            trajectories: gates * dimension * (1.0 + histories / 2.0),
            histories,
        }
    }
}

/// What so many shots would take; nothing is run. Refuses what trajectories cannot hold.
pub fn noisy_cost(
    circuit: &Circuit,
    noise: &Arc<Model>,
    shots: u64,
    memory_limit_bytes: u64,
) -> CoreResult<NoisyCost> {
    let resources = Resources { threads: 1, memory_limit_bytes };
    let prepared = PreparedTrajectories::new(circuit, noise, resources)?;
    Ok(NoisyCost::new(circuit, prepared.expected_histories(shots)))
}

struct PreparedNoisy {
    trajectories: PreparedTrajectories,
    /// Made when it is first needed.
    density: Option<PreparedDensity>,
    circuit: Circuit,
    noise: Arc<Model>,
    resources: Resources,
    last: Last,
}

/// What the last call used, and the costs from which that followed.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    is_density: bool,
    /// Multiplications of amplitudes: density matrix, trajectories.
    costs: Option<[f64; 2]>,
}

impl PreparedNoisy {
    /// The density matrix, for what only it can tell.
    fn exact(&mut self) -> CoreResult<&mut PreparedDensity> {
        self.last = Last { is_density: true, costs: None };
        self.density()
    }

    fn density(&mut self) -> CoreResult<&mut PreparedDensity> {
        if self.density.is_none() {
            let noise = Some(self.noise.clone());
            self.density = Some(PreparedDensity::new(&self.circuit, noise, self.resources)?);
        }
        self.density.as_mut().ok_or_else(|| CoreError::new(ErrorCode::Internal, "no density matrix"))
    }

    /// The cheaper way to draw so many shots.
    fn cheaper(&mut self, shots: u64) -> CoreResult<&mut dyn Prepared> {
        let cost = NoisyCost::new(&self.circuit, self.trajectories.expected_histories(shots));
        let is_density = cost.density < cost.trajectories && self.density().is_ok();
        self.last = Last { is_density, costs: Some([cost.density, cost.trajectories]) };
        Ok(if is_density { self.density()? } else { &mut self.trajectories })
    }
}

impl Prepared for PreparedNoisy {
    fn num_parameters(&self) -> usize {
        self.trajectories.num_parameters()
    }

    fn num_qubits(&self) -> usize {
        self.trajectories.num_qubits()
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        self.trajectories.state(values)
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        self.trajectories.amplitude(values, index)
    }

    fn density_matrix(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<C64>> {
        self.exact()?.density_matrix(values, qubits)
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        self.exact()?.probability(values, bits)
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        self.exact()?.probabilities(values, qubits)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.sample_share(values, shots, seed, Share::WHOLE)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        check_shots(shots)?;
        self.cheaper(shots)?.sample_share(values, shots, seed, share)
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.exact()?.expectation(values, observables)
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.exact()?.variance(values, observables)
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        self.exact()?.gradient(values, observable)
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        check_shots(shots)?;
        self.cheaper(shots)?.sample_expectation(values, observable, shots, seed)
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        let mut facts = match (&self.density, self.last.is_density) {
            (Some(density), true) => density.facts(),
            _ => self.trajectories.facts(),
        };
        if let Some([density, trajectories]) = self.last.costs {
            facts.push(("cost_of_density_matrix", Fact::Number(density)));
            facts.push(("cost_of_trajectories", Fact::Number(trajectories)));
        }
        facts
    }
}
