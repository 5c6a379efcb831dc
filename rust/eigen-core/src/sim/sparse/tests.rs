//! The sparse engine against the slow simulator, the state vector's distributions, and circuits that it alone can hold.
use super::Sparse;
use crate::circuit::{Basis, Circuit, CircuitBuilder};
use crate::condition::Condition;
use crate::error::ErrorCode;
use crate::gate::Opcode;
use crate::math::C64;
use crate::observable::Observable;
use crate::sim::tests::random::{self, Recipe, slow_state};
use crate::sim::{Engine, Prepared, Resources, StateVector};

const VALUES: [f64; 3] = [0.4, -1.3, 2.1];

fn prepare(circuit: &Circuit, memory_limit_bytes: u64) -> Box<dyn Prepared> {
    Sparse.prepare(circuit, Resources { threads: 1, memory_limit_bytes }).expect("prepared")
}

#[test]
fn every_gate_matches_its_matrix() {
    for seed in 0..300 {
        let num_qubits = 1 + seed as usize % 7;
        let recipe = Recipe { num_qubits, num_gates: 25, symbolic: seed % 2 == 1, modified: seed % 3 > 0 };
        let circuit = random::circuit(7000 + seed, &recipe);
        let values = &VALUES[..circuit.symbols().len()];
        let state = prepare(&circuit, 1 << 30).state(values).expect("a state");
        let right = slow_state(&circuit, values);
        let worst = state.iter().zip(&right).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
        assert!(worst < 1e-11, "seed {seed}: {worst}");
    }
}

#[test]
fn expectations_and_variances_match_the_state_vector() {
    let labels = [("X0 Z1 Y2", 0.7), ("Z3", -0.4), ("Y1 Y3", 1.1), ("", 0.3)];
    let observable = Observable::from_labels(4, &labels.map(|(l, w)| (l.to_string(), w))).expect("valid");
    for seed in 0..50 {
        let recipe = Recipe { num_qubits: 4, num_gates: 20, symbolic: false, modified: true };
        let circuit = random::circuit(8000 + seed, &recipe);
        let resources = Resources { threads: 1, memory_limit_bytes: 1 << 30 };
        let mut dense = StateVector::default().prepare(&circuit, resources).expect("prepared");
        let mut sparse = prepare(&circuit, 1 << 30);
        for (a, b) in [
            (dense.expectation(&[], &[&observable]), sparse.expectation(&[], &[&observable])),
            (dense.variance(&[], &[&observable]), sparse.variance(&[], &[&observable])),
        ] {
            assert!((a.expect("a value")[0] - b.expect("a value")[0]).abs() < 1e-10, "seed {seed}");
        }
        let exact = sparse.expectation(&[], &[&observable]).expect("a value")[0];
        let (mean, error) = sparse.sample_expectation(&[], &observable, 20_000, seed).expect("an estimate");
        assert!((mean - exact).abs() <= 7.0 * error + 1e-9, "seed {seed}: {mean} +- {error}, exact {exact}");
    }
}

#[test]
fn wide_states_with_two_amplitudes_are_small() {
    let mut builder = CircuitBuilder::new(128, 128).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    for qubit in 1..128 {
        builder.gate(Opcode::Cx, &[qubit - 1, qubit], &[]).expect("valid");
    }
    let all: Vec<u32> = (0..128).collect();
    builder.measure(&all, &all, Basis::Z).expect("valid");
    let mut plan = prepare(&builder.build().expect("valid"), 1 << 20);
    let counts = plan.sample(&[], 1000, 5).expect("counts");
    assert_eq!(counts.len(), 2);
}

#[test]
fn feed_forward_teleports() {
    let mut builder = CircuitBuilder::new(3, 3).expect("valid");
    builder.gate(Opcode::Ry, &[0], &[1.1]).expect("valid");
    builder.gate(Opcode::H, &[1], &[]).expect("valid");
    builder.gate(Opcode::Cx, &[1, 2], &[]).expect("valid");
    builder.gate(Opcode::Cx, &[0, 1], &[]).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.measure(&[0, 1], &[0, 1], Basis::Z).expect("valid");
    for (bit, opcode) in [(1, Opcode::X), (0, Opcode::Z)] {
        builder.begin_if(Condition::Bit(bit)).expect("valid");
        builder.gate(opcode, &[2], &[]).expect("valid");
        builder.end().expect("valid");
    }
    builder.gate(Opcode::Ry, &[2], &[-1.1]).expect("valid");
    builder.measure(&[2], &[2], Basis::Z).expect("valid");
    let counts = prepare(&builder.build().expect("valid"), 1 << 20).sample(&[], 4000, 3).expect("counts");
    assert_eq!(counts.len(), 4);
    assert!((0..4).all(|k| counts.text(k).starts_with('0')));
}

#[test]
fn too_many_amplitudes_are_refused_with_the_numbers() {
    let mut builder = CircuitBuilder::new(30, 0).expect("valid");
    (0..30).for_each(|qubit| builder.gate(Opcode::H, &[qubit], &[]).expect("valid"));
    let error =
        prepare(&builder.build().expect("valid"), 1 << 20).amplitude(&[], 0).expect_err("does not fit");
    assert_eq!(error.code, ErrorCode::ResourceExhausted);
    assert!(error.message.contains("16384 amplitudes at operation 13; the memory holds 8192"), "{error:?}");
}

#[test]
fn cancelled_amplitudes_are_gone() {
    let mut builder = CircuitBuilder::new(40, 0).expect("valid");
    for _ in 0..50 {
        for qubit in 0..10 {
            builder.gate(Opcode::H, &[qubit], &[]).expect("valid");
        }
    }
    let mut plan = prepare(&builder.build().expect("valid"), 1 << 20);
    assert!((plan.amplitude(&[], 0).expect("an amplitude") - C64::ONE).norm() < 1e-13);
    assert_eq!(
        plan.probability(&[], &[0]).expect("a probability"),
        plan.amplitude(&[], 0).expect("one").norm_sqr()
    );
}
