//! Plans against full matrices, in every precision and with every instruction set that the processor has.
use crate::circuit::{CircuitBuilder, Instruction, Modifier, Payload};
use crate::gate::Opcode;
use crate::math::C64;
use crate::param::Affine;
use crate::sim::lower;
use crate::sim::precision::Precision;
use crate::sim::state::State;
use crate::sim::tests::random::{Recipe, circuit, slow_state};
use crate::sim::vector::Isa;
use crate::sim::workers::Workers;
use crate::sim::{Resources, StateVector};

fn state(circuit: &crate::circuit::Circuit, precision: Precision, isa: Isa) -> Vec<C64> {
    let program = lower::lower(circuit, precision, u64::MAX).expect("lowered");
    let mut state = State::zero(circuit.num_qubits(), precision).expect("memory");
    let segment = program.single_segment().expect("no measurements").expect("gates");
    segment.run_with(&mut state, &Workers::ONE, isa);
    state.to_vec()
}

fn distance(a: &[C64], b: &[C64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).norm()).fold(0.0, f64::max)
}

/// The state is the expected one with every instruction set that is there, in single precision to 1e-5.
fn assert_exact(circuit: &crate::circuit::Circuit, expected: &[C64], tolerance: f64, what: &str) {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_there()) {
        let worst = distance(&state(circuit, Precision::F64, isa), expected);
        assert!(worst < tolerance, "{what}, f64, {}: {worst}", isa.name());
        let worst = distance(&state(circuit, Precision::F32, isa), expected);
        assert!(worst < 1e-5, "{what}, f32, {}: {worst}", isa.name());
    }
}

#[test]
fn every_instruction_set_gives_the_state_of_the_matrices() {
    for seed in 0..120 {
        let recipe = Recipe {
            num_qubits: 1 + seed as usize % 9,
            num_gates: 30,
            symbolic: false,
            modified: seed % 3 > 0,
        };
        let circuit = circuit(7000 + seed, &recipe);
        let expected = slow_state(&circuit, &[]);
        let run = |precision, isa| state(&circuit, precision, isa);
        assert_exact(&circuit, &expected, 1e-12, &format!("seed {seed}"));
        if Isa::Avx512.is_there() {
            assert_eq!(run(Precision::F64, Isa::Avx2), run(Precision::F64, Isa::Avx512), "seed {seed}");
            assert_eq!(run(Precision::F32, Isa::Avx2), run(Precision::F32, Isa::Avx512), "seed {seed}");
        }
    }
}

/// A control may ask for 0, also where a plan begins.
#[test]
fn phases_under_a_negative_control_begin_a_circuit() {
    for prepared in [false, true] {
        let mut builder = CircuitBuilder::new(2, 0).expect("valid");
        if prepared {
            (0..2).for_each(|q| builder.gate(Opcode::H, &[q], &[]).expect("valid"));
        }
        for (qubit, wanted) in [(0, false), (1, true)] {
            let control = Modifier { controls: 1, state: Some([wanted].into()), ..Modifier::NONE };
            let phase = Instruction::with_params(Opcode::Gphase, &[qubit], vec![Affine::number(0.7)]);
            builder.push(phase.modified(control)).expect("valid");
        }
        let circuit = builder.build().expect("valid");
        assert!(
            distance(&state(&circuit, Precision::F64, Isa::current()), &slow_state(&circuit, &[])) < 1e-15
        );
    }
}

/// SWAPs at the end, and those inside other gates, move nothing: what lies before them has other names.
#[test]
fn swaps_of_a_whole_circuit_take_no_pass() {
    let mut builder = CircuitBuilder::new(16, 0).expect("valid");
    let mut gate =
        |opcode, qubits: &[u32], params: &[f64]| builder.gate(opcode, qubits, params).expect("valid");
    (0..16).for_each(|q| gate(Opcode::Ry, &[q], &[0.3 + f64::from(q)]));
    gate(Opcode::Cx, &[3, 11], &[]);
    gate(Opcode::Iswap, &[11, 2], &[]);
    gate(Opcode::Ch, &[2, 15], &[]);
    gate(Opcode::Rzz, &[11, 4], &[0.7]);
    (0..8).for_each(|q| gate(Opcode::Swap, &[q, 15 - q], &[]));
    let circuit = builder.build().expect("valid");
    assert!(distance(&state(&circuit, Precision::F64, Isa::current()), &slow_state(&circuit, &[])) < 1e-13);
    let program = lower::lower(&circuit, Precision::F64, u64::MAX).expect("lowered");
    assert_eq!(program.single_segment().expect("no measurements").expect("gates").num_passes(), 1);
}

