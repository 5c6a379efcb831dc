//! An engine over another one: expectation values from light cones, samples and probabilities part by part.
use std::sync::Arc;

use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::{Observable, PauliString};
use crate::rng::{Philox, Step, derive_seed};
use crate::sim::{Capabilities, Counts, Engine, Fact, Prepared, Resources, Watch};

use super::{Part, independent_parts, light_cone};

/// Up to this width nothing is gained that a look at the circuit would not cost.
const SMALL_QUBITS: usize = 16;
/// Terms whose cones are together at most this wide share one run.
const SHARED_QUBITS: usize = 12;

/// Runs no more of a circuit than a question depends on, on the engine that it is made of.
#[derive(Clone)]
pub struct Reduced {
    engine: Arc<dyn Engine>,
}

impl Reduced {
    /// Over an engine.
    pub fn new(engine: impl Engine + 'static) -> Self {
        Reduced { engine: Arc::new(engine) }
    }
}

impl Engine for Reduced {
    fn capabilities(&self) -> Capabilities {
        self.engine.capabilities()
    }

    fn prepare(&self, circuit: &Circuit, resources: Resources) -> CoreResult<Box<dyn Prepared>> {
        if circuit.num_qubits() <= SMALL_QUBITS || circuit.computes() {
            return self.engine.prepare(circuit, resources);
        }
        let whole = self.engine.prepare(circuit, resources);
        let parts = independent_parts(circuit);
        let is_whole = parts.len() == 1 && parts[0].qubits.len() == circuit.num_qubits();
        Ok(Box::new(PreparedReduced {
            engine: self.engine.clone(),
            circuit: circuit.clone(),
            resources,
            whole,
            parts: if is_whole { Vec::new() } else { parts },
            pieces: Vec::new(),
            question: None,
            facts: Vec::new(),
        }))
    }
}

/// A piece of the circuit, ready to run.
struct Piece {
    part: Part,
    prepared: Box<dyn Prepared>,
}

/// An observable, its terms shared between pieces; `None` where the whole circuit serves as well.
struct Question {
    observable: Observable,
    shares: Option<Vec<(Piece, Observable)>>,
    /// Coefficient of the identity.
    constant: f64,
}

struct PreparedReduced {
    engine: Arc<dyn Engine>,
    circuit: Circuit,
    resources: Resources,
    /// The whole circuit, or why it cannot run.
    whole: CoreResult<Box<dyn Prepared>>,
    /// Independent parts; empty when there is only one.
    parts: Vec<Part>,
    /// The parts, ready to run, once they were needed.
    pieces: Vec<Piece>,
    /// The last observable.
    question: Option<Question>,
    facts: Vec<(&'static str, Fact)>,
}

impl PreparedReduced {
    fn whole(&mut self) -> CoreResult<&mut Box<dyn Prepared>> {
        self.facts.clear();
        self.whole.as_mut().map_err(|error| error.clone())
    }

    fn piece(&self, part: Part) -> CoreResult<Piece> {
        let circuit = part.circuit(&self.circuit)?;
        Ok(Piece { prepared: self.engine.prepare(&circuit, self.resources)?, part })
    }

    /// The independent parts, ready to run; none when the whole serves as well.
    fn pieces(&mut self) -> CoreResult<&mut [Piece]> {
        if self.pieces.is_empty() && !self.parts.is_empty() {
            self.pieces =
                self.parts.iter().map(|part| self.piece(part.clone())).collect::<CoreResult<_>>()?;
        }
        let widest = self.parts.iter().map(|part| part.qubits.len()).max().unwrap_or_default();
        self.facts = vec![
            ("parts", Fact::Count(self.parts.len() as u64)),
            ("widest_part", Fact::Count(widest as u64)),
        ];
        Ok(&mut self.pieces)
    }

    /// The shares of an observable. Found once for an observable that is asked for again and again.
    fn question(&mut self, observable: &Observable) -> CoreResult<&mut Question> {
        if self.question.as_ref().is_none_or(|known| known.observable != *observable) {
            self.question = Some(self.divide(observable)?);
        }
        self.facts.clear();
        let question = self
            .question
            .as_mut()
            .ok_or_else(|| CoreError::new(ErrorCode::Internal, "no question was kept for an observable"))?;
        if let Some(shares) = &question.shares {
            let widest = shares.iter().map(|(piece, _)| piece.part.qubits.len()).max().unwrap_or_default();
            self.facts = vec![
                ("light_cones", Fact::Count(shares.len() as u64)),
                ("widest_cone", Fact::Count(widest as u64)),
            ];
        }
        Ok(question)
    }

