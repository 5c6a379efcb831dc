//! `qelib1.inc`: which gates it has and which gates of the table they are. Built in; no file is read.
use crate::gate::{GateSpec, Opcode};

/// A gate that is a gate of the table, under added controls where it says so.
#[derive(Debug)]
pub(super) struct Native {
    /// The name in OpenQASM 2.
    pub name: &'static str,
    /// The gate of the table.
    pub opcode: Opcode,
    /// Controls added to it, all on 1.
    pub controls: u32,
    /// Number of qubits, controls included.
    pub qubits: usize,
    /// Whether the first `qelib1.inc` had it; a program may define one that came later itself.
    pub original: bool,
}

impl Native {
    /// Number of parameters.
    pub fn params(&self) -> usize {
        GateSpec::of(self.opcode).map_or(0, |spec| spec.params.len())
    }

    /// The gate on its targets, and the number of all controls: what it is, however it is named.
    pub fn essence(&self) -> (Opcode, usize) {
        let inner = self.qubits - self.controls as usize;
        let spec = GateSpec::of(self.opcode);
        let base = spec.and_then(|spec| spec.base).unwrap_or(self.opcode);
        (base, self.controls as usize + spec.map_or(0, |spec| spec.controls_for(inner)))
    }
}

const fn row(name: &'static str, opcode: Opcode, qubits: usize, original: bool) -> Native {
    Native { name, opcode, controls: 0, qubits, original }
}

/// The two gates that need no include.
pub(super) static BUILT_IN: [Native; 2] = [row("U", Opcode::U, 1, true), row("CX", Opcode::Cx, 2, true)];

/// The gates of `qelib1.inc` that are gates of the table. Of several names of one gate the first is written.
pub(super) static QELIB1: [Native; 37] = [
    row("u3", Opcode::U, 1, true),
    row("u1", Opcode::P, 1, true),
    row("id", Opcode::I, 1, true),
    row("x", Opcode::X, 1, true),
    row("y", Opcode::Y, 1, true),
    row("z", Opcode::Z, 1, true),
    row("h", Opcode::H, 1, true),
    row("s", Opcode::S, 1, true),
    row("sdg", Opcode::Sdg, 1, true),
    row("t", Opcode::T, 1, true),
    row("tdg", Opcode::Tdg, 1, true),
    row("rx", Opcode::Rx, 1, true),
    row("ry", Opcode::Ry, 1, true),
    row("rz", Opcode::Rz, 1, true),
    row("cx", Opcode::Cx, 2, true),
    row("cz", Opcode::Cz, 2, true),
    row("cy", Opcode::Cy, 2, true),
    row("ch", Opcode::Ch, 2, true),
    row("ccx", Opcode::Ccx, 3, true),
    row("crz", Opcode::Crz, 2, true),
    row("cu1", Opcode::Cp, 2, true),
    row("u", Opcode::U, 1, false),
    row("p", Opcode::P, 1, false),
    row("cp", Opcode::Cp, 2, false),
    row("sx", Opcode::Sx, 1, false),
    row("sxdg", Opcode::Sxdg, 1, false),
    row("swap", Opcode::Swap, 2, false),
    row("cswap", Opcode::Cswap, 3, false),
    row("crx", Opcode::Crx, 2, false),
    row("cry", Opcode::Cry, 2, false),
    row("cu", Opcode::Cu, 2, false),
    row("rxx", Opcode::Rxx, 2, false),
    row("rzz", Opcode::Rzz, 2, false),
    Native { name: "csx", opcode: Opcode::Sx, controls: 1, qubits: 2, original: false },
    Native { name: "c3sqrtx", opcode: Opcode::Sx, controls: 3, qubits: 4, original: false },
    row("c3x", Opcode::Mcx, 4, false),
    row("c4x", Opcode::Mcx, 5, false),
];

/// The other gates of `qelib1.inc`: relative-phase Toffolis (Maslov, arXiv:1508.03273), and angles that are fixed.
pub(super) const COMPOSITE: &str = "
gate u2(phi,lambda) a { U(pi/2,phi,lambda) a; }
gate cu3(theta,phi,lambda) c,t { cu(theta,phi,lambda,0) c,t; }
gate u0(gamma) a { id a; }
gate rccx a,b,c {
  h c; t c; cx b,c; tdg c; cx a,c; t c; cx b,c; tdg c; h c;
}
gate rc3x a,b,c,d {
  h d; t d; cx c,d; tdg d; h d; cx a,d; t d; cx b,d; tdg d; cx a,d; t d; cx b,d; tdg d;
  h d; t d; cx c,d; tdg d; h d;
}
";

/// The composite gates that the first `qelib1.inc` had.
pub(super) const ORIGINAL_COMPOSITE: [&str; 2] = ["u2", "cu3"];

/// The gate that is written for a gate of the table, by its essence.
pub(super) fn written(opcode: Opcode, controls: usize) -> Option<&'static Native> {
    QELIB1.iter().find(|native| native.essence() == (opcode, controls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_the_gate_table() {
        for native in BUILT_IN.iter().chain(&QELIB1) {
            let spec = GateSpec::of(native.opcode).expect("a gate");
            let inner = native.qubits - native.controls as usize;
            assert!(spec.num_qubits().is_none_or(|count| count == inner), "{}", native.name);
        }
    }

    #[test]
    fn the_first_name_is_written() {
        assert_eq!(written(Opcode::U, 0).map(|native| native.name), Some("u3"));
        assert_eq!(written(Opcode::P, 1).map(|native| native.name), Some("cu1"));
        assert_eq!(written(Opcode::X, 3).map(|native| native.name), Some("c3x"));
        assert_eq!(written(Opcode::Sx, 1).map(|native| native.name), Some("csx"));
        assert!(written(Opcode::X, 5).is_none());
    }
}
