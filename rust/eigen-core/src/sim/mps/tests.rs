//! The engine against the state vector, closed forms, and its own account of its errors.
use super::Mps;
use crate::circuit::{Basis, Circuit, CircuitBuilder, Instruction};
use crate::condition::Condition;
use crate::gate::Opcode;
use crate::math::C64;
use crate::observable::Observable;
use crate::rng::Philox;
use crate::sim::tests::random::{Recipe, circuit};
use crate::sim::{Engine, Fact, Prepared, Resources, StateVector};

const ROOM: Resources = Resources { threads: 1, memory_limit_bytes: 1 << 32 };
const VALUES: [f64; 3] = [0.4, -1.1, 2.3];

fn prepare(circuit: &Circuit, max_bond: usize, cutoff: f64) -> Box<dyn Prepared> {
    Mps { max_bond, cutoff }.prepare(circuit, ROOM).expect("valid")
}

fn exact(circuit: &Circuit) -> Box<dyn Prepared> {
    StateVector::default().prepare(circuit, ROOM).expect("valid")
}

fn number(plan: &dyn Prepared, name: &str) -> f64 {
    match plan.facts().into_iter().find(|(known, _)| *known == name) {
        Some((_, Fact::Number(value))) => value,
        Some((_, Fact::Count(value))) => value as f64,
        other => panic!("{name}: {other:?}"),
    }
}

fn overlap(a: &[C64], b: &[C64]) -> C64 {
    a.iter().zip(b).map(|(x, y)| x.conj() * y).sum()
}

fn observable(num_qubits: usize, seed: u64) -> Observable {
    let mut random = Philox::new(seed, 9);
    let terms: Vec<(String, f64)> = (0..12)
        .map(|_| {
            let label = (0..num_qubits).map(|_| ['I', 'X', 'Y', 'Z'][random.below(4) as usize]).collect();
            (label, random.uniform() - 0.5)
        })
        .collect();
    Observable::from_labels(num_qubits, &terms).expect("valid")
}

#[test]
fn all_gates_give_the_state_of_the_state_vector() {
    for seed in 0..60 {
        let num_qubits = 1 + seed as usize % 7;
        let recipe = Recipe { num_qubits, num_gates: 30, symbolic: seed % 2 == 0, modified: seed % 3 > 0 };
        let circuit = circuit(seed, &recipe);
        let values = &VALUES[..circuit.symbols().len()];
        let expected = exact(&circuit).state(values).expect("fits");
        let mut tight = prepare(&circuit, 1000, 0.0);
        let found = tight.state(values).expect("fits");
        let distance: f64 = found.iter().zip(&expected).map(|(a, b)| (a - b).norm_sqr()).sum();
        assert!(distance < 1e-22, "seed {seed}: {distance}");
        assert_eq!(number(tight.as_ref(), "truncation_error"), 0.0);
        let found = prepare(&circuit, 1000, 1e-12).state(values).expect("fits");
        assert!((overlap(&expected, &found) - C64::ONE).norm() < 1e-10, "seed {seed}");
    }
}

