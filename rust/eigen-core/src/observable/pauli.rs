//! Pauli strings, kept sparse: only the factors that are not the identity.
use std::fmt;

use super::invalid;
use crate::error::CoreResult;
use crate::math::C64;

/// A Pauli letter other than the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Pauli {
    /// Bit flip.
    X = 1,
    /// Both.
    Y = 2,
    /// Phase flip.
    Z = 3,
}

impl Pauli {
    /// The letter as a character.
    pub fn letter(self) -> char {
        match self {
            Self::X => 'X',
            Self::Y => 'Y',
            Self::Z => 'Z',
        }
    }

    /// The letter of a character; `Ok(None)` for the identity.
    fn parse(letter: char) -> CoreResult<Option<Self>> {
        match letter.to_ascii_uppercase() {
            'I' => Ok(None),
            'X' => Ok(Some(Self::X)),
            'Y' => Ok(Some(Self::Y)),
            'Z' => Ok(Some(Self::Z)),
            other => Err(invalid(format!("`{}` is no Pauli letter", other.escape_debug()))
                .with_hint("use I, X, Y or Z")),
        }
    }

    /// `self · other` as (power of i, letter).
    pub(super) fn times(self, other: Self) -> (u8, Option<Self>) {
        match (self, other) {
            (a, b) if a == b => (0, None),
            (Self::X, Self::Y) => (1, Some(Self::Z)),
            (Self::Y, Self::Z) => (1, Some(Self::X)),
            (Self::Z, Self::X) => (1, Some(Self::Y)),
            (Self::Y, Self::X) => (3, Some(Self::Z)),
            (Self::Z, Self::Y) => (3, Some(Self::X)),
            _ => (3, Some(Self::Y)),
        }
    }
}

/// A product of Pauli letters on distinct qubits, ascending; the empty product is the identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PauliString(Box<[(u32, Pauli)]>);

impl PauliString {
    /// From factors on distinct qubits, in any order.
    pub fn new(mut factors: Vec<(u32, Pauli)>) -> CoreResult<Self> {
        factors.sort_unstable();
        match factors.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(invalid(format!("qubit `{}` occurs twice in a Pauli string", pair[0].0))),
            None => Ok(Self(factors.into())),
        }
    }

    pub(super) fn from_sorted(factors: Vec<(u32, Pauli)>) -> Self {
        Self(factors.into())
    }

    /// Reads `"X0 Z3"` (sparse), `"IZXY"` (dense, qubit 0 rightmost, one letter a qubit) or `""` (identity).
    pub fn parse(label: &str, num_qubits: usize) -> CoreResult<Self> {
        if label.bytes().any(|byte| byte.is_ascii_digit()) {
            return Self::parse_sparse(label);
        }
        if label.is_empty() {
            return Ok(Self::default());
        }
        let count = label.chars().count();
        if count != num_qubits {
            let shown: String = label.chars().take(40).collect();
            let message = format!(
                "Pauli string `{}` has {count} letters for {num_qubits} qubits",
                shown.escape_debug()
            );
            return Err(
                invalid(message).with_hint("write one letter a qubit, or name the qubits as in `X0 Z3`")
            );
        }
        let mut factors = Vec::new();
        for (qubit, letter) in label.chars().rev().enumerate() {
            factors.extend(Pauli::parse(letter)?.map(|letter| (qubit as u32, letter)));
        }
        Ok(Self::from_sorted(factors))
    }

    fn parse_sparse(label: &str) -> CoreResult<Self> {
        let mut factors = Vec::new();
        for word in label.split_ascii_whitespace() {
            let mut letters = word.chars();
            let letter = letters.next().map_or(Ok(None), Pauli::parse)?;
            let digits = letters.as_str();
            let qubit: u32 =
                digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit())).ok_or_else(
                    || {
                        let shown: String = word.chars().take(40).collect();
                        invalid(format!("`{}` is no Pauli factor", shown.escape_debug()))
                            .with_hint("write it as in `X0 Z3`")
                    },
                )?;
            factors.extend(letter.map(|letter| (qubit, letter)));
        }
        Self::new(factors)
    }

    /// The factors, ascending by qubit.
    pub fn factors(&self) -> &[(u32, Pauli)] {
        &self.0
    }

    /// One more than the highest qubit acted on.
    pub fn width(&self) -> usize {
        self.0.last().map_or(0, |(qubit, _)| *qubit as usize + 1)
    }

    /// The letter on a qubit, if it is not the identity.
    pub fn letter(&self, qubit: u32) -> Option<Pauli> {
        self.0.binary_search_by_key(&qubit, |(known, _)| *known).ok().map(|at| self.0[at].1)
    }

    /// Bit masks (x, z): X and Y set a bit of x, Z and Y one of z. `None` beyond 64 qubits.
    pub fn masks(&self) -> Option<(u64, u64)> {
        if self.width() > 64 {
            return None;
        }
        Some(self.0.iter().fold((0, 0), |(x, z), (qubit, letter)| match letter {
            Pauli::X => (x | (1 << qubit), z),
            Pauli::Y => (x | (1 << qubit), z | (1 << qubit)),
            Pauli::Z => (x, z | (1 << qubit)),
        }))
    }

    /// The entry ⟨column ⊕ x| P |column⟩ for the masks of the string.
    pub fn entry_phase(&self, x: u64, z: u64, column: u64) -> C64 {
        let quarter = (x & z).count_ones() + 2 * (column & z).count_ones();
        [C64::ONE, C64::I, -C64::ONE, -C64::I][(quarter % 4) as usize]
    }

    /// Whether, on every qubit, the two letters are equal or one of them is the identity.
    pub fn commutes_qubit_wise(&self, other: &Self) -> bool {
        self.0.iter().all(|(qubit, letter)| other.letter(*qubit).is_none_or(|known| known == *letter))
    }
}

impl fmt::Display for PauliString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (qubit, letter)) in self.0.iter().enumerate() {
            write!(f, "{}{}{qubit}", if at > 0 { " " } else { "" }, letter.letter())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_and_sparse_labels_agree() {
        let dense = PauliString::parse("IZXY", 4).expect("valid");
        assert_eq!(dense, PauliString::parse("Y0 X1 Z2", 4).expect("valid"));
        assert_eq!(dense.to_string(), "Y0 X1 Z2");
        assert_eq!(PauliString::parse("", 4).expect("valid").to_string(), "");
    }

    #[test]
    fn bad_labels_are_refused() {
        for label in ["XX", "Q0", "X0 Y0", "X0X1", "X-1", "0", "X99999999999", "X0 é"] {
            assert!(PauliString::parse(label, 3).is_err(), "{label}");
        }
    }
}
