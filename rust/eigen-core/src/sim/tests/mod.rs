//! The engine against a slow simulator, against itself with other threads, and against finite differences.
pub(crate) mod random;

use super::{Engine, Prepared, Resources, StateVector};
use crate::circuit::{Circuit, CircuitBuilder};
use crate::error::ErrorCode;
use crate::gate::Opcode;
use crate::math::C64;
use crate::observable::Observable;
use random::{Recipe, slow_state};

const VALUES: [f64; 3] = [0.4, -1.3, 2.1];

fn prepare(circuit: &Circuit, threads: usize) -> Box<dyn Prepared> {
    let resources = Resources { threads, memory_limit_bytes: 1 << 30 };
    StateVector::default().prepare(circuit, resources).expect("prepared")
}

fn state(circuit: &Circuit, values: &[f64], threads: usize) -> Vec<C64> {
    prepare(circuit, threads).state(values).expect("a state")
}

fn distance(a: &[C64], b: &[C64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).norm()).fold(0.0, f64::max)
}

#[test]
fn every_gate_matches_its_matrix() {
    for seed in 0..400 {
        let num_qubits = 1 + seed as usize % 7;
        let recipe = Recipe { num_qubits, num_gates: 25, symbolic: seed % 2 == 1, modified: seed % 3 > 0 };
        let circuit = random::circuit(seed, &recipe);
        let values = &VALUES[..circuit.symbols().len()];
        let worst = distance(&state(&circuit, values, 1), &slow_state(&circuit, values));
        assert!(worst < 1e-11, "seed {seed}: {worst}");
    }
}

#[test]
fn tiles_match_matrices_for_any_number_of_threads() {
    for seed in 0..4 {
        let recipe =
            Recipe { num_qubits: 15 + seed as usize % 2, num_gates: 60, symbolic: false, modified: true };
        let circuit = random::circuit(1000 + seed, &recipe);
        let one = state(&circuit, &[], 1);
        assert!(distance(&one, &slow_state(&circuit, &[])) < 1e-11, "seed {seed}");
        assert_eq!(one, state(&circuit, &[], 2));
        assert_eq!(one, state(&circuit, &[], 3));
    }
}

fn observable(num_qubits: usize) -> Observable {
    let mut terms =
        vec![(String::new(), 0.3), ("X0 Z1 Y2".into(), 0.7), ("Y1".into(), -0.4), ("X0 X1".into(), 1.1)];
    for q in 0..num_qubits {
        terms.push((format!("Z{q}"), 0.1 * q as f64 + 0.05));
        terms.push((format!("Z{q} Z{}", (q + 1) % num_qubits), 0.2));
        terms.push((format!("X{q} Y{}", (q + 2) % num_qubits), 0.15));
    }
    Observable::from_labels(num_qubits, &terms).expect("valid")
}

#[test]
fn expectation_and_variance_match_the_matrix() {
    for seed in 0..20 {
        let num_qubits = 3 + seed as usize % 4;
        let circuit = random::circuit(
            2000 + seed,
            &Recipe { num_qubits, num_gates: 30, symbolic: false, modified: true },
        );
        let observable = observable(num_qubits);
        let matrix = observable.matrix().expect("small");
        let psi = slow_state(&circuit, &[]);
        let image: Vec<C64> = (0..psi.len())
            .map(|row| (0..psi.len()).map(|column| matrix.get(row, column) * psi[column]).sum())
            .collect();
        let mean: f64 = psi.iter().zip(&image).map(|(a, b)| (a.conj() * b).re).sum();
        let square: f64 = image.iter().map(|b| b.norm_sqr()).sum();
        let mut plan = prepare(&circuit, 1);
        assert!(
            (plan.expectation(&[], &[&observable]).expect("a value")[0] - mean).abs() < 1e-11,
            "seed {seed}"
        );
        let variance = plan.variance(&[], &[&observable]).expect("a value")[0];
        assert!((variance - (square - mean * mean)).abs() < 1e-10, "seed {seed}");
    }
}

#[test]
fn gradients_match_finite_differences() {
    for seed in 0..120 {
        let num_qubits = 3 + seed as usize % 4;
        let recipe = Recipe { num_qubits, num_gates: 20, symbolic: true, modified: seed % 2 == 1 };
        let circuit = random::circuit(3000 + seed, &recipe);
        check_gradient(&circuit, 1, seed);
    }
}

#[test]
fn gradients_of_tiled_states_match_finite_differences() {
    for seed in 0..6 {
        let num_qubits = 15 + seed as usize % 2;
        let recipe = Recipe { num_qubits, num_gates: 60, symbolic: true, modified: seed % 3 > 0 };
        let circuit = random::circuit(4000 + seed, &recipe);
        check_gradient(&circuit, 2, seed);
        let observable = observable(num_qubits);
        let gradient =
            |threads| prepare(&circuit, threads).gradient(&VALUES, &observable).expect("a gradient");
        assert_eq!(gradient(1), gradient(2));
    }
}

