//! What the decomposition writes into: the operations so far, the basis, and the global phase gathered.
use super::call::Call;
use super::{controlled, entangler, one_qubit, unitary};
use crate::circuit::{Instruction, Payload};
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{Opcode, decomposition};
use crate::limits::MAX_OPERATIONS;
use crate::param::Affine;

/// The circuit in the making.
pub(super) struct Target {
    out: Vec<Instruction>,
    num_qubits: u32,
    pub condition: Option<Condition>,
    basis: Vec<bool>,
    phase: Affine,
    borrows: bool,
}

/// Angles below this are rounding, not rotation.
pub(super) const NEGLIGIBLE: f64 = 1e-12;

impl Target {
    /// Nothing written yet. `borrows`: gates may use other qubits of the circuit and give them back as they were.
    pub fn new(num_qubits: usize, basis: &[Opcode], borrows: bool) -> Self {
        let known = (0..Opcode::GATES.len()).map(|index| basis.contains(&Opcode::GATES[index])).collect();
        let (out, num_qubits) = (Vec::new(), num_qubits as u32);
        Self { out, num_qubits, condition: None, basis: known, phase: Affine::default(), borrows }
    }

    /// At most so many qubits beside a gate's own that it may borrow, the nearest by number first.
    pub fn others(&self, controls: &[u32], to: u32, most: usize) -> Vec<u32> {
        if !self.borrows {
            return Vec::new();
        }
        let wide = self.num_qubits;
        let own: std::collections::HashSet<u32> = controls.iter().copied().chain([to]).collect();
        let near = (1..wide).flat_map(|by| [to.checked_sub(by), to.checked_add(by)]);
        let free = |qubit: &u32| *qubit < wide && !own.contains(qubit);
        near.flatten().filter(free).take(most).collect()
    }

    /// Whether a gate is in the basis.
    pub fn has(&self, opcode: Opcode) -> bool {
        self.basis.get(opcode as usize).copied().unwrap_or(false)
    }

    /// The error that the basis cannot express something.
    pub fn unreachable(&self, what: &str) -> CoreError {
        let names: Vec<&str> =
            Opcode::GATES.iter().filter(|gate| self.has(**gate)).map(|gate| gate.name()).collect();
        let message = format!("{what} cannot be written in the basis `{}`", names.join(" "));
        CoreError::new(ErrorCode::BasisUnreachable, message)
    }

    /// Adds to the global phase.
    pub fn turn(&mut self, phase: &Affine) {
        self.phase = self.phase.add_scaled(phase, 1.0);
    }

    /// Writes a gate of the basis.
    pub fn write(
        &mut self,
        opcode: Opcode,
        qubits: &[u32],
        params: impl IntoIterator<Item = Affine>,
    ) -> CoreResult<()> {
        self.push(Instruction::with_params(opcode, qubits, params).when(self.condition.clone()))
    }

    /// Writes an operation as it stands.
    pub fn push(&mut self, op: Instruction) -> CoreResult<()> {
        if self.out.len() >= MAX_OPERATIONS {
            return Err(CoreError::limit("operations of a circuit", MAX_OPERATIONS, self.out.len() + 1));
        }
        self.out.push(op);
        Ok(())
    }

    /// What was written since this was asked last.
    pub fn take(&mut self) -> Vec<Instruction> {
        std::mem::take(&mut self.out)
    }

    /// Writes the global phase gathered for one operation, where the basis can.
    pub fn flush_phase(&mut self) -> CoreResult<()> {
        let phase = std::mem::take(&mut self.phase);
        let needed = !phase.is_constant() || phase.constant.abs() > NEGLIGIBLE;
        let written = if needed && self.has(Opcode::Gphase) {
            self.write(Opcode::Gphase, &[], [phase])
        } else {
            Ok(())
        };
        self.condition = None;
        written
    }

    /// Writes a call in gates of the basis.
    pub fn apply(&mut self, call: Call) -> CoreResult<()> {
        if let Some(named) = call.named().filter(|named| self.has(*named)) {
            let qubits = call.qubits();
            let instruction = Instruction::with_params(named, &qubits, call.params).payload(call.payload);
            return self.push(instruction.when(self.condition.clone()));
        }
        match (call.opcode, call.controls.len(), call.targets.len()) {
            (Opcode::Gphase, 0, _) => {
                let phase = call.params.first().cloned().unwrap_or_default();
                self.turn(&phase.scale(if call.modifier.inverse { -1.0 } else { 1.0 }));
                Ok(())
            }
            (Opcode::X, 1, 1) if call.modifier.is_none() => {
                entangler::cx(self, call.controls[0], call.targets[0])
            }
            (_, 0, 1) => one_qubit::write(self, &call),
            (_, _, 0 | 1) => controlled::write(self, &call),
            _ => self.apply_steps(call),
        }
    }

    /// A call on several targets: its steps, those that are no frame under its controls.
    fn apply_steps(&mut self, call: Call) -> CoreResult<()> {
        if call.opcode == Opcode::Fsim && call.controls.is_empty() && call.numbers().is_some() {
            // Its steps take more entangling gates than its interaction needs.
            return unitary::write(self, &call);
        }
        let pauli: &[u8] = if let Payload::Pauli(letters) = &call.payload { letters } else { &[] };
        let steps = decomposition(call.opcode, &call.params, pauli).filter(|_| call.modifier.power == 1.0);
        let Some(mut steps) = steps else { return unitary::write(self, &call) };
        if call.modifier.inverse {
            steps.reverse();
        }
        for step in steps {
            let qubits: Vec<u32> = step.qubits.iter().map(|position| call.targets[*position]).collect();
            let mut inner = Call::gate(step.opcode, &qubits, &step.params);
            if call.modifier.inverse {
                inner = inner.inverted();
            }
            self.apply(if step.frame { inner } else { inner.under(&call.controls) })?;
        }
        Ok(())
    }
}

impl Call {
    /// The inverse, with a rule of the table where there is one.
    pub fn inverted(mut self) -> Self {
        let rule = crate::gate::GateSpec::of(self.opcode)
            .and_then(|spec| spec.inverse.apply(self.opcode, &self.params));
        match rule.filter(|_| self.modifier.is_none()) {
            Some((opcode, params)) => {
                self.opcode = opcode;
                self.params = params.into();
            }
            None => self.modifier.inverse ^= true,
        }
        self
    }
}
