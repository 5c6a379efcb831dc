use super::{GateSpec, Inverse, Opcode, TABLE, decomposition, find, pauli};
use crate::circuit::{CircuitBuilder, Instruction, Modifier};
use crate::math::{C64, Matrix, unitary_power};
use crate::rng::Philox;
use crate::testing::{random_gate, unitary, width};

/// The matrix of one gate on qubits 0, 1, … after the builder has normalised it.
fn matrix(gate: Instruction) -> Matrix {
    let wide = gate.qubits.len();
    let mut builder = CircuitBuilder::new(wide, 0).expect("small");
    builder.push(gate).expect("valid");
    unitary(&builder.build().expect("valid"), &[])
}

fn samples() -> Vec<(&'static GateSpec, Instruction)> {
    let mut rng = Philox::new(3, 0);
    let rows = TABLE.iter().flat_map(|spec| std::iter::repeat_n(spec, 4));
    rows.map(|spec| (spec, (0..width(spec) as u32).collect::<Vec<_>>()))
        .map(|(spec, qubits)| (spec, random_gate(spec, &qubits, &mut rng)))
        .collect()
}

#[test]
fn the_table_is_in_opcode_order_and_complete() {
    assert_eq!(TABLE.len(), Opcode::GATES.len());
    for (index, spec) in TABLE.iter().enumerate() {
        assert_eq!(spec.opcode as usize, index);
        assert!(spec.help.ends_with('.') && !spec.source.is_empty());
        assert!(std::ptr::eq(find(spec.name()).expect("known"), spec));
        for alias in spec.aliases {
            assert!(std::ptr::eq(find(alias).expect("known"), spec), "{alias} means two gates");
        }
    }
}

#[test]
fn matrices_are_unitary_and_flags_are_true() {
    for (spec, gate) in samples() {
        let m = matrix(gate);
        assert!(m.is_unitary(), "{}", spec.name());
        let entries = (0..m.dim()).flat_map(|r| (0..m.dim()).map(move |c| (r, c)));
        if spec.flags.diagonal {
            assert!(entries.clone().all(|(r, c)| r == c || m.get(r, c).norm() < 1e-14), "{}", spec.name());
        }
        if spec.flags.permutation {
            assert!(
                entries.clone().all(|(r, c)| [C64::ZERO, C64::ONE].contains(&m.get(r, c))),
                "{}",
                spec.name()
            );
        }
        if spec.flags.hermitian {
            assert!(m.distance(&m.dagger()) < 1e-12, "{}", spec.name());
        }
        if spec.flags.clifford {
            assert!(is_clifford(&m), "{}", spec.name());
        }
    }
}

/// Whether every X and Z on one qubit becomes a Pauli string up to sign.
fn is_clifford(m: &Matrix) -> bool {
    let qubits = m.num_qubits().expect("power of two");
    let string = |letters: &[u8]| {
        letters.iter().fold(Matrix::identity(1), |sum, letter| sum.kron_above(&pauli(*letter)))
    };
    (0..qubits).flat_map(|q| [(q, b'X'), (q, b'Z')]).all(|(qubit, letter)| {
        let letters: Vec<u8> = (0..qubits).map(|q| if q == qubit { letter } else { b'I' }).collect();
        let image = m.mul(&string(&letters)).mul(&m.dagger());
        (0..4usize.pow(qubits as u32)).any(|code| {
            let letters: Vec<u8> = (0..qubits).map(|q| b"IXYZ"[code / 4usize.pow(q as u32) % 4]).collect();
            image.phase_to(&string(&letters), 1e-9).is_some()
        })
    })
}

#[test]
fn inverse_rules_invert() {
    for (spec, gate) in samples() {
        let (forward, back) = (matrix(gate.clone()), matrix(gate.inverse()));
        assert!(forward.mul(&back).distance(&Matrix::identity(forward.dim())) < 1e-12, "{}", spec.name());
    }
}

#[test]
fn a_missing_inverse_keeps_its_modifier() {
    let spec = GateSpec::of(Opcode::Iswap).expect("gate");
    assert!(matches!(spec.inverse, Inverse::Modifier));
}

#[test]
fn powers_add_up() {
    for (spec, gate) in samples() {
        let power = |k: f64| matrix(gate.clone().modified(Modifier { power: k, ..Modifier::NONE }));
        let product = power(0.3).mul(&power(0.7));
        assert!(product.distance(&power(1.0)) < 1e-9, "{}", spec.name());
        assert!(
            power(-0.4).mul(&power(0.4)).distance(&Matrix::identity(product.dim())) < 1e-9,
            "{}",
            spec.name()
        );
    }
}

#[test]
fn fixed_phase_powers_are_principal() {
    for name in ["Z", "S", "SDG", "T", "TDG", "CZ"] {
        let spec = find(name).expect("known");
        let qubits: Vec<u32> = (0..width(spec) as u32).collect();
        let plain = Instruction::new(spec.opcode, &qubits);
        let powered = matrix(plain.clone().modified(Modifier { power: 0.37, ..Modifier::NONE }));
        assert!(powered.distance(&unitary_power(&matrix(plain), 0.37)) < 1e-12, "{name}");
    }
}

#[test]
fn controls_stand_on_the_low_bits() {
    for (spec, gate) in samples().into_iter().filter(|(spec, _)| width(spec) < 3) {
        let wide = gate.qubits.len() as u32;
        let mut more = gate.clone();
        more.qubits = (0..=wide).collect();
        for (state, bit) in [(None, true), (Some("0"), false)] {
            let modifier = Modifier::controls(1).with_state(state).expect("valid");
            let expected = matrix(gate.clone()).controlled(&[bit]);
            assert!(matrix(more.clone().modified(modifier)).distance(&expected) < 1e-12, "{}", spec.name());
        }
    }
}

#[test]
fn bases_are_what_is_controlled() {
    for (spec, gate) in samples() {
        let Some(base) = spec.base else { continue };
        let controls = spec.controls_for(gate.qubits.len());
        let qubits: Vec<u32> = (0..(gate.qubits.len() - controls) as u32).collect();
        let params: Vec<f64> = gate.params.iter().map(|param| param.constant).collect();
        let target = matrix(Instruction::with_numbers(base, &qubits, &params));
        assert!(matrix(gate).distance(&target.controlled(&vec![true; controls])) < 1e-12, "{}", spec.name());
    }
}

#[test]
fn decompositions_are_exact() {
    for (spec, gate) in samples() {
        let pauli = if let crate::circuit::Payload::Pauli(letters) = &gate.detail.payload {
            letters.to_vec()
        } else {
            vec![]
        };
        let Some(steps) = decomposition(spec.opcode, &gate.params, &pauli) else { continue };
        let mut builder = CircuitBuilder::new(gate.qubits.len(), 0).expect("small");
        for step in steps {
            let qubits: Vec<u32> = step.qubits.iter().map(|qubit| *qubit as u32).collect();
            builder.push(Instruction::with_params(step.opcode, &qubits, step.params)).expect("valid");
        }
        let distance = unitary(&builder.build().expect("valid"), &[]).distance(&matrix(gate));
        assert!(distance < 1e-12, "{}: {distance}", spec.name());
    }
}
