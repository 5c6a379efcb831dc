//! Reduced density matrices of pure states.
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::MAX_DENSE_QUBITS;
use crate::math::C64;

/// The reduced density matrix of some qubits of a state, row-major; bit `k` of an index is `qubits[k]`.
pub(crate) fn reduced(state: &[C64], num_qubits: usize, qubits: &[usize]) -> CoreResult<Vec<C64>> {
    check_reduced(qubits, num_qubits)?;
    let kept = qubits.iter().fold(0usize, |mask, qubit| mask | 1 << qubit);
    let spread = |value: usize| -> usize {
        qubits.iter().enumerate().map(|(k, qubit)| (value >> k & 1) << qubit).sum()
    };
    let places: Vec<usize> = (0..1 << qubits.len()).map(spread).collect();
    let mut out = vec![C64::ZERO; places.len() * places.len()];
    for rest in (0..state.len()).filter(|index| index & kept == 0) {
        for (slot, value) in out.iter_mut().enumerate() {
            let (row, column) = (places[slot / places.len()], places[slot % places.len()]);
            *value += state[rest | row] * state[rest | column].conj();
        }
    }
    Ok(out)
}

/// Refuses qubits that are not there or named twice, and more of them than a matrix is written out for.
pub(crate) fn check_reduced(qubits: &[usize], num_qubits: usize) -> CoreResult<()> {
    if qubits.len() > MAX_DENSE_QUBITS {
        return Err(CoreError::limit(
            "qubits of a density matrix written out",
            MAX_DENSE_QUBITS,
            qubits.len(),
        ));
    }
    check_qubits(qubits, num_qubits)
}

/// Refuses qubits that are not there or named twice.
pub(crate) fn check_qubits(qubits: &[usize], num_qubits: usize) -> CoreResult<()> {
    match qubits.iter().enumerate().find(|(k, q)| **q >= num_qubits || qubits[..*k].contains(q)) {
        Some((_, qubit)) => {
            let message = format!("qubit `{qubit}` is named twice or is not one of {num_qubits}");
            Err(CoreError::new(ErrorCode::SimulationArguments, message))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_bell_pair_is_completely_mixed() {
        let half = C64::new(std::f64::consts::FRAC_1_SQRT_2, 0.0);
        let bell = [half, C64::ZERO, C64::ZERO, half];
        let found = reduced(&bell, 2, &[1]).expect("a qubit");
        assert!(
            (found[0].re - 0.5).abs() < 1e-15 && found[1] == C64::ZERO && (found[3].re - 0.5).abs() < 1e-15
        );
        assert!(reduced(&bell, 2, &[2]).is_err());
        assert!(reduced(&bell, 2, &[0, 0]).is_err());
    }
}
