use super::{Freedom, Optimised, Pass};
use crate::circuit::{Basis, Circuit, CircuitBuilder, Instruction};
use crate::condition::Condition;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::param::Affine;
use crate::testing::{random_circuit, unitary};

const BASES: [&[Opcode]; 6] = [
    &[Opcode::U, Opcode::Cx, Opcode::Gphase],
    &[Opcode::Rz, Opcode::Sx, Opcode::X, Opcode::Cz, Opcode::Gphase],
    &[Opcode::Rz, Opcode::Sx, Opcode::X, Opcode::Ecr, Opcode::Gphase],
    &[Opcode::Rz, Opcode::Rx, Opcode::Rzz, Opcode::Gphase],
    &[Opcode::Rz, Opcode::Sx, Opcode::Iswap, Opcode::Gphase],
    &[Opcode::Gpi, Opcode::Gpi2, Opcode::Ms, Opcode::Gphase],
];

fn optimise(circuit: &Circuit, level: u8, basis: Option<&[Opcode]>) -> CoreResult<Optimised> {
    super::optimise(circuit, level, basis, Freedom::Pairs, false)
}

/// A gate, its qubits, its angles.
type Gate<'a> = (Opcode, &'a [u32], &'a [f64]);

fn circuit(gates: &[Gate<'_>]) -> Circuit {
    let mut builder = CircuitBuilder::new(4, 4).expect("small");
    for (opcode, qubits, params) in gates {
        builder.gate(*opcode, qubits, params).expect("valid");
    }
    builder.build().expect("valid")
}

fn names(circuit: &Circuit) -> Vec<&'static str> {
    circuit.operations().map(|op| op.opcode().name()).filter(|name| *name != "GPHASE").collect()
}

