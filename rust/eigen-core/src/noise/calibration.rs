//! A model from calibration data: relaxation and readout of each qubit, and for each gate the depolarising noise that,
//! together with the relaxation while it lasts, gives the gate error that was measured.
//!
//! `{"kind":"calibration","version":"1","qubits":[{"t1_ns","t2_ns","excited","one_given_zero","zero_given_one"}],
//! "gates":[{"gate","qubits","error","duration_ns"}],"measure_ns","reset_ns","dt_ns"}`; qubit `k` is entry `k`. A gate's
//! error is one minus its average fidelity. (The construction is that of Georgopoulos, Emary and Zuliani, Phys. Rev. A
//! 104, 062432, section III.)
use super::channel::{Channel, share};
use super::invalid;
use super::model::{Event, Model, Place, Relaxation};
use super::read::{Object, indices, read_gate};
use crate::error::CoreResult;
use crate::math::C64;

pub(super) fn read(root: &Object<'_>) -> CoreResult<Model> {
    root.only(&["dt_ns", "gates", "kind", "measure_ns", "qubits", "reset_ns", "version"])?;
    root.version()?;
    let mut model = Model::default();
    for (qubit, json) in root.list("a qubit's calibration", "qubits")?.iter().enumerate() {
        model =
            read_qubit(model, json, qubit as u32).map_err(|error| error.at(format_args!("qubit {qubit}")))?;
    }
    for (number, json) in root.list("a gate's calibration", "gates")?.iter().enumerate() {
        model = read_gate_error(model, json).map_err(|error| error.at(format_args!("gate {number}")))?;
    }
    for (key, event) in [("measure_ns", Event::Measure), ("reset_ns", Event::Reset)] {
        if root.optional(key).is_some() {
            model = model.with_duration(Place::every(event), root.number(key)?)?;
        }
    }
    match root.optional("dt_ns") {
        Some(_) => model.with_dt(root.number("dt_ns")?),
        None => Ok(model),
    }
}

fn read_qubit(model: Model, json: &Object<'_>, qubit: u32) -> CoreResult<Model> {
    json.only(&["excited", "one_given_zero", "t1_ns", "t2_ns", "zero_given_one"])?;
    let mut model = model;
    let only = Some(vec![qubit]);
    if json.optional("t1_ns").is_some() || json.optional("t2_ns").is_some() {
        let t1_ns = json.number("t1_ns")?;
        // Measured times scatter: a T2 above its bound means that there is no pure dephasing to be seen.
        let t2_ns = json.number_or("t2_ns", t1_ns)?.min(2.0 * t1_ns);
        let excited = json.number_or("excited", 0.0)?;
        model = model.with_relaxation(Relaxation { t1_ns, t2_ns, excited, qubits: only.clone() })?;
    }
    let (one, zero) = (json.number_or("one_given_zero", 0.0)?, json.number_or("zero_given_one", 0.0)?);
    if one == 0.0 && zero == 0.0 {
        return Ok(model);
    }
    model.with_readout(super::Readout { one_given_zero: one, zero_given_one: zero, qubits: only })
}

fn read_gate_error(model: Model, json: &Object<'_>) -> CoreResult<Model> {
    json.only(&["duration_ns", "error", "gate", "qubits"])?;
    let opcode = read_gate(json.member("gate")?)?;
    let qubits = indices(json.member("qubits")?)?;
    if !matches!(qubits.len(), 1 | 2) {
        let count = qubits.len();
        return Err(invalid(format!("calibrated gates act on 1 or 2 qubits, not `{count}`")));
    }
    let (error, duration_ns) = (json.number_or("error", 0.0)?, json.number_or("duration_ns", 0.0)?);
    share("a gate error", error)?;
    let place = Place {
        event: Event::Gate,
        gates: Some(vec![opcode]),
        width: None,
        qubits: Some(vec![qubits.clone()]),
    };
    let probability = depolarizing_share(&model, &qubits, error, duration_ns)?;
    let model = model.with_duration(place.clone(), duration_ns)?;
    if probability == 0.0 {
        return Ok(model);
    }
    model.with_rule(place, Channel::depolarizing(qubits.len(), probability)?)
}

/// The probability of depolarising noise that lowers the fidelity of relaxation to `1 - error`; 0 when relaxation alone
/// is worse than that.
fn depolarizing_share(model: &Model, qubits: &[u32], error: f64, duration_ns: f64) -> CoreResult<f64> {
    let dim = (1usize << qubits.len()) as f64;
    let mut process = 1.0;
    let named = |relaxation: &&Relaxation| relaxation.qubits.iter().flatten().any(|q| qubits.contains(q));
    for relaxation in model.relaxation.iter().filter(named) {
        let (t1, t2) = (relaxation.t1_ns, relaxation.t2_ns);
        let matrix = Channel::thermal_relaxation(t1, t2, duration_ns, relaxation.excited)?.superoperator();
        process *= (0..4).map(|k| matrix.get(k, k)).sum::<C64>().re / 4.0;
    }
    let relaxed = (dim * process + 1.0) / (dim + 1.0);
    let replaced = (relaxed - (1.0 - error)) / (relaxed - 1.0 / dim);
    Ok((replaced * (dim * dim - 1.0) / (dim * dim)).clamp(0.0, 1.0))
}
