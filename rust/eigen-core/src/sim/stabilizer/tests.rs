//! The tableau against the state vector on random Clifford circuits, and what only the tableau can do.
use std::collections::BTreeMap;
use std::f64::consts::FRAC_PI_2;

use super::{Stabilizer, not_clifford};
use crate::circuit::{Basis, Circuit, CircuitBuilder, Instruction, Modifier, Payload};
use crate::condition::Condition;
use crate::error::ErrorCode;
use crate::gate::{Arity, GateSpec, Opcode};
use crate::observable::{Observable, Pauli, PauliString};
use crate::rng::Philox;
use crate::sim::{Counts, Engine, Prepared, Resources, StateVector};

fn prepare(engine: &dyn Engine, circuit: &Circuit, threads: usize) -> Box<dyn Prepared> {
    engine.prepare(circuit, Resources { threads, memory_limit_bytes: 1 << 30 }).expect("prepared")
}

/// A gate of the table that is Clifford: angles at quarter turns, powers and controls where they stay in the group.
fn random_gate(num_qubits: usize, random: &mut Philox) -> Instruction {
    loop {
        let opcode = Opcode::GATES[random.below(Opcode::GATES.len() as u64) as usize];
        let Some(spec) = GateSpec::of(opcode).filter(|spec| spec.opcode != Opcode::Unitary) else { continue };
        let count = match spec.arity {
            Arity::Fixed(count) => count,
            Arity::ControlsAndTarget(least) | Arity::Payload(least) => least + random.below(3) as usize,
        };
        let controls = if random.below(4) == 0 { 1 + random.below(2) as usize } else { 0 };
        if count + controls > num_qubits {
            continue;
        }
        let qubits: Vec<u32> =
            random.permutation(num_qubits)[..count + controls].iter().map(|q| *q as u32).collect();
        let is_in_turns = matches!(opcode, Opcode::Gpi | Opcode::Gpi2 | Opcode::Ms);
        let unit = if is_in_turns { 0.25 } else { FRAC_PI_2 };
        let params: Vec<f64> = spec.params.iter().map(|_| unit * (random.below(9) as f64 - 4.0)).collect();
        let mut gate = Instruction::with_numbers(opcode, &qubits, &params);
        if opcode == Opcode::PauliRot {
            let letters: Vec<u8> = (0..count).map(|_| b"IXYZ"[random.below(4) as usize]).collect();
            gate = gate.payload(Payload::Pauli(letters.into()));
        }
        gate.detail.modifier = Modifier {
            controls: controls as u32,
            state: (controls > 0 && random.below(2) == 0).then(|| vec![false; controls].into()),
            inverse: random.below(4) == 0,
            power: [1.0, 1.0, 1.0, 2.0, 0.5][random.below(5) as usize],
        };
        let mut builder = CircuitBuilder::new(num_qubits, 0).expect("valid");
        builder.push(gate.clone()).expect("valid");
        if not_clifford(&builder.build().expect("valid")).is_none() {
            return gate;
        }
    }
}

fn random_circuit(num_qubits: usize, num_gates: usize, random: &mut Philox) -> Circuit {
    let mut builder = CircuitBuilder::new(num_qubits, 0).expect("valid");
    (0..num_gates).for_each(|_| builder.push(random_gate(num_qubits, random)).expect("valid"));
    builder.build().expect("valid")
}

fn random_observable(num_qubits: usize, random: &mut Philox) -> Observable {
    let term = |random: &mut Philox| {
        let letters = (0..num_qubits as u32).filter_map(|qubit| {
            let letter = [None, Some(Pauli::X), Some(Pauli::Y), Some(Pauli::Z)][random.below(4) as usize];
            letter.map(|letter| (qubit, letter))
        });
        (PauliString::new(letters.collect()).expect("distinct"), 0.0)
    };
    let terms: Vec<_> = (0..20).map(|_| (term(random).0, random.uniform() - 0.5)).collect();
    Observable::from_terms(num_qubits, terms).expect("valid")
}

