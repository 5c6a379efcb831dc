//! One-qubit matrices as phase, scaled real or imaginary core, phase: the Euler angles without angles.
use crate::math::C64;
use crate::sim::segment::Step;

/// Entries below this count as rounding.
const TINY: f64 = 1e-15;

/// A 2x2 matrix and what is known of it for all parameter values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    pub step: usize,
    pub core: Core,
}

/// What a matrix needs around and inside its core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Core {
    /// Whether a phase on |1> comes before the core, or after it.
    pub before: bool,
    pub after: bool,
    /// Whether the core's off-diagonal ratio is imaginary (as in RX), not real; never with phases on both sides.
    pub is_imaginary: bool,
}

/// The core's form, by what is scaled to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `[1 p, q 1]`.
    Turn,
    /// `[1 p, q -1]`.
    Mirror,
    /// `[p 1, -1 q]`.
    TurnFlipped,
    /// `[p 1, 1 q]`.
    MirrorFlipped,
    /// `[1 ip, iq 1]`.
    Imaginary,
    /// `[ip 1, 1 iq]`.
    ImaginaryFlipped,
}

/// A matrix taken apart: `scale diag(1, after) form(p, q) diag(1, before)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub form: Form,
    pub p: f64,
    pub q: f64,
    pub scale: C64,
    pub before: C64,
    pub after: C64,
}

impl Core {
    /// What a step's 2x2 matrix needs; `fixed` is the matrix when no parameter changes it.
    pub fn of(step: &Step, fixed: Option<&[C64]>) -> Core {
        match fixed {
            Some(matrix) => Core::of_matrix(matrix),
            None => step.rotation_core(),
        }
    }

    pub const GENERAL: Core = Core { before: true, after: true, is_imaginary: false };

    fn of_matrix(m: &[C64]) -> Core {
        let candidates = [(false, false), (true, false), (false, true)];
        let cores = candidates.into_iter().flat_map(|(before, after)| {
            [false, true].map(|is_imaginary| Core { before, after, is_imaginary })
        });
        let fits = |core: &Core| {
            let parts = core.take_apart([m[0], m[1], m[2], m[3]]);
            let again = parts.matrix();
            (0..4).all(|k| (again[k] - m[k]).norm() < TINY)
        };
        cores.into_iter().find(fits).unwrap_or(Core::GENERAL)
    }

    /// Takes a unitary matrix apart.
    pub fn take_apart(self, m: [C64; 4]) -> Parts {
        let direct = m[0].norm_sqr() >= m[1].norm_sqr();
        let (mut before, mut after) = (C64::ONE, C64::ONE);
        let scale;
        if direct {
            scale = m[0];
            if self.before && self.after {
                let ratio = m[1] / m[0];
                before = unit(ratio, C64::ONE);
                after = m[3] / (m[0] * before);
            } else if self.before {
                before = m[3] / m[0];
            } else if self.after {
                after = m[3] / m[0];
            }
        } else if self.before && self.after {
            scale = m[1] * unit(m[0] / m[1], C64::ONE);
            before = m[1] / scale;
            after = -m[2] / scale;
        } else if self.before {
            scale = if self.is_imaginary { m[2] } else { -m[2] };
            before = m[1] / scale;
        } else {
            scale = m[1];
            if self.after {
                after = if self.is_imaginary { m[2] / scale } else { -m[2] / scale };
            }
        }
        let core =
            [m[0] / scale, m[1] / (scale * before), m[2] / (scale * after), m[3] / (scale * after * before)];
        let (form, p, q) = match (direct, self.is_imaginary) {
            (true, true) => (Form::Imaginary, core[1].im, core[2].im),
            (false, true) => (Form::ImaginaryFlipped, core[0].im, core[3].im),
            (true, false) if core[3].re > 0.0 => (Form::Turn, core[1].re, core[2].re),
            (true, false) => (Form::Mirror, core[1].re, core[2].re),
            (false, false) if core[2].re < 0.0 => (Form::TurnFlipped, core[0].re, core[3].re),
            (false, false) => (Form::MirrorFlipped, core[0].re, core[3].re),
        };
        Parts { form, p, q, scale, before, after }
    }
}

/// The direction of a number, or `other` for zero.
fn unit(value: C64, other: C64) -> C64 {
    let norm = value.norm();
    if norm == 0.0 { other } else { value / norm }
}

impl Parts {
    /// The entries of the core without the scale, and whether p and q stand for imaginary numbers:
    /// `[[keep0, mix0], [mix1, keep1]]` as (keep, mix) by row.
    pub fn core(&self) -> [[C64; 2]; 2] {
        let (p, q) = (C64::new(self.p, 0.0), C64::new(self.q, 0.0));
        let one = C64::ONE;
        match self.form {
            Form::Turn => [[one, p], [q, one]],
            Form::Mirror => [[one, p], [q, -one]],
            Form::TurnFlipped => [[p, one], [-one, q]],
            Form::MirrorFlipped => [[p, one], [one, q]],
            Form::Imaginary => [[one, C64::I * p], [C64::I * q, one]],
            Form::ImaginaryFlipped => [[C64::I * p, one], [one, C64::I * q]],
        }
    }

    /// The matrix again.
    fn matrix(&self) -> [C64; 4] {
        let [[a, b], [c, d]] = self.core();
        let s = self.scale;
        [s * a, s * b * self.before, s * self.after * c, s * self.after * d * self.before]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{GateSpec, Opcode};

    fn matrix(opcode: Opcode, params: &[f64]) -> [C64; 4] {
        let matrix = GateSpec::of(opcode).and_then(|spec| spec.matrix).expect("a gate")(params);
        [0, 1, 2, 3].map(|k| matrix.data()[k])
    }

    fn check(core: Core, m: [C64; 4]) {
        let parts = core.take_apart(m);
        let again = parts.matrix();
        assert!((0..4).all(|k| (again[k] - m[k]).norm() < 4e-15), "{core:?} {parts:?} {m:?}");
        assert!(parts.p.abs() < 1.0 + 1e-15 && parts.q.abs() < 1.0 + 1e-15, "{parts:?}");
    }

    #[test]
    fn matrices_come_together_again() {
        let plain = Core { before: false, after: false, is_imaginary: false };
        for k in -40..=40 {
            let angle = f64::from(k) * std::f64::consts::PI / 10.0;
            check(plain, matrix(Opcode::Ry, &[angle]));
            check(Core { is_imaginary: true, ..plain }, matrix(Opcode::Rx, &[angle]));
            for other in [0.0, 0.3, std::f64::consts::PI, -2.0] {
                check(Core::GENERAL, matrix(Opcode::U, &[angle, other, 1.7]));
                check(Core { after: true, ..plain }, matrix(Opcode::U, &[angle, other, 0.0]));
                check(Core { before: true, ..plain }, matrix(Opcode::U, &[angle, 0.0, other]));
            }
        }
    }

    #[test]
    fn fixed_matrices_need_no_more_than_they_must() {
        let core = |opcode| Core::of_matrix(&matrix(opcode, &[]));
        let plain = Core { before: false, after: false, is_imaginary: false };
        assert_eq!([core(Opcode::H), core(Opcode::X), core(Opcode::Y)], [plain; 3]);
        assert_eq!(core(Opcode::Sx), Core { is_imaginary: true, ..plain });
        assert_eq!(Core::of_matrix(&matrix(Opcode::U, &[0.4, 0.5, 0.6])), Core::GENERAL);
        for opcode in [Opcode::H, Opcode::X, Opcode::Y, Opcode::Sx, Opcode::Sxdg] {
            check(core(opcode), matrix(opcode, &[]));
        }
    }
}
