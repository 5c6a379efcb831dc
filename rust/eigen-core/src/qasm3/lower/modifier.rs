//! `ctrl @`, `negctrl @`, `inv @` and `pow(k) @`: the gates of a call are collected and changed together.
use super::Lower;
use super::scope::Callee;
use crate::circuit::{CircuitBuilder, Instruction};
use crate::gate::Opcode;
use crate::limits::{MAX_OPERATIONS, MAX_POWER_QUBITS, MAX_QUBITS};
use crate::math::Matrix;
use crate::qasm3::tree::Modifier;
use crate::qasm3::value::{Data, Value};
use crate::text::{Fault, Parse};
use crate::verify;

/// A modifier, its numbers known.
pub(super) enum Change {
    Inverse,
    Power(f64),
    /// The value that each control must have.
    Controls(Vec<bool>),
}

impl Change {
    /// Qubits that it adds.
    pub fn controls(&self) -> usize {
        if let Self::Controls(bits) = self { bits.len() } else { 0 }
    }
}

impl<'a> Lower<'a> {
    pub fn modifiers(&mut self, modifiers: &[Modifier<'a>]) -> Parse<Vec<Change>> {
        let mut controls = 0;
        modifiers
            .iter()
            .map(|modifier| match modifier {
                Modifier::Inverse => Ok(Change::Inverse),
                Modifier::Power(power) => {
                    let value = self.evaluate(power)?;
                    match super::convert::fraction(&value) {
                        Some(Data::Float(power)) => Ok(Change::Power(power)),
                        _ => {
                            let message = "the power of a gate must be known before the program runs";
                            Err(Fault::unsupported(power.at as usize, message, "use a constant, or a loop"))
                        }
                    }
                }
                Modifier::Controls(value, count) => {
                    let count = match count {
                        Some(count) => {
                            let number = self.known_int(count, "the number of controls")?;
                            let most = MAX_QUBITS as i128;
                            if number < 1 {
                                let message = format!("`{number}` controls are not possible");
                                return Err(Fault::invalid(count.at as usize, message));
                            }
                            controls += number.min(most + 1) as usize;
                            if controls > MAX_QUBITS {
                                return Err(Fault::limit(
                                    count.at as usize,
                                    "controls of a gate",
                                    MAX_QUBITS,
                                    controls,
                                ));
                            }
                            number as usize
                        }
                        None => 1,
                    };
                    Ok(Change::Controls(vec![*value; count]))
                }
            })
            .collect()
    }

    /// A gate under modifiers; the controls come first.
    pub fn modified(
        &mut self,
        changes: &[Change],
        callee: &Callee<'a>,
        arguments: &[Value],
        qubits: &[u32],
        at: u32,
    ) -> Parse<()> {
        verify::distinct(qubits, "qubit").map_err(|error| Fault::new(at as usize, error))?;
        let controls: usize = changes.iter().map(Change::controls).sum();
        self.sinks.push(Vec::new());
        let applied = self.apply(callee, arguments, &qubits[controls..], at);
        let mut gates = self.sinks.pop().unwrap_or_default();
        applied?;
        let mut first = controls;
        for change in changes.iter().rev() {
            gates = match change {
                Change::Inverse => gates.into_iter().rev().map(inverted).collect(),
                Change::Power(power) => self.power(gates, *power, at)?,
                Change::Controls(bits) => {
                    first -= bits.len();
                    let added = &qubits[first..first + bits.len()];
                    gates.into_iter().map(|gate| controlled(gate, added, bits)).collect()
                }
            };
        }
        gates.into_iter().try_for_each(|gate| self.gate_instruction(gate, at))
    }

    fn power(&mut self, mut gates: Vec<Instruction>, power: f64, at: u32) -> Parse<Vec<Instruction>> {
        if !power.is_finite() {
            return Err(Fault::invalid(at as usize, "the power of a gate is finite"));
        }
        if let [gate] = gates.as_mut_slice()
            && gate.opcode.is_gate()
            && (gate.detail.condition.is_none() || power.fract() == 0.0)
        {
            gate.detail.modifier.power *= power;
            return Ok(gates);
        }
        if power.fract() != 0.0 {
            return self.root(&gates, power, at).map(|gate| vec![gate]);
        }
        if power < 0.0 {
            gates = gates.into_iter().rev().map(inverted).collect();
        }
        let rounds = power.abs() as usize;
        let total = gates.len().saturating_mul(rounds);
        if total > MAX_OPERATIONS {
            return Err(Fault::limit(at as usize, "operations of a circuit", MAX_OPERATIONS, total));
        }
        self.steps = self.steps.saturating_add(total as u64);
        Ok((0..rounds).flat_map(|_| gates.iter().cloned()).collect())
    }

    /// The principal power of several gates together, as a matrix.
    fn root(&mut self, gates: &[Instruction], power: f64, at: u32) -> Parse<Instruction> {
        let mut qubits: Vec<u32> = gates.iter().flat_map(|gate| gate.qubits.iter().copied()).collect();
        qubits.sort_unstable();
        qubits.dedup();
        if qubits.len() > MAX_POWER_QUBITS || qubits.is_empty() {
            let message = "such a power of several gates together is computed for 1 to 7 qubits";
            return Err(Fault::unsupported(at as usize, message, "use a whole number"));
        }
        // The matrix of each gate is multiplied, and the whole decomposed.
        self.steps = self.steps.saturating_add((gates.len() as u64 + 8) << (3 * qubits.len()) >> 6);
        self.step(at)?;
        let place = |qubit: &u32| qubits.binary_search(qubit).unwrap_or(0) as u32;
        let fault = |error| Fault::new(at as usize, error);
        let mut builder = CircuitBuilder::new(qubits.len(), 0).map_err(fault)?;
        for gate in gates {
            let on = gate.qubits.iter().map(place).collect();
            builder.push(Instruction { qubits: on, ..gate.clone() }).map_err(fault)?;
        }
        let circuit = builder.build().map_err(fault)?;
        let mut whole = Matrix::identity(1 << qubits.len());
        for op in circuit.operations() {
            let is_open = op.is_symbolic() || op.condition().is_some();
            let matrix = if is_open { None } else { op.matrix(&op.values(&[])) };
            let Some(matrix) = matrix else {
                let message = "such a power takes gates whose parameters are numbers";
                return Err(Fault::unsupported(at as usize, message, "use a whole number"));
            };
            whole = placed(&matrix, op.qubits(), qubits.len()).mul(&whole);
        }
        let mut gate = Instruction::unitary(whole, &qubits);
        gate.detail.modifier.power = power;
        Ok(gate)
    }
}

/// The matrix on some qubits as one on all of them.
fn placed(matrix: &Matrix, qubits: &[u32], total: usize) -> Matrix {
    let mut out = Matrix::zeros(1 << total);
    let mask: usize = qubits.iter().map(|qubit| 1 << qubit).sum();
    let inner =
        |index: usize| qubits.iter().enumerate().map(|(k, qubit)| (index >> qubit & 1) << k).sum::<usize>();
    let outer = |index: usize, k: usize| {
        let moved: usize = qubits.iter().enumerate().map(|(bit, qubit)| (k >> bit & 1) << qubit).sum();
        index & !mask | moved
    };
    for column in 0..1usize << total {
        for k in 0..matrix.dim() {
            out.set(outer(column, k), column, matrix.get(k, inner(column)));
        }
    }
    out
}

fn inverted(gate: Instruction) -> Instruction {
    if gate.opcode.is_gate() { gate.inverse() } else { gate }
}

fn controlled(mut gate: Instruction, qubits: &[u32], bits: &[bool]) -> Instruction {
    if !gate.opcode.is_gate() || gate.opcode == Opcode::Barrier {
        return gate;
    }
    gate.qubits = qubits.iter().copied().chain(gate.qubits).collect();
    gate.detail.modifier = gate.detail.modifier.with_controls_in_front(bits);
    gate
}
