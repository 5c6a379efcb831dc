//! One history of a circuit on the chain: segments, measurements and resets.
use super::chain::{Chain, Limits};
use super::fuse::fused;
use super::gate::{Action, Bound};
use super::lower::Program;
use super::order::Layout;
use super::{schedule, snapshot};
use crate::error::CoreResult;
use crate::math::C64;
use crate::sim::program::{Cursor, Stop};
use crate::sim::snapshot::Watch;

/// The segments of a program with numbers.
pub(super) struct Numbers {
    pub segments: Vec<Vec<Bound>>,
}

/// SWAP as a matrix.
const SWAP: [usize; 4] = [0, 6, 9, 15];

impl Numbers {
    /// Binds all gates and fuses them.
    pub fn new(program: &Program, layout: &Layout, values: &[f64]) -> CoreResult<Self> {
        let bound = |gate: &super::gate::Gate| match (&gate.action, layout.renames) {
            (Action::Swap, false) => {
                let matrix = std::array::from_fn(|k| if SWAP.contains(&k) { C64::ONE } else { C64::ZERO });
                Ok(Bound::Pair { qubits: [gate.targets[0], gate.targets[1]], matrix })
            }
            _ => gate.bind(values),
        };
        let segment = |gates: &Vec<super::gate::Gate>| {
            fused(gates.iter().map(bound).collect::<CoreResult<_>>()?, program.num_qubits)
        };
        Ok(Numbers { segments: program.segments.iter().map(segment).collect::<CoreResult<_>>()? })
    }
}

/// Runs on until a measurement, a reset or the end.
pub(super) fn advance(
    program: &Program,
    numbers: &Numbers,
    cursor: &mut Cursor,
    chain: &mut Chain,
) -> CoreResult<Stop> {
    let mut failed = None;
    let stop = cursor.advance(&program.codes, |segment| {
        if failed.is_none() {
            failed = schedule::apply(chain, &numbers.segments[segment]).err();
        }
    });
    match failed {
        Some(error) => Err(error),
        None => stop,
    }
}

/// The state at the end of a circuit without measurements, its centre at the first site.
pub(super) fn final_chain(
    program: &Program,
    numbers: &Numbers,
    layout: &Layout,
    limits: Limits,
    watch: Option<Box<dyn Watch>>,
) -> CoreResult<Chain> {
    let mut chain = Chain::zero(&layout.place, limits);
    let mut cursor = program.start();
    match watch {
        None => while !matches!(advance(program, numbers, &mut cursor, &mut chain)?, Stop::End) {},
        Some(mut watch) => snapshot::run_watched(program, numbers, &mut chain, watch.as_mut())?,
    }
    chain.move_to(0);
    Ok(chain)
}

impl Chain {
    /// The probabilities of 0 and 1 of a qubit; the centre moves to it.
    pub fn weights(&mut self, qubit: usize) -> [f64; 2] {
        self.move_to(self.place[qubit]);
        self.sites[self.centre].weights()
    }

    /// Puts a qubit, at which the centre stands, after a measurement. Bonds that became too wide shrink.
    pub fn collapse(&mut self, qubit: usize, outcome: bool, weights: [f64; 2]) -> CoreResult<()> {
        let at = self.place[qubit];
        self.sites[at].project(usize::from(outcome), 1.0 / libm::sqrt(weights[usize::from(outcome)]));
        for rightwards in [true, false] {
            let end = if rightwards { self.sites.len() - 1 } else { 0 };
            while self.centre != end {
                let before =
                    if rightwards { self.sites[self.centre].right } else { self.sites[self.centre].left };
                let from = self.centre;
                self.squeeze(rightwards)?;
                let after = if rightwards { self.sites[from].right } else { self.sites[from].left };
                if after == before {
                    break;
                }
            }
            self.move_to(at);
        }
        Ok(())
    }

    /// Applies X to a qubit.
    pub fn flip(&mut self, qubit: usize) {
        let site = self.place[qubit];
        self.sites[site].apply(&[C64::ZERO, C64::ONE, C64::ONE, C64::ZERO]);
    }
}