#[test]
fn the_reported_error_bounds_the_infidelity() {
    let mut seen = 0;
    for seed in 0..30 {
        let recipe = Recipe { num_qubits: 8, num_gates: 40, symbolic: false, modified: seed % 2 == 0 };
        let circuit = circuit(seed, &recipe);
        let expected = exact(&circuit).state(&[]).expect("fits");
        for (max_bond, cutoff) in [(2, 1e-12), (6, 1e-12), (12, 0.0), (1000, 1e-4)] {
            let mut plan = prepare(&circuit, max_bond, cutoff);
            let found = plan.state(&[]).expect("fits");
            assert!((overlap(&found, &found).re - 1.0).abs() < 1e-9);
            let infidelity = 1.0 - overlap(&expected, &found).norm_sqr();
            let bound = number(plan.as_ref(), "truncation_error");
            assert!(infidelity <= bound + 1e-12, "seed {seed}: {infidelity} {bound}");
            assert!(number(plan.as_ref(), "max_bond") <= max_bond as f64);
            seen += usize::from(infidelity > 1e-6);
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn outputs_agree_with_the_state_vector() {
    for seed in 0..12 {
        let recipe = Recipe { num_qubits: 6, num_gates: 40, symbolic: true, modified: true };
        let circuit = circuit(100 + seed, &recipe);
        let (mut chain, mut state) = (prepare(&circuit, 1000, 0.0), exact(&circuit));
        let observables = [observable(6, seed), observable(6, seed + 50)];
        let both = [&observables[0], &observables[1]];
        let close = |a: Vec<f64>, b: Vec<f64>| {
            assert_eq!(a.len(), b.len());
            a.iter().zip(&b).for_each(|(x, y)| assert!((x - y).abs() < 1e-10, "seed {seed}: {x} {y}"));
        };
        close(
            chain.expectation(&VALUES, &both).expect("fits"),
            state.expectation(&VALUES, &both).expect("fits"),
        );
        close(chain.variance(&VALUES, &both).expect("fits"), state.variance(&VALUES, &both).expect("fits"));
        for qubits in [vec![], vec![4], vec![5, 1, 2], vec![0, 5], vec![3, 2, 1, 0, 4, 5]] {
            let found = chain.probabilities(&VALUES, &qubits).expect("fits");
            close(found, state.probabilities(&VALUES, &qubits).expect("fits"));
        }
        for index in [0, 17, 63] {
            let found = chain.amplitude(&VALUES, index).expect("fits");
            assert!((found - state.amplitude(&VALUES, index).expect("fits")).norm() < 1e-10);
        }
        assert!(chain.amplitude(&VALUES, 64).is_err());
        assert!(chain.probabilities(&VALUES, &[1, 1]).is_err());
    }
}

#[test]
fn samples_follow_the_probabilities() {
    let recipe = Recipe { num_qubits: 5, num_gates: 40, symbolic: true, modified: true };
    let circuit = circuit(7, &recipe).measure_all().expect("valid");
    let probabilities = {
        let bare = circuit.without_measurements().expect("valid");
        exact(&bare).probabilities(&VALUES, &[0, 1, 2, 3, 4]).expect("fits")
    };
    let shots = 100_000;
    let counts = prepare(&circuit, 1000, 0.0).sample(&VALUES, shots, 5).expect("fits");
    assert_eq!(counts.shots(), shots);
    let mut seen = [0u64; 32];
    for index in 0..counts.len() {
        seen[usize::from_str_radix(&counts.text(index), 2).expect("bits")] = counts.values()[index];
    }
    for (p, count) in probabilities.iter().zip(seen) {
        // 6.5 standard deviations: below 1e-8 for all 32 together.
        let sigma = (p * (1.0 - p) * shots as f64).sqrt();
        assert!((count as f64 - p * shots as f64).abs() <= 6.5 * sigma + 1e-6, "{p} {count}");
    }
    let many = Resources { threads: 3, ..ROOM };
    let again =
        Mps { max_bond: 1000, cutoff: 0.0 }.prepare(&circuit, many).expect("valid").sample(&VALUES, shots, 5);
    assert_eq!(again.expect("fits"), counts);
}

#[test]
fn estimates_from_shots_agree_with_expectation_values() {
    let recipe = Recipe { num_qubits: 5, num_gates: 40, symbolic: true, modified: true };
    let circuit = circuit(11, &recipe);
    let observable = observable(5, 3);
    let mut plan = prepare(&circuit, 1000, 0.0);
    let value = plan.expectation(&VALUES, &[&observable]).expect("fits")[0];
    let (mean, error) = plan.sample_expectation(&VALUES, &observable, 50_000, 3).expect("fits");
    assert!(error > 0.0 && (mean - value).abs() < 6.5 * error, "{mean} {value} {error}");
}

fn ghz(num_qubits: usize) -> CircuitBuilder {
    let mut builder = CircuitBuilder::new(num_qubits, num_qubits).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    (1..num_qubits as u32).for_each(|q| builder.gate(Opcode::Cx, &[q - 1, q], &[]).expect("valid"));
    builder
}

#[test]
fn a_wide_ghz_state_has_bonds_of_two_and_no_error() {
    let circuit = ghz(200).build().expect("valid");
    let mut plan = prepare(&circuit, 256, 1e-12);
    let every_x: Vec<String> = (0..200).map(|q| format!("X{q}")).collect();
    let labels = [(every_x.join(" "), 2.0), ("Z0 Z199".to_string(), 1.0), ("Z7".to_string(), 1.0)];
    let observable = Observable::from_labels(200, &labels).expect("valid");
    let value = plan.expectation(&[], &[&observable]).expect("fits")[0];
    assert!((value - 3.0).abs() < 1e-12, "{value}");
    assert!((plan.probability(&[], &[u64::MAX, u64::MAX, u64::MAX, 255]).expect("fits") - 0.5).abs() < 1e-12);
    assert_eq!(plan.probability(&[], &[1]).expect("fits"), 0.0);
    assert_eq!(number(plan.as_ref(), "max_bond"), 2.0);
    assert_eq!(number(plan.as_ref(), "truncation_error"), 0.0);
}

#[test]
fn a_w_state_measures_one_qubit_as_one() {
    // A cascade of controlled rotations moves the excitation on with the right weights.
    let count = 100u32;
    let mut builder = CircuitBuilder::new(count as usize, 0).expect("valid");
    builder.gate(Opcode::X, &[0], &[]).expect("valid");
    for q in 1..count {
        let angle = 2.0 * libm::acos(libm::sqrt(1.0 / f64::from(count - q + 1)));
        builder.gate(Opcode::Cry, &[q - 1, q], &[angle]).expect("valid");
        builder.gate(Opcode::Cx, &[q, q - 1], &[]).expect("valid");
    }
    let circuit = builder.build().expect("valid");
    let mut plan = prepare(&circuit, 256, 1e-12);
    for q in [0u32, 1, 50, 99] {
        let mut bits = [0u64; 2];
        bits[q as usize / 64] = 1 << (q % 64);
        assert!((plan.probability(&[], &bits).expect("fits") - 0.01).abs() < 1e-12);
        let marginal = plan.probabilities(&[], &[q as usize]).expect("fits");
        assert!((marginal[1] - 0.01).abs() < 1e-12);
    }
    assert_eq!(number(plan.as_ref(), "max_bond"), 2.0);
}

#[test]
fn histories_decide_and_bonds_shrink_after_measurements() {
    // Teleport along a line: each outcome turns the next qubit, so that the last one always holds the state.
    let mut builder = CircuitBuilder::new(41, 41).expect("valid");
    builder.gate(Opcode::Ry, &[0], &[0.8]).expect("valid");
    for q in 0..40u32 {
        builder.gate(Opcode::H, &[q + 1], &[]).expect("valid");
        builder.gate(Opcode::Cz, &[q, q + 1], &[]).expect("valid");
        builder.measure(&[q], &[q], Basis::X).expect("valid");
        let turn = Instruction::new(Opcode::X, &[q + 1]).when(Some(Condition::Bit(q)));
        builder.push(turn).expect("valid");
        builder.gate(Opcode::H, &[q + 1], &[]).expect("valid");
    }
    builder.measure(&[40], &[40], Basis::Z).expect("valid");
    let circuit = builder.build().expect("valid");
    let mut plan = prepare(&circuit, 256, 1e-12);
    let counts = plan.sample(&[], 400, 2).expect("fits").marginal(&[40]).expect("valid");
    let ones = (0..counts.len()).filter(|k| counts.text(*k) == "1").map(|k| counts.values()[k]).sum::<u64>();
    let p = libm::sin(0.4) * libm::sin(0.4);
    assert!((ones as f64 - 400.0 * p).abs() < 6.0 * (400.0 * p * (1.0 - p)).sqrt(), "{ones}");
    assert!(number(plan.as_ref(), "max_bond") <= 2.0);
}

/// Gates that cancel leave a product of unitary matrices: sites stay orthonormal away from the centre.
#[test]
fn pairs_that_bind_nothing_keep_the_norm_of_every_site() {
    let mut builder = CircuitBuilder::new(3, 0).expect("valid");
    builder.gate(Opcode::Ecr, &[0, 2], &[]).expect("valid");
    builder.gate(Opcode::Ecr, &[0, 2], &[]).expect("valid");
    builder.gate(Opcode::Rzx, &[1, 2], &[0.3]).expect("valid");
    let mut plan = prepare(&builder.build().expect("valid"), 256, 1e-12);
    for qubit in 0..3 {
        let sum: f64 = plan.probabilities(&[], &[qubit]).expect("fits").iter().sum();
        assert!((sum - 1.0).abs() < 1e-12, "qubit {qubit}: {sum}");
    }
}

#[test]
fn distant_and_wide_gates_keep_their_small_ranks() {
    let mut builder = CircuitBuilder::new(60, 0).expect("valid");
    (0..60).for_each(|q| builder.gate(Opcode::H, &[q], &[]).expect("valid"));
    let all: Vec<u32> = (0..60).rev().collect();
    builder.gate(Opcode::Mcx, &all, &[]).expect("valid");
    builder.gate(Opcode::Rzz, &[3, 55], &[0.7]).expect("valid");
    let circuit = builder.build().expect("valid");
    let mut plan = prepare(&circuit, 256, 1e-12);
    let labels = [("X3 X55".to_string(), 1.0), ("Y3 Z55".to_string(), 0.0), ("X3".to_string(), 1.0)];
    let observable = Observable::from_labels(60, &labels).expect("valid");
    // RZZ leaves X X as it is and shrinks X by the cosine.
    let value = plan.expectation(&[], &[&observable]).expect("fits")[0];
    assert!((value - 1.0 - libm::cos(0.7)).abs() < 1e-9, "{value}");
    assert!(number(plan.as_ref(), "max_bond") <= 4.0);
}

#[test]
fn what_cannot_be_is_refused_with_numbers() {
    let circuit = ghz(3).build().expect("valid");
    for (max_bond, cutoff) in [(0, 0.0), (1 << 20, 0.0), (8, 1.0), (8, f64::NAN)] {
        assert!(Mps { max_bond, cutoff }.prepare(&circuit, ROOM).is_err());
    }
    let recipe = Recipe { num_qubits: 12, num_gates: 200, symbolic: false, modified: false };
    let circuit = crate::sim::tests::random::circuit(3, &recipe);
    let small = Resources { threads: 1, memory_limit_bytes: 20_000 };
    let refused =
        Mps::default().prepare(&circuit, small).expect("valid").amplitude(&[], 0).expect_err("too large");
    assert!(refused.message.contains("limit 19.5 KiB"), "{}", refused.message);
    let mut plan = prepare(&ghz(100).build().expect("valid"), 256, 1e-12);
    assert!(plan.state(&[]).expect_err("too large").message.contains("2^100"));
    let qubits: Vec<usize> = (0..70).collect();
    assert!(plan.probabilities(&[], &qubits).is_err());
}
