//! Collapse operators of a Lindblad equation: `sqrt(rate)` times a Pauli string, or a ladder or number operator of a qubit.
use std::fmt;

use super::coefficient::invalid;
use crate::error::CoreResult;
use crate::math::C64;
use crate::observable::PauliString;
use crate::param::Affine;

/// The operator of a collapse, without its rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Jump {
    /// A Pauli string, written as in `X0 Z3`.
    Pauli(PauliString),
    /// `|0><1|`, written `S-0`: decay.
    Lower(u32),
    /// `|1><0|`, written `S+0`: heating.
    Raise(u32),
    /// `|1><1|`, written `N0`.
    Number(u32),
}

/// A collapse operator `sqrt(rate) L`.
#[derive(Clone, Debug, PartialEq)]
pub struct Collapse {
    /// The operator L.
    pub jump: Jump,
    /// The rate, in the inverse of the unit of time; not negative.
    pub rate: Affine,
}

/// A Pauli string as masks, with a coefficient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Masked {
    pub x: u64,
    pub z: u64,
    pub coefficient: C64,
}

impl Masked {
    pub fn new(x: u64, z: u64, coefficient: C64) -> Self {
        Self { x, z, coefficient }
    }
}

/// Makes the operator of a qubit.
type Make = fn(u32) -> Jump;

impl Jump {
    /// Reads `X0 Z3`, `S-0`, `S+0` or `N0`.
    pub fn parse(text: &str, num_qubits: usize) -> CoreResult<Self> {
        let make: [(&str, Make); 3] = [("S-", Jump::Lower), ("S+", Jump::Raise), ("N", Jump::Number)];
        let found = make.iter().find_map(|(mark, make)| Some((text.strip_prefix(mark)?, make)));
        let Some((digits, make)) = found else {
            return Ok(Jump::Pauli(PauliString::parse(text, num_qubits)?));
        };
        match digits.parse() {
            Ok(qubit) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(make(qubit)),
            _ => {
                let shown: String = text.chars().take(40).collect();
                let message = format!("`{}` is no collapse operator", shown.escape_debug());
                Err(invalid(message).with_hint("write `X0 Z3`, `S-0`, `S+0` or `N0`"))
            }
        }
    }

    /// One more than the highest qubit acted on.
    pub fn width(&self) -> usize {
        match self {
            Self::Pauli(string) => string.width(),
            Self::Lower(qubit) | Self::Raise(qubit) | Self::Number(qubit) => *qubit as usize + 1,
        }
    }

    /// L as a sum of Pauli strings.
    pub(crate) fn terms(&self) -> Vec<Masked> {
        let half = |x, z, re, im| Masked::new(x, z, C64::new(0.5 * re, 0.5 * im));
        match self {
            Self::Pauli(string) => {
                let (x, z) = string.masks().unwrap_or_default();
                vec![Masked::new(x, z, C64::ONE)]
            }
            Self::Lower(q) => vec![half(1 << q, 0, 1.0, 0.0), half(1 << q, 1 << q, 0.0, 1.0)],
            Self::Raise(q) => vec![half(1 << q, 0, 1.0, 0.0), half(1 << q, 1 << q, 0.0, -1.0)],
            Self::Number(q) => vec![half(0, 0, 1.0, 0.0), half(0, 1 << q, -1.0, 0.0)],
        }
    }

    /// `L† L`, which is diagonal.
    pub(crate) fn weight(&self) -> Vec<Masked> {
        let half = |z, re| Masked::new(0, z, C64::new(0.5 * re, 0.0));
        match self {
            Self::Pauli(_) => vec![Masked::new(0, 0, C64::ONE)],
            Self::Lower(q) | Self::Number(q) => vec![half(0, 1.0), half(1 << q, -1.0)],
            Self::Raise(q) => vec![half(0, 1.0), half(1 << q, 1.0)],
        }
    }
}

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pauli(string) => string.fmt(f),
            Self::Lower(qubit) => write!(f, "S-{qubit}"),
            Self::Raise(qubit) => write!(f, "S+{qubit}"),
            Self::Number(qubit) => write!(f, "N{qubit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_round_trip() {
        for text in ["X0 Z3", "S-0", "S+12", "N1", ""] {
            assert_eq!(Jump::parse(text, 4).expect("valid").to_string(), text);
        }
        for text in ["S-", "S*0", "N-1", "Q", "S-99999999999"] {
            assert!(Jump::parse(text, 4).is_err(), "{text}");
        }
    }
}
