//! Networks to numbers within the limits of the engine; paths are kept by the form of the network.
use std::collections::HashMap;
use std::sync::Arc;

use super::TensorNetwork;
use super::contract::contract;
use super::network::{Form, Network};
use super::search::{Path, search};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::sim::memory::size_text;
use crate::sim::workers::Workers;

/// Paths that are kept.
const MOST_PATHS: usize = 4096;

/// What has been contracted since the beginning of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Account {
    /// log2 of the largest tensor, before slicing.
    pub width: u32,
    /// Complex multiplications.
    pub operations: f64,
    /// Most slices of a contraction.
    pub slices: u64,
}

/// Contracts networks.
pub(super) struct Evaluator {
    engine: TensorNetwork,
    workers: Workers,
    paths: HashMap<Form, Arc<Path>>,
    pub account: Account,
}

impl Evaluator {
    /// Bytes of a number.
    pub const NUMBER_BYTES: f64 = 16.0;
    /// log2 of how far beyond the limit a first tree may lie for a better one to be looked for.
    pub const OUT_OF_REACH: f64 = 24.0;

    pub fn new(engine: TensorNetwork, workers: Workers) -> Self {
        Evaluator { engine, workers, paths: HashMap::new(), account: Account::default() }
    }

    /// The path of a network that is simplified already; refuses what is too much, `times` over.
    pub fn path(&mut self, form: Form, times: f64) -> CoreResult<Arc<Path>> {
        let path = match self.paths.get(&form) {
            Some(path) => path.clone(),
            None => {
                let path = Arc::new(search(
                    &form,
                    self.engine.memory_bytes as f64 / Self::NUMBER_BYTES,
                    libm::exp2(self.engine.max_operations + Self::OUT_OF_REACH),
                ));
                if self.paths.len() >= MOST_PATHS {
                    self.paths.clear();
                }
                self.paths.insert(form, path.clone());
                path
            }
        };
        self.check(&path, times)?;
        Ok(path)
    }

    fn check(&self, path: &Path, times: f64) -> CoreResult<()> {
        let slices = path.sliced.len();
        let operations = libm::log2((path.operations() * times + self.account.operations).max(1.0));
        let fits = path.slice.peak * Self::NUMBER_BYTES <= self.engine.memory_bytes as f64;
        if fits && operations <= self.engine.max_operations {
            return Ok(());
        }
        let needed = size_text(
            1u128.checked_shl(path.width).and_then(|numbers| numbers.checked_mul(16)).unwrap_or(u128::MAX),
        );
        let slicing = match slices {
            0 => String::new(),
            _ => format!(
                ", or 2^{slices} slices of width {} within {}",
                path.slice.width,
                size_text(u128::from(self.engine.memory_bytes))
            ),
        };
        let message = format!(
            "the contraction has width {}: it needs 2^{} amplitudes = {needed} at once{slicing}, 2^{operations:.1} \
             operations in all; limit 2^{}",
            path.width, path.width, self.engine.max_operations
        );
        Err(CoreError::new(ErrorCode::ResourceExhausted, message)
            .with_hint("raise max_operations, ask about fewer qubits, or use a shallower circuit"))
    }

    fn book(&mut self, path: &Path) {
        self.account.width = self.account.width.max(path.width);
        self.account.operations += path.operations();
        self.account.slices = self.account.slices.max(1 << path.sliced.len().min(63));
    }

    /// The values of some networks over their outputs. What a network gives does not depend on the others.
    pub fn values(&mut self, mut networks: Vec<Network>) -> CoreResult<Vec<Vec<C64>>> {
        let mut paths = Vec::with_capacity(networks.len());
        let mut largest = 0.0f64;
        for network in &mut networks {
            network.simplify();
            let path = self.path(network.form(), 1.0)?;
            self.book(&path);
            largest = largest.max(if path.sliced.is_empty() { path.slice.peak } else { f64::INFINITY });
            paths.push(path);
        }
        // Small contractions share the threads between them, large ones share them inside.
        let all = largest * Self::NUMBER_BYTES * self.workers.count() as f64;
        if all <= self.engine.memory_bytes as f64 {
            let one = |k: usize| contract(&networks[k], &paths[k], &Workers::ONE);
            return Ok(self.workers.map(networks.len(), one));
        }
        Ok(networks
            .iter()
            .zip(&paths)
            .map(|(network, path)| contract(network, path, &self.workers))
            .collect())
    }
}
