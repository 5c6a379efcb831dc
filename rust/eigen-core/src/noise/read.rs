//! Reading models from JSON: strict, every member known, every number checked.
use super::calibration;
use super::channel::Channel;
use super::invalid;
use super::json::VERSION;
use super::model::{Event, Model, Place, Readout, Relaxation};
use crate::error::CoreResult;
use crate::gate;
use crate::json::{Json, parse};
use crate::math::{C64, Matrix};

impl Model {
    /// Reads a model (`"kind":"noise"`), or makes one from calibration data (`"kind":"calibration"`).
    pub fn from_json(text: &[u8]) -> CoreResult<Self> {
        let json = parse(text)?;
        let root = Object::new("a noise model", &json)?;
        match root.text("kind")? {
            "noise" => read_model(&root),
            "calibration" => calibration::read(&root),
            other => Err(invalid(format!("`kind` must be `noise` or `calibration`, not `{}`", shown(other)))),
        }
    }
}

fn read_model(root: &Object<'_>) -> CoreResult<Model> {
    root.only(&["dt_ns", "durations", "kind", "readout", "relaxation", "rules", "version"])?;
    root.version()?;
    let mut model = Model::default();
    for rule in root.list("a rule", "rules")? {
        rule.only(&["channel", "gates", "on", "qubits", "width"])?;
        let channel = Object::new("a channel", rule.member("channel")?)?;
        model = model.with_rule(read_place(&rule)?, read_channel(&channel)?)?;
    }
    for readout in root.list("a readout error", "readout")? {
        model =
            model.with_readout(read_readout(&readout, &["one_given_zero", "qubits", "zero_given_one"])?)?;
    }
    for relaxation in root.list("a relaxation", "relaxation")? {
        relaxation.only(&["excited", "qubits", "t1_ns", "t2_ns"])?;
        model = model.with_relaxation(Relaxation {
            t1_ns: relaxation.number("t1_ns")?,
            t2_ns: relaxation.number("t2_ns")?,
            excited: relaxation.number_or("excited", 0.0)?,
            qubits: relaxation.indices_or_all("qubits")?,
        })?;
    }
    for duration in root.list("a duration", "durations")? {
        duration.only(&["gates", "ns", "on", "qubits", "width"])?;
        model = model.with_duration(read_place(&duration)?, duration.number("ns")?)?;
    }
    match root.optional("dt_ns") {
        Some(_) => model.with_dt(root.number("dt_ns")?),
        None => Ok(model),
    }
}

fn read_place(json: &Object<'_>) -> CoreResult<Place> {
    let event = match json.optional("on").map(|_| json.text("on")).transpose()? {
        None | Some("gate") => Event::Gate,
        Some("measure") => Event::Measure,
        Some("reset") => Event::Reset,
        Some(other) => {
            return Err(invalid(format!("`on` is `gate`, `measure` or `reset`, not `{}`", shown(other))));
        }
    };
    let names = json.optional("gates").map(|_| json.array("gates")).transpose()?;
    let gates = names.map(|names| names.iter().map(read_gate).collect()).transpose()?;
    let tuples = json.optional("qubits").map(|_| json.array("qubits")).transpose()?;
    let qubits = tuples.map(|tuples| tuples.iter().map(indices).collect()).transpose()?;
    let width = json.optional("width").map(|width| index(width).map(|width| width as usize)).transpose()?;
    Ok(Place { event, gates, width, qubits })
}

pub(super) fn read_gate(json: &Json) -> CoreResult<gate::Opcode> {
    let Json::Text(name) = json else {
        return Err(invalid(format!("the name of a gate is a string, not {}", json.kind())));
    };
    gate::find(name)
        .map(|spec| spec.opcode)
        .ok_or_else(|| invalid(format!("there is no gate `{}`", shown(name))))
}

pub(super) fn read_readout(json: &Object<'_>, known: &[&str]) -> CoreResult<Readout> {
    json.only(known)?;
    Ok(Readout {
        one_given_zero: json.number("one_given_zero")?,
        zero_given_one: json.number("zero_given_one")?,
        qubits: json.indices_or_all("qubits")?,
    })
}

fn read_channel(json: &Object<'_>) -> CoreResult<Channel> {
    let kind = json.text("kind")?;
    let known: &[&str] = match kind {
        "kraus" => &["kind", "operators"],
        "pauli" => &["kind", "probabilities"],
        "depolarizing" => &["kind", "probability", "qubits"],
        "amplitude_damping" => &["excited", "gamma", "kind"],
        "phase_damping" => &["kind", "lambda"],
        "thermal_relaxation" => &["duration_ns", "excited", "kind", "t1_ns", "t2_ns"],
        "reset" => &["kind", "one", "zero"],
        other => return Err(invalid(format!("there is no channel `{}`", shown(other))).with_hint(
            "use kraus, pauli, depolarizing, amplitude_damping, phase_damping, thermal_relaxation or reset",
        )),
    };
    json.only(known)?;
    match kind {
        "kraus" => Channel::kraus(json.array("operators")?.iter().map(matrix).collect::<CoreResult<_>>()?),
        "pauli" => read_pauli(json.member("probabilities")?),
        "depolarizing" => {
            let qubits = json.optional("qubits").map_or(Ok(1), index)?;
            Channel::depolarizing(qubits as usize, json.number("probability")?)
        }
        "amplitude_damping" => {
            Channel::amplitude_damping(json.number("gamma")?, json.number_or("excited", 0.0)?)
        }
        "phase_damping" => Channel::phase_damping(json.number("lambda")?),
        "thermal_relaxation" => Channel::thermal_relaxation(
            json.number("t1_ns")?,
            json.number("t2_ns")?,
            json.number("duration_ns")?,
            json.number_or("excited", 0.0)?,
        ),
        _ => Channel::reset(json.number_or("zero", 0.0)?, json.number_or("one", 0.0)?),
    }
}

