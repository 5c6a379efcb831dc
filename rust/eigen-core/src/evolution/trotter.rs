//! Product formulas: an evolution as a circuit of Pauli rotations, of order 1, 2, 4, 6, …
//!
//! M. Suzuki, Phys. Lett. A 146, 319 (1990); coefficients that change with time are taken in the middle of each symmetric
//! part (M. Suzuki, Proc. Japan Acad. 69 B, 161 (1993)). Terms are taken in the order of the Hamiltonian; those of the
//! identity, which only turn the phase, are left out.
use super::coefficient::invalid;
use super::{Evolution, Term};
use crate::circuit::{Circuit, CircuitBuilder, Instruction, Payload};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::limits::MAX_OPERATIONS;
use crate::observable::{Pauli, PauliString};
use crate::param::Affine;

/// Highest order: beyond it the steps grow fivefold with each even order and gain nothing in f64.
pub const MAX_ORDER: u32 = 12;

/// A product formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formula {
    /// 1, or an even number up to 12.
    pub order: u32,
    /// Steps over the whole time.
    pub steps: u64,
}

impl Formula {
    /// Refuses other orders, and no steps.
    pub fn check(self) -> CoreResult<()> {
        if (self.order != 1 && self.order % 2 == 1) || self.order == 0 || self.order > MAX_ORDER {
            return Err(invalid(format!(
                "the order of a product formula is 1 or even, up to {MAX_ORDER}, not `{}`",
                self.order
            )));
        }
        if self.steps == 0 {
            return Err(invalid("a product formula takes one step or more, not `0`"));
        }
        Ok(())
    }

    /// The symmetric parts of one step as (start, length) in units of the step.
    fn parts(self) -> Vec<(f64, f64)> {
        let mut parts = vec![(0.0, 1.0)];
        for k in (2..=self.order / 2).rev() {
            let p = 1.0 / (4.0 - libm::pow(4.0, 1.0 / f64::from(2 * k - 1)));
            let inner = [p, p, 1.0 - 4.0 * p, p, p];
            parts = parts
                .into_iter()
                .flat_map(|(start, length)| {
                    let mut at = start;
                    inner.map(|part| {
                        let begin = at;
                        at += part * length;
                        (begin, part * length)
                    })
                })
                .collect();
        }
        parts
    }
}

impl Evolution {
    /// The evolution as a circuit that prepares the initial state and applies a product formula over the whole time.
    /// Parameters stay open where every coefficient is affine in them.
    pub fn to_circuit(&self, formula: Formula) -> CoreResult<Circuit> {
        if self.is_open() {
            return Err(CoreError::new(
                ErrorCode::Unsupported,
                "an evolution with collapse operators is no circuit",
            )
            .with_hint("run it on a device with the feature `evolution`"));
        }
        let parts = self.parts();
        let mut builder = parts.initial.to_circuit(parts.num_qubits)?.like_whole()?;
        builder.set_name(&parts.name);
        add_slice(&mut builder, &parts.hamiltonian, (0.0, parts.time), formula)?;
        builder.build()
    }

    /// The integral of the coefficients of the identity over some steps, by the Gauss rule of two points.
    pub(super) fn identity_angle(&self, from: f64, to: f64, steps: u64) -> f64 {
        let identity = self.parts().hamiltonian.iter().filter(|term| term.pauli.width() == 0);
        let step = (to - from) / steps as f64;
        let gauss = 0.5 / 3f64.sqrt();
        identity
            .flat_map(|term| (0..steps).map(move |k| (term, from + step * (k as f64 + 0.5))))
            .map(|(term, t)| {
                let points = [t - gauss * step, t + gauss * step];
                0.5 * step * points.map(|t| term.coefficient.value(t)).iter().sum::<f64>()
            })
            .sum()
    }

