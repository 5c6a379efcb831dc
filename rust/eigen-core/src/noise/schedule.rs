//! Time: as early as possible, operation by operation, so that waiting qubits relax as long as they wait.
//!
//! A qubit begins to relax with its first operation. Barriers make their qubits wait for each other. Waiting across the
//! edge of a block is not counted: how long a block takes is not known before it runs.
use std::collections::HashMap;

use super::channel::Channel;
use super::invalid;
use super::model::{Model, Relaxation};
use super::sites::{Index, Sites, is_meant, is_named};
use crate::circuit::{DurationUnit, Operation};
use crate::error::CoreResult;
use crate::gate::Opcode;

/// Where each qubit stands in time while a circuit is walked.
pub(super) struct Clock<'a> {
    model: &'a Model,
    durations: Index,
    relaxation: Vec<Option<&'a Relaxation>>,
    /// When each qubit is free again, from its first operation on.
    free_ns: Vec<Option<f64>>,
    /// Channels made so far, by qubit and bits of the duration.
    known: HashMap<(u32, u64), u32>,
}

impl<'a> Clock<'a> {
    pub fn new(model: &'a Model, durations: Index, num_qubits: usize) -> Self {
        let is_timed = !model.relaxation.is_empty();
        let free_ns = if is_timed { vec![None; num_qubits] } else { Vec::new() };
        let relaxation = model.relaxations(free_ns.len());
        Clock { model, durations, relaxation, free_ns, known: HashMap::new() }
    }

    /// Lets the qubits of an operation wait for each other.
    pub fn begin(&mut self, operation: &Operation<'_>, out: &mut Sites) -> CoreResult<()> {
        if self.free_ns.is_empty() {
            return Ok(());
        }
        if operation.opcode().is_control_flow() {
            self.free_ns.fill(None);
            return Ok(());
        }
        let all: Vec<u32> = (0..self.free_ns.len() as u32).collect();
        let is_full_barrier = operation.opcode() == Opcode::Barrier && operation.qubits().is_empty();
        let qubits = if is_full_barrier { &all } else { operation.qubits() };
        let free = |q: &u32| self.free_ns[*q as usize];
        let Some(start) = qubits.iter().filter_map(free).reduce(f64::max) else { return Ok(()) };
        for &qubit in qubits {
            if let Some(free) = self.free_ns[qubit as usize] {
                self.relax(qubit, start - free, out)?;
                self.free_ns[qubit as usize] = Some(start);
            }
        }
        Ok(())
    }

    /// Lets the time of an operation pass on its qubits.
    pub fn end(&mut self, operation: &Operation<'_>, out: &mut Sites) -> CoreResult<()> {
        if self.free_ns.is_empty()
            || operation.opcode().is_control_flow()
            || operation.opcode() == Opcode::Barrier
        {
            return Ok(());
        }
        let duration = self.duration(operation)?;
        let start = operation.qubits().iter().find_map(|q| self.free_ns[*q as usize]).unwrap_or(0.0);
        for &qubit in operation.qubits() {
            self.free_ns[qubit as usize] = Some(start + duration);
            self.relax(qubit, duration, out)?;
        }
        Ok(())
    }

    fn duration(&self, operation: &Operation<'_>) -> CoreResult<f64> {
        if operation.opcode() == Opcode::Delay {
            return self.delay(operation);
        }
        let qubits = operation.qubits();
        let applies = |number: &usize| {
            let place = &self.model.durations[*number].place;
            is_meant(place, operation) && qubits.iter().any(|q| is_named(place, qubits, *q))
        };
        let found = self.durations.candidates(qubits).into_iter().rev().find(applies);
        Ok(found.map_or(0.0, |number| self.model.durations[number].ns))
    }

    fn delay(&self, operation: &Operation<'_>) -> CoreResult<f64> {
        let place = operation.index();
        if operation.is_symbolic() {
            return Err(invalid(format!("operation {place}: relaxation needs a delay that is a number")));
        }
        let unit = match operation.unit() {
            DurationUnit::Ns => 1.0,
            DurationUnit::Us => 1e3,
            DurationUnit::Ms => 1e6,
            DurationUnit::S => 1e9,
            DurationUnit::Dt => self.model.dt_ns.ok_or_else(|| {
                invalid(format!("operation {place}: the noise model does not say how long `dt` is"))
            })?,
        };
        Ok(operation.values(&[]).first().map_or(0.0, |length| (length * unit).max(0.0)))
    }

    fn relax(&mut self, qubit: u32, duration_ns: f64, out: &mut Sites) -> CoreResult<()> {
        let relaxation = self.relaxation[qubit as usize].filter(|_| duration_ns > 0.0);
        let Some(relaxation) = relaxation else { return Ok(()) };
        let channel = match self.known.get(&(qubit, duration_ns.to_bits())) {
            Some(channel) => *channel,
            None => {
                let (t1, t2) = (relaxation.t1_ns, relaxation.t2_ns);
                let made = Channel::thermal_relaxation(t1, t2, duration_ns, relaxation.excited)?;
                let channel = out.add_channel(made)?;
                self.known.insert((qubit, duration_ns.to_bits()), channel);
                channel
            }
        };
        out.push(channel, qubit);
        Ok(())
    }
}
