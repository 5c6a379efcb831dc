//! Questions about the final state as networks: amplitudes, Pauli strings, probabilities.
use std::collections::{BTreeMap, BTreeSet};

use super::build::{Builder, Wire};
use super::gates::{Numeric, cone};
use super::network::Network;
use super::tensor::Tensor;
use crate::error::CoreResult;
use crate::gate::pauli;
use crate::math::C64;
use crate::observable::Pauli;

/// The amplitudes of the state after some gates, over the values of the `open` qubits (bit `k` is `open[k]`), the others
/// as `bits` says.
pub(crate) fn amplitudes<'a>(
    gates: impl Iterator<Item = &'a Numeric>,
    num_qubits: usize,
    bits: impl Fn(usize) -> bool,
    open: &[u32],
) -> CoreResult<Network> {
    let mut state = Builder::new(num_qubits);
    gates.into_iter().try_for_each(|gate| state.apply(gate))?;
    let mut chosen: BTreeMap<u32, bool> = BTreeMap::new();
    for (qubit, wire) in state.wires.iter().enumerate().filter(|(q, _)| !open.contains(&(*q as u32))) {
        match wire {
            Wire::Known(value) if *value != bits(qubit) => state.scale = C64::ZERO,
            Wire::Known(_) => {}
            Wire::Index(index) => {
                chosen.insert(*index, bits(qubit));
            }
        }
    }
    for tensor in &mut state.tensors {
        for (index, value) in
            tensor.indices.clone().into_iter().filter_map(|i| chosen.get(&i).map(|v| (i, *v)))
        {
            *tensor = tensor.fixed(index, value);
        }
    }
    let output = open.iter().map(|qubit| state.index_of(*qubit)).collect();
    Ok(state.network(output))
}

/// `<P>` of a Pauli string.
pub(crate) fn mean(gates: &[Numeric], num_qubits: usize, string: &[(u32, Pauli)]) -> CoreResult<Network> {
    let asked: Vec<(u32, bool)> =
        string.iter().map(|(qubit, letter)| (*qubit, *letter == Pauli::Z)).collect();
    let mut state = within_cone(gates, num_qubits, &asked)?.0;
    let mut turned = BTreeSet::new();
    let mut letters = Vec::new();
    for (qubit, letter) in string {
        match (state.wires[*qubit as usize], *letter) {
            (Wire::Known(value), Pauli::Z) => {
                letters.push(Tensor::scalar(if value { -C64::ONE } else { C64::ONE }));
            }
            (Wire::Known(_), _) => state.scale = C64::ZERO,
            (Wire::Index(index), Pauli::Z) => {
                letters.push(Tensor { indices: vec![index], data: vec![C64::ONE, -C64::ONE] });
            }
            (Wire::Index(index), letter) => {
                turned.insert(index);
                let matrix = pauli(letter.letter() as u8);
                let value = |at: usize| matrix.get(at >> 1, at & 1);
                letters.push(Tensor::from_fn(vec![index, index + state.next], value));
            }
        }
    }
    Ok(state.squared(&turned, letters, Vec::new()))
}

/// Probabilities of the values of some qubits, as a network over them.
pub(crate) fn probabilities(gates: &[Numeric], num_qubits: usize, qubits: &[u32]) -> CoreResult<Network> {
    let asked: Vec<(u32, bool)> = qubits.iter().map(|qubit| (*qubit, true)).collect();
    let mut state = within_cone(gates, num_qubits, &asked)?.0;
    let output = qubits.iter().map(|qubit| state.index_of(*qubit)).collect();
    Ok(state.squared(&BTreeSet::new(), Vec::new(), output))
}

fn within_cone(
    gates: &[Numeric],
    num_qubits: usize,
    asked: &[(u32, bool)],
) -> CoreResult<(Builder, Vec<bool>)> {
    let (kept, reached) = cone(gates, asked, num_qubits);
    let mut state = Builder::new(num_qubits);
    kept.iter().try_for_each(|at| state.apply(&gates[*at]))?;
    Ok((state, reached))
}

impl Builder {
    /// The index of a qubit's value; one that is known gets an index of its own.
    fn index_of(&mut self, qubit: u32) -> u32 {
        match self.wires[qubit as usize] {
            Wire::Index(index) => index,
            Wire::Known(value) => {
                let index = self.fresh();
                let value = usize::from(value);
                let entry = |at: usize| if at == value { C64::ONE } else { C64::ZERO };
                self.tensors.push(Tensor::from_fn(vec![index], entry));
                self.wires[qubit as usize] = Wire::Index(index);
                index
            }
        }
    }

    fn network(mut self, output: Vec<u32>) -> Network {
        self.tensors.push(Tensor::scalar(self.scale));
        Network { tensors: self.tensors, output }
    }

    /// The state with its complex conjugate: the final indices are shared but for `turned` ones, which are
    /// `index + next` in the conjugate.
    fn squared(self, turned: &BTreeSet<u32>, more: Vec<Tensor>, output: Vec<u32>) -> Network {
        let ends = self
            .wires
            .iter()
            .filter_map(|wire| if let Wire::Index(index) = wire { Some(*index) } else { None });
        let shared: BTreeSet<u32> = ends.filter(|index| !turned.contains(index)).collect();
        let name = |index: u32| if shared.contains(&index) { index } else { index + self.next };
        let conjugates = self.tensors.iter().map(|tensor| {
            let indices = tensor.indices.iter().map(|index| name(*index)).collect();
            Tensor { indices, data: tensor.conj().data }
        });
        let mut tensors: Vec<Tensor> = conjugates.collect();
        tensors.extend(self.tensors.iter().cloned());
        tensors.extend(more);
        tensors.push(Tensor::scalar(C64::new(self.scale.norm_sqr(), 0.0)));
        Network { tensors, output }
    }
}
