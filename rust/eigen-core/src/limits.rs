//! Counted limits of the core. Beyond one, the error is `EIGEN_LIMIT_EXCEEDED` and names the limit and the value.

/// Operations in one circuit, control-flow markers included.
pub const MAX_OPERATIONS: usize = 2_000_000;
/// Qubits of a device that circuits are mapped to: the distances of all pairs are kept.
pub const MAX_DEVICE_QUBITS: usize = 8_192;
/// Trials of one mapping.
pub const MAX_TRIALS: usize = 100_000;
/// Qubits that a circuit may declare.
pub const MAX_QUBITS: usize = 1_000_000;
/// Classical bits that a circuit may declare.
pub const MAX_CLBITS: usize = 1_000_000;
/// Entries in all operand lists of one circuit together.
pub const MAX_OPERANDS: usize = 32_000_000;
/// Nested control-flow blocks.
pub const MAX_NESTING: usize = 32;
/// Depth of a condition's expression tree.
pub const MAX_CONDITION_DEPTH: usize = 32;
/// Nodes of one condition.
pub const MAX_CONDITION_NODES: usize = 4_096;
/// Qubits of an explicit `UNITARY` matrix.
pub const MAX_UNITARY_QUBITS: usize = 10;
/// Qubits of an explicit `UNITARY` matrix whose principal power is taken.
pub const MAX_POWER_QUBITS: usize = 7;
/// Bytes of a symbol, register, circuit or metadata name.
pub const MAX_NAME_BYTES: usize = 256;
/// Distinct symbols of one circuit.
pub const MAX_SYMBOLS: usize = 1_000_000;
/// Metadata entries of one circuit.
pub const MAX_METADATA: usize = 64;
/// Bytes of one metadata value.
pub const MAX_METADATA_BYTES: usize = 1024 * 1024;
/// Bytes of an AQO, OpenQASM or observable document.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;
/// Values in one JSON tree that is held in memory (in AQO, one operation with its blocks).
pub const MAX_JSON_VALUES: usize = 4_000_000;
/// Iterations of a `WHILE` or `FOR` block.
pub const MAX_ITERATIONS: u64 = 1_000_000_000;
/// Terms of one observable.
pub const MAX_TERMS: usize = 4_000_000;
/// Qubits of an observable or gate that is written out as a dense matrix.
pub const MAX_DENSE_QUBITS: usize = 12;
/// Terms of a Hamiltonian under time evolution, and collapse operators.
pub const MAX_EVOLUTION_TERMS: usize = 100_000;
/// Times of an evolution times its observables.
pub const MAX_SAVED: usize = 1_000_000;
/// Nesting of the sums and products of a coefficient.
pub const MAX_COEFFICIENT_DEPTH: usize = 16;
/// Numbers in one coefficient, tables included.
pub const MAX_COEFFICIENT_NUMBERS: usize = 1_000_000;
/// Nesting of an arithmetic expression in a program.
pub const MAX_EXPRESSION_DEPTH: usize = 128;
/// Nesting of gate definitions in a program.
pub const MAX_DEFINITION_DEPTH: usize = 128;
/// Calls and arithmetic operations that the gates of one program expand to.
pub const MAX_EXPANSION_STEPS: usize = 32_000_000;
