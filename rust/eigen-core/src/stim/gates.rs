//! Stim's instructions in ours, up to the global phase, which Stim does not have.
//!
//! Signs and bases as in Stim's gate reference. Two-qubit gates by what they do to Paulis: a controlled Pauli turns its
//! control to Z first, a rotation about a product is a `PAULI_ROT`.
use std::collections::HashMap;
use std::f64::consts::FRAC_PI_2;
use std::sync::LazyLock;

use crate::circuit::Basis;
use crate::gate::Opcode::{self, Cx, Cy, Cz, H, I, Iswap, S, Sdg, Swap, Sx, Sxdg, X, Y, Z};

/// What is kept about a circuit and does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Detector,
    Observable,
    Coordinates,
}

/// What an instruction is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Act {
    /// Gates on each target, in the order in which they act.
    One(&'static [Opcode]),
    /// Gates on each pair of targets, by places in the pair.
    Pair(&'static [(Opcode, &'static [usize])]),
    /// The inverse of a gate on each pair.
    InversePair(Opcode),
    /// A rotation about a product of two letters, by this angle.
    Turn([u8; 2], f64),
    /// A rotation about each product, by this angle.
    Products(f64),
    /// Measurement, then perhaps a reset.
    Measure {
        basis: Basis,
        resets: bool,
    },
    /// A reset to the state of outcome 0.
    Reset(Basis),
    /// The parity of one Pauli on each pair.
    Parity(u8),
    /// The parity of each product.
    Parities,
    Tick,
    Repeat,
    Note(Note),
    Shift,
    Noise,
    Pad,
}

/// An instruction by its name.
#[derive(Debug)]
pub(super) struct Row {
    pub name: &'static str,
    pub act: Act,
}

const fn row(name: &'static str, act: Act) -> Row {
    Row { name, act }
}

const fn one(name: &'static str, gates: &'static [Opcode]) -> Row {
    row(name, Act::One(gates))
}

