//! Which samples each step of a stochastic method sees: all of them, or shuffled mini-batches epoch by epoch.
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::rng::Philox;

const SHUFFLE_STREAM: u64 = 1 << 32;

/// The place in the plan of batches. Epoch `k` is shuffled by the generator of stream 2^32 + k, so that it does not
/// depend on what came before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Batching {
    /// Steps taken.
    taken: u64,
    /// The order of the samples in an epoch, and which epoch.
    #[serde(skip)]
    order: Option<(u64, Vec<usize>)>,
}

impl Batching {
    /// The samples of the next step (`None`: all); nothing when all steps are done.
    pub(super) fn next(&mut self, settings: &Settings) -> Option<Option<Vec<usize>>> {
        let Some(plan) = settings.batches else {
            self.taken += 1;
            return (self.taken <= settings.max_iter).then_some(None);
        };
        let in_epoch = plan.count.div_ceil(plan.size) as u64;
        let (epoch, place) = (self.taken / in_epoch, (self.taken % in_epoch) as usize * plan.size);
        if epoch >= plan.epochs as u64 {
            return None;
        }
        self.taken += 1;
        if self.order.as_ref().is_none_or(|(of, _)| *of != epoch) {
            let shuffled =
                Philox::new(settings.seed, SHUFFLE_STREAM.wrapping_add(epoch)).permutation(plan.count);
            self.order = Some((epoch, shuffled));
        }
        let order = &self.order.as_ref()?.1;
        Some(Some(order[place..(place + plan.size).min(plan.count)].to_vec()))
    }
}
