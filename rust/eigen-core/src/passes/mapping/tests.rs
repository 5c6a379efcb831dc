//! Mapping in Rust: what every result must satisfy. What circuits mean is checked from Python, against the verifier.
use super::*;
use crate::circuit::Basis;

fn line(width: u32) -> Topology {
    let edges: Vec<(u32, u32)> = (1..width).map(|k| (k - 1, k)).collect();
    Topology::new(width as usize, &edges, None).expect("a line")
}

fn random_circuit(width: u32, gates: usize, seed: u64) -> Circuit {
    let mut random = Philox::new(seed, 0);
    let mut builder = CircuitBuilder::new(width as usize, 0).expect("small");
    for _ in 0..gates {
        let a = random.below(u64::from(width)) as u32;
        let b = (a + 1 + random.below(u64::from(width) - 1) as u32) % width;
        match random.below(4) {
            0 => builder.gate(Opcode::H, &[a], &[]),
            1 => builder.gate(Opcode::Rzz, &[a, b], &[random.uniform()]),
            2 => builder.gate(Opcode::Cz, &[a, b], &[]),
            _ => builder.gate(Opcode::Cx, &[a, b], &[]),
        }
        .expect("valid");
    }
    builder.build().expect("valid")
}

#[test]
fn every_pair_is_coupled_and_places_are_true() {
    for seed in 0..20 {
        let circuit = random_circuit(7, 60, seed);
        let topology = line(9);
        let options = MapOptions { level: (seed % 4) as u8, seed, threads: 1, ..MapOptions::default() };
        let mapped = map(&circuit, &topology, &options).expect("mapped");
        let mut layout = Layout::of(&mapped.initial, 9);
        for op in mapped.circuit.operations() {
            if let [a, b] = *op.qubits() {
                assert_eq!(topology.distance(a, b), 1);
                if op.opcode() == Opcode::Swap {
                    layout.swap(a, b);
                }
            }
        }
        assert_eq!(layout.place[..7], mapped.last);
        let swaps = mapped.circuit.operations().filter(|op| op.opcode() == Opcode::Swap).count();
        assert_eq!(swaps, mapped.swaps);
    }
}

#[test]
fn threads_do_not_matter() {
    let circuit = random_circuit(12, 150, 3);
    let of = |threads| {
        let options = MapOptions { level: 2, seed: 5, threads, ..MapOptions::default() };
        let mapped = map(&circuit, &line(12), &options).expect("mapped");
        (mapped.circuit.digest().to_string(), mapped.initial, mapped.last)
    };
    assert_eq!(of(1), of(2));
    assert_eq!(of(1), of(3));
}

#[test]
fn chains_need_no_swaps_on_a_line() {
    let mut builder = CircuitBuilder::new(10, 0).expect("small");
    for k in [4u32, 0, 7, 2, 8, 1, 5, 3, 6] {
        builder.gate(Opcode::Cx, &[k, k + 1], &[]).expect("valid");
    }
    let circuit = builder.build().expect("valid");
    let options = MapOptions { level: 2, threads: 1, ..MapOptions::default() };
    assert_eq!(map(&circuit, &line(10), &options).expect("mapped").swaps, 0);
}

