use super::simplify;
use crate::circuit::{Basis, Circuit, CircuitBuilder, Instruction};
use crate::condition::Condition;
use crate::gate::Opcode;
use crate::param::Affine;
use crate::testing::{random_circuit, unitary};

fn circuit(gates: &[(Opcode, &[u32], &[f64])]) -> Circuit {
    let mut builder = CircuitBuilder::new(3, 1).expect("small");
    for (opcode, qubits, params) in gates {
        builder.gate(*opcode, qubits, params).expect("valid");
    }
    builder.build().expect("valid")
}

fn names(circuit: &Circuit, level: u8) -> Vec<&'static str> {
    simplify(circuit, level).expect("valid").operations().map(|op| op.opcode().name()).collect()
}

#[test]
fn random_circuits_keep_their_unitary() {
    for seed in 0..40 {
        let circuit = random_circuit(3, 60, 100 + seed);
        for level in 0..4 {
            let out = simplify(&circuit, level).expect("valid");
            assert!(out.num_operations() <= circuit.num_operations());
            assert!(
                unitary(&out, &[]).distance(&unitary(&circuit, &[])) < 1e-9,
                "seed {seed}, level {level}"
            );
        }
        let mirror = circuit.compose(&circuit.inverse().expect("unitary"), &[0, 1, 2], &[]).expect("fits");
        let distance =
            unitary(&simplify(&mirror, 2).expect("valid"), &[]).distance(&crate::math::Matrix::identity(8));
        assert!(distance < 1e-9);
    }
}

#[test]
fn pairs_cancel_and_rotations_merge() {
    use Opcode::{Cx, Cz, H, I, Rx, S, Sdg, T, X, Z};
    assert!(names(&circuit(&[(H, &[0], &[]), (X, &[1], &[]), (H, &[0], &[]), (X, &[1], &[])]), 1).is_empty());
    assert!(names(&circuit(&[(Cx, &[0, 1], &[]), (I, &[0], &[]), (Cx, &[0, 1], &[])]), 1).is_empty());
    assert!(names(&circuit(&[(Cz, &[0, 1], &[]), (Cz, &[1, 0], &[])]), 1).is_empty());
    assert!(names(&circuit(&[(Rx, &[0], &[0.5]), (Rx, &[0], &[-0.5])]), 1).is_empty());
    assert_eq!(names(&circuit(&[(T, &[0], &[]), (T, &[0], &[])]), 1), ["S"]);
    assert_eq!(
        names(&circuit(&[(S, &[0], &[]), (Z, &[0], &[]), (T, &[0], &[]), (T, &[0], &[])]), 1),
        [] as [&str; 0]
    );
    assert_eq!(names(&circuit(&[(S, &[0], &[]), (Sdg, &[1], &[])]), 1), ["S", "Sdg"]);
    assert_eq!(names(&circuit(&[(Cx, &[0, 1], &[]), (Cx, &[1, 0], &[])]), 2), ["CX", "CX"]);
}

#[test]
fn level_two_looks_past_commuting_gates() {
    use Opcode::{Cx, H, Rz, X};
    let past = circuit(&[(Rz, &[0], &[0.3]), (Cx, &[0, 1], &[]), (X, &[1], &[]), (Rz, &[0], &[0.4])]);
    assert_eq!(names(&past, 1), ["RZ", "CX", "X", "RZ"]);
    assert_eq!(names(&past, 2), ["CX", "X", "RZ"]);
    let blocked = circuit(&[(Rz, &[0], &[0.3]), (H, &[0], &[]), (Rz, &[0], &[0.4])]);
    assert_eq!(names(&blocked, 3), ["RZ", "H", "RZ"]);
}

#[test]
fn symbols_merge_and_measurements_block() {
    let mut builder = CircuitBuilder::new(1, 1).expect("small");
    for factor in [1.0, 2.0] {
        let angle = Affine::symbol("a").scale(factor);
        builder.push(Instruction::with_params(Opcode::Rx, &[0], vec![angle])).expect("valid");
    }
    builder.gate(Opcode::X, &[0], &[]).expect("valid");
    builder.measure(&[0], &[0], Basis::Z).expect("valid");
    builder.gate(Opcode::X, &[0], &[]).expect("valid");
    let out = simplify(&builder.build().expect("valid"), 2).expect("valid");
    assert_eq!(names(&out, 0), ["RX", "X", "MEASURE", "X"]);
    assert_eq!(out.expressions()[0].terms, [(0, 3.0)]);
}

#[test]
fn blocks_are_simplified_inside_and_never_crossed() {
    let mut builder = CircuitBuilder::new(1, 1).expect("small");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.begin_if(Condition::Bit(0)).expect("valid");
    builder.gate(Opcode::X, &[0], &[]).expect("valid");
    builder.gate(Opcode::X, &[0], &[]).expect("valid");
    builder.begin_else().expect("open");
    builder.gate(Opcode::Z, &[0], &[]).expect("valid");
    builder.end().expect("open");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.begin_for(3).expect("valid");
    builder.end().expect("open");
    assert_eq!(names(&builder.build().expect("valid"), 2), ["H", "IF", "ELSE", "Z", "END", "H"]);
}
