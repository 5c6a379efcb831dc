//! Lanes against the ordinary state vector, against differences, and against themselves in every layout and with every
//! instruction set.
use super::super::tests::random::{self, Recipe};
use super::*;
use crate::circuit::{CircuitBuilder, Instruction};
use crate::gate::Opcode;
use crate::observable::Observable;
use crate::param::Affine;
use crate::rng::Philox;
use crate::sim::estimate;
use crate::sim::{Resources, StateVector};

fn observable(num_qubits: usize, seed: u64) -> Observable {
    let mut random = Philox::new(seed, 9);
    let mut terms = vec![(String::new(), 0.3)];
    for _ in 0..12 {
        let letters = |_| ["I", "X", "Y", "Z"][random.below(4) as usize];
        let label: String = (0..num_qubits).map(letters).collect();
        terms.push((label, random.uniform() - 0.5));
    }
    for q in 0..num_qubits {
        terms.push((format!("Z{q}"), 0.1 * q as f64 + 0.05));
    }
    Observable::from_labels(num_qubits, &terms).expect("valid")
}

fn image(lanes: &Lanes, observable: &Observable, num_qubits: usize) -> Prepared {
    let terms = estimate::terms(observable, num_qubits).expect("fits");
    lanes.observable(&terms).expect("small")
}

/// Rotations of all kinds between Clifford gates.
fn circuit(num_qubits: usize, gates: usize, seed: u64) -> Circuit {
    let mut random = Philox::new(seed, 0);
    let mut builder = CircuitBuilder::new(num_qubits, 0).expect("valid");
    for name in ["a", "b", "c"] {
        builder.declare(name).expect("valid");
    }
    let kinds = [
        Opcode::Rx,
        Opcode::Ry,
        Opcode::Rz,
        Opcode::H,
        Opcode::S,
        Opcode::Sx,
        Opcode::Cx,
        Opcode::Cz,
        Opcode::Cy,
        Opcode::Swap,
        Opcode::Rxx,
        Opcode::Ryy,
        Opcode::Rzz,
        Opcode::Rzx,
        Opcode::T,
        Opcode::Crx,
        Opcode::Cp,
        Opcode::U,
        Opcode::X,
        Opcode::Y,
    ];
    while builder.num_operations() < gates {
        let opcode = kinds[random.below(kinds.len() as u64) as usize];
        let spec = crate::gate::GateSpec::of(opcode).expect("a gate");
        let count = spec.num_qubits().expect("fixed");
        if count > num_qubits {
            continue;
        }
        let order = random.permutation(num_qubits);
        let qubits: Vec<u32> = order[..count].iter().map(|q| *q as u32).collect();
        let params = spec.params.iter().map(|_| {
            let symbol = Affine::symbol(["a", "b", "c"][random.below(3) as usize]);
            symbol.scale(random.uniform() * 2.0 - 1.0).add_scaled(&Affine::number(random.uniform()), 1.0)
        });
        let params: Vec<Affine> = params.collect();
        builder.push(Instruction::with_params(opcode, &qubits, params)).expect("valid");
    }
    builder.build().expect("valid")
}

fn sets(count: usize) -> Vec<f64> {
    let mut random = Philox::new(5, 0);
    (0..3 * count).map(|_| random.uniform() * 8.0 - 4.0).collect()
}

/// The ordinary engine, without lanes.
fn reference(circuit: &Circuit, values: &[f64], observable: &Observable) -> (f64, Vec<f64>) {
    let resources = Resources { threads: 1, memory_limit_bytes: 1 << 30 };
    let mut plan = StateVector::default().prepare_plain(circuit, resources).expect("prepared");
    plan.gradient(values, observable).expect("a gradient")
}

#[test]
fn energies_and_gradients_are_those_of_the_state_vector() {
    for seed in 0..120 {
        let num_qubits = 1 + seed as usize % 7;
        let circuit = circuit(num_qubits, 5 + seed as usize % 40, seed);
        let observable = observable(num_qubits, seed);
        let lanes = Lanes::new(&circuit, 1 << 30).expect("fits");
        let image = image(&lanes, &observable, num_qubits);
        let sets = sets(11);
        for wanted in [Wanted::Gradients, Wanted::Gradient] {
            let found = lanes.answer(&sets, 11, &image, wanted, &Workers::ONE).expect("finite");
            for (k, values) in sets.chunks(3).enumerate() {
                let (energy, slopes) = reference(&circuit, values, &observable);
                let energies = (found.energies[k], energy);
                assert!((energies.0 - energies.1).abs() < 2e-12, "seed {seed} {wanted:?}: {energies:?}");
                for (a, b) in found.slopes[3 * k..].iter().zip(&slopes) {
                    assert!((a - b).abs() < 2e-11, "seed {seed} {wanted:?}: {a} {b}");
                }
            }
        }
    }
}

