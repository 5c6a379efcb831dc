//! The gates of a straight stretch: each new one is merged with an earlier one where it can be.
use super::axis::commute;
use super::merge::{Merged, is_identity, merge};
use crate::circuit::Instruction;
use crate::gate::Opcode;

/// How many earlier gates a gate may move past.
const REACH: usize = 64;

/// Gates so far; a merged one leaves a gap.
pub(super) struct Window {
    slots: Vec<Option<Instruction>>,
    /// Slots on each qubit, ascending.
    on_qubit: Vec<Vec<usize>>,
    /// Phases and other gates on no qubit.
    loose: Option<usize>,
    past_commuting: bool,
}

impl Window {
    pub fn new(past_commuting: bool) -> Self {
        Self { slots: Vec::new(), on_qubit: Vec::new(), loose: None, past_commuting }
    }

    /// Takes the next operation.
    pub fn take(&mut self, mut gate: Instruction) {
        loop {
            if is_identity(&gate) && gate.detail.condition.is_none() {
                return;
            }
            let Some((at, merged)) = self.partner(&gate) else { break };
            self.remove(at);
            match merged {
                Merged::Nothing => return,
                Merged::One(next) => gate = next,
            }
        }
        let at = self.slots.len();
        for qubit in &gate.qubits {
            let place = *qubit as usize;
            if self.on_qubit.len() <= place {
                self.on_qubit.resize(place + 1, Vec::new());
            }
            self.on_qubit[place].push(at);
        }
        if gate.opcode == Opcode::Gphase && gate.qubits.is_empty() && gate.detail.condition.is_none() {
            self.loose = Some(at);
        }
        self.slots.push(Some(gate));
    }

    /// The earlier gate that this one can be merged with.
    ///
    /// The merged gate stands at the end, which is right when everything between commutes with the *earlier* gate,
    /// or, with the roles swapped, with this one: only gates that commute with this one are passed, and a merged
    /// gate keeps the axes of its parts.
    fn partner(&self, gate: &Instruction) -> Option<(usize, Merged)> {
        if gate.qubits.is_empty() {
            let at = self.loose?;
            return Some((at, merge(self.slots[at].as_ref()?, gate)?));
        }
        let mut below = usize::MAX;
        for _ in 0..REACH {
            let at = self.last_before(gate, below)?;
            let earlier = self.slots[at].as_ref()?;
            if let Some(merged) = merge(earlier, gate) {
                return Some((at, merged));
            }
            if !self.past_commuting || !commute(earlier, gate) {
                return None;
            }
            below = at;
        }
        None
    }

    /// The last slot before another one that shares a qubit with the gate.
    fn last_before(&self, gate: &Instruction, below: usize) -> Option<usize> {
        let on = |qubit: &u32| {
            let slots = self.on_qubit.get(*qubit as usize)?;
            // Most look at the end first.
            match slots.last() {
                Some(last) if *last < below => Some(*last),
                _ => slots.partition_point(|slot| *slot < below).checked_sub(1).map(|last| slots[last]),
            }
        };
        gate.qubits.iter().filter_map(on).max()
    }

    fn remove(&mut self, at: usize) {
        let Some(gate) = self.slots[at].take() else { return };
        for qubit in &gate.qubits {
            if let Some(slots) = self.on_qubit.get_mut(*qubit as usize) {
                // It is among the last ones: search from the end.
                if let Some(found) = slots.iter().rposition(|slot| *slot == at) {
                    slots.remove(found);
                }
            }
        }
        if self.loose == Some(at) {
            self.loose = None;
        }
    }

    /// The operations left, in order; the window is empty afterwards.
    pub fn finish(&mut self) -> Vec<Instruction> {
        self.on_qubit.clear();
        self.loose = None;
        std::mem::take(&mut self.slots).into_iter().flatten().collect()
    }
}
