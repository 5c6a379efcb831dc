//! What stands behind the name of an instruction: qubits, outcomes, products of Paulis.
use crate::text::scan::digits;

/// A target: what it is and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub at: u32,
    pub length: u32,
    pub what: What,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `5` or `!5`
    Qubit { index: u32, inverted: bool },
    /// `rec[-3]`: so many outcomes back.
    Record(u64),
    /// `X1*!Z4`, and the highest of its qubits.
    Product(u32),
    /// `sweep[2]`
    Sweep,
    /// What no instruction takes.
    Other,
}

/// One Pauli of a product.
pub(super) struct Factor {
    pub letter: u8,
    pub index: u32,
    pub inverted: bool,
}

impl What {
    pub fn read(word: &str) -> Self {
        let bytes = word.as_bytes();
        let inverted = bytes.first() == Some(&b'!');
        match bytes.get(usize::from(inverted)) {
            Some(b'0'..=b'9') => match number(&word[usize::from(inverted)..]) {
                Some(index) => Self::Qubit { index, inverted },
                None => Self::Other,
            },
            Some(b'X' | b'Y' | b'Z' | b'x' | b'y' | b'z') => {
                let mut highest = 0;
                for found in factors(word) {
                    match found {
                        Some(factor) => highest = highest.max(factor.index),
                        None => return Self::Other,
                    }
                }
                Self::Product(highest)
            }
            _ if word.starts_with("sweep[") => Self::Sweep,
            _ => match word.strip_prefix("rec[-").and_then(|rest| rest.strip_suffix(']')) {
                Some(back) if !back.starts_with('0') && is_number(back) => {
                    Self::Record(back.parse().unwrap_or(u64::MAX))
                }
                _ => Self::Other,
            },
        }
    }

    /// One more than the highest qubit that it names.
    pub fn width(self) -> u64 {
        match self {
            Self::Qubit { index, .. } | Self::Product(index) => u64::from(index) + 1,
            _ => 0,
        }
    }
}

/// The factors of a product; nothing for one that is none.
pub(super) fn factors(word: &str) -> impl Iterator<Item = Option<Factor>> + '_ {
    word.split('*').map(|factor| {
        let plain = factor.strip_prefix('!').unwrap_or(factor);
        let letter = plain.bytes().next()?.to_ascii_uppercase();
        if !b"XYZ".contains(&letter) {
            return None;
        }
        let index = number(&plain[1..])?;
        Some(Factor { letter, index, inverted: plain.len() < factor.len() })
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && digits(text.as_bytes()) == text.len()
}

/// A whole number; one that no qubit has is the largest.
fn number(text: &str) -> Option<u32> {
    is_number(text).then(|| text.parse().unwrap_or(u32::MAX))
}