#[test]
fn every_gate_of_the_table_is_right_where_lanes_take_it() {
    let mut taken = 0;
    for seed in 0..200 {
        let num_qubits = 2 + seed as usize % 5;
        let recipe = Recipe { num_qubits, num_gates: 6, symbolic: true, modified: seed % 2 == 1 };
        let circuit = random::circuit(seed, &recipe);
        let Ok(rotations) = frame::rotations(&circuit, 10_000) else { continue };
        taken += 1;
        let program = Program::new(rotations);
        let lanes = Lanes {
            sets: Some(program.passes(Layout::Sets)),
            amplitudes: program.passes(Layout::Amplitudes),
            num_parameters: 3,
            program,
            wide: Mutex::default(),
            isa: Isa::current(),
        };
        let observable = observable(num_qubits, seed);
        let image = image(&lanes, &observable, num_qubits);
        let values = [0.4, -1.3, 2.1];
        let (energy, slopes) = reference(&circuit, &values, &observable);
        for wanted in [Wanted::Gradients, Wanted::Gradient] {
            let found = lanes.answer(&values, 1, &image, wanted, &Workers::ONE).expect("finite");
            assert!((found.energies[0] - energy).abs() < 1e-11, "seed {seed}");
            assert!(found.slopes.iter().zip(&slopes).all(|(a, b)| (a - b).abs() < 1e-10), "seed {seed}");
        }
    }
    assert!(taken > 100, "{taken}");
}

#[test]
fn an_energy_has_the_same_bits_alone_in_batches_and_with_every_instruction_set() {
    for seed in 0..40 {
        let num_qubits = 1 + seed as usize % 9;
        let circuit = circuit(num_qubits, 60, 100 + seed);
        let observable = observable(num_qubits, seed);
        let mut lanes = Lanes::new(&circuit, 1 << 30).expect("fits");
        let image = image(&lanes, &observable, num_qubits);
        let sets = sets(19);
        let all = lanes.answer(&sets, 19, &image, Wanted::Gradients, &Workers::ONE).expect("finite");
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_there()) {
            lanes.isa = isa;
            for (k, values) in sets.chunks(3).enumerate() {
                let one = lanes.answer(values, 1, &image, Wanted::Energies, &Workers::ONE).expect("finite");
                assert_eq!(one.energies[0], all.energies[k], "seed {seed} {isa:?}");
                let alone =
                    lanes.answer(values, 1, &image, Wanted::Gradients, &Workers::ONE).expect("finite");
                assert_eq!(alone.slopes, all.slopes[3 * k..3 * k + 3], "seed {seed} {isa:?}");
            }
            for threads in [2, 3] {
                let workers = Workers::new(threads).expect("threads");
                let again = lanes.answer(&sets, 19, &image, Wanted::Gradients, &workers).expect("finite");
                assert_eq!((again.energies, again.slopes), (all.energies.clone(), all.slopes.clone()));
            }
        }
    }
}

#[test]
fn symmetric_circuits_take_fewer_coordinates() {
    let mut builder = CircuitBuilder::new(6, 0).expect("valid");
    (0..6).for_each(|q| builder.gate(Opcode::H, &[q], &[]).expect("valid"));
    for layer in 0..2 {
        for q in 0..6u32 {
            let angle = vec![Affine::symbol(format!("g{layer}"))];
            builder.push(Instruction::with_params(Opcode::Rzz, &[q, (q + 1) % 6], angle)).expect("valid");
        }
        for q in 0..6 {
            let angle = vec![Affine::symbol(format!("b{layer}"))];
            builder.push(Instruction::with_params(Opcode::Rx, &[q], angle)).expect("valid");
        }
    }
    let lanes = Lanes::new(&builder.build().expect("valid"), 1 << 30).expect("fits");
    assert_eq!(lanes.dim(), 5);
}
