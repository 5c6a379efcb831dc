//! The engine against the state vector, with and without slices, and its refusals.
use super::{TensorNetwork, contraction_cost};
use crate::circuit::{Basis, Circuit, CircuitBuilder};
use crate::gate::Opcode;
use crate::math::C64;
use crate::observable::Observable;
use crate::rng::Philox;
use crate::sim::tests::random::{Recipe, circuit};
use crate::sim::{Engine, Prepared, Resources, StateVector};

const ROOM: Resources = Resources { threads: 1, memory_limit_bytes: 1 << 32 };
const VALUES: [f64; 3] = [0.4, -1.1, 2.3];

fn prepare(circuit: &Circuit, memory_bytes: u64) -> Box<dyn Prepared> {
    TensorNetwork { memory_bytes, max_operations: 42.0 }.prepare(circuit, ROOM).expect("valid")
}

fn exact(circuit: &Circuit) -> Box<dyn Prepared> {
    StateVector::default().prepare(circuit, ROOM).expect("valid")
}

fn observable(num_qubits: usize, seed: u64) -> Observable {
    let mut random = Philox::new(seed, 9);
    let terms: Vec<(String, f64)> = (0..8)
        .map(|_| {
            let label = (0..num_qubits).map(|_| ['I', 'X', 'Y', 'Z'][random.below(4) as usize]).collect();
            (label, random.uniform() - 0.5)
        })
        .collect();
    Observable::from_labels(num_qubits, &terms).expect("valid")
}

#[test]
fn all_gates_and_outputs_agree_with_the_state_vector() {
    for seed in 0..40 {
        let num_qubits = 1 + seed as usize % 6;
        let recipe = Recipe { num_qubits, num_gates: 24, symbolic: seed % 2 == 0, modified: seed % 3 > 0 };
        let circuit = circuit(seed, &recipe);
        let values = &VALUES[..circuit.symbols().len()];
        let mut state = exact(&circuit);
        let expected = state.state(values).expect("fits");
        let mut network = prepare(&circuit, 1 << 30);
        let found = network.state(values).expect("fits");
        let distance: f64 = found.iter().zip(&expected).map(|(a, b)| (a - b).norm_sqr()).sum();
        assert!(distance < 1e-20, "seed {seed}: {distance}");
        let index = seed % (1 << num_qubits);
        let one = network.amplitude(values, index).expect("fits");
        assert!((one - expected[index as usize]).norm() < 1e-10);
        let observable = observable(num_qubits, seed);
        let close = |a: Vec<f64>, b: Vec<f64>| {
            assert_eq!(a.len(), b.len());
            a.iter().zip(&b).for_each(|(x, y)| assert!((x - y).abs() < 1e-10, "seed {seed}: {x} {y}"));
        };
        let all = [&observable];
        close(
            network.expectation(values, &all).expect("fits"),
            state.expectation(values, &all).expect("fits"),
        );
        let qubits: Vec<usize> = (0..num_qubits).rev().step_by(2).collect();
        close(
            network.probabilities(values, &qubits).expect("fits"),
            state.probabilities(values, &qubits).expect("fits"),
        );
    }
}

/// A random circuit of square-root gates and CZ on a grid, as in the supremacy experiments.
fn grid(rows: u32, columns: u32, depth: u32) -> Circuit {
    let mut builder = CircuitBuilder::new((rows * columns) as usize, 0).expect("valid");
    let mut random = Philox::new(4, 0);
    for layer in 0..depth {
        for qubit in 0..rows * columns {
            let angles = [random.uniform() * 3.0, random.uniform() * 3.0, random.uniform() * 3.0];
            builder.gate(Opcode::U, &[qubit], &angles).expect("valid");
        }
        for qubit in 0..rows * columns {
            let (row, column) = (qubit / columns, qubit % columns);
            let (down, even) = (layer % 2 == 0, layer / 2 % 2);
            if down && row + 1 < rows && row % 2 == even {
                builder.gate(Opcode::Cz, &[qubit, qubit + columns], &[]).expect("valid");
            }
            if !down && column + 1 < columns && column % 2 == even {
                builder.gate(Opcode::Cz, &[qubit, qubit + 1], &[]).expect("valid");
            }
        }
    }
    builder.build().expect("valid")
}

