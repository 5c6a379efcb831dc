//! Circuits applied to a state that is already there.
use super::lower;
use super::program::Stop;
use super::state::State;
use super::workers::Workers;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Applies a circuit without measurements, resets and parameters.
pub(crate) fn apply_circuit(circuit: &Circuit, state: &mut State, workers: &Workers) -> CoreResult<()> {
    let mut program = lower::lower_onto(circuit)?;
    if !program.bind(&[]) {
        return Err(CoreError::new(ErrorCode::ParameterInvalid, "an angle overflows"));
    }
    let mut cursor = program.start();
    match program.advance(&mut cursor, state, workers)? {
        Stop::End => Ok(()),
        stop => Err(CoreError::new(ErrorCode::Internal, format!("a unitary circuit stopped at {stop:?}"))),
    }
}
