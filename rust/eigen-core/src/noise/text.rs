//! Models as short text: named noises with numbers, joined by `+`, such as `depolarizing(0.001, 0.01) + readout(0.02)`.
use super::channel::Channel;
use super::invalid;
use super::model::{Event, Model, Place, Readout, Relaxation};
use super::read::shown;
use crate::error::{CoreError, CoreResult};

/// Longest text that is read.
const MOST_BYTES: usize = 4096;

/// One noise and what it takes, for messages and documentation.
const NOISES: &[(&str, &[&str])] = &[
    ("depolarizing", &["p", "p2"]),
    ("bit_flip", &["p"]),
    ("phase_flip", &["p"]),
    ("pauli", &["x", "y", "z"]),
    ("amplitude_damping", &["gamma"]),
    ("phase_damping", &["lambda"]),
    ("thermal", &["t1", "t2", "gate", "gate2", "measure", "reset", "excited"]),
    ("readout", &["p10", "p01"]),
    ("measure", &["p"]),
    ("reset", &["p"]),
];

impl Model {
    /// Reads named noises joined by `+`, or, from a `{` on, the JSON form.
    pub fn parse(text: &str) -> CoreResult<Self> {
        if text.trim_start().starts_with('{') {
            return Self::from_json(text.as_bytes());
        }
        if text.len() > MOST_BYTES {
            return Err(CoreError::limit("bytes of a noise model's text", MOST_BYTES, text.len()));
        }
        let mut model = Model::default();
        for part in parts(text) {
            model = model.plus(named(part.trim())?)?;
        }
        Ok(model)
    }
}

/// The text between the `+` that stand outside parentheses.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0i32, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            '+' if depth == 0 => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out
}

fn named(text: &str) -> CoreResult<Model> {
    let (name, rest) = text.split_once('(').unwrap_or((text, ")"));
    let name = name.trim();
    let Some((_, wanted)) = NOISES.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = NOISES.iter().map(|(known, _)| *known).collect();
        return Err(invalid(format!("there is no noise `{}`", shown(name)))
            .with_hint(format!("use {}, joined by `+`", known.join(", "))));
    };
    let Some(inner) = rest.strip_suffix(')') else {
        return Err(invalid(format!("`{}` lacks its closing parenthesis", shown(text))));
    };
    let arguments = Arguments::read(name, wanted, inner)?;
    model(name, &arguments).map_err(|error| error.at(format_args!("{name}")))
}

fn model(name: &str, given: &Arguments<'_>) -> CoreResult<Model> {
    let (none, gate) = (Model::default(), Place::every(Event::Gate));
    match name {
        "depolarizing" => match given.optional("p2") {
            None => none.with_rule(gate, Channel::depolarizing(1, given.number("p")?)?),
            Some(p2) => none
                .with_rule(Place::gates_of_width(1), Channel::depolarizing(1, given.number("p")?)?)?
                // Gates on more qubits than two are refused: the channel has no meaning for them.
                .with_rule(gate, Channel::depolarizing(2, p2)?),
        },
        "bit_flip" => none.with_rule(gate, flip("X", given.number("p")?)?),
        "phase_flip" => none.with_rule(gate, flip("Z", given.number("p")?)?),
        "pauli" => {
            let probability = |letter: &str| given.optional(letter).unwrap_or(0.0);
            let strings = [("X", "x"), ("Y", "y"), ("Z", "z")].map(|(l, k)| (l.to_string(), probability(k)));
            none.with_rule(gate, Channel::pauli_strings(&strings)?)
        }
        "amplitude_damping" => none.with_rule(gate, Channel::amplitude_damping(given.number("gamma")?, 0.0)?),
        "phase_damping" => none.with_rule(gate, Channel::phase_damping(given.number("lambda")?)?),
        "thermal" => thermal(given),
        "readout" => {
            let one_given_zero = given.number("p10")?;
            let zero_given_one = given.optional("p01").unwrap_or(one_given_zero);
            none.with_readout(Readout { one_given_zero, zero_given_one, qubits: None })
        }
        "measure" => none.with_rule(Place::every(Event::Measure), flip("X", given.number("p")?)?),
        _ => none.with_rule(Place::every(Event::Reset), flip("X", given.number("p")?)?),
    }
}

fn flip(letter: &str, probability: f64) -> CoreResult<Channel> {
    Channel::pauli_strings(&[(letter.to_string(), probability)])
}

fn thermal(given: &Arguments<'_>) -> CoreResult<Model> {
    let (t1_ns, t2_ns, gate_ns) = (given.number("t1")?, given.number("t2")?, given.number("gate")?);
    let excited = given.optional("excited").unwrap_or(0.0);
    let mut model = Model::default()
        .with_relaxation(Relaxation { t1_ns, t2_ns, excited, qubits: None })?
        .with_duration(Place::every(Event::Gate), given.optional("gate2").unwrap_or(gate_ns))?
        .with_duration(Place::gates_of_width(1), gate_ns)?;
    for (key, event) in [("measure", Event::Measure), ("reset", Event::Reset)] {
        if let Some(ns) = given.optional(key) {
            model = model.with_duration(Place::every(event), ns)?;
        }
    }
    Ok(model)
}

/// The numbers of one noise, by the names of its parameters.
struct Arguments<'a> {
    noise: &'a str,
    given: Vec<(&'static str, f64)>,
}

impl<'a> Arguments<'a> {
    fn read(noise: &'a str, wanted: &[&'static str], text: &str) -> CoreResult<Self> {
        let mut out = Arguments { noise, given: Vec::new() };
        for (place, part) in text.split(',').enumerate().filter(|_| !text.trim().is_empty()) {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (wanted.iter().find(|known| **known == name.trim()), value),
                None => (wanted.get(place), part),
            };
            let Some(name) = name.filter(|name| out.optional(name).is_none()) else {
                return Err(invalid(format!("`{noise}` does not take `{}`", shown(part.trim())))
                    .with_hint(format!("it takes {}", wanted.join(", "))));
            };
            out.given.push((*name, quantity(value.trim())?));
        }
        Ok(out)
    }

    fn optional(&self, name: &str) -> Option<f64> {
        self.given.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn number(&self, name: &str) -> CoreResult<f64> {
        self.optional(name).ok_or_else(|| invalid(format!("`{}` needs `{name}`", self.noise)))
    }
}

/// A number, or a time with its unit in nanoseconds.
fn quantity(text: &str) -> CoreResult<f64> {
    let units = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)];
    let unit = units.iter().find_map(|(unit, ns)| text.strip_suffix(unit).map(|rest| (rest.trim_end(), *ns)));
    let (digits, factor) = unit.unwrap_or((text, 1.0));
    let value = digits.parse::<f64>().ok().filter(|value| value.is_finite());
    value.map(|value| value * factor).ok_or_else(|| invalid(format!("`{}` is no number", shown(text))))
}
