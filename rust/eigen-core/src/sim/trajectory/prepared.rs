//! A noisy circuit made ready: its walks, and what they told.
use std::sync::Arc;

use super::history::Ground;
use super::lower::{Program, lower};
use super::readout::Misreading;
use super::spares::Spares;
use super::walk::{Ending, Found, WAITING_PER_THREAD, Walk};
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::noise::Model;
use crate::observable::Observable;
use crate::sim::counts::Counts;
use crate::sim::engine::{Fact, Prepared, Resources, check_shots, check_values};
use crate::sim::precision::Precision;
use crate::sim::program::{Cursor, Readout};
use crate::sim::segment::Segment;
use crate::sim::share::Share;
use crate::sim::tally::KeyMap;
use crate::sim::workers::Workers;
use crate::sim::{estimate, memory};

/// Widest states whose histories are shared between threads, not their amplitudes.
const MOST_SHARED_QUBITS: usize = 22;

pub(crate) struct PreparedTrajectories {
    program: Program,
    confusion: Vec<Option<[[f64; 2]; 2]>>,
    num_qubits: usize,
    num_clbits: usize,
    /// Classical bits with those that no counts show.
    num_bits: usize,
    num_parameters: usize,
    resources: Resources,
    spares: Spares,
    facts: Vec<(&'static str, Fact)>,
}

/// What a walk reads at the end.
struct Reading<'a> {
    readout: &'a [Readout],
    num_clbits: usize,
    rotation: Option<&'a Segment>,
}

impl PreparedTrajectories {
    pub fn new(circuit: &Circuit, noise: &Arc<Model>, resources: Resources) -> CoreResult<Self> {
        memory::check(circuit.num_qubits(), 1, resources.memory_limit_bytes)?;
        let sites = noise.sites(circuit)?;
        Ok(PreparedTrajectories {
            program: lower(circuit, &sites)?,
            confusion: (0..circuit.num_qubits()).map(|qubit| sites.readout(qubit)).collect(),
            num_qubits: circuit.num_qubits(),
            num_clbits: circuit.num_clbits(),
            num_bits: circuit.num_bits(),
            num_parameters: circuit.symbols().len(),
            resources,
            spares: Spares::new(circuit.num_qubits()),
            facts: Vec::new(),
        })
    }

    /// About how many histories so many shots come to.
    pub fn expected_histories(&self, shots: u64) -> f64 {
        self.program.expected_histories(shots as f64)
    }

    fn bind(&mut self, values: &[f64]) -> CoreResult<()> {
        check_values(values, self.num_parameters)?;
        let mut segments = self.program.single.iter_mut().chain(&mut self.program.fused);
        if !segments.all(|segment| segment.bind(values)) {
            let message = "an angle overflows for these values of the parameters";
            return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
        }
        Ok(())
    }

    /// Runs the bound program.
    fn walk(&self, reading: &Reading<'_>, (shots, seed): (u64, u64), share: Share) -> CoreResult<Found> {
        let words = reading.num_clbits.div_ceil(64).max(1);
        let misreading = Misreading::new(reading.readout, &self.confusion);
        let map = KeyMap::new(reading.readout, words);
        let all = Workers::new(self.resources.threads)?;
        let states = memory::states_within(self.num_qubits, self.resources.memory_limit_bytes);
        let halvings = shots.ilog2() as usize + 3;
        let is_shared = all.count() > 1
            && self.num_qubits <= MOST_SHARED_QUBITS
            && states >= all.count() * (WAITING_PER_THREAD + halvings);
        let (workers, branch_workers) = if is_shared { (Workers::ONE, all) } else { (all, Workers::ONE) };
        let walk = Walk {
            ground: Ground {
                program: &self.program,
                readout: &self.confusion,
                workers: &workers,
                seed,
                division: share.division(shots),
            },
            ending: Ending {
                rotation: reading.rotation,
                misreading: &misreading,
                map: &map,
                reads: !reading.readout.is_empty(),
            },
            spares: &self.spares,
            branch_workers: &branch_workers,
            words,
        };
        // A walk holds a state for each halving of its shots: with little memory the shots go in several walks.
        let doublings = states.saturating_sub(2).min(32) as u32;
        let most = if is_shared { shots } else { shots.min(1u64 << doublings) };
        if most < shots && !share.is_whole() {
            return Err(too_little_memory(self.num_qubits, halvings));
        }
        let cursor = || Cursor::start(reading.num_clbits, self.program.num_counters);
        let mut found = walk.run(cursor(), shots.min(most), 0)?;
        for number in 1..shots.div_ceil(most) {
            found.append(walk.run(cursor(), most.min(shots - number * most), number)?);
        }
        Ok(found)
    }

