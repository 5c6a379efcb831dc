//! Conditions in AQO: `{"bit":0}`, `{"bits":[0,1],"cmp":"<","value":3}`, `{"const":true}`, `{"not":…}`,
//! `{"and":[…]}`, `{"or":[…]}`, `{"xor":[…]}`.
use crate::condition::{Comparison, Condition};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::json::{Json, Writer};

fn invalid(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::ConditionInvalid, message)
}

/// Writes a condition.
pub fn write_condition(writer: &mut Writer, condition: &Condition) {
    writer.object();
    match condition {
        Condition::Const(value) => {
            writer.key("const");
            writer.bool(*value);
        }
        Condition::Bit(index) => {
            writer.key("bit");
            writer.int(i128::from(*index));
        }
        Condition::Not(inner) => {
            writer.key("not");
            write_condition(writer, inner);
        }
        Condition::And(parts) => write_parts(writer, "and", parts),
        Condition::Or(parts) => write_parts(writer, "or", parts),
        Condition::Xor(parts) => write_parts(writer, "xor", parts),
        Condition::Compare { bits, op, value } => {
            writer.key("bits");
            writer.indices(bits);
            writer.key("cmp");
            writer.text(op.as_str());
            writer.key("value");
            writer.int(i128::from(*value));
        }
    }
    writer.end_object();
}

fn write_parts(writer: &mut Writer, key: &str, parts: &[Condition]) {
    writer.key(key);
    writer.array();
    parts.iter().for_each(|part| write_condition(writer, part));
    writer.end_array();
}

/// Reads a condition.
pub fn read_condition(json: &Json) -> CoreResult<Condition> {
    let Json::Object(members) = json else {
        return Err(invalid(format!("a condition is an object, not {}", json.kind())));
    };
    let condition = match members.as_slice() {
        [(key, value)] => read_single(key, value)?,
        _ => read_comparison(json, members.len())?,
    };
    condition.checked()
}

fn read_single(key: &str, value: &Json) -> CoreResult<Condition> {
    match (key, value) {
        ("const", Json::Bool(value)) => Ok(Condition::Const(*value)),
        ("bit", value) => Ok(Condition::Bit(read_bit(value)?)),
        ("not", inner) => Ok(Condition::Not(Box::new(read_condition(inner)?))),
        ("and" | "or" | "xor", Json::Array(parts)) if !parts.is_empty() => {
            let parts = parts.iter().map(read_condition).collect::<CoreResult<Vec<_>>>()?;
            Ok(match key {
                "and" => Condition::And(parts),
                "or" => Condition::Or(parts),
                _ => Condition::Xor(parts),
            })
        }
        _ => {
            let shown: String = key.chars().take(40).collect();
            Err(invalid(format!("`{}` is no condition", shown.escape_debug())))
        }
    }
}

fn read_comparison(json: &Json, members: usize) -> CoreResult<Condition> {
    let (Some(Json::Array(bits)), Some(Json::Text(op)), Some(Json::Int(value)), 3) =
        (json.get("bits"), json.get("cmp"), json.get("value"), members)
    else {
        return Err(invalid("a comparison has the members bits, cmp and value, and no others"));
    };
    let bits = bits.iter().map(read_bit).collect::<CoreResult<Vec<u32>>>()?;
    Condition::compare(bits, Comparison::parse(op)?, *value)
}

fn read_bit(json: &Json) -> CoreResult<u32> {
    match json {
        Json::Int(index) => u32::try_from(*index).map_err(|_| invalid(format!("`{index}` is no bit"))),
        other => Err(invalid(format!("a bit is a whole number, not {}", other.kind()))),
    }
}
