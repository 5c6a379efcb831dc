//! Derivatives: the way back through the circuit is walked forth again, with what the value depends on beside each
//! coefficient. Three times the work of a value, whatever the number of parameters.
//!
//! Each pair of products that a rotation mixes is turned back, so that nothing is stored on the way. Where that cannot be
//! (channels that are no mixtures of Paulis, noise that wipes a product out) two values for each rotation are taken.
use std::f64::consts::FRAC_PI_2;

use super::program::Program;
use super::step::{Local, Step};
use super::sweep::{Bounds, Sweep};
use super::terms::Hashes;
use super::turn::Turn;
use crate::error::CoreResult;
use crate::observable::Observable;

/// Factors of noise below which turning back would lose digits.
const LEAST_FACTOR: f64 = 1e-2;

/// A value, its derivatives, the sum of what was dropped, and the most products at a time.
pub(super) struct Gradient {
    pub value: f64,
    pub slopes: Vec<f64>,
    pub dropped: f64,
    pub most: usize,
}

/// The value and its derivatives.
pub(super) fn gradient(
    program: &Program,
    hashes: &Hashes,
    observable: &Observable,
    values: &[f64],
    bounds: Bounds,
) -> CoreResult<Gradient> {
    if is_reversible(program) {
        return walk(Sweep::new(program, hashes, observable, bounds, true)?, values);
    }
    shifted(program, hashes, observable, values, bounds)
}

fn is_reversible(program: &Program) -> bool {
    let many = |gate: usize| program.cliffords[gate].forward(Local::default()).is_none();
    let weak = |damping: usize| program.dampings[damping].factors.iter().any(|f| f.abs() < LEAST_FACTOR);
    !program.backward().any(|step| match step {
        Step::Clifford { gate, .. } => many(*gate),
        Step::Damping { damping, .. } => weak(*damping),
        Step::Channel { .. } => true,
        Step::Rotation { .. } => false,
    })
}

fn walk(mut sweep: Sweep<'_>, values: &[f64]) -> CoreResult<Gradient> {
    let (program, hashes) = (sweep.program, sweep.hashes);
    // The number of terms before each rotation.
    let mut counts = Vec::new();
    for step in program.backward() {
        if matches!(step, Step::Rotation { .. }) {
            counts.push(sweep.terms.len());
        }
        sweep.step(step, values)?;
    }
    let value = sweep.value();
    let on_zero = |term| if sweep.terms.is_diagonal(term) { 1.0 } else { 0.0 };
    let mut back = Back { duals: (0..sweep.terms.len()).map(on_zero).collect(), sweep };
    let mut slopes = vec![0.0; values.len()];
    for step in program.backward().rev() {
        match step {
            Step::Clifford { gate, qubits } => back.clifford(*gate, qubits),
            Step::Damping { damping, qubits } => back.damp(*damping, qubits),
            Step::Channel { .. } => {}
            Step::Rotation { pauli, angle } => {
                let turn = Turn::new(pauli, angle.value(values), hashes);
                if turn.cos == 0.0 && angle.terms.is_empty() {
                    counts.pop();
                    back.permute(&turn);
                    continue;
                }
                let slope = back.rotate(&turn, counts.pop().unwrap_or_default());
                angle.terms.iter().for_each(|(parameter, factor)| slopes[*parameter] += factor * slope);
            }
        }
    }
    Ok(Gradient { value, slopes, dropped: back.sweep.dropped, most: back.sweep.most })
}

/// The terms on the way forth, with the derivative of the value by each coefficient.
struct Back<'a> {
    sweep: Sweep<'a>,
    duals: Vec<f64>,
}

