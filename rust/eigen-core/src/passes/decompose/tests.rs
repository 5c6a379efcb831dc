use super::decompose;
use crate::circuit::{Circuit, CircuitBuilder, Instruction, Modifier};
use crate::condition::Condition;
use crate::error::ErrorCode;
use crate::gate::{GateSpec, Opcode, TABLE, find};
use crate::param::Affine;
use crate::passes::simplify;
use crate::passes::tree::Body;
use crate::rng::Philox;
use crate::testing::{random_circuit, random_gate, unitary, width};

const BASES: &[&str] = &[
    "U CX",
    "RZ SX X CX",
    "RZ SX ECR",
    "RZ RY CZ",
    "RZ RX ISWAP",
    "P H CP",
    "RZ H RZZ",
    "RZ RX RXX",
    "RX RY CX",
    "U RYY",
    "U RZX",
    "U FSIM",
    "U XXPLUSYY",
    "GPI GPI2 MS",
    "U CRX",
    "U CRY",
    "U CRZ",
    "U CU",
    "U CY",
    "U CH",
    "U MCX",
    "U CX CCX SWAP",
];

fn basis(names: &str) -> Vec<Opcode> {
    names.split(' ').map(|name| find(name).expect("known").opcode).collect()
}

fn check(circuit: &Circuit, gates: &[Opcode]) {
    let out = decompose(circuit, gates).expect("reachable");
    for op in out.operations() {
        assert!(gates.contains(&op.opcode()), "{} is not in the basis", op.opcode().name());
        assert!(op.modifier().is_none());
    }
    let distance = unitary(&out, &[]).distance(&unitary(circuit, &[]));
    assert!(distance < 1e-9, "{gates:?}: distance {distance}");
}

#[test]
fn every_gate_in_every_basis_with_its_phase() {
    let mut rng = Philox::new(11, 0);
    for names in BASES {
        let gates = [basis(names), vec![Opcode::Gphase]].concat();
        for spec in TABLE {
            let wide = width(spec);
            let qubits: Vec<u32> = (0..wide as u32).rev().collect();
            let mut builder = CircuitBuilder::new(wide, 0).expect("small");
            builder.push(random_gate(spec, &qubits, &mut rng)).expect("valid");
            check(&builder.build().expect("valid"), &gates);
        }
    }
}

#[test]
fn controlled_inverted_and_powered_gates() {
    for seed in 0..12 {
        let circuit = random_circuit(4, 12, seed);
        check(&circuit, &basis("RZ SX X CX GPHASE"));
        check(&circuit, &basis("U CZ GPHASE"));
    }
}

#[test]
fn many_controls_are_exact_and_polynomial() {
    for controls in 2..8u32 {
        let mut builder = CircuitBuilder::new(controls as usize + 1, 0).expect("small");
        let qubits: Vec<u32> = (0..=controls).collect();
        let gate = Instruction::with_numbers(Opcode::U, &qubits, &[0.3, 0.7, -1.1]);
        builder.push(gate.modified(Modifier::controls(controls))).expect("valid");
        check(&builder.build().expect("valid"), &basis("U CX GPHASE"));
    }
    let size = |controls: u32| {
        let qubits: Vec<u32> = (0..=controls).collect();
        let mut builder = CircuitBuilder::new(controls as usize + 1, 0).expect("small");
        builder.gate(Opcode::Mcx, &qubits, &[]).expect("valid");
        decompose(&builder.build().expect("valid"), &basis("U CX")).expect("reachable").num_operations()
    };
    assert!(size(40) < 6 * size(20), "grows faster than the square of the number of controls");
}

/// The circuit of a gate under controls on a wider register, each qubit turned before it.
fn under_controls(opcode: Opcode, params: &[f64], controls: u32, spare: u32) -> Circuit {
    let mut builder = CircuitBuilder::new((controls + 1 + spare) as usize, 0).expect("small");
    let qubits: Vec<u32> = (0..=controls).collect();
    let own = u32::from(matches!(opcode, Opcode::Mcx | Opcode::Mcp));
    let added = if own == 1 { 0 } else { controls };
    let gate = Instruction::with_numbers(opcode, &qubits, params).modified(Modifier::controls(added));
    builder.push(gate).expect("valid");
    builder.build().expect("valid")
}

