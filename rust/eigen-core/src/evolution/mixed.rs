//! Mixed states: the density matrix carried along exactly, or the mean of many trajectories.
use super::Evolution;
use super::density;
use super::drive::{Drive, Kind};
use super::krylov::Spent;
use super::method::{Choice, Settings};
use super::propagator::Propagator;
use super::pure::facts;
use super::trajectory::{Setting, follow};
use crate::error::CoreResult;
use crate::rng::Philox;
use crate::sim::{Fact, PauliSum, State, Workers, pauli_sum, sample};

/// Trajectories whose values are added up before the next ones begin.
const BATCH: u64 = 256;
/// Up to so many qubits trajectories run beside each other, each in one thread.
const SMALL_QUBITS: usize = 14;
/// Trajectories are followed no more accurately than this: their number limits them long before.
const FINEST: f64 = 1e-6;
/// Streams of random numbers that draw shots begin here; those below place jumps.
const SHOT_STREAMS: u64 = 1 << 40;

/// One propagation of a mixed state.
pub(super) struct Mixed<'a> {
    /// Without open parameters.
    pub evolution: &'a Evolution,
    pub settings: &'a Settings,
    pub choice: &'a Choice,
    pub workers: &'a Workers,
}

/// Means over trajectories.
pub(super) struct Means {
    pub values: Vec<f64>,
    pub errors: Vec<f64>,
    /// (basis state, how often), a state may come more than once.
    pub drawn: Vec<(u64, u64)>,
}

type Facts = Vec<(&'static str, Fact)>;

impl Mixed<'_> {
    /// The density matrix at the end; `visit` sees it at each of the times.
    pub fn exactly(
        &self,
        psi: &State,
        visit: &mut dyn FnMut(usize, &State) -> CoreResult<()>,
    ) -> CoreResult<(State, Facts)> {
        let parts = self.evolution.parts();
        let drive = Drive::new(self.evolution, Kind::Density);
        let mut rho = density::pure(psi, parts.num_qubits)?;
        let first = usize::from(parts.times.first() == Some(&0.0));
        if first == 1 {
            visit(0, &rho)?;
        }
        let stops = &parts.times[first..];
        if parts.time == 0.0 {
            return Ok((rho, facts("none", "no time passes", Spent::default())));
        }
        let (tolerance, time) = (self.settings.tolerance, parts.time);
        let mut propagator = Propagator::new(&drive, self.workers)?;
        let (mut now, mut spent) = (0.0, Spent::default());
        for (k, stop) in stops.iter().copied().chain([time]).enumerate() {
            if stop > now {
                spent.add(propagator.propagate(&mut rho, now, stop, tolerance / time)?);
                now = stop;
            }
            if k < stops.len() {
                visit(k + first, &rho)?;
            }
        }
        Ok((rho, facts("density", &self.choice.why, spent)))
    }

    /// Values of the observables at the times (times first) as means over trajectories, with standard errors, and
    /// `shots` basis states of the final states.
    pub fn sampled(&self, psi: &State, seed: u64, shots: u64) -> CoreResult<(Means, Facts)> {
        let parts = self.evolution.parts();
        let (num_qubits, count) = (parts.num_qubits, self.settings.trajectories);
        let sums: Vec<PauliSum> =
            parts.observables.iter().map(|o| pauli_sum(o, num_qubits)).collect::<CoreResult<_>>()?;
        let drive = Drive::new(self.evolution, Kind::Trajectory);
        let is_small = num_qubits <= SMALL_QUBITS;
        let (outer, inner) =
            if is_small { (self.workers, &Workers::ONE) } else { (&Workers::ONE, self.workers) };
        let setting = Setting {
            drive: &drive,
            collapse: &parts.collapse,
            initial: psi,
            num_qubits,
            time: parts.time,
            stops: &parts.times,
            tolerance: self.settings.tolerance.max(FINEST),
            workers: inner,
        };
        let one = |index: u64| -> CoreResult<Walked> {
            let mut values = Vec::with_capacity(parts.times.len() * sums.len());
            let outcome = follow(&setting, Philox::new(seed, index), |_, state| {
                values.extend(sums.iter().map(|sum| sum.expectation(state, inner)));
            })?;
            let own = shots / count + u64::from(index < shots % count);
            let mut random = Philox::new(seed, SHOT_STREAMS + index);
            let drawn = if own > 0 { sample(&outcome.state, own, &mut random, inner) } else { Vec::new() };
            Ok(Walked { values, drawn, spent: outcome.spent, jumps: outcome.jumps })
        };
        let saved = parts.times.len() * sums.len();
        let mut total = Total { mean: vec![0.0; saved], squares: vec![0.0; saved], ..Total::default() };
        let mut begin = 0;
        while begin < count {
            let end = (begin + BATCH).min(count);
            for walked in outer.map((end - begin) as usize, |k| one(begin + k as u64)) {
                total.add(walked?);
            }
            begin = end;
        }
        Ok(total.finish(self, count))
    }
}

struct Walked {
    values: Vec<f64>,
    drawn: Vec<(u64, u64)>,
    spent: Spent,
    jumps: u64,
}

/// Means and sums of squared deviations so far (Welford).
#[derive(Default)]
struct Total {
    mean: Vec<f64>,
    squares: Vec<f64>,
    drawn: Vec<(u64, u64)>,
    spent: Spent,
    jumps: u64,
    count: u64,
}

impl Total {
    fn add(&mut self, walked: Walked) {
        self.count += 1;
        for ((value, mean), squares) in walked.values.iter().zip(&mut self.mean).zip(&mut self.squares) {
            let off = value - *mean;
            *mean += off / self.count as f64;
            *squares += off * (value - *mean);
        }
        self.drawn.extend(walked.drawn);
        self.spent.applications += walked.spent.applications;
        self.spent.steps += walked.spent.steps;
        self.spent.error = self.spent.error.max(walked.spent.error);
        self.jumps += walked.jumps;
    }

    fn finish(self, mixed: &Mixed<'_>, count: u64) -> (Means, Facts) {
        let n = count as f64;
        let errors: Vec<f64> = self.squares.iter().map(|squares| (squares / (n - 1.0) / n).sqrt()).collect();
        let mut found = facts("trajectories", &mixed.choice.why, self.spent);
        found.push(("trajectories", Fact::Count(count)));
        found.push(("jumps", Fact::Count(self.jumps)));
        found.push(("standard_error", Fact::Number(errors.iter().copied().fold(0.0, f64::max))));
        (Means { values: self.mean, errors, drawn: self.drawn }, found)
    }
}
