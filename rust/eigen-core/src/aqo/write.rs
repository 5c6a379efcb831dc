//! Circuits to canonical bytes. Members at their default are left out, so that equal circuits have equal bytes.
use std::fmt::Write as _;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{Version, write_condition, write_expression};
use crate::circuit::{Basis, Circuit, DurationUnit, Item, Operation, Payload, Register};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::json::Writer;
use crate::param::Affine;

/// The SHA-256 of the canonical bytes, in hexadecimal.
pub fn digest(circuit: &Circuit) -> String {
    let bytes = write_document(circuit, Version::V1_1);
    Sha256::digest(&bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The canonical bytes of a circuit in a version. Fails, naming the operation, when it does not fit.
///
/// Name and registers exist in 1.1 only; they describe and do not compute, so older versions leave them out.
pub fn write(circuit: &Circuit, version: Version) -> CoreResult<Vec<u8>> {
    version.check(circuit)?;
    Ok(write_document(circuit, version))
}

fn write_document(circuit: &Circuit, version: Version) -> Vec<u8> {
    let mut writer = Writer::default();
    let ours = version == Version::V1_1;
    writer.object();
    if ours && circuit.num_bits() > 0 {
        writer.key("clbits");
        writer.int(circuit.num_clbits() as i128);
    }
    if ours {
        writer.key("kind");
        writer.text("circuit");
    }
    if version > Version::V0_1 && !circuit.metadata().is_empty() {
        writer.key("metadata");
        writer.object();
        for (key, value) in circuit.metadata() {
            writer.key(key);
            writer.text(value);
        }
        writer.end_object();
    }
    if ours && !circuit.name().is_empty() {
        writer.key("name");
        writer.text(circuit.name());
    }
    writer.key("operations");
    write_block(&mut writer, circuit, 0..circuit.stream_len());
    if version > Version::V0_1 && !circuit.symbols().is_empty() {
        writer.key("parameters");
        writer.array();
        circuit.symbols().iter().for_each(|name| writer.text(name));
        writer.end_array();
    }
    writer.key("qubits");
    writer.int(circuit.num_qubits() as i128);
    if ours {
        write_registers(&mut writer, circuit);
    }
    if circuit.num_scratch() > 0 {
        writer.key("scratch");
        writer.int(circuit.num_scratch() as i128);
    }
    writer.key("version");
    writer.text(version.as_str());
    writer.end_object();
    writer.into_bytes()
}

fn write_registers(writer: &mut Writer, circuit: &Circuit) {
    let (clbits, qubits) = (circuit.clbit_registers(), circuit.qubit_registers());
    if clbits.is_empty() && qubits.is_empty() {
        return;
    }
    writer.key("registers");
    writer.object();
    for (key, registers) in [("c", clbits), ("q", qubits)] {
        if registers.is_empty() {
            continue;
        }
        writer.key(key);
        writer.array();
        for Register { name, start, size } in registers {
            writer.object();
            writer.key("name");
            writer.text(name);
            writer.key("size");
            writer.int(i128::from(*size));
            writer.key("start");
            writer.int(i128::from(*start));
            writer.end_object();
        }
        writer.end_array();
    }
    writer.end_object();
}

fn write_block(writer: &mut Writer, circuit: &Circuit, range: Range<usize>) {
    writer.array();
    for item in circuit.items(range) {
        writer.object();
        match item {
            Item::Plain(op) => write_plain(writer, &op),
            Item::If { open, then, otherwise } => {
                write_guard(writer, "cond", &open);
                if let Some(otherwise) = otherwise {
                    writer.key("else");
                    write_block(writer, circuit, otherwise);
                }
                writer.key("op");
                writer.text("IF");
                writer.key("then");
                write_block(writer, circuit, then);
            }
            Item::Loop { open, body } => {
                writer.key("body");
                write_block(writer, circuit, body);
                write_guard(writer, "cond", &open);
                if open.opcode() == Opcode::For {
                    writer.key("count");
                    writer.int(i128::from(open.bound()));
                } else {
                    writer.key("max");
                    writer.int(i128::from(open.bound()));
                }
                writer.key("op");
                writer.text(open.opcode().name());
            }
        }
        writer.end_object();
    }
    writer.end_array();
}

fn write_guard(writer: &mut Writer, key: &str, op: &Operation<'_>) {
    if let Some(condition) = op.condition() {
        writer.key(key);
        write_condition(writer, condition);
    }
}

/// The members of a plain operation, in ascending order of their keys.
fn write_plain(writer: &mut Writer, op: &Operation<'_>) {
    let modifier = op.modifier();
    if op.basis() != Basis::Z {
        writer.key("basis");
        writer.text(op.basis().as_str());
    }
    if matches!(op.opcode(), Opcode::Measure | Opcode::Compute) {
        writer.key("c");
        writer.indices(op.clbits());
    }
    if modifier.controls > 0 {
        writer.key("ctrl");
        writer.int(i128::from(modifier.controls));
        if modifier.state.is_some() {
            writer.key("ctrl_state");
            writer.text(&modifier.state_text());
        }
    }
    write_guard(writer, "if", op);
    if modifier.inverse {
        writer.key("inv");
        writer.bool(true);
    }
    write_matrix(writer, op);
    writer.key("op");
    writer.text(op.opcode().name());
    write_params(writer, op);
    if op.opcode() == Opcode::PauliRot {
        writer.key("pauli");
        writer.text(&String::from_utf8_lossy(op.pauli()));
    }
    if modifier.power != 1.0 {
        writer.key("pow");
        writer.float(modifier.power);
    }
    if let Some(value) = op.computed() {
        writer.key("value");
        write_expression(writer, value);
        return;
    }
    writer.key("q");
    writer.indices(op.qubits());
    if op.unit() != DurationUnit::Ns {
        writer.key("unit");
        writer.text(op.unit().as_str());
    }
}

fn write_matrix(writer: &mut Writer, op: &Operation<'_>) {
    let Payload::Matrix(matrix) = op.payload() else { return };
    writer.key("matrix");
    writer.array();
    for row in matrix.data().chunks(matrix.dim()) {
        writer.array();
        for value in row {
            writer.array();
            writer.float(value.re + 0.0);
            writer.float(value.im + 0.0);
            writer.end_array();
        }
        writer.end_array();
    }
    writer.end_array();
}

fn write_params(writer: &mut Writer, op: &Operation<'_>) {
    let names: &[&str] = op.spec().map_or(&["duration"], |spec| spec.params);
    if op.params().is_empty() {
        return;
    }
    let mut named: Vec<_> = names.iter().zip(op.params()).collect();
    named.sort_unstable_by_key(|(name, _)| **name);
    writer.key("params");
    writer.object();
    for (name, param) in named {
        writer.key(name);
        match param {
            crate::param::Param::Number(value) => writer.float(*value),
            symbolic => write_affine(writer, &op.affine(*symbolic)),
        }
    }
    writer.end_object();
}

/// Writes an affine expression that has a symbol.
pub(crate) fn write_affine(writer: &mut Writer, affine: &Affine) {
    if let (0.0, 1, Some((name, 1.0))) = (
        affine.constant,
        affine.terms.len(),
        affine.terms.iter().next().map(|(name, factor)| (name, *factor)),
    ) {
        return writer.text(name);
    }
    writer.object();
    writer.key("const");
    writer.float(affine.constant);
    writer.key("terms");
    writer.object();
    for (name, factor) in &affine.terms {
        writer.key(name);
        writer.float(*factor);
    }
    writer.end_object();
    writer.end_object();
}
