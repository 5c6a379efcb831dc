//! Readout errors on sampled basis states.
use super::history::exponential;
use crate::rng::Philox;
use crate::sim::program::Readout;

/// Qubits whose record errs.
pub(super) struct Misreading {
    /// Qubit, and `-ln(1 - p)` of the probability p that its value 0 or 1 is misread.
    rates: Vec<(usize, [f64; 2])>,
}

impl Misreading {
    /// For the qubits that are read at the end, with each qubit's confusion matrix.
    pub fn new(readout: &[Readout], confusion: &[Option<[[f64; 2]; 2]>]) -> Self {
        let rate = |probability: f64| -libm::log1p(-probability);
        let mut rates: Vec<(usize, [f64; 2])> = readout
            .iter()
            .filter_map(|read| Some((read.qubit, confusion[read.qubit]?)))
            .map(|(qubit, matrix)| (qubit, [rate(matrix[0][1]), rate(matrix[1][0])]))
            .collect();
        rates.sort_unstable_by_key(|(qubit, _)| *qubit);
        rates.dedup_by_key(|(qubit, _)| *qubit);
        Misreading { rates }
    }

    /// The basis states as they are recorded.
    pub fn apply(&self, samples: Vec<(u64, u64)>, random: &mut Philox) -> Vec<(u64, u64)> {
        if self.rates.is_empty() {
            return samples;
        }
        let mut clock = exponential(random);
        let mut out = Vec::with_capacity(samples.len());
        for (index, count) in samples {
            let rate: f64 = self.rates.iter().map(|(qubit, rates)| rates[bit(index, *qubit)]).sum();
            if count as f64 * rate < clock {
                clock -= count as f64 * rate;
                out.push((index, count));
                continue;
            }
            for _ in 0..count {
                let mut seen = index;
                for (qubit, rates) in &self.rates {
                    let rate = rates[bit(index, *qubit)];
                    if rate < clock {
                        clock -= rate;
                    } else {
                        seen ^= 1 << qubit;
                        clock = exponential(random);
                    }
                }
                out.push((seen, 1));
            }
        }
        out
    }
}

fn bit(index: u64, qubit: usize) -> usize {
    (index >> qubit & 1) as usize
}
