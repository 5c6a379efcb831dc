//! Samples without marginals, gate by gate (Bravyi, Gosset and Liu, PRL 128, 220503): a bit string follows the circuit,
//! and behind every gate the bits that it can change are drawn anew, from amplitudes of the circuit so far.
use std::collections::BTreeMap;

use super::evaluate::Evaluator;
use super::gates::{Kind, Numeric};
use super::question::amplitudes;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::rng::Philox;
use crate::sim::branch::mix;

/// Bits that are drawn together at most.
const MOST_DRAWN: usize = 12;
/// Qubits whose last gates are drawn together.
const LAST_TOGETHER: usize = 3;
/// Strings that are worked on together.
const BATCH: usize = 256;

/// Bit strings (bit `q % 64` of word `q / 64` is qubit `q`) with how many shots have each.
type Strings = BTreeMap<Vec<u64>, u64>;

struct Sampler<'a> {
    gates: &'a [Numeric],
    num_qubits: usize,
    seed: u64,
    evaluator: &'a mut Evaluator,
    strings: Strings,
    /// Gates that the strings have followed, in an order that gives the same product.
    done: Vec<usize>,
    /// Gates on one qubit that wait for the next gate on it.
    waiting: Vec<Vec<usize>>,
    steps: u64,
}

/// Draws the values of all qubits.
pub(super) fn sample(
    gates: &[Numeric],
    num_qubits: usize,
    (shots, seed): (u64, u64),
    evaluator: &mut Evaluator,
) -> CoreResult<Vec<(Vec<u64>, u64)>> {
    let zeros = vec![0; num_qubits.div_ceil(64).max(1)];
    let mut sampler = Sampler {
        gates,
        num_qubits,
        seed,
        evaluator,
        strings: BTreeMap::from([(zeros, shots)]),
        done: Vec::new(),
        waiting: vec![Vec::new(); num_qubits],
        steps: 0,
    };
    (0..gates.len()).try_for_each(|at| sampler.follow(at))?;
    let dirty: Vec<u32> =
        (0..num_qubits as u32).filter(|q| !sampler.waiting[*q as usize].is_empty()).collect();
    dirty.chunks(LAST_TOGETHER).try_for_each(|qubits| sampler.settle(qubits))?;
    Ok(sampler.strings.into_iter().collect())
}

impl Sampler<'_> {
    fn follow(&mut self, at: usize) -> CoreResult<()> {
        let gate = &self.gates[at];
        let qubits: Vec<u32> = gate.qubits().collect();
        if let [qubit] = qubits[..] {
            let waiting = &mut self.waiting[qubit as usize];
            // A diagonal gate changes no bit, but must not overtake those that wait.
            if waiting.is_empty() && gate.changed().is_empty() {
                self.done.push(at)
            } else {
                waiting.push(at)
            }
            return Ok(());
        }
        if let Kind::Swap = gate.kind {
            self.settle(&qubits)?;
            self.done.push(at);
            self.strings = std::mem::take(&mut self.strings)
                .into_iter()
                .map(|(key, count)| (swapped(key, qubits[0] as usize, qubits[1] as usize), count))
                .collect();
            return Ok(());
        }
        let mut drawn = gate.changed();
        drawn.extend(qubits.iter().copied().filter(|q| !self.waiting[*q as usize].is_empty()));
        drawn.sort_unstable();
        drawn.dedup();
        self.release(&qubits);
        self.done.push(at);
        self.draw(&drawn)
    }

    /// Draws the bits of qubits whose gates wait.
    fn settle(&mut self, qubits: &[u32]) -> CoreResult<()> {
        let drawn: Vec<u32> =
            qubits.iter().copied().filter(|q| !self.waiting[*q as usize].is_empty()).collect();
        self.release(qubits);
        self.draw(&drawn)
    }

    fn release(&mut self, qubits: &[u32]) {
        qubits.iter().for_each(|qubit| self.done.append(&mut self.waiting[*qubit as usize]));
    }

    /// Draws some bits anew, given all others.
    fn draw(&mut self, drawn: &[u32]) -> CoreResult<()> {
        if drawn.is_empty() {
            return Ok(());
        }
        if drawn.len() > MOST_DRAWN {
            let message = format!("a gate that changes `{}` qubits cannot be sampled here", drawn.len());
            return Err(CoreError::new(ErrorCode::Unsupported, message)
                .with_hint(format!("at most {MOST_DRAWN}; write the gate in smaller ones")));
        }
        self.steps += 1;
        let strings: Vec<(Vec<u64>, u64)> = std::mem::take(&mut self.strings).into_iter().collect();
        for batch in strings.chunks(BATCH) {
            let networks = batch.iter().map(|(key, _)| {
                let gates = self.done.iter().map(|at| &self.gates[*at]);
                amplitudes(gates, self.num_qubits, |qubit| bit(key, qubit), drawn)
            });
            let values = self.evaluator.values(networks.collect::<CoreResult<Vec<_>>>()?)?;
            for ((key, shots), amplitudes) in batch.iter().zip(values) {
                let weights: Vec<f64> = amplitudes.iter().map(|value| value.norm_sqr()).collect();
                for (value, count) in divided(*shots, &weights, &mut self.random(key)) {
                    *self.strings.entry(written(key, drawn, value)).or_insert(0) += count;
                }
            }
        }
        Ok(())
    }

    /// The random numbers of a string at a step.
    fn random(&self, key: &[u64]) -> Philox {
        Philox::new(
            self.seed,
            key.iter().fold(mix(self.steps), |hash, word| mix(hash ^ word).wrapping_add(*word)),
        )
    }
}

fn bit(key: &[u64], qubit: usize) -> bool {
    key[qubit / 64] >> (qubit % 64) & 1 == 1
}

fn written(key: &[u64], qubits: &[u32], value: usize) -> Vec<u64> {
    let mut out = key.to_vec();
    for (k, qubit) in qubits.iter().enumerate() {
        let (word, at) = (*qubit as usize / 64, qubit % 64);
        out[word] = out[word] & !(1 << at) | ((value >> k & 1) as u64) << at;
    }
    out
}

fn swapped(key: Vec<u64>, a: usize, b: usize) -> Vec<u64> {
    let value = usize::from(bit(&key, b)) | usize::from(bit(&key, a)) << 1;
    written(&key, &[a as u32, b as u32], value)
}

/// Shots divided by weights: (which, how many) of those that got any.
fn divided(shots: u64, weights: &[f64], random: &mut Philox) -> Vec<(usize, u64)> {
    let total: f64 = weights.iter().sum();
    let mut counts = vec![0u64; weights.len()];
    for _ in 0..shots {
        let mut left = random.uniform() * total;
        let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0);
        let found = weights[..last].iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        counts[found.unwrap_or(last)] += 1;
    }
    counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect()
}
