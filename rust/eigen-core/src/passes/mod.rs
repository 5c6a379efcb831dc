//! Passes: pure functions from circuit to circuit, one per file; `pipeline` says which run when.
mod agreement;
mod decompose;
mod draft;
mod fold;
mod mapping;
mod negligible;
mod network;
mod numeric;
mod one_qubit;
mod pairs;
mod pipeline;
mod runs;
mod simplify;
mod size;
mod swaps;
mod trail;
mod tree;
mod unobserved;
mod weyl;

pub use agreement::{Agreement, compare};
pub use decompose::decompose;
pub use mapping::{MapOptions, Mapped, Topology, map};
pub use negligible::{Reduced, without_negligible};
pub use pipeline::{Freedom, Optimised, Pass, Step, elide_swaps, optimise, woven};
pub use simplify::simplify;
pub use size::Size;
pub use trail::Change;

#[cfg(test)]
mod tests;
