//! Quil's standard gates in ours, exactly: the same matrix and phase, the first qubit first.
use std::f64::consts::FRAC_PI_2;

use crate::circuit::Instruction;
use crate::gate::Opcode;
use crate::param::Affine;

/// The gate that has a name here.
#[inline]
pub(super) fn plain(name: &str) -> Option<Opcode> {
    Some(match name {
        "I" => Opcode::I,
        "X" => Opcode::X,
        "Y" => Opcode::Y,
        "Z" => Opcode::Z,
        "H" => Opcode::H,
        "S" => Opcode::S,
        "T" => Opcode::T,
        "RX" => Opcode::Rx,
        "RY" => Opcode::Ry,
        "RZ" => Opcode::Rz,
        "PHASE" => Opcode::P,
        "CNOT" => Opcode::Cx,
        "CZ" => Opcode::Cz,
        "CPHASE" => Opcode::Cp,
        "SWAP" => Opcode::Swap,
        "ISWAP" => Opcode::Iswap,
        "RXX" => Opcode::Rxx,
        "RYY" => Opcode::Ryy,
        "RZZ" => Opcode::Rzz,
        "CCNOT" => Opcode::Ccx,
        "CSWAP" => Opcode::Cswap,
        _ => return None,
    })
}

/// How many parameters a gate takes that is some of ours, on two qubits.
pub(super) fn composed(name: &str) -> Option<usize> {
    Some(match name {
        "SQISW" => 0,
        "CPHASE00" | "CPHASE01" | "CPHASE10" | "PSWAP" | "XY" => 1,
        "FSIM" => 2,
        _ => return None,
    })
}

/// The parts of a gate that is some of ours, in order; the numbers of parameters and qubits are right.
pub(super) fn parts(name: &str, values: &[Affine], qubits: &[u32]) -> Vec<Instruction> {
    let gate =
        |opcode, qubits: &[u32], values: &[Affine]| Instruction::with_params(opcode, qubits, values.to_vec());
    let phase =
        |control: u32, target: u32| gate(Opcode::P, &[target], values).controlled(&[control], &[false]);
    let exchange = |angle: Affine| gate(Opcode::XxPlusYy, qubits, &[angle, Affine::number(0.0)]);
    let (a, b) = (qubits[0], qubits[1]);
    match name {
        "CPHASE00" => vec![gate(Opcode::X, &[b], &[]), phase(a, b), gate(Opcode::X, &[b], &[])],
        "CPHASE01" => vec![phase(a, b)],
        "CPHASE10" => vec![phase(b, a)],
        "PSWAP" => vec![
            gate(Opcode::Swap, qubits, &[]),
            gate(Opcode::Rzz, qubits, values),
            gate(Opcode::Gphase, &[], &[values[0].scale(0.5)]),
        ],
        "XY" => vec![exchange(values[0].scale(-1.0))],
        "SQISW" => vec![exchange(Affine::number(-FRAC_PI_2))],
        _ => vec![exchange(values[0].scale(-1.0)), gate(Opcode::Cp, qubits, &values[1..])],
    }
}

/// Whether Quil has this and circuits have not: pulses, arithmetic on classical memory, waiting, files.
pub(super) fn is_elsewhere(name: &str) -> bool {
    matches!(
        name,
        "DEFCAL"
            | "DEFFRAME"
            | "DEFWAVEFORM"
            | "PULSE"
            | "CAPTURE"
            | "RAW-CAPTURE"
            | "NONBLOCKING"
            | "SET-FREQUENCY"
            | "SET-PHASE"
            | "SET-SCALE"
            | "SHIFT-FREQUENCY"
            | "SHIFT-PHASE"
            | "SWAP-PHASES"
            | "MOVE"
            | "EXCHANGE"
            | "CONVERT"
            | "LOAD"
            | "STORE"
            | "NEG"
            | "NOT"
            | "AND"
            | "IOR"
            | "XOR"
            | "OR"
            | "ADD"
            | "SUB"
            | "MUL"
            | "DIV"
            | "EQ"
            | "GT"
            | "GE"
            | "LT"
            | "LE"
            | "WAIT"
            | "INCLUDE"
            | "CALL"
            | "FORKED"
    )
}

/// Whether a pragma describes noise.
pub(super) fn is_noise(pragma: &str) -> bool {
    matches!(pragma, "ADD-KRAUS" | "NOISY-GATE" | "READOUT-POVM")
}
