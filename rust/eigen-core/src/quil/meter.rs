//! What reading a program may cost.
use crate::limits::MAX_EXPANSION_STEPS;
use crate::text::{Fault, Parse};

/// Steps that are left: statements by their length, terms of parameters, entries of matrices.
pub(super) struct Meter {
    left: u64,
}

impl Meter {
    pub fn new() -> Self {
        Self { left: MAX_EXPANSION_STEPS as u64 }
    }

    /// Charges for what comes next.
    #[inline]
    pub fn spend(&mut self, steps: u64, at: usize) -> Parse<()> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let what = "steps of a program, written out";
                Err(Fault::limit(at, what, MAX_EXPANSION_STEPS, MAX_EXPANSION_STEPS + 1))
            }
        }
    }

    /// Fails when something would cost more than is left, before any of it is done.
    pub fn check(&self, steps: u64, at: usize) -> Parse<()> {
        if steps <= self.left {
            return Ok(());
        }
        let value = usize::try_from(steps).unwrap_or(usize::MAX);
        Err(Fault::limit(at, "steps of a program, written out", MAX_EXPANSION_STEPS, value))
    }
}
