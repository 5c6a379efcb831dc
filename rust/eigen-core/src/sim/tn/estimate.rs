//! What a contraction would cost, without carrying it out.
use super::evaluate::Evaluator;
use super::prepared::{flat_gates, numeric};
use super::question::{amplitudes, mean};
use super::search::search;
use crate::circuit::Circuit;
use crate::error::CoreResult;
use crate::observable::Observable;
use crate::sim::mps::lower::lower;

/// The cost of a contraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContractionCost {
    /// log2 of the numbers of the largest tensor, before slicing.
    pub width: u32,
    /// Complex multiplications, all slices together.
    pub operations: f64,
    /// log2 of the number of slices.
    pub sliced: u32,
}

/// The cost of one amplitude, or of an expectation value: the widest of its terms, the operations of all. Parameters are
/// taken at generic values; tensors of one contraction stay within `memory_bytes`.
pub fn contraction_cost(
    circuit: &Circuit,
    observable: Option<&Observable>,
    memory_bytes: u64,
) -> CoreResult<ContractionCost> {
    let program = lower(circuit)?;
    let values: Vec<f64> = (0..program.num_parameters).map(|k| 0.37 + 0.61 * (k % 7) as f64).collect();
    let gates = numeric(flat_gates(&program)?, &values)?;
    let mut networks = Vec::new();
    match observable {
        None => networks.push(amplitudes(gates.iter(), program.num_qubits, |_| false, &[])?),
        Some(observable) => {
            for (string, _) in observable.terms() {
                networks.push(mean(&gates, program.num_qubits, string.factors())?);
            }
        }
    }
    let mut cost = ContractionCost { width: 0, operations: 0.0, sliced: 0 };
    for mut network in networks {
        network.simplify();
        let path = search(&network.form(), memory_bytes as f64 / Evaluator::NUMBER_BYTES, libm::exp2(66.0));
        cost.width = cost.width.max(path.width);
        cost.operations += path.operations();
        cost.sliced = cost.sliced.max(path.sliced.len() as u32);
    }
    Ok(cost)
}
