//! The noise of a circuit as the frames draw it: Pauli channels only, and misread outcomes.
use super::flips::Misread;
use super::mechanism::{Mechanism, Product};
use super::recognise::Gate;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::noise::{Channel, Model, Site, Sites};

/// The mechanisms of a circuit and where they strike.
pub(super) struct Noise {
    pub mechanisms: Vec<Mechanism>,
    pub misread: Vec<Misread>,
    sites: Sites,
    /// The mechanism of each channel; `None` for one that does nothing.
    of_channel: Vec<Option<usize>>,
}

impl Noise {
    /// What a model means for a circuit. Fails for channels that are no mixtures of Pauli products.
    pub fn new(model: &Model, circuit: &Circuit) -> CoreResult<Self> {
        let sites = model.sites(circuit)?;
        let mut mechanisms = Vec::new();
        let mut of_channel = Vec::with_capacity(sites.channels().len());
        for channel in sites.channels() {
            let products = products(channel).ok_or_else(|| no_mixture(channel))?;
            of_channel.push(number(&mut mechanisms, Mechanism::new(&products)));
        }
        let misread = (0..circuit.num_qubits())
            .map(|qubit| {
                let [[_, zero], [one, _]] = sites.readout(qubit).unwrap_or([[1.0, 0.0], [0.0, 1.0]]);
                let mut flip = |rate| number(&mut mechanisms, Mechanism::flip(rate)).map(|k| k as u32);
                Misread { zero: flip(zero), one: flip(one) }
            })
            .collect();
        Ok(Noise { mechanisms, misread, sites, of_channel })
    }

    /// What may strike before an operation of the circuit.
    pub fn before(&self, index: usize) -> impl Iterator<Item = Gate> {
        self.gates(self.sites.before(index))
    }

    /// What may strike after an operation of the circuit.
    pub fn after(&self, index: usize) -> impl Iterator<Item = Gate> {
        self.gates(self.sites.after(index))
    }

    fn gates(&self, sites: &[Site]) -> impl Iterator<Item = Gate> {
        sites.iter().filter_map(|site| {
            let mechanism = self.of_channel[site.channel as usize]?;
            let count = self.sites.channel(*site).num_qubits();
            Some(Gate::Error { mechanism, qubits: site.qubits[..count].into() })
        })
    }
}

/// The number of a mechanism; equal ones have the same, so that their trials are skipped together.
fn number(known: &mut Vec<Mechanism>, mechanism: Option<Mechanism>) -> Option<usize> {
    let mechanism = mechanism?;
    if let Some(found) = known.iter().position(|other| *other == mechanism) {
        return Some(found);
    }
    known.push(mechanism);
    Some(known.len() - 1)
}

fn products(channel: &Channel) -> Option<Vec<(Product, f64)>> {
    let probabilities = channel.pauli_probabilities()?;
    let product = |index: usize| {
        let letter = |code: usize| match code {
            1 => (1, 0),
            2 => (1, 1),
            3 => (0, 1),
            _ => (0, 0),
        };
        let ((x0, z0), (x1, z1)) = (letter(index % 4), letter(index / 4));
        Product { x: x0 | x1 << 1, z: z0 | z1 << 1 }
    };
    Some(probabilities.iter().enumerate().map(|(index, weight)| (product(index), *weight)).collect())
}

fn no_mixture(channel: &Channel) -> CoreError {
    let name = match channel {
        Channel::Kraus { .. } => "the Kraus channel",
        Channel::AmplitudeDamping { .. } => "amplitude damping",
        Channel::ThermalRelaxation { .. } => "thermal relaxation",
        Channel::Reset { .. } => "the random reset",
        _ => "the channel",
    };
    let message = format!(
        "{name} of the noise model is no mixture of Pauli products, and the stabilizer engine draws no other"
    );
    CoreError::new(ErrorCode::Unsupported, message)
        .with_hint("use Pauli channels, or an engine that keeps the state")
}
