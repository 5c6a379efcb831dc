//! Channels against their closed forms, models against what they say of a circuit.
use super::*;
use crate::CircuitBuilder;
use crate::circuit::{Basis, Circuit};
use crate::gate::{self, Opcode};
use crate::math::{C64, Matrix};

/// The channel on the Bloch vector `[x, y, z]`.
fn bloch(channel: &Channel, [x, y, z]: [f64; 3]) -> [f64; 3] {
    let rho =
        [C64::new(1.0 + z, 0.0), C64::new(x, y), C64::new(x, -y), C64::new(1.0 - z, 0.0)].map(|e| e / 2.0);
    let matrix = channel.superoperator();
    let out: Vec<C64> = (0..4).map(|row| (0..4).map(|k| matrix.get(row, k) * rho[k]).sum()).collect();
    assert!((out[0] + out[3] - 1.0).norm() < 1e-12, "the trace is kept");
    [2.0 * out[1].re, 2.0 * out[1].im, (out[0] - out[3]).re]
}

fn assert_near(found: [f64; 3], wanted: [f64; 3]) {
    let worst = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-12, "{found:?} is not {wanted:?}");
}

const VECTOR: [f64; 3] = [0.3, -0.5, 0.6];

#[test]
fn channels_move_the_bloch_vector_as_the_books_say() {
    let [x, y, z] = VECTOR;
    let depolarizing = Channel::depolarizing(1, 0.3).expect("valid");
    assert_near(bloch(&depolarizing, VECTOR), VECTOR.map(|v| v * (1.0 - 4.0 * 0.3 / 3.0)));
    let pauli = Channel::pauli(vec![0.7, 0.1, 0.05, 0.15]).expect("valid");
    assert_near(bloch(&pauli, VECTOR), [x * (1.0 - 0.4), y * (1.0 - 0.5), z * (1.0 - 0.3)]);
    let damping = Channel::amplitude_damping(0.2, 0.1).expect("valid");
    let root = 0.8f64.sqrt();
    assert_near(bloch(&damping, VECTOR), [x * root, y * root, 0.8 * z + 0.2 * (1.0 - 2.0 * 0.1)]);
    let phase = Channel::phase_damping(0.36).expect("valid");
    assert_near(bloch(&phase, VECTOR), [0.8 * x, 0.8 * y, z]);
    let thermal = Channel::thermal_relaxation(50.0, 70.0, 20.0, 0.05).expect("valid");
    let (kept, coherence) = ((-20.0f64 / 50.0).exp(), (-20.0f64 / 70.0).exp());
    assert_near(bloch(&thermal, VECTOR), [x * coherence, y * coherence, kept * z + (1.0 - kept) * 0.9]);
    let reset = Channel::reset(0.3, 0.1).expect("valid");
    assert_near(bloch(&reset, VECTOR), [0.6 * x, 0.6 * y, 0.6 * z + 0.2]);
}

#[test]
fn every_channel_preserves_the_trace() {
    let channels = [
        Channel::depolarizing(2, 0.2),
        Channel::amplitude_damping(1.0, 1.0),
        Channel::thermal_relaxation(10.0, 20.0, 5.0, 0.3),
        Channel::reset(0.5, 0.5),
        Channel::pauli_strings(&[("ZX".to_string(), 0.1), ("IY".to_string(), 0.2)]),
    ];
    for channel in channels {
        let channel = channel.expect("valid");
        assert!(Channel::kraus(channel.operators()).is_ok(), "{channel:?}");
    }
}

