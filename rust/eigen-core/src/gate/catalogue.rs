//! The gate table itself: one row a gate, in opcode order.
use std::f64::consts::PI;

use super::Opcode;
use super::matrices as m;
use super::matrices_multi as mm;
use super::rules::{Inverse, PowerRule};
use super::spec::{Arity, Flags, GateSpec};

const OPENQASM: &str = "OpenQASM 3 specification, stdgates.inc and built-in gates";
const QISKIT: &str = "Qiskit circuit library, little-endian matrices";
const IONQ: &str = "IonQ native gates, angles in turns";
const CIRQ: &str = "Cirq FSimGate";
const EIGEN: &str = "Eigen OS";

/// What a row has unless it says otherwise.
const ROW: GateSpec = GateSpec {
    opcode: Opcode::I,
    aliases: &[],
    arity: Arity::Fixed(1),
    controls: 0,
    base: None,
    params: &[],
    matrix: None,
    inverse: Inverse::Itself,
    power: PowerRule::Modifier,
    flags: Flags { clifford: false, diagonal: false, permutation: false, hermitian: false },
    qasm: None,
    help: "",
    source: OPENQASM,
};

/// Flags from letters: `c`lifford, `d`iagonal, `p`ermutation, `h`ermitian.
const fn flags(letters: &str) -> Flags {
    let mut out = Flags { clifford: false, diagonal: false, permutation: false, hermitian: false };
    let bytes = letters.as_bytes();
    let mut k = 0;
    while k < bytes.len() {
        match bytes[k] {
            b'c' => out.clifford = true,
            b'd' => out.diagonal = true,
            b'p' => out.permutation = true,
            _ => out.hermitian = true,
        }
        k += 1;
    }
    out
}

