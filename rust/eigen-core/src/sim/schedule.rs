//! Which steps share a pass over memory: a greedy choice that respects what commutes.
use super::step::{Controls, Placed, Shape};
use super::tile::{RUN_QUBITS, TILE_QUBITS, Tiling};

/// Steps that are applied tile by tile, in order, in one pass over the state.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub tiling: Tiling,
    pub placed: Vec<Placed>,
}

/// Cuts a sequence of steps into passes.
///
/// A step may overtake steps left for later passes only where both are diagonal on every qubit that they share.
pub(crate) fn schedule(num_qubits: usize, steps: &[(&Shape, Controls)]) -> Vec<Pass> {
    let mut rest: Vec<usize> = (0..steps.len()).collect();
    let mut passes = Vec::new();
    while !rest.is_empty() {
        let everything = (1u64 << num_qubits) - 1;
        let (mask, taken, left) = if num_qubits <= TILE_QUBITS {
            (everything, rest, Vec::new())
        } else {
            let (mask, taken, left) = take_pass(&rest, steps);
            (fill(mask, num_qubits), taken, left)
        };
        let tiling = Tiling::new(num_qubits, mask);
        let placed = taken.iter().map(|&k| Placed::new(k, steps[k].0, steps[k].1, &tiling)).collect();
        passes.push(Pass { tiling, placed });
        rest = left;
    }
    passes
}

fn take_pass(rest: &[usize], steps: &[(&Shape, Controls)]) -> (u64, Vec<usize>, Vec<usize>) {
    let mut inside = (1u64 << RUN_QUBITS) - 1;
    let (mut closed, mut only_diagonal) = (0u64, 0u64);
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for &k in rest {
        let (shape, controls) = steps[k];
        let mixed = shape.mixed();
        let diagonal = shape.diagonal() | controls.mask;
        let free = mixed & (closed | only_diagonal) == 0 && diagonal & closed == 0;
        if free && (inside | mixed).count_ones() as usize <= TILE_QUBITS {
            inside |= mixed;
            taken.push(k);
        } else {
            closed |= mixed;
            only_diagonal |= diagonal;
            left.push(k);
        }
    }
    (inside, taken, left)
}

/// Fills a tile up with the lowest qubits that it lacks.
fn fill(mut mask: u64, num_qubits: usize) -> u64 {
    for qubit in 0..num_qubits {
        if mask.count_ones() as usize == TILE_QUBITS {
            break;
        }
        mask |= 1 << qubit;
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(num_qubits: usize, shapes: &[(Shape, Controls)]) -> Vec<Vec<usize>> {
        let steps: Vec<_> = shapes.iter().map(|(shape, controls)| (shape, *controls)).collect();
        schedule(num_qubits, &steps).iter().map(|pass| pass.placed.iter().map(|p| p.step).collect()).collect()
    }

    #[test]
    fn small_states_take_one_pass() {
        let shapes: Vec<_> = (0..14).map(|target| (Shape::Single { target }, Controls::default())).collect();
        assert_eq!(plan(14, &shapes).len(), 1);
    }

    #[test]
    fn diagonal_steps_never_need_a_pass_of_their_own() {
        let mut shapes: Vec<_> =
            (0..20).map(|q| (Shape::Parity { mask: 1 << q | 1 }, Controls::default())).collect();
        shapes.push((Shape::Flip { target: 3 }, Controls { mask: 1 << 19, value: 1 << 19 }));
        assert_eq!(plan(20, &shapes).len(), 1);
    }

    #[test]
    fn a_step_does_not_overtake_what_it_does_not_commute_with() {
        let mut shapes: Vec<_> =
            (0..20).map(|target| (Shape::Single { target }, Controls::default())).collect();
        shapes.push((Shape::Flip { target: 0 }, Controls { mask: 1 << 19, value: 1 << 19 }));
        shapes.push((Shape::Single { target: 0 }, Controls::default()));
        let passes = plan(20, &shapes);
        assert_eq!(passes.len(), 2);
        assert!(passes[1].ends_with(&[20, 21]));
    }
}
