//! Parts and cones give what the whole circuit gives, and reach where the whole does not fit.
use super::{Reduced, independent_parts, light_cone};
use crate::circuit::Instruction;
use crate::circuit::{Basis, Circuit, CircuitBuilder};
use crate::gate::Opcode;
use crate::observable::Observable;
use crate::param::Affine;
use crate::sim::{Engine, Prepared, Resources, StateVector};

const ROOM: Resources = Resources { threads: 1, memory_limit_bytes: 64 << 20 };

fn reduced(circuit: &Circuit) -> Box<dyn Prepared> {
    Reduced::new(StateVector::default()).prepare(circuit, ROOM).expect("prepared")
}

/// A brick wall of depth two over a line, its angles open.
fn wall(width: u32) -> Circuit {
    let mut builder = CircuitBuilder::new(width as usize, 0).expect("valid");
    for layer in 0..2 {
        for qubit in 0..width {
            let angle = Affine::symbol(format!("t{layer}_{}", qubit % 3));
            builder.push(Instruction::with_params(Opcode::Ry, &[qubit], vec![angle])).expect("valid");
        }
        for qubit in (layer..width - 1).step_by(2) {
            builder.gate(Opcode::Cx, &[qubit, qubit + 1], &[]).expect("valid");
        }
    }
    builder.build().expect("valid")
}

fn ising(width: usize) -> Observable {
    let mut terms = vec![(String::new(), 0.5)];
    terms.extend((0..width - 1).map(|q| (format!("Z{q} Z{}", q + 1), -1.0)));
    terms.extend((0..width).map(|q| (format!("X{q}"), -0.7 - 0.01 * q as f64)));
    Observable::from_labels(width, &terms).expect("valid")
}

#[test]
fn cones_give_what_the_whole_gives() {
    let (circuit, observable) = (wall(18), ising(18));
    let values: Vec<f64> = (0..circuit.symbols().len()).map(|k| 0.3 + 0.2 * k as f64).collect();
    let mut whole = StateVector::default().prepare(&circuit, ROOM).expect("prepared");
    let mut parts = reduced(&circuit);
    let (value, slope) = whole.gradient(&values, &observable).expect("a gradient");
    let (other, other_slope) = parts.gradient(&values, &observable).expect("a gradient");
    assert!(parts.facts().iter().any(|(name, _)| *name == "light_cones"));
    assert!((value - other).abs() < 1e-12);
    assert!(slope.iter().zip(&other_slope).all(|(a, b)| (a - b).abs() < 1e-12));
    assert!((parts.expectation(&values, &[&observable]).expect("a value")[0] - value).abs() < 1e-12);
    let sets = [values.clone(), values.iter().map(|v| v + 0.1).collect()].concat();
    let batch = parts.expectations(&sets, &observable).expect("values");
    assert!((batch[0] - value).abs() < 1e-12 && batch.len() == 2);
    let pair = whole.probabilities(&values, &[7, 3]).expect("probabilities");
    let same = parts.probabilities(&values, &[7, 3]).expect("probabilities");
    assert!(pair.iter().zip(&same).all(|(a, b)| (a - b).abs() < 1e-12));
}

#[test]
fn cones_reach_beyond_the_memory() {
    let circuit = wall(300);
    let values: Vec<f64> = (0..circuit.symbols().len()).map(|k| 0.3 + 0.2 * k as f64).collect();
    assert!(StateVector::default().prepare(&circuit, ROOM).is_err());
    // A line of period six: each term in the middle is worth the same six places on.
    let mut plan = reduced(&circuit);
    let term = |label: &str| Observable::from_labels(300, &[(label.to_string(), 1.0)]).expect("valid");
    let [a, b, c] = ["Z100 Z101", "Z106 Z107", "Z102 Z103"]
        .map(|label| plan.expectation(&values, &[&term(label)]).expect("a value")[0]);
    assert!((a - b).abs() < 1e-12 && (a - c).abs() > 1e-3);
    assert!(plan.state(&values).is_err());
}

#[test]
fn independent_parts_are_sampled_one_by_one() {
    let mut builder = CircuitBuilder::new(60, 60).expect("valid");
    for pair in 0..30 {
        builder.gate(Opcode::H, &[pair], &[]).expect("valid");
        builder.gate(Opcode::Cx, &[pair, pair + 30], &[]).expect("valid");
    }
    let all: Vec<u32> = (0..60).collect();
    for qubit in all {
        builder.measure(&[qubit], &[qubit], Basis::Z).expect("valid");
    }
    let circuit = builder.build().expect("valid");
    assert_eq!(independent_parts(&circuit).len(), 30);
    let counts = reduced(&circuit).sample(&[], 2000, 9).expect("counts");
    assert_eq!(counts.shots(), 2000);
    // 2^30 keys are equally likely: 2,000 shots repeat one with probability 0.002.
    assert!(counts.len() >= 1998);
    for k in 0..counts.len() {
        assert!((0..30).all(|bit| counts.bit(k, bit) == counts.bit(k, bit + 30)));
    }
    let ones: u64 = (0..counts.len()).filter(|k| counts.bit(*k, 4) != counts.bit(*k, 5)).count() as u64;
    assert!((800..1200).contains(&ones), "{ones} of 2,000 fair coins: nine standard deviations");
    assert_eq!(counts, reduced(&circuit).sample(&[], 2000, 9).expect("counts"));
}

#[test]
fn a_cone_is_empty_where_nothing_happens() {
    let circuit = wall(8);
    let cone = light_cone(&circuit, &[0]).expect("unitary");
    assert_eq!(cone.qubits, [0, 1]);
    assert_eq!(light_cone(&circuit, &[3]).expect("unitary").qubits.len(), 4);
    let mut builder = CircuitBuilder::new(2, 1).expect("valid");
    builder.measure(&[0], &[0], Basis::Z).expect("valid");
    assert!(light_cone(&builder.build().expect("valid"), &[1]).is_none());
}