#[test]
fn random_circuits_match_the_state_vector() {
    for seed in 0..300 {
        let mut random = Philox::new(seed, 0);
        let num_qubits = 1 + random.below(7) as usize;
        let circuit = random_circuit(num_qubits, 30, &mut random);
        let observable = random_observable(num_qubits, &mut random);
        let (mut dense, mut tableau) =
            (prepare(&StateVector::default(), &circuit, 1), prepare(&Stabilizer::default(), &circuit, 1));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "seed {seed}: {a} {b}");
        let one = |plan: &mut Box<dyn Prepared>| plan.expectation(&[], &[&observable]).expect("a value")[0];
        near(one(&mut dense), one(&mut tableau));
        let one = |plan: &mut Box<dyn Prepared>| plan.variance(&[], &[&observable]).expect("a value")[0];
        near(one(&mut dense), one(&mut tableau));
        let qubits = random.permutation(num_qubits);
        let all = |plan: &mut Box<dyn Prepared>| plan.probabilities(&[], &qubits[..]).expect("values");
        let expected = all(&mut dense);
        all(&mut tableau).iter().zip(&expected).for_each(|(a, b)| near(*a, *b));
        for index in 0..1u64 << num_qubits {
            let probability = tableau.probability(&[], &[index]).expect("a value");
            near(probability, dense.probability(&[], &[index]).expect("a value"));
        }
        let estimated = tableau.sample_expectation(&[], &observable, 4000, 3).expect("a value");
        // Seven standard errors, at least those of a single open term: below 1e-10 for each of 300 comparisons.
        assert!(
            (estimated.0 - one_value(&mut dense, &observable)).abs() < 7.0 * estimated.1.max(1e-3),
            "seed {seed}"
        );
    }
}

fn one_value(plan: &mut Box<dyn Prepared>, observable: &Observable) -> f64 {
    plan.expectation(&[], &[observable]).expect("a value")[0]
}

/// A circuit that measures on the way, resets and, when asked, decides on outcomes.
fn dynamic_circuit(num_qubits: usize, decides: bool, random: &mut Philox) -> Circuit {
    let num_clbits = 5;
    let mut builder = CircuitBuilder::new(num_qubits, num_clbits).expect("valid");
    let any = |random: &mut Philox, bound: usize| random.below(bound as u64) as u32;
    for _ in 0..6 {
        (0..4).for_each(|_| builder.push(random_gate(num_qubits, random)).expect("valid"));
        let qubit = any(random, num_qubits);
        let basis = [Basis::X, Basis::Y, Basis::Z][random.below(3) as usize];
        match random.below(4) {
            0 => builder.push(Instruction::new(Opcode::Reset, &[qubit])).expect("valid"),
            _ => builder.measure(&[qubit], &[any(random, num_clbits)], basis).expect("valid"),
        }
        if decides {
            let condition = Condition::Bit(any(random, num_clbits));
            builder.push(random_gate(num_qubits, random).when(Some(condition.clone()))).expect("valid");
            builder.begin_if(condition).expect("valid");
            builder.push(Instruction::new(Opcode::H, &[qubit])).expect("valid");
            builder.end().expect("valid");
        }
    }
    for qubit in 0..num_qubits.min(num_clbits) as u32 {
        builder.measure(&[qubit], &[qubit], Basis::Z).expect("valid");
    }
    builder.build().expect("valid")
}

/// Pearson's statistic of two samples of equal size against one distribution, and its degrees of freedom.
fn chi_square(a: &Counts, b: &Counts) -> (f64, f64) {
    let mut cells: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    for (side, counts) in [a, b].into_iter().enumerate() {
        for k in 0..counts.len() {
            cells.entry(counts.text(k)).or_default()[side] += counts.values()[k] as f64;
        }
    }
    // Rare outcomes are thrown together.
    let (common, rare): (Vec<[f64; 2]>, Vec<[f64; 2]>) =
        cells.into_values().partition(|c| c[0] + c[1] >= 20.0);
    let rest = rare.iter().fold([0.0, 0.0], |sum, c| [sum[0] + c[0], sum[1] + c[1]]);
    let cells = common.into_iter().chain((rest[0] + rest[1] >= 20.0).then_some(rest));
    cells.fold((0.0, -1.0), |(sum, count), [x, y]| (sum + (x - y) * (x - y) / (x + y), count + 1.0))
}

/// Laurent and Massart (2000), lemma 1: chi-square exceeds this with probability below e^-t.
fn bound(degrees: f64, t: f64) -> f64 {
    degrees + 2.0 * (degrees * t).sqrt() + 2.0 * t
}

