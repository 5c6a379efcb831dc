//! How many CX a two-qubit gate needs, from its local invariants: cheaper than its decomposition.
use super::square::Four;
use crate::math::C64;

/// Invariants that differ by less are the same.
const SAME: f64 = 1e-9;
/// Those that differ by more are surely not, whatever rounding did to a coordinate.
const FAR: f64 = 1e-4;

/// The number of CX (Shende, Bullock and Markov, PRA 70, 012310, 2004, propositions III.1 to III.3, made independent
/// of the global phase).
pub(crate) fn cx_count(unitary: &Four) -> usize {
    let first = first(unitary);
    if (first - 16.0).norm() < SAME {
        0
    } else if first.norm() < SAME && (second(unitary) + 4.0).norm() < SAME {
        1
    } else if first.im.abs() < SAME && first.re > -SAME {
        2
    } else {
        3
    }
}

/// A number of CX that a gate needs at the least; with `exchanged` also when its qubits may be exchanged behind it.
///
/// The first invariant is `16·g²` with `g = cos2a·cos2b·cos2c + i·sin2a·sin2b·sin2c`, where the exchange makes `g` an
/// `i·ḡ`: three CX unless `g` is real (or imaginary), two unless it is 0 or on the unit circle.
pub(crate) fn least_cx(unitary: &Four, exchanged: bool) -> usize {
    let first = first(unitary);
    if first.im.abs() > FAR || !exchanged && first.re < -FAR {
        3
    } else if first.norm() > FAR && (first.norm() - 16.0).abs() > FAR {
        2
    } else {
        0
    }
}

/// `tr²γ / det U` with `γ = U·(Y⊗Y)·Uᵀ·(Y⊗Y)`.
fn first(unitary: &Four) -> C64 {
    let entries = (0..4).flat_map(|row| (0..4).map(move |column| (row, column)));
    let terms = entries.map(|(row, column)| unitary.0[row][column] * flipped(unitary, column, row));
    let trace: C64 = terms.sum();
    trace * trace * determinant(unitary).conj()
}

/// `tr γ² / det U`.
fn second(unitary: &Four) -> C64 {
    let mut back = Four::identity();
    for (row, entries) in back.0.iter_mut().enumerate() {
        entries.iter_mut().enumerate().for_each(|(column, entry)| *entry = flipped(unitary, row, column));
    }
    let gamma = unitary.mul(&back);
    let square = gamma.mul(&gamma);
    let trace: C64 = (0..4).map(|k| square.0[k][k]).sum();
    trace * determinant(unitary).conj()
}

/// An entry of `(Y⊗Y)·Uᵀ·(Y⊗Y)`.
fn flipped(unitary: &Four, row: usize, column: usize) -> C64 {
    const SIGN: [f64; 4] = [-1.0, 1.0, 1.0, -1.0];
    unitary.0[3 - column][3 - row] * (SIGN[row] * SIGN[column])
}

fn determinant(matrix: &Four) -> C64 {
    let m = &matrix.0;
    let upper = |j: usize, k: usize| m[0][j] * m[1][k] - m[0][k] * m[1][j];
    let lower = |j: usize, k: usize| m[2][j] * m[3][k] - m[2][k] * m[3][j];
    upper(0, 1) * lower(2, 3) - upper(0, 2) * lower(1, 3)
        + upper(0, 3) * lower(1, 2)
        + upper(1, 2) * lower(0, 3)
        - upper(1, 3) * lower(0, 2)
        + upper(2, 3) * lower(0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Instruction;
    use crate::gate::Opcode;
    use crate::passes::numeric::four;
    use crate::passes::weyl::Entangler;
    use crate::rng::Philox;
    use crate::testing::random_unitary;

    /// A product of up to five gates: every class occurs.
    fn words() -> Vec<Four> {
        let mut random = Philox::new(5, 0);
        let mut out = Vec::new();
        for length in 0..200 {
            let mut product = Four::identity();
            for _ in 0..length % 6 {
                let angle = random.uniform() * 3.0;
                let (gate, params): (Opcode, &[f64]) = match random.below(5) {
                    0 => (Opcode::Cx, &[]),
                    1 => (Opcode::Rzz, &[angle]),
                    2 => (Opcode::Iswap, &[]),
                    3 => (Opcode::Swap, &[]),
                    _ => (Opcode::Cry, &[angle]),
                };
                let gate = Instruction::with_numbers(gate, &[0, 1], params);
                product = four(&gate).expect("numeric").mul(&product).scale(crate::math::cis(angle));
            }
            out.push(product);
        }
        out
    }

    #[test]
    fn counts_agree_with_the_decomposition() {
        let mut seen = [0; 4];
        for unitary in words() {
            assert_eq!(cx_count(&unitary), Entangler::Cz.count(&unitary));
            seen[cx_count(&unitary)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 3), "{seen:?}");
    }

    #[test]
    fn no_gate_needs_fewer_than_the_least() {
        let mut sharp = 0;
        let mut random = Philox::new(6, 0);
        let generic = (0..20).filter_map(|_| Four::of(&random_unitary(2, &mut random)));
        for unitary in words().into_iter().chain(generic) {
            let own = cx_count(&unitary);
            let either = own.min(cx_count(&Four::exchange().mul(&unitary)));
            assert!(least_cx(&unitary, false) <= own && least_cx(&unitary, true) <= either);
            sharp += usize::from(own == 3 && either == 3 && least_cx(&unitary, true) == 3);
        }
        assert!(sharp >= 20, "{sharp}");
    }
}
