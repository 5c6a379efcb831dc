//! What the tests of several modules share: a slow dense unitary, and circuits drawn at random.
use crate::circuit::{Circuit, CircuitBuilder, Instruction, Modifier, Payload};
use crate::gate::{Arity, GateSpec, Opcode};
use crate::math::{C64, Matrix};
use crate::rng::Philox;

/// The unitary of a circuit without measurements and control flow, gate by gate.
pub(crate) fn unitary(circuit: &Circuit, values: &[f64]) -> Matrix {
    let dim = 1usize << circuit.num_qubits();
    let mut total = Matrix::identity(dim);
    for op in circuit.operations().filter(|op| op.opcode().is_gate()) {
        let local = op.matrix(&op.values(values)).expect("a gate");
        let spread =
            |sub: usize| op.qubits().iter().enumerate().fold(0, |sum, (k, q)| sum | ((sub >> k & 1) << q));
        let mask = spread(local.dim() - 1);
        let mut next = Matrix::zeros(dim);
        for row in 0..dim {
            let sub_row = (0..local.dim()).find(|sub| spread(*sub) == row & mask).expect("in range");
            for sub in 0..local.dim() {
                let factor = local.get(sub_row, sub);
                if factor != C64::ZERO {
                    let from = (row & !mask) | spread(sub);
                    for column in 0..dim {
                        next.set(row, column, next.get(row, column) + factor * total.get(from, column));
                    }
                }
            }
        }
        total = next;
    }
    total
}

/// Number of qubits a gate is tested on.
pub(crate) fn width(spec: &GateSpec) -> usize {
    match spec.arity {
        Arity::Fixed(count) => count,
        Arity::ControlsAndTarget(_) => 4,
        Arity::Payload(_) => 2,
    }
}

/// A gate with random parameters (and payload) on given qubits.
pub(crate) fn random_gate(spec: &GateSpec, qubits: &[u32], rng: &mut Philox) -> Instruction {
    let params: Vec<f64> = spec.params.iter().map(|_| 8.0 * rng.uniform() - 4.0).collect();
    let payload = match spec.opcode {
        Opcode::PauliRot => Payload::Pauli(
            (0..qubits.len()).map(|_| b"IXYZ"[rng.below(4) as usize]).collect::<Vec<_>>().into(),
        ),
        Opcode::Unitary => Payload::Matrix(std::sync::Arc::new(random_unitary(qubits.len(), rng))),
        _ => Payload::None,
    };
    Instruction::with_numbers(spec.opcode, qubits, &params).payload(payload)
}

/// A random unitary: Gram and Schmidt on normal columns.
pub(crate) fn random_unitary(num_qubits: usize, rng: &mut Philox) -> Matrix {
    let dim = 1 << num_qubits;
    let mut rows: Vec<Vec<C64>> = Vec::new();
    while rows.len() < dim {
        let mut row: Vec<C64> =
            (0..dim).map(|_| rng.normal_pair()).map(|(re, im)| C64::new(re, im)).collect();
        for known in &rows {
            let overlap: C64 = known.iter().zip(&row).map(|(a, b)| a.conj() * b).sum();
            row.iter_mut().zip(known).for_each(|(value, other)| *value -= overlap * other);
        }
        let norm = row.iter().map(|value| value.norm_sqr()).sum::<f64>().sqrt();
        rows.push(row.into_iter().map(|value| value / norm).collect());
    }
    Matrix::from_entries(rows.concat()).expect("square")
}

/// A circuit of random gates, some of them controlled, inverted or raised to a power.
pub(crate) fn random_circuit(num_qubits: usize, gates: usize, seed: u64) -> Circuit {
    let mut rng = Philox::new(seed, 0);
    let mut builder = CircuitBuilder::new(num_qubits, 0).expect("small");
    while builder.num_operations() < gates {
        let spec = &crate::gate::TABLE[rng.below(crate::gate::TABLE.len() as u64) as usize];
        let controls = usize::from(rng.below(5) == 0);
        let wide = width(spec).min(3) + controls;
        if wide > num_qubits || width(spec) > 3 && num_qubits < 3 {
            continue;
        }
        let order = rng.permutation(num_qubits);
        let qubits: Vec<u32> = order[..wide].iter().map(|qubit| *qubit as u32).collect();
        let mut gate = random_gate(spec, &qubits[controls..], &mut rng);
        gate.qubits = qubits.into();
        gate.detail.modifier = Modifier {
            controls: controls as u32,
            state: (controls > 0 && rng.below(2) == 0).then(|| vec![false].into()),
            inverse: rng.below(4) == 0,
            power: if rng.below(6) == 0 { 0.3 } else { 1.0 },
        };
        builder.push(gate).expect("valid");
    }
    builder.build().expect("valid")
}