#[test]
fn samples_are_distributed_as_those_of_the_state_vector() {
    for seed in 0..60 {
        let mut random = Philox::new(seed, 1);
        let num_qubits = 1 + random.below(5) as usize;
        let circuit = dynamic_circuit(num_qubits, seed % 2 == 0, &mut random);
        let mut counts = [&StateVector::default() as &dyn Engine, &Stabilizer::default()]
            .map(|engine| prepare(engine, &circuit, 1).sample(&[], 20_000, 100 + seed).expect("counts"));
        let (statistic, degrees) = chi_square(&counts[0], &counts[1]);
        // 60 comparisons at e^-25 each: a false alarm with probability below 1e-9 (cells hold 20 shots or more, where
        // the tail of the statistic is within the margin of t).
        assert!(statistic <= bound(degrees.max(0.0), 25.0), "seed {seed}: {statistic} of {degrees}");
        for threads in [2, 3] {
            let again = prepare(&Stabilizer::default(), &circuit, threads)
                .sample(&[], 20_000, 100 + seed)
                .expect("counts");
            assert_eq!(again, counts[1], "seed {seed}");
        }
        counts[1] = prepare(&Stabilizer::default(), &circuit, 1).sample(&[], 777, 5).expect("counts");
        assert_eq!(counts[1].shots(), 777);
    }
}

fn ghz(num_qubits: usize) -> Circuit {
    let mut builder = CircuitBuilder::new(num_qubits, num_qubits).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    (1..num_qubits as u32).for_each(|q| builder.gate(Opcode::Cx, &[q - 1, q], &[]).expect("valid"));
    let all: Vec<u32> = (0..num_qubits as u32).collect();
    builder.measure(&all, &all, Basis::Z).expect("valid");
    builder.build().expect("valid")
}

#[test]
fn a_million_shots_of_a_wide_ghz_state_are_two_keys() {
    let counts = prepare(&Stabilizer::default(), &ghz(1000), 2).sample(&[], 1_000_000, 3).expect("counts");
    let texts: Vec<String> = (0..counts.len()).map(|k| counts.text(k)).collect();
    assert_eq!(texts, ["0".repeat(1000), "1".repeat(1000)]);
    // Seven standard deviations of a fair coin.
    assert!(counts.values()[0].abs_diff(500_000) < 3500);
}

#[test]
fn many_free_bits_are_fair_and_independent() {
    for num_qubits in [3, 40, 64, 65, 200] {
        let mut builder = CircuitBuilder::new(num_qubits, num_qubits).expect("valid");
        let all: Vec<u32> = (0..num_qubits as u32).collect();
        all.iter().for_each(|q| builder.gate(Opcode::H, &[*q], &[]).expect("valid"));
        builder.measure(&all, &all, Basis::Z).expect("valid");
        let circuit = builder.build().expect("valid");
        let counts = prepare(&Stabilizer::default(), &circuit, 2).sample(&[], 10_000, 8).expect("counts");
        assert_eq!(
            prepare(&Stabilizer::default(), &circuit, 1).sample(&[], 10_000, 8).expect("counts"),
            counts
        );
        for bit in 0..num_qubits {
            let pair = counts.marginal(&[bit, (bit + 1) % num_qubits]).expect("valid");
            // Each of four values 2500 times, within seven standard deviations.
            (0..4).for_each(|k| assert!(pair.values()[k].abs_diff(2500) < 304, "{num_qubits}: {pair:?}"));
        }
    }
}

#[test]
fn ten_thousand_qubits_are_no_trouble() {
    let circuit = ghz(10_000);
    let counts = prepare(&Stabilizer::default(), &circuit, 1).sample(&[], 1000, 3).expect("counts");
    assert_eq!(counts.len(), 2);
}

/// Rounds of syndrome measurement on a repetition code: the first round is open, all others repeat it.
#[test]
fn repeated_measurements_agree() {
    let (data, rounds) = (41u32, 20u32);
    let checks = data - 1;
    let mut builder =
        CircuitBuilder::new((data + checks) as usize, (rounds * checks) as usize).expect("valid");
    (0..data).for_each(|q| builder.gate(Opcode::H, &[q], &[]).expect("valid"));
    for round in 0..rounds {
        for check in 0..checks {
            let ancilla = data + check;
            builder.gate(Opcode::Cx, &[check, ancilla], &[]).expect("valid");
            builder.gate(Opcode::Cx, &[check + 1, ancilla], &[]).expect("valid");
            builder.measure(&[ancilla], &[round * checks + check], Basis::Z).expect("valid");
            builder.push(Instruction::new(Opcode::Reset, &[ancilla])).expect("valid");
        }
    }
    let counts = prepare(&Stabilizer::default(), &builder.build().expect("valid"), 2)
        .sample(&[], 2000, 1)
        .expect("counts");
    for k in 0..counts.len() {
        let text = counts.text(k);
        let round = &text[..checks as usize];
        assert_eq!(text, round.repeat(rounds as usize));
    }
    assert!(counts.len() > 1990, "40 fair bits hardly ever agree");
}