/// More flips, and more controls, than a register group has room for.
#[test]
fn wide_operations_among_narrow_ones_end() {
    let mut builder = CircuitBuilder::new(13, 0).expect("valid");
    (0..13).for_each(|q| builder.gate(Opcode::U, &[q], &[0.7, 0.2 * f64::from(q), 0.4]).expect("valid"));
    for width in [4, 7, 9, 13] {
        let qubits: Vec<u32> = (13 - width..13).collect();
        let letters: Vec<u8> = qubits.iter().map(|q| b"XYXZ"[*q as usize % 4]).collect();
        builder.push(Instruction::new(Opcode::Mcx, &qubits)).expect("valid");
        (0..13).for_each(|q| builder.gate(Opcode::Ry, &[q], &[0.3 + 0.1 * f64::from(q)]).expect("valid"));
        let rotation = Instruction::with_params(Opcode::PauliRot, &qubits, vec![Affine::number(0.9)]);
        builder.push(rotation.payload(Payload::Pauli(letters.into()))).expect("valid");
        builder.gate(Opcode::Cx, &[width - 1, 0], &[]).expect("valid");
    }
    let circuit = builder.build().expect("valid");
    let expected = slow_state(&circuit, &[]);
    assert_exact(&circuit, &expected, 1e-12, "the circuit");
}

/// Words of one-qubit gates become one step each: every order of phases, mixers and symbols.
#[test]
fn words_on_one_qubit_with_symbols_give_their_matrices() {
    let letters =
        [Opcode::Rz, Opcode::Rx, Opcode::Ry, Opcode::S, Opcode::T, Opcode::H, Opcode::Sx, Opcode::Y];
    let values = [-3.4, 0.7, 2.2];
    for word in 0..8usize.pow(4) {
        let mut builder = CircuitBuilder::new(2, 0).expect("valid");
        for name in ["a", "b", "c"] {
            builder.declare(name).expect("valid");
        }
        builder.gate(Opcode::Ry, &[0], &[0.4]).expect("valid");
        // The entangler keeps the word out of the product state that the plan begins with.
        builder.gate(Opcode::Cx, &[0, 1], &[]).expect("valid");
        for at in 0..4 {
            let opcode = letters[word >> (3 * at) & 7];
            let is_turn = matches!(opcode, Opcode::Rz | Opcode::Rx | Opcode::Ry);
            let params = is_turn.then(|| Affine::symbol(["a", "b", "c"][at % 3]));
            builder.push(Instruction::with_params(opcode, &[1], params)).expect("valid");
        }
        let circuit = builder.build().expect("valid");
        let resources = Resources { threads: 1, memory_limit_bytes: 1 << 20 };
        let mut plan = StateVector::default().prepare_plain(&circuit, resources).expect("prepared");
        let found = plan.state(&values).expect("a state");
        assert!(distance(&found, &slow_state(&circuit, &values)) < 1e-14, "word {word:o}");
    }
}

