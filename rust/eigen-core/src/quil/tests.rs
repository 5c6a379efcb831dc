//! Programs and what becomes of them.
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
fn jumps_become_blocks() {
    let branch = "DECLARE b BIT\nJUMP-WHEN @E b\nX 0\nJUMP @F\nLABEL @E\nY 0\nLABEL @F\nZ 0";
    assert_eq!(names(branch), ["IF", "X", "ELSE", "Y", "END", "Z"]);
    let repeat = "DECLARE b BIT\nLABEL @S\nJUMP-UNLESS @E b\nX 0; MEASURE 0 b\nJUMP @S\nLABEL @E";
    assert_eq!(names(repeat), ["WHILE", "X", "MEASURE", "END"]);
    assert_eq!(refused("DECLARE b BIT\nLABEL @S\nX 0\nJUMP @S").0, ErrorCode::FormatUnsupported);
}

#[test]
fn expressions_are_affine_in_memory() {
    let circuit = load(b"DECLARE t REAL[2]\nRX(2*(t[1] - t[0]/4) + pi - t[1]) 0").expect("valid");
    let param = &circuit.operation(0).to_instruction().params[0];
    assert_eq!(param.constant, std::f64::consts::PI);
    assert_eq!(
        param.terms.iter().map(|(name, factor)| (name.as_str(), *factor)).collect::<Vec<_>>(),
        [("t[0]", -0.5), ("t[1]", 1.0)]
    );
    assert_eq!(circuit.symbols(), ["t[0]", "t[1]"]);
}

#[test]
fn modifiers_act_from_the_inside() {
    let circuit = load(b"CONTROLLED DAGGER CONTROLLED T 2 0 1").expect("valid");
    let op = circuit.operation(0);
    assert_eq!((op.qubits(), op.modifier().controls), (&[2, 0, 1][..], 2));
    assert!(op.modifier().inverse || op.opcode().name() == "Tdg");
}

#[test]
fn definitions_are_metered_before_they_are_expanded() {
    let mut text = String::from("DEFCIRCUIT C0 a:\n    H a\n");
    for k in 1..64 {
        text += &format!("DEFCIRCUIT C{k} a:\n    C{0} a\n    C{0} a\n", k - 1);
    }
    assert_eq!(refused(&format!("{text}C63 0")).0, ErrorCode::LimitExceeded);
    assert_eq!(refused("DEFCIRCUIT C a:\n    C a\nC 0").0, ErrorCode::LimitExceeded);
    assert_eq!(names(&format!("{text}C3 0")).len(), 8);
}

#[test]
fn imaginary_numbers_may_come_first() {
    let circuit = load(b"DEFGATE G:\n    0.5i+0.5, 0.5i-0.5\n    0.5i-0.5, 0.5i+0.5\nG 0").expect("valid");
    assert_eq!(circuit.operation(0).opcode().name(), "UNITARY");
}

#[test]
fn errors_have_their_place() {
    assert_eq!(refused("H 0\nRX(q) 0").1, "2:4: an expression has `q`, which is no number");
    assert_eq!(refused("H 0; X é").1, "1:8: this is no word of Quil");
    assert!(refused("H 0\n  NOSUCH 1").1.starts_with("2:3: there is no gate `NOSUCH`"));
}
