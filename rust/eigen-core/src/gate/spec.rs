//! The shape of one row of the gate table.
use super::rules::{Inverse, PowerRule};
use super::{Opcode, catalogue};
use crate::math::{C64, Matrix};

/// How many qubits a gate takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Exactly this many.
    Fixed(usize),
    /// At least this many; all but the last are controls.
    ControlsAndTarget(usize),
    /// At least this many, as the payload (matrix, Pauli string) says.
    Payload(usize),
}

/// Properties of a gate for all values of its parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// In the Clifford group.
    pub clifford: bool,
    /// Diagonal in the computational basis.
    pub diagonal: bool,
    /// A permutation of the computational basis, without phases.
    pub permutation: bool,
    /// Its own inverse.
    pub hermitian: bool,
}

/// One gate: what parsers, simulators, passes, documentation and tests need to know.
#[derive(Debug)]
pub struct GateSpec {
    /// The opcode.
    pub opcode: Opcode,
    /// Other names that are understood on input, lower case.
    pub aliases: &'static [&'static str],
    /// Number of qubits.
    pub arity: Arity,
    /// Leading qubits that are controls (for variadic gates: all but the last).
    pub controls: usize,
    /// The gate that is controlled, when that is a gate of the table with the same parameters.
    pub base: Option<Opcode>,
    /// Parameter names, in order.
    pub params: &'static [&'static str],
    /// Matrix on the qubits behind the controls, first of them least significant. `None` for payload gates.
    pub matrix: Option<fn(&[f64]) -> Matrix>,
    /// The inverse as a gate of the table.
    pub inverse: Inverse,
    /// The natural power.
    pub power: PowerRule,
    /// Properties.
    pub flags: Flags,
    /// Name in OpenQASM 3 (`stdgates.inc` or our own definitions).
    pub qasm: Option<&'static str>,
    /// One sentence.
    pub help: &'static str,
    /// Where the convention comes from.
    pub source: &'static str,
}

impl GateSpec {
    /// The row of a gate; `None` for instructions that are no gates.
    pub fn of(opcode: Opcode) -> Option<&'static GateSpec> {
        catalogue::TABLE.get(opcode as usize)
    }

    /// The canonical name.
    pub fn name(&self) -> &'static str {
        self.opcode.name()
    }

    /// Number of qubits when it is fixed.
    pub fn num_qubits(&self) -> Option<usize> {
        match self.arity {
            Arity::Fixed(count) => Some(count),
            _ => None,
        }
    }

    /// Number of controls inside the gate, when it acts on `num_qubits` qubits.
    pub fn controls_for(&self, num_qubits: usize) -> usize {
        match self.arity {
            Arity::ControlsAndTarget(_) => num_qubits.saturating_sub(1),
            _ => self.controls,
        }
    }

    /// The full matrix on all qubits, controls included, without modifiers. `None` for payload gates.
    pub fn full_matrix(&self, params: &[f64], num_qubits: usize) -> Option<Matrix> {
        let target = self.matrix?(params);
        Some(target.controlled(&vec![true; self.controls_for(num_qubits)]))
    }
}

/// The matrix of a Pauli rotation `exp(−i·angle/2·P)`; `paulis[k]` (one of `IXYZ`) acts on qubit `k`.
pub fn pauli_rotation(angle: f64, paulis: &[u8]) -> Matrix {
    let (c, s) = (libm::cos(angle / 2.0), libm::sin(angle / 2.0));
    let mut product = Matrix::identity(1);
    for letter in paulis {
        product = product.kron_above(&pauli(*letter));
    }
    let mut out = product.scale(C64::new(0.0, -s));
    for k in 0..out.dim() {
        out.set(k, k, out.get(k, k) + c);
    }
    out
}

/// The 2×2 matrix of a Pauli letter; anything else than `X Y Z` counts as the identity.
pub fn pauli(letter: u8) -> Matrix {
    let (zero, one, i) = (C64::ZERO, C64::ONE, C64::I);
    match letter {
        b'X' => Matrix::two(zero, one, one, zero),
        b'Y' => Matrix::two(zero, -i, i, zero),
        b'Z' => Matrix::two(one, zero, zero, -one),
        _ => Matrix::two(one, zero, zero, one),
    }
}
