//! `U = (K₁⊗K₀)·exp(i(a·XX + b·YY + c·ZZ))·(L₁⊗L₀)` up to a phase, with `π/4 ≥ a ≥ b ≥ |c|` (the Weyl chamber).
//!
//! In the magic basis local gates are real, so that `UᵀU` has real eigenvectors (Kraus and Cirac, PRA 63, 062309, 2001).
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4, PI};

use super::simultaneous::{Real, common_eigenvectors};
use super::square::{Four, Square, Two};
use crate::math::{C64, cis};

/// Coordinates below this are rounding; leaving one out changes no entry by more.
pub(crate) const NEGLIGIBLE: f64 = 1e-11;

/// A two-qubit gate as local gates around its interaction; the global phase is left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weyl {
    /// Gates of both qubits before the interaction.
    pub before: [Two; 2],
    /// Coefficients of XX, YY and ZZ.
    pub coordinates: [f64; 3],
    /// Gates of both qubits after it.
    pub after: [Two; 2],
}

impl Weyl {
    /// The decomposition of a unitary, its coordinates in the chamber.
    pub fn of(unitary: &Four) -> Self {
        let basis = magic();
        let back = basis.dagger();
        let inner = back.mul(unitary).mul(&basis);
        let square = inner.transpose().mul(&inner);
        let part = |of: fn(&C64) -> f64| -> Real {
            let mean = |r: usize, c: usize| 0.5 * (of(&square.0[r][c]) + of(&square.0[c][r]));
            std::array::from_fn(|r| std::array::from_fn(|c| mean(r, c)))
        };
        let vectors = common_eigenvectors(&part(|z| z.re), &part(|z| z.im));
        let right = Square(vectors.map(|row| row.map(|value| C64::new(value, 0.0))));
        let turned = right.transpose().mul(&square).mul(&right);
        let mut halves: [f64; 4] =
            std::array::from_fn(|k| 0.5 * libm::atan2(turned.0[k][k].im, turned.0[k][k].re));
        let mut left = inner.mul(&right);
        for row in &mut left.0 {
            for (value, half) in row.iter_mut().zip(halves) {
                *value *= cis(-half);
            }
        }
        if determinant(&left) < 0.0 {
            halves[0] += PI;
            for row in &mut left.0 {
                row[0] = -row[0];
            }
        }
        let [d0, d1, d2, d3] = halves;
        let coordinates = [(d0 - d1 + d2 - d3) / 4.0, (d1 - d0 + d2 - d3) / 4.0, (d0 + d1 - d2 - d3) / 4.0];
        let local = |m: &Four| basis.mul(m).mul(&back).factors();
        let mut weyl = Self { before: local(&right.transpose()), coordinates, after: local(&left) };
        weyl.move_to_chamber();
        weyl
    }

    fn move_to_chamber(&mut self) {
        for axis in 0..3 {
            self.shift(axis, libm::round(self.coordinates[axis] / FRAC_PI_2) as i64);
        }
        for (j, k) in [(0, 1), (1, 2), (0, 1)] {
            if self.coordinates[j].abs() < self.coordinates[k].abs() {
                self.exchange(j, k);
            }
        }
        match self.coordinates.map(|value| value < 0.0) {
            [true, true, _] => self.negate(0, 1),
            [true, false, _] => self.negate(0, 2),
            [false, true, _] => self.negate(1, 2),
            _ => {}
        }
        if self.coordinates[0] > FRAC_PI_4 - NEGLIGIBLE && self.coordinates[2] < 0.0 {
            self.negate(0, 2);
            self.shift(0, -1);
        }
    }

    /// Takes `times·π/2` off a coordinate: a quarter turn of PP is P on both qubits.
    fn shift(&mut self, axis: usize, times: i64) {
        self.coordinates[axis] -= times as f64 * FRAC_PI_2;
        if times.rem_euclid(2) == 1 {
            self.after = self.after.map(|gate| gate.mul(&pauli(axis)));
        }
    }

    /// Exchanges two axes, on both qubits, by half a turn about the line between them.
    pub fn exchange(&mut self, j: usize, k: usize) {
        self.coordinates.swap(j, k);
        let turn = between(j, k);
        self.after = self.after.map(|gate| gate.mul(&turn));
        self.before = self.before.map(|gate| turn.mul(&gate));
    }

    /// Negates two coordinates, by half a turn of the first qubit about the third axis.
    fn negate(&mut self, j: usize, k: usize) {
        self.coordinates[j] = -self.coordinates[j];
        self.coordinates[k] = -self.coordinates[k];
        let turn = pauli(3 - j - k);
        self.after[0] = self.after[0].mul(&turn);
        self.before[0] = turn.mul(&self.before[0]);
    }
}

/// X, Y or Z by its place.
pub(super) fn pauli(axis: usize) -> Two {
    let (zero, one, i) = (C64::ZERO, C64::ONE, C64::I);
    Square([[[zero, one], [one, zero]], [[zero, -i], [i, zero]], [[one, zero], [zero, -one]]][axis])
}

/// `(P_j + P_k)/√2`, which exchanges the two under conjugation and is its own inverse.
pub(super) fn between(j: usize, k: usize) -> Two {
    let (a, b) = (pauli(j).0, pauli(k).0);
    Square(std::array::from_fn(|r| std::array::from_fn(|c| (a[r][c] + b[r][c]) * FRAC_1_SQRT_2)))
}

/// Bell states as columns, with phases that make local gates real.
fn magic() -> Four {
    let (zero, one, i) = (C64::ZERO, C64::new(FRAC_1_SQRT_2, 0.0), C64::new(0.0, FRAC_1_SQRT_2));
    Square([[one, i, zero, zero], [zero, zero, i, one], [zero, zero, i, -one], [one, -i, zero, zero]])
}

/// The determinant of a matrix that is real but for rounding.
fn determinant(m: &Four) -> f64 {
    let minor = |r: [usize; 2], c: [usize; 2]| {
        m.0[r[0]][c[0]].re * m.0[r[1]][c[1]].re - m.0[r[0]][c[1]].re * m.0[r[1]][c[0]].re
    };
    let pairs = [([0, 1], [2, 3], 1.0), ([0, 2], [1, 3], -1.0), ([0, 3], [1, 2], 1.0)];
    let opposite = [([1, 2], [0, 3], 1.0), ([1, 3], [0, 2], -1.0), ([2, 3], [0, 1], 1.0)];
    let terms = pairs.iter().chain(&opposite);
    terms.map(|(up, down, sign)| sign * minor([0, 1], *up) * minor([2, 3], *down)).sum()
}
