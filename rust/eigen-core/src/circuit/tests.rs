use std::collections::HashMap;

use super::{Basis, Circuit, CircuitBuilder, Instruction, Item, Modifier};
use crate::condition::Condition;
use crate::error::ErrorCode;
use crate::gate::Opcode;
use crate::math::{C64, Matrix};
use crate::param::Affine;
use crate::testing::{random_circuit, unitary};

fn branching() -> Circuit {
    let mut b = CircuitBuilder::new(2, 2).expect("small");
    b.measure(&[0], &[0], Basis::X).expect("valid");
    b.begin_if(Condition::Bit(0)).expect("valid");
    b.gate(Opcode::X, &[1], &[]).expect("valid");
    b.begin_else().expect("open");
    b.begin_for(3).expect("valid");
    b.gate(Opcode::H, &[1], &[]).expect("valid");
    b.end().expect("open");
    b.end().expect("open");
    b.begin_while(Condition::Bit(1).negate().expect("small"), 7).expect("valid");
    b.measure(&[1], &[1], Basis::Z).expect("valid");
    b.end().expect("open");
    b.build().expect("valid")
}

#[test]
fn blocks_form_a_tree_and_survive_copying() {
    let circuit = branching();
    let copied = circuit.remap(&[0, 1], 2).expect("fits");
    assert_eq!(circuit, copied);
    let items: Vec<Item<'_>> = circuit.items(0..circuit.stream_len()).collect();
    assert_eq!(items.len(), 3);
    assert!(
        matches!(&items[1], Item::If { then, otherwise: Some(other), .. } if then.len() == 1 && other.len() == 3)
    );
    assert_eq!(circuit.num_operations(), 7);
}

#[test]
fn mistakes_are_refused_and_leave_the_builder_alone() {
    let mut b = CircuitBuilder::new(2, 1).expect("small");
    let mut refuse = |instruction: Instruction, code: ErrorCode| {
        assert_eq!(b.push(instruction).expect_err("refused").code, code);
        assert_eq!(b.num_operations(), 0);
    };
    let half = Matrix::identity(2).scale(C64::new(0.5, 0.0));
    refuse(Instruction::new(Opcode::Cx, &[0]), ErrorCode::GateArguments);
    refuse(Instruction::new(Opcode::Cx, &[1, 1]), ErrorCode::CircuitInvalid);
    refuse(Instruction::new(Opcode::Rx, &[0]), ErrorCode::GateArguments);
    refuse(Instruction::with_numbers(Opcode::Rx, &[0], &[f64::NAN]), ErrorCode::ParameterInvalid);
    refuse(Instruction::with_params(Opcode::Rx, &[0], vec![Affine::symbol("")]), ErrorCode::ParameterInvalid);
    refuse(Instruction::unitary(half, &[0]), ErrorCode::GateNotUnitary);
    refuse(Instruction::unitary(Matrix::identity(4), &[0]), ErrorCode::GateArguments);
    refuse(Instruction::new(Opcode::PauliRot, &[0]), ErrorCode::GateArguments);
    refuse(Instruction::measure(&[0, 1], &[0], Basis::Z), ErrorCode::GateArguments);
    refuse(Instruction::new(Opcode::Else, &[]), ErrorCode::CircuitInvalid);
    refuse(Instruction::new(Opcode::End, &[]), ErrorCode::CircuitInvalid);
    refuse(Instruction::new(Opcode::Reset, &[0]).modified(Modifier::controls(1)), ErrorCode::GateArguments);
    refuse(Instruction::new(Opcode::X, &[0]).modified(Modifier::controls(3)), ErrorCode::GateArguments);
}

#[test]
fn indices_are_checked_at_the_end() {
    let build = |instruction: Instruction| {
        let mut b = CircuitBuilder::new(1, 1).expect("small");
        b.push(instruction).expect("accepted for now");
        b.build().expect_err("out of range").message
    };
    assert!(build(Instruction::new(Opcode::X, &[5])).contains("operation 0 (X): qubit `5`"));
    assert!(build(Instruction::measure(&[0], &[2], Basis::Z)).contains("classical bit `2`"));
    assert!(
        build(Instruction::new(Opcode::X, &[0]).when(Some(Condition::Bit(9)))).contains("classical bit `9`")
    );
    let mut open = CircuitBuilder::new(1, 1).expect("small");
    open.begin_for(2).expect("valid");
    assert!(open.build().expect_err("open").message.contains("not closed"));
}