#[test]
fn pauli_channels_are_recognised() {
    let x = gate::pauli(b'X');
    let kraus =
        vec![Matrix::identity(2).scale(C64::new(0.9f64.sqrt(), 0.0)), x.scale(C64::new(0.0, 0.1f64.sqrt()))];
    let found = Channel::kraus(kraus).expect("valid").pauli_probabilities().expect("a mixture of I and X");
    assert!((found[0] - 0.9).abs() < 1e-12 && (found[1] - 0.1).abs() < 1e-12 && found[2] == 0.0);
    assert!(Channel::amplitude_damping(0.1, 0.0).expect("valid").pauli_probabilities().is_none());
    let pair = Channel::pauli_strings(&[("ZX".to_string(), 0.25)]).expect("valid").pauli_probabilities();
    assert_eq!(pair.expect("Pauli")[3 + 4], 0.25);
    let s = Channel::kraus(vec![gate::find("S").and_then(|spec| spec.matrix).expect("a gate")(&[])]);
    let mixture = s.expect("valid").unitary_mixture().expect("one unitary");
    assert_eq!(mixture.len(), 1);
}

#[test]
fn what_is_not_physical_is_refused_with_its_number() {
    let refusals = [
        (Channel::depolarizing(1, 1.5), "`1.5`"),
        (Channel::depolarizing(3, 0.1), "`3`"),
        (Channel::thermal_relaxation(10.0, 21.0, 1.0, 0.0), "`21` ns is above 2 x 10 ns"),
        (Channel::amplitude_damping(f64::NAN, 0.0), "`NaN`"),
        (Channel::pauli(vec![0.5, 0.1, 0.1, 0.1]), "not 1"),
        (Channel::pauli_strings(&[("XQ".to_string(), 0.1)]), "`XQ`"),
        (Channel::reset(0.7, 0.7), "above 1"),
        (Channel::kraus(vec![Matrix::zeros(2)]), "differs from the identity by `1e0`"),
        (Channel::kraus(vec![Matrix::identity(8)]), "`8x8`"),
    ];
    for (refusal, wanted) in refusals {
        let error = refusal.expect_err(wanted);
        assert!(error.message.contains(wanted), "{}", error.message);
    }
}

fn circuit() -> Circuit {
    let mut builder = CircuitBuilder::new(3, 3).expect("size");
    builder.gate(Opcode::H, &[0], &[]).expect("gate");
    builder.gate(Opcode::Cx, &[0, 2], &[]).expect("gate");
    builder.measure(&[2], &[0], Basis::Z).expect("measurement");
    builder.build().expect("circuit")
}

#[test]
fn sites_follow_the_rules() {
    let model =
        Model::parse("depolarizing(0.001, 0.01) + measure(0.1) + readout(0.02, 0.05)").expect("valid");
    let sites = model.sites(&circuit()).expect("sites");
    assert_eq!(sites.len(), 3);
    assert_eq!(sites.after(0), [Site { channel: 0, qubits: [0, 0] }]);
    assert_eq!(sites.after(1), [Site { channel: 1, qubits: [0, 2] }]);
    assert_eq!(sites.before(2), [Site { channel: 2, qubits: [2, 2] }]);
    assert_eq!(sites.readout(1), Some([[0.98, 0.02], [0.05, 0.95]]));
    let each = Model::parse("bit_flip(0.1)").expect("valid").sites(&circuit()).expect("sites");
    assert_eq!(each.after(1).iter().map(|site| site.qubits[0]).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn qubits_relax_while_they_wait() {
    let mut builder = CircuitBuilder::new(2, 0).expect("size");
    builder.gate(Opcode::H, &[0], &[]).expect("gate");
    builder.gate(Opcode::H, &[1], &[]).expect("gate");
    builder.gate(Opcode::H, &[0], &[]).expect("gate");
    builder.gate(Opcode::Cx, &[0, 1], &[]).expect("gate");
    let model = Model::parse("thermal(t1=50us, t2=70us, gate=35ns, gate2=300ns)").expect("valid");
    let sites = model.sites(&builder.build().expect("circuit")).expect("sites");
    let waited = sites.before(3);
    assert_eq!(waited.len(), 1);
    assert_eq!(waited[0].qubits[0], 1);
    let Channel::ThermalRelaxation { duration_ns, .. } = sites.channel(waited[0]) else {
        panic!("relaxation")
    };
    assert_eq!(*duration_ns, 35.0);
    let Channel::ThermalRelaxation { duration_ns, .. } = sites.channel(sites.after(3)[1]) else { panic!() };
    assert_eq!(*duration_ns, 300.0);
}

#[test]
fn texts_and_json_agree_and_round_trip() {
    let text =
        "depolarizing(0.001, p2=0.01) + thermal(t1=50us, t2=70us, gate=35) + readout(0.02) + reset(0.5)";
    let model = Model::parse(text).expect("valid");
    let bytes = model.to_json();
    assert_eq!(Model::from_json(&bytes).expect("its own form"), model);
    assert_eq!(Model::from_json(&bytes).expect("its own form").digest(), model.digest());
    let json = br#"{"kind":"noise","version":"1","rules":[
        {"channel":{"kind":"pauli","probabilities":{"ZX":0.1}},"gates":["cnot"],"qubits":[[0,2]]},
        {"channel":{"kind":"kraus","operators":[[[[1,0],[0,0]],[[0,0],[0,1]]]]},"on":"reset"}]}"#;
    let model = Model::from_json(json).expect("valid");
    assert_eq!(model.sites(&circuit()).expect("sites").after(1), [Site { channel: 0, qubits: [0, 2] }]);
    assert_eq!(Model::from_json(&model.to_json()).expect("its own form"), model);
}

