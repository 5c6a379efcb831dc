//! Classical expressions in AQO: `{"int":5}`, `{"float":0.5}`, `{"bits":[0,1],"as":"uint"}`, `{"do":"sqrt","of":[…]}`,
//! `{"do":"wrap","of":[…],"bits":8,"signed":true}`, `{"do":"+","of":[…,…]}`.
use crate::compute::{Binary, Expr, Number, Reading, Unary};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::json::{Json, Writer};

const READINGS: [(Reading, &str); 3] =
    [(Reading::Unsigned, "uint"), (Reading::Signed, "int"), (Reading::Float, "float")];

fn invalid(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::ConditionInvalid, message)
}

/// Writes an expression. A whole number beyond those of JSON readers is written as its upper and lower 64 bits.
pub fn write_expression(writer: &mut Writer, expr: &Expr) {
    if let Expr::Number(Number::Int(value)) = expr
        && !(i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(value)
    {
        let upper = Expr::binary(Binary::Left, Expr::int(value >> 64), Expr::int(64));
        return write_expression(
            writer,
            &Expr::binary(Binary::Or, upper, Expr::int(i128::from(*value as u64))),
        );
    }
    writer.object();
    match expr {
        Expr::Number(Number::Int(value)) => {
            writer.key("int");
            writer.int(*value);
        }
        Expr::Number(Number::Float(value)) => {
            writer.key("float");
            writer.float(*value);
        }
        Expr::Bits(bits, reading) => {
            writer.key("as");
            writer.text(READINGS.iter().find(|(known, _)| known == reading).map_or("uint", |(_, name)| name));
            writer.key("bits");
            writer.indices(bits);
        }
        Expr::Unary(Unary::Wrap { bits, signed }, of) => {
            writer.key("bits");
            writer.int(i128::from(*bits));
            write_call(writer, "wrap", &[of]);
            writer.key("signed");
            writer.bool(*signed);
        }
        Expr::Unary(operation, of) => {
            let name = Unary::NAMES.iter().find(|(known, _)| known == operation).map_or("", |(_, name)| name);
            write_call(writer, name, &[of]);
        }
        Expr::Binary(operation, left, right) => {
            let name =
                Binary::NAMES.iter().find(|(known, _)| known == operation).map_or("", |(_, name)| name);
            write_call(writer, name, &[left, right]);
        }
    }
    writer.end_object();
}

fn write_call(writer: &mut Writer, name: &str, of: &[&Expr]) {
    writer.key("do");
    writer.text(name);
    writer.key("of");
    writer.array();
    of.iter().for_each(|part| write_expression(writer, part));
    writer.end_array();
}

/// Reads an expression; its kinds and its size are checked with the operation that it belongs to.
pub fn read_expression(json: &Json) -> CoreResult<Expr> {
    let Json::Object(members) = json else {
        return Err(invalid(format!("an expression is an object, not {}", json.kind())));
    };
    match (json.get("int"), json.get("float"), json.get("do"), json.get("as"), members.len()) {
        (Some(Json::Int(value)), _, _, _, 1) => Ok(Expr::int(*value)),
        (_, Some(number), _, _, 1) => {
            super::read_number(number).map(|value| Expr::Number(Number::Float(value)))
        }
        (_, _, _, Some(Json::Text(reading)), 2) => {
            let reading = READINGS.iter().find(|(_, name)| name == reading).map(|(reading, _)| *reading);
            let bits =
                json.get("bits").ok_or_else(|| invalid("an expression of bits has the member `bits`"))?;
            let bits = super::operation::read_indices(bits)?;
            reading
                .map(|reading| Expr::Bits(bits, reading))
                .ok_or_else(|| invalid("bits are read as uint, int or float"))
        }
        (_, _, Some(Json::Text(name)), _, count) => read_call(json, name, count),
        _ => Err(invalid("an expression has the member int, float, as or do, and those that belong to it")),
    }
}

fn read_call(json: &Json, name: &str, members: usize) -> CoreResult<Expr> {
    let Some(Json::Array(of)) = json.get("of") else {
        return Err(invalid("`of` is an array of expressions"));
    };
    let unary = Unary::NAMES.iter().find(|(_, known)| *known == name).map(|(operation, _)| *operation);
    let binary = Binary::NAMES.iter().find(|(_, known)| *known == name).map(|(operation, _)| *operation);
    match (of.as_slice(), members) {
        ([of], 4) if name == "wrap" => {
            let (Some(Json::Int(bits)), Some(Json::Bool(signed))) = (json.get("bits"), json.get("signed"))
            else {
                return Err(invalid("`wrap` has the members bits and signed"));
            };
            let bits = u32::try_from(*bits).map_err(|_| invalid("`bits` of `wrap` is 1 to 64"))?;
            Ok(Expr::unary(Unary::Wrap { bits, signed: *signed }, read_expression(of)?))
        }
        ([of], 2) if unary.is_some() => Ok(Expr::unary(unary.unwrap_or(Unary::Not), read_expression(of)?)),
        ([left, right], 2) if binary.is_some() => {
            Ok(Expr::binary(binary.unwrap_or(Binary::And), read_expression(left)?, read_expression(right)?))
        }
        _ => {
            let shown: String = name.chars().take(20).collect();
            Err(invalid(format!("`{}` of `{}` values is no operation", shown.escape_debug(), of.len())))
        }
    }
}
