//! Models as canonical JSON: the text that is hashed, and the form of a file.
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Channel;
use super::model::{Duration, Event, Model, Place, Readout, Relaxation};
use crate::json::Writer;
use crate::math::Matrix;

/// The version of the form.
pub(super) const VERSION: &str = "1";

impl Model {
    /// The canonical bytes.
    pub fn to_json(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.object();
        if let Some(dt_ns) = self.dt_ns {
            writer.key("dt_ns");
            writer.float(dt_ns);
        }
        list(&mut writer, "durations", &self.durations, write_duration);
        writer.key("kind");
        writer.text("noise");
        list(&mut writer, "readout", &self.readout, write_readout);
        list(&mut writer, "relaxation", &self.relaxation, write_relaxation);
        list(&mut writer, "rules", &self.rules, |writer, rule| {
            writer.key("channel");
            write_channel(writer, &rule.channel);
            write_place(writer, &rule.place);
        });
        writer.key("version");
        writer.text(VERSION);
        writer.end_object();
        writer.into_bytes()
    }

    /// The SHA-256 of the canonical bytes, in hexadecimal.
    pub fn digest(&self) -> String {
        Sha256::digest(self.to_json()).iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

fn list<T>(writer: &mut Writer, key: &str, items: &[T], write: impl Fn(&mut Writer, &T)) {
    if items.is_empty() {
        return;
    }
    writer.key(key);
    writer.array();
    for item in items {
        writer.object();
        write(writer, item);
        writer.end_object();
    }
    writer.end_array();
}

fn write_duration(writer: &mut Writer, duration: &Duration) {
    let place = &duration.place;
    write_gates(writer, place);
    number(writer, "ns", duration.ns);
    write_rest(writer, place);
}

fn write_place(writer: &mut Writer, place: &Place) {
    write_gates(writer, place);
    write_rest(writer, place);
}

fn write_gates(writer: &mut Writer, place: &Place) {
    if let Some(gates) = &place.gates {
        writer.key("gates");
        writer.array();
        gates.iter().for_each(|opcode| writer.text(opcode.name()));
        writer.end_array();
    }
}

fn write_rest(writer: &mut Writer, place: &Place) {
    writer.key("on");
    writer.text(match place.event {
        Event::Gate => "gate",
        Event::Measure => "measure",
        Event::Reset => "reset",
    });
    if let Some(tuples) = &place.qubits {
        writer.key("qubits");
        writer.array();
        tuples.iter().for_each(|tuple| writer.indices(tuple));
        writer.end_array();
    }
    if let Some(width) = place.width {
        writer.key("width");
        writer.int(width as i128);
    }
}

fn write_readout(writer: &mut Writer, readout: &Readout) {
    number(writer, "one_given_zero", readout.one_given_zero);
    qubits(writer, &readout.qubits);
    number(writer, "zero_given_one", readout.zero_given_one);
}

fn write_relaxation(writer: &mut Writer, relaxation: &Relaxation) {
    number(writer, "excited", relaxation.excited);
    qubits(writer, &relaxation.qubits);
    number(writer, "t1_ns", relaxation.t1_ns);
    number(writer, "t2_ns", relaxation.t2_ns);
}

fn qubits(writer: &mut Writer, qubits: &Option<Vec<u32>>) {
    if let Some(qubits) = qubits {
        writer.key("qubits");
        writer.indices(qubits);
    }
}

fn number(writer: &mut Writer, key: &str, value: f64) {
    writer.key(key);
    writer.float(value);
}

fn write_channel(writer: &mut Writer, channel: &Channel) {
    writer.object();
    let kind = |writer: &mut Writer, name: &str| {
        writer.key("kind");
        writer.text(name);
    };
    match channel {
        Channel::Kraus { operators } => {
            kind(writer, "kraus");
            writer.key("operators");
            writer.array();
            operators.iter().for_each(|operator| write_matrix(writer, operator));
            writer.end_array();
        }
        Channel::Pauli { probabilities } => {
            kind(writer, "pauli");
            writer.key("probabilities");
            writer.array();
            probabilities.iter().for_each(|probability| writer.float(*probability));
            writer.end_array();
        }
        Channel::Depolarizing { qubits, probability } => {
            kind(writer, "depolarizing");
            number(writer, "probability", *probability);
            writer.key("qubits");
            writer.int(*qubits as i128);
        }
        Channel::AmplitudeDamping { gamma, excited } => {
            number(writer, "excited", *excited);
            number(writer, "gamma", *gamma);
            kind(writer, "amplitude_damping");
        }
        Channel::PhaseDamping { lambda } => {
            kind(writer, "phase_damping");
            number(writer, "lambda", *lambda);
        }
        Channel::ThermalRelaxation { t1_ns, t2_ns, duration_ns, excited } => {
            number(writer, "duration_ns", *duration_ns);
            number(writer, "excited", *excited);
            kind(writer, "thermal_relaxation");
            number(writer, "t1_ns", *t1_ns);
            number(writer, "t2_ns", *t2_ns);
        }
        Channel::Reset { zero, one } => {
            kind(writer, "reset");
            number(writer, "one", *one);
            number(writer, "zero", *zero);
        }
    }
    writer.end_object();
}

/// Rows of pairs [real, imaginary].
fn write_matrix(writer: &mut Writer, matrix: &Matrix) {
    writer.array();
    for row in matrix.data().chunks_exact(matrix.dim()) {
        writer.array();
        for entry in row {
            writer.array();
            writer.float(entry.re);
            writer.float(entry.im);
            writer.end_array();
        }
        writer.end_array();
    }
    writer.end_array();
}
