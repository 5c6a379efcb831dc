//! The gates of a circuit with numbers, and the light cone of a question about few qubits.
use crate::error::CoreResult;
use crate::math::C64;
use crate::sim::mps::gate::{Action, Gate};

/// A gate with numbers.
#[derive(Clone, Debug)]
pub(crate) struct Numeric {
    pub controls: Vec<(u32, bool)>,
    pub targets: Vec<u32>,
    pub kind: Kind,
}

/// What it does to its targets.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A row-major matrix; bit `k` of an index is target `k`.
    Matrix(Vec<C64>),
    /// `a + b P` for a product P of Pauli letters.
    Rotation { letters: Vec<u8>, numbers: [C64; 2] },
    /// SWAP.
    Swap,
}

impl Numeric {
    pub fn new(gate: &Gate, values: &[f64]) -> CoreResult<Self> {
        let kind = match &gate.action {
            Action::Swap => Kind::Swap,
            Action::Matrix(source) => Kind::Matrix(Gate::numbers(source, values)?),
            Action::Rotation { letters, source } => {
                let numbers = Gate::numbers(source, values)?;
                Kind::Rotation { letters: letters.clone(), numbers: [numbers[0], numbers[1]] }
            }
        };
        Ok(Numeric { controls: gate.controls.clone(), targets: gate.targets.clone(), kind })
    }

    /// All qubits.
    pub fn qubits(&self) -> impl Iterator<Item = u32> {
        self.controls.iter().map(|(qubit, _)| *qubit).chain(self.targets.iter().copied())
    }

    /// Whether the gate never changes the value of its `k`-th target.
    pub fn preserves(&self, k: usize) -> bool {
        match &self.kind {
            Kind::Swap => false,
            Kind::Rotation { letters, .. } => matches!(letters[k], b'I' | b'Z'),
            Kind::Matrix(matrix) => {
                let dimension = 1usize << self.targets.len();
                matrix.iter().enumerate().all(|(at, value)| {
                    ((at / dimension) ^ (at % dimension)) >> k & 1 == 0 || *value == C64::ZERO
                })
            }
        }
    }

    /// Targets whose value changes.
    pub fn changed(&self) -> Vec<u32> {
        (0..self.targets.len()).filter(|k| !self.preserves(*k)).map(|k| self.targets[k]).collect()
    }
}

/// The gates that matter for a question about some qubits (with whether it only reads their values in the computational
/// basis), and the qubits that they reach.
pub(crate) fn cone(gates: &[Numeric], asked: &[(u32, bool)], num_qubits: usize) -> (Vec<usize>, Vec<bool>) {
    // For each qubit whether it matters, and whether by its value alone.
    let mut reached = vec![None; num_qubits];
    asked.iter().for_each(|(qubit, by_value)| reached[*qubit as usize] = Some(*by_value));
    let mut kept = Vec::new();
    for (at, gate) in gates.iter().enumerate().rev() {
        if matches!(gate.kind, Kind::Swap) {
            reached.swap(gate.targets[0] as usize, gate.targets[1] as usize);
            kept.push(at);
            continue;
        }
        if gate.qubits().all(|qubit| reached[qubit as usize].is_none()) {
            continue;
        }
        let is_diagonal = gate.changed().is_empty();
        if is_diagonal && gate.qubits().all(|qubit| reached[qubit as usize].is_none_or(|by_value| by_value)) {
            continue;
        }
        gate.qubits().for_each(|qubit| reached[qubit as usize] = Some(false));
        kept.push(at);
    }
    kept.reverse();
    (kept, reached.iter().map(Option::is_some).collect())
}
