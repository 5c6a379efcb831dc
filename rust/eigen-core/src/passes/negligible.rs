//! Rotations too small to matter, left out as long as all of them together change no state by more than a tolerance.
use super::tree::{Body, Node};
use crate::circuit::{Circuit, Instruction};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::param::Param;

/// A circuit without some rotations.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The circuit.
    pub circuit: Circuit,
    /// How many were left out.
    pub rotations: usize,
    /// The distance of the two unitaries in the operator norm is at most this.
    pub bound: f64,
}

/// Leaves out the smallest rotations, as many as have a sum of `|exp(iφ) − 1| ≤ tolerance`; `None` when there are none.
///
/// What stands in blocks, under a condition, or has a symbol for its angle stays. Fails when the tolerance is negative or
/// not finite.
pub fn without_negligible(circuit: &Circuit, tolerance: f64) -> CoreResult<Option<Reduced>> {
    if !(tolerance.is_finite() && tolerance >= 0.0) {
        let message = format!("the tolerance of a compilation is a small number, not `{tolerance}`");
        return Err(CoreError::new(ErrorCode::GateArguments, message));
    }
    let is_small = |param: &Param| matches!(param, Param::Number(angle) if angle.abs() <= 2.0 * tolerance);
    if tolerance == 0.0 || !circuit.operations().any(|op| op.params().first().is_some_and(is_small)) {
        return Ok(None);
    }
    let small = |op: &Instruction| distance(op).filter(|distance| *distance <= tolerance);
    let body = Body::of(circuit);
    let straight =
        |node: &Node| if let Node::Straight(stretch) = node { stretch.clone() } else { Vec::new() };
    let mut found: Vec<(f64, usize)> =
        body.0.iter().flat_map(straight).enumerate().filter_map(|(k, op)| Some((small(&op)?, k))).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut bound = 0.0;
    let fits = found.iter().take_while(|(distance, _)| {
        let next = bound + distance;
        let is_within = next <= tolerance;
        if is_within {
            bound = next;
        }
        is_within
    });
    let mut gone: Vec<usize> = fits.map(|(_, k)| *k).collect();
    if gone.is_empty() {
        return Ok(None);
    }
    gone.sort_unstable();
    let mut place = 0..;
    let nodes = body.0.into_iter().map(|node| match node {
        Node::Straight(stretch) => {
            let numbered = stretch.into_iter().zip(place.by_ref());
            Node::Straight(
                numbered.filter(|(_, k)| gone.binary_search(k).is_err()).map(|(op, _)| op).collect(),
            )
        }
        block => block,
    });
    let circuit = Body(nodes.collect()).into_circuit(circuit)?;
    Ok(Some(Reduced { circuit, rotations: gone.len(), bound }))
}

/// How far a rotation about any axis, under controls or not, is from doing nothing; `None` for other gates.
fn distance(op: &Instruction) -> Option<f64> {
    let scale = match op.opcode {
        Opcode::P | Opcode::Cp | Opcode::Mcp => 1.0,
        Opcode::Rx | Opcode::Ry | Opcode::Rz | Opcode::Crx | Opcode::Cry | Opcode::Crz => 0.5,
        Opcode::Rxx | Opcode::Ryy | Opcode::Rzz | Opcode::Rzx | Opcode::PauliRot => 0.5,
        _ => return None,
    };
    let angle = op.params.first().filter(|angle| angle.is_constant())?;
    let always = op.detail.condition.is_none() && op.detail.modifier.power == 1.0;
    // |exp(iφ) − 1| = 2·|sin(φ/2)| ≤ |φ|
    always.then(|| scale * angle.constant.abs())
}

#[cfg(test)]
mod tests {
    use super::without_negligible;
    use crate::circuit::CircuitBuilder;
    use crate::gate::Opcode;
    use crate::testing::unitary;

    #[test]
    fn the_smallest_go_first_and_the_bound_holds() {
        let mut builder = CircuitBuilder::new(3, 0).expect("small");
        let gates: [(Opcode, &[u32], f64); 6] = [
            (Opcode::Cp, &[0, 1], 3e-4),
            (Opcode::Rz, &[1], -1e-4),
            (Opcode::Rx, &[0], 0.7),
            (Opcode::Rzz, &[1, 2], 2e-4),
            (Opcode::Cry, &[2, 0], 8e-4),
            (Opcode::P, &[2], 2e-3),
        ];
        for (opcode, qubits, angle) in gates {
            builder.gate(Opcode::H, &qubits[..1], &[]).expect("valid");
            builder.gate(opcode, qubits, &[angle]).expect("valid");
        }
        let circuit = builder.build().expect("valid");
        let reduced = without_negligible(&circuit, 5e-4).expect("finite").expect("some");
        assert_eq!(reduced.rotations, 3);
        assert!((reduced.bound - 4.5e-4).abs() < 1e-12, "{}", reduced.bound);
        let distance = unitary(&circuit, &[]).distance(&unitary(&reduced.circuit, &[]));
        assert!(distance > 1e-5 && distance <= reduced.bound, "{distance}");
        assert!(without_negligible(&circuit, 0.0).expect("finite").is_none());
        assert!(
            without_negligible(&circuit, -1.0).is_err() && without_negligible(&circuit, f64::NAN).is_err()
        );
    }
}
