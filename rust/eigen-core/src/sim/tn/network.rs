//! Tensors and the indices that stay open: a sum over all other indices of the product of all tensors.
use std::collections::BTreeMap;

use super::tensor::{Plan, Tensor};
use crate::math::C64;

/// A tensor network.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub tensors: Vec<Tensor>,
    /// Open indices; bit `k` of a position of the result is `output[k]`.
    pub output: Vec<u32>,
}

impl Network {
    /// Joins what costs nothing: a product that has no more indices than the larger of its factors, and sums over
    /// indices that only one tensor has.
    pub fn simplify(&mut self) {
        let mut slots: Vec<Option<Tensor>> =
            std::mem::take(&mut self.tensors).into_iter().map(Some).collect();
        let mut holders: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (slot, tensor) in slots.iter().enumerate() {
            for index in tensor.iter().flat_map(|tensor| &tensor.indices) {
                holders.entry(*index).or_default().push(slot);
            }
        }
        let mut waiting: Vec<usize> = (0..slots.len()).rev().collect();
        while let Some(slot) = waiting.pop() {
            let Some(mut tensor) = slots[slot].take() else { continue };
            for index in tensor.indices.clone() {
                if holders[&index].len() == 1 && !self.output.contains(&index) {
                    tensor = tensor.summed(index);
                    holders.remove(&index);
                }
            }
            let Some((other, plan)) = self.free_partner(slot, &tensor, &slots, &holders) else {
                slots[slot] = Some(tensor);
                continue;
            };
            let Some(second) = slots[other].take() else { continue };
            for index in &tensor.indices {
                holders.entry(*index).or_default().retain(|holder| *holder != slot);
            }
            for index in &second.indices {
                holders.entry(*index).or_default().retain(|holder| *holder != other);
            }
            let product = plan.contract(&tensor, &second);
            product.indices.iter().for_each(|index| holders.entry(*index).or_default().push(slot));
            holders.retain(|_, slots| !slots.is_empty());
            // Whoever shares an index with the product may now join it.
            let near: Vec<usize> = product.indices.iter().flat_map(|index| holders[index].clone()).collect();
            slots[slot] = Some(product);
            waiting.extend(near);
        }
        let (scalars, rest): (Vec<Tensor>, Vec<Tensor>) =
            slots.into_iter().flatten().partition(|tensor| tensor.indices.is_empty());
        let factor = scalars.iter().fold(C64::ONE, |product, scalar| product * scalar.data[0]);
        self.tensors = rest;
        match self.tensors.first_mut() {
            Some(first) => first.data.iter_mut().for_each(|value| *value *= factor),
            None => self.tensors.push(Tensor::scalar(factor)),
        }
    }

    /// A tensor whose product with this one has no more indices than the larger of the two.
    fn free_partner(
        &self,
        slot: usize,
        tensor: &Tensor,
        slots: &[Option<Tensor>],
        holders: &BTreeMap<u32, Vec<usize>>,
    ) -> Option<(usize, Plan)> {
        let near = tensor.indices.iter().flat_map(|index| &holders[index]);
        for other in near.filter(|other| **other != slot) {
            let Some(second) = &slots[*other] else { continue };
            let keep = |index: u32| holders[&index].len() > 2 || self.output.contains(&index);
            let plan = Plan::new(&tensor.indices, &second.indices, keep);
            if plan.result().len() <= tensor.indices.len().max(second.indices.len()) {
                return Some((*other, plan));
            }
        }
        None
    }

    /// The network with its indices numbered by their first appearance: networks of the same form become equal.
    pub fn form(&self) -> Form {
        let mut names: BTreeMap<u32, u32> = BTreeMap::new();
        let mut name = |index: &u32| {
            let next = names.len() as u32;
            *names.entry(*index).or_insert(next)
        };
        let leaves =
            self.tensors.iter().map(|tensor| tensor.indices.iter().map(&mut name).collect()).collect();
        let output = self.output.iter().map(&mut name).collect();
        Form { leaves, output, count: names.len() }
    }
}

/// The indices of a network without its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    pub leaves: Vec<Vec<u32>>,
    pub output: Vec<u32>,
    /// How many indices there are; their names are 0 to `count - 1`.
    pub count: usize,
}
