//! The strict reader: no duplicate keys, no NaN, bounded size and depth, nothing after the value.
use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::{MAX_JSON_VALUES, MAX_TEXT_BYTES};

/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 127;

/// A JSON value. Whole numbers that fit i64 or u64 stay whole; object members keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Another number.
    Float(f64),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, keys distinct.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// A member of an object.
    pub fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Reads one value from UTF-8 text of at most 16 MiB.
pub fn parse(text: &[u8]) -> CoreResult<Json> {
    read_as::<Json>(text)
}

/// Reads one value of any deserialisable type under the same strict rules.
pub(crate) fn read_as<'a, T: Deserialize<'a>>(text: &'a [u8]) -> CoreResult<T> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(CoreError::limit("bytes of a document", MAX_TEXT_BYTES, text.len()));
    }
    // serde_json itself stops at 128 levels, counted, and refuses NaN, bad UTF-8 and overflowing numbers.
    serde_json::from_slice(text).map_err(|error| {
        let message = error.to_string();
        CoreError::new(ErrorCode::JsonInvalid, format!("not strict JSON: {message}"))
    })
}

/// Reads a value; the cell counts the values of the whole tree.
#[derive(Clone, Copy)]
struct Tree<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        let count = self.0.get() + 1;
        self.0.set(count);
        if count > MAX_JSON_VALUES {
            return Err(D::Error::custom(format!("more than {MAX_JSON_VALUES} values in one place")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(i128::from(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Int(i128::from(value)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        if value.is_finite() { Ok(Json::Float(value)) } else { Err(E::custom("number out of range")) }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = access.next_key::<String>()? {
            // Few members: look along; many: a set, so that a hostile object stays linear.
            let repeated = match members.len() {
                0..=16 => members.iter().any(|(known, _)| *known == key),
                17 => {
                    seen.extend(members.iter().map(|(known, _)| known.clone()));
                    !seen.insert(key.clone())
                }
                _ => !seen.insert(key.clone()),
            };
            if repeated {
                let shown: String = key.chars().take(40).collect();
                return Err(A::Error::custom(format!("key `{}` occurs twice", shown.escape_debug())));
            }
            let value = access.next_value_seed(self)?;
            members.push((key, value));
        }
        Ok(Json::Object(members))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Tree(&Cell::new(0)).deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_are_refused() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let many: String = (0..40).map(|k| format!("\"k{k}\":1,")).collect();
        let repeated = format!("{{{many}\"k3\":2}}");
        for text in [
            "",
            "{",
            "NaN",
            "[Infinity]",
            "1e999",
            "{\"a\":1,\"a\":2}",
            "[1] 2",
            "[1,]",
            "\"\\ud800\"",
            "'a'",
            "\u{feff}1",
            &deep,
            &repeated,
        ] {
            let error = parse(text.as_bytes()).expect_err(&text[..text.len().min(20)]);
            assert_eq!(error.code, ErrorCode::JsonInvalid);
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert_eq!(parse(&vec![b' '; MAX_TEXT_BYTES + 1]).expect_err("long").code, ErrorCode::LimitExceeded);
    }

    #[test]
    fn a_tree_has_a_bounded_number_of_values() {
        let text = format!("[{}0]", "0,".repeat(MAX_JSON_VALUES));
        assert!(parse(text.as_bytes()).expect_err("too many").message.contains("more than"));
    }

    #[test]
    fn whole_numbers_stay_whole() {
        assert_eq!(
            parse(b"[1,-2,18446744073709551615,1.0]").expect("valid"),
            Json::Array(vec![
                Json::Int(1),
                Json::Int(-2),
                Json::Int(18_446_744_073_709_551_615),
                Json::Float(1.0)
            ])
        );
    }
}
