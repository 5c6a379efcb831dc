//! Where the numbers of a step come from: a gate's matrix function and its parameters, bound at each run.
use crate::circuit::Operation;
use crate::gate::Opcode;
use crate::math::{C64, Matrix, unitary_power, unitary_power_derivative};
use crate::param::{Expression, Param};

/// Largest integer power whose derivative is taken by the product rule.
const MOST_FACTORS: f64 = 64.0;
/// Deviation up to which a matrix counts as unitary.
const UNITARY: f64 = 1e-12;

/// One gate of the circuit as a producer of a small matrix.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A matrix that no parameter changes, row-major.
    Fixed(Vec<C64>),
    /// A gate of the table with parameters.
    Gate(GateSource),
    /// `exp(-i angle/2 P)`: the numbers `cos(angle/2)` and `-i sin(angle/2)`.
    Rotation { angle: Angle },
    /// The complex conjugate.
    Conjugate(Box<Source>),
    /// Maps on the density matrix of one qubit, the first first: 4x4 on its row and column bit.
    Super(Vec<SuperPart>),
}

/// A map on the density matrix of one qubit.
#[derive(Clone, Debug)]
pub(crate) enum SuperPart {
    /// `rho -> U rho U†` for a 2x2 source.
    Gate(Source),
    /// A 4x4 matrix that no parameter changes.
    Fixed([C64; 16]),
}

/// The kind of a 2x2 matrix, up to a factor of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// `[a, ib, ib, a]` with real a and b, as RX.
    X,
    /// Real, as RY and H.
    Y,
    /// Diagonal.
    Z,
    /// None of these for all parameter values.
    Other,
}

/// A gate with at least one symbolic parameter.
#[derive(Clone, Debug)]
pub(crate) struct GateSource {
    opcode: Opcode,
    matrix: fn(&[f64]) -> Matrix,
    angles: Vec<Angle>,
    /// Dimension of the matrix.
    dimension: usize,
    inverse: bool,
    power: f64,
}

/// An affine expression over the circuit's parameters.
#[derive(Clone, Debug)]
pub(crate) struct Angle {
    constant: f64,
    terms: Vec<(u32, f64)>,
}

impl Angle {
    pub fn new(param: Param, expressions: &[Expression]) -> Self {
        match param {
            Param::Number(constant) => Angle { constant, terms: Vec::new() },
            Param::Expression(index) => {
                let Expression { constant, terms } = expressions[index as usize].clone();
                Angle { constant, terms }
            }
        }
    }

    /// The angle times a number.
    pub fn scaled(mut self, factor: f64) -> Self {
        self.constant *= factor;
        self.terms.iter_mut().for_each(|(_, coefficient)| *coefficient *= factor);
        self
    }

    #[inline]
    pub fn value(&self, values: &[f64]) -> f64 {
        self.terms.iter().fold(self.constant, |sum, (symbol, factor)| sum + factor * values[*symbol as usize])
    }

    fn is_symbolic(&self) -> bool {
        !self.terms.is_empty()
    }

    /// Adds `derivative` with respect to the angle to the gradient of each parameter in it.
    pub fn add_chain(&self, derivative: f64, gradient: &mut [f64]) {
        for (symbol, factor) in &self.terms {
            gradient[*symbol as usize] += factor * derivative;
        }
    }
}

impl Source {
    /// The source of a gate's target matrix (controls excluded). `None` for what is no gate or a Pauli rotation.
    pub fn of_gate(operation: &Operation<'_>, expressions: &[Expression]) -> Option<Source> {
        if !operation.is_symbolic() {
            return Some(Source::Fixed(operation.target_matrix(&operation.values(&[]))?.data().to_vec()));
        }
        Some(Source::Gate(GateSource {
            opcode: operation.opcode(),
            matrix: operation.spec()?.matrix?,
            angles: operation.params().iter().map(|param| Angle::new(*param, expressions)).collect(),
            dimension: 1 << operation.targets().len(),
            inverse: operation.modifier().inverse,
            power: operation.modifier().power,
        }))
    }

    /// Whether a one-qubit source keeps lengths.
    pub fn is_unitary(&self) -> bool {
        match self {
            Source::Fixed(m) if m.len() == 4 => {
                let (first, second) = (m[0].norm_sqr() + m[2].norm_sqr(), m[1].norm_sqr() + m[3].norm_sqr());
                let overlap = m[0].conj() * m[1] + m[2].conj() * m[3];
                (first - 1.0).abs() < UNITARY && (second - 1.0).abs() < UNITARY && overlap.norm() < UNITARY
            }
            Source::Conjugate(source) => source.is_unitary(),
            _ => true,
        }
    }

