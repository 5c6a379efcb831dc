//! How hard a circuit is for Pauli propagation, without running it to the end.
use super::program::Program;
use super::step::Step;
use super::sweep::{Bounds, Sweep};
use super::terms::Hashes;
use crate::circuit::Circuit;
use crate::error::{CoreResult, ErrorCode};
use crate::noise::Model;
use crate::observable::Observable;

/// How the number of products grows.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// Rotations that are no Clifford gates for all values of the parameters.
    pub rotations: usize,
    /// Rotations walked, from the end of the circuit.
    pub walked: usize,
    /// Rotations walked that split a product.
    pub branching: usize,
    /// The most products so far; all of them when `is_whole`.
    pub terms: usize,
    /// Products summed over the steps walked: what the propagation costs.
    pub visits: f64,
    /// Whether the walk came to the beginning of the circuit.
    pub is_whole: bool,
}

/// Takes an observable back through a circuit until there are more than `most_terms` products, for angles that are no
/// quarter turns. A circuit without rotations is Clifford.
pub fn growth(
    circuit: &Circuit,
    noise: Option<&Model>,
    observable: &Observable,
    most_terms: usize,
) -> CoreResult<Growth> {
    // Values at which no rotation is a quarter turn.
    let values: Vec<f64> = (0..circuit.symbols().len()).map(|k| 0.5 + 1.0 / (k as f64 + 3.0)).collect();
    let program = Program::new(circuit, noise, Some(&values))?;
    let hashes = Hashes::new(program.num_qubits);
    let rotations = program.backward().filter(|step| matches!(step, Step::Rotation { .. })).count();
    let bounds = Bounds { cutoff: 0.0, max_weight: u32::MAX, max_terms: most_terms };
    let terms = observable.terms().len();
    let mut out = Growth { rotations, walked: 0, branching: 0, terms, visits: 0.0, is_whole: false };
    let mut sweep = match Sweep::new(&program, &hashes, observable, bounds, false) {
        Err(error) if error.code == ErrorCode::ResourceExhausted => return Ok(out),
        other => other?,
    };
    for step in program.backward() {
        let before = sweep.terms.len();
        match sweep.step(step, &values) {
            Err(error) if error.code == ErrorCode::ResourceExhausted => {
                out.branching += 1;
                out.terms = out.terms.max(sweep.most);
                return Ok(out);
            }
            other => other?,
        }
        out.walked += usize::from(matches!(step, Step::Rotation { .. }));
        out.branching += usize::from(sweep.terms.len() > before);
        out.terms = out.terms.max(sweep.terms.len());
        out.visits += sweep.terms.len() as f64;
    }
    out.is_whole = true;
    Ok(out)
}
