//! How many amplitudes a circuit needs, found by running it within bounds.
use super::super::history::History;
use super::super::program::Stop;
use super::lower::lower;
use super::walk::Walk;
use crate::circuit::Circuit;
use crate::error::ErrorCode;

/// What a run took, or would take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Probe {
    /// Most amplitudes at a time.
    pub peak: usize,
    /// Amplitudes that all gates go over, together.
    pub visits: f64,
}

/// Runs a circuit of at most 128 qubits with at most `most` amplitudes; `None` when they do not do, or the engine has no
/// rule for a gate. Open parameters get values at which nothing cancels by chance; of two outcomes the likelier is taken.
pub(crate) fn probe(circuit: &Circuit, most: usize) -> Option<Probe> {
    if circuit.num_qubits() > super::MOST_QUBITS {
        return None;
    }
    let values: Vec<f64> = (0..circuit.symbols().len()).map(generic).collect();
    let program = lower(circuit, &values).ok()?;
    let mut walk = Walk::new(&program, most);
    loop {
        let (qubit, clbit) = match walk.advance() {
            Ok(Stop::End) => break,
            Ok(Stop::Measure { qubit, clbit }) => (qubit, Some(clbit)),
            Ok(Stop::Reset { qubit }) => (qubit, None),
            Err(error) if error.code == ErrorCode::LoopBoundReached => break,
            Err(_) => return None,
        };
        let weights = walk.weights(qubit);
        let outcome = weights[1] > weights[0];
        walk.collapse(qubit, outcome, weights[usize::from(outcome)]);
        match clbit {
            Some(clbit) => walk.cursor().set(clbit, outcome),
            None if outcome => walk.flip(qubit),
            None => {}
        }
    }
    Some(Probe { peak: walk.state.peak, visits: walk.state.visits as f64 })
}

/// Numbers in (0, 2) that no small relation ties: multiples of the golden ratio, wrapped.
fn generic(index: usize) -> f64 {
    let turn = (index as f64 + 1.0) * 0.618_033_988_749_894_9;
    0.1 + 1.8 * (turn - libm::floor(turn))
}
