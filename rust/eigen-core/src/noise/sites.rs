//! Sites: the channels of a model at the operations of one circuit.
use std::collections::HashMap;

use super::model::{Event, Model, Place};
use super::schedule::Clock;
use super::{Channel, invalid};
use crate::circuit::{Circuit, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;

/// A channel on particular qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Index into `Sites::channels`.
    pub channel: u32,
    /// The qubits, the channel's first first; only the first counts for a one-qubit channel.
    pub qubits: [u32; 2],
}

/// The noise of one circuit. Sites follow the circuit's stream: an operation in a block has its sites once, and they
/// act each time that it is performed. Noise of a conditional operation acts when the operation does.
#[derive(Clone, Debug)]
pub struct Sites {
    channels: Vec<Channel>,
    /// Sites before and after each operation, in order; `starts[2 i]` is where those before operation `i` begin.
    sites: Vec<Site>,
    starts: Vec<u32>,
    /// Confusion matrix of each qubit, where its readout errs.
    readout: Vec<Option<[[f64; 2]; 2]>>,
}

impl Model {
    /// What the model means for a circuit. Fails when it has no rule for a gate that it should have one for.
    pub fn sites(&self, circuit: &Circuit) -> CoreResult<Sites> {
        let rules: Vec<&Place> = self.rules.iter().map(|rule| &rule.place).collect();
        let durations: Vec<&Place> = self.durations.iter().map(|duration| &duration.place).collect();
        let index = Index::new(&rules);
        let mut clock = Clock::new(self, Index::new(&durations), circuit.num_qubits());
        let mut out = Sites {
            channels: self.rules.iter().map(|rule| rule.channel.clone()).collect(),
            sites: Vec::new(),
            starts: vec![0],
            readout: self
                .readouts(circuit.num_qubits())
                .into_iter()
                .map(|readout| readout.map(super::Readout::confusion))
                .collect(),
        };
        for operation in circuit.operations() {
            clock.begin(&operation, &mut out)?;
            if event(&operation) == Some(Event::Measure) {
                self.add(&index, &operation, &mut out)?;
            }
            out.starts.push(out.sites.len() as u32);
            if matches!(event(&operation), Some(Event::Gate | Event::Reset)) {
                self.add(&index, &operation, &mut out)?;
            }
            clock.end(&operation, &mut out)?;
            out.starts.push(out.sites.len() as u32);
        }
        Ok(out)
    }

    fn add(&self, index: &Index, operation: &Operation<'_>, out: &mut Sites) -> CoreResult<()> {
        let qubits = operation.qubits();
        for number in index.candidates(qubits) {
            let rule = &self.rules[number];
            if rule.channel.is_identity() || !is_meant(&rule.place, operation) {
                continue;
            }
            let channel = number as u32;
            if rule.channel.num_qubits() == 1 {
                let named = |qubit: u32| is_named(&rule.place, qubits, qubit);
                let sites = qubits.iter().filter(|q| named(**q)).map(|q| Site { channel, qubits: [*q, *q] });
                out.sites.extend(sites);
            } else if let [first, second] = *qubits {
                if rule.place.qubits.as_ref().is_none_or(|tuples| tuples.iter().any(|tuple| tuple == qubits))
                {
                    out.sites.push(Site { channel, qubits: [first, second] });
                }
            } else if qubits.len() > 2 && rule.place.qubits.is_none() {
                return Err(no_rule(operation));
            }
        }
        if u32::try_from(out.sites.len()).is_err() {
            return Err(CoreError::limit("noise sites of a circuit", u32::MAX as usize, out.sites.len()));
        }
        Ok(())
    }
}

fn no_rule(operation: &Operation<'_>) -> CoreError {
    let (place, name, width) = (operation.index(), operation.opcode().name(), operation.qubits().len());
    let message = format!("operation {place}: the noise model has no channel for `{name}` on {width} qubits");
    CoreError::new(ErrorCode::Unsupported, message)
        .with_hint("compile the circuit to gates on one and two qubits, or name the gates in the model")
}

impl Sites {
    /// The channels that sites point to.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The channel of a site.
    pub fn channel(&self, site: Site) -> &Channel {
        &self.channels[site.channel as usize]
    }

    /// What happens before the operation at a position of the stream.
    pub fn before(&self, index: usize) -> &[Site] {
        &self.sites[self.starts[2 * index] as usize..self.starts[2 * index + 1] as usize]
    }

    /// What happens after the operation at a position of the stream.
    pub fn after(&self, index: usize) -> &[Site] {
        &self.sites[self.starts[2 * index + 1] as usize..self.starts[2 * index + 2] as usize]
    }

    /// The number of sites.
    pub fn len(&self) -> usize {
        self.sites.len()
    }

    /// Whether no operation is followed by noise.
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }

    /// The confusion matrix `[true][recorded]` of a qubit's readout, if it errs.
    pub fn readout(&self, qubit: usize) -> Option<[[f64; 2]; 2]> {
        self.readout[qubit]
    }

    /// Adds a one-qubit channel at the end.
    pub(super) fn push(&mut self, channel: u32, qubit: u32) {
        self.sites.push(Site { channel, qubits: [qubit, qubit] });
    }

    /// Adds a channel for later sites: its index.
    pub(super) fn add_channel(&mut self, channel: Channel) -> CoreResult<u32> {
        self.channels.push(channel);
        u32::try_from(self.channels.len() - 1).map_err(|_| invalid("a noise model has too many channels"))
    }
}

/// The kind of an operation; `None` for what no noise follows.
pub(super) fn event(operation: &Operation<'_>) -> Option<Event> {
    match operation.opcode() {
        Opcode::Measure => Some(Event::Measure),
        Opcode::Reset => Some(Event::Reset),
        opcode if opcode.is_gate() => Some(Event::Gate),
        _ => None,
    }
}

/// Whether a place means an operation by its kind, gate and width.
pub(super) fn is_meant(place: &Place, operation: &Operation<'_>) -> bool {
    event(operation) == Some(place.event)
        && place.gates.as_ref().is_none_or(|gates| gates.contains(&operation.opcode()))
        && place.width.is_none_or(|width| width == operation.qubits().len())
}

/// Whether a place names a qubit of an operation, alone or with all its qubits.
pub(super) fn is_named(place: &Place, qubits: &[u32], qubit: u32) -> bool {
    place.qubits.as_ref().is_none_or(|tuples| tuples.iter().any(|tuple| tuple == qubits || *tuple == [qubit]))
}

/// Places found by the qubits that they name.
pub(super) struct Index {
    /// Places that name no qubits.
    general: Vec<usize>,
    by_qubits: HashMap<Vec<u32>, Vec<usize>>,
}

impl Index {
    pub fn new(places: &[&Place]) -> Self {
        let mut index = Index { general: Vec::new(), by_qubits: HashMap::new() };
        for (number, place) in places.iter().enumerate() {
            match &place.qubits {
                None => index.general.push(number),
                Some(tuples) => tuples.iter().for_each(|tuple| {
                    index.by_qubits.entry(tuple.clone()).or_default().push(number);
                }),
            }
        }
        index
    }

    /// Places that may mean an operation on these qubits, ascending.
    pub fn candidates(&self, qubits: &[u32]) -> Vec<usize> {
        let mut found = self.general.clone();
        if !self.by_qubits.is_empty() {
            found.extend(self.by_qubits.get(qubits).into_iter().flatten());
            found.extend(qubits.iter().filter_map(|q| self.by_qubits.get([*q].as_slice())).flatten());
            found.sort_unstable();
            found.dedup();
        }
        found
    }
}
