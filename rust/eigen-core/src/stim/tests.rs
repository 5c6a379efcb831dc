//! Documents and what becomes of them.
use super::load;
use crate::error::ErrorCode;

fn names(text: &str) -> Vec<&'static str> {
    let circuit = load(text.as_bytes()).expect("valid");
    circuit.operations().map(|op| op.opcode().name()).collect()
}

fn refused(text: &str) -> (ErrorCode, String) {
    let error = load(text.as_bytes()).expect_err("refused");
    (error.code, error.message)
}

#[test]
fn a_loop_stays_one_unless_its_rounds_differ() {
    assert_eq!(names("REPEAT 5 {\n  H 0 # a comment\n}"), ["FOR", "H", "END"]);
    assert_eq!(names("REPEAT 2 {\nM 0\n}"), ["MEASURE", "MEASURE"]);
    assert_eq!(names("M 0\nREPEAT 2 {\nREPEAT 1 {\nCX rec[-1] 1\n}\n}"), ["MEASURE", "X", "X"]);
}

#[test]
fn repetitions_are_counted_before_they_are_written_out() {
    for text in [
        "REPEAT 1000000000000 {\nM 0\n}",
        "REPEAT 100000 {\nREPEAT 100000 {\nSHIFT_COORDS(1)\n}\n}",
        "REPEAT 1500000 {\nDETECTOR(1,2,3,4)\n}",
    ] {
        assert_eq!(refused(text).0, ErrorCode::LimitExceeded, "{text}");
    }
}

#[test]
fn detectors_observables_and_coordinates_are_kept() {
    let text = "QUBIT_COORDS(1, 2) 0\nM 0\nSHIFT_COORDS(0, 0.5)\nDETECTOR(1,1) rec[-1]\nOBSERVABLE_INCLUDE(3) rec[-1]";
    let circuit = load(text.as_bytes()).expect("valid");
    let kept: Vec<&str> = circuit.metadata().values().map(String::as_str).collect();
    assert_eq!(kept, ["[[[1.0,2.0],[0]]]", "[[[1.0,1.5],[0]]]", "[[[3],[0]]]"]);
}

#[test]
fn errors_have_their_place() {
    assert_eq!(refused("H 0\n  CX 0 q").1, "2:8: `q` is no target of `CX`");
    assert_eq!(refused("H 0\n é").1, "2:2: this is no instruction of Stim");
    assert!(refused("M 0\nX_ERROR(0.1) 0").1.starts_with("2:1: `X_ERROR` is noise"));
}

#[test]
fn names_are_told_by_a_tag() {
    let text = "I[eigen:{\"qubits\":[[\"a\",2\\C,[null,1\\C\\C,\"clbits\":[\\C,\"name\":\"n\"}] 2\nH 0";
    let circuit = load(text.as_bytes()).expect("valid");
    assert_eq!((circuit.name(), circuit.num_qubits(), circuit.stream_len()), ("n", 3, 1));
    assert_eq!(circuit.qubit_registers()[0].name, "a");
}
