//! A prepared state vector whose energies and gradients come from lanes where the circuit is small enough.
use super::{Answer, Lanes, Prepared as Image};
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::Observable;
use crate::sim::counts::Counts;
use crate::sim::engine::{Fact, Prepared, Resources, check_values, each_set};
use crate::sim::estimate;
use crate::sim::share::Share;
use crate::sim::snapshot::Watch;
use crate::sim::workers::Workers;

/// Qubits up to which lanes are tried.
const MOST_QUBITS: usize = 26;
/// Observables kept in coordinates.
const MOST_OBSERVABLES: usize = 4;

/// Asks `inner` what lanes do not answer.
pub(crate) struct SmallState {
    inner: Box<dyn Prepared>,
    circuit: Circuit,
    resources: Resources,
    lanes: Slot,
    /// The observables asked for last, with their images; no image where tables would be too large.
    observables: Vec<(Observable, Option<Image>)>,
    answered_by_lanes: bool,
}

/// The circuit in lanes, made when it is first of use.
enum Slot {
    Untried,
    Never,
    Ready(Box<Lanes>, Workers),
}

impl SmallState {
    /// Adds lanes to a prepared circuit that may be small enough.
    pub fn wrap(inner: Box<dyn Prepared>, circuit: &Circuit, resources: Resources) -> Box<dyn Prepared> {
        if circuit.num_qubits() > MOST_QUBITS || !circuit.is_flat() {
            return inner;
        }
        Box::new(SmallState {
            inner,
            circuit: circuit.clone(),
            resources,
            lanes: Slot::Untried,
            observables: Vec::new(),
            answered_by_lanes: false,
        })
    }

    /// The circuit in lanes with an observable, if both fit and are of use.
    fn ready(
        &mut self,
        observable: &Observable,
        wanted: Wanted,
    ) -> CoreResult<Option<(&Lanes, &Image, &Workers)>> {
        if let Slot::Untried = self.lanes {
            self.lanes = match Lanes::new(&self.circuit, self.resources.memory_limit_bytes) {
                Some(lanes) => Slot::Ready(Box::new(lanes), Workers::new(self.resources.threads)?),
                None => Slot::Never,
            };
        }
        let Slot::Ready(lanes, workers) = &self.lanes else { return Ok(None) };
        if wanted == Wanted::Energies && !lanes.suits_energies(self.circuit.num_qubits()) {
            return Ok(None);
        }
        let known = self.observables.iter().position(|(known, _)| known == observable);
        let place = match known {
            Some(place) => place,
            None => {
                let terms = estimate::terms(observable, self.circuit.num_qubits())?;
                self.observables.truncate(MOST_OBSERVABLES - 1);
                self.observables.insert(0, (observable.clone(), lanes.observable(&terms)));
                0
            }
        };
        Ok(self.observables[place].1.as_ref().map(|image| (&**lanes, image, workers)))
    }

    /// Energies and, where wanted, gradients of sets by lanes; `None` where lanes do not apply.
    fn answer(
        &mut self,
        sets: &[f64],
        count: usize,
        observable: &Observable,
        wanted: Wanted,
    ) -> CoreResult<Option<Answer>> {
        let ready = self.ready(observable, wanted)?;
        let answer = ready.map(|(lanes, image, workers)| lanes.answer(sets, count, image, wanted, workers));
        self.answered_by_lanes = answer.is_some();
        match answer {
            Some(None) => Err(CoreError::new(
                ErrorCode::ParameterInvalid,
                "an angle overflows for these values of the parameters",
            )),
            Some(found) => Ok(found),
            None => Ok(None),
        }
    }
}

/// What is asked about each set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Energies,
    /// Gradients of sets; a set's does not depend on the others.
    Gradients,
    /// The gradient of one set, the fastest way.
    Gradient,
}

impl Prepared for SmallState {
    fn num_parameters(&self) -> usize {
        self.inner.num_parameters()
    }

    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        self.answered_by_lanes = false;
        self.inner.state(values)
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        self.answered_by_lanes = false;
        self.inner.amplitude(values, index)
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        self.answered_by_lanes = false;
        self.inner.probability(values, bits)
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        self.answered_by_lanes = false;
        self.inner.probabilities(values, qubits)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        self.answered_by_lanes = false;
        self.inner.sample(values, shots, seed)
    }

    fn sample_share(&mut self, values: &[f64], shots: u64, seed: u64, share: Share) -> CoreResult<Counts> {
        self.answered_by_lanes = false;
        self.inner.sample_share(values, shots, seed, share)
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        check_values(values, self.num_parameters())?;
        let mut energies = Vec::with_capacity(observables.len());
        for observable in observables {
            match self.answer(values, 1, observable, Wanted::Energies)? {
                Some(answer) => energies.extend(answer.energies),
                None => return self.inner.expectation(values, observables),
            }
        }
        Ok(energies)
    }

    fn energy(&mut self, values: &[f64], observable: &Observable) -> CoreResult<f64> {
        check_values(values, self.num_parameters())?;
        match self.answer(values, 1, observable, Wanted::Energies)? {
            Some(answer) => Ok(answer.energies[0]),
            None => self.inner.energy(values, observable),
        }
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.answered_by_lanes = false;
        self.inner.variance(values, observables)
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        check_values(values, self.num_parameters())?;
        match self.answer(values, 1, observable, Wanted::Gradient)? {
            Some(answer) => Ok((answer.energies[0], answer.slopes)),
            None => self.inner.gradient(values, observable),
        }
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        self.answered_by_lanes = false;
        self.inner.sample_expectation(values, observable, shots, seed)
    }

    fn expectations(&mut self, sets: &[f64], observable: &Observable) -> CoreResult<Vec<f64>> {
        let count = count_sets(sets, self.num_parameters())?;
        match self.answer(sets, count, observable, Wanted::Energies)? {
            Some(answer) => Ok(answer.energies),
            None => self.inner.expectations(sets, observable),
        }
    }

    fn gradients(&mut self, sets: &[f64], observable: &Observable) -> CoreResult<(Vec<f64>, Vec<f64>)> {
        let count = count_sets(sets, self.num_parameters())?;
        match self.answer(sets, count, observable, Wanted::Gradients)? {
            Some(answer) => Ok((answer.energies, answer.slopes)),
            None => self.inner.gradients(sets, observable),
        }
    }

    fn look_after(&mut self, watch: Option<Box<dyn Watch>>) -> bool {
        self.inner.look_after(watch)
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        let Slot::Ready(lanes, _) = &self.lanes else { return self.inner.facts() };
        if !self.answered_by_lanes {
            return self.inner.facts();
        }
        let text = |text: &str| Fact::Text(text.to_string());
        vec![
            ("precision", text("f64")),
            ("instruction_set", text(lanes.isa.name())),
            ("method", text("lanes")),
            ("rotations", Fact::Count(lanes.rotations() as u64)),
            ("coordinates", Fact::Count(lanes.dim() as u64)),
        ]
    }
}

/// Number of sets, all values checked.
fn count_sets(sets: &[f64], num_parameters: usize) -> CoreResult<usize> {
    let rows = each_set(sets, num_parameters)?;
    // Without branches, so that it runs at the speed of memory.
    let is_finite = sets.iter().fold(true, |all, value| all & value.is_finite());
    if !is_finite {
        for values in rows {
            check_values(values, num_parameters)?;
        }
    }
    Ok(sets.len() / num_parameters)
}
