//! Registers: named, contiguous groups of qubits or classical bits.
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::MAX_NAME_BYTES;

/// A named range of bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// The name, unique among the registers of its kind.
    pub name: String,
    /// First index.
    pub start: u32,
    /// Number of bits.
    pub size: u32,
}

impl Register {
    /// Checks that the registers have good distinct names and lie inside `total` bits without overlap.
    pub fn check_all(registers: &[Register], total: usize, kind: &str) -> CoreResult<()> {
        let fail = |message: String| Err(CoreError::new(ErrorCode::CircuitInvalid, message));
        let mut spans: Vec<(u32, u32)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        for register in registers {
            let name = &register.name;
            if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
                return fail(format!("`{}` is no name for a {kind} register", name.escape_debug()));
            }
            if !names.insert(name.as_str()) {
                return fail(format!("two {kind} registers are called `{name}`"));
            }
            if register.start as usize + register.size as usize > total {
                return fail(format!(
                    "{kind} register `{name}` reaches beyond the {total} bits of the circuit"
                ));
            }
            spans.push((register.start, register.size));
        }
        spans.sort_unstable();
        let overlap = spans.windows(2).any(|pair| pair[0].0 + pair[0].1 > pair[1].0);
        if overlap { fail(format!("{kind} registers overlap")) } else { Ok(()) }
    }
}
