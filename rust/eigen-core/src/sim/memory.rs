//! Memory: checked against the limit before anything is allocated.
use super::precision::Precision;
use super::state::State;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Qubits beyond which no machine holds a state; masks have room for them.
const MOST_QUBITS: usize = 48;

/// Checks that `states` state vectors of `num_qubits` qubits in double precision fit into `limit_bytes`.
pub(crate) fn check(num_qubits: usize, states: usize, limit_bytes: u64) -> CoreResult<()> {
    check_in(num_qubits, states, Precision::F64, limit_bytes)
}

/// The same in either precision.
pub(crate) fn check_in(
    num_qubits: usize,
    states: usize,
    precision: Precision,
    limit_bytes: u64,
) -> CoreResult<()> {
    let limit = size_text(u128::from(limit_bytes));
    if num_qubits > MOST_QUBITS {
        return Err(exhausted(format!("needs 2^{num_qubits} amplitudes; limit {limit}")));
    }
    let needed = (u128::from(precision.amplitude_bytes()) << num_qubits) * states as u128;
    if needed <= u128::from(limit_bytes) {
        return Ok(());
    }
    let times = if states == 1 { String::new() } else { format!("{states} times ") };
    Err(exhausted(format!("needs {times}2^{num_qubits} amplitudes = {}; limit {limit}", size_text(needed))))
}

/// Bytes that the limit leaves beside a state, and beside a second one if it has room for that.
pub(crate) fn spare_bytes(num_qubits: usize, precision: Precision, limit_bytes: u64) -> u64 {
    let one = u128::from(precision.amplitude_bytes()) << num_qubits;
    let states = (u128::from(limit_bytes) / one).min(2);
    limit_bytes - (states * one) as u64
}

/// How many states fit into the limit, at least one.
pub(crate) fn states_within(num_qubits: usize, limit_bytes: u64) -> usize {
    states_within_in(num_qubits, Precision::F64, limit_bytes)
}

/// The same in either precision.
pub(crate) fn states_within_in(num_qubits: usize, precision: Precision, limit_bytes: u64) -> usize {
    let one = u128::from(precision.amplitude_bytes()) << num_qubits;
    usize::try_from(u128::from(limit_bytes) / one).unwrap_or(usize::MAX).max(1)
}

/// A state |0…0> in double precision.
pub(crate) fn allocate(num_qubits: usize) -> CoreResult<State> {
    allocate_in(num_qubits, Precision::F64)
}

/// The same state, in double precision, in memory of its own.
pub(crate) fn copy_of(state: &State) -> CoreResult<State> {
    let mut copy = allocate(state.len().ilog2() as usize)?;
    copy.copy_from(state);
    Ok(copy)
}

/// A state |0…0> in either precision.
pub(crate) fn allocate_in(num_qubits: usize, precision: Precision) -> CoreResult<State> {
    State::zero(num_qubits, precision)
        .ok_or_else(|| exhausted(format!("the system refuses the memory for 2^{num_qubits} amplitudes")))
}

fn exhausted(message: String) -> CoreError {
    CoreError::new(ErrorCode::ResourceExhausted, format!("the state vector {message}"))
        .with_hint("use fewer qubits, or an engine that does not keep the whole state")
}

/// A size in the largest binary unit that keeps it above 1.
pub(crate) fn size_text(bytes: u128) -> String {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    let unit = (bytes.max(1).ilog2() as usize / 10).min(UNITS.len() - 1);
    let value = bytes as f64 / (1u128 << (10 * unit)) as f64;
    if value.fract() == 0.0 {
        format!("{value} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_numbers() {
        let error = check(34, 1, 20 << 30).expect_err("too large");
        assert_eq!(error.message, "the state vector needs 2^34 amplitudes = 256 GiB; limit 20 GiB");
        assert!(check(30, 1, 16 << 30).is_ok());
        assert!(
            check(30, 2, 16 << 30)
                .expect_err("too large")
                .message
                .contains("2 times 2^30 amplitudes = 32 GiB")
        );
        assert!(check(1_000_000, 1, u64::MAX).is_err());
    }
}
