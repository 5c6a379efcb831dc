//! Density matrices as vectors on twice the qubits: entry (row, column) lies at `row + column * 2^n`.
use crate::error::CoreResult;
use crate::math::C64;
use crate::observable::Observable;
use crate::sim::{LANES, State, allocate};

/// `|psi><psi|`.
pub(super) fn pure(psi: &State, num_qubits: usize) -> CoreResult<State> {
    let mut rho = allocate(2 * num_qubits)?;
    let amplitudes = psi.to_vec();
    let dim = amplitudes.len();
    let blocks = rho.blocks_mut();
    for (column, ket) in amplitudes.iter().enumerate() {
        for (row, bra) in amplitudes.iter().enumerate() {
            let index = row + column * dim;
            blocks[index / LANES].set(index % LANES, bra * ket.conj());
        }
    }
    Ok(rho)
}

/// `Tr(O rho)`.
pub(super) fn expectation(rho: &State, observable: &Observable, num_qubits: usize) -> f64 {
    let term = |(string, coefficient): &(crate::observable::PauliString, f64)| {
        let (x, z) = string.masks().unwrap_or_default();
        let trace: f64 = (0..1u64 << num_qubits)
            .map(|k| (string.entry_phase(x, z, k) * rho.get((k | (k ^ x) << num_qubits) as usize)).re)
            .sum();
        coefficient * trace
    };
    observable.terms().iter().map(term).sum()
}

/// A state whose squared moduli are the diagonal, to draw basis states from.
pub(super) fn square_roots(rho: &State, num_qubits: usize) -> CoreResult<State> {
    let mut out = allocate(num_qubits)?;
    let dim = 1usize << num_qubits;
    for k in 0..dim {
        let probability = rho.get(k + k * dim).re.max(0.0);
        out.blocks_mut()[k / LANES].set(k % LANES, C64::new(probability.sqrt(), 0.0));
    }
    Ok(out)
}
