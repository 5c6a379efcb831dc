//! Inverse and power rules of gates, on parameters that may be symbolic.
use super::Opcode;
use crate::param::Affine;

/// How the inverse of a gate is written.
#[derive(Clone, Copy, Debug)]
pub enum Inverse {
    /// The gate itself.
    Itself,
    /// Another gate with the same parameters.
    Gate(Opcode),
    /// The gate with every parameter negated.
    Negate,
    /// The gate with its first parameter negated and the others kept.
    NegateFirst,
    /// `U(θ, φ, λ, γ…) → U(−θ, −λ, −φ, −γ…)`.
    Euler,
    /// The gate with half a turn added to its first parameter.
    HalfTurn,
    /// No gate of the table: the inverse modifier stays.
    Modifier,
    /// The payload (a matrix) is replaced by its conjugate transpose.
    Payload,
}

/// How a real power of a gate is written. Where no rule is natural the power is the principal one.
#[derive(Clone, Copy, Debug)]
pub enum PowerRule {
    /// All parameters times the power: the rotation generated for a longer time.
    ScaleAll,
    /// The first parameter times the power.
    ScaleFirst,
    /// The last parameter times the power.
    ScaleLast,
    /// `gate(angle · power)`: the principal power of a fixed phase gate.
    Phase(Opcode, f64),
    /// Any power is the gate itself.
    Itself,
    /// The power modifier stays; it means the principal power.
    Modifier,
}

impl Inverse {
    /// The inverse gate and its parameters, unless the modifier or the payload must carry it.
    pub fn apply(self, opcode: Opcode, params: &[Affine]) -> Option<(Opcode, Vec<Affine>)> {
        let negated = |keep_from: usize| {
            params
                .iter()
                .enumerate()
                .map(|(k, p)| if k < keep_from { p.scale(-1.0) } else { p.clone() })
                .collect()
        };
        match self {
            Self::Itself => Some((opcode, params.to_vec())),
            Self::Gate(partner) => Some((partner, params.to_vec())),
            Self::Negate => Some((opcode, negated(params.len()))),
            Self::NegateFirst => Some((opcode, negated(1))),
            Self::Euler => {
                let mut out: Vec<Affine> = negated(params.len());
                if out.len() > 2 {
                    out.swap(1, 2);
                }
                Some((opcode, out))
            }
            Self::HalfTurn => {
                let mut out = params.to_vec();
                if let Some(first) = out.first_mut() {
                    // Turns have period 1: inverting twice must give the same parameter back.
                    let step = if first.constant >= 0.5 { -0.5 } else { 0.5 };
                    *first = first.add_scaled(&Affine::number(step), 1.0);
                }
                Some((opcode, out))
            }
            Self::Modifier | Self::Payload => None,
        }
    }
}

impl PowerRule {
    /// The gate and parameters of the power, unless the modifier must carry it.
    pub fn apply(self, opcode: Opcode, params: &[Affine], power: f64) -> Option<(Opcode, Vec<Affine>)> {
        let scaled = |chosen: &dyn Fn(usize) -> bool| {
            params
                .iter()
                .enumerate()
                .map(|(k, p)| if chosen(k) { p.scale(power) } else { p.clone() })
                .collect()
        };
        match self {
            Self::ScaleAll => Some((opcode, scaled(&|_| true))),
            Self::ScaleFirst => Some((opcode, scaled(&|k| k == 0))),
            Self::ScaleLast => Some((opcode, scaled(&|k| k + 1 == params.len()))),
            Self::Phase(phase, angle) => Some((phase, vec![Affine::number(angle * power)])),
            Self::Itself => Some((opcode, params.to_vec())),
            Self::Modifier => None,
        }
    }
}
