//! `stdgates.inc`, built in, and the gates of the table beyond it, which a program must define and which are known again
//! by the definition that is written here. No file is read.
use std::fmt::Write;
use std::rc::Rc;

use crate::gate::{GateSpec, Opcode, decomposition};
use crate::param::Affine;

/// A gate of the table, under added controls where it says so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Native {
    /// The gate of the table.
    pub opcode: Opcode,
    /// Controls added to it, all on 1.
    pub controls: u32,
    /// Number of qubits, controls included.
    pub qubits: usize,
    /// The letters of a `PAULI_ROT`.
    pub letters: Option<Rc<[u8]>>,
}

impl Native {
    const fn new(opcode: Opcode, qubits: usize) -> Self {
        Self { opcode, controls: 0, qubits, letters: None }
    }

    /// Number of parameters.
    pub fn params(&self) -> usize {
        GateSpec::of(self.opcode).map_or(0, |spec| spec.params.len())
    }
}

/// The gates that need no include.
pub(super) const BUILT_IN: [(&str, Native); 2] =
    [("U", Native::new(Opcode::U, 1)), ("gphase", Native::new(Opcode::Gphase, 0))];

/// The gates of `stdgates.inc` that are gates of the table. Of several names of one gate the first is written.
pub(super) const STANDARD: [(&str, Native); 30] = [
    ("p", Native::new(Opcode::P, 1)),
    ("x", Native::new(Opcode::X, 1)),
    ("y", Native::new(Opcode::Y, 1)),
    ("z", Native::new(Opcode::Z, 1)),
    ("h", Native::new(Opcode::H, 1)),
    ("s", Native::new(Opcode::S, 1)),
    ("sdg", Native::new(Opcode::Sdg, 1)),
    ("t", Native::new(Opcode::T, 1)),
    ("tdg", Native::new(Opcode::Tdg, 1)),
    ("sx", Native::new(Opcode::Sx, 1)),
    ("rx", Native::new(Opcode::Rx, 1)),
    ("ry", Native::new(Opcode::Ry, 1)),
    ("rz", Native::new(Opcode::Rz, 1)),
    ("cx", Native::new(Opcode::Cx, 2)),
    ("cy", Native::new(Opcode::Cy, 2)),
    ("cz", Native::new(Opcode::Cz, 2)),
    ("cp", Native::new(Opcode::Cp, 2)),
    ("crx", Native::new(Opcode::Crx, 2)),
    ("cry", Native::new(Opcode::Cry, 2)),
    ("crz", Native::new(Opcode::Crz, 2)),
    ("ch", Native::new(Opcode::Ch, 2)),
    ("swap", Native::new(Opcode::Swap, 2)),
    ("ccx", Native::new(Opcode::Ccx, 3)),
    ("cswap", Native::new(Opcode::Cswap, 3)),
    ("cu", Native::new(Opcode::Cu, 2)),
    ("id", Native::new(Opcode::I, 1)),
    ("CX", Native::new(Opcode::Cx, 2)),
    ("phase", Native::new(Opcode::P, 1)),
    ("cphase", Native::new(Opcode::Cp, 2)),
    ("u1", Native::new(Opcode::P, 1)),
];

/// The gates of `stdgates.inc` that differ from gates of the table by a phase.
pub(super) const COMPOSITE: &str = "
gate u2(phi, lambda) a { gphase(-(phi + lambda) / 2); U(pi / 2, phi, lambda) a; }
gate u3(theta, phi, lambda) a { gphase(-(phi + lambda) / 2); U(theta, phi, lambda) a; }
";

/// Names that a program with the include cannot give to anything else.
pub(super) fn is_standard(name: &str) -> bool {
    BUILT_IN.iter().chain(&STANDARD).any(|(known, _)| *known == name) || matches!(name, "u2" | "u3")
}

/// The name of a gate of the table that needs no definition but the include.
pub(super) fn standard_name(opcode: Opcode) -> Option<&'static str> {
    BUILT_IN.iter().chain(&STANDARD).find(|(_, native)| native.opcode == opcode).map(|(name, _)| *name)
}