#[test]
fn many_controls_take_few_gates() {
    let gates = basis("U CX GPHASE");
    let entangling = |circuit: &Circuit, borrows: bool| {
        let out =
            super::rewritten(Body::of(circuit), circuit.num_qubits(), &gates, borrows).expect("reachable");
        let out = out.into_circuit(circuit).expect("valid");
        let distance = unitary(&out, &[]).distance(&unitary(circuit, &[]));
        assert!(distance < 1e-9, "distance {distance}");
        simplify(&out, 1).expect("valid").count_ops().get("CX").copied().unwrap_or(0)
    };
    for (controls, most) in [(2, 6), (3, 14), (4, 30), (5, 62), (6, 118), (7, 170)] {
        for (opcode, params) in [(Opcode::Mcx, &[][..]), (Opcode::Mcp, &[0.3])] {
            let count = entangling(&under_controls(opcode, params, controls, 0), false);
            assert!(count <= most, "{} under {controls}: {count}", opcode.name());
        }
    }
    for (controls, spare, most) in [(4, 2, 30), (5, 3, 42), (5, 1, 56), (6, 1, 88), (6, 2, 88)] {
        let count = entangling(&under_controls(Opcode::Mcx, &[], controls, spare), true);
        assert!(count <= most, "{controls} controls, {spare} to borrow: {count}");
    }
    for (opcode, params) in [
        (Opcode::Rx, &[0.3][..]),
        (Opcode::Ry, &[-1.7]),
        (Opcode::Rz, &[0.3]),
        (Opcode::H, &[]),
        (Opcode::Sx, &[]),
        (Opcode::U, &[0.3, 0.7, -1.1]),
        (Opcode::U, &[0.0, 0.7, -0.7]),
    ] {
        for controls in 1..6 {
            let count = entangling(&under_controls(opcode, params, controls, 0), false);
            let most = (1 << controls) + if controls > 1 { (1 << controls) - 2 } else { 0 };
            assert!(count <= most, "{} under {controls}: {count}", opcode.name());
        }
    }
}

#[test]
fn symbolic_parameters_stay_symbolic() {
    let symbolic = [
        "RX",
        "RY",
        "RZ",
        "P",
        "U",
        "GPI",
        "GPI2",
        "CP",
        "CRX",
        "CU",
        "RXX",
        "RZX",
        "FSIM",
        "MS",
        "MCP",
        "PAULI_ROT",
    ];
    for names in ["RZ SX CX GPHASE", "U CZ GPHASE", "GPI GPI2 MS GPHASE", "RX RY RXX GPHASE"] {
        for name in symbolic {
            let spec = find(name).expect("known");
            let wide = width(spec).min(3);
            let qubits: Vec<u32> = (0..wide as u32).collect();
            let mut gate = random_gate(spec, &qubits, &mut Philox::new(5, 0));
            gate.params = (0..spec.params.len())
                .map(|k| Affine::symbol(format!("s{k}")).add_scaled(&Affine::number(0.1), 1.0))
                .collect();
            let mut builder = CircuitBuilder::new(wide, 0).expect("small");
            builder.push(gate).expect("valid");
            let circuit = builder.build().expect("valid");
            let values: Vec<f64> = (0..circuit.symbols().len()).map(|k| 0.37 + k as f64).collect();
            let out = decompose(&circuit, &basis(names)).expect("reachable");
            let distance = unitary(&out, &values).distance(&unitary(&circuit, &values));
            assert!(distance < 1e-9, "{name} in {names}: {distance}");
        }
    }
}

#[test]
fn clifford_and_t_without_rotations() {
    for name in
        ["X", "Y", "Z", "S", "SDG", "TDG", "SX", "SXDG", "H", "CZ", "CY", "SWAP", "CCX", "ISWAP", "ECR"]
    {
        let spec: &GateSpec = find(name).expect("known");
        let qubits: Vec<u32> = (0..width(spec) as u32).collect();
        let mut builder = CircuitBuilder::new(qubits.len(), 0).expect("small");
        builder.gate(spec.opcode, &qubits, &[]).expect("valid");
        check(&builder.build().expect("valid"), &basis("H T CX GPHASE"));
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let mut builder = CircuitBuilder::new(2, 1).expect("small");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.gate(Opcode::Rz, &[0], &[0.3]).expect("valid");
    let error = decompose(&builder.build().expect("valid"), &basis("H T CX")).expect_err("no rotation");
    assert_eq!(error.code, ErrorCode::BasisUnreachable);
    assert!(error.message.contains("operation 1 (`RZ`)"), "{}", error.message);
}

#[test]
fn control_flow_and_conditions_stay() {
    let mut builder = CircuitBuilder::new(1, 1).expect("small");
    builder.begin_if(Condition::Bit(0)).expect("valid");
    builder.gate(Opcode::H, &[0], &[]).expect("valid");
    builder.begin_else().expect("open");
    builder.push(Instruction::new(Opcode::X, &[0]).when(Some(Condition::Bit(0)))).expect("valid");
    builder.end().expect("open");
    let out = decompose(&builder.build().expect("valid"), &basis("RZ SX")).expect("reachable");
    assert_eq!(out.count_ops()["IF"], 1);
    let conditional = out.operations().filter(|op| op.opcode() == Opcode::Sx && op.condition().is_some());
    assert!(conditional.count() > 0);
}