const fn pair(name: &'static str, gates: &'static [(Opcode, &'static [usize])]) -> Row {
    row(name, Act::Pair(gates))
}

const fn turn(name: &'static str, letter: u8, angle: f64) -> Row {
    row(name, Act::Turn([letter, letter], angle))
}

const fn measure(name: &'static str, basis: Basis, resets: bool) -> Row {
    row(name, Act::Measure { basis, resets })
}

static ROWS: [Row; 81] = [
    one("I", &[I]),
    one("X", &[X]),
    one("Y", &[Y]),
    one("Z", &[Z]),
    one("H", &[H]),
    one("S", &[S]),
    one("S_DAG", &[Sdg]),
    one("SQRT_X", &[Sx]),
    one("SQRT_X_DAG", &[Sxdg]),
    one("SQRT_Y", &[H, X]),
    one("SQRT_Y_DAG", &[H, Z]),
    one("H_XY", &[S, Y]),
    one("H_YZ", &[Y, Sx]),
    one("H_NXY", &[S, X]),
    one("H_NXZ", &[H, Y]),
    one("H_NYZ", &[Y, Sxdg]),
    one("C_XYZ", &[H, Sxdg]),
    one("C_ZYX", &[H, S]),
    one("C_NXYZ", &[Sx, Sdg]),
    one("C_XNYZ", &[H, Sx]),
    one("C_XYNZ", &[Sxdg, S]),
    one("C_NZYX", &[Sdg, Sx]),
    one("C_ZNYX", &[H, Sdg]),
    one("C_ZYNX", &[S, Sxdg]),
    pair("II", &[(I, &[0]), (I, &[1])]),
    pair("CX", &[(Cx, &[0, 1])]),
    pair("CY", &[(Cy, &[0, 1])]),
    pair("CZ", &[(Cz, &[0, 1])]),
    pair("SWAP", &[(Swap, &[0, 1])]),
    pair("ISWAP", &[(Iswap, &[0, 1])]),
    row("ISWAP_DAG", Act::InversePair(Iswap)),
    pair("CXSWAP", &[(Cx, &[0, 1]), (Swap, &[0, 1])]),
    pair("SWAPCX", &[(Swap, &[0, 1]), (Cx, &[0, 1])]),
    pair("CZSWAP", &[(Cz, &[0, 1]), (Swap, &[0, 1])]),
    pair("XCX", &[(H, &[0]), (Cx, &[0, 1]), (H, &[0])]),
    pair("XCY", &[(H, &[0]), (Cy, &[0, 1]), (H, &[0])]),
    pair("XCZ", &[(Cx, &[1, 0])]),
    pair("YCX", &[(H, &[1]), (Cy, &[1, 0]), (H, &[1])]),
    pair("YCY", &[(Sdg, &[0]), (H, &[0]), (Cy, &[0, 1]), (H, &[0]), (S, &[0])]),
    pair("YCZ", &[(Cy, &[1, 0])]),
    turn("SQRT_XX", b'X', FRAC_PI_2),
    turn("SQRT_YY", b'Y', FRAC_PI_2),
    turn("SQRT_ZZ", b'Z', FRAC_PI_2),
    turn("SQRT_XX_DAG", b'X', -FRAC_PI_2),
    turn("SQRT_YY_DAG", b'Y', -FRAC_PI_2),
    turn("SQRT_ZZ_DAG", b'Z', -FRAC_PI_2),
    row("SPP", Act::Products(FRAC_PI_2)),
    row("SPP_DAG", Act::Products(-FRAC_PI_2)),
    measure("M", Basis::Z, false),
    measure("MX", Basis::X, false),
    measure("MY", Basis::Y, false),
    measure("MR", Basis::Z, true),
    measure("MRX", Basis::X, true),
    measure("MRY", Basis::Y, true),
    row("R", Act::Reset(Basis::Z)),
    row("RX", Act::Reset(Basis::X)),
    row("RY", Act::Reset(Basis::Y)),
    row("MXX", Act::Parity(b'X')),
    row("MYY", Act::Parity(b'Y')),
    row("MZZ", Act::Parity(b'Z')),
    row("MPP", Act::Parities),
    row("TICK", Act::Tick),
    row("REPEAT", Act::Repeat),
    row("DETECTOR", Act::Note(Note::Detector)),
    row("OBSERVABLE_INCLUDE", Act::Note(Note::Observable)),
    row("QUBIT_COORDS", Act::Note(Note::Coordinates)),
    row("SHIFT_COORDS", Act::Shift),
    row("MPAD", Act::Pad),
    row("DEPOLARIZE1", Act::Noise),
    row("DEPOLARIZE2", Act::Noise),
    row("E", Act::Noise),
    row("ELSE_CORRELATED_ERROR", Act::Noise),
    row("HERALDED_ERASE", Act::Noise),
    row("HERALDED_PAULI_CHANNEL_1", Act::Noise),
    row("II_ERROR", Act::Noise),
    row("I_ERROR", Act::Noise),
    row("PAULI_CHANNEL_1", Act::Noise),
    row("PAULI_CHANNEL_2", Act::Noise),
    row("X_ERROR", Act::Noise),
    row("Y_ERROR", Act::Noise),
    row("Z_ERROR", Act::Noise),
];

/// Other names of rows.
const ALIASES: [(&str, &str); 12] = [
    ("H_XZ", "H"),
    ("SQRT_Z", "S"),
    ("SQRT_Z_DAG", "S_DAG"),
    ("CNOT", "CX"),
    ("ZCX", "CX"),
    ("ZCY", "CY"),
    ("ZCZ", "CZ"),
    ("SWAPCZ", "CZSWAP"),
    ("MZ", "M"),
    ("MRZ", "MR"),
    ("RZ", "R"),
    ("CORRELATED_ERROR", "E"),
];

static NAMES: LazyLock<HashMap<&'static str, &'static Row>> = LazyLock::new(|| {
    let mut names: HashMap<_, _> = ROWS.iter().map(|row| (row.name, row)).collect();
    for (alias, name) in ALIASES {
        if let Some(row) = names.get(name).copied() {
            names.insert(alias, row);
        }
    }
    names
});

/// The instruction of a name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    NAMES.get(name).or_else(|| NAMES.get(name.to_ascii_uppercase().as_str())).copied()
}

/// The Pauli that a gate applies under an outcome, and whether the outcome may stand first and second.
pub(super) fn feedback(name: &str) -> Option<(Opcode, bool, bool)> {
    Some(match name {
        "CX" => (X, true, false),
        "CY" => (Y, true, false),
        "CZ" => (Z, true, true),
        "XCZ" => (X, false, true),
        "YCZ" => (Y, false, true),
        _ => return None,
    })
}

/// Gates that turn a basis to Z, in order, …
pub(super) fn turned(letter: u8) -> &'static [Opcode] {
    match letter {
        b'X' => &[H],
        b'Y' => &[Sdg, H],
        _ => &[],
    }
}

/// … and those that turn it back.
pub(super) fn turned_back(letter: u8) -> &'static [Opcode] {
    match letter {
        b'X' => &[H],
        b'Y' => &[H, S],
        _ => &[],
    }
}
