//! Finishing a builder: the last checks, then the immutable circuit.
use std::sync::OnceLock;

use super::{Circuit, CircuitBuilder};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::verify;

impl CircuitBuilder {
    /// The circuit. Fails when a block is open, an index is out of range or a name is unacceptable.
    pub fn build(self) -> CoreResult<Circuit> {
        if let Some(begin) = self.open.last() {
            let name = self.columns.opcodes[*begin as usize].name();
            let message = format!("the {name} block that begins at operation {begin} is not closed");
            return Err(
                CoreError::new(ErrorCode::CircuitInvalid, message).with_hint("close every block with end()")
            );
        }
        let circuit = Circuit {
            columns: self.columns,
            expressions: self.expressions,
            symbols: self.symbols,
            qubit_registers: self.qubit_registers,
            clbit_registers: self.clbit_registers,
            num_qubits: self.num_qubits,
            num_clbits: self.num_clbits,
            num_scratch: self.num_scratch,
            name: self.name,
            metadata: self.metadata,
            digest: OnceLock::new(),
        };
        verify::ranges(&circuit)?;
        Ok(circuit)
    }
}
