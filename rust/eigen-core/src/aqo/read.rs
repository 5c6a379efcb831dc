//! AQO documents to circuits: operations stream into the builder, so that memory follows the circuit and not
//! the text.
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Version;
use super::operation::{invalid, read_operation};
use crate::circuit::{Circuit, CircuitBuilder, Register};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::json::Json;
use crate::limits::MAX_TEXT_BYTES;

const KEYS: &[&str] = &[
    "version",
    "kind",
    "name",
    "metadata",
    "qubits",
    "clbits",
    "registers",
    "scratch",
    "parameters",
    "operations",
];

/// Reads an AQO document of any known version.
pub fn read(text: &[u8]) -> CoreResult<Circuit> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(CoreError::limit("bytes of an AQO document", MAX_TEXT_BYTES, text.len()));
    }
    let mut document = Document::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let outcome =
        DocumentSeed(&mut document).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Some(failure) = document.failure {
        return Err(failure);
    }
    if let Err(error) = outcome {
        return Err(CoreError::new(ErrorCode::JsonInvalid, format!("not strict JSON: {error}")));
    }
    document.finish()
}

/// What has been read so far. Sizes may come after the operations, so indices are checked at the end.
#[derive(Default)]
struct Document {
    builder: CircuitBuilder,
    members: BTreeMap<String, Json>,
    has_operations: bool,
    failure: Option<CoreError>,
}

impl Document {
    fn finish(mut self) -> CoreResult<Circuit> {
        let version = match self.members.get("version") {
            Some(Json::Text(text)) => Version::parse(text)?,
            Some(other) => return Err(invalid(format!("`version` is a string, not {}", other.kind()))),
            None => return Err(invalid("member `version` is missing")),
        };
        match self.members.get("kind") {
            None => {}
            Some(Json::Text(kind)) if kind == "circuit" => {}
            Some(_) => return Err(invalid("`kind` must be `circuit`")),
        }
        if !self.has_operations {
            return Err(invalid("member `operations` is missing"));
        }
        let qubits = self.count("qubits")?.ok_or_else(|| invalid("member `qubits` is missing"))?;
        let scratch = self.count("scratch")?.unwrap_or(0);
        let used = self.builder.used_clbits().saturating_sub(scratch);
        let clbits = self.count("clbits")?.unwrap_or(used);
        self.builder.add_qubits(qubits, None)?;
        self.builder.add_clbits(clbits, None)?;
        self.builder.add_scratch(scratch)?;
        if let Some(Json::Text(name)) = self.members.get("name") {
            self.builder.set_name(name);
        } else if let Some(other) = self.members.get("name") {
            return Err(invalid(format!("`name` is a string, not {}", other.kind())));
        }
        if let Some(metadata) = self.members.get("metadata") {
            self.builder.set_metadata(read_metadata(metadata)?);
        }
        if let Some(registers) = self.members.get("registers") {
            let (qubits, clbits) = read_registers(registers)?;
            self.builder.set_registers(qubits, clbits);
        }
        if let Some(parameters) = self.members.get("parameters") {
            self.builder.order_symbols(&read_names(parameters)?)?;
        }
        let circuit = self.builder.build()?;
        check_version(version, &circuit)?;
        Ok(circuit)
    }

    fn count(&self, key: &str) -> CoreResult<Option<usize>> {
        match self.members.get(key) {
            None => Ok(None),
            Some(Json::Int(count)) => {
                let count =
                    usize::try_from(*count).map_err(|_| invalid(format!("`{key}` cannot be `{count}`")))?;
                Ok(Some(count))
            }
            Some(other) => Err(invalid(format!("`{key}` is a whole number, not {}", other.kind()))),
        }
    }
}