/// Every gate, indexed by opcode.
pub static TABLE: &[GateSpec] = &[
    GateSpec {
        opcode: Opcode::I,
        aliases: &["id", "identity", "u0"],
        matrix: Some(m::identity),
        power: PowerRule::Itself,
        flags: flags("cdph"),
        qasm: Some("id"),
        help: "Does nothing for one gate's time.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::X,
        aliases: &["not", "paulix"],
        matrix: Some(m::x),
        flags: flags("cph"),
        qasm: Some("x"),
        help: "Pauli X, the bit flip.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Y,
        aliases: &["pauliy"],
        matrix: Some(m::y),
        flags: flags("ch"),
        qasm: Some("y"),
        help: "Pauli Y.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Z,
        aliases: &["pauliz"],
        matrix: Some(m::z),
        power: PowerRule::Phase(Opcode::P, PI),
        flags: flags("cdh"),
        qasm: Some("z"),
        help: "Pauli Z, the phase flip.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::H,
        aliases: &["hadamard"],
        matrix: Some(m::h),
        flags: flags("ch"),
        qasm: Some("h"),
        help: "Hadamard: exchanges the X and Z axes.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::S,
        matrix: Some(m::s),
        inverse: Inverse::Gate(Opcode::Sdg),
        power: PowerRule::Phase(Opcode::P, PI / 2.0),
        flags: flags("cd"),
        qasm: Some("s"),
        help: "A quarter turn of phase, the square root of Z.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Sdg,
        aliases: &["s_dg", "s_adj", "si"],
        matrix: Some(m::sdg),
        inverse: Inverse::Gate(Opcode::S),
        power: PowerRule::Phase(Opcode::P, -PI / 2.0),
        flags: flags("cd"),
        qasm: Some("sdg"),
        help: "The inverse of S.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::T,
        matrix: Some(m::t),
        inverse: Inverse::Gate(Opcode::Tdg),
        power: PowerRule::Phase(Opcode::P, PI / 4.0),
        flags: flags("d"),
        qasm: Some("t"),
        help: "An eighth turn of phase, the square root of S.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Tdg,
        aliases: &["t_dg", "t_adj", "ti"],
        matrix: Some(m::tdg),
        inverse: Inverse::Gate(Opcode::T),
        power: PowerRule::Phase(Opcode::P, -PI / 4.0),
        flags: flags("d"),
        qasm: Some("tdg"),
        help: "The inverse of T.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Sx,
        aliases: &["v", "sqrtx", "sqrt_x"],
        matrix: Some(m::sx),
        inverse: Inverse::Gate(Opcode::Sxdg),
        flags: flags("c"),
        qasm: Some("sx"),
        help: "The square root of X.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Sxdg,
        aliases: &["sx_dg", "vdg", "vi"],
        matrix: Some(m::sxdg),
        inverse: Inverse::Gate(Opcode::Sx),
        flags: flags("c"),
        qasm: Some("sxdg"),
        help: "The inverse of SX.",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Rx,
        params: &["theta"],
        matrix: Some(m::rx),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("rx"),
        help: "Rotation exp(-i theta/2 X).",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Ry,
        params: &["theta"],
        matrix: Some(m::ry),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("ry"),
        help: "Rotation exp(-i theta/2 Y).",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Rz,
        params: &["theta"],
        matrix: Some(m::rz),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        flags: flags("d"),
        qasm: Some("rz"),
        help: "Rotation exp(-i theta/2 Z).",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::P,
        aliases: &["phase", "phaseshift", "u1"],
        params: &["lambda"],
        matrix: Some(m::p),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        flags: flags("d"),
        qasm: Some("p"),
        help: "Phase diag(1, exp(i lambda)).",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::U,
        aliases: &["u3"],
        params: &["theta", "phi", "lambda"],
        matrix: Some(m::u),
        inverse: Inverse::Euler,
        qasm: Some("U"),
        help: "Any one-qubit gate up to phase: [[cos(theta/2), -e^(i lambda) sin(theta/2)], [e^(i phi) sin(theta/2), e^(i(phi+lambda)) cos(theta/2)]].",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Cx,
        aliases: &["cnot"],
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::X),
        matrix: Some(m::x),
        flags: flags("cph"),
        qasm: Some("cx"),
        help: "X on the second qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Cy,
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::Y),
        matrix: Some(m::y),
        flags: flags("ch"),
        qasm: Some("cy"),
        help: "Y on the second qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Cz,
        aliases: &["cphaseflip"],
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::Z),
        matrix: Some(m::z),
        power: PowerRule::Phase(Opcode::Cp, PI),
        flags: flags("cdh"),
        qasm: Some("cz"),
        help: "A sign when both qubits are 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Ch,
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::H),
        matrix: Some(m::h),
        flags: flags("h"),
        qasm: Some("ch"),
        help: "H on the second qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Cp,
        aliases: &["cphase", "cu1", "controlledphaseshift"],
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::P),
        params: &["lambda"],
        matrix: Some(m::p),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        flags: flags("d"),
        qasm: Some("cp"),
        help: "Phase exp(i lambda) when both qubits are 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Crx,
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::Rx),
        params: &["theta"],
        matrix: Some(m::rx),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("crx"),
        help: "RX(theta) on the second qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Cry,
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::Ry),
        params: &["theta"],
        matrix: Some(m::ry),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("cry"),
        help: "RY(theta) on the second qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Crz,
        arity: Arity::Fixed(2),
        controls: 1,
        base: Some(Opcode::Rz),
        params: &["theta"],
        matrix: Some(m::rz),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        flags: flags("d"),
        qasm: Some("crz"),
        help: "RZ(theta) on the second qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Cu,
        aliases: &["cu3"],
        arity: Arity::Fixed(2),
        controls: 1,
        params: &["theta", "phi", "lambda", "gamma"],
        matrix: Some(m::u_with_phase),
        inverse: Inverse::Euler,
        qasm: Some("cu"),
        help: "exp(i gamma) U(theta, phi, lambda) on the second qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Swap,
        arity: Arity::Fixed(2),
        matrix: Some(mm::swap),
        flags: flags("cph"),
        qasm: Some("swap"),
        help: "Exchanges two qubits.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Iswap,
        aliases: &["i_swap"],
        arity: Arity::Fixed(2),
        matrix: Some(mm::iswap),
        inverse: Inverse::Modifier,
        flags: flags("c"),
        qasm: Some("iswap"),
        help: "Exchanges two qubits, with a factor i on the exchanged states.",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Ecr,
        arity: Arity::Fixed(2),
        matrix: Some(mm::ecr),
        flags: flags("ch"),
        qasm: Some("ecr"),
        help: "Echoed cross resonance, (IX - XY)/sqrt(2) with the right factor on the first qubit.",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Rxx,
        aliases: &["isingxx"],
        arity: Arity::Fixed(2),
        params: &["theta"],
        matrix: Some(mm::rxx),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("rxx"),
        help: "Rotation exp(-i theta/2 XX).",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Ryy,
        aliases: &["isingyy"],
        arity: Arity::Fixed(2),
        params: &["theta"],
        matrix: Some(mm::ryy),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("ryy"),
        help: "Rotation exp(-i theta/2 YY).",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Rzz,
        aliases: &["isingzz", "zzphase"],
        arity: Arity::Fixed(2),
        params: &["theta"],
        matrix: Some(mm::rzz),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        flags: flags("d"),
        qasm: Some("rzz"),
        help: "Rotation exp(-i theta/2 ZZ).",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Rzx,
        arity: Arity::Fixed(2),
        params: &["theta"],
        matrix: Some(mm::rzx),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("rzx"),
        help: "Rotation exp(-i theta/2 ZX), Z on the first qubit and X on the second.",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Fsim,
        arity: Arity::Fixed(2),
        params: &["theta", "phi"],
        matrix: Some(mm::fsim),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        qasm: Some("fsim"),
        help: "Fermionic simulation: cos(theta) and -i sin(theta) between 01 and 10, exp(-i phi) on 11.",
        source: CIRQ,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::XxPlusYy,
        aliases: &["xx_plus_yy"],
        arity: Arity::Fixed(2),
        params: &["theta", "beta"],
        matrix: Some(mm::xx_plus_yy),
        inverse: Inverse::NegateFirst,
        power: PowerRule::ScaleFirst,
        qasm: Some("xx_plus_yy"),
        help: "Rotation by theta between 01 and 10, with phase beta on the first qubit.",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Ccx,
        aliases: &["toffoli", "ccnot"],
        arity: Arity::Fixed(3),
        controls: 2,
        base: Some(Opcode::X),
        matrix: Some(m::x),
        flags: flags("ph"),
        qasm: Some("ccx"),
        help: "X on the third qubit when the first two are 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Ccz,
        arity: Arity::Fixed(3),
        controls: 2,
        base: Some(Opcode::Z),
        matrix: Some(m::z),
        flags: flags("dh"),
        qasm: Some("ccz"),
        help: "A sign when all three qubits are 1.",
        source: QISKIT,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Cswap,
        aliases: &["fredkin"],
        arity: Arity::Fixed(3),
        controls: 1,
        base: Some(Opcode::Swap),
        matrix: Some(mm::swap),
        flags: flags("ph"),
        qasm: Some("cswap"),
        help: "Exchanges the second and third qubit when the first is 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Mcx,
        aliases: &["multicontrolledx", "mct"],
        arity: Arity::ControlsAndTarget(2),
        base: Some(Opcode::X),
        matrix: Some(m::x),
        flags: flags("ph"),
        help: "X on the last qubit when all others are 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Mcp,
        aliases: &["mcphase", "mcu1"],
        arity: Arity::ControlsAndTarget(2),
        base: Some(Opcode::P),
        params: &["lambda"],
        matrix: Some(m::p),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        flags: flags("d"),
        help: "Phase exp(i lambda) when all qubits are 1.",
        ..ROW
    },
    GateSpec {
        opcode: Opcode::PauliRot,
        aliases: &["pauli_rotation", "paulirot"],
        arity: Arity::Payload(1),
        params: &["theta"],
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        help: "Rotation exp(-i theta/2 P) about a product P of Pauli letters, the first letter on the first qubit.",
        source: EIGEN,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Unitary,
        aliases: &["matrix"],
        arity: Arity::Payload(1),
        inverse: Inverse::Payload,
        help: "A unitary matrix on up to 10 qubits, the first qubit least significant.",
        source: EIGEN,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Gpi,
        params: &["phi"],
        matrix: Some(m::gpi),
        flags: flags("h"),
        qasm: Some("gpi"),
        help: "A half turn about an axis in the equator; phi in turns.",
        source: IONQ,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Gpi2,
        params: &["phi"],
        matrix: Some(m::gpi2),
        inverse: Inverse::HalfTurn,
        qasm: Some("gpi2"),
        help: "A quarter turn about an axis in the equator; phi in turns.",
        source: IONQ,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Ms,
        aliases: &["molmer_sorensen"],
        arity: Arity::Fixed(2),
        params: &["phi0", "phi1", "theta"],
        matrix: Some(mm::ms),
        inverse: Inverse::HalfTurn,
        power: PowerRule::ScaleLast,
        qasm: Some("ms"),
        help: "Molmer-Sorensen: a rotation by theta about the product of two equatorial axes; all angles in turns.",
        source: IONQ,
        ..ROW
    },
    GateSpec {
        opcode: Opcode::Gphase,
        aliases: &["global_phase", "globalphase"],
        arity: Arity::Fixed(0),
        params: &["gamma"],
        matrix: Some(m::gphase),
        inverse: Inverse::Negate,
        power: PowerRule::ScaleAll,
        flags: flags("d"),
        qasm: Some("gphase"),
        help: "A phase exp(i gamma) of the whole state; with controls, of the states that fulfil them.",
        ..ROW
    },
];