    fn remember(&mut self, histories: u64, quiet_shots: u64, shots: u64) {
        self.facts = vec![
            ("method", Fact::Text("trajectories".to_string())),
            ("precision", Fact::Text("f64".to_string())),
            ("trajectories", Fact::Count(histories)),
            ("error_free_share", Fact::Number(quiet_shots as f64 / shots as f64)),
        ];
    }
}

impl Prepared for PreparedTrajectories {
    fn num_parameters(&self) -> usize {
        self.num_parameters
    }

    fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    fn state(&mut self, _: &[f64]) -> CoreResult<Vec<C64>> {
        Err(mixed("a single final state"))
    }

    fn amplitude(&mut self, _: &[f64], _: u64) -> CoreResult<C64> {
        Err(mixed("amplitudes"))
    }

    fn probability(&mut self, _: &[f64], _: &[u64]) -> CoreResult<f64> {
        Err(mixed("exact probabilities"))
    }

    fn probabilities(&mut self, _: &[f64], _: &[usize]) -> CoreResult<Vec<f64>> {
        Err(mixed("exact probabilities"))
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.sample_share(values, shots, seed, Share::WHOLE)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        check_shots(shots)?;
        self.bind(values)?;
        let reading = Reading { readout: &self.program.readout, num_clbits: self.num_bits, rotation: None };
        let found = self.walk(&reading, (shots, seed), share)?;
        self.remember(found.histories, found.quiet_shots, shots);
        Ok(found.tally.finish(self.num_clbits))
    }

    fn expectation(&mut self, _: &[f64], _: &[&Observable]) -> CoreResult<Vec<f64>> {
        Err(mixed("exact expectation values"))
    }

    fn variance(&mut self, _: &[f64], _: &[&Observable]) -> CoreResult<Vec<f64>> {
        Err(mixed("exact variances"))
    }

    fn gradient(&mut self, _: &[f64], _: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        Err(mixed("exact gradients"))
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        check_shots(shots)?;
        if self.program.collapses {
            return Err(collapsing());
        }
        let groups = estimate::groups(observable, self.num_qubits, Precision::F64)?;
        self.bind(values)?;
        let readout: Vec<Readout> =
            (0..self.num_qubits).map(|qubit| Readout { qubit, clbit: qubit }).collect();
        let (mut histories, mut quiet_shots) = (0, 0);
        let estimated = groups.estimate(shots, |index, group, shots| {
            let seed = crate::rng::derive_seed(seed, &[crate::rng::Step::Int(index as i128)]);
            let reading =
                Reading { readout: &readout, num_clbits: self.num_qubits, rotation: Some(&group.rotation) };
            let found = self.walk(&reading, (shots, seed), Share::WHOLE)?;
            histories += found.histories;
            quiet_shots += found.quiet_shots;
            let (rows, values) = found.tally.into_parts();
            Ok(rows.into_iter().zip(values).collect())
        })?;
        self.remember(histories, quiet_shots, shots);
        Ok(estimated)
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        self.facts.clone()
    }
}

fn mixed(what: &str) -> CoreError {
    CoreError::new(ErrorCode::Unsupported, format!("trajectories of a noisy circuit have no {what}"))
        .with_hint("ask for shots, or use the engine density")
}

/// A run in several walks would not be the one that others do a part of.
fn too_little_memory(num_qubits: usize, states: usize) -> CoreError {
    let message =
        format!("a part of these shots needs the memory of `{states}` states of {num_qubits} qubits");
    CoreError::new(ErrorCode::ResourceExhausted, message)
        .with_hint("take fewer shots, or all of them at once")
}

fn collapsing() -> CoreError {
    let message = "the circuit measures or resets, so it has no single final state";
    CoreError::new(ErrorCode::CircuitNotUnitary, message)
        .with_hint("take the circuit without its measurements, or sample it")
}
