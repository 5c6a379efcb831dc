//! The Chebyshev propagator: `exp(-i t H) = Σ c_k T_k((H - c) / R)` with Bessel functions as coefficients.
//!
//! H. Tal-Ezer and R. Kosloff, J. Chem. Phys. 81, 3967 (1984). The bounds of the spectrum come from the exact range of
//! the diagonal and the one-norm of the rest, so that they always hold.
use super::krylov::Spent;
use super::operator::{Mix, Operator};
use super::vector::combine;
use crate::error::CoreResult;
use crate::math::{C64, cis};
use crate::sim::{State, Workers, allocate};

/// Longest argument of the Bessel functions in one expansion.
const LONGEST: f64 = 2_000.0;
/// Arguments below which two terms of the power series are exact in f64.
const TINY: f64 = 1e-8;
/// A narrower spectrum is taken to be as wide as this: its inverse still is a number.
const NARROWEST: f64 = 1e-100;
/// Entries beyond which a sequence of the recurrence is scaled down.
const HUGE: f64 = 1e250;

/// The values `J_0(x) … J_{count-1}(x)` by Miller's recurrence downwards (Abramowitz and Stegun, 9.12), `x >= 0`.
pub(super) fn bessel(x: f64, count: usize) -> Vec<f64> {
    let mut out = vec![0.0; count];
    if x < TINY {
        out.iter_mut().zip([1.0, 0.5 * x]).for_each(|(slot, value)| *slot = value);
        return out;
    }
    let start = count.max(x as usize) + 30 + (12.0 * libm::cbrt(x)) as usize;
    let (mut above, mut here, mut sum) = (0.0, 1e-300, 0.0);
    for k in (0..start).rev() {
        let below = 2.0 * (k + 1) as f64 / x * here - above;
        (above, here) = (here, below);
        if here.abs() > HUGE {
            let scale = 1.0 / HUGE;
            (above, here, sum) = (above * scale, here * scale, sum * scale);
            out.iter_mut().skip(k + 1).for_each(|value| *value *= scale);
        }
        if k < count {
            out[k] = here;
        }
        sum += if k == 0 {
            here
        } else if k % 2 == 0 {
            2.0 * here
        } else {
            0.0
        };
    }
    out.iter_mut().for_each(|value| *value /= sum);
    out
}

/// The coefficients `J_k(x)` that an expansion to a tolerance needs, and the sum of those left out.
pub(super) fn expansion(x: f64, tolerance: f64) -> (Vec<f64>, f64) {
    let most = x as usize + 40 + (16.0 * libm::cbrt(x)) as usize;
    let mut values = bessel(x, most);
    let mut tail = 0.0;
    while values.len() > 2 {
        let more = tail + 2.0 * values[values.len() - 1].abs();
        if more > tolerance {
            break;
        }
        tail = more;
        values.pop();
    }
    (values, tail)
}

/// How many applications a time takes: `x` is half the width of the spectrum times the time.
pub(super) fn applications(x: f64, tolerance: f64) -> f64 {
    let pieces = libm::ceil(x / LONGEST).max(1.0);
    pieces * expansion(x / pieces, tolerance / pieces).0.len() as f64
}

/// Vectors and bounds of one propagation.
pub(super) struct Chebyshev<'a> {
    pub operator: &'a Operator,
    pub workers: &'a Workers,
}

impl Chebyshev<'_> {
    /// Centre and half width of an interval that holds the spectrum.
    fn bounds(&self) -> (f64, f64) {
        let (low, high) = self.operator.range;
        let radius = 0.5 * (high - low) + self.operator.off_diagonal;
        (0.5 * (high + low), radius.max(NARROWEST))
    }

    /// Carries a state over a time, to a tolerance times its norm. `pair` is memory for two more.
    pub fn propagate(
        &self,
        state: &mut State,
        time: f64,
        tolerance: f64,
        pair: &mut [State; 2],
    ) -> CoreResult<Spent> {
        let (center, radius) = self.bounds();
        let pieces = libm::ceil(radius * time / LONGEST).max(1.0);
        let step = time / pieces;
        let (values, tail) = expansion(radius * step, tolerance / pieces);
        let mut spent = Spent::default();
        for _ in 0..pieces as u64 {
            self.piece(state, (center, radius), step, &values, pair);
            spent.add(Spent { applications: values.len() as u64 - 1, steps: 1, error: tail });
        }
        Ok(spent)
    }

    fn piece(
        &self,
        state: &mut State,
        (center, radius): (f64, f64),
        time: f64,
        values: &[f64],
        pair: &mut [State; 2],
    ) {
        let phase = cis(-center * time);
        let factor = |k: usize| {
            let size = if k == 0 { values[0] } else { 2.0 * values[k] };
            phase * size * [C64::ONE, -C64::I, -C64::ONE, C64::I][k % 4]
        };
        let (workers, operator) = (self.workers, self.operator);
        let [even, odd] = pair;
        even.copy_from(state);
        let first = Mix { a: 1.0 / radius, b: -center / radius, c: 0.0, other: None };
        operator.apply(even, odd, first, workers);
        combine(pair, &[factor(0), factor(1)], 0.0, state, workers);
        let step = Mix { a: 2.0 / radius, b: -2.0 * center / radius, c: -1.0, other: None };
        for k in (2..values.len()).step_by(2) {
            let [even, odd] = pair;
            operator.apply(odd, even, step, workers);
            if k + 1 < values.len() {
                operator.apply(even, odd, step, workers);
                combine(pair, &[factor(k), factor(k + 1)], 1.0, state, workers);
            } else {
                combine(&pair[..1], &[factor(k)], 1.0, state, workers);
            }
        }
    }
}

/// Two more states.
pub(super) fn pair(num_qubits: usize) -> CoreResult<[State; 2]> {
    Ok([allocate(num_qubits)?, allocate(num_qubits)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bessel_functions_match_libm() {
        for x in [0.1, 1.0, 7.5, 60.0, 1500.0] {
            let values = bessel(x, 50);
            for (k, value) in values.iter().enumerate() {
                let expected = libm::jn(k as i32, x);
                assert!((value - expected).abs() < 1e-13, "J_{k}({x}) = {value}, not {expected}");
            }
        }
        assert_eq!(bessel(0.0, 2), [1.0, 0.0]);
    }

    #[test]
    fn expansions_end_where_the_rest_is_small() {
        let (values, tail) = expansion(50.0, 1e-12);
        assert!(tail <= 1e-12 && values.len() > 60 && values.len() < 110);
    }
}
