//! The Krylov propagator: `exp(-i t H)` in the span of `v, H v, …, H^(m-1) v`, begun anew when it no longer reaches.
//!
//! Lanczos; the error is the integral of the defect (Saad, SIAM J. Numer. Anal. 29, 209; Lubich, From Quantum to Classical Molecular Dynamics, III.2.2).
use super::operator::{Mix, Operator};
use super::tridiagonal::Tridiagonal;
use super::vector::{combine, norm_sqr};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::sim::{State, Workers, allocate};

/// Most vectors of a basis: longer ones lose more by their own sums than they gain.
pub(super) const MOST_VECTORS: usize = 40;
/// Points at which the defect is looked at.
const DEFECT_POINTS: usize = 8;
/// Below this part of the norm of the first vector a new one counts as zero: the space is invariant.
const INVARIANT: f64 = 1e-14;
/// A step shorter than this part of the whole time makes no progress.
const SHORTEST: f64 = 1e-9;

/// What a propagation took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    /// Applications of the operator.
    pub applications: u64,
    /// Steps.
    pub steps: u64,
    /// Bound on the distance from the exact state, rounding aside.
    pub error: f64,
}

impl Spent {
    pub fn add(&mut self, other: Spent) {
        self.applications += other.applications;
        self.steps += other.steps;
        self.error += other.error;
    }
}

/// The vectors of a basis, kept between steps.
#[derive(Default)]
pub(super) struct Basis {
    vectors: Vec<State>,
    most: usize,
}

impl Basis {
    /// Room for `most` vectors.
    pub fn new(most: usize) -> Self {
        Basis { vectors: Vec::new(), most: most.clamp(2, MOST_VECTORS) }
    }

    /// Carries `state` over `time`; `visit(k, state)` sees it at `stops[k]`, ascending within `(0, time]`. The state
    /// may lose up to `tolerance` times its norm in accuracy.
    pub fn propagate(
        &mut self,
        problem: &Problem<'_>,
        state: &mut State,
        (time, stops): (f64, &[f64]),
        visit: &mut dyn FnMut(usize, &State) -> CoreResult<()>,
    ) -> CoreResult<Spent> {
        let mut spent = Spent::default();
        let (mut now, mut next) = (0.0, 0);
        let mut image: Option<State> = None;
        while now < time {
            let norm = norm_sqr(state, problem.workers).sqrt();
            if norm == 0.0 {
                break;
            }
            let built = self.build(problem, state, norm, (time - now, problem.tolerance / time))?;
            spent.applications += built.applications;
            spent.steps += 1;
            spent.error += built.error * norm;
            let (step, last) = (built.step, built.step >= time - now);
            if step <= SHORTEST * time && !last {
                return Err(too_fine(problem.tolerance));
            }
            let end = if last { time } else { now + step };
            while next < stops.len() && stops[next] < end {
                let mut seen = image.take().map_or_else(|| allocate_like(problem), Ok)?;
                self.write(&built.projected, norm, stops[next] - now, &mut seen, problem.workers);
                visit(next, &seen)?;
                image = Some(seen);
                next += 1;
            }
            self.write(&built.projected, norm, end - now, state, problem.workers);
            now = end;
            while next < stops.len() && stops[next] <= now {
                visit(next, state)?;
                next += 1;
            }
        }
        while next < stops.len() {
            visit(next, state)?;
            next += 1;
        }
        Ok(spent)
    }

