//! Evolutions as canonical JSON: AQO documents of the kind `evolution`. Members at their default are left out.
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::coefficient::invalid;
use super::{Between, Coefficient, Collapse, Evolution, Initial, Jump, Parts, Table, Term};
use crate::aqo::{read_affine, read_number, write_affine};
use crate::error::CoreResult;
use crate::json::{Json, Writer, parse, write_value};
use crate::observable::{Observable, PauliString};
use crate::param::Affine;

const KEYS: &[&str] = &[
    "collapse",
    "hamiltonian",
    "initial",
    "kind",
    "name",
    "observables",
    "qubits",
    "time",
    "times",
    "version",
];

/// The SHA-256 of the canonical bytes, in hexadecimal.
pub(super) fn digest(evolution: &Evolution) -> String {
    Sha256::digest(evolution.to_aqo()).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Evolution {
    /// The canonical bytes.
    pub fn to_aqo(&self) -> Vec<u8> {
        let parts = self.parts();
        let mut writer = Writer::default();
        writer.object();
        if !parts.collapse.is_empty() {
            writer.key("collapse");
            writer.array();
            parts.collapse.iter().for_each(|collapse| {
                writer.array();
                writer.text(&collapse.jump.to_string());
                write_number(&mut writer, &collapse.rate);
                writer.end_array();
            });
            writer.end_array();
        }
        writer.key("hamiltonian");
        writer.array();
        parts.hamiltonian.iter().for_each(|term| {
            writer.array();
            writer.text(&term.pauli.to_string());
            write_coefficient(&mut writer, &term.coefficient);
            writer.end_array();
        });
        writer.end_array();
        write_initial(&mut writer, &parts.initial);
        writer.key("kind");
        writer.text("evolution");
        if !parts.name.is_empty() {
            writer.key("name");
            writer.text(&parts.name);
        }
        if !parts.observables.is_empty() {
            writer.key("observables");
            writer.array();
            parts.observables.iter().for_each(|o| writer.raw(&String::from_utf8_lossy(&o.to_json())));
            writer.end_array();
        }
        writer.key("qubits");
        writer.int(parts.num_qubits as i128);
        writer.key("time");
        writer.float(parts.time + 0.0);
        if !parts.times.is_empty() {
            writer.key("times");
            write_floats(&mut writer, &parts.times);
        }
        writer.key("version");
        writer.text("1.1");
        writer.end_object();
        writer.into_bytes()
    }

    /// Reads an AQO document of the kind `evolution`.
    pub fn from_aqo(text: &[u8]) -> CoreResult<Self> {
        let json = parse(text)?;
        let Json::Object(members) = &json else {
            return Err(invalid(format!("an evolution is an object, not {}", json.kind())));
        };
        if let Some((key, _)) = members.iter().find(|(key, _)| !KEYS.contains(&key.as_str())) {
            let shown: String = key.chars().take(40).flat_map(char::escape_debug).collect();
            let hint = format!("known: {}", KEYS.join(", "));
            return Err(invalid(format!("member `{shown}` is not known in an evolution")).with_hint(hint));
        }
        let is = |key, wanted| matches!(json.get(key), Some(Json::Text(text)) if text == wanted);
        if !is("kind", "evolution") || !is("version", "1.1") {
            return Err(invalid("`kind` must be `evolution` and `version` must be `1.1`"));
        }
        let (Some(Json::Int(qubits)), Some(time)) = (json.get("qubits"), json.get("time")) else {
            return Err(invalid("an evolution has `qubits`, a whole number, and `time`"));
        };
        let num_qubits =
            usize::try_from(*qubits).map_err(|_| invalid(format!("`qubits` cannot be `{qubits}`")))?;
        Evolution::new(Parts {
            num_qubits,
            hamiltonian: read_list(&json, "hamiltonian", |term| read_term(term, num_qubits))?,
            time: read_number(time)?,
            times: read_list(&json, "times", read_number)?,
            initial: json
                .get("initial")
                .map_or_else(|| Ok(Initial::Bits("0".repeat(num_qubits.min(64)))), read_initial)?,
            collapse: read_list(&json, "collapse", |collapse| read_collapse(collapse, num_qubits))?,
            observables: read_list(&json, "observables", |observable| {
                Observable::from_json(&bytes(observable))
            })?,
            name: match json.get("name") {
                None => String::new(),
                Some(Json::Text(name)) => name.clone(),
                Some(other) => return Err(invalid(format!("`name` is a string, not {}", other.kind()))),
            },
        })
    }
}

fn write_number(writer: &mut Writer, affine: &Affine) {
    match affine.is_constant() {
        true => writer.float(affine.constant + 0.0),
        false => write_affine(writer, affine),
    }
}

fn write_floats(writer: &mut Writer, values: &[f64]) {
    writer.array();
    values.iter().for_each(|value| writer.float(*value + 0.0));
    writer.end_array();
}

pub(super) fn write_coefficient(writer: &mut Writer, coefficient: &Coefficient) {
    if let Coefficient::Constant(affine) = coefficient {
        return write_number(writer, affine);
    }
    writer.object();
    match coefficient {
        Coefficient::Constant(_) => {}
        Coefficient::Cos { omega, phase } => write_pair(writer, "cos", ("omega", omega), ("phase", phase)),
        Coefficient::Sin { omega, phase } => write_pair(writer, "sin", ("omega", omega), ("phase", phase)),
        Coefficient::Gaussian { center, width } => {
            write_pair(writer, "gaussian", ("center", center), ("width", width));
        }
        Coefficient::Polynomial(terms) => {
            writer.key("polynomial");
            write_floats(writer, terms);
        }
        Coefficient::Table(table) => {
            writer.key("table");
            writer.object();
            writer.key("between");
            writer.text(if table.between == Between::Step { "step" } else { "linear" });
            writer.key("times");
            write_floats(writer, &table.times);
            writer.key("values");
            write_floats(writer, &table.values);
            writer.end_object();
        }
        Coefficient::Sum(parts) | Coefficient::Product(parts) => {
            writer.key(if matches!(coefficient, Coefficient::Sum(_)) { "sum" } else { "product" });
            writer.array();
            parts.iter().for_each(|part| write_coefficient(writer, part));
            writer.end_array();
        }
    }
    writer.end_object();
}

fn write_pair(writer: &mut Writer, name: &str, first: (&str, &Affine), second: (&str, &Affine)) {
    writer.key(name);
    writer.object();
    for (key, affine) in [first, second] {
        writer.key(key);
        write_number(writer, affine);
    }
    writer.end_object();
}

fn write_initial(writer: &mut Writer, initial: &Initial) {
    match initial {
        Initial::Bits(bits) if bits.bytes().all(|bit| bit == b'0') => return,
        _ => writer.key("initial"),
    }
    writer.object();
    match initial {
        Initial::Bits(bits) => {
            writer.key("bits");
            writer.text(bits);
        }
        Initial::Product(angles) => {
            writer.key("product");
            writer.array();
            angles.iter().for_each(|(polar, azimuth)| write_floats(writer, &[*polar, *azimuth]));
            writer.end_array();
        }
        Initial::Circuit(circuit) => {
            writer.key("circuit");
            // A checked circuit fits the newest version.
            let document = crate::aqo::write(circuit, crate::aqo::Version::V1_1).unwrap_or_default();
            writer.raw(&String::from_utf8_lossy(&document));
        }
    }
    writer.end_object();
}

fn bytes(json: &Json) -> Vec<u8> {
    let mut writer = Writer::default();
    write_value(&mut writer, json);
    writer.into_bytes()
}

fn read_list<T>(json: &Json, key: &str, read: impl Fn(&Json) -> CoreResult<T>) -> CoreResult<Vec<T>> {
    match json.get(key) {
        None => Ok(Vec::new()),
        Some(Json::Array(items)) => {
            let item = |(index, item)| read(item).map_err(|error| error.at(format_args!("{key}[{index}]")));
            items.iter().enumerate().map(item).collect()
        }
        Some(other) => Err(invalid(format!("`{key}` is an array, not {}", other.kind()))),
    }
}

fn read_pair<'a>(json: &'a Json, what: &str) -> CoreResult<(&'a str, &'a Json)> {
    match json {
        Json::Array(pair) => match pair.as_slice() {
            [Json::Text(text), value] => Ok((text, value)),
            _ => Err(invalid(format!("{what} is a pair of text and number"))),
        },
        _ => Err(invalid(format!("{what} is a pair of text and number"))),
    }
}