#[test]
fn measurements_that_nothing_follows_come_last() {
    let mut builder = CircuitBuilder::new(7, 7).expect("small");
    for a in 0..7 {
        for b in 0..a {
            builder.gate(Opcode::Cp, &[a, b], &[0.1]).expect("valid");
            builder.gate(Opcode::H, &[b], &[]).expect("valid");
        }
        builder.measure(&[a], &[6 - a], Basis::Z).expect("valid");
        builder.gate(Opcode::X, &[a], &[]).expect("valid");
    }
    (0..7).for_each(|qubit| builder.measure(&[qubit], &[qubit], Basis::Z).expect("valid"));
    let circuit = builder.build().expect("valid");
    let options = MapOptions { level: 2, threads: 1, ..MapOptions::default() };
    let mapped = map(&circuit, &line(9), &options).expect("mapped");
    let operations: Vec<_> = mapped.circuit.operations().collect();
    let (ways, end) = operations.split_at(operations.len() - 7);
    assert_eq!(ways.iter().filter(|op| op.opcode() == Opcode::Measure).count(), 7);
    for (bit, op) in end.iter().enumerate() {
        assert_eq!(
            (op.opcode(), op.qubits(), op.clbits()),
            (Opcode::Measure, &[mapped.last[bit]][..], &[bit as u32][..])
        );
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let circuit = random_circuit(4, 20, 1);
    let refused = |topology: &Topology, options: MapOptions| {
        map(&circuit, topology, &options).expect_err("refused").code
    };
    let usual = MapOptions { threads: 1, ..MapOptions::default() };
    assert_eq!(refused(&line(3), usual.clone()), ErrorCode::BasisUnreachable);
    let apart = Topology::new(6, &[(0, 1), (1, 2), (3, 4), (4, 5)], None).expect("valid");
    assert_eq!(refused(&apart, usual.clone()), ErrorCode::BasisUnreachable);
    let given = |places: &[u32]| MapOptions { initial: Some(places.to_vec()), ..usual.clone() };
    assert_eq!(refused(&apart, given(&[0, 1, 2, 3])), ErrorCode::BasisUnreachable);
    assert_eq!(refused(&line(4), given(&[0, 1, 1, 3])), ErrorCode::CircuitInvalid);
    assert_eq!(refused(&line(4), given(&[0, 1, 2])), ErrorCode::CircuitInvalid);
    assert_eq!(refused(&line(4), given(&[0, 1, 2, 4])), ErrorCode::CircuitInvalid);
    assert_eq!(refused(&line(4), MapOptions { level: 4, ..usual }), ErrorCode::GateArguments);
}

fn cost(circuit: &Circuit, topology: &Topology) -> u64 {
    let basis = Some(vec![Opcode::U, Opcode::Cx]);
    let options = MapOptions { level: 2, threads: 1, basis, ..MapOptions::default() };
    map(circuit, topology, &options).expect("mapped").cost
}

/// CX round a ring, one after the other: each round one qubit has to travel from end to end of a line.
#[test]
fn cascades_round_a_ring_move_one_qubit_a_round() {
    let (width, rounds) = (24u32, 4u32);
    let mut builder = CircuitBuilder::new(width as usize, 0).expect("small");
    for round in 0..rounds {
        for k in 0..width {
            builder.gate(Opcode::Ry, &[k], &[0.1 + f64::from(round * width + k)]).expect("valid");
        }
        for k in 0..width {
            builder.gate(Opcode::Cx, &[k, (k + 1) % width], &[]).expect("valid");
        }
    }
    let circuit = builder.build().expect("valid");
    assert!(cost(&circuit, &line(width)) <= u64::from(rounds * (width + 3 * (width - 1))));
}

/// What all pairs take on a line, they take on a device with a long way in it.
#[test]
fn commuting_pairs_of_all_pass_each_other_along_a_way() {
    let mut builder = CircuitBuilder::new(12, 0).expect("small");
    for a in 0..12 {
        builder.gate(Opcode::H, &[a], &[]).expect("valid");
        (a + 1..12).for_each(|b| builder.gate(Opcode::Cp, &[b, a], &[0.3]).expect("valid"));
    }
    let circuit = builder.build().expect("valid");
    let rows = [(0, 1), (1, 2), (2, 3), (3, 4), (5, 6), (6, 7), (7, 8), (8, 9), (10, 11), (11, 12), (12, 13)];
    let between = [(0, 14), (14, 5), (4, 15), (15, 9), (7, 16), (16, 12), (13, 17)];
    let heavy = Topology::new(18, &[&rows[..], &between[..]].concat(), None).expect("valid");
    assert!(cost(&circuit, &heavy) <= cost(&circuit, &line(12)));
}
