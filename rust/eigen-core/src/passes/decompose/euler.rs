//! One-qubit gates as `e^{iγ}·U(θ, φ, λ)`, from the gate where parameters are symbolic, else from the matrix.
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::call::Call;
use crate::gate::Opcode;
use crate::math::Matrix;
use crate::param::Affine;

/// Angles of `e^{iγ}·U(θ, φ, λ)`.
#[derive(Clone, Debug)]
pub(in crate::passes) struct Euler {
    pub theta: Affine,
    pub phi: Affine,
    pub lambda: Affine,
    pub gamma: Affine,
}

impl Euler {
    fn new(theta: Affine, phi: Affine, lambda: Affine, gamma: Affine) -> Self {
        Self { theta, phi, lambda, gamma }
    }

    /// The angles of a call on one target, controls aside; `None` when a symbol stands under a power.
    pub(super) fn of(call: &Call) -> Option<Self> {
        match call.target_matrix() {
            Some(matrix) => Some(Self::of_matrix(&matrix)),
            None if call.modifier.power == 1.0 => {
                let angles = Self::of_symbolic(call.opcode, &call.params)?;
                Some(if call.modifier.inverse { angles.inverse() } else { angles })
            }
            None => None,
        }
    }

    /// The inverse: `U(θ, φ, λ)⁻¹ = U(−θ, −λ, −φ)`.
    pub fn inverse(&self) -> Self {
        Self::new(
            self.theta.scale(-1.0),
            self.lambda.scale(-1.0),
            self.phi.scale(-1.0),
            self.gamma.scale(-1.0),
        )
    }

    /// The angles of a 2×2 unitary.
    pub fn of_matrix(m: &Matrix) -> Self {
        let arg = |row: usize, column: usize| libm::atan2(m.get(row, column).im, m.get(row, column).re);
        let (cos, sin) = (m.get(0, 0).norm(), m.get(1, 0).norm());
        let theta = 2.0 * libm::atan2(sin, cos);
        let (phi, lambda, gamma) = if sin < 1e-12 {
            (0.0, arg(1, 1) - arg(0, 0), arg(0, 0))
        } else if cos < 1e-12 {
            // −e^{iλ}·e^{iγ} above, e^{iφ}·e^{iγ} below: φ is free.
            (0.0, arg(0, 1) + PI - arg(1, 0), arg(1, 0))
        } else {
            (arg(1, 0) - arg(0, 0), arg(0, 1) + PI - arg(0, 0), arg(0, 0))
        };
        let number = |angle: f64| Affine::number(angle);
        Self::new(number(theta), number(wrapped(phi)), number(wrapped(lambda)), number(gamma))
    }

    fn of_symbolic(opcode: Opcode, params: &[Affine]) -> Option<Self> {
        let zero = Affine::default();
        let number = |angle: f64| Affine::number(angle);
        let first = params.first()?.clone();
        Some(match opcode {
            Opcode::Rx => Self::new(first, number(-FRAC_PI_2), number(FRAC_PI_2), zero),
            Opcode::Ry => Self::new(first, zero.clone(), zero.clone(), zero),
            Opcode::Rz => Self::new(zero.clone(), zero, first.clone(), first.scale(-0.5)),
            Opcode::P => Self::new(zero.clone(), zero.clone(), first, zero),
            Opcode::U => Self::new(first, params[1].clone(), params[2].clone(), zero),
            Opcode::Cu => Self::new(first, params[1].clone(), params[2].clone(), params[3].clone()),
            Opcode::Gpi => {
                let angle = first.scale(TAU);
                Self::new(number(PI), angle.clone(), number(PI).add_scaled(&angle, -1.0), zero)
            }
            Opcode::Gpi2 => {
                let angle = first.scale(TAU).add_scaled(&number(FRAC_PI_2), -1.0);
                Self::new(number(FRAC_PI_2), angle.clone(), angle.scale(-1.0), zero)
            }
            _ => return None,
        })
    }
}

/// The angle in (−π, π].
fn wrapped(angle: f64) -> f64 {
    let turned = angle - TAU * libm::round(angle / TAU);
    if turned <= -PI + 1e-15 { turned + TAU } else { turned }
}
