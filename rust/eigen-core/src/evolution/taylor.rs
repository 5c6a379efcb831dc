//! The Taylor propagator: `exp(t G) v` for any sum of Pauli strings, in pieces so short that no digits cancel.
//!
//! A. H. Al-Mohy and N. J. Higham, SIAM J. Sci. Comput. 33, 488 (2011), with the one-norm of the coefficients as the
//! bound on G, which always holds.
use super::krylov::Spent;
use super::operator::{Mix, Operator};
use super::vector::{combine, norm_sqr};
use crate::math::C64;
use crate::sim::{State, Workers};

/// Most of `|| t G ||` in one piece: terms grow to at most e^4 times the result.
const LONGEST: f64 = 4.0;
/// Terms of one piece; far more than a tolerance of f64 takes.
const MOST_TERMS: usize = 100;

/// Pieces that a time is cut into.
pub(super) fn pieces(operator: &Operator, time: f64) -> f64 {
    libm::ceil(operator.norm_bound() * time / LONGEST).max(1.0)
}

/// Carries a state over a time, to a tolerance times its norm. `pair` is memory for two more.
pub(super) fn propagate(
    operator: &Operator,
    state: &mut State,
    time: f64,
    tolerance: f64,
    pair: &mut [State; 2],
    workers: &Workers,
) -> Spent {
    let count = pieces(operator, time);
    let step = time / count;
    let size = operator.norm_bound() * step;
    let mut spent = Spent::default();
    for _ in 0..count as u64 {
        let norm = norm_sqr(state, workers).sqrt();
        pair[0].copy_from(state);
        let mut here = 0;
        for k in 1..=MOST_TERMS {
            let [first, second] = pair;
            let (from, to) = if here == 0 { (first, second) } else { (second, first) };
            operator.apply(from, to, Mix { a: step / k as f64, ..Mix::PLAIN }, workers);
            here = 1 - here;
            let term = norm_sqr(&pair[here], workers).sqrt();
            combine(&pair[here..=here], &[C64::ONE], 1.0, state, workers);
            spent.applications += 1;
            // The terms left out fall at least like a geometric series once k is beyond the size of G.
            let ratio = size / (k + 1) as f64;
            let rest = term * ratio / (1.0 - ratio);
            if ratio < 0.5 && rest <= tolerance / count * norm {
                spent.error += rest;
                break;
            }
        }
        spent.steps += 1;
    }
    spent
}