    fn divide(&self, observable: &Observable) -> CoreResult<Question> {
        let mut question = Question { observable: observable.clone(), shares: None, constant: 0.0 };
        let num_qubits = self.circuit.num_qubits();
        if observable.terms().iter().any(|(string, _)| string.width() > num_qubits) {
            return Ok(question); // the engine words the refusal
        }
        let mut groups: Vec<(Part, Vec<(PauliString, f64)>)> = Vec::new();
        let mut constant = 0.0;
        for (string, weight) in observable.terms() {
            if string.factors().is_empty() {
                constant += weight;
                continue;
            }
            let support: Vec<u32> = string.factors().iter().map(|(qubit, _)| *qubit).collect();
            let Some(cone) = light_cone(&self.circuit, &support) else { return Ok(question) };
            let fits = |group: &Part| {
                let together = union(&group.qubits, &cone.qubits).len();
                together <= SHARED_QUBITS.max(group.qubits.len()).max(cone.qubits.len())
            };
            match groups.iter_mut().find(|(group, _)| fits(group)) {
                Some((group, terms)) => {
                    group.qubits = union(&group.qubits, &cone.qubits);
                    group.operations = union(&group.operations, &cone.operations);
                    terms.push((string.clone(), *weight));
                }
                None => groups.push((cone, vec![(string.clone(), *weight)])),
            }
        }
        let cost: f64 = groups.iter().map(|(cone, _)| libm::exp2(cone.qubits.len() as f64)).sum();
        if self.whole.is_ok() && cost > 0.5 * libm::exp2(num_qubits as f64) {
            return Ok(question);
        }
        let mut shares = Vec::new();
        for (cone, terms) in groups {
            shares.push((self.piece(cone.clone())?, moved(&terms, &cone.qubits)?));
        }
        (question.shares, question.constant) = (Some(shares), constant);
        Ok(question)
    }
}

impl Prepared for PreparedReduced {
    fn num_parameters(&self) -> usize {
        self.circuit.symbols().len()
    }

    fn num_qubits(&self) -> usize {
        self.circuit.num_qubits()
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        self.whole()?.state(values)
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        if self.parts.is_empty() || self.whole.is_ok() {
            return self.whole()?.amplitude(values, index);
        }
        let mut left = index;
        let mut product = C64::ONE;
        for piece in self.pieces()? {
            let bits = |k: usize| piece.part.qubits.get(k).filter(|qubit| **qubit < 64);
            let mut own = 0;
            for (k, qubit) in (0..piece.part.qubits.len()).filter_map(|k| Some((k, bits(k)?))) {
                own |= (index >> qubit & 1) << k;
                left &= !(1 << qubit);
            }
            product *= piece.prepared.amplitude(values, own)?;
        }
        Ok(if left == 0 { product } else { C64::ZERO })
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        if self.parts.is_empty() || self.whole.is_ok() {
            return self.whole()?.probability(values, bits);
        }
        let bit =
            |qubit: u32| bits.get(qubit as usize / 64).is_some_and(|word| word >> (qubit % 64) & 1 == 1);
        let ones: u32 = bits.iter().map(|word| word.count_ones()).sum();
        let (mut product, mut seen) = (1.0, 0);
        for piece in self.pieces()? {
            let mut own = vec![0; piece.part.qubits.len().div_ceil(64).max(1)];
            for (k, _) in piece.part.qubits.iter().enumerate().filter(|(_, qubit)| bit(**qubit)) {
                own[k / 64] |= 1 << (k % 64);
                seen += 1;
            }
            product *= piece.prepared.probability(values, &own)?;
        }
        Ok(if seen == ones { product } else { 0.0 })
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        let named: Vec<u32> = qubits.iter().map(|qubit| *qubit as u32).collect();
        let valid =
            qubits.iter().enumerate().all(|(k, q)| *q < self.num_qubits() && !qubits[..k].contains(q));
        let cone = if valid { light_cone(&self.circuit, &named) } else { None };
        match cone {
            Some(cone) if self.whole.is_err() || cone.qubits.len() < self.num_qubits() => {
                let place = |qubit: &u32| cone.qubits.binary_search(qubit).unwrap_or_default();
                let places: Vec<usize> = named.iter().map(place).collect();
                let mut piece = self.piece(cone)?;
                self.facts = vec![("widest_cone", Fact::Count(piece.part.qubits.len() as u64))];
                piece.prepared.probabilities(values, &places)
            }
            _ => self.whole()?.probabilities(values, qubits),
        }
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        if self.parts.is_empty() || self.whole.is_ok() {
            return self.whole()?.sample(values, shots, seed);
        }
        let num_clbits = self.circuit.num_clbits();
        let mut rows = Rows::new(num_clbits, shots)?;
        for (index, piece) in self.pieces()?.iter_mut().enumerate() {
            let own = derive_seed(seed, &[Step::Text("part"), Step::Int(index as i128)]);
            let counts = piece.prepared.sample(values, shots, own)?;
            // Shots of independent parts meet in random pairs.
            rows.write(&counts, &piece.part.clbits, &mut Philox::new(own, u64::MAX));
        }
        Ok(rows.finish())
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        let [observable] = observables else {
            return observables.iter().map(|one| Ok(self.expectation(values, &[one])?[0])).collect();
        };
        let question = self.question(observable)?;
        let constant = question.constant;
        let Some(shares) = &mut question.shares else {
            return self.whole()?.expectation(values, observables);
        };
        let parts = shares.iter_mut().map(|(piece, own)| Ok(piece.prepared.expectation(values, &[own])?[0]));
        Ok(vec![constant + parts.sum::<CoreResult<f64>>()?])
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        self.whole()?.variance(values, observables)
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        let question = self.question(observable)?;
        let mut sum = question.constant;
        let Some(shares) = &mut question.shares else { return self.whole()?.gradient(values, observable) };
        let mut slope = vec![0.0; values.len()];
        for (piece, own) in shares {
            let (value, part) = piece.prepared.gradient(values, own)?;
            sum += value;
            slope.iter_mut().zip(part).for_each(|(total, part)| *total += part);
        }
        Ok((sum, slope))
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        self.whole()?.sample_expectation(values, observable, shots, seed)
    }

