//! Quantum trajectories: a pure state that decays under `H - i/2 Σ rate L† L` and jumps by one of the L at random times.
//!
//! J. Dalibard, Y. Castin and K. Mølmer, Phys. Rev. Lett. 68, 580 (1992). The mean over trajectories is the solution of
//! the Lindblad equation; the spread gives the standard errors.
use super::collapse::Collapse;
use super::drive::Drive;
use super::krylov::Spent;
use super::operator::{Mix, Operator};
use super::propagator::Propagator;
use super::vector::{combine, norm_sqr};
use crate::error::CoreResult;
use crate::math::C64;
use crate::rng::Philox;
use crate::sim::{PauliSum, PauliTerm, State, Workers, allocate};

/// A jump is placed where the squared norm is that close to its threshold, relatively.
const PLACEMENT: f64 = 1e-9;
/// Attempts at placing a jump.
const MOST_ATTEMPTS: usize = 60;
/// The longest propagation at a time, in units of the mean time between jumps.
const REACH: f64 = 0.7;

/// What all trajectories of a run share.
pub(super) struct Setting<'a> {
    pub drive: &'a Drive,
    pub collapse: &'a [Collapse],
    pub initial: &'a State,
    pub num_qubits: usize,
    pub time: f64,
    /// Ascending within `[0, time]`.
    pub stops: &'a [f64],
    pub tolerance: f64,
    pub workers: &'a Workers,
}

/// One trajectory under way.
struct Walk<'a> {
    setting: &'a Setting<'a>,
    propagator: Propagator<'a>,
    random: Philox,
    state: State,
    trial: State,
    now: f64,
    /// The squared norm at which the next jump comes.
    threshold: f64,
    spent: Spent,
    jumps: u64,
}

/// How a trajectory ended.
pub(super) struct Outcome {
    pub state: State,
    pub spent: Spent,
    pub jumps: u64,
}

/// Follows one trajectory; `visit` sees the normalised state at each stop.
pub(super) fn follow<'a>(
    setting: &'a Setting<'a>,
    mut random: Philox,
    mut visit: impl FnMut(usize, &State),
) -> CoreResult<Outcome> {
    let propagator = Propagator::new(setting.drive, setting.workers)?;
    let threshold = random.uniform();
    let mut state = allocate(setting.num_qubits)?;
    state.copy_from(setting.initial);
    let trial = allocate(setting.num_qubits)?;
    let mut walk = Walk {
        setting,
        propagator,
        random,
        state,
        trial,
        now: 0.0,
        threshold,
        spent: Spent::default(),
        jumps: 0,
    };
    let mut seen = 0;
    for (stop, is_seen) in setting.stops.iter().map(|stop| (*stop, true)).chain([(setting.time, false)]) {
        walk.reach(stop)?;
        if is_seen {
            let norm = norm_sqr(&walk.state, setting.workers).sqrt();
            walk.trial.copy_from(&walk.state);
            combine(&[], &[], 1.0 / norm, &mut walk.trial, setting.workers);
            visit(seen, &walk.trial);
            seen += 1;
        }
    }
    let norm = norm_sqr(&walk.state, setting.workers).sqrt();
    combine(&[], &[], 1.0 / norm, &mut walk.state, setting.workers);
    Ok(Outcome { state: walk.state, spent: walk.spent, jumps: walk.jumps })
}

impl Walk<'_> {
    fn reach(&mut self, stop: f64) -> CoreResult<()> {
        let total: f64 = self.setting.collapse.iter().map(|collapse| collapse.rate.constant).sum();
        let reach = if total > 0.0 { REACH / total } else { f64::INFINITY };
        while self.now < stop {
            let target = if self.now + reach < stop { self.now + reach } else { stop };
            if self.attempt(target)? > self.threshold {
                self.accept(target);
            } else {
                self.place(target)?;
                self.jump()?;
            }
        }
        Ok(())
    }

    /// Propagates a copy to a time and gives its squared norm.
    fn attempt(&mut self, target: f64) -> CoreResult<f64> {
        let setting = self.setting;
        self.trial.copy_from(&self.state);
        let rate = setting.tolerance / setting.time;
        let spent = self.propagator.propagate(&mut self.trial, self.now, target, rate)?;
        self.spent.add(spent);
        Ok(norm_sqr(&self.trial, setting.workers))
    }

    fn accept(&mut self, target: f64) {
        std::mem::swap(&mut self.state, &mut self.trial);
        self.now = target;
    }

    /// Goes to the time before `end` at which the squared norm reaches the threshold: false position on its logarithm,
    /// which is almost straight.
    fn place(&mut self, end: f64) -> CoreResult<()> {
        let level = libm::log(self.threshold);
        let mut low = libm::log(norm_sqr(&self.state, self.setting.workers)) - level;
        let mut high = libm::log(norm_sqr(&self.trial, self.setting.workers)) - level;
        let (mut end, mut repeats) = (end, 0);
        for _ in 0..MOST_ATTEMPTS {
            if low <= PLACEMENT {
                return Ok(());
            }
            let part = if repeats > 2 { 0.5 } else { low / (low - high) };
            let middle = self.now + part.clamp(1e-3, 1.0) * (end - self.now);
            if middle <= self.now || middle >= end && repeats > 3 {
                return Ok(());
            }
            let value = libm::log(self.attempt(middle)?) - level;
            if value > 0.0 {
                self.accept(middle);
                low = value;
                repeats = 0;
            } else if value >= -PLACEMENT {
                self.accept(middle);
                return Ok(());
            } else {
                (end, high) = (middle, value);
                repeats += 1;
            }
        }
        Ok(())
    }

    /// Applies one of the collapse operators, each with the probability `rate <L† L>`.
    fn jump(&mut self) -> CoreResult<()> {
        let (setting, collapse) = (self.setting, self.setting.collapse);
        let weights: Vec<f64> = collapse
            .iter()
            .map(|collapse| {
                let terms = collapse.jump.weight().into_iter();
                let sum =
                    PauliSum::new(terms.map(|t| PauliTerm { x: t.x, z: t.z, coefficient: t.coefficient.re }));
                (collapse.rate.constant * sum.expectation(&self.state, setting.workers)).max(0.0)
            })
            .collect();
        let mut point = self.random.uniform() * weights.iter().sum::<f64>();
        let possible = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or_default();
        let chosen = weights.iter().position(|weight| {
            point -= weight;
            point < 0.0
        });
        let terms = collapse[chosen.unwrap_or(possible)].jump.terms();
        let operator = Operator::new(setting.num_qubits, &terms, setting.workers);
        operator.apply(&self.state, &mut self.trial, Mix::PLAIN, setting.workers);
        let norm = norm_sqr(&self.trial, setting.workers).sqrt();
        combine(&[], &[] as &[C64], 1.0 / norm, &mut self.trial, setting.workers);
        std::mem::swap(&mut self.state, &mut self.trial);
        self.threshold = self.random.uniform();
        self.jumps += 1;
        Ok(())
    }
}