    /// The rotations alone, from one time to another.
    pub(super) fn slice(&self, from: f64, to: f64, formula: Formula) -> CoreResult<Circuit> {
        let mut builder = CircuitBuilder::new(self.num_qubits(), 0)?;
        add_slice(&mut builder, &self.parts().hamiltonian, (from, to), formula)?;
        builder.build()
    }
}

impl Circuit {
    /// A builder that already holds the whole circuit.
    fn like_whole(&self) -> CoreResult<CircuitBuilder> {
        let mut builder = self.like();
        self.operations().try_for_each(|operation| builder.push(operation.to_instruction()))?;
        Ok(builder)
    }
}

fn add_slice(
    builder: &mut CircuitBuilder,
    terms: &[Term],
    (from, to): (f64, f64),
    formula: Formula,
) -> CoreResult<()> {
    formula.check()?;
    let terms: Vec<&Term> = terms.iter().filter(|term| term.pauli.width() > 0).collect();
    let parts = formula.parts();
    let rotations = (2 * terms.len() * parts.len()) as f64 * formula.steps as f64;
    if rotations > MAX_OPERATIONS as f64 {
        return Err(CoreError::limit("rotations of a product formula", MAX_OPERATIONS, rotations as usize));
    }
    let step = (to - from) / formula.steps as f64;
    let mut pending = Pending { builder, pauli: None, angle: Affine::default() };
    for index in 0..formula.steps {
        let now = from + step * index as f64;
        for (start, length) in &parts {
            let middle = now + step * (start + 0.5 * length);
            let angle = |term: &Term, part: f64| {
                Ok::<_, CoreError>(term.coefficient.affine_at(middle)?.scale(2.0 * step * length * part))
            };
            if formula.order == 1 {
                terms.iter().try_for_each(|term| pending.rotate(&term.pauli, angle(term, 1.0)?))?;
                continue;
            }
            terms.iter().try_for_each(|term| pending.rotate(&term.pauli, angle(term, 0.5)?))?;
            terms.iter().rev().try_for_each(|term| pending.rotate(&term.pauli, angle(term, 0.5)?))?;
        }
    }
    pending.flush()
}

/// Rotations about one string after the other; those that follow each other become one.
struct Pending<'a, 'b> {
    builder: &'a mut CircuitBuilder,
    pauli: Option<&'b PauliString>,
    angle: Affine,
}

impl<'b> Pending<'_, 'b> {
    fn rotate(&mut self, pauli: &'b PauliString, angle: Affine) -> CoreResult<()> {
        if self.pauli == Some(pauli) {
            self.angle = self.angle.add_scaled(&angle, 1.0);
            return Ok(());
        }
        self.flush()?;
        (self.pauli, self.angle) = (Some(pauli), angle);
        Ok(())
    }

    fn flush(&mut self) -> CoreResult<()> {
        let Some(pauli) = self.pauli.take() else { return Ok(()) };
        let angle = std::mem::take(&mut self.angle);
        if angle.is_constant() && angle.constant == 0.0 {
            return Ok(());
        }
        let qubits: Vec<u32> = pauli.factors().iter().map(|(qubit, _)| *qubit).collect();
        let letters: Vec<Pauli> = pauli.factors().iter().map(|(_, letter)| *letter).collect();
        let opcode = match letters.as_slice() {
            [Pauli::X] => Opcode::Rx,
            [Pauli::Y] => Opcode::Ry,
            [Pauli::Z] => Opcode::Rz,
            [Pauli::X, Pauli::X] => Opcode::Rxx,
            [Pauli::Y, Pauli::Y] => Opcode::Ryy,
            [Pauli::Z, Pauli::Z] => Opcode::Rzz,
            _ => Opcode::PauliRot,
        };
        let mut gate = Instruction::with_params(opcode, &qubits, vec![angle]);
        if opcode == Opcode::PauliRot {
            let text: Vec<u8> = letters.iter().map(|letter| letter.letter() as u8).collect();
            gate = gate.payload(Payload::Pauli(text.into()));
        }
        self.builder.push(gate)
    }
}
