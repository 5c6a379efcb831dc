//! The normal form of a gate's modifiers: inverse and power go into gate and parameters where a rule exists.
use std::sync::Arc;

use super::Instruction;
use super::detail::Payload;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{GateSpec, Inverse};
use crate::limits::MAX_POWER_QUBITS;
use crate::math::unitary_power;

impl Instruction {
    /// The same operation in normal form. Parameters `-0.0` become `0.0`.
    pub(crate) fn normalised(mut self, spec: &'static GateSpec) -> CoreResult<Self> {
        let power = self.detail.modifier.power;
        if !power.is_finite() {
            let message = format!("power `{power}` of {} is not finite", spec.name());
            return Err(CoreError::new(ErrorCode::GateArguments, message));
        }
        if power < 0.0 {
            let modifier = &mut self.detail.modifier;
            modifier.inverse ^= true;
            modifier.power = -modifier.power;
        }
        if self.detail.modifier.power != 1.0 {
            self.fold_power(spec)?;
        }
        if self.detail.modifier.inverse {
            self.fold_inverse();
        }
        for param in &mut self.params {
            // Adding a positive zero turns a negative one positive and changes nothing else.
            param.constant += 0.0;
        }
        Ok(self)
    }

    fn fold_power(&mut self, spec: &'static GateSpec) -> CoreResult<()> {
        let power = self.detail.modifier.power;
        if let Payload::Matrix(matrix) = &self.detail.payload {
            let qubits = matrix.num_qubits().unwrap_or(0);
            if qubits > MAX_POWER_QUBITS {
                return Err(CoreError::limit("qubits of a UNITARY under a power", MAX_POWER_QUBITS, qubits));
            }
            self.detail.payload = Payload::Matrix(Arc::new(unitary_power(matrix, power)));
        } else if let Some((opcode, params)) = spec.power.apply(self.opcode, &self.params, power) {
            self.opcode = opcode;
            self.params = params.into_iter().collect();
        } else {
            return Ok(());
        }
        self.detail.modifier.power = 1.0;
        Ok(())
    }

    fn fold_inverse(&mut self) {
        let Some(spec) = GateSpec::of(self.opcode) else { return };
        if self.detail.modifier.power != 1.0 {
            return;
        }
        if let (Payload::Matrix(matrix), Inverse::Payload) = (&self.detail.payload, spec.inverse) {
            self.detail.payload = Payload::Matrix(Arc::new(matrix.dagger()));
        } else if let Some((opcode, params)) = spec.inverse.apply(self.opcode, &self.params) {
            self.opcode = opcode;
            self.params = params.into_iter().collect();
        } else {
            return;
        }
        self.detail.modifier.inverse = false;
    }
}