    /// Builds a basis from `state` until it reaches over the rest of the time, or is full.
    fn build(
        &mut self,
        problem: &Problem<'_>,
        state: &State,
        norm: f64,
        (rest, rate): (f64, f64),
    ) -> CoreResult<Built> {
        let mut first = self.take(0, problem)?;
        combine(std::slice::from_ref(state), &[C64::new(1.0 / norm, 0.0)], 0.0, &mut first, problem.workers);
        self.vectors.insert(0, first);
        let mut h = Columns::default();
        let mut check = 3;
        for j in 0..self.most {
            let mut next = self.take(j + 1, problem)?;
            let beta = h.extend(problem, &self.vectors[..=j], &mut next);
            self.vectors.insert(j + 1, next);
            let invariant = beta <= INVARIANT * h.scale;
            let is_full = j + 1 == self.most;
            if !(invariant || is_full || j + 1 >= check) {
                continue;
            }
            check = (j + 1) + (j + 1) / 3;
            let projected = h.projected();
            let beta = if invariant { 0.0 } else { beta };
            let error = |step: f64| defect(&projected, step) * beta * step;
            let applications = j as u64 + 1;
            if error(rest) <= rate * rest {
                return Ok(Built { step: rest, error: error(rest), applications, projected });
            }
            if is_full {
                let step = longest(|step| error(step) <= rate * step, rest);
                return Ok(Built { step, error: error(step), applications, projected });
            }
        }
        Err(CoreError::new(ErrorCode::Internal, "a Krylov basis has no room"))
    }

    /// The memory of vector `k`, any content.
    fn take(&mut self, k: usize, problem: &Problem<'_>) -> CoreResult<State> {
        if k < self.vectors.len() { Ok(self.vectors.remove(k)) } else { allocate_like(problem) }
    }

    fn write(&self, projected: &Tridiagonal, norm: f64, s: f64, out: &mut State, workers: &Workers) {
        let column: Vec<C64> = projected.column(s).into_iter().map(|c| c * norm).collect();
        combine(&self.vectors[..column.len()], &column, 0.0, out, workers);
    }
}

/// What is propagated.
pub(super) struct Problem<'a> {
    /// Hermitian.
    pub operator: &'a Operator,
    pub num_qubits: usize,
    /// Accuracy over the whole time, relative to the norm.
    pub tolerance: f64,
    pub workers: &'a Workers,
}

fn allocate_like(problem: &Problem<'_>) -> CoreResult<State> {
    allocate(problem.num_qubits)
}

struct Built {
    step: f64,
    error: f64,
    applications: u64,
    projected: Tridiagonal,
}

/// The projection as it grows: a symmetric tridiagonal matrix.
#[derive(Default)]
struct Columns {
    diagonal: Vec<f64>,
    beside: Vec<f64>,
    scale: f64,
}

impl Columns {
    /// Writes the next vector into `next` and gives its norm before it was normalised.
    fn extend(&mut self, problem: &Problem<'_>, vectors: &[State], next: &mut State) -> f64 {
        let j = vectors.len() - 1;
        let (workers, before) = (problem.workers, self.beside.last().copied().unwrap_or_default());
        let mix = Mix { a: 1.0, b: 0.0, c: -before, other: if j > 0 { Some(&vectors[j - 1]) } else { None } };
        let alpha = problem.operator.apply(&vectors[j], next, mix, workers).re;
        let norm = combine(&vectors[j..], &[C64::new(-alpha, 0.0)], 1.0, next, workers);
        let beta = norm.sqrt();
        self.scale = self.scale.max((alpha * alpha + norm).sqrt());
        self.diagonal.push(alpha);
        self.beside.push(beta);
        if beta > 0.0 {
            combine(&[], &[], 1.0 / beta, next, workers);
        }
        beta
    }

    fn projected(&self) -> Tridiagonal {
        Tridiagonal::new(&self.diagonal, &self.beside)
    }
}

/// The largest size of the last entry on the way.
fn defect(projected: &Tridiagonal, s: f64) -> f64 {
    (1..=DEFECT_POINTS).map(|k| projected.tail(s * k as f64 / DEFECT_POINTS as f64)).fold(0.0, f64::max)
}

/// The longest step up to `most` that is good, to a few per cent.
fn longest(is_good: impl Fn(f64) -> bool, most: f64) -> f64 {
    let mut good = most;
    while !is_good(good) {
        good *= 0.5;
        if good < f64::MIN_POSITIVE {
            return 0.0;
        }
    }
    let mut bad = 2.0 * good;
    for _ in 0..4 {
        let middle = 0.5 * (good + bad);
        if is_good(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

fn too_fine(tolerance: f64) -> CoreError {
    let message = format!("a Krylov step does not reach the tolerance `{tolerance:e}`");
    CoreError::new(ErrorCode::SimulationArguments, message).with_hint("ask for a larger tolerance")
}