#[test]
fn texts_that_mean_nothing_are_refused_by_name() {
    for (text, wanted) in [
        ("", "``"),
        ("depolarising(0.1)", "`depolarising`"),
        ("depolarizing(0.1", "closing"),
        ("depolarizing(0.1, 0.1, 0.1)", "does not take `0.1`"),
        ("depolarizing(q=1)", "`q=1`"),
        ("depolarizing(zero)", "`zero`"),
        ("depolarizing()", "needs `p`"),
        ("thermal(t1=1us, t2=3us, gate=10)", "above 2 x 1000 ns"),
        ("readout(inf)", "`inf`"),
        ("{}", "has no `kind`"),
        (r#"{"kind":"noise","version":"1","rules":[{"channel":{"kind":"tide"}}]}"#, "`tide`"),
        (r#"{"kind":"noise","version":"1","wind":[]}"#, "`wind`"),
    ] {
        let error = Model::parse(text).expect_err(text);
        assert!(error.message.contains(wanted), "{text}: {}", error.message);
    }
}

#[test]
fn a_two_qubit_channel_refuses_wider_gates() {
    let mut builder = CircuitBuilder::new(3, 0).expect("size");
    builder.gate(Opcode::Ccx, &[0, 1, 2], &[]).expect("gate");
    let model = Model::parse("depolarizing(0.001, 0.01)").expect("valid");
    let error = model.sites(&builder.build().expect("circuit")).expect_err("no channel for CCX");
    assert!(error.message.contains("`CCX` on 3 qubits"));
}

/// Average gate fidelity of the calibrated noise of a gate on one qubit, from its superoperator.
#[test]
fn calibration_reproduces_the_measured_error() {
    let json = br#"{"kind":"calibration","version":"1",
        "qubits":[{"t1_ns":50000,"t2_ns":60000,"one_given_zero":0.01,"zero_given_one":0.03}],
        "gates":[{"gate":"SX","qubits":[0],"error":0.002,"duration_ns":50}]}"#;
    let model = Model::from_json(json).expect("valid");
    let mut builder = CircuitBuilder::new(1, 0).expect("size");
    builder.gate(Opcode::Sx, &[0], &[]).expect("gate");
    let sites = model.sites(&builder.build().expect("circuit")).expect("sites");
    let total = sites
        .after(0)
        .iter()
        .fold(Matrix::identity(4), |sum, site| sites.channel(*site).superoperator().mul(&sum));
    let process = (0..4).map(|k| total.get(k, k)).sum::<C64>().re / 4.0;
    assert_eq!(sites.after(0).len(), 2);
    assert!((1.0 - (2.0 * process + 1.0) / 3.0 - 0.002).abs() < 1e-12);
    assert_eq!(sites.readout(0), Some([[0.99, 0.01], [0.03, 0.97]]));
}