fn read_term(json: &Json, num_qubits: usize) -> CoreResult<Term> {
    let (label, value) = read_pair(json, "a term")?;
    Ok(Term { pauli: PauliString::parse(label, num_qubits)?, coefficient: read_coefficient(value)? })
}

fn read_collapse(json: &Json, num_qubits: usize) -> CoreResult<Collapse> {
    let (label, value) = read_pair(json, "a collapse operator")?;
    Ok(Collapse { jump: Jump::parse(label, num_qubits)?, rate: read_affine(value)? })
}

fn read_coefficient(json: &Json) -> CoreResult<Coefficient> {
    let Json::Object(members) = json else { return Ok(Coefficient::Constant(read_affine(json)?)) };
    if members.iter().all(|(key, _)| key == "const" || key == "terms") {
        return Ok(Coefficient::Constant(read_affine(json)?));
    }
    let [(name, value)] = members.as_slice() else {
        return Err(invalid("a coefficient is an object with one member, such as `cos`"));
    };
    let two = |first: &str, second: &str| -> CoreResult<(Affine, Affine)> {
        match (value, value.get(first), value.get(second)) {
            (Json::Object(fields), Some(a), Some(b)) if fields.len() == 2 => {
                Ok((read_affine(a)?, read_affine(b)?))
            }
            _ => Err(invalid(format!("`{name}` has the members `{first}` and `{second}`"))),
        }
    };
    let parts = || read_list(json, name, read_coefficient);
    Ok(match name.as_str() {
        "cos" => two("omega", "phase").map(|(omega, phase)| Coefficient::Cos { omega, phase })?,
        "sin" => two("omega", "phase").map(|(omega, phase)| Coefficient::Sin { omega, phase })?,
        "gaussian" => {
            two("center", "width").map(|(center, width)| Coefficient::Gaussian { center, width })?
        }
        "polynomial" => Coefficient::Polynomial(read_list(json, name, read_number)?),
        "table" => Coefficient::Table(read_table(value)?),
        "sum" => Coefficient::Sum(parts()?),
        "product" => Coefficient::Product(parts()?),
        other => {
            let shown: String = other.chars().take(40).flat_map(char::escape_debug).collect();
            let known = "use cos, sin, gaussian, polynomial, table, sum or product";
            return Err(invalid(format!("`{shown}` is no function of time")).with_hint(known));
        }
    })
}

