//! Which steps share a pass over memory: a greedy choice that respects what commutes.
use super::step::{Controls, Placed, Shape};
use super::tile::{RUN_QUBITS, TILE_QUBITS, Tiling};

/// Steps that are applied tile by tile, in order, in one pass over the state.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub tiling: Tiling,
    pub placed: Vec<Placed>,
}

/// Steps that wait while a pass looks further ahead.
const MOST_WAITING: usize = 1024;

/// Cuts a sequence of steps into passes.
///
/// A step may overtake steps left for later passes only where both are diagonal on every qubit that they share.
pub(crate) fn schedule(num_qubits: usize, steps: &[(&Shape, Controls)]) -> Vec<Pass> {
    let place = |mask: u64, taken: &[usize]| {
        let tiling = Tiling::new(num_qubits, mask);
        let placed = taken.iter().map(|&k| Placed::new(k, steps[k].0, steps[k].1, &tiling)).collect();
        Pass { tiling, placed }
    };
    if steps.is_empty() {
        return Vec::new();
    }
    if num_qubits <= TILE_QUBITS {
        let all: Vec<usize> = (0..steps.len()).collect();
        return vec![place((1 << num_qubits) - 1, &all)];
    }
    let (mut waiting, mut next) = (Vec::new(), 0);
    let mut passes = Vec::new();
    while !waiting.is_empty() || next < steps.len() {
        let mut choice = Choice::default();
        waiting.into_iter().for_each(|k| choice.offer(k, steps[k]));
        while next < steps.len() && choice.left.len() < MOST_WAITING {
            choice.offer(next, steps[next]);
            next += 1;
        }
        passes.push(place(fill(choice.inside, num_qubits), &choice.taken));
        waiting = choice.left;
    }
    passes
}

/// The steps of one pass, and those left for later.
struct Choice {
    inside: u64,
    /// Qubits that steps left for later mix: nothing may overtake them there.
    closed: u64,
    /// Qubits on which steps left for later are diagonal.
    only_diagonal: u64,
    taken: Vec<usize>,
    left: Vec<usize>,
}

impl Default for Choice {
    fn default() -> Self {
        Choice {
            inside: (1 << RUN_QUBITS) - 1,
            closed: 0,
            only_diagonal: 0,
            taken: Vec::new(),
            left: Vec::new(),
        }
    }
}

impl Choice {
    fn offer(&mut self, index: usize, (shape, controls): (&Shape, Controls)) {
        let mixed = shape.mixed();
        let diagonal = shape.diagonal() | controls.mask;
        let free = mixed & (self.closed | self.only_diagonal) == 0 && diagonal & self.closed == 0;
        if free && (self.inside | mixed).count_ones() as usize <= TILE_QUBITS {
            self.inside |= mixed;
            self.taken.push(index);
        } else {
            self.closed |= mixed;
            self.only_diagonal |= diagonal;
            self.left.push(index);
        }
    }
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
