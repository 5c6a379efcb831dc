use super::{Version, read, write};
use crate::circuit::{Basis, Circuit, CircuitBuilder, DurationUnit, Instruction, Modifier};
use crate::condition::{Comparison, Condition};
use crate::error::ErrorCode;
use crate::gate::Opcode;
use crate::param::Affine;
use crate::testing::random_circuit;

fn everything() -> Circuit {
    let mut b = CircuitBuilder::new(0, 0).expect("empty");
    b.add_qubits(3, Some("q")).expect("small");
    b.add_clbits(2, Some("c")).expect("small");
    b.set_name("everything \"é\"");
    b.set_metadata([("k".to_string(), "v".to_string())].into());
    b.declare("z").expect("name");
    let angle =
        Affine::symbol("b").add_scaled(&Affine::symbol("a"), -0.5).add_scaled(&Affine::number(1.0), 1.0);
    b.push(Instruction::with_params(Opcode::Rx, &[0], vec![angle])).expect("valid");
    b.push(Instruction::with_params(Opcode::Rx, &[1], vec![Affine::symbol("z")])).expect("valid");
    let modifier = Modifier { controls: 2, state: None, inverse: true, power: 0.5 };
    b.push(Instruction::new(Opcode::H, &[2, 0, 1]).modified(modifier.with_state(Some("01")).expect("valid")))
        .expect("valid");
    b.push(Instruction::delay(&[0, 1], Affine::number(4.0), DurationUnit::Us)).expect("valid");
    b.measure(&[0, 1], &[1, 0], Basis::Y).expect("valid");
    let condition = Condition::compare(vec![0, 1], Comparison::GreaterEqual, 2).expect("valid");
    b.push(Instruction::new(Opcode::X, &[0]).when(Some(condition.clone()))).expect("valid");
    b.begin_while(condition.xor(Condition::Bit(1)).expect("small"), 5).expect("valid");
    b.push(Instruction::new(Opcode::Reset, &[2])).expect("valid");
    b.end().expect("open");
    b.build().expect("valid")
}

#[test]
fn documents_round_trip() {
    for circuit in [everything(), random_circuit(4, 60, 1), random_circuit(3, 60, 2)] {
        let bytes = write(&circuit, Version::V1_1).expect("ours");
        let again = read(&bytes).expect("valid");
        assert_eq!(
            String::from_utf8_lossy(&write(&again, Version::V1_1).expect("ours")),
            String::from_utf8_lossy(&bytes)
        );
        assert_eq!(again.digest(), circuit.digest());
        assert_eq!(again.symbols(), circuit.symbols());
        crate::verify::verify(&again).expect("valid");
    }
}

#[test]
fn the_seed_document_loads_and_is_written_back() {
    let text = br#"{"version": "0.1", "qubits": 4, "operations": [
        {"op": "RY", "q": [0], "params": {"theta": "p0"}},
        {"op": "CX", "q": [0, 1]},
        {"op": "MEASURE", "q": [0, 1], "c": [0, 1]}]}"#;
    let circuit = read(text).expect("valid");
    assert_eq!((circuit.num_qubits(), circuit.num_clbits()), (4, 2));
    assert_eq!(circuit.symbols(), ["p0"]);
    assert_eq!(
        String::from_utf8(write(&circuit, Version::V0_1).expect("fits")).expect("utf8"),
        r#"{"operations":[{"op":"RY","params":{"theta":"p0"},"q":[0]},{"op":"CX","q":[0,1]},{"c":[0,1],"op":"MEASURE","q":[0,1]}],"qubits":4,"version":"0.1"}"#
    );
}

#[test]
fn what_does_not_fit_an_older_version_is_named() {
    let mut b = CircuitBuilder::new(1, 0).expect("small");
    b.gate(Opcode::Rx, &[0], &[0.5]).expect("valid");
    b.gate(Opcode::H, &[0], &[]).expect("valid");
    let circuit = b.build().expect("valid");
    let error = write(&circuit, Version::V0_1).expect_err("H is newer");
    assert!(error.message.contains("operation 1 (`H`)"), "{}", error.message);
    assert!(write(&circuit, Version::V1_0_0).is_ok());
    let error = write(&everything(), Version::V1_0_0).expect_err("affine");
    assert!(error.message.contains("operation 0 (`RX`)"), "{}", error.message);
}

