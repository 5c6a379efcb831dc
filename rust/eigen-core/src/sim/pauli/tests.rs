//! Pauli propagation against the state vector: values, variances, gradients; truncation; noise.
use std::sync::Arc;

use super::{PauliPropagation, growth};
use crate::circuit::{Circuit, CircuitBuilder, Instruction};
use crate::error::ErrorCode;
use crate::gate::Opcode;
use crate::noise::Model;
use crate::observable::{Observable, Pauli, PauliString};
use crate::param::Affine;
use crate::rng::Philox;
use crate::sim::tests::random;
use crate::sim::{Engine, Fact, Prepared, Resources, StateVector};

fn prepare(engine: &dyn Engine, circuit: &Circuit, threads: usize) -> Box<dyn Prepared> {
    engine.prepare(circuit, Resources { threads, memory_limit_bytes: 1 << 30 }).expect("prepared")
}

fn observable(num_qubits: usize, random: &mut Philox) -> Observable {
    let terms = (0..6).map(|_| {
        let letters = (0..num_qubits as u32).filter_map(|qubit| {
            let letter = [None, Some(Pauli::X), Some(Pauli::Y), Some(Pauli::Z)][random.below(4) as usize];
            letter.map(|letter| (qubit, letter))
        });
        (PauliString::new(letters.collect()).expect("distinct"), 0.3)
    });
    let mut terms: Vec<(PauliString, f64)> = terms.collect();
    terms.iter_mut().for_each(|(_, weight)| *weight = random.uniform() - 0.5);
    Observable::from_terms(num_qubits, terms).expect("valid")
}

#[test]
fn random_circuits_have_the_values_of_the_state_vector() {
    for seed in 0..100 {
        let mut draws = Philox::new(seed, 1);
        let recipe = random::Recipe {
            num_qubits: 2 + draws.below(4) as usize,
            num_gates: 12,
            symbolic: seed % 2 == 0,
            modified: seed % 3 == 0 && seed % 2 == 1,
        };
        let circuit = random::circuit(seed, &recipe);
        let values = if recipe.symbolic { vec![0.3, -1.1, 2.2] } else { Vec::new() };
        let observable = observable(recipe.num_qubits, &mut draws);
        let (mut dense, mut pauli) = (
            prepare(&StateVector::default(), &circuit, 1),
            prepare(&PauliPropagation::default(), &circuit, 1),
        );
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "seed {seed}: {a} {b}");
        let all = [&observable];
        near(
            dense.expectation(&values, &all).expect("a value")[0],
            pauli.expectation(&values, &all).expect("a value")[0],
        );
        near(
            dense.variance(&values, &all).expect("a value")[0],
            pauli.variance(&values, &all).expect("a value")[0],
        );
        let qubits = draws.permutation(recipe.num_qubits);
        let expected = dense.probabilities(&values, &qubits[..2]).expect("values");
        pauli
            .probabilities(&values, &qubits[..2])
            .expect("values")
            .iter()
            .zip(expected)
            .for_each(|(a, b)| near(*a, b));
        let slopes = pauli.gradient(&values, &observable).expect("slopes");
        let expected = dense.gradient(&values, &observable).expect("slopes");
        near(slopes.0, expected.0);
        slopes.1.iter().zip(expected.1).for_each(|(a, b)| near(*a, b));
    }
}

/// Layers of RY on every qubit, then RZZ between neighbours; a qubit's parameter in a layer is that of both.
fn layered(num_qubits: usize, layers: usize) -> Circuit {
    let mut builder = CircuitBuilder::new(num_qubits, 0).expect("valid");
    let gate = |opcode, qubits: &[u32], layer: usize| {
        let angle = Affine::symbol(format!("a{layer}_{}", qubits[0]));
        Instruction::with_params(opcode, qubits, vec![angle])
    };
    for layer in 0..layers {
        for qubit in 0..num_qubits as u32 {
            builder.push(gate(Opcode::Ry, &[qubit], layer)).expect("valid");
        }
        for qubit in 1..num_qubits as u32 {
            builder.push(gate(Opcode::Rzz, &[qubit - 1, qubit], layer)).expect("valid");
        }
    }
    builder.build().expect("valid")
}

#[test]
fn derivatives_at_every_kind_of_angle() {
    let circuit = layered(4, 3);
    let observable = observable(4, &mut Philox::new(3, 3));
    let quarter = std::f64::consts::FRAC_PI_2;
    for angle in [0.0, quarter, 2.0 * quarter, -quarter, 1e-8, 0.7] {
        let values = vec![angle; 12];
        let (mut dense, mut pauli) = (
            prepare(&StateVector::default(), &circuit, 1),
            prepare(&PauliPropagation::default(), &circuit, 1),
        );
        let expected = dense.gradient(&values, &observable).expect("slopes");
        let found = pauli.gradient(&values, &observable).expect("slopes");
        assert!((found.0 - expected.0).abs() < 1e-9);
        for (a, b) in found.1.iter().zip(&expected.1) {
            assert!((a - b).abs() < 1e-9, "{angle}: {a} {b}");
        }
    }
}

fn letter(letter: Pauli) -> Observable {
    Observable::from_terms(1, [(PauliString::new(vec![(0, letter)]).expect("one letter"), 1.0)])
        .expect("valid")
}

/// A coefficient that vanishes at these angles has a partner at the next rotation, for the way back.
#[test]
fn derivatives_where_a_coefficient_vanishes() {
    let mut builder = CircuitBuilder::new(1, 0).expect("valid");
    builder.gate(Opcode::Rx, &[0], &[0.4]).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.push(Instruction::with_params(Opcode::Rx, &[0], vec![Affine::symbol("c")])).expect("valid");
    let circuit = builder.build().expect("valid");
    let z = letter(Pauli::Z);
    let slope = |engine: &dyn Engine| prepare(engine, &circuit, 1).gradient(&[0.0], &z).expect("slopes").1[0];
    let (found, expected) = (slope(&PauliPropagation::default()), slope(&StateVector::default()));
    assert!((found - expected).abs() < 1e-12 && expected.abs() > 0.1, "{found} {expected}");
}

