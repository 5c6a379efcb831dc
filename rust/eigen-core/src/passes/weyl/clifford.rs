//! Clifford gates on two qubits as words of CZ between Clifford gates: the coordinates alone leave the local gates free.
use super::square::{Four, Square, Two};
use super::word::{Link, Word};
use crate::math::C64;

/// The largest difference of an entry that counts as rounding.
const NEGLIGIBLE: f64 = 1e-9;
const HALF: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// The word of `count` CZ for a Clifford gate that needs so many, equal to it up to a phase; `None` for other gates.
///
/// Up to Clifford gates behind it, what stands before the first CZ only turns the axes of each qubit round: nine ways
/// (Corcoles et al., PRA 87, 030301, 2013, have the same classes).
pub(crate) fn clifford_word(unitary: &Four, count: usize) -> Option<Word> {
    let is_level = |value: &C64| {
        let size = value.norm();
        [0.0, 0.5, HALF, 1.0].iter().any(|level| (size - level).abs() < NEGLIGIBLE)
    };
    if count > 3 || !unitary.0.iter().flatten().all(is_level) {
        return None;
    }
    let hadamard = Square([[C64::from(HALF), C64::from(HALF)], [C64::from(HALF), C64::from(-HALF)]]);
    // S·H takes X to Z, Z to Y and Y to X.
    let turn = Square([[C64::from(HALF), C64::from(HALF)], [C64::I * HALF, C64::I * -HALF]]);
    let turns = [Two::identity(), turn, turn.mul(&turn)];
    let mut cz = Four::identity();
    cz.0[3][3] = C64::from(-1.0);
    let both = hadamard.beside(&hadamard);
    let mut core = if count == 0 { Four::identity() } else { cz };
    for _ in 1..count {
        core = cz.mul(&both).mul(&core);
    }
    for first in &turns {
        for second in &turns {
            let rest = unitary.mul(&core.mul(&first.beside(second)).dagger());
            let factors = rest.factors();
            let (_, off) = rest.phase_to(&factors[0].beside(&factors[1]));
            if off > NEGLIGIBLE {
                continue;
            }
            let [Some(a), Some(b)] = factors.map(|factor| snapped(&factor)) else { continue };
            if count == 0 {
                return Some(Word { layers: vec![[a, b]], links: Vec::new() });
            }
            let mut layers = vec![[hadamard; 2]; count + 1];
            (layers[0], layers[count]) = ([*first, *second], [a, b]);
            return Some(Word { layers, links: vec![Link::Cz; count] });
        }
    }
    None
}

/// A Clifford gate on one qubit without rounding, up to a phase; nothing for another gate.
fn snapped(gate: &Two) -> Option<Two> {
    let [large, other] = [gate.0[0][0], gate.0[0][1]];
    let lead = if large.norm() > other.norm() - NEGLIGIBLE { large } else { other };
    let back = lead.conj() / lead.norm();
    let mut out = *gate;
    for entry in out.0.iter_mut().flatten() {
        let turned = *entry * back;
        let size = [0.0, HALF, 1.0].into_iter().min_by(|a, b| {
            let off = |size: &f64| (turned.norm() - size).abs();
            off(a).total_cmp(&off(b))
        })?;
        let units = [C64::ONE, C64::I, -C64::ONE, -C64::I];
        let exact = units.map(|unit| unit * size);
        *entry = exact.into_iter().find(|exact| (turned - exact).norm() < NEGLIGIBLE)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::word::Entangler;
    use super::*;
    use crate::rng::Philox;

    fn random_clifford(random: &mut Philox) -> Four {
        let hadamard = Square([[C64::from(HALF), C64::from(HALF)], [C64::from(HALF), C64::from(-HALF)]]);
        let root = Square([[C64::ONE, C64::ZERO], [C64::ZERO, C64::I]]);
        let mut cz = Four::identity();
        cz.0[3][3] = -C64::ONE;
        let mut total = Four::identity();
        for _ in 0..random.below(40) {
            let next = match random.below(5) {
                0 => hadamard.beside(&Two::identity()),
                1 => Two::identity().beside(&hadamard),
                2 => root.beside(&Two::identity()),
                3 => Two::identity().beside(&root),
                _ => cz,
            };
            total = next.mul(&total);
        }
        total
    }

    #[test]
    fn words_of_clifford_gates_have_clifford_gates_only() {
        let mut random = Philox::new(11, 0);
        let mut seen = [0; 4];
        for _ in 0..400 {
            let unitary = random_clifford(&mut random);
            let count = Entangler::Cz.count(&unitary);
            let word = clifford_word(&unitary, count).expect("a Clifford gate");
            assert_eq!(word.links.len(), count);
            assert!(unitary.phase_to(&word.unitary()).1 < 1e-12);
            assert!(word.layers.iter().flatten().all(|gate| snapped(gate).is_some()));
            seen[count] += 1;
        }
        assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
    }

    #[test]
    fn other_gates_have_no_such_word() {
        let eighth = Square([[C64::ONE, C64::ZERO], [C64::ZERO, C64::new(HALF, HALF)]]);
        let mut unitary = eighth.beside(&Two::identity());
        assert!(clifford_word(&unitary, 0).is_none());
        unitary.0[3][3] = C64::new(0.6, 0.8);
        assert!(clifford_word(&unitary, 2).is_none());
    }
}
