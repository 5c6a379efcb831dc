//! The one gate table: parsers, simulators, passes, documentation and tests all read it.
mod catalogue;
mod decomposition;
mod lookup;
mod matrices;
mod matrices_multi;
mod opcode;
mod rules;
mod spec;

pub use catalogue::TABLE;
pub use decomposition::{Step, decomposition};
pub use lookup::{find, suggest};
pub use opcode::Opcode;
pub use rules::{Inverse, PowerRule};
pub use spec::{Arity, Flags, GateSpec, pauli, pauli_rotation};

#[cfg(test)]
mod tests;
