//! The versions of AQO and what fits into the older ones.
use crate::circuit::{Basis, Circuit, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;

/// A version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `0.1`: six operations.
    V0_1,
    /// `1.0.0`: ten more gates, parameters and metadata.
    V1_0_0,
    /// `1.1`: everything a circuit can say.
    V1_1,
}

const FIRST: &[Opcode] = &[Opcode::Rx, Opcode::Ry, Opcode::Rz, Opcode::Cx, Opcode::Measure, Opcode::Reset];
const SECOND: &[Opcode] = &[
    Opcode::X,
    Opcode::Y,
    Opcode::Z,
    Opcode::H,
    Opcode::S,
    Opcode::T,
    Opcode::Cz,
    Opcode::Swap,
    Opcode::Ccx,
    Opcode::Ccz,
];

impl Version {
    /// The version as documents spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1",
            Self::V1_0_0 => "1.0.0",
            Self::V1_1 => "1.1",
        }
    }

    /// The version of a text.
    pub fn parse(text: &str) -> CoreResult<Self> {
        match text {
            "0.1" => Ok(Self::V0_1),
            "1.0.0" => Ok(Self::V1_0_0),
            "1.1" => Ok(Self::V1_1),
            _ => {
                let shown: String = text.chars().take(20).collect();
                let message = format!("AQO version `{}` is not known", shown.escape_debug());
                Err(CoreError::new(ErrorCode::AqoUnsupported, message).with_hint("use 0.1, 1.0.0 or 1.1"))
            }
        }
    }

    /// Whether an operation belongs to the version.
    pub fn knows(self, opcode: Opcode) -> bool {
        match self {
            Self::V0_1 => FIRST.contains(&opcode),
            Self::V1_0_0 => FIRST.contains(&opcode) || SECOND.contains(&opcode),
            Self::V1_1 => true,
        }
    }

    /// Checks that a circuit can be written in the version.
    pub(super) fn check(self, circuit: &Circuit) -> CoreResult<()> {
        if self == Self::V1_1 {
            return Ok(());
        }
        let mut place = 0;
        for op in circuit.operations() {
            if let Some(why) = self.obstacle(&op) {
                let message = format!("operation {place} (`{}`): {why}", op.opcode().name());
                return Err(self.refusal(message));
            }
            place += usize::from(!op.opcode().is_marker());
        }
        if circuit.num_scratch() > 0 {
            return Err(self.refusal("the circuit has scratch bits".to_string()));
        }
        let written =
            circuit.operations().flat_map(|op| op.clbits().to_vec()).max().map_or(0, |bit| bit as usize + 1);
        if written != circuit.num_clbits() {
            let last = circuit.num_clbits() - 1;
            return Err(self.refusal(format!("classical bit `{last}` is never measured into")));
        }
        if self == Self::V0_1 && !circuit.metadata().is_empty() {
            return Err(self.refusal("the circuit has metadata".to_string()));
        }
        Ok(())
    }

    fn refusal(self, message: String) -> CoreError {
        let message = format!("{message}; AQO {} cannot say that", self.as_str());
        CoreError::new(ErrorCode::AqoUnsupported, message).with_hint("write it as AQO 1.1")
    }

    fn obstacle(self, op: &Operation<'_>) -> Option<&'static str> {
        let plain_parameter = |param| {
            let affine = op.affine(param);
            affine.is_constant() || (affine.constant == 0.0 && affine.terms.values().eq([&1.0]))
        };
        if !self.knows(op.opcode()) {
            Some("the operation is not in that version")
        } else if !op.modifier().is_none() {
            Some("it is controlled, inverted or raised to a power")
        } else if op.condition().is_some() {
            Some("it has a condition")
        } else if op.basis() != Basis::Z {
            Some("it measures in another basis than Z")
        } else if !op.params().iter().all(|param| plain_parameter(*param)) {
            Some("a parameter is neither a number nor one symbol")
        } else {
            None
        }
    }
}