fn after(pass: Pass, gates: &[Gate<'_>]) -> Vec<&'static str> {
    names(&pass.apply(&circuit(gates), None).expect("valid"))
}

#[test]
fn every_pass_keeps_the_unitary() {
    for seed in 0..30 {
        let circuit = random_circuit(3, 40, 500 + seed);
        let before = unitary(&circuit, &[]);
        for pass in Pass::ALL {
            let out = pass.apply(&circuit, None).expect("valid");
            let rest = unitary(&out, &[]).distance(&before);
            assert!(rest < 1e-9, "{}: {rest:e}, seed {seed}", pass.name());
        }
    }
}

#[test]
fn every_level_keeps_the_unitary_in_every_basis() {
    for seed in 0..8 {
        let circuit = random_circuit(3, 25, 900 + seed);
        let before = unitary(&circuit, &[]);
        for level in 0..4 {
            for basis in BASES.into_iter().map(Some).chain([None]) {
                let out = optimise(&circuit, level, basis).expect("valid");
                let rest = unitary(&out.circuit, &[]).distance(&before);
                assert!(rest < 1e-9, "level {level}, {basis:?}: {rest:e}, seed {seed}");
                let foreign =
                    out.circuit.operations().find(|op| !basis.is_none_or(|b| b.contains(&op.opcode())));
                assert!(foreign.is_none(), "{foreign:?}");
            }
        }
    }
}

/// The circuit with SWAPs behind it that bring each qubit back from its place.
fn brought_back(circuit: &Circuit, mut places: Vec<u32>) -> Circuit {
    let mut builder = circuit.like();
    for op in circuit.operations() {
        builder.push(op.to_instruction()).expect("valid");
    }
    for qubit in 0..places.len() as u32 {
        let at = places[qubit as usize];
        if at != qubit {
            builder.gate(Opcode::Swap, &[qubit, at], &[]).expect("valid");
            places.iter_mut().filter(|place| **place == qubit).for_each(|place| *place = at);
            places[qubit as usize] = qubit;
        }
    }
    builder.build().expect("valid")
}

#[test]
fn relabelled_circuits_are_the_same_but_for_the_order() {
    let mut moved = 0;
    for seed in 0..20 {
        let circuit = random_circuit(4, 30, 1300 + seed);
        for level in 0..4 {
            let out =
                super::optimise(&circuit, level, Some(BASES[0]), Freedom::Renamed, false).expect("valid");
            let strict = optimise(&circuit, level, Some(BASES[0])).expect("valid");
            let gates = |steps: &[super::Step]| steps[steps.len() - 1].size.two_qubit_gates;
            assert!(level < 2 || gates(&out.steps) <= gates(&strict.steps));
            let places = out.places.expect("renamed");
            moved += usize::from(places != [0, 1, 2, 3]);
            let rest = unitary(&brought_back(&out.circuit, places), &[]).distance(&unitary(&circuit, &[]));
            assert!(rest < 1e-9, "level {level}: {rest:e}, seed {seed}");
        }
    }
    assert!(moved > 0);
    let iswap = circuit(&[(Opcode::Iswap, &[0, 1], &[])]);
    let out = super::optimise(&iswap, 2, Some(BASES[0]), Freedom::Renamed, false).expect("valid");
    assert_eq!(out.steps[out.steps.len() - 1].size.two_qubit_gates, 1);
    assert_eq!(out.places, Some(vec![1, 0, 2, 3]));
}

#[test]
fn pairs_take_as_few_gates_as_they_need() {
    use Opcode::{Cp, Cx, Cz, Fsim, H, Rz, Swap, T};
    let pairs = |gates: &[Gate<'_>], basis: &[Opcode]| {
        let out = optimise(&circuit(gates), 2, Some(basis)).expect("valid").circuit;
        out.operations().filter(|op| op.qubits().len() == 2).count()
    };
    let long: &[Gate<'_>] = &[
        (Cx, &[0, 1], &[]),
        (H, &[0], &[]),
        (T, &[1], &[]),
        (Cx, &[1, 0], &[]),
        (H, &[1], &[]),
        (Rz, &[0], &[0.3]),
        (Cx, &[0, 1], &[]),
        (H, &[0], &[]),
        (Cz, &[0, 1], &[]),
        (Fsim, &[1, 0], &[0.2, 0.4]),
    ];
    for basis in &BASES[..5] {
        assert!(pairs(long, basis) <= 3, "{basis:?}");
    }
    assert_eq!(pairs(&[(Swap, &[0, 1], &[]), (Cp, &[0, 1], &[0.3])], BASES[0]), 3);
    assert_eq!(pairs(&[(Cp, &[2, 1], &[0.3])], BASES[0]), 2);
    assert_eq!(pairs(&[(Cp, &[2, 1], &[0.3])], BASES[3]), 1);
    assert_eq!(pairs(&[(Swap, &[2, 1], &[]), (Cz, &[1, 2], &[])], BASES[4]), 1);
}

#[test]
fn rotations_of_a_parity_meet() {
    use Opcode::{Cx, H, Rz, Rzz, T, X};
    let folded = after(
        Pass::FoldPhases,
        &[
            (T, &[1], &[]),
            (Cx, &[0, 1], &[]),
            (X, &[1], &[]),
            (Cx, &[0, 1], &[]),
            (X, &[1], &[]),
            (T, &[1], &[]),
        ],
    );
    assert_eq!(folded, ["S", "CX", "X", "CX", "X"]);
    let cancelled = after(
        Pass::FoldPhases,
        &[(Rzz, &[0, 1], &[0.4]), (Cx, &[0, 1], &[]), (Rz, &[1], &[-0.4]), (H, &[1], &[]), (T, &[1], &[])],
    );
    assert_eq!(cancelled, ["CX", "H", "T"]);
}

#[test]
fn runs_on_one_qubit_are_shortest() {
    use Opcode::{H, Rz, S, Sx, T, X, Z};
    assert_eq!(after(Pass::MergeOneQubit, &[(H, &[0], &[]), (Z, &[0], &[]), (H, &[0], &[])]), ["X"]);
    assert_eq!(after(Pass::MergeOneQubit, &[(H, &[0], &[]), (T, &[0], &[]), (S, &[0], &[])]), ["U"]);
    let basis = [Rz, Sx, X];
    let words: [(&[Gate<'_>], &[&str]); 3] = [
        (&[(Sx, &[0], &[]), (Sx, &[0], &[])], &["X"]),
        (&[(Rz, &[0], &[0.3]), (X, &[0], &[]), (Rz, &[0], &[0.4])], &["RZ", "X"]),
        (
            &[
                (Rz, &[0], &[0.3]),
                (Sx, &[0], &[]),
                (Rz, &[0], &[3.2]),
                (Sx, &[0], &[]),
                (Sx, &[0], &[]),
                (Sx, &[0], &[]),
            ],
            &["RZ", "SX", "RZ", "SX"],
        ),
    ];
    for (gates, expected) in words {
        let out = Pass::MergeOneQubit.apply(&circuit(gates), Some(&basis)).expect("valid");
        assert_eq!(names(&out), expected);
    }
}

#[test]
fn what_a_measurement_hides_is_dropped() {
    let mut builder = CircuitBuilder::new(3, 3).expect("small");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.gate(Opcode::T, &[0], &[]).expect("valid");
    builder.gate(Opcode::Cz, &[0, 1], &[]).expect("valid");
    builder.gate(Opcode::Cz, &[0, 2], &[]).expect("valid");
    builder.gate(Opcode::S, &[2], &[]).expect("valid");
    builder.measure(&[0, 1], &[0, 1], Basis::Z).expect("valid");
    builder.measure(&[2], &[2], Basis::X).expect("valid");
    let out = Pass::DropUnobserved.apply(&builder.build().expect("valid"), None).expect("valid");
    assert_eq!(names(&out), ["H", "CZ", "S", "MEASURE", "MEASURE"]);
    assert_eq!(out.operation(1).qubits(), [0, 2]);
}

#[test]
fn symbols_conditions_and_blocks_are_kept() {
    let mut builder = CircuitBuilder::new(2, 1).expect("small");
    let angle = |name: &str| vec![Affine::symbol(name)];
    builder.push(Instruction::with_params(Opcode::Rz, &[0], angle("a"))).expect("valid");
    builder.gate(Opcode::Cx, &[1, 0], &[]).expect("valid");
    builder.gate(Opcode::Cx, &[1, 0], &[]).expect("valid");
    builder.push(Instruction::with_params(Opcode::Rz, &[0], angle("b"))).expect("valid");
    builder.measure(&[1], &[0], Basis::Z).expect("valid");
    builder.push(Instruction::new(Opcode::X, &[0]).when(Some(Condition::Bit(0)))).expect("valid");
    builder.begin_for(3).expect("valid");
    builder.gate(Opcode::T, &[0], &[]).expect("valid");
    builder.gate(Opcode::T, &[0], &[]).expect("valid");
    builder.end().expect("open");
    let circuit = builder.build().expect("valid");
    let out = optimise(&circuit, 3, Some(BASES[0])).expect("valid");
    assert_eq!(names(&out.circuit), ["U", "MEASURE", "U", "FOR", "U", "END"]);
    assert_eq!(out.circuit.symbols(), ["a", "b"]);
    let (input, last) = (out.steps[0].size, out.steps[out.steps.len() - 1].size);
    assert_eq!((input.gates, input.two_qubit_gates, input.depth), (7, 2, circuit.depth()));
    assert_eq!((last.gates, last.two_qubit_gates), (3, 0));
}

#[test]
fn unknown_levels_and_passes_are_refused() {
    let circuit = circuit(&[]);
    assert!(optimise(&circuit, 4, None).is_err());
    assert!(Pass::parse("wish").is_err());
    assert_eq!(Pass::parse("fold-phases").expect("known"), Pass::FoldPhases);
}

#[test]
fn rotations_woven_anew_keep_the_unitary_and_its_phase() {
    use Opcode::{Cx, H, Rx, Rz, S, T};
    let mut fewer = 0;
    for seed in 0..30 {
        let mut rng = crate::rng::Philox::new(41, seed);
        let mut builder = CircuitBuilder::new(5, 0).expect("small");
        for _ in 0..60 {
            let mut below = |most: u64| rng.below(most) as u32;
            let (kind, a, by) = (below(9), below(5), 1 + below(4));
            let angle = f64::from(below(700)) / 100.0;
            let (opcode, params): (Opcode, &[f64]) = match kind {
                0 => (H, &[]),
                1 => (S, &[]),
                2 if seed % 3 > 0 => (T, &[]),
                3 if seed % 3 > 1 => (Rx, &[angle]),
                4 if seed % 3 > 1 => (Rz, &[angle]),
                _ => (Cx, &[]),
            };
            let qubits = [a, (a + by) % 5];
            builder.gate(opcode, &qubits[..1 + usize::from(opcode == Cx)], params).expect("valid");
        }
        let circuit = builder.build().expect("valid");
        let before = unitary(&circuit, &[]);
        let count = |freedom: Freedom| {
            let out = super::optimise(&circuit, 2, Some(BASES[0]), freedom, false).expect("valid");
            let places = out.places.unwrap_or((0..5).collect());
            let rest = unitary(&brought_back(&out.circuit, places), &[]).distance(&before);
            assert!(rest < 1e-9, "{freedom:?}: {rest:e}, seed {seed}");
            out.steps[out.steps.len() - 1].size.two_qubit_gates
        };
        let counts = [Freedom::Pairs, Freedom::Coupled, Freedom::Renamed].map(count);
        assert!(counts[1] <= counts[0] && counts[2] <= counts[0], "{counts:?}, seed {seed}");
        fewer += usize::from(counts[1] < counts[0]);
    }
    assert!(fewer > 15, "{fewer}");
}

#[test]
fn operators_that_commute_share_their_gates() {
    let rotations = |letters: &[&str]| {
        let mut builder = CircuitBuilder::new(4, 0).expect("small");
        for (k, word) in letters.iter().enumerate() {
            let angle = Affine::symbol(format!("a{k}"));
            let gate = Instruction::with_params(Opcode::PauliRot, &[0, 1, 2, 3], vec![angle]);
            builder
                .push(gate.payload(crate::circuit::Payload::Pauli(word.as_bytes().into())))
                .expect("valid");
        }
        let circuit = builder.build().expect("valid");
        let out = super::optimise(&circuit, 2, Some(BASES[0]), Freedom::Coupled, false).expect("valid");
        let values: Vec<f64> = (0..letters.len()).map(|k| 0.3 + 0.7 * k as f64).collect();
        let rest = unitary(&out.circuit, &values).distance(&unitary(&circuit, &values));
        assert!(rest < 1e-9, "{letters:?}: {rest:e}");
        out.steps[out.steps.len() - 1].size.two_qubit_gates
    };
    // A double excitation: eight strings of length four, 48 CX one by one.
    let double = ["XXXY", "XXYX", "XYXX", "YXXX", "YYYX", "YYXY", "YXYY", "XYYY"];
    assert!(rotations(&double) <= 17);
    assert!(rotations(&["ZZII", "ZIZI", "ZIIZ", "IZZI", "IZIZ", "IIZZ"]) <= 9);
}
