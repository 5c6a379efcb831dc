//! How large bonds can become: a bound for each cut from the gates that cross it.
use super::lower::lower;
use super::order::{crossings, layout};
use crate::circuit::Circuit;
use crate::error::CoreResult;

/// Updates beyond which the growth of bonds is not followed.
const MOST_UPDATES: u64 = 1 << 22;

/// A gate on several qubits as the cuts see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Crossing {
    pub qubits: Vec<u32>,
    /// log2 of its operator-Schmidt rank.
    pub bits: u32,
}

impl Crossing {
    /// First and last site.
    pub fn span(&self, place: &[usize]) -> (usize, usize) {
        let sites = self.qubits.iter().map(|qubit| place[*qubit as usize]);
        (sites.clone().min().unwrap_or(0), sites.max().unwrap_or(0))
    }
}

/// log2 of a bound on each of the n - 1 bonds: the ranks of the gates across it, and the qubits on its smaller side.
pub(crate) fn bond_bits(gates: &[Crossing], place: &[usize]) -> Vec<u32> {
    let count = place.len();
    let mut change = vec![0i64; count + 1];
    for gate in gates {
        let (first, last) = gate.span(place);
        change[first] += i64::from(gate.bits);
        change[last] -= i64::from(gate.bits);
    }
    let mut crossing = 0;
    (0..count.saturating_sub(1))
        .map(|cut| {
            crossing += change[cut];
            let smaller = (cut + 1).min(count - cut - 1) as i64;
            u32::try_from(crossing.min(smaller)).unwrap_or(u32::MAX)
        })
        .collect()
}

/// What a matrix product state of a circuit can need, without running it.
#[derive(Clone, Debug, PartialEq)]
pub struct BondBound {
    /// log2 of a bound on the bond of each cut between neighbouring sites, in the order of the chain.
    pub bits: Vec<u32>,
    /// The site of each qubit.
    pub place: Vec<usize>,
    /// Bond updates: for each gate on several qubits the cuts that it crosses.
    pub updates: u64,
    /// The cubes of the bounds at each update, summed up.
    pub cubes: f64,
}

impl BondBound {
    /// A bound on the largest bond.
    pub fn largest(&self) -> f64 {
        libm::exp2(f64::from(self.bits.iter().copied().max().unwrap_or(0)))
    }
}

/// A bound on the bonds of the circuit's state in the order that the engine would choose, with bonds of at most
/// `max_bond`. Operations in loops count once, those under conditions as if they happened.
pub fn bond_bound(circuit: &Circuit, max_bond: usize) -> CoreResult<BondBound> {
    let program = lower(circuit)?;
    let layout = layout(&program, max_bond.max(1).ilog2());
    let gates = crossings(&program, layout.renames);
    let spans = gates.iter().map(|gate| gate.span(&layout.place));
    let updates = spans.map(|(first, last)| (last - first) as u64).sum();
    let bits = bond_bits(&gates, &layout.place);
    let cubes = if updates > MOST_UPDATES {
        updates as f64 * libm::exp2(3.0 * f64::from(bits.iter().copied().max().unwrap_or(0)))
    } else {
        cubes_on_the_way(&gates, &layout.place, &bits)
    };
    Ok(BondBound { bits, place: layout.place, updates, cubes })
}

/// The bonds grow with the gates; `last` are their bounds in the end.
fn cubes_on_the_way(gates: &[Crossing], place: &[usize], last: &[u32]) -> f64 {
    let mut bits = vec![0u32; last.len()];
    let mut sum = 0.0;
    for gate in gates {
        let (from, to) = gate.span(place);
        for cut in from..to {
            bits[cut] = bits[cut].saturating_add(gate.bits).min(last[cut]);
            sum += libm::exp2(3.0 * f64::from(bits[cut]));
        }
    }
    sum
}