/// All 4 or 16 probabilities in a list, or those of the strings that occur by their letters.
fn read_pauli(json: &Json) -> CoreResult<Channel> {
    match json {
        Json::Array(values) => Channel::pauli(values.iter().map(number).collect::<CoreResult<_>>()?),
        Json::Object(members) if members.len() <= 15 => {
            let read = |(letters, value): &(String, Json)| Ok((letters.clone(), number(value)?));
            Channel::pauli_strings(&members.iter().map(read).collect::<CoreResult<Vec<_>>>()?)
        }
        other => {
            Err(invalid(format!("`probabilities` is a list, or numbers by string, not {}", other.kind())))
        }
    }
}

fn matrix(json: &Json) -> CoreResult<Matrix> {
    let wrong = || invalid("an operator is 2 or 4 rows of as many pairs [real, imaginary]");
    let Json::Array(rows) = json else { return Err(wrong()) };
    if rows.len() != 2 && rows.len() != 4 {
        return Err(wrong());
    }
    let mut entries = Vec::new();
    for row in rows {
        let Json::Array(row) = row else { return Err(wrong()) };
        if row.len() != rows.len() {
            return Err(wrong());
        }
        for entry in row {
            match entry {
                Json::Array(pair) if pair.len() == 2 => {
                    entries.push(C64::new(number(&pair[0])?, number(&pair[1])?));
                }
                _ => return Err(wrong()),
            }
        }
    }
    Matrix::from_entries(entries).ok_or_else(wrong)
}

fn number(json: &Json) -> CoreResult<f64> {
    match json {
        Json::Float(value) => Ok(*value),
        Json::Int(value) => Ok(*value as f64),
        other => Err(invalid(format!("a number is wanted, not {}", other.kind()))),
    }
}

fn index(json: &Json) -> CoreResult<u32> {
    match json {
        Json::Int(value) => u32::try_from(*value).map_err(|_| invalid(format!("`{value}` is no index"))),
        other => Err(invalid(format!("a whole number is wanted, not {}", other.kind()))),
    }
}

pub(super) fn indices(json: &Json) -> CoreResult<Vec<u32>> {
    match json {
        Json::Array(values) => values.iter().map(index).collect(),
        other => Err(invalid(format!("a list of qubits is wanted, not {}", other.kind()))),
    }
}

pub(super) fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

/// A JSON object, with what it is for messages.
pub(super) struct Object<'a> {
    what: &'a str,
    json: &'a Json,
}

impl<'a> Object<'a> {
    pub fn new(what: &'a str, json: &'a Json) -> CoreResult<Self> {
        match json {
            Json::Object(_) => Ok(Object { what, json }),
            other => Err(invalid(format!("{what} is an object, not {}", other.kind()))),
        }
    }

    pub fn only(&self, known: &[&str]) -> CoreResult<()> {
        let Json::Object(members) = self.json else { return Ok(()) };
        match members.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(invalid(format!("member `{}` is not known in {}", shown(key), self.what))),
            None => Ok(()),
        }
    }

    pub fn version(&self) -> CoreResult<()> {
        let version = self.text("version")?;
        if version == VERSION {
            return Ok(());
        }
        Err(invalid(format!("`version` must be `{VERSION}`, not `{}`", shown(version))))
    }

    pub fn optional(&self, key: &str) -> Option<&'a Json> {
        self.json.get(key)
    }

    pub fn member(&self, key: &str) -> CoreResult<&'a Json> {
        self.json.get(key).ok_or_else(|| invalid(format!("{} has no `{key}`", self.what)))
    }

    pub fn text(&self, key: &str) -> CoreResult<&'a str> {
        match self.member(key)? {
            Json::Text(text) => Ok(text),
            other => Err(invalid(format!("`{key}` is a string, not {}", other.kind()))),
        }
    }

    pub fn number(&self, key: &str) -> CoreResult<f64> {
        number(self.member(key)?).map_err(|error| error.at(format_args!("`{key}` of {}", self.what)))
    }

    pub fn number_or(&self, key: &str, usual: f64) -> CoreResult<f64> {
        self.optional(key).map_or(Ok(usual), |_| self.number(key))
    }

    pub fn array(&self, key: &str) -> CoreResult<&'a [Json]> {
        match self.member(key)? {
            Json::Array(values) => Ok(values),
            other => Err(invalid(format!("`{key}` is a list, not {}", other.kind()))),
        }
    }

    /// The objects of a list that may be missing.
    pub fn list(&self, what: &'a str, key: &str) -> CoreResult<Vec<Object<'a>>> {
        let values = if self.optional(key).is_some() { self.array(key)? } else { &[] };
        values.iter().map(|value| Object::new(what, value)).collect()
    }

    pub fn indices_or_all(&self, key: &str) -> CoreResult<Option<Vec<u32>>> {
        self.optional(key).map(indices).transpose()
    }
}