    /// The kind of a one-qubit source.
    pub fn axis(&self) -> Axis {
        match self {
            Source::Fixed(m) if m.len() == 4 && m[1] == C64::ZERO && m[2] == C64::ZERO => Axis::Z,
            Source::Fixed(m) if m.len() == 4 && m.iter().all(|entry| entry.im == 0.0) => Axis::Y,
            Source::Gate(gate) if gate.power == 1.0 => match gate.opcode {
                Opcode::Rx => Axis::X,
                Opcode::Ry => Axis::Y,
                Opcode::Rz | Opcode::P => Axis::Z,
                _ => Axis::Other,
            },
            _ => Axis::Other,
        }
    }

    /// Writes the matrix (or the two numbers of a rotation) for these parameter values.
    pub fn write(&self, values: &[f64], out: &mut [C64]) {
        match self {
            Source::Fixed(numbers) => out.copy_from_slice(numbers),
            Source::Gate(gate) => out.copy_from_slice(gate.matrix(values).data()),
            Source::Rotation { angle } => {
                let half = angle.value(values) / 2.0;
                out[0] = C64::new(libm::cos(half), 0.0);
                out[1] = C64::new(0.0, -libm::sin(half));
            }
            Source::Conjugate(source) => {
                source.write(values, out);
                out.iter_mut().for_each(|number| *number = number.conj());
            }
            Source::Super(parts) => {
                let mut product = IDENTITY;
                parts.iter().for_each(|part| product = multiply(&part.matrix(values), &product));
                out.copy_from_slice(&product);
            }
        }
    }

    /// The complex conjugate of a source.
    pub fn conjugate(self) -> Source {
        match self {
            Source::Fixed(mut numbers) => {
                numbers.iter_mut().for_each(|number| *number = number.conj());
                Source::Fixed(numbers)
            }
            other => Source::Conjugate(Box::new(other)),
        }
    }

    /// The product of maps on one qubit, the first first; what no parameter changes is multiplied at once.
    pub fn super_of(parts: Vec<SuperPart>) -> Source {
        let mut out: Vec<SuperPart> = Vec::new();
        for part in parts {
            let part = if part.is_symbolic() { part } else { SuperPart::Fixed(part.matrix(&[])) };
            match (out.last_mut(), part) {
                (Some(SuperPart::Fixed(first)), SuperPart::Fixed(second)) => {
                    *first = multiply(&second, first)
                }
                (_, part) => out.push(part),
            }
        }
        match out.as_slice() {
            [SuperPart::Fixed(matrix)] => Source::Fixed(matrix.to_vec()),
            _ => Source::Super(out),
        }
    }

    /// How many numbers `write` gives.
    pub fn size(&self) -> usize {
        match self {
            Source::Fixed(numbers) => numbers.len(),
            Source::Gate(gate) => gate.dimension * gate.dimension,
            Source::Rotation { .. } => 2,
            Source::Conjugate(source) => source.size(),
            Source::Super(_) => 16,
        }
    }

    /// Whether any parameter of the circuit changes it.
    pub fn is_symbolic(&self) -> bool {
        match self {
            Source::Fixed(_) => false,
            Source::Gate(gate) => gate.angles.iter().any(Angle::is_symbolic),
            Source::Rotation { angle } => angle.is_symbolic(),
            Source::Conjugate(source) => source.is_symbolic(),
            Source::Super(parts) => parts.iter().any(SuperPart::is_symbolic),
        }
    }

    /// The derivative of the numbers by each symbolic angle.
    pub fn derivatives(&self, values: &[f64]) -> Vec<(&Angle, Vec<C64>)> {
        match self {
            Source::Fixed(_) => Vec::new(),
            Source::Gate(gate) => gate.derivatives(values),
            Source::Rotation { angle } => {
                let half = angle.value(values) / 2.0;
                let numbers =
                    vec![C64::new(-libm::sin(half) / 2.0, 0.0), C64::new(0.0, -libm::cos(half) / 2.0)];
                vec![(angle, numbers)]
            }
            Source::Conjugate(source) => {
                let conjugate = |numbers: Vec<C64>| numbers.iter().map(C64::conj).collect();
                source.derivatives(values).into_iter().map(|(angle, d)| (angle, conjugate(d))).collect()
            }
            Source::Super(parts) => super_derivatives(parts, values),
        }
    }
}

/// The product rule over maps on one qubit; of `U rho U†` both factors vary.
fn super_derivatives<'a>(parts: &'a [SuperPart], values: &[f64]) -> Vec<(&'a Angle, Vec<C64>)> {
    let mut out = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let SuperPart::Gate(source) = part else { continue };
        let mut u = [C64::ZERO; 4];
        source.write(values, &mut u);
        for (angle, derivative) in source.derivatives(values) {
            let (left, right) = (both_sides(&derivative, &u), both_sides(&u, &derivative));
            let varied: [C64; 16] = std::array::from_fn(|k| left[k] + right[k]);
            let product = parts.iter().enumerate().fold(IDENTITY, |product, (k, part)| {
                multiply(&if k == place { varied } else { part.matrix(values) }, &product)
            });
            out.push((angle, product.to_vec()));
        }
    }
    out
}

