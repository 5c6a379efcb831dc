//! What a small gate does to Pauli products, found from its matrix.
use crate::math::{C64, Matrix};

/// Qubits of a gate whose matrix is looked at, controls included.
pub(super) const MOST_QUBITS: usize = 10;

/// `i^phase X^x Z^z` on the gate's qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Image {
    pub x: u16,
    pub z: u16,
    pub phase: u8,
}

/// A Clifford gate up to its phase. Generators are the X of each of its qubits, then the Z of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Action {
    /// `G^-1 P G` for each generator P.
    pub backward: Vec<Image>,
    /// Generators whose backward image is not themselves.
    pub changed: Vec<usize>,
    /// What a Pauli error before the gate is behind it, signs aside: generators whose bit changes, each with the
    /// generators whose bits it is the sum of.
    pub errors: Vec<(usize, Vec<usize>)>,
}

impl Action {
    /// The action of a unitary matrix; `None` when it is not Clifford, each entry within `tolerance`.
    pub fn of(matrix: &Matrix, tolerance: f64) -> Option<Self> {
        let count = matrix.num_qubits().filter(|count| *count <= MOST_QUBITS)?;
        let images = |matrix: &Matrix| -> Option<Vec<Image>> {
            (0..2 * count).map(|generator| conjugate(matrix, own(generator, count), tolerance)).collect()
        };
        let (backward, forward) = (images(&matrix.dagger())?, images(matrix)?);
        let changed = (0..2 * count).filter(|k| backward[*k] != own(*k, count)).collect();
        let has =
            |image: &Image, bit: usize| (u32::from(image.x) | u32::from(image.z) << count) >> bit & 1 == 1;
        let sources = |bit: usize| (0..2 * count).filter(|k| has(&forward[*k], bit)).collect::<Vec<_>>();
        let errors =
            (0..2 * count).map(|bit| (bit, sources(bit))).filter(|(bit, from)| *from != [*bit]).collect();
        Some(Action { backward, changed, errors })
    }
}

fn own(generator: usize, count: usize) -> Image {
    match generator.checked_sub(count) {
        None => Image { x: 1 << generator, z: 0, phase: 0 },
        Some(k) => Image { x: 0, z: 1 << k, phase: 0 },
    }
}

/// `U P U^-1` when it is a Pauli product. Its phase and bits are read from single entries, then all of it is checked.
fn conjugate(u: &Matrix, p: Image, tolerance: f64) -> Option<Image> {
    let (dim, flip, signs) = (u.dim(), usize::from(p.x), usize::from(p.z));
    let sign = |mask: usize, index: usize| if (mask & index).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
    // (U P)[row, column] for P = X^x Z^z.
    let moved = |row: usize, column: usize| u.get(row, column ^ flip) * sign(signs, column);
    let entry = |row: usize, column: usize| -> C64 {
        (0..dim).map(|k| moved(row, k) * u.get(column, k).conj()).sum()
    };
    let x = (0..dim).find(|row| entry(*row, 0).norm() > 0.5)?;
    let phase = quarter(entry(x, 0))?;
    let mut z = 0;
    for k in 0..dim.trailing_zeros() {
        match (quarter(entry(x ^ 1 << k, 1 << k))? + 4 - phase) & 3 {
            0 => {}
            2 => z |= 1 << k,
            _ => return None,
        }
    }
    let unit = [C64::ONE, C64::I, -C64::ONE, -C64::I][usize::from(phase)];
    for row in 0..dim {
        let from = row ^ x;
        let factor = unit * sign(z, from);
        if (0..dim).any(|column| (moved(row, column) - factor * u.get(from, column)).norm() > tolerance) {
            return None;
        }
    }
    Some(Image { x: x as u16, z: z as u16, phase })
}

/// The power of i that a number is near.
fn quarter(value: C64) -> Option<u8> {
    let near = |unit: C64| (value - unit).norm() < 0.1;
    [C64::ONE, C64::I, -C64::ONE, -C64::I].into_iter().position(near).map(|power| power as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{GateSpec, Opcode, TABLE};

    fn action(opcode: Opcode, params: &[f64]) -> Option<Action> {
        let spec = GateSpec::of(opcode).expect("a gate");
        Action::of(&spec.full_matrix(params, spec.num_qubits().expect("fixed")).expect("a matrix"), 1e-12)
    }

    #[test]
    fn hadamard_and_s_are_as_in_the_books() {
        let h = action(Opcode::H, &[]).expect("Clifford");
        assert_eq!(h.backward, [Image { x: 0, z: 1, phase: 0 }, Image { x: 1, z: 0, phase: 0 }]);
        let s = action(Opcode::S, &[]).expect("Clifford");
        // S X S^-1 = Y = i X Z.
        assert_eq!(s.errors, [(1, vec![0, 1])]);
        let sdg = action(Opcode::Sdg, &[]).expect("Clifford");
        assert_eq!(sdg.backward[0], Image { x: 1, z: 1, phase: 1 });
        assert_eq!(s.backward[0], Image { x: 1, z: 1, phase: 3 });
        assert_eq!(s.changed, [0]);
    }

    #[test]
    fn the_flags_of_the_gate_table_are_right() {
        for spec in TABLE.iter().filter(|spec| spec.params.is_empty() && spec.num_qubits().is_some()) {
            let found = action(spec.opcode, &[]).is_some();
            assert_eq!(found, spec.flags.clifford, "{}", spec.name());
        }
    }

    #[test]
    fn angles_count_only_at_quarter_turns() {
        for k in -8..9 {
            assert!(action(Opcode::Rx, &[f64::from(k) * std::f64::consts::FRAC_PI_2]).is_some(), "{k}");
            assert_eq!(
                action(Opcode::P, &[f64::from(k) * std::f64::consts::FRAC_PI_4]).is_some(),
                k % 2 == 0
            );
        }
        assert!(action(Opcode::Rz, &[1e-6]).is_none());
        assert!(action(Opcode::Rzz, &[std::f64::consts::FRAC_PI_2]).is_some());
        assert!(action(Opcode::Cp, &[std::f64::consts::FRAC_PI_2]).is_none());
    }
}