impl Back<'_> {
    fn clifford(&mut self, gate: usize, qubits: &[u32]) {
        let gate = &self.sweep.program.cliffords[gate];
        let terms = &mut self.sweep.terms;
        for term in 0..terms.len() {
            let from = terms.local(term, qubits);
            let Some((to, negative)) = gate.forward(from) else { continue };
            if negative {
                terms.coefficients[term] = -terms.coefficients[term];
                self.duals[term] = -self.duals[term];
            }
            if to != from {
                terms.set_local(term, qubits, from, to, self.sweep.hashes);
            }
        }
    }

    /// Undoes a quarter turn.
    fn permute(&mut self, turn: &Turn<'_>) {
        let mut coefficients = std::mem::take(&mut self.sweep.terms.coefficients);
        turn.permute(&mut self.sweep.terms, &mut [&mut coefficients, &mut self.duals], true);
        self.sweep.terms.coefficients = coefficients;
    }

    fn damp(&mut self, damping: usize, qubits: &[u32]) {
        let factors = &self.sweep.program.dampings[damping].factors;
        let terms = &mut self.sweep.terms;
        for term in 0..terms.len() {
            let local = terms.local(term, qubits);
            let factor = factors[usize::from(local.x) | usize::from(local.z) << qubits.len()];
            terms.coefficients[term] /= factor;
            self.duals[term] *= factor;
        }
    }

    /// Undoes a rotation before which there were `count` terms; gives the derivative by its angle.
    fn rotate(&mut self, turn: &Turn<'_>, count: usize) -> f64 {
        let (terms, duals) = (&mut self.sweep.terms, &mut self.duals);
        terms.index();
        let words = terms.words();
        let (cos, sin) = (turn.cos, turn.sin);
        let mut slope = 0.0;
        for term in 0..count {
            let row = terms.row(term);
            if !turn.crosses(row, words) {
                continue;
            }
            let sign = turn.sign(row, words);
            let (own, own_dual) = (terms.coefficients[term], duals[term]);
            match turn.partner(terms, term) {
                Some(partner) if partner < term => {}
                Some(partner) => {
                    let (other, other_dual) = (terms.coefficients[partner], duals[partner]);
                    slope += sign * (other_dual * own - own_dual * other);
                    terms.coefficients[term] = cos * own + sin * sign * other;
                    terms.coefficients[partner] = cos * other - sin * sign * own;
                    duals[term] = cos * own_dual + sin * sign * other_dual;
                    duals[partner] = cos * other_dual - sin * sign * own_dual;
                }
                // The partner was dropped when it came up.
                None => {
                    let before = own / cos;
                    slope -= own_dual * sin * before;
                    terms.coefficients[term] = before;
                    duals[term] = cos * own_dual;
                }
            }
        }
        terms.truncate(count);
        duals.truncate(count);
        slope
    }
}

/// Half the difference of the values at a quarter turn more and less, for each rotation with a parameter.
fn shifted(
    program: &Program,
    hashes: &Hashes,
    observable: &Observable,
    values: &[f64],
    bounds: Bounds,
) -> CoreResult<Gradient> {
    let (value, mut dropped, mut most) =
        Sweep::new(program, hashes, observable, bounds, false)?.run(values)?;
    let mut slopes = vec![0.0; values.len()];
    for (place, step) in program.backward().enumerate() {
        let Step::Rotation { angle, .. } = step else { continue };
        if angle.terms.is_empty() {
            continue;
        }
        let mut at = |shift: f64| -> CoreResult<f64> {
            let mut sweep = Sweep::new(program, hashes, observable, bounds, false)?;
            for (k, step) in program.backward().enumerate() {
                match step {
                    Step::Rotation { pauli, angle } if k == place => {
                        sweep.rotate(&Turn::new(pauli, angle.value(values) + shift, hashes))?;
                    }
                    step => sweep.step(step, values)?,
                }
            }
            dropped = dropped.max(sweep.dropped);
            most = most.max(sweep.most);
            Ok(sweep.value())
        };
        let slope = (at(FRAC_PI_2)? - at(-FRAC_PI_2)?) / 2.0;
        angle.terms.iter().for_each(|(parameter, factor)| slopes[*parameter] += factor * slope);
    }
    Ok(Gradient { value, slopes, dropped, most })
}
