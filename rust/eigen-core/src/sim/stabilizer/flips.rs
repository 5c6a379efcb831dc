//! Noise on frames: the errors of each mechanism, found by skipping from hit to hit over shots and sites.
use super::gauge::Gauge;
use super::lanes::{LANE_SHOTS, Lane};
use super::mechanism::Mechanism;
use super::random::{Exponentials, Words};

/// What a chunk draws: errors that change nothing but make open outcomes fair, and noise.
pub(super) struct Source<'a> {
    pub gauge: Gauge<'a>,
    pub flips: Flips<'a>,
}

/// Hits of noise. Trials of one mechanism are numbered over its sites in order, the shots of a chunk within each.
pub(super) struct Flips<'a> {
    mechanisms: &'a [Mechanism],
    /// Trials of each mechanism until its next hit.
    next: Vec<u64>,
    gaps: Exponentials,
    words: Words,
}

/// How the record of a qubit's measurements errs: the mechanisms for outcome 0 and outcome 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Misread {
    pub zero: Option<u32>,
    pub one: Option<u32>,
}

impl Source<'_> {
    /// Neither errors nor noise.
    pub fn nothing() -> Self {
        Source { gauge: Gauge::Nothing, flips: Flips::new(&[], 0, 0) }
    }
}

impl<'a> Flips<'a> {
    /// The noise of a chunk, from its streams.
    pub fn new(mechanisms: &'a [Mechanism], seed: u64, stream: u64) -> Self {
        let mut gaps = Exponentials::new(seed, stream);
        let next = mechanisms.iter().map(|mechanism| mechanism.misses(&mut gaps)).collect();
        Flips { mechanisms, next, gaps, words: Words::new(seed, stream.wrapping_add(1)) }
    }

    /// The mechanism strikes at one site: products are added to the lanes of its qubits, where `only` says so.
    #[inline(always)]
    pub fn strike(
        &mut self,
        mechanism: u32,
        qubits: &[u32],
        num_qubits: usize,
        bits: &mut [Lane],
        only: Option<&Lane>,
    ) {
        const SHOTS: u64 = LANE_SHOTS as u64;
        let index = mechanism as usize;
        let Some(mechanism) = self.mechanisms.get(index) else { return };
        let mut next = self.next[index];
        while next < SHOTS {
            let (word, shift) = (next as usize / 64, next % 64);
            let product = mechanism.product(&mut self.words);
            let is_meant = only.map_or(1, |lane| lane[word] >> shift & 1);
            for (k, qubit) in qubits.iter().enumerate() {
                let qubit = *qubit as usize;
                bits[qubit][word] ^= (u64::from(product.x >> k & 1) & is_meant) << shift;
                bits[num_qubits + qubit][word] ^= (u64::from(product.z >> k & 1) & is_meant) << shift;
            }
            next += 1 + mechanism.misses(&mut self.gaps);
        }
        self.next[index] = next - SHOTS;
    }

    /// Misreads outcomes.
    pub fn misread(&mut self, misread: &Misread, outcomes: &mut Lane) {
        let truth = *outcomes;
        let mut flipped = [[0; _]; 2];
        for (mechanism, holds) in [(misread.zero, truth.map(|word| !word)), (misread.one, truth)] {
            if let Some(mechanism) = mechanism {
                self.strike(mechanism, &[0], 1, &mut flipped, Some(&holds));
            }
        }
        super::lanes::add(outcomes, &flipped[0]);
    }
}
