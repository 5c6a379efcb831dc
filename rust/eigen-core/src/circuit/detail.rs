//! What only some operations have: modifiers, a condition, a payload. Kept aside so that plain gates stay small.
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::compute::Expr;
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::Matrix;

/// Control, inverse and power on top of a gate: `control(inverse(gate^power))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Modifier {
    /// Number of leading qubits that are controls on top of the gate.
    pub controls: u32,
    /// The value each control must have, first control first; `None` when all must be 1.
    pub state: Option<Box<[bool]>>,
    /// Whether the gate, after its power, is inverted.
    pub inverse: bool,
    /// The principal power, not negative.
    pub power: f64,
}

impl Modifier {
    /// No modifier.
    pub const NONE: Self = Self { controls: 0, state: None, inverse: false, power: 1.0 };

    /// Controls only.
    pub fn controls(count: u32) -> Self {
        Self { controls: count, ..Self::NONE }
    }

    /// Whether nothing is modified.
    pub fn is_none(&self) -> bool {
        self.controls == 0 && !self.inverse && self.power == 1.0
    }

    /// The value that control `index` must have.
    pub fn control_bit(&self, index: usize) -> bool {
        self.state.as_ref().is_none_or(|state| state.get(index).copied().unwrap_or(true))
    }

    /// The control values as text, control 0 rightmost.
    pub fn state_text(&self) -> String {
        (0..self.controls as usize).rev().map(|k| if self.control_bit(k) { '1' } else { '0' }).collect()
    }

    /// Reads control values from text, control 0 rightmost. All ones is kept as `None`.
    pub fn with_state(mut self, text: Option<&str>) -> CoreResult<Self> {
        let Some(text) = text else { return Ok(self) };
        if text.len() != self.controls as usize || text.bytes().any(|b| b != b'0' && b != b'1') {
            let shown: String = text.chars().take(80).collect();
            let message = format!("control state `{shown}` must be {} characters 0 or 1", self.controls);
            return Err(CoreError::new(ErrorCode::GateArguments, message));
        }
        self.state = text.contains('0').then(|| text.bytes().rev().map(|b| b == b'1').collect());
        Ok(self)
    }

    /// The modifier with more controls put in front.
    pub fn with_controls_in_front(&self, bits: &[bool]) -> Self {
        let total = bits.len() + self.controls as usize;
        let all: Box<[bool]> = (0..total)
            .map(|k| bits.get(k).copied().unwrap_or_else(|| self.control_bit(k - bits.len())))
            .collect();
        let state = all.iter().any(|bit| !bit).then_some(all);
        Self { controls: total as u32, state, inverse: self.inverse, power: self.power }
    }
}

/// The Pauli basis of a measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// Eigenstates of X: + is 0, − is 1.
    X,
    /// Eigenstates of Y: +i is 0, −i is 1.
    Y,
    /// The computational basis.
    #[default]
    Z,
}

impl Basis {
    /// The letter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X => "X",
            Self::Y => "Y",
            Self::Z => "Z",
        }
    }

    /// The basis of a letter, in any case.
    pub fn parse(text: &str) -> CoreResult<Self> {
        match text {
            "X" | "x" => Ok(Self::X),
            "Y" | "y" => Ok(Self::Y),
            "Z" | "z" => Ok(Self::Z),
            _ => {
                let shown: String = text.chars().take(20).collect();
                Err(CoreError::new(ErrorCode::GateArguments, format!("`{shown}` is no measurement basis"))
                    .with_hint("use X, Y or Z"))
            }
        }
    }
}

/// The unit of a delay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DurationUnit {
    /// Nanoseconds.
    #[default]
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Samples of the device's clock.
    Dt,
}

impl DurationUnit {
    const NAMES: [(DurationUnit, &'static str); 5] =
        [(Self::Ns, "ns"), (Self::Us, "us"), (Self::Ms, "ms"), (Self::S, "s"), (Self::Dt, "dt")];

    /// The unit as text.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(unit, _)| *unit == self).map_or("ns", |(_, name)| name)
    }

    /// The unit of a text.
    pub fn parse(text: &str) -> CoreResult<Self> {
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(unit, _)| *unit).ok_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            CoreError::new(ErrorCode::GateArguments, format!("`{shown}` is no unit of a delay"))
                .with_hint("use ns, us, ms, s or dt")
        })
    }
}

/// Data of particular operations.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Payload {
    /// None.
    #[default]
    None,
    /// The matrix of a `UNITARY`.
    Matrix(Arc<Matrix>),
    /// The letters (`I X Y Z`) of a `PAULI_ROT`, first qubit first.
    Pauli(Arc<[u8]>),
    /// The basis of a `MEASURE`.
    Basis(Basis),
    /// The unit of a `DELAY`.
    Unit(DurationUnit),
    /// What a `COMPUTE` writes.
    Expr(Arc<Expr>),
    /// `IF` (bound 1), `WHILE` (at most `bound` rounds) or `FOR` (`bound` rounds).
    Block {
        /// Number of rounds.
        bound: u64,
        /// Stream position of the `ELSE`, if there is one.
        middle: Option<u32>,
        /// Stream position of the `END`.
        end: u32,
    },
    /// `ELSE` or `END`: where the block begins and ends.
    Marker {
        /// Stream position of the opening operation.
        begin: u32,
        /// Stream position of the `END`.
        end: u32,
    },
}

/// Modifiers, condition and payload of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// Modifiers of a gate.
    pub modifier: Modifier,
    /// The operation happens only if this holds.
    pub condition: Option<Condition>,
    /// Data of particular operations.
    pub payload: Payload,
}

impl Detail {
    /// Neither modifier nor condition nor payload.
    pub const NONE: Self = Self { modifier: Modifier::NONE, condition: None, payload: Payload::None };

    /// Whether it says nothing.
    pub fn is_none(&self) -> bool {
        self.modifier.is_none()
            && self.condition.is_none()
            && matches!(
                self.payload,
                Payload::None | Payload::Basis(Basis::Z) | Payload::Unit(DurationUnit::Ns)
            )
    }
}

/// A detail that takes a word where it says nothing, as for most operations. It reads as a `Detail`; writing to one
/// that says nothing makes room.
#[derive(Clone, Debug, Default)]
pub struct Rare(Option<Box<Detail>>);

impl Rare {
    /// Nothing.
    pub const NONE: Self = Self(None);

    /// Whether there is nothing at all, not even room.
    pub fn is_plain(&self) -> bool {
        self.0.is_none()
    }

    /// The detail by itself.
    pub fn into_detail(self) -> Detail {
        self.0.map_or(Detail::NONE, |detail| *detail)
    }
}

impl From<Detail> for Rare {
    fn from(detail: Detail) -> Self {
        Self(Some(Box::new(detail)))
    }
}

impl Deref for Rare {
    type Target = Detail;

    fn deref(&self) -> &Detail {
        self.0.as_deref().unwrap_or(&Detail::NONE)
    }
}

impl DerefMut for Rare {
    fn deref_mut(&mut self) -> &mut Detail {
        self.0.get_or_insert_with(|| Box::new(Detail::NONE))
    }
}

impl PartialEq for Rare {
    fn eq(&self, other: &Self) -> bool {
        self.is_plain() && other.is_plain() || **self == **other
    }
}