#[test]
fn what_is_not_clifford_is_named() {
    let mut builder = CircuitBuilder::new(3, 1).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.gate(Opcode::Ccx, &[0, 1, 2], &[]).expect("valid");
    let circuit = builder.build().expect("valid");
    let resources = Resources { threads: 1, memory_limit_bytes: 1 << 30 };
    let error = Stabilizer::default().prepare(&circuit, resources).err().expect("refused");
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert!(error.message.starts_with("operation 1: `CCX` is not a Clifford gate"), "{}", error.message);

    let mut builder = CircuitBuilder::new(1, 0).expect("valid");
    let angle = crate::param::Affine::symbol("a");
    builder.push(Instruction::with_params(Opcode::Rx, &[0], vec![angle])).expect("valid");
    let circuit = builder.build().expect("valid");
    let mut plan = prepare(&Stabilizer::default(), &circuit, 1);
    let y = Observable::from_labels(1, &[("Y0".to_string(), 1.0)]).expect("valid");
    assert_eq!(plan.expectation(&[FRAC_PI_2], &[&y]).expect("a value"), [-1.0]);
    assert_eq!(plan.expectation(&[-FRAC_PI_2], &[&y]).expect("a value"), [1.0]);
    let error = plan.expectation(&[0.3], &[&y]).expect_err("refused");
    assert!(error.message.contains("operation 0: `RX(0.3)`"), "{}", error.message);
    assert!(plan.gradient(&[0.0], &y).is_err());
    assert!(plan.expectation(&[], &[&y]).is_err());
    assert!(plan.state(&[0.0]).is_err());
    assert!(not_clifford(&circuit).expect("a reason").contains("open parameters"));
}

#[test]
fn wide_rotations_and_their_controls_are_recognised() {
    let qubits: Vec<u32> = (0..40).collect();
    let rotation = |controls: u32, angle: f64| {
        let wide: Vec<u8> = b"XYZI".iter().copied().cycle().take(40 - controls as usize).collect();
        let mut gate = Instruction::with_numbers(Opcode::PauliRot, &qubits, &[angle])
            .payload(Payload::Pauli(wide.into()));
        gate.detail.modifier = Modifier::controls(controls);
        let mut builder = CircuitBuilder::new(40, 0).expect("valid");
        builder.push(gate).expect("valid");
        not_clifford(&builder.build().expect("valid")).is_none()
    };
    assert!(rotation(0, FRAC_PI_2) && !rotation(0, FRAC_PI_2 / 2.0));
    assert!(rotation(1, 2.0 * FRAC_PI_2) && !rotation(1, FRAC_PI_2));
    assert!(rotation(20, 8.0 * FRAC_PI_2) && !rotation(20, 4.0 * FRAC_PI_2));
}

#[test]
fn memory_is_refused_before_it_is_taken() {
    let circuit = CircuitBuilder::new(1_000_000, 0).expect("valid").build().expect("valid");
    let resources = Resources { threads: 1, memory_limit_bytes: 20 << 30 };
    let error = Stabilizer::default().prepare(&circuit, resources).err().expect("too large");
    assert_eq!(error.code, ErrorCode::ResourceExhausted);
    assert!(error.message.contains("2 tableaux of 1000000 qubits; limit 20 GiB"), "{}", error.message);
}

#[test]
fn a_gate_known_on_two_qubits_is_looked_at_again_on_three() {
    let mut builder = CircuitBuilder::new(3, 0).expect("valid");
    builder.gate(Opcode::Mcx, &[0, 1], &[]).expect("valid");
    assert!(not_clifford(&builder.clone().build().expect("valid")).is_none());
    builder.gate(Opcode::Mcx, &[0, 1, 2], &[]).expect("valid");
    let refused = not_clifford(&builder.build().expect("valid")).expect("refused");
    assert!(refused.contains("operation 1"), "{refused}");
}
