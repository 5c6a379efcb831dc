//! Observables as canonical JSON: `{"kind":"observable","qubits":n,"terms":[["X0 Z3",0.5]],"version":"1.1"}`.
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Observable, PauliString, invalid};
use crate::error::CoreResult;
use crate::json::{Json, Writer, parse};

impl Observable {
    /// The canonical bytes.
    pub fn to_json(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.object();
        writer.key("kind");
        writer.text("observable");
        writer.key("qubits");
        writer.int(self.num_qubits as i128);
        writer.key("terms");
        writer.array();
        for (string, coefficient) in &self.terms {
            writer.array();
            writer.text(&string.to_string());
            writer.float(*coefficient);
            writer.end_array();
        }
        writer.end_array();
        writer.key("version");
        writer.text("1.1");
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

    /// Reads the JSON form.
    pub fn from_json(text: &[u8]) -> CoreResult<Self> {
        let json = parse(text)?;
        let Json::Object(members) = &json else {
            return Err(invalid(format!("an observable is an object, not {}", json.kind())));
        };
        let known = ["kind", "qubits", "terms", "version"];
        if let Some((key, _)) = members.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            let shown: String = key.chars().take(40).collect();
            return Err(invalid(format!("member `{}` is not known in an observable", shown.escape_debug())));
        }
        if !matches!(json.get("kind"), Some(Json::Text(kind)) if kind == "observable") {
            return Err(invalid("`kind` must be `observable`"));
        }
        if !matches!(json.get("version"), Some(Json::Text(version)) if version == "1.1") {
            return Err(invalid("`version` must be `1.1`"));
        }
        let (Some(Json::Int(qubits)), Some(Json::Array(terms))) = (json.get("qubits"), json.get("terms"))
        else {
            return Err(invalid("an observable has `qubits`, a whole number, and `terms`, an array"));
        };
        let qubits =
            usize::try_from(*qubits).map_err(|_| invalid(format!("`qubits` cannot be `{qubits}`")))?;
        let read = |(index, term): (usize, &Json)| {
            read_term(term, qubits).map_err(|error| error.at(format_args!("term {index}")))
        };
        let terms = terms.iter().enumerate().map(read).collect::<CoreResult<Vec<_>>>()?;
        Self::from_terms(qubits, terms)
    }
}

fn read_term(json: &Json, num_qubits: usize) -> CoreResult<(PauliString, f64)> {
    let Json::Array(pair) = json else {
        return Err(invalid("a term is a pair of label and coefficient"));
    };
    match pair.as_slice() {
        [Json::Text(label), Json::Float(value)] => Ok((PauliString::parse(label, num_qubits)?, *value)),
        [Json::Text(label), Json::Int(value)] => Ok((PauliString::parse(label, num_qubits)?, *value as f64)),
        _ => Err(invalid("a term is a pair of label and coefficient")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_round_trips() {
        let terms = [("X0 Z2".to_string(), 0.5), (String::new(), -1.25)];
        let observable = Observable::from_labels(3, &terms).expect("valid");
        let bytes = observable.to_json();
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            r#"{"kind":"observable","qubits":3,"terms":[["",-1.25],["X0 Z2",0.5]],"version":"1.1"}"#
        );
        assert_eq!(Observable::from_json(&bytes).expect("valid"), observable);
        assert!(
            Observable::from_json(br#"{"kind":"observable","qubits":1,"terms":[["X1",1]],"version":"1.1"}"#)
                .is_err()
        );
    }
}