    fn expectations(&mut self, sets: &[f64], observable: &Observable) -> CoreResult<Vec<f64>> {
        let question = self.question(observable)?;
        let constant = question.constant;
        let Some(shares) = &mut question.shares else { return self.whole()?.expectations(sets, observable) };
        let mut sums: Option<Vec<f64>> = None;
        for (piece, own) in shares {
            let part = piece.prepared.expectations(sets, own)?;
            match &mut sums {
                None => sums = Some(part),
                Some(sums) => sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part),
            }
        }
        match sums {
            Some(mut sums) => {
                sums.iter_mut().for_each(|sum| *sum += constant);
                Ok(sums)
            }
            None => self.whole()?.expectations(sets, observable),
        }
    }

    fn look_after(&mut self, watch: Option<Box<dyn Watch>>) -> bool {
        self.whole.as_mut().is_ok_and(|whole| whole.look_after(watch))
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        let inner = self.whole.as_ref().map(|whole| whole.facts()).unwrap_or_default();
        self.facts.iter().cloned().chain(inner).collect()
    }
}

/// Terms on the qubits of a part.
fn moved(terms: &[(PauliString, f64)], qubits: &[u32]) -> CoreResult<Observable> {
    let place = |qubit: u32| qubits.binary_search(&qubit).unwrap_or_default() as u32;
    let moved = terms.iter().map(|(string, weight)| {
        let factors = string.factors().iter().map(|(qubit, letter)| (place(*qubit), *letter)).collect();
        Ok((PauliString::new(factors)?, *weight))
    });
    Observable::from_terms(qubits.len(), moved.collect::<CoreResult<Vec<_>>>()?)
}

/// Both ascending lists as one.
fn union<T: Ord + Copy>(a: &[T], b: &[T]) -> Vec<T> {
    let mut all: Vec<T> = a.iter().chain(b).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// One key for each shot.
struct Rows {
    num_clbits: usize,
    words: usize,
    rows: Vec<u64>,
}

impl Rows {
    /// Words that all keys together may take: 2 GiB.
    const MOST_WORDS: usize = 1 << 28;

    fn new(num_clbits: usize, shots: u64) -> CoreResult<Self> {
        let words = num_clbits.div_ceil(64).max(1);
        let total = usize::try_from(shots).unwrap_or(usize::MAX).saturating_mul(words);
        if total > Self::MOST_WORDS {
            return Err(CoreError::limit("64-bit words in the keys of all shots", Self::MOST_WORDS, total)
                .with_hint("take fewer shots"));
        }
        Ok(Rows { num_clbits, words, rows: vec![0; total] })
    }

    /// Writes the keys of a part's counts into its classical bits, in random order.
    fn write(&mut self, counts: &Counts, clbits: &[u32], random: &mut Philox) {
        let mut keys: Vec<usize> =
            (0..counts.len()).flat_map(|k| std::iter::repeat_n(k, counts.values()[k] as usize)).collect();
        for k in (1..keys.len()).rev() {
            keys.swap(k, random.below(k as u64 + 1) as usize);
        }
        for (row, key) in self.rows.chunks_exact_mut(self.words).zip(keys) {
            for (k, &clbit) in clbits.iter().enumerate() {
                row[clbit as usize / 64] |= u64::from(counts.bit(key, k)) << (clbit % 64);
            }
        }
    }

    fn finish(self) -> Counts {
        let values = vec![1; self.rows.len() / self.words];
        Counts::from_rows(self.num_clbits, self.words, self.rows, values)
    }
}
