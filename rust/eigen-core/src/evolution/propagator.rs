//! Any generator carried along: by its Taylor series while it does not change, else by the Magnus integrator.
use super::chebyshev::pair;
use super::drive::Drive;
use super::krylov::Spent;
use super::magnus::Magnus;
use super::operator::Operator;
use super::taylor;
use crate::error::CoreResult;
use crate::sim::{State, Workers};

/// The propagator of a generator, with its memory.
pub(super) enum Propagator<'a> {
    Constant { operator: Operator, pair: [State; 2], workers: &'a Workers },
    Driven(Box<Magnus<'a>>),
}

impl<'a> Propagator<'a> {
    pub fn new(drive: &'a Drive, workers: &'a Workers) -> CoreResult<Self> {
        if drive.is_time_dependent {
            return Ok(Self::Driven(Box::new(Magnus::new(drive, workers)?)));
        }
        let operator = Operator::new(drive.width(), &drive.terms(&[(0.0, 1.0)]), workers);
        Ok(Self::Constant { operator, pair: pair(drive.width())?, workers })
    }

    /// Carries a state from one time to another, with an error of at most `rate` a unit of time, relative to the norm.
    pub fn propagate(&mut self, state: &mut State, from: f64, to: f64, rate: f64) -> CoreResult<Spent> {
        match self {
            Self::Driven(magnus) => magnus.propagate(state, from, to, rate),
            Self::Constant { operator, pair, workers } => {
                let time = to - from;
                Ok(taylor::propagate(operator, state, time, rate * time, pair, workers))
            }
        }
    }
}
