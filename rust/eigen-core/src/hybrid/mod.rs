//! Hybrid loops: minimisation of expectation values, wholly in the core.
//!
//! A `Search` is a method under way that asks and is told; it knows no circuit. `Energy` answers it from a prepared
//! circuit. Methods are deterministic: their arithmetic is our own, their randomness comes from counters.
mod batching;
mod checkpoint;
mod cobyla;
mod descent;
mod energy;
mod lbfgs;
mod line_search;
mod linear;
mod linear_model;
mod method;
mod nelder_mead;
mod question;
mod record;
mod rotosolve;
mod search;
mod settings;
mod spsa;

pub use checkpoint::CHECKPOINT_VERSION;
pub use energy::Energy;
pub use method::METHODS;
pub use question::{Question, Verdict, Wants};
pub use search::{Outcome, Search};
pub use settings::{Batches, MOST_PARAMETERS, Settings};

#[cfg(test)]
mod tests;