/// Qubits 14 and 15 come in a second pass, and with them (behind the CZ) 0 to 11, so that 12 and 13 lie outside its
/// tiles: the symbolic gates have parities and controls there.
#[test]
fn gradients_see_qubits_outside_the_tile() {
    use crate::circuit::{Instruction, Payload};
    use crate::param::Affine;
    let mut builder = CircuitBuilder::new(16, 0).expect("valid");
    (0..16).for_each(|q| builder.gate(Opcode::U, &[q], &[0.7, 0.2 * f64::from(q), 0.4]).expect("valid"));
    (0..12).for_each(|q| builder.gate(Opcode::Cz, &[15, q], &[]).expect("valid"));
    let symbol = |name: &str| vec![Affine::symbol(name)];
    builder.push(Instruction::with_params(Opcode::Rzz, &[15, 12], symbol("a"))).expect("valid");
    builder.push(Instruction::with_params(Opcode::Crz, &[15, 13], symbol("b"))).expect("valid");
    builder.push(Instruction::with_params(Opcode::Crx, &[13, 14], symbol("b"))).expect("valid");
    let rotation = Instruction::with_params(Opcode::PauliRot, &[15, 12, 14, 13], symbol("c"));
    builder.push(rotation.payload(Payload::Pauli(b"XZYZ"[..].into()))).expect("valid");
    for q in (0..12).chain([14, 15, 12, 13]) {
        builder.gate(Opcode::U, &[q], &[0.4 + 0.1 * f64::from(q), 0.3, 0.9]).expect("valid");
    }
    let circuit = builder.build().expect("valid");
    assert!(distance(&state(&circuit, &VALUES, 2), &slow_state(&circuit, &VALUES)) < 1e-12);
    let labels = ["X12", "Y13 Z15", "X14 X15", "Z12 Y15"].map(|label| (label.to_string(), 0.7));
    check_gradient_of(&circuit, &Observable::from_labels(16, &labels).expect("valid"), 2, 0);
}

#[test]
fn outcomes_agree_with_the_state_after_them() {
    for (a, b) in [(0, 5), (5, 0), (4, 3), (1, 2)] {
        let mut builder = CircuitBuilder::new(6, 3).expect("valid");
        builder.gate(Opcode::Ry, &[a], &[1.0]).expect("valid");
        builder.gate(Opcode::Cx, &[a, b], &[]).expect("valid");
        builder.measure(&[a], &[0], crate::circuit::Basis::Z).expect("valid");
        let flip = crate::circuit::Instruction::new(Opcode::X, &[a]);
        builder.push(flip.when(Some(crate::condition::Condition::Bit(0)))).expect("valid");
        builder.measure(&[b, a], &[1, 2], crate::circuit::Basis::Z).expect("valid");
        let counts = prepare(&builder.build().expect("valid"), 1).sample(&[], 40_000, 9).expect("counts");
        let texts: Vec<_> = (0..counts.len()).map(|k| counts.text(k)).collect();
        assert_eq!(texts, ["000", "011"]);
        // Six standard deviations around 40,000 sin^2(1/2).
        assert!((counts.values()[1] as f64 - 9_194.0).abs() < 6.0 * 85.0, "{counts:?}");
    }
}

fn check_gradient(circuit: &Circuit, threads: usize, seed: u64) {
    check_gradient_of(circuit, &observable(circuit.num_qubits()), threads, seed);
}

fn check_gradient_of(circuit: &Circuit, observable: &Observable, threads: usize, seed: u64) {
    let mut plan = prepare(circuit, threads);
    let (value, gradient) = plan.gradient(&VALUES, observable).expect("a gradient");
    let mut at = |values: &[f64]| plan.expectation(values, &[observable]).expect("a value")[0];
    assert!((at(&VALUES) - value).abs() < 1e-11);
    for k in 0..VALUES.len() {
        let mut shifted = |step: f64| {
            let mut values = VALUES;
            values[k] += step;
            at(&values)
        };
        let h = 1e-3;
        let slope = (8.0 * (shifted(h) - shifted(-h)) - (shifted(2.0 * h) - shifted(-2.0 * h))) / (12.0 * h);
        assert!(
            (slope - gradient[k]).abs() < 2e-6 * (1.0 + slope.abs()),
            "seed {seed}, {k}: {slope} {}",
            gradient[k]
        );
    }
}

#[test]
fn flips_of_many_qubits_fit_into_tiles() {
    let mut builder = CircuitBuilder::new(16, 0).expect("valid");
    (0..16)
        .for_each(|q| builder.gate(Opcode::U, &[q], &[0.3 + 0.1 * f64::from(q), 0.2, 0.7]).expect("valid"));
    let qubits: Vec<u32> = (0..16).rev().collect();
    let letters: Vec<u8> = b"XYZI".repeat(4);
    let rotation = crate::circuit::Instruction::with_numbers(Opcode::PauliRot, &qubits, &[1.1])
        .payload(crate::circuit::Payload::Pauli(letters.clone().into()));
    builder.push(rotation).expect("valid");
    let rotation = crate::circuit::Instruction::with_numbers(Opcode::PauliRot, &qubits, &[0.7])
        .payload(crate::circuit::Payload::Pauli(b"X".repeat(16).into()));
    builder.push(rotation).expect("valid");
    let circuit = builder.build().expect("valid");
    let mut expected = CircuitBuilder::new(16, 0).expect("valid");
    (0..16)
        .for_each(|q| expected.gate(Opcode::U, &[q], &[0.3 + 0.1 * f64::from(q), 0.2, 0.7]).expect("valid"));
    let before = state(&expected.build().expect("valid"), &[], 1);
    let expected = rotate(&rotate(&before, &letters, 1.1), &b"X".repeat(16), 0.7);
    assert!(distance(&state(&circuit, &[], 2), &expected) < 1e-12);
}