#[test]
fn slices_add_up() {
    let circuit = grid(4, 4, 12);
    let whole = prepare(&circuit, 1 << 30).amplitude(&[], 4711).expect("fits");
    let expected = exact(&circuit).amplitude(&[], 4711).expect("fits");
    assert!((whole - expected).norm() < 1e-12);
    let mut sliced = prepare(&circuit, 24_000);
    assert!((sliced.amplitude(&[], 4711).expect("fits") - expected).norm() < 1e-12);
    assert!(
        sliced.facts().iter().any(|(name, fact)| *name == "slices" && *fact != crate::sim::Fact::Count(1))
    );
    let many = Resources { threads: 3, ..ROOM };
    let engine = TensorNetwork { memory_bytes: 24_000, max_operations: 42.0 };
    let again = engine.prepare(&circuit, many).expect("valid").amplitude(&[], 4711).expect("fits");
    assert_eq!(again, sliced.amplitude(&[], 4711).expect("fits"));
}

#[test]
fn a_local_question_about_a_wide_circuit_sees_its_light_cone_only() {
    let circuit = grid(10, 10, 4);
    let labels = [("Z44".to_string(), 1.0), ("X55 Y56".to_string(), 0.5)];
    let observable = Observable::from_labels(100, &labels).expect("valid");
    let value = prepare(&circuit, 1 << 28).expectation(&[], &[&observable]).expect("fits")[0];
    let bond = crate::sim::Mps { max_bond: 4096, cutoff: 1e-13 };
    let small = grid(10, 10, 2);
    let by_chain =
        bond.prepare(&small, ROOM).expect("valid").expectation(&[], &[&observable]).expect("fits")[0];
    let by_network = prepare(&small, 1 << 28).expectation(&[], &[&observable]).expect("fits")[0];
    assert!((by_chain - by_network).abs() < 1e-8, "{by_chain} {by_network}");
    assert!(value.abs() <= 1.5);
    assert!(contraction_cost(&circuit, Some(&observable), 1 << 28).expect("valid").width < 20);
}

#[test]
fn samples_follow_the_probabilities() {
    let recipe = Recipe { num_qubits: 4, num_gates: 14, symbolic: true, modified: true };
    let bare = circuit(21, &recipe);
    let probabilities = exact(&bare).probabilities(&VALUES, &[0, 1, 2, 3]).expect("fits");
    let shots = 20_000;
    let counts =
        prepare(&bare.measure_all().expect("valid"), 1 << 28).sample(&VALUES, shots, 5).expect("fits");
    assert_eq!(counts.shots(), shots);
    let mut seen = [0u64; 16];
    for index in 0..counts.len() {
        seen[usize::from_str_radix(&counts.text(index), 2).expect("bits")] = counts.values()[index];
    }
    for (p, count) in probabilities.iter().zip(seen) {
        // 6.5 standard deviations: below 1e-8 for all 16 together.
        let sigma = (p * (1.0 - p) * shots as f64).sqrt();
        assert!((count as f64 - p * shots as f64).abs() <= 6.5 * sigma + 1e-6, "{p} {count}");
    }
}

#[test]
fn what_is_too_much_is_refused_with_numbers() {
    let circuit = grid(8, 8, 60);
    let refused = prepare(&circuit, 1 << 28).amplitude(&[], 0).expect_err("too much");
    assert!(
        refused.message.contains("width") && refused.message.contains("limit 2^42"),
        "{}",
        refused.message
    );
    let mut builder = CircuitBuilder::new(2, 2).expect("valid");
    builder.measure(&[0], &[0], Basis::Z).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.measure(&[0], &[1], Basis::Z).expect("valid");
    let dynamic = builder.build().expect("valid");
    let refused = TensorNetwork::default().prepare(&dynamic, ROOM).err().expect("dynamic");
    assert!(refused.message.contains("measure at the end only"));
    assert!(
        (C64::ONE
            - prepare(&CircuitBuilder::new(3, 0).expect("valid").build().expect("valid"), 1 << 20)
                .amplitude(&[], 0)
                .expect("fits"))
        .norm()
            < 1e-15
    );
}