/// `rho -> A rho B†` as a 4x4 matrix; the row's bit is the low one.
fn both_sides(a: &[C64], b: &[C64]) -> [C64; 16] {
    std::array::from_fn(|k| {
        let (to, from) = (k / 4, k % 4);
        a[(to & 1) * 2 + (from & 1)] * b[(to >> 1) * 2 + (from >> 1)].conj()
    })
}

impl SuperPart {
    fn is_symbolic(&self) -> bool {
        matches!(self, SuperPart::Gate(source) if source.is_symbolic())
    }

    /// The 4x4 matrix; the row's bit is the low one.
    fn matrix(&self, values: &[f64]) -> [C64; 16] {
        match self {
            SuperPart::Fixed(matrix) => *matrix,
            SuperPart::Gate(source) => {
                let mut u = [C64::ZERO; 4];
                source.write(values, &mut u);
                both_sides(&u, &u)
            }
        }
    }
}

const IDENTITY: [C64; 16] = {
    let mut out = [C64::ZERO; 16];
    (out[0], out[5], out[10], out[15]) = (C64::ONE, C64::ONE, C64::ONE, C64::ONE);
    out
};

/// The product of two 4x4 matrices.
fn multiply(a: &[C64; 16], b: &[C64; 16]) -> [C64; 16] {
    std::array::from_fn(|k| (0..4).map(|inner| a[k / 4 * 4 + inner] * b[inner * 4 + k % 4]).sum())
}

impl GateSource {
    fn matrix(&self, values: &[f64]) -> Matrix {
        self.modified((self.matrix)(&self.params(values)))
    }

    fn params(&self, values: &[f64]) -> Vec<f64> {
        self.angles.iter().map(|angle| angle.value(values)).collect()
    }

    fn modified(&self, base: Matrix) -> Matrix {
        let powered = if self.power == 1.0 { base } else { unitary_power(&base, self.power) };
        if self.inverse { powered.dagger() } else { powered }
    }

    fn derivatives(&self, values: &[f64]) -> Vec<(&Angle, Vec<C64>)> {
        let params = self.params(values);
        let symbolic = self.angles.iter().enumerate().filter(|(_, angle)| angle.is_symbolic());
        symbolic
            .map(|(index, angle)| {
                let derivative = self.power_rule(self.base_derivative(&params, index), &params);
                let derivative = if self.inverse { derivative.dagger() } else { derivative };
                (angle, derivative.data().to_vec())
            })
            .collect()
    }

    /// Every entry of a gate of the table is a trigonometric polynomial of each angle with the frequencies 0, 1/2
    /// and 1, so two symmetric differences give its derivative exactly (Wierichs et al., Quantum 6, 677, section 3).
    fn base_derivative(&self, params: &[f64], index: usize) -> Matrix {
        let unit = if matches!(self.opcode, Opcode::Gpi | Opcode::Gpi2 | Opcode::Ms) {
            std::f64::consts::TAU
        } else {
            1.0
        };
        let shifted = |shift: f64| {
            let mut moved = params.to_vec();
            moved[index] += shift / unit;
            (self.matrix)(&moved)
        };
        let difference = |shift: f64| {
            let (plus, minus) = (shifted(shift), shifted(-shift));
            plus.data().iter().zip(minus.data()).map(|(a, b)| (a - b) / 2.0).collect::<Vec<_>>()
        };
        let (wide, narrow) = (difference(std::f64::consts::PI), difference(std::f64::consts::FRAC_PI_2));
        let mut out = (self.matrix)(params);
        let dimension = out.dim();
        for (k, (slow, both)) in wide.iter().zip(&narrow).enumerate() {
            let fast = both - slow * std::f64::consts::FRAC_1_SQRT_2;
            out.set(k / dimension, k % dimension, (slow * 0.5 + fast) * unit);
        }
        out
    }

    /// The derivative of the power from that of the gate.
    fn power_rule(&self, derivative: Matrix, params: &[f64]) -> Matrix {
        if self.power == 1.0 {
            return derivative;
        }
        let base = (self.matrix)(params);
        if self.power.fract() != 0.0 || !(0.0..=MOST_FACTORS).contains(&self.power) {
            return unitary_power_derivative(&base, &derivative, self.power);
        }
        let (mut power, mut sum) = (Matrix::identity(base.dim()), Matrix::zeros(base.dim()));
        for _ in 0..self.power as usize {
            let (left, right) = (sum.mul(&base), power.mul(&derivative));
            let entries = left.data().iter().zip(right.data()).map(|(a, b)| a + b).collect();
            sum = Matrix::from_entries(entries).unwrap_or(left);
            power = power.mul(&base);
        }
        sum
    }
}
