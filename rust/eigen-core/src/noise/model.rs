//! Models: which channels act where in a circuit, how readout errs, how long operations take.
use super::channel::{Channel, check_times, share};
use super::invalid;
use crate::error::{CoreError, CoreResult};
use crate::gate::Opcode;

/// Rules, readout errors, relaxations and durations of one model together.
const MOST_RULES: usize = 100_000;
/// Lists of qubits that one place may name.
const MOST_TUPLES: usize = 100_000;

/// What a channel is tied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A gate: the channel follows it.
    Gate,
    /// A measurement: the channel precedes it.
    Measure,
    /// A reset: the channel follows it.
    Reset,
}

/// Operations of a circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The kind of operation.
    pub event: Event,
    /// The gates meant; all when `None`.
    pub gates: Option<Vec<Opcode>>,
    /// Number of qubits of the gates meant, controls included; any when `None`.
    pub width: Option<usize>,
    /// The qubits of the operations meant, in their order; any when `None`. A single qubit in the place of a one-qubit
    /// channel means that qubit, whatever the width of the operation.
    pub qubits: Option<Vec<Vec<u32>>>,
}

impl Place {
    /// Every operation of a kind.
    pub fn every(event: Event) -> Self {
        Place { event, gates: None, width: None, qubits: None }
    }

    /// Every gate on so many qubits.
    pub fn gates_of_width(width: usize) -> Self {
        Place { width: Some(width), ..Place::every(Event::Gate) }
    }

    fn check(&self) -> CoreResult<()> {
        let tuples = self.qubits.as_ref().map_or(0, Vec::len);
        if tuples > MOST_TUPLES {
            return Err(CoreError::limit(
                "lists of qubits in one rule of a noise model",
                MOST_TUPLES,
                tuples,
            ));
        }
        for qubits in self.qubits.iter().flatten() {
            if qubits.is_empty() || qubits.iter().enumerate().any(|(k, q)| qubits[..k].contains(q)) {
                return Err(invalid(format!("`{qubits:?}` is no list of distinct qubits")));
            }
        }
        match self.gates.iter().flatten().find(|opcode| !opcode.is_gate()) {
            Some(bad) => Err(invalid(format!("`{}` is not a gate", bad.name()))),
            None => Ok(()),
        }
    }
}

/// A channel after (or, for measurements, before) operations. A one-qubit channel acts on each qubit of them, a
/// two-qubit channel on both qubits of operations that have two.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Where.
    pub place: Place,
    /// What happens.
    pub channel: Channel,
}

/// How a measurement's record errs.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout {
    /// Probability that 1 is recorded for 0.
    pub one_given_zero: f64,
    /// Probability that 0 is recorded for 1.
    pub zero_given_one: f64,
    /// Qubits meant; all when `None`.
    pub qubits: Option<Vec<u32>>,
}

impl Readout {
    /// The confusion matrix: entry `[true][recorded]`.
    pub fn confusion(&self) -> [[f64; 2]; 2] {
        [[1.0 - self.one_given_zero, self.one_given_zero], [self.zero_given_one, 1.0 - self.zero_given_one]]
    }
}

/// How qubits relax as time passes, while they wait and while they are worked on.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// Time constant of the populations.
    pub t1_ns: f64,
    /// Time constant of the coherences.
    pub t2_ns: f64,
    /// Population of |1> in equilibrium.
    pub excited: f64,
    /// Qubits meant; all when `None`.
    pub qubits: Option<Vec<u32>>,
}

/// How long operations take.
#[derive(Clone, Debug, PartialEq)]
pub struct Duration {
    /// Which operations.
    pub place: Place,
    /// How long.
    pub ns: f64,
}

/// A noise model. All rules that apply act, in their order; of readout errors, relaxations and durations the last that
/// applies counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub(super) rules: Vec<Rule>,
    pub(super) readout: Vec<Readout>,
    pub(super) relaxation: Vec<Relaxation>,
    pub(super) durations: Vec<Duration>,
    /// Length of the unit `dt` of delays.
    pub(super) dt_ns: Option<f64>,
}