fn read_table(json: &Json) -> CoreResult<Table> {
    let between = match json.get("between") {
        Some(Json::Text(text)) if text == "step" => Between::Step,
        Some(Json::Text(text)) if text == "linear" => Between::Linear,
        _ => return Err(invalid("`between` of a table is `step` or `linear`")),
    };
    let members = if let Json::Object(members) = json { members.len() } else { 0 };
    if members != 3 {
        return Err(invalid("a table has the members `between`, `times` and `values`"));
    }
    Ok(Table {
        times: read_list(json, "times", read_number)?,
        values: read_list(json, "values", read_number)?,
        between,
    })
}

fn read_initial(json: &Json) -> CoreResult<Initial> {
    let wrong = || invalid("`initial` has one member: `bits`, `product` or `circuit`");
    let Json::Object(members) = json else { return Err(wrong()) };
    let [(name, value)] = members.as_slice() else { return Err(wrong()) };
    match (name.as_str(), value) {
        ("bits", Json::Text(bits)) => Ok(Initial::Bits(bits.clone())),
        ("product", _) => {
            let angles = |pair: &Json| match pair {
                Json::Array(pair) if pair.len() == 2 => Ok((read_number(&pair[0])?, read_number(&pair[1])?)),
                _ => Err(invalid("a Bloch vector is a pair of angles")),
            };
            read_list(json, "product", angles).map(Initial::Product)
        }
        ("circuit", document) => {
            crate::aqo::read(&bytes(document)).map(|circuit| Initial::Circuit(Box::new(circuit)))
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_bytes_round_trip() {
        let text = concat!(
            r#"{"collapse":[["S-0",0.1],["Z1","gamma"]],"hamiltonian":[["X0",{"product":["a",{"cos":{"omega":2.0,"phase":0.0}}]}],"#,
            r#"["Z0 Z1",{"const":0.5,"terms":{"b":2.0}}],["Y1",{"sum":[{"gaussian":{"center":1.0,"width":0.5}},"#,
            r#"{"polynomial":[0.0,1.0]},{"table":{"between":"step","times":[0.0,1.0],"values":[1.0,2.0]}}]}]],"#,
            r#""initial":{"bits":"01"},"kind":"evolution","observables":[{"kind":"observable","qubits":2,"terms":[["Z0",1.0]],"version":"1.1"}],"#,
            r#""qubits":2,"time":2.0,"times":[0.0,0.5,2.0],"version":"1.1"}"#
        );
        let evolution = Evolution::from_aqo(text.as_bytes()).expect("valid");
        assert_eq!(String::from_utf8(evolution.to_aqo()).expect("utf8"), text);
        assert_eq!(evolution.symbols(), ["a", "b", "gamma"]);
        assert!(evolution.is_time_dependent() && evolution.is_open());
        let bound = evolution.bind(&[1.0, 2.0, 0.25]).expect("bound");
        assert!(bound.symbols().is_empty() && evolution.bind(&[1.0, 2.0, -0.25]).is_err());
    }

    #[test]
    fn bad_documents_are_refused() {
        let good = r#"{"hamiltonian":[["X0",1.0]],"kind":"evolution","qubits":1,"time":1.0,"version":"1.1"}"#;
        assert!(Evolution::from_aqo(good.as_bytes()).is_ok());
        for (from, to) in [
            ("X0", "X1"),
            ("1.0,", "-1.0,"),
            ("1.0]", "{\"exp\":1.0}]"),
            ("\"qubits\":1", "\"qubits\":0"),
            ("\"qubits\":1", "\"qubits\":65"),
            ("evolution", "circuit"),
            ("\"qubits\"", "\"bits\":1,\"qubits\""),
            ("\"time\"", "\"times\":[2.0],\"time\""),
            ("\"kind\"", "\"initial\":{\"bits\":\"2\"},\"kind\""),
        ] {
            assert!(Evolution::from_aqo(good.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
        }
    }
}
