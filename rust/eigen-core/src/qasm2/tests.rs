//! The language against its own text: what is read, what is refused and where, and that what is written reads back.
use super::{dump, load};
use crate::circuit::{Basis, CircuitBuilder};
use crate::condition::Condition;
use crate::error::{CoreError, ErrorCode};
use crate::gate::Opcode;

const HEAD: &str = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";

fn ops(program: &str) -> Vec<(&'static str, Vec<u32>, Vec<f64>)> {
    let circuit = load(format!("{HEAD}{program}").as_bytes()).expect("valid");
    let row = |op: crate::circuit::Operation<'_>| (op.opcode().name(), op.qubits().to_vec(), op.values(&[]));
    circuit.operations().map(row).collect()
}

fn refused(program: &str) -> CoreError {
    load(format!("{HEAD}{program}").as_bytes()).expect_err("refused")
}

#[test]
fn expressions_have_the_precedence_of_the_language() {
    let found =
        ops("qreg q[1]; u3(-2^2, 2^3^2, 1-2-3*4/2) q[0]; u1(sin(pi/6)+-sqrt(4)) q[0]; u1(2e-3) q[0];");
    assert_eq!(found[0].2, vec![-4.0, 512.0, -7.0]);
    assert!((found[1].2[0] + 1.5).abs() < 1e-15);
    assert_eq!(found[2].2, vec![0.002]);
}

#[test]
fn definitions_expand_with_their_arguments() {
    let found = ops("gate g(a,b) x,y { rz(a/2) y; cx y,x; h x; } gate k(t) x,y { g(2*t,t) y,x; }
                     qreg q[2]; k(0.5) q[0],q[1];");
    assert_eq!(found[0], ("RZ", vec![0], vec![0.5]));
    assert_eq!(found[1], ("CX", vec![0, 1], vec![]));
    assert_eq!(found[2], ("H", vec![1], vec![]));
}

#[test]
fn registers_are_taken_bit_by_bit() {
    let found = ops("qreg a[1]; qreg b[3]; creg c[3]; cx a[0],b; measure b -> c; barrier a,b[1];");
    assert_eq!(found[2], ("CX", vec![0, 3], vec![]));
    assert_eq!(found[3], ("MEASURE", vec![1, 2, 3], vec![]));
    assert_eq!(found[4], ("BARRIER", vec![0, 2], vec![]));
}

#[test]
fn gates_that_double_are_refused_before_they_expand() {
    let mut program = String::from("gate g0 a { x a; x a; }\n");
    for k in 1..100 {
        program.push_str(&format!("gate g{k} a {{ g{0} a; g{0} a; }}\n", k - 1));
    }
    program.push_str("qreg q[1];\ng99 q[0];");
    let error = refused(&program);
    assert_eq!(error.code, ErrorCode::LimitExceeded);
    assert!(error.message.starts_with("104:1: operations of a circuit"), "{}", error.message);
    // Nothing is emitted here, and it would take as long.
    assert_eq!(refused(&program.replace("x a; x a;", "")).code, ErrorCode::LimitExceeded);
}

#[test]
fn faults_name_their_place_and_their_code() {
    for (program, code, place) in [
        ("qreg q[2]\nh q;", ErrorCode::FormatInvalid, "4:1"),
        ("gate g a { g a; }", ErrorCode::FormatInvalid, "3:12"),
        ("opaque o a; qreg q[1];\n  o q[0];", ErrorCode::FormatUnsupported, "4:3"),
        ("qreg q[2]; cx q[0],q[0];", ErrorCode::CircuitInvalid, "3:12"),
        ("include \"other.inc\";", ErrorCode::FormatUnsupported, "3:9"),
        ("qreg q[2000000];", ErrorCode::LimitExceeded, "3:8"),
        ("qreg q[1]; u1(1/0) q[0];", ErrorCode::FormatInvalid, "3:15"),
    ] {
        let error = refused(program);
        assert_eq!(error.code, code, "{program}: {error}");
        assert!(error.message.starts_with(place), "{program}: {error}");
    }
}

#[test]
fn what_is_no_program_is_not_quoted() {
    let error = load(b"root:x:0:0:secret").expect_err("no program");
    assert!(!error.to_string().contains("root") && !error.to_string().contains("secret"));
}

#[test]
fn every_statement_reads_back_as_it_was() {
    let program = "qreg b[2]; qreg a[3]; creg c[3]; creg d[1];
        u3(0.1,1e-7,3) b[0]; cu(1,2,3,4) b[1],a[0]; c3x b[0],a[0],a[1],a[2]; csx a[0],a[1]; rzz(1e22) a[0],a[2];
        if (c == 5) x a[1]; if (c == 2) measure a -> c; reset a; barrier b,a[0];
        measure b[1] -> d[0]; if (d == 1) ccx a[0],a[1],a[2];";
    let circuit =
        load(format!("{HEAD}opaque delay(t) q;\n{program} delay(100) a[1];").as_bytes()).expect("valid");
    assert_eq!(load(dump(&circuit).expect("writable").as_bytes()).expect("valid"), circuit);
}

#[test]
fn conditions_of_several_numbers_become_several_statements() {
    let mut builder = CircuitBuilder::new(1, 3).expect("small");
    builder.begin_if(Condition::Bit(1).and(Condition::Bit(0)).expect("small")).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.begin_else().expect("open");
    builder.gate(Opcode::X, &[0], &[]).expect("valid");
    builder.end().expect("open");
    let text = dump(&builder.build().expect("valid")).expect("writable");
    assert_eq!(text.matches(" h q[0];").count(), 2);
    assert_eq!(text.matches(" x q[0];").count(), 6);
    assert!(text.contains("if (c == 3) h q[0];") && text.contains("if (c == 7) h q[0];"));
}

#[test]
fn what_the_language_lacks_is_refused_by_name() {
    let mut builder = CircuitBuilder::new(1, 1).expect("small");
    builder.measure(&[0], &[0], Basis::X).expect("valid");
    builder.begin_while(Condition::Bit(0), 9).expect("valid");
    builder.end().expect("open");
    let error = dump(&builder.build().expect("valid")).expect_err("no loops");
    assert_eq!(error.code, ErrorCode::FormatUnsupported);
    assert!(error.message.contains("WHILE"));
}