impl Model {
    /// Adds a channel.
    pub fn with_rule(mut self, place: Place, channel: Channel) -> CoreResult<Self> {
        place.check()?;
        self.rules.push(Rule { place, channel });
        self.counted()
    }

    /// Adds a readout error.
    pub fn with_readout(mut self, readout: Readout) -> CoreResult<Self> {
        share("the probability of reading 1 for 0", readout.one_given_zero)?;
        share("the probability of reading 0 for 1", readout.zero_given_one)?;
        self.readout.push(readout);
        self.counted()
    }

    /// Adds relaxation.
    pub fn with_relaxation(mut self, relaxation: Relaxation) -> CoreResult<Self> {
        check_times(relaxation.t1_ns, relaxation.t2_ns, relaxation.excited)?;
        self.relaxation.push(relaxation);
        self.counted()
    }

    /// Sets how long operations take.
    pub fn with_duration(mut self, place: Place, ns: f64) -> CoreResult<Self> {
        place.check()?;
        check_duration(ns)?;
        self.durations.push(Duration { place, ns });
        self.counted()
    }

    /// Sets the length of the unit `dt` of delays.
    pub fn with_dt(mut self, ns: f64) -> CoreResult<Self> {
        check_duration(ns)?;
        self.dt_ns = Some(ns);
        Ok(self)
    }

    /// Both: first this model, then the other.
    pub fn plus(mut self, other: Model) -> CoreResult<Self> {
        self.rules.extend(other.rules);
        self.readout.extend(other.readout);
        self.relaxation.extend(other.relaxation);
        self.durations.extend(other.durations);
        self.dt_ns = other.dt_ns.or(self.dt_ns);
        self.counted()
    }

    /// The channels and where they act.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether its channels, of those that are not readout errors, are mixtures of Pauli strings.
    pub fn is_pauli(&self) -> bool {
        self.relaxation.is_empty()
            && self.rules.iter().all(|rule| rule.channel.pauli_probabilities().is_some())
    }

    /// Whether it has neither channels nor relaxation: only readout may err.
    pub fn is_readout_only(&self) -> bool {
        self.relaxation.is_empty() && self.rules.iter().all(|rule| rule.channel.is_identity())
    }

    /// How the record of a measurement of each of the first qubits errs.
    pub(super) fn readouts(&self, num_qubits: usize) -> Vec<Option<&Readout>> {
        last_of_each(&self.readout, |readout| readout.qubits.as_deref(), num_qubits)
    }

    /// How each of the first qubits relaxes.
    pub(super) fn relaxations(&self, num_qubits: usize) -> Vec<Option<&Relaxation>> {
        last_of_each(&self.relaxation, |relaxation| relaxation.qubits.as_deref(), num_qubits)
    }

    fn counted(self) -> CoreResult<Self> {
        let rules = self.rules.len() + self.readout.len() + self.relaxation.len() + self.durations.len();
        if rules > MOST_RULES {
            return Err(CoreError::limit("rules of a noise model", MOST_RULES, rules));
        }
        Ok(self)
    }
}

/// For each qubit the last item that means it.
fn last_of_each<T>(items: &[T], qubits: impl Fn(&T) -> Option<&[u32]>, num_qubits: usize) -> Vec<Option<&T>> {
    let mut out = vec![None; num_qubits];
    for item in items {
        match qubits(item) {
            None => out.fill(Some(item)),
            Some(named) => {
                named
                    .iter()
                    .filter(|q| (**q as usize) < num_qubits)
                    .for_each(|q| out[*q as usize] = Some(item));
            }
        }
    }
    out
}

fn check_duration(ns: f64) -> CoreResult<()> {
    if ns.is_finite() && ns >= 0.0 {
        return Ok(());
    }
    Err(invalid(format!("a duration is finite and not negative, not `{ns}` ns")))
}
