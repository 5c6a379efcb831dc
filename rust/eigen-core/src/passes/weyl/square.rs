//! Small complex matrices of fixed size that live on the stack; `Matrix` is the one for any size.
use crate::math::{C64, Matrix};

/// A square matrix by rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Square<const N: usize>(pub [[C64; N]; N]);

/// The matrix of a gate on one qubit.
pub(crate) type Two = Square<2>;
/// The matrix of a gate on two qubits; the first is the less significant bit of an index.
pub(crate) type Four = Square<4>;

impl<const N: usize> Square<N> {
    pub fn identity() -> Self {
        let mut out = Self([[C64::ZERO; N]; N]);
        for k in 0..N {
            out.0[k][k] = C64::ONE;
        }
        out
    }

    /// The same entries, if the sizes agree.
    pub fn of(matrix: &Matrix) -> Option<Self> {
        let at = |row: usize, column: usize| matrix.get(row, column);
        (matrix.dim() == N)
            .then(|| Self(std::array::from_fn(|row| std::array::from_fn(|column| at(row, column)))))
    }

    /// The product `self · other`.
    pub fn mul(&self, other: &Self) -> Self {
        let mut out = [[C64::ZERO; N]; N];
        for (row, left) in out.iter_mut().zip(&self.0) {
            for (factor, right) in left.iter().zip(&other.0) {
                for (sum, value) in row.iter_mut().zip(right) {
                    *sum += factor * value;
                }
            }
        }
        Self(out)
    }

    pub fn transpose(&self) -> Self {
        Self(std::array::from_fn(|row| std::array::from_fn(|column| self.0[column][row])))
    }

    pub fn dagger(&self) -> Self {
        Self(self.transpose().0.map(|row| row.map(|value| value.conj())))
    }

    pub fn scale(&self, factor: C64) -> Self {
        Self(self.0.map(|row| row.map(|value| value * factor)))
    }

    /// Largest difference of two entries; infinite where one is no number.
    pub fn distance(&self, other: &Self) -> f64 {
        let pairs = self.0.iter().flatten().zip(other.0.iter().flatten());
        let squares = pairs.map(|(a, b)| (a - b).norm_sqr());
        squares
            .fold(0.0, |most, next| if next.is_nan() { f64::INFINITY } else { f64::max(most, next) })
            .sqrt()
    }

    /// The phase γ that makes `self ≈ e^{iγ}·other` best, and the largest difference that is left.
    pub fn phase_to(&self, other: &Self) -> (f64, f64) {
        let pairs = self.0.iter().flatten().zip(other.0.iter().flatten());
        let overlap: C64 = pairs.map(|(a, b)| a * b.conj()).sum();
        let phase = libm::atan2(overlap.im, overlap.re);
        (phase, self.distance(&other.scale(crate::math::cis(phase))))
    }
}

impl Two {
    /// `|tr(A†B)|`: 2 where the two are the same up to a phase, less where they are not.
    pub fn overlap(&self, other: &Self) -> f64 {
        let pairs = self.0.iter().flatten().zip(other.0.iter().flatten());
        let sum: C64 = pairs.map(|(a, b)| a * b.conj()).sum();
        sum.norm_sqr().sqrt()
    }

    /// The determinant.
    pub fn determinant(&self) -> C64 {
        self.0[0][0] * self.0[1][1] - self.0[0][1] * self.0[1][0]
    }

    /// `self` on the first qubit and `second` on the second.
    pub fn beside(&self, second: &Self) -> Four {
        let entry = |row: usize, column: usize| second.0[row >> 1][column >> 1] * self.0[row & 1][column & 1];
        Square(std::array::from_fn(|row| std::array::from_fn(|column| entry(row, column))))
    }
}

impl Four {
    /// Multiplies from the left with a gate on one of the qubits, given by its bit.
    pub fn turn(&mut self, gate: &Two, bit: usize) {
        let [[a, b], [c, d]] = gate.0;
        for low in (0..4).filter(|row| row >> bit & 1 == 0) {
            let high = low | 1 << bit;
            let (upper, lower) = (self.0[low], self.0[high]);
            self.0[low] = std::array::from_fn(|column| a * upper[column] + b * lower[column]);
            self.0[high] = std::array::from_fn(|column| c * upper[column] + d * lower[column]);
        }
    }

    /// SWAP.
    pub fn exchange() -> Self {
        let at = |k: usize| (k >> 1) | ((k & 1) << 1);
        let entry = |row: usize, column: usize| C64::from(f64::from(u8::from(at(row) == column)));
        Square(std::array::from_fn(|row| std::array::from_fn(|column| entry(row, column))))
    }

    /// The same gate with its qubits exchanged.
    pub fn exchanged(&self) -> Self {
        let at = |k: usize| (k >> 1) | ((k & 1) << 1);
        Square(std::array::from_fn(|row| std::array::from_fn(|column| self.0[at(row)][at(column)])))
    }

    /// The factors of a Kronecker product of two unitaries, up to a phase.
    pub fn factors(&self) -> [Two; 2] {
        let block = |r: usize, c: usize| {
            let entry = |row: usize, column: usize| self.0[2 * r + row][2 * c + column];
            Square(std::array::from_fn(|row| std::array::from_fn(|column| entry(row, column))))
        };
        // The heavier block of the first row is a multiple of the first factor that is at least 1/√2.
        let norm = |m: &Two| m.0.iter().flatten().map(|value| value.norm_sqr()).sum::<f64>();
        let heavy = if norm(&block(0, 0)) >= norm(&block(0, 1)) { block(0, 0) } else { block(0, 1) };
        let first = heavy.scale(C64::from(1.0) / heavy.determinant().sqrt());
        let back = first.dagger();
        let entry = |r: usize, c: usize| {
            let product = back.mul(&block(r, c));
            (product.0[0][0] + product.0[1][1]) * 0.5
        };
        [first, Square([[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]])]
    }
}