/// An older version holds only the operations it knows.
fn check_version(version: Version, circuit: &Circuit) -> CoreResult<()> {
    let mut place = 0;
    for op in circuit.operations() {
        if !version.knows(op.opcode()) {
            let message = format!(
                "operation {place}: `{}` is not an operation of AQO {}",
                op.opcode().name(),
                version.as_str()
            );
            return Err(
                CoreError::new(ErrorCode::AqoUnsupported, message).with_hint("set the version to `1.1`")
            );
        }
        place += usize::from(!op.opcode().is_marker());
    }
    Ok(())
}

fn read_metadata(json: &Json) -> CoreResult<BTreeMap<String, String>> {
    let Json::Object(members) = json else {
        return Err(invalid(format!("`metadata` is an object, not {}", json.kind())));
    };
    let entry = |(key, value): &(String, Json)| match value {
        Json::Text(text) => Ok((key.clone(), text.clone())),
        other => Err(invalid(format!("metadata `{}` is a string, not {}", key.escape_debug(), other.kind()))),
    };
    members.iter().map(entry).collect()
}

fn read_names(json: &Json) -> CoreResult<Vec<String>> {
    let Json::Array(names) = json else {
        return Err(invalid(format!("`parameters` is an array of names, not {}", json.kind())));
    };
    let name = |value: &Json| match value {
        Json::Text(name) => Ok(name.clone()),
        other => Err(invalid(format!("the name of a parameter is a string, not {}", other.kind()))),
    };
    names.iter().map(name).collect()
}

fn read_registers(json: &Json) -> CoreResult<(Vec<Register>, Vec<Register>)> {
    let wrong = || invalid("`registers` has members `q` and `c`, arrays of {name, size, start}");
    let Json::Object(members) = json else { return Err(wrong()) };
    let (mut qubits, mut clbits) = (Vec::new(), Vec::new());
    for (key, value) in members {
        let Json::Array(entries) = value else { return Err(wrong()) };
        let list = match key.as_str() {
            "q" => &mut qubits,
            "c" => &mut clbits,
            _ => return Err(wrong()),
        };
        for entry in entries {
            let (Json::Object(fields), Some(Json::Text(name)), Some(Json::Int(size)), Some(Json::Int(start))) =
                (entry, entry.get("name"), entry.get("size"), entry.get("start"))
            else {
                return Err(wrong());
            };
            let (Ok(size), Ok(start), 3) = (u32::try_from(*size), u32::try_from(*start), fields.len()) else {
                return Err(wrong());
            };
            list.push(Register { name: name.clone(), start, size });
        }
    }
    Ok((qubits, clbits))
}

/// Records a failure of ours beside serde's own error.
fn fail<E: Error>(document: &mut Document, failure: CoreError) -> E {
    document.failure = Some(failure);
    E::custom("stopped")
}

struct DocumentSeed<'a>(&'a mut Document);

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an AQO document, which is an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        while let Some(key) = access.next_key::<String>()? {
            let shown: String = key.chars().take(40).flat_map(char::escape_debug).collect();
            if !KEYS.contains(&key.as_str()) {
                let failure = invalid(format!("member `{shown}` is not known in an AQO document"));
                return Err(fail(self.0, failure.with_hint(format!("known: {}", KEYS.join(", ")))));
            }
            let repeated =
                self.0.members.contains_key(&key) || (key == "operations" && self.0.has_operations);
            if repeated {
                return Err(A::Error::custom(format!("key `{shown}` occurs twice")));
            }
            if key == "operations" {
                self.0.has_operations = true;
                access.next_value_seed(OperationsSeed(self.0))?;
            } else {
                let value = access.next_value::<Json>()?;
                self.0.members.insert(key, value);
            }
        }
        Ok(())
    }
}

struct OperationsSeed<'a>(&'a mut Document);

impl<'de> DeserializeSeed<'de> for OperationsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OperationsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of operations")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        while let Some(operation) = access.next_element::<Json>()? {
            if let Err(failure) = read_operation(&mut self.0.builder, &operation) {
                return Err(fail(self.0, failure));
            }
        }
        Ok(())
    }
}
