//! Names of circuits, registers, parameters and metadata as one line of JSON, for formats that have no place for them.
use std::collections::BTreeMap;

use crate::circuit::CircuitBuilder;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::json::{self, Json};
use crate::limits::MAX_QUBITS;

/// A builder with what the line tells, or `EIGEN_FORMAT_INVALID` for a line that no writer of ours has written.
///
/// `qubits` and `clbits` are runs of (name or null, size); `name`, `metadata` and `parameters` may be left out.
pub fn opened(line: &str) -> CoreResult<CircuitBuilder> {
    let value = json::parse(line.as_bytes()).map_err(|_| none_of_ours())?;
    let mut builder = CircuitBuilder::default();
    builder.set_name(value.get("name").map_or(Some(""), text).ok_or_else(none_of_ours)?);
    builder.set_metadata(metadata(&value).ok_or_else(none_of_ours)?);
    for parameter in value.get("parameters").map_or(Some(&[][..]), array).ok_or_else(none_of_ours)? {
        builder.declare(text(parameter).ok_or_else(none_of_ours)?)?;
    }
    for (name, size) in runs(&value, "qubits").ok_or_else(none_of_ours)? {
        builder.add_qubits(size, name)?;
    }
    for (name, size) in runs(&value, "clbits").ok_or_else(none_of_ours)? {
        builder.add_clbits(size, name)?;
    }
    Ok(builder)
}

fn metadata(value: &Json) -> Option<BTreeMap<String, String>> {
    match value.get("metadata") {
        None => Some(BTreeMap::new()),
        Some(Json::Object(members)) => {
            members.iter().map(|(key, value)| Some((key.clone(), text(value)?.to_string()))).collect()
        }
        Some(_) => None,
    }
}

fn runs<'a>(value: &'a Json, key: &str) -> Option<Vec<(Option<&'a str>, usize)>> {
    let run = |run: &'a Json| match array(run)? {
        [name, Json::Int(size)] if (1..=MAX_QUBITS as i128).contains(size) => match name {
            Json::Null => Some((None, *size as usize)),
            name => Some((Some(text(name)?), *size as usize)),
        },
        _ => None,
    };
    array(value.get(key)?)?.iter().map(run).collect()
}

fn text(value: &Json) -> Option<&str> {
    match value {
        Json::Text(text) => Some(text),
        _ => None,
    }
}

fn array(value: &Json) -> Option<&[Json]> {
    match value {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

fn none_of_ours() -> CoreError {
    CoreError::new(ErrorCode::FormatInvalid, "the line that tells names of registers is none of ours")
}
