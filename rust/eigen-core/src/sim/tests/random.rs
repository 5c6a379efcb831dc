//! Random circuits over the whole gate table, and a slow simulator that is obviously right.
use std::sync::Arc;

use crate::circuit::{Circuit, CircuitBuilder, Instruction, Modifier, Payload};
use crate::gate::{Arity, GateSpec, Opcode};
use crate::math::C64;
use crate::param::Affine;
use crate::rng::Philox;

/// What random circuits are made of.
pub struct Recipe {
    pub num_qubits: usize,
    pub num_gates: usize,
    /// Whether parameters are affine in the symbols `a`, `b` and `c`.
    pub symbolic: bool,
    /// Whether gates get controls, inverses and powers.
    pub modified: bool,
}

/// A random circuit.
pub fn circuit(seed: u64, recipe: &Recipe) -> Circuit {
    let mut random = Philox::new(seed, 0);
    let mut builder = CircuitBuilder::new(recipe.num_qubits, 0).expect("valid");
    for name in ["a", "b", "c"].iter().filter(|_| recipe.symbolic) {
        builder.declare(name).expect("valid");
    }
    while builder.num_operations() < recipe.num_gates {
        let opcode = Opcode::GATES[random.below(Opcode::GATES.len() as u64) as usize];
        if let Some(instruction) = gate(opcode, recipe, &mut random) {
            builder.push(instruction).expect("valid");
        }
    }
    builder.build().expect("valid")
}

fn gate(opcode: Opcode, recipe: &Recipe, random: &mut Philox) -> Option<Instruction> {
    let spec = GateSpec::of(opcode)?;
    let count = match spec.arity {
        Arity::Fixed(count) => count,
        Arity::ControlsAndTarget(least) | Arity::Payload(least) => least.max(1) + random.below(3) as usize,
    };
    let controls = if recipe.modified { random.below(3) as usize } else { 0 };
    if count + controls > recipe.num_qubits || count + controls > 5 {
        return None;
    }
    let order = random.permutation(recipe.num_qubits);
    let qubits: Vec<u32> = order[..count + controls].iter().map(|q| *q as u32).collect();
    let params: Vec<Affine> = spec.params.iter().map(|_| param(recipe, random)).collect();
    let mut instruction = Instruction::with_params(opcode, &qubits, params);
    if opcode == Opcode::PauliRot {
        let letters: Vec<u8> = (0..count).map(|_| b"IXYZ"[random.below(4) as usize]).collect();
        instruction = instruction.payload(Payload::Pauli(letters.into()));
    }
    if opcode == Opcode::Unitary {
        let matrix = (0..count).fold(None::<crate::math::Matrix>, |product, _| {
            let p = [random.uniform() * 6.0, random.uniform() * 6.0, random.uniform() * 6.0];
            let factor = GateSpec::of(Opcode::U)?.matrix?(&p);
            Some(product.map_or(factor.clone(), |low| low.kron_above(&factor)))
        })?;
        instruction = instruction.payload(Payload::Matrix(Arc::new(matrix)));
    }
    let state = if random.below(2) == 0 { None } else { Some((0..controls).map(|k| k % 2 == 0).collect()) };
    let modifier = Modifier {
        controls: controls as u32,
        state,
        inverse: recipe.modified && random.below(3) == 0,
        power: if recipe.modified { [1.0, 2.0, 1.0, 3.0][random.below(4) as usize] } else { 1.0 },
    };
    Some(instruction.modified(modifier))
}

fn param(recipe: &Recipe, random: &mut Philox) -> Affine {
    let number = Affine::number(random.uniform() * 6.0 - 3.0);
    if !recipe.symbolic || random.below(4) == 0 {
        return number;
    }
    let first = Affine::symbol(["a", "b", "c"][random.below(3) as usize]).scale(random.uniform() * 2.0 - 1.0);
    let second = Affine::symbol(["a", "b", "c"][random.below(3) as usize]);
    number.add_scaled(&first, 1.0).add_scaled(&second, 0.5)
}

/// The state by full gate matrices, one amplitude after the other.
pub fn slow_state(circuit: &Circuit, values: &[f64]) -> Vec<C64> {
    let mut state = vec![C64::ZERO; 1 << circuit.num_qubits()];
    state[0] = C64::ONE;
    for operation in circuit.operations() {
        let matrix = operation.matrix(&operation.values(values)).expect("a gate");
        let qubits = operation.qubits();
        let place =
            |index: usize| qubits.iter().enumerate().fold(0, |sum, (k, q)| sum | (index >> q & 1) << k);
        let rest = qubits.iter().fold(usize::MAX, |mask, q| mask & !(1 << q));
        state = (0..state.len())
            .map(|row| {
                let columns = (0..matrix.dim()).map(|column| {
                    let from = qubits
                        .iter()
                        .enumerate()
                        .fold(row & rest, |sum, (k, q)| sum | (column >> k & 1) << q);
                    matrix.get(place(row), column) * state[from]
                });
                columns.sum()
            })
            .collect();
    }
    state
}