#[test]
fn hostile_documents_are_refused() {
    let wrap = |operation: &str| format!(r#"{{"version":"1.1","qubits":2,"operations":[{operation}]}}"#);
    let deep = format!("{}{}", r#"{"op":"FOR","count":1,"body":["#.repeat(40), "]}".repeat(40));
    let cases = [
        (r#"{"version":"1.1","qubits":1}"#.to_string(), ErrorCode::AqoInvalid),
        (r#"{"version":"2","qubits":1,"operations":[]}"#.to_string(), ErrorCode::AqoUnsupported),
        (r#"{"qubits":1,"operations":[]}"#.to_string(), ErrorCode::AqoInvalid),
        (r#"{"version":"1.1","qubits":-1,"operations":[]}"#.to_string(), ErrorCode::AqoInvalid),
        (r#"{"version":"1.1","qubits":1e3,"operations":[]}"#.to_string(), ErrorCode::AqoInvalid),
        (r#"{"version":"1.1","qubits":99999999999,"operations":[]}"#.to_string(), ErrorCode::LimitExceeded),
        (r#"{"version":"1.1","qubits":1,"operations":[],"extra":1}"#.to_string(), ErrorCode::AqoInvalid),
        (r#"{"version":"1.1","qubits":1,"qubits":2,"operations":[]}"#.to_string(), ErrorCode::JsonInvalid),
        (
            r#"{"version":"1.1","qubits":1,"operations":[],"operations":[]}"#.to_string(),
            ErrorCode::JsonInvalid,
        ),
        ("[]".to_string(), ErrorCode::JsonInvalid),
        (wrap(r#"{"op":"RX","q":[0],"params":{"theta":NaN}}"#), ErrorCode::JsonInvalid),
        (wrap(r#"{"op":"RX","q":[0],"params":{"theta":1e999}}"#), ErrorCode::JsonInvalid),
        (wrap(r#"{"op":"RX","q":[0],"params":{"phi":1}}"#), ErrorCode::AqoInvalid),
        (wrap(r#"{"op":"RX","q":[0]}"#), ErrorCode::AqoInvalid),
        (wrap(r#"{"op":"FLY","q":[0]}"#), ErrorCode::GateUnknown),
        (wrap(r#"{"op":"X","q":[7]}"#), ErrorCode::CircuitInvalid),
        (wrap(r#"{"op":"X","q":[0],"speed":1}"#), ErrorCode::AqoInvalid),
        (wrap(r#"{"op":"X","q":[0],"if":{"bit":-1}}"#), ErrorCode::ConditionInvalid),
        (wrap(r#"{"op":"UNITARY","q":[0],"matrix":[[1,0],[1,0]]}"#), ErrorCode::GateNotUnitary),
        (wrap(r#"{"op":"UNITARY","q":[0],"matrix":[[1,0],[0]]}"#), ErrorCode::AqoInvalid),
        (wrap("7"), ErrorCode::AqoInvalid),
        (wrap(&deep), ErrorCode::LimitExceeded),
    ];
    for (text, code) in cases {
        assert_eq!(read(text.as_bytes()).expect_err(&text).code, code, "{text}");
    }
    let old = r#"{"version":"0.1","qubits":1,"operations":[{"op":"H","q":[0]}]}"#;
    assert!(read(old.as_bytes()).expect_err("newer").message.contains("operation 0: `H`"));
    let undeclared = r#"{"version":"1.1","qubits":1,"parameters":["b"],"operations":[{"op":"RX","q":[0],"params":{"theta":"a"}}]}"#;
    assert_eq!(read(undeclared.as_bytes()).expect_err("undeclared").code, ErrorCode::ParameterInvalid);
}

#[test]
fn mutilated_documents_never_panic() {
    let bytes = write(&everything(), Version::V1_1).expect("ours");
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut]).is_err());
        let mut changed = bytes.clone();
        changed[cut] ^= 1;
        // Some of these are valid documents; none may panic.
        let _ = read(&changed);
    }
}