#[test]
fn nesting_and_sizes_are_limited() {
    let mut b = CircuitBuilder::new(1, 1).expect("small");
    let depth = (0..100).take_while(|_| b.begin_for(1).is_ok()).count();
    assert_eq!(depth, crate::limits::MAX_NESTING);
    assert_eq!(CircuitBuilder::new(usize::MAX, 0).expect_err("huge").code, ErrorCode::LimitExceeded);
    assert_eq!(
        CircuitBuilder::new(0, 0).expect("empty").begin_for(u64::MAX).expect_err("long").code,
        ErrorCode::LimitExceeded
    );
}

#[test]
fn binding_evaluates_expressions_and_keeps_the_rest() {
    let mut b = CircuitBuilder::new(1, 0).expect("small");
    let angle = Affine::symbol("a").scale(2.0).add_scaled(&Affine::symbol("b"), 1.0);
    b.push(Instruction::with_params(Opcode::Rx, &[0], vec![angle])).expect("valid");
    let circuit = b.build().expect("valid");
    let bound = circuit.bind(&HashMap::from([("a".to_string(), 0.25)])).expect("known");
    assert_eq!(bound.symbols(), ["b"]);
    let operation = bound.operation(0);
    assert_eq!(operation.values(&[0.5]), [1.0]);
    assert_eq!(circuit.bind_all(&[0.25, 0.5]).expect("both").operation(0).values(&[]), [1.0]);
    assert!(circuit.bind_all(&[1.0]).is_err());
    assert!(circuit.bind(&HashMap::from([("c".to_string(), 0.0)])).is_err());
    assert!(circuit.bind_all(&[f64::INFINITY, 0.0]).is_err());
    let renamed =
        circuit.rename_parameters(&HashMap::from([("b".to_string(), "a".to_string())])).expect("known");
    assert_eq!(renamed.expressions()[0].terms, [(0, 3.0)]);
}

#[test]
fn transformations_do_what_they_say() {
    for seed in 0..6 {
        let circuit = random_circuit(3, 15, seed);
        let (u, id) = (unitary(&circuit, &[]), Matrix::identity(8));
        assert!(unitary(&circuit.inverse().expect("unitary"), &[]).mul(&u).distance(&id) < 1e-10);
        assert!(unitary(&circuit.power(-2.0).expect("whole"), &[]).mul(&u).mul(&u).distance(&id) < 1e-10);
        let controlled = unitary(&circuit.controlled(&[false]).expect("unitary"), &[]);
        assert!(controlled.distance(&u.controlled(&[false])) < 1e-10);
    }
    assert_eq!(branching().inverse().expect_err("measures").code, ErrorCode::CircuitNotUnitary);
    assert!(random_circuit(2, 3, 1).power(0.5).is_err());
}

#[test]
fn bits_are_placed_on_distinct_bits_that_exist() {
    let circuit = random_circuit(2, 3, 1);
    assert!(circuit.remap(&[1, 1], 2).is_err());
    assert!(circuit.remap(&[0, 5], 2).is_err());
    assert!(circuit.compose(&circuit, &[0, 2], &[]).is_err());
    assert!(circuit.compose(&circuit, &[1, 0], &[]).is_ok());
}

#[test]
fn powers_cannot_overflow_or_take_forever() {
    let mut b = CircuitBuilder::new(10, 0).expect("small");
    let power = |power: f64| Modifier { power, ..Modifier::NONE };
    let huge = Instruction::with_numbers(Opcode::Rx, &[0], &[1e308]).modified(power(1e308));
    assert_eq!(b.push(huge).expect_err("infinite").code, ErrorCode::ParameterInvalid);
    let qubits: Vec<u32> = (0..8).collect();
    let wide = Instruction::unitary(Matrix::identity(256), &qubits).modified(power(0.5));
    assert_eq!(b.push(wide).expect_err("slow").code, ErrorCode::LimitExceeded);
}

#[test]
fn registers_are_checked() {
    let mut b = CircuitBuilder::new(0, 0).expect("empty");
    assert_eq!(b.add_qubits(2, Some("q")).expect("small"), 0);
    assert_eq!(b.add_qubits(1, Some("q")).expect("small"), 2);
    assert!(b.build().expect_err("twice").message.contains("two qubit registers"));
}
