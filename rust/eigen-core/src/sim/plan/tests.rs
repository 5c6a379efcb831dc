//! Plans against full matrices, in every precision and with every instruction set that the processor has.
use crate::math::C64;
use crate::sim::lower;
use crate::sim::precision::Precision;
use crate::sim::state::State;
use crate::sim::tests::random::{Recipe, circuit, slow_state};
use crate::sim::vector::Isa;
use crate::sim::workers::Workers;

fn state(circuit: &crate::circuit::Circuit, precision: Precision, isa: Isa) -> Vec<C64> {
    let program = lower::lower(circuit, precision).expect("lowered");
    let mut state = State::zero(circuit.num_qubits(), precision).expect("memory");
    let segment = program.single_segment().expect("no measurements").expect("gates");
    segment.run_with(&mut state, &Workers::ONE, isa);
    state.to_vec()
}

fn distance(a: &[C64], b: &[C64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).norm()).fold(0.0, f64::max)
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
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_there()) {
            let worst = distance(&run(Precision::F64, isa), &expected);
            assert!(worst < 1e-12, "seed {seed}, f64, {}: {worst}", isa.name());
            let worst = distance(&run(Precision::F32, isa), &expected);
            assert!(worst < 1e-5, "seed {seed}, f32, {}: {worst}", isa.name());
        }
        if Isa::Avx512.is_there() {
            assert_eq!(run(Precision::F64, Isa::Avx2), run(Precision::F64, Isa::Avx512), "seed {seed}");
            assert_eq!(run(Precision::F32, Isa::Avx2), run(Precision::F32, Isa::Avx512), "seed {seed}");
        }
    }
}
