//! Generators that change with time: the commutator-free Magnus integrator of fourth order, its step chosen by halving.
//!
//! Two exponentials at the Gauss points a step (S. Blanes and P. C. Moan, Appl. Numer. Math. 56, 1519 (2006)), each by
//! its Taylor series. A step is compared with two of half its length; the halves are kept.
use super::chebyshev::pair;
use super::drive::Drive;
use super::krylov::Spent;
use super::operator::Operator;
use super::taylor;
use super::vector::{combine, norm_sqr};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::sim::{State, Workers, allocate};

/// Half the distance of the Gauss points, in units of a step: sqrt(3) / 6.
const GAUSS: f64 = 0.288_675_134_594_812_9;
/// A step shorter than this part of the whole time makes no progress.
const SHORTEST: f64 = 1e-10;
/// Differences of this size are rounding, whatever the step.
const ROUNDING: f64 = 1e-14;
/// The part of the tolerance that the exponentials may use.
const INNER: f64 = 0.05;
/// Steps of one propagation.
const MOST_STEPS: u64 = 1_000_000;

/// The integrator with its memory.
pub(super) struct Magnus<'a> {
    drive: &'a Drive,
    workers: &'a Workers,
    pair: [State; 2],
    coarse: State,
    fine: State,
    step: f64,
}

/// Vectors that an integrator keeps beside the state, and the table of the diagonal.
pub(super) const EXTRA_STATES: usize = 5;

impl<'a> Magnus<'a> {
    pub fn new(drive: &'a Drive, workers: &'a Workers) -> CoreResult<Self> {
        Ok(Magnus {
            drive,
            workers,
            pair: pair(drive.width())?,
            coarse: allocate(drive.width())?,
            fine: allocate(drive.width())?,
            step: f64::INFINITY,
        })
    }

    /// Carries a state from one time to another, with an error of at most `rate` a unit of time, relative to the norm.
    pub fn propagate(&mut self, state: &mut State, from: f64, to: f64, rate: f64) -> CoreResult<Spent> {
        let kinks = &self.drive.kinks;
        let inside = kinks.partition_point(|t| *t <= from)..kinks.partition_point(|t| *t < to);
        let mut spent = Spent::default();
        let mut start = from;
        for end in kinks[inside].iter().copied().chain([to]) {
            spent.add(self.smooth(state, start, end, rate)?);
            start = end;
        }
        Ok(spent)
    }

    fn smooth(&mut self, state: &mut State, from: f64, to: f64, rate: f64) -> CoreResult<Spent> {
        let mut spent = Spent::default();
        let (mut now, whole) = (from, to - from);
        let widest = 0.5 * self.drive.shortest_scale;
        while now < to {
            let rest = to - now;
            let step = self.step.min(widest).min(rest);
            // A last step is not left shorter than half of this one.
            let step = if step < rest && rest < 1.5 * step { 0.5 * rest } else { step };
            let budget = (rate * step).max(ROUNDING);
            let norm = norm_sqr(state, self.workers).sqrt();
            let (error, took) = self.compare(state, now, step, budget)?;
            spent.applications += took.applications;
            let relative = if norm > 0.0 { error / norm } else { 0.0 };
            let growth = if relative > 0.0 { 0.9 * libm::pow(budget / relative, 0.25) } else { 4.0 };
            let proposed = step * growth.clamp(0.2, 4.0);
            if relative <= budget {
                // A step that only the end cut short says nothing against longer ones.
                self.step = if step < self.step { self.step.max(proposed) } else { proposed };
                std::mem::swap(state, &mut self.fine);
                spent.add(Spent { applications: 0, steps: 1, error: error + took.error });
                now = if step == rest { to } else { now + step };
                continue;
            }
            self.step = proposed;
            if proposed < SHORTEST * whole || spent.steps > MOST_STEPS {
                let message = format!("the step at time {now} does not reach the tolerance, at `{step:e}`");
                return Err(CoreError::new(ErrorCode::SimulationArguments, message)
                    .with_hint("ask for a larger tolerance"));
            }
        }
        Ok(spent)
    }

    /// One step into `coarse`, two halves into `fine`; the estimated error of the halves.
    fn compare(&mut self, state: &State, now: f64, step: f64, budget: f64) -> CoreResult<(f64, Spent)> {
        self.coarse.copy_from(state);
        self.fine.copy_from(state);
        let mut spent = Spent::default();
        let (mut coarse, mut fine) = (self.take(true)?, self.take(false)?);
        let one = self.single(&mut coarse, now, step, budget)?;
        for start in [now, now + 0.5 * step] {
            spent.add(self.single(&mut fine, start, 0.5 * step, budget)?);
        }
        spent.applications += one.applications;
        let distance =
            combine(std::slice::from_ref(&fine), &[C64::new(-1.0, 0.0)], 1.0, &mut coarse, self.workers);
        (self.coarse, self.fine) = (coarse, fine);
        Ok((distance.sqrt() / 15.0, spent))
    }

    fn take(&mut self, is_coarse: bool) -> CoreResult<State> {
        let slot = if is_coarse { &mut self.coarse } else { &mut self.fine };
        Ok(std::mem::replace(slot, allocate(0)?))
    }

    fn single(&mut self, state: &mut State, now: f64, step: f64, budget: f64) -> CoreResult<Spent> {
        let nodes = [now + (0.5 - GAUSS) * step, now + (0.5 + GAUSS) * step];
        let (more, less) = (0.25 + GAUSS, 0.25 - GAUSS);
        let mut spent = Spent::default();
        for weights in [[more, less], [less, more]] {
            let terms = self.drive.terms(&[(nodes[0], weights[0]), (nodes[1], weights[1])]);
            let operator = Operator::new(self.drive.width(), &terms, self.workers);
            let tolerance = INNER * budget;
            spent.add(taylor::propagate(&operator, state, step, tolerance, &mut self.pair, self.workers));
        }
        Ok(spent)
    }
}