/// XX, YY, ZZ and fields in every order and place: merged into one operation, whether it leaves |00> and |11> alone or
/// mixes them.
#[test]
fn interactions_on_two_qubits_are_merged() {
    let orders =
        [["xx", "yy", "zz"], ["zz", "yy", "xx"], ["xx", "z", "yy"], ["yy", "xx", "z"], ["yy", "zz", "xx"]];
    for (case, order) in orders.iter().enumerate() {
        for is_isotropic in [true, false] {
            let mut builder = CircuitBuilder::new(9, 0).expect("valid");
            (0..9)
                .for_each(|q| builder.gate(Opcode::U, &[q], &[0.7, 0.2 * f64::from(q), 0.4]).expect("valid"));
            for (k, (a, b)) in
                [(0, 1), (1, 2), (2, 3), (3, 4), (4, 8), (8, 0), (5, 6), (7, 5)].into_iter().enumerate()
            {
                let angle = |which: usize| if is_isotropic { 0.3 } else { 0.3 + 0.4 * (which + k) as f64 };
                for (which, name) in order.iter().enumerate() {
                    let (opcode, qubits) = match *name {
                        "xx" => (Opcode::Rxx, vec![a, b]),
                        "yy" => (Opcode::Ryy, vec![a, b]),
                        "zz" => (Opcode::Rzz, vec![b, a]),
                        _ => (Opcode::Rz, vec![a]),
                    };
                    builder.gate(opcode, &qubits, &[angle(which)]).expect("valid");
                }
                builder.gate(Opcode::Rz, &[b], &[0.9]).expect("valid");
                builder.gate(Opcode::Iswap, &[a, b], &[]).expect("valid");
                builder.gate(Opcode::Cp, &[a, b], &[0.5]).expect("valid");
            }
            let circuit = builder.build().expect("valid");
            let expected = slow_state(&circuit, &[]);
            assert_exact(&circuit, &expected, 1e-13, &format!("case {case}"));
        }
    }
}

/// Phases between every two qubits before and behind Hadamard gates, either way round: those of one group's registers
/// are multiplied in as it is loaded, with qubits of the lanes, of the tile and outside it.
#[test]
fn fourier_transforms_of_two_tiles_and_more_are_exact() {
    let num_qubits = 16u32;
    for upwards in [true, false] {
        let mut builder = CircuitBuilder::new(num_qubits as usize, 0).expect("valid");
        let order: Vec<u32> =
            if upwards { (0..num_qubits).collect() } else { (0..num_qubits).rev().collect() };
        (0..num_qubits).for_each(|q| builder.gate(Opcode::Ry, &[q], &[0.3 + f64::from(q)]).expect("valid"));
        for (k, &target) in order.iter().enumerate() {
            builder.gate(Opcode::H, &[target], &[]).expect("valid");
            for (distance, &control) in order[k + 1..].iter().enumerate() {
                let angle = std::f64::consts::PI / f64::from(2u32 << distance);
                builder.gate(Opcode::Cp, &[control, target], &[angle]).expect("valid");
            }
        }
        let circuit = builder.build().expect("valid");
        let expected = slow_state(&circuit, &[]);
        assert_exact(&circuit, &expected, 1e-13, &format!("{upwards}"));
    }
}

/// Circuits whose amplitudes stay real, the highest qubit turned, flipped under controls anywhere and given signs.
#[test]
fn real_amplitudes_are_those_of_the_matrices() {
    for (case, num_qubits) in [(0, 14u32), (1, 15), (2, 16)] {
        let top = num_qubits - 1;
        let mut builder = CircuitBuilder::new(num_qubits as usize, 0).expect("valid");
        let mut gate =
            |opcode, qubits: &[u32], params: &[f64]| builder.gate(opcode, qubits, params).expect("valid");
        for layer in 0..3 {
            (0..num_qubits).for_each(|q| gate(Opcode::Ry, &[q], &[0.3 + f64::from(q + 7 * layer + case)]));
            (0..top).for_each(|q| gate(Opcode::Cx, &[q, q + 1], &[]));
            gate(Opcode::Cx, &[layer, top], &[]);
            gate(Opcode::Cx, &[top - 4 - layer, top], &[]);
            gate(Opcode::Ccx, &[1, 9 - layer, top], &[]);
            gate(Opcode::Cz, &[top, 2 + layer], &[]);
            gate(Opcode::Cz, &[top - 3, 5], &[]);
            gate(Opcode::H, &[top], &[]);
            gate(Opcode::Ch, &[3, 8], &[]);
            gate(Opcode::Z, &[top], &[]);
            gate(Opcode::Swap, &[0, 7], &[]);
        }
        let circuit = builder.build().expect("valid");
        let expected = slow_state(&circuit, &[]);
        assert_exact(&circuit, &expected, 1e-13, &format!("case {case}"));
    }
}