/// The gate of the table that a name and number of qubits stand for, when a program defines it as `definition` does.
pub(super) fn extension(name: &str, qubits: usize) -> Option<Native> {
    let counted = |prefix: &str| {
        name.strip_prefix(prefix)?.parse::<usize>().ok().filter(|count| *count == qubits && qubits > 1)
    };
    if counted("mcx_").is_some() {
        return Some(Native::new(Opcode::Mcx, qubits));
    }
    if counted("mcp_").is_some() {
        return Some(Native::new(Opcode::Mcp, qubits));
    }
    if let Some(letters) = name.strip_prefix("pauli_rot_") {
        let letters: Rc<[u8]> = letters.bytes().map(|letter| letter.to_ascii_uppercase()).collect();
        let is_known = letters.len() == qubits && letters.iter().all(|letter| b"IXYZ".contains(letter));
        return is_known.then(|| Native { letters: Some(letters), ..Native::new(Opcode::PauliRot, qubits) });
    }
    let spec = Opcode::GATES.iter().filter_map(|opcode| GateSpec::of(*opcode));
    let mut named = spec.filter(|spec| spec.qasm == Some(name) && spec.num_qubits() == Some(qubits));
    named.next().map(|spec| Native::new(spec.opcode, qubits))
}

/// The name under which a gate of the table is defined; `None` for a matrix.
pub(super) fn extension_name(opcode: Opcode, qubits: usize, letters: &[u8]) -> Option<String> {
    match opcode {
        Opcode::Mcx => Some(format!("mcx_{qubits}")),
        Opcode::Mcp => Some(format!("mcp_{qubits}")),
        Opcode::PauliRot => {
            Some(format!("pauli_rot_{}", String::from_utf8_lossy(letters).to_ascii_lowercase()))
        }
        _ => GateSpec::of(opcode)?.qasm.map(str::to_string),
    }
}

/// The definition of a gate of the table beyond `stdgates.inc` in gates of it, exact with its global phase.
pub(super) fn definition(native: &Native) -> Option<String> {
    let spec = GateSpec::of(native.opcode)?;
    let letters = native.letters.as_deref().unwrap_or_default();
    let name = extension_name(native.opcode, native.qubits, letters)?;
    let qubits: Vec<String> = (0..native.qubits).map(|k| format!("q{k}")).collect();
    let all = qubits.join(", ");
    let mut text = format!("gate {name}");
    if !spec.params.is_empty() {
        let _ = write!(text, "({})", spec.params.join(", "));
    }
    let _ = write!(text, " {all} {{ ");
    let short = match native.opcode {
        Opcode::Sxdg => "inv @ sx".to_string(),
        Opcode::Ccz => "ctrl(2) @ z".to_string(),
        Opcode::Mcx => format!("ctrl({}) @ x", native.qubits - 1),
        Opcode::Mcp => format!("ctrl({}) @ p(lambda)", native.qubits - 1),
        Opcode::Gpi => "U(pi, 2 * pi * phi, pi - 2 * pi * phi)".to_string(),
        Opcode::Gpi2 => "U(pi / 2, 2 * pi * phi - pi / 2, pi / 2 - 2 * pi * phi)".to_string(),
        _ => String::new(),
    };
    if short.is_empty() {
        let params: Vec<Affine> = spec.params.iter().map(|name| Affine::symbol(*name)).collect();
        for step in decomposition(native.opcode, &params, letters)? {
            text.push_str(standard_name(step.opcode)?);
            if !step.params.is_empty() {
                let shown: Vec<String> = step.params.iter().map(Affine::to_string).collect();
                let _ = write!(text, "({})", shown.join(", "));
            }
            let on: Vec<&str> = step.qubits.iter().map(|k| qubits[*k].as_str()).collect();
            let _ = write!(text, "{}{}; ", if on.is_empty() { "" } else { " " }, on.join(", "));
        }
    } else {
        let _ = write!(text, "{short} {all}; ");
    }
    text.push('}');
    Some(text)
}
