//! One AQO operation to instructions. Every member is checked; an unknown one is an error.
use std::sync::Arc;

use super::{read_condition, read_expression};
use crate::circuit::{Basis, CircuitBuilder, DurationUnit, Instruction, Modifier, Payload};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{GateSpec, Opcode, find, suggest};
use crate::json::Json;
use crate::math::{C64, Matrix};
use crate::param::Affine;

type Members = [(String, Json)];

pub(super) fn invalid(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::AqoInvalid, message)
}

fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

/// Reads one operation, nested blocks included, into a builder.
pub(super) fn read_operation(builder: &mut CircuitBuilder, json: &Json) -> CoreResult<()> {
    let place = builder.num_operations();
    let here = |error: CoreError| {
        if error.message.starts_with("operation ") {
            error
        } else {
            error.at(format_args!("operation {place}"))
        }
    };
    let Json::Object(members) = json else {
        return Err(here(invalid(format!("an operation is an object, not {}", json.kind()))));
    };
    let Some(Json::Text(name)) = json.get("op") else {
        return Err(here(invalid("the member `op` must name the operation")));
    };
    match name.as_str() {
        "IF" => read_if(builder, members),
        "WHILE" | "FOR" => read_loop(builder, members, name == "WHILE"),
        _ => read_plain(members, name).and_then(|instruction| builder.push(instruction)),
    }
    .map_err(here)
}

/// Checks the keys of an operation against those it may have.
fn only(members: &Members, allowed: &[&str]) -> CoreResult<()> {
    match members.iter().find(|(key, _)| !allowed.contains(&key.as_str())) {
        None => Ok(()),
        Some((key, _)) => Err(invalid(format!("member `{}` is not known here", shown(key)))
            .with_hint(format!("known: {}", allowed.join(", ")))),
    }
}

fn member<'a>(members: &'a Members, key: &str) -> Option<&'a Json> {
    members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

fn required<'a>(members: &'a Members, key: &str) -> CoreResult<&'a Json> {
    member(members, key).ok_or_else(|| invalid(format!("member `{key}` is missing")))
}

fn read_block(builder: &mut CircuitBuilder, json: &Json) -> CoreResult<()> {
    let Json::Array(operations) = json else {
        return Err(invalid(format!("a block is an array, not {}", json.kind())));
    };
    operations.iter().try_for_each(|operation| read_operation(builder, operation))
}

fn read_if(builder: &mut CircuitBuilder, members: &Members) -> CoreResult<()> {
    only(members, &["op", "cond", "then", "else"])?;
    builder.begin_if(read_condition(required(members, "cond")?)?)?;
    read_block(builder, required(members, "then")?)?;
    if let Some(otherwise) = member(members, "else") {
        builder.begin_else()?;
        read_block(builder, otherwise)?;
    }
    builder.end()
}

fn read_loop(builder: &mut CircuitBuilder, members: &Members, conditional: bool) -> CoreResult<()> {
    if conditional {
        only(members, &["op", "cond", "max", "body"])?;
        builder.begin_while(
            read_condition(required(members, "cond")?)?,
            read_rounds(required(members, "max")?)?,
        )?;
    } else {
        only(members, &["op", "count", "body"])?;
        builder.begin_for(read_rounds(required(members, "count")?)?)?;
    }
    read_block(builder, required(members, "body")?)?;
    builder.end()
}

fn read_rounds(json: &Json) -> CoreResult<u64> {
    match json {
        Json::Int(count) => {
            u64::try_from(*count).map_err(|_| invalid(format!("`{count}` is no number of rounds")))
        }
        other => Err(invalid(format!("a number of rounds is a whole number, not {}", other.kind()))),
    }
}

/// Reads a list of indices.
pub(super) fn read_indices(json: &Json) -> CoreResult<Vec<u32>> {
    let Json::Array(values) = json else {
        return Err(invalid(format!("indices come as an array, not as {}", json.kind())));
    };
    let index = |value: &Json| match value {
        Json::Int(index) => u32::try_from(*index).map_err(|_| invalid(format!("`{index}` is no index"))),
        other => Err(invalid(format!("an index is a whole number, not {}", other.kind()))),
    };
    values.iter().map(index).collect()
}

fn read_plain(members: &Members, name: &str) -> CoreResult<Instruction> {
    let qubits = if name == "COMPUTE" { Vec::new() } else { read_indices(required(members, "q")?)? };
    let condition = member(members, "if").map(read_condition).transpose()?;
    let params = member(members, "params");
    let instruction = match name {
        "MEASURE" => {
            only(members, &["op", "q", "c", "basis", "if"])?;
            let clbits = read_indices(required(members, "c")?)?;
            let basis =
                member(members, "basis").map(read_text).transpose()?.map_or(Ok(Basis::Z), Basis::parse)?;
            Instruction::measure(&qubits, &clbits, basis)
        }
        "COMPUTE" => {
            only(members, &["op", "c", "value", "if"])?;
            Instruction::compute(
                &read_indices(required(members, "c")?)?,
                read_expression(required(members, "value")?)?,
            )
        }
        "RESET" | "BARRIER" => {
            only(members, &["op", "q", "if"])?;
            Instruction::new(if name == "RESET" { Opcode::Reset } else { Opcode::Barrier }, &qubits)
        }
        "DELAY" => {
            only(members, &["op", "q", "params", "unit", "if"])?;
            let unit = member(members, "unit").map(read_text).transpose()?;
            let mut duration = read_params(&["duration"], params)?;
            let duration = duration.pop().unwrap_or_default();
            Instruction::delay(&qubits, duration, unit.map_or(Ok(DurationUnit::Ns), DurationUnit::parse)?)
        }
        _ => read_gate(members, name, &qubits, params)?,
    };
    Ok(instruction.when(condition))
}