#[test]
fn fixed_angles_near_a_quarter_turn_are_themselves() {
    for angle in [1e-9, std::f64::consts::FRAC_PI_2 + 1e-9] {
        let mut builder = CircuitBuilder::new(1, 0).expect("valid");
        builder.gate(Opcode::Rx, &[0], &[angle]).expect("valid");
        let y = letter(Pauli::Y);
        let mut plan = prepare(&PauliPropagation::default(), &builder.build().expect("valid"), 1);
        let found = plan.expectation(&[], &[&y]).expect("a value")[0];
        assert!((found + angle.sin()).abs() < 1e-15, "{angle}: {found}");
    }
}

#[test]
fn what_is_dropped_bounds_the_error() {
    let circuit = layered(6, 4);
    let values: Vec<f64> = (0..24).map(|k| 0.1 + 0.05 * f64::from(k)).collect();
    for seed in 0..10 {
        let observable = observable(6, &mut Philox::new(seed, 5));
        let exact = prepare(&PauliPropagation::default(), &circuit, 1)
            .expectation(&values, &[&observable])
            .expect("a value")[0];
        for engine in [
            PauliPropagation { cutoff: 1e-2, ..PauliPropagation::default() },
            PauliPropagation { max_weight: Some(4), ..PauliPropagation::default() },
        ] {
            let mut plan = prepare(&engine, &circuit, 1);
            let value = plan.expectation(&values, &[&observable]).expect("a value")[0];
            let facts = plan.facts();
            let bound = facts.iter().find(|(name, _)| *name == "truncation_error_bound");
            let Some((_, Fact::Number(bound))) = bound else { panic!("no bound") };
            assert!((value - exact).abs() <= bound + 1e-12, "{value} {exact} {bound}");
            assert!(*bound > 0.0);
        }
    }
}

#[test]
fn growth_is_refused_and_foreseen() {
    let circuit = layered(8, 4);
    let observable = observable(8, &mut Philox::new(1, 1));
    let values = vec![0.3; 32];
    let engine = PauliPropagation { max_terms: 100, ..PauliPropagation::default() };
    let error = prepare(&engine, &circuit, 1).expectation(&values, &[&observable]).expect_err("too many");
    assert_eq!(error.code, ErrorCode::ResourceExhausted);
    assert!(error.message.contains("more than 100 Pauli terms"), "{}", error.message);
    let found = growth(&circuit, None, &observable, 100).expect("an estimate");
    assert!(found.walked < found.rotations && found.terms > 100, "{found:?}");
    let found = growth(&circuit, None, &observable, 1 << 20).expect("an estimate");
    assert!(found.walked == found.rotations && found.rotations == 60, "{found:?}");
}

#[test]
fn noise_damps_a_rotation_and_relaxation_lifts_it() {
    let mut builder = CircuitBuilder::new(1, 0).expect("valid");
    builder.gate(Opcode::Ry, &[0], &[0.8]).expect("valid");
    let circuit = builder.build().expect("valid");
    let z = Observable::from_labels(1, &[("Z0".to_string(), 1.0)]).expect("valid");
    let value = |noise: &str| {
        let noise = Some(Arc::new(Model::parse(noise).expect("valid")));
        let engine = PauliPropagation { noise, ..PauliPropagation::default() };
        prepare(&engine, &circuit, 1).expectation(&[], &[&z]).expect("a value")[0]
    };
    let cos = libm::cos(0.8);
    assert!((value("depolarizing(0.3)") - cos * (1.0 - 4.0 * 0.3 / 3.0)).abs() < 1e-12);
    assert!((value("bit_flip(0.1)") - cos * 0.8).abs() < 1e-12);
    assert!((value("amplitude_damping(0.25)") - (cos * 0.75 + 0.25)).abs() < 1e-12);
}

#[test]
fn a_thousand_qubits_are_as_good_as_their_light_cone() {
    let (wide, narrow) = (layered(1000, 2), layered(12, 2));
    let label = |shift: usize| [(format!("Z{} Y{}", 5 + shift, 6 + shift), 1.0)];
    let values = |count: usize| vec![0.4; count];
    let wide_label = Observable::from_labels(1000, &label(500)).expect("valid");
    let narrow_label = Observable::from_labels(12, &label(0)).expect("valid");
    let a = prepare(&PauliPropagation::default(), &wide, 1)
        .gradient(&values(2000), &wide_label)
        .expect("a value");
    let b =
        prepare(&StateVector::default(), &narrow, 1).gradient(&values(24), &narrow_label).expect("a value");
    assert!((a.0 - b.0).abs() < 1e-12);
    let parts = |slopes: &[f64]| slopes.iter().filter(|slope| slope.abs() > 1e-12).count();
    assert_eq!(parts(&a.1), parts(&b.1));
}

#[test]
fn threads_do_not_matter() {
    let circuit = layered(6, 3);
    let observables: Vec<Observable> = (0..5).map(|k| observable(6, &mut Philox::new(k, 2))).collect();
    let all: Vec<&Observable> = observables.iter().collect();
    let values = vec![0.3; 18];
    let one = prepare(&PauliPropagation::default(), &circuit, 1).expectation(&values, &all).expect("values");
    let two = prepare(&PauliPropagation::default(), &circuit, 2).expectation(&values, &all).expect("values");
    assert_eq!(one, two);
}
