//! How many CX a two-qubit gate needs, from its local invariants: cheaper than its decomposition.
use crate::math::C64;
use crate::passes::weyl::Four;

/// Invariants that differ by less are the same.
const SAME: f64 = 1e-9;

/// The number of CX (Shende, Bullock and Markov, PRA 70, 012310, 2004, propositions III.1 to III.3, made independent
/// of the global phase).
pub(super) fn cx_count(unitary: &Four) -> usize {
    let gamma = unitary.mul(&spin_flipped(unitary));
    let trace = |matrix: &Four| -> C64 { (0..4).map(|k| matrix.0[k][k]).sum() };
    let phase = determinant(unitary).conj();
    let first = trace(&gamma) * trace(&gamma) * phase;
    let second = trace(&gamma.mul(&gamma)) * phase;
    if (first - 16.0).norm() < SAME {
        0
    } else if first.norm() < SAME && (second + 4.0).norm() < SAME {
        1
    } else if first.im.abs() < SAME && first.re > -SAME {
        2
    } else {
        3
    }
}

/// `(Y⊗Y)·Uᵀ·(Y⊗Y)`.
fn spin_flipped(unitary: &Four) -> Four {
    const SIGN: [f64; 4] = [-1.0, 1.0, 1.0, -1.0];
    let entry = |row: usize, column: usize| unitary.0[3 - column][3 - row] * (SIGN[row] * SIGN[column]);
    let mut out = Four::identity();
    for row in 0..4 {
        for column in 0..4 {
            out.0[row][column] = entry(row, column);
        }
    }
    out
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

/// The gate that exchanges two qubits.
pub(super) fn exchange() -> Four {
    let mut out = Four::identity();
    out.0.swap(1, 2);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Instruction;
    use crate::gate::Opcode;
    use crate::passes::numeric::four;
    use crate::passes::weyl::Entangler;
    use crate::rng::Philox;

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
}