/// Layers between neighbours: most of them need only some of the qubits, whichever end the chain begins at.
#[test]
fn states_grow_from_those_of_fewer_qubits() {
    for (num_qubits, upwards, seed) in [(14u32, true, 0), (15, false, 1), (17, true, 2), (17, false, 3)] {
        let mut builder = CircuitBuilder::new(num_qubits as usize, 0).expect("valid");
        let mut gate =
            |opcode, qubits: &[u32], params: &[f64]| builder.gate(opcode, qubits, params).expect("valid");
        let along = |k: u32| if upwards { k } else { num_qubits - 1 - k };
        for layer in 0..3 {
            let angle = |q: u32| 0.3 + f64::from(q * 7 + layer + seed);
            (0..num_qubits).for_each(|q| gate(Opcode::U, &[q], &[angle(q), 0.2 * angle(q), 0.9]));
            for k in 0..num_qubits - 1 {
                let (a, b) = (along(k), along(k + 1));
                match (k + layer) % 5 {
                    0 => gate(Opcode::Cx, &[a, b], &[]),
                    1 => gate(Opcode::Rxx, &[b, a], &[angle(k)]),
                    2 => gate(Opcode::Cp, &[a, b], &[angle(k)]),
                    3 => gate(Opcode::Iswap, &[a, b], &[]),
                    _ => gate(Opcode::Rzx, &[a, b], &[angle(k)]),
                }
            }
            gate(Opcode::Swap, &[along(1), along(num_qubits - 2)], &[]);
            gate(Opcode::Ccx, &[along(0), along(1), along(2)], &[]);
        }
        let circuit = builder.build().expect("valid");
        let expected = slow_state(&circuit, &[]);
        let grown_from = |spare_bytes| {
            let program = lower::lower(&circuit, Precision::F64, spare_bytes).expect("lowered");
            program.single_segment().expect("no measurements").expect("gates").grown_from()
        };
        assert!(grown_from(u64::MAX).is_some_and(|smaller| smaller < num_qubits as usize - 1));
        assert_eq!(grown_from(0), None, "no room for it");
        assert_exact(&circuit, &expected, 1e-13, &format!("{num_qubits}, {upwards}"));
        let resources = |threads| Resources { threads, memory_limit_bytes: 1 << 30 };
        let run = |threads| {
            let mut plan =
                StateVector::default().prepare_plain(&circuit, resources(threads)).expect("prepared");
            plan.state(&[]).expect("a state")
        };
        assert_eq!(run(1), run(2), "the number of threads changes nothing");
        let exact = 16 << num_qubits;
        let tight = Resources { threads: 1, memory_limit_bytes: exact };
        let mut plan = StateVector::default().prepare_plain(&circuit, tight).expect("the state fits");
        let amplitude = plan.amplitude(&[], 5).expect("an amplitude");
        assert!((amplitude - expected[5]).norm() < 1e-14);
    }
}

/// Real amplitudes of which nearly all work needs only a few qubits: half of the smaller state is still many vectors.
#[test]
fn smaller_states_are_longer_than_vectors() {
    let num_qubits = 14u32;
    let top = num_qubits - 1;
    let mut builder = CircuitBuilder::new(num_qubits as usize, 0).expect("valid");
    let mut gate =
        |opcode, qubits: &[u32], params: &[f64]| builder.gate(opcode, qubits, params).expect("valid");
    for layer in 0..40 {
        for (q, next) in [(0, 1), (1, 2), (2, top)] {
            gate(Opcode::Ry, &[q], &[0.3 + f64::from(q + 5 * layer)]);
            gate(Opcode::Ry, &[next], &[0.7 + f64::from(q * layer)]);
            gate(Opcode::Cx, &[q, next], &[]);
        }
    }
    for q in 2..top {
        gate(Opcode::Cx, &[q, q + 1], &[]);
        gate(Opcode::Ry, &[q], &[0.1 * f64::from(q)]);
    }
    let circuit = builder.build().expect("valid");
    let expected = slow_state(&circuit, &[]);
    let program = lower::lower(&circuit, Precision::F32, u64::MAX).expect("lowered");
    let grown_from = program.single_segment().expect("no measurements").expect("gates").grown_from();
    assert_eq!(grown_from, Some(10));
    assert_exact(&circuit, &expected, 1e-13, "the circuit");
}