fn read_gate(
    members: &Members,
    name: &str,
    qubits: &[u32],
    params: Option<&Json>,
) -> CoreResult<Instruction> {
    let spec = find(name).ok_or_else(|| {
        let error =
            CoreError::new(ErrorCode::GateUnknown, format!("there is no operation `{}`", shown(name)));
        match suggest(name) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error,
        }
    })?;
    let own: &[&str] = match spec.opcode {
        Opcode::Unitary => &["matrix"],
        Opcode::PauliRot => &["pauli"],
        _ => &[],
    };
    only(members, &[&["op", "q", "params", "ctrl", "ctrl_state", "inv", "pow", "if"], own].concat())?;
    let mut instruction = Instruction::with_params(spec.opcode, qubits, read_params(spec.params, params)?);
    instruction.detail.modifier = read_modifier(members)?;
    instruction.detail.payload = read_payload(members, spec)?;
    Ok(instruction)
}

fn read_modifier(members: &Members) -> CoreResult<Modifier> {
    let controls = match member(members, "ctrl") {
        None => 0,
        Some(Json::Int(count)) => {
            u32::try_from(*count).map_err(|_| invalid(format!("`{count}` is no number of controls")))?
        }
        Some(other) => return Err(invalid(format!("`ctrl` is a whole number, not {}", other.kind()))),
    };
    let inverse = match member(members, "inv") {
        None => false,
        Some(Json::Bool(value)) => *value,
        Some(other) => return Err(invalid(format!("`inv` is a boolean, not {}", other.kind()))),
    };
    let power = member(members, "pow").map_or(Ok(1.0), read_number)?;
    let state = member(members, "ctrl_state").map(read_text).transpose()?;
    Modifier { controls, state: None, inverse, power }.with_state(state)
}

fn read_payload(members: &Members, spec: &GateSpec) -> CoreResult<Payload> {
    match spec.opcode {
        Opcode::Unitary => Ok(Payload::Matrix(Arc::new(read_matrix(required(members, "matrix")?)?))),
        Opcode::PauliRot => Ok(Payload::Pauli(read_text(required(members, "pauli")?)?.as_bytes().into())),
        _ => Ok(Payload::None),
    }
}

fn read_matrix(json: &Json) -> CoreResult<Matrix> {
    let wrong = || invalid("a matrix is a square array of rows of [real, imaginary] pairs");
    let Json::Array(rows) = json else { return Err(wrong()) };
    let mut entries = Vec::new();
    for row in rows {
        let Json::Array(values) = row else { return Err(wrong()) };
        if values.len() != rows.len() {
            return Err(wrong());
        }
        for value in values {
            match value {
                Json::Array(pair) if pair.len() == 2 => {
                    entries.push(C64::new(read_number(&pair[0])?, read_number(&pair[1])?));
                }
                other => entries.push(C64::new(read_number(other).map_err(|_| wrong())?, 0.0)),
            }
        }
    }
    Matrix::from_entries(entries).ok_or_else(wrong)
}

fn read_text(json: &Json) -> CoreResult<&str> {
    match json {
        Json::Text(text) => Ok(text),
        other => Err(invalid(format!("a string is wanted, not {}", other.kind()))),
    }
}

pub(crate) fn read_number(json: &Json) -> CoreResult<f64> {
    match json {
        Json::Int(value) => Ok(*value as f64),
        Json::Float(value) => Ok(*value),
        other => Err(invalid(format!("a number is wanted, not {}", other.kind()))),
    }
}

/// Reads parameters by name; a list is taken by position.
fn read_params(names: &[&str], json: Option<&Json>) -> CoreResult<Vec<Affine>> {
    match json {
        None if names.is_empty() => Ok(Vec::new()),
        None => Err(invalid(format!("parameter `{}` is missing", names[0]))),
        Some(Json::Array(values)) => values.iter().map(read_affine).collect(),
        Some(Json::Object(members)) => {
            if let Some((key, _)) = members.iter().find(|(key, _)| !names.contains(&key.as_str())) {
                let known = if names.is_empty() { "none".to_string() } else { names.join(", ") };
                return Err(invalid(format!("there is no parameter `{}`", shown(key)))
                    .with_hint(format!("parameters of this operation: {known}")));
            }
            let find = |name: &&str| {
                member(members, name).ok_or_else(|| invalid(format!("parameter `{name}` is missing")))
            };
            names.iter().map(|name| read_affine(find(name)?)).collect()
        }
        Some(other) => Err(invalid(format!("parameters come as an object, not as {}", other.kind()))),
    }
}

/// Reads a number, a name or an affine expression.
pub(crate) fn read_affine(json: &Json) -> CoreResult<Affine> {
    match json {
        Json::Text(name) => Ok(Affine::symbol(name.as_str())),
        Json::Object(members) => {
            only(members, &["const", "terms"])?;
            let constant = member(members, "const").map_or(Ok(0.0), read_number)?;
            let mut affine = Affine::number(constant);
            match member(members, "terms") {
                None => {}
                Some(Json::Object(terms)) => {
                    for (name, factor) in terms {
                        affine = affine.add_scaled(&Affine::symbol(name.as_str()), read_number(factor)?);
                    }
                }
                Some(other) => return Err(invalid(format!("`terms` is an object, not {}", other.kind()))),
            }
            Ok(affine)
        }
        number => Ok(Affine::number(read_number(number)?)),
    }
}
