//! The order of commuting gates: always the ready one nearest to the orthogonality centre, so that it seldom travels.
use std::collections::{BTreeMap, VecDeque};

use super::chain::Chain;
use super::gate::{Bound, pair_links, reordered};
use crate::error::CoreResult;

/// Called with the chain, and the gates that still wait for each qubit.
pub(super) type Between<'a> = &'a mut dyn FnMut(&Chain, &[VecDeque<usize>]) -> CoreResult<()>;

/// Applies a segment.
pub(super) fn apply(chain: &mut Chain, gates: &[Bound]) -> CoreResult<()> {
    apply_from(chain, gates, None, &mut |_, _| Ok(()))
}

/// The number of gates on each qubit, and those that wait for it.
fn queues(num_qubits: usize, gates: &[Bound]) -> Vec<VecDeque<usize>> {
    let mut queues = vec![VecDeque::new(); num_qubits];
    for (index, gate) in gates.iter().enumerate() {
        qubits(gate).iter().for_each(|qubit| queues[*qubit as usize].push_back(index));
    }
    queues
}

/// Whether so many gates can wait for each qubit at a time, none of them on one qubit alone where it comes next.
pub(super) fn can_wait(gates: &[Bound], waiting: &[usize]) -> bool {
    let queues = queues(waiting.len(), gates);
    let next = |(queue, left): (&VecDeque<usize>, &usize)| {
        *left <= queue.len()
            && queue.get(queue.len() - left).is_none_or(|gate| !matches!(gates[*gate], Bound::Single { .. }))
    };
    queues.iter().zip(waiting).all(next)
}

/// Applies a segment from where so many gates `wait` for each qubit. `between` is called after each gate on several, with
/// how many wait then; what it fails with ends it.
pub(super) fn apply_from(
    chain: &mut Chain,
    gates: &[Bound],
    waiting: Option<&[usize]>,
    between: Between<'_>,
) -> CoreResult<()> {
    let mut ready = Ready { queues: queues(chain.place.len(), gates), sites: BTreeMap::new() };
    if let Some(waiting) = waiting {
        for (queue, left) in ready.queues.iter_mut().zip(waiting) {
            queue.drain(..queue.len() - left);
        }
        return ready.work(chain, gates, between);
    }
    let phases =
        gates.iter().filter_map(|gate| if let Bound::Phase(phase) = gate { Some(*phase) } else { None });
    let phase = phases.fold(crate::math::C64::ONE, |all, phase| all * phase);
    if let (true, Some(site)) = (phase != crate::math::C64::ONE, chain.sites.get_mut(chain.centre)) {
        site.data.iter_mut().for_each(|value| *value *= phase);
    }
    ready.work(chain, gates, between)
}

struct Ready {
    /// Gates that wait for each qubit.
    queues: Vec<VecDeque<usize>>,
    /// (first site, gate) to last site, of gates that wait for nothing else.
    sites: BTreeMap<(usize, usize), usize>,
}

impl Ready {
    /// Applies all that waits.
    fn work(&mut self, chain: &mut Chain, gates: &[Bound], between: Between<'_>) -> CoreResult<()> {
        (0..chain.place.len()).for_each(|qubit| self.advance(qubit, chain, gates));
        while let Some((span, index)) = self.nearest((chain.centre, chain.centre)) {
            self.sites.remove(&(span.0, index));
            let touched = qubits(&gates[index]);
            for qubit in &touched {
                self.queues[*qubit as usize].pop_front();
            }
            // The queues behind this gate may only be looked at once it has acted: only its place in the order is free.
            let next = self.nearest(span).map_or(span.1, |(next, _)| next.0);
            run(chain, &gates[index], next > span.0)?;
            touched.iter().for_each(|qubit| self.advance(*qubit as usize, chain, gates));
            between(chain, &self.queues)?;
        }
        Ok(())
    }

    /// Applies the gates on one qubit at the head of its queue, renames for swaps, and notes what is ready then.
    fn advance(&mut self, qubit: usize, chain: &mut Chain, gates: &[Bound]) {
        while let Some(&index) = self.queues[qubit].front() {
            match &gates[index] {
                Bound::Single { matrix, .. } => {
                    chain.sites[chain.place[qubit]].apply(matrix);
                    self.queues[qubit].pop_front();
                }
                gate => {
                    let qubits = qubits(gate);
                    if qubits.iter().all(|other| self.queues[*other as usize].front() == Some(&index)) {
                        let sites = qubits.iter().map(|qubit| chain.place[*qubit as usize]);
                        let (first, last) = (sites.clone().min(), sites.max());
                        self.sites.insert((first.unwrap_or(0), index), last.unwrap_or(0));
                    }
                    return;
                }
            }
        }
    }

    /// The gate nearest to a range of sites: its own range, and which.
    fn nearest(&self, (first, last): (usize, usize)) -> Option<((usize, usize), usize)> {
        let after = self.sites.range((first, 0)..).next();
        let before = self.sites.range(..(first, 0)).next_back();
        let distance = |(low, high): (usize, usize)| low.saturating_sub(last) + first.saturating_sub(high);
        let found = [after, before].into_iter().flatten().map(|((low, index), high)| ((*low, *high), *index));
        found.min_by_key(|(range, _)| distance(*range))
    }
}

fn run(chain: &mut Chain, gate: &Bound, end_right: bool) -> CoreResult<()> {
    match gate {
        Bound::Pair { qubits, matrix } => {
            let sites = qubits.map(|qubit| chain.place[qubit as usize]);
            if sites[0] + 1 == sites[1] {
                return chain.apply_pair(sites[0], matrix, end_right);
            }
            if sites[1] + 1 == sites[0] {
                let turned = reordered(matrix, &[1, 0]);
                return chain.apply_pair(sites[1], &std::array::from_fn(|k| turned[k]), end_right);
            }
            let (first, links) = pair_links(sites, matrix)?;
            chain.apply_links(first, &links, end_right)
        }
        Bound::Wide(wide) => {
            let (first, links) = wide.links(&chain.place)?;
            chain.apply_links(first, &links, end_right)
        }
        Bound::Swap { qubits: [a, b] } => {
            chain.place.swap(*a as usize, *b as usize);
            Ok(())
        }
        Bound::Phase(_) | Bound::Single { .. } => Ok(()),
    }
}

fn qubits(gate: &Bound) -> Vec<u32> {
    match gate {
        Bound::Phase(_) => Vec::new(),
        Bound::Single { qubit, .. } => vec![*qubit],
        Bound::Pair { qubits, .. } | Bound::Swap { qubits } => qubits.to_vec(),
        Bound::Wide(wide) => wide.qubits().collect(),
    }
}