/// `exp(-i angle/2 P)` with `letters[k]` on qubit `15 - k`, by definition.
fn rotate(state: &[C64], letters: &[u8], angle: f64) -> Vec<C64> {
    let image = |index: usize| {
        letters.iter().enumerate().fold((index, C64::ONE), |(to, phase), (k, letter)| {
            let qubit = 15 - k;
            let sign = if index >> qubit & 1 == 1 { -1.0 } else { 1.0 };
            match letter {
                b'X' => (to ^ 1 << qubit, phase),
                b'Y' => (to ^ 1 << qubit, phase * C64::new(0.0, sign)),
                b'Z' => (to, phase * sign),
                _ => (to, phase),
            }
        })
    };
    let mut out: Vec<C64> = state.iter().map(|value| value * (angle / 2.0).cos()).collect();
    for (index, value) in state.iter().enumerate() {
        let (to, phase) = image(index);
        out[to] += value * phase * C64::new(0.0, -(angle / 2.0).sin());
    }
    out
}

#[test]
fn memory_is_refused_before_it_is_taken() {
    let circuit = CircuitBuilder::new(34, 0).expect("valid").build().expect("valid");
    let resources = Resources { threads: 1, memory_limit_bytes: 20 << 30 };
    let error = StateVector::default().prepare(&circuit, resources).err().expect("too large");
    assert_eq!(error.code, ErrorCode::ResourceExhausted);
    assert!(error.message.contains("2^34 amplitudes = 256 GiB; limit 20 GiB"), "{}", error.message);
}

#[test]
fn branches_do_not_depend_on_threads_or_memory() {
    let mut builder = CircuitBuilder::new(4, 4).expect("valid");
    for round in 0..6 {
        for qubit in 0..4 {
            builder.gate(Opcode::Ry, &[qubit], &[0.3 + 0.2 * f64::from(round)]).expect("valid");
            builder.gate(Opcode::Cx, &[qubit, (qubit + 1) % 4], &[]).expect("valid");
            builder.measure(&[qubit], &[qubit], crate::circuit::Basis::X).expect("valid");
        }
    }
    let circuit = builder.build().expect("valid");
    let counts = |threads, memory_limit_bytes| {
        let mut plan = StateVector::default()
            .prepare(&circuit, Resources { threads, memory_limit_bytes })
            .expect("prepared");
        plan.sample(&[], 3000, 5).expect("counts")
    };
    let expected = counts(1, 1 << 30);
    assert_eq!(expected.shots(), 3000);
    assert_eq!(counts(2, 1 << 30), expected);
    assert_eq!(counts(3, 1 << 30), expected);
    assert_eq!(counts(1, 256), expected);
    assert_eq!(counts(2, 1024), expected);
}

#[test]
fn hostile_sizes_are_counted() {
    // Each FOR alone could be written out; all of them together could not.
    let mut builder = CircuitBuilder::new(1, 0).expect("valid");
    for _ in 0..20 {
        builder.begin_for(900_000).expect("valid");
        builder.gate(Opcode::H, &[0], &[]).expect("valid");
        builder.end().expect("valid");
    }
    let circuit = builder.build().expect("valid");
    let error = prepare(&circuit, 1).state(&[]).expect_err("too long");
    assert_eq!(error.code, ErrorCode::LimitExceeded);

    // An angle that overflows says so.
    let mut builder = CircuitBuilder::new(1, 0).expect("valid");
    let angle = crate::param::Affine::symbol("a").scale(1e308);
    builder.push(crate::circuit::Instruction::with_params(Opcode::Rx, &[0], vec![angle])).expect("valid");
    let circuit = builder.build().expect("valid");
    let error = prepare(&circuit, 1).state(&[1e10]).expect_err("overflow");
    assert_eq!(error.code, ErrorCode::ParameterInvalid);

    // Alternating steps that share no pass are still scheduled in time that grows with their number.
    let mut builder = CircuitBuilder::new(15, 0).expect("valid");
    for _ in 0..2_000 {
        (0..14).for_each(|q| builder.gate(Opcode::Cx, &[q + 1, q], &[]).expect("valid"));
        (0..14).for_each(|q| builder.gate(Opcode::Cx, &[q, q + 1], &[]).expect("valid"));
    }
    prepare(&builder.build().expect("valid"), 1);
}
