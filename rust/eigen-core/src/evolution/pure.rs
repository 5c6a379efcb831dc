//! Pure states carried along by one of the propagators.
use super::chebyshev::{Chebyshev, pair};
use super::drive::{Drive, Kind};
use super::krylov::{Basis, Problem, Spent};
use super::magnus::{EXTRA_STATES, Magnus};
use super::method::{Method, Settings, choose_constant, refused};
use super::operator::Operator;
use super::vector::{combine, turn};
use super::{Evolution, Formula};
use crate::error::CoreResult;
use crate::math::C64;
use crate::sim::{Fact, Resources, State, Workers, allocate, apply_circuit, check_memory};

/// Steps of a product formula at the first attempt to reach a tolerance.
const FIRST_STEPS: u64 = 8;
/// Rotations of a product formula beyond which doubling its steps stops.
const MOST_ROTATIONS: u64 = 50_000_000;

/// One propagation of a pure state.
pub(super) struct Pure<'a> {
    /// Without open parameters.
    pub evolution: &'a Evolution,
    pub settings: &'a Settings,
    pub resources: Resources,
    pub workers: &'a Workers,
}

type Facts = Vec<(&'static str, Fact)>;
type Visit<'v> = &'v mut dyn FnMut(usize, &State) -> CoreResult<()>;

impl Pure<'_> {
    /// Carries `state` over the whole time; `visit(k, state)` sees it at `times[k]`.
    pub fn run(&self, state: State, visit: Visit<'_>) -> CoreResult<(State, Facts)> {
        let parts = self.evolution.parts();
        let (times, time) = (&parts.times, parts.time);
        let first = usize::from(times.first() == Some(&0.0));
        if first == 1 {
            visit(0, &state)?;
        }
        if time == 0.0 {
            return Ok((state, facts("none", "no time passes", Spent::default())));
        }
        let stops = &times[first..];
        let mut shifted = |k: usize, state: &State| visit(k + first, state);
        match self.settings.method {
            Method::Trotter(formula) => self.by_formula(state, formula, stops, &mut shifted),
            Method::Magnus => self.by_magnus(state, stops, &mut shifted),
            Method::Auto if self.evolution.is_time_dependent() => self.by_magnus(state, stops, &mut shifted),
            _ => self.by_polynomial(state, stops, &mut shifted),
        }
    }

    fn by_polynomial(&self, mut state: State, stops: &[f64], visit: Visit<'_>) -> CoreResult<(State, Facts)> {
        let (num_qubits, time) = (self.evolution.num_qubits(), self.evolution.parts().time);
        check_memory(num_qubits, 3, self.resources.memory_limit_bytes)?;
        let drive = Drive::new(self.evolution, Kind::Hamiltonian);
        let operator = Operator::new(num_qubits, &drive.terms(&[(0.0, 1.0)]), self.workers);
        let gaps = gaps(stops, time);
        let choice = choose_constant(self.settings, &operator, num_qubits, &gaps, self.resources)?;
        if choice.method == Method::Krylov {
            let problem = Problem {
                operator: &operator,
                num_qubits,
                tolerance: self.settings.tolerance,
                workers: self.workers,
            };
            let spent = Basis::new(choice.vectors).propagate(&problem, &mut state, (time, stops), visit)?;
            return Ok((state, facts("krylov", &choice.why, spent)));
        }
        let chebyshev = Chebyshev { operator: &operator, workers: self.workers };
        let mut pair = pair(num_qubits)?;
        let mut spent = Spent::default();
        for (k, gap) in gaps.iter().enumerate() {
            let share = self.settings.tolerance * gap / time;
            spent.add(chebyshev.propagate(&mut state, *gap, share, &mut pair)?);
            if k < stops.len() {
                visit(k, &state)?;
            }
        }
        Ok((state, facts("chebyshev", &choice.why, spent)))
    }

    fn by_magnus(&self, mut state: State, stops: &[f64], visit: Visit<'_>) -> CoreResult<(State, Facts)> {
        let time = self.evolution.parts().time;
        check_memory(self.evolution.num_qubits(), 1 + EXTRA_STATES, self.resources.memory_limit_bytes)?;
        let drive = Drive::new(self.evolution, Kind::Unitary);
        let mut magnus = Magnus::new(&drive, self.workers)?;
        let (mut now, mut spent) = (0.0, Spent::default());
        for (k, stop) in stops.iter().copied().chain([time]).enumerate() {
            if stop > now {
                spent.add(magnus.propagate(&mut state, now, stop, self.settings.tolerance / time)?);
                now = stop;
            }
            if k < stops.len() {
                visit(k, &state)?;
            }
        }
        let why = if drive.is_time_dependent { "the Hamiltonian changes with time" } else { "asked for" };
        Ok((state, facts("magnus", why, spent)))
    }

    fn by_formula(
        &self,
        state: State,
        formula: Formula,
        stops: &[f64],
        visit: Visit<'_>,
    ) -> CoreResult<(State, Facts)> {
        check_memory(self.evolution.num_qubits(), 3, self.resources.memory_limit_bytes)?;
        let (formula, error) = self.steps_for(&state, formula)?;
        let mut state = state;
        self.formula_run(&mut state, formula, stops, visit)?;
        let mut found = facts("trotter", "asked for", Spent { applications: 0, steps: formula.steps, error });
        found.push(("order", Fact::Count(u64::from(formula.order))));
        Ok((state, found))
    }

    /// The formula with its number of steps, and the error measured against a run of half as many.
    fn steps_for(&self, initial: &State, formula: Formula) -> CoreResult<(Formula, f64)> {
        let ratio = libm::pow(2.0, f64::from(formula.order));
        let run = |steps: u64| -> CoreResult<State> {
            let mut state = allocate(self.evolution.num_qubits())?;
            state.copy_from(initial);
            self.formula_run(&mut state, Formula { steps, ..formula }, &[], &mut |_, _| Ok(()))?;
            Ok(state)
        };
        if formula.steps > 0 {
            // An estimate from twice the steps: the given ones differ from those by 1 - 2^-order of their own error.
            let (mut given, finer) = (run(formula.steps)?, run(2 * formula.steps)?);
            return Ok((formula, distance(&mut given, finer, self.workers) * ratio / (ratio - 1.0)));
        }
        let mut steps = FIRST_STEPS;
        let mut coarse = run(steps)?;
        loop {
            steps *= 2;
            if steps * self.evolution.parts().hamiltonian.len() as u64 > MOST_ROTATIONS {
                return Err(refused(format!(
                    "a product formula of order {} does not reach the tolerance `{:e}` within {steps} steps",
                    formula.order, self.settings.tolerance
                ))
                .with_hint("use a higher order, or the method auto"));
            }
            let fine = run(steps)?;
            let mut kept = allocate(self.evolution.num_qubits())?;
            kept.copy_from(&fine);
            let error = distance(&mut coarse, fine, self.workers) / (ratio - 1.0);
            if error <= self.settings.tolerance {
                return Ok((Formula { steps, ..formula }, error));
            }
            coarse = kept;
        }
    }

    /// Runs a formula with its steps spread over the gaps between stops in proportion to their length.
    fn formula_run(
        &self,
        state: &mut State,
        formula: Formula,
        stops: &[f64],
        visit: Visit<'_>,
    ) -> CoreResult<()> {
        let time = self.evolution.parts().time;
        let drive = Drive::new(self.evolution, Kind::Hamiltonian);
        let mut ends: Vec<f64> = stops.iter().copied().chain([time]).chain(drive.kinks).collect();
        ends.retain(|end| *end > 0.0 && *end <= time);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        let (mut now, mut next) = (0.0, 0);
        for end in ends {
            let steps = libm::ceil(formula.steps as f64 * (end - now) / time * (1.0 - 1e-12)).max(1.0) as u64;
            let circuit = self.evolution.slice(now, end, Formula { steps, ..formula })?;
            apply_circuit(&circuit, state, self.workers)?;
            turn(state, -self.evolution.identity_angle(now, end, steps), self.workers);
            now = end;
            while next < stops.len() && stops[next] <= now {
                visit(next, state)?;
                next += 1;
            }
        }
        Ok(())
    }
}

/// `|| a - b ||`; `a` is overwritten.
fn distance(a: &mut State, b: State, workers: &Workers) -> f64 {
    combine(&[b], &[C64::new(-1.0, 0.0)], 1.0, a, workers).sqrt()
}

/// The times between stops and up to the end; the last may be missing when a stop is the end.
fn gaps(stops: &[f64], time: f64) -> Vec<f64> {
    let mut now = 0.0;
    let ends = stops.iter().copied().chain((stops.last() != Some(&time)).then_some(time));
    ends.map(|end| end - std::mem::replace(&mut now, end)).collect()
}

/// What is recorded with a result.
pub(super) fn facts(method: &str, why: &str, spent: Spent) -> Facts {
    let mut out = vec![
        ("method", Fact::Text(method.to_string())),
        ("method_reason", Fact::Text(why.to_string())),
        ("error_estimate", Fact::Number(spent.error)),
        ("steps", Fact::Count(spent.steps)),
    ];
    if spent.applications > 0 {
        out.push(("applications", Fact::Count(spent.applications)));
    }
    out
}
