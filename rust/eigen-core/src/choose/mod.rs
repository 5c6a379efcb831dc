//! What to simulate and how: the part of a circuit that a question depends on, independent parts, and what each engine
//! would cost. It runs nothing but probes of bounded size.
mod cone;
mod noisy;
mod part;
mod reduced;
mod speed;
mod verdict;

pub use cone::light_cone;
pub use noisy::noisy_verdicts;
pub use part::{Part, independent_parts};
pub use reduced::Reduced;
pub use speed::Speed;
pub use verdict::{Request, Verdict, verdicts};

#[cfg(test)]
mod tests;
