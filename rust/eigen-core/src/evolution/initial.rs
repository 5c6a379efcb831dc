//! The state that an evolution starts from.
use super::coefficient::invalid;
use crate::circuit::{Circuit, CircuitBuilder};
use crate::error::CoreResult;
use crate::gate::Opcode;

/// The initial state.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial {
    /// A basis state, qubit 0 rightmost.
    Bits(String),
    /// One Bloch vector (polar angle, azimuth) for each qubit: `cos(θ/2)|0> + e^{iφ} sin(θ/2)|1>`.
    Product(Vec<(f64, f64)>),
    /// What a circuit without measurements makes of |0…0>.
    Circuit(Box<Circuit>),
}

impl Initial {
    /// Checks it against the number of qubits.
    pub fn check(&self, num_qubits: usize) -> CoreResult<()> {
        match self {
            Self::Bits(bits) if bits.len() != num_qubits || bits.bytes().any(|b| b != b'0' && b != b'1') => {
                let shown: String = bits.chars().take(80).collect();
                Err(invalid(format!("the initial state `{shown}` must be {num_qubits} characters 0 or 1")))
            }
            Self::Product(angles) if angles.len() != num_qubits => Err(invalid(format!(
                "the initial state has `{}` Bloch vectors for {num_qubits} qubits",
                angles.len()
            ))),
            Self::Product(angles) if angles.iter().any(|(a, b)| !a.is_finite() || !b.is_finite()) => {
                Err(invalid("the angles of the initial state are finite"))
            }
            Self::Circuit(circuit) if circuit.num_qubits() != num_qubits => {
                let message = format!(
                    "the circuit of the initial state has `{}` qubits, the evolution {num_qubits}",
                    circuit.num_qubits()
                );
                Err(invalid(message))
            }
            Self::Circuit(circuit)
                if circuit.operations().any(|op| {
                    op.opcode() == Opcode::Measure
                        || op.opcode() == Opcode::Reset
                        || op.opcode().is_control_flow()
                }) =>
            {
                Err(invalid("the circuit of the initial state measures, resets or branches"))
            }
            _ => Ok(()),
        }
    }

    /// A circuit that prepares the state from |0…0>.
    pub fn to_circuit(&self, num_qubits: usize) -> CoreResult<Circuit> {
        let mut builder = CircuitBuilder::new(num_qubits, 0)?;
        match self {
            Self::Bits(bits) => {
                let ones = bits.bytes().rev().zip(0..).filter(|(bit, _)| *bit == b'1');
                ones.into_iter().try_for_each(|(_, qubit)| builder.gate(Opcode::X, &[qubit], &[]))?;
            }
            Self::Product(angles) => {
                for ((polar, azimuth), qubit) in angles.iter().zip(0..) {
                    builder.gate(Opcode::U, &[qubit], &[*polar, *azimuth, 0.0])?;
                }
            }
            Self::Circuit(circuit) => return Ok((**circuit).clone()),
        }
        builder.build()
    }
}
