//! A step: one unitary operation of a prepared circuit, its shape fixed, its numbers given at each run.
use super::amplitude::Block;
use super::kernel::{self, Guard, PauliMasks};
use super::tile::Tiling;
use crate::math::C64;

/// What a step does, on qubits of the circuit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A 2x2 matrix: 4 numbers.
    Single { target: usize },
    /// Pauli X: no numbers.
    Flip { target: usize },
    /// SWAP: no numbers.
    Swap { targets: [usize; 2] },
    /// A 4x4 matrix: 16 numbers.
    Double { targets: [usize; 2] },
    /// A 2^k x 2^k matrix: 4^k numbers.
    Dense { targets: Vec<usize> },
    /// One factor: 1 number.
    Scale,
    /// One factor for each parity of the qubits in the mask: 2 numbers.
    Parity { mask: u64 },
    /// `a + b P` for a Pauli string P: 2 numbers.
    Pauli { x: u64, z: u64 },
}

impl Shape {
    /// How many numbers a run must give.
    pub fn number_count(&self) -> usize {
        match self {
            Shape::Single { .. } => 4,
            Shape::Flip { .. } | Shape::Swap { .. } => 0,
            Shape::Double { .. } => 16,
            Shape::Dense { targets } => 1 << (2 * targets.len()),
            Shape::Scale => 1,
            Shape::Parity { .. } | Shape::Pauli { .. } => 2,
        }
    }

    /// Qubits that must lie inside a tile.
    pub fn mixed(&self) -> u64 {
        match self {
            Shape::Single { target } | Shape::Flip { target } => 1 << target,
            Shape::Swap { targets } | Shape::Double { targets } => 1 << targets[0] | 1 << targets[1],
            Shape::Dense { targets } => targets.iter().fold(0, |mask, t| mask | 1 << t),
            Shape::Pauli { x, .. } => *x,
            Shape::Scale | Shape::Parity { .. } => 0,
        }
    }

    /// Qubits on which the shape is diagonal.
    pub fn diagonal(&self) -> u64 {
        match self {
            Shape::Parity { mask } => *mask,
            Shape::Pauli { x, z } => z & !x,
            _ => 0,
        }
    }

    /// The same on other qubits: `name` of each, `spread` of those in a mask.
    pub fn renamed(&self, name: impl Fn(usize) -> usize, spread: impl Fn(u64) -> u64) -> Self {
        match self {
            Shape::Single { target } => Shape::Single { target: name(*target) },
            Shape::Flip { target } => Shape::Flip { target: name(*target) },
            Shape::Swap { targets } => Shape::Swap { targets: targets.map(name) },
            Shape::Double { targets } => Shape::Double { targets: targets.map(name) },
            Shape::Dense { targets } => Shape::Dense { targets: targets.iter().map(|t| name(*t)).collect() },
            Shape::Scale => Shape::Scale,
            Shape::Parity { mask } => Shape::Parity { mask: spread(*mask) },
            Shape::Pauli { x, z } => Shape::Pauli { x: spread(*x), z: spread(*z) },
        }
    }

    /// Writes the step's numbers, found in a gate's matrix (or in the two numbers of a rotation), into `out`.
    pub fn pick(&self, matrix: &[C64], out: &mut [C64]) {
        match self {
            Shape::Flip { .. } | Shape::Swap { .. } => {}
            Shape::Scale => out[0] = matrix[matrix.len() - 1],
            Shape::Parity { .. } => {
                let [even, odd] = match matrix.len() {
                    2 => [matrix[0] + matrix[1], matrix[0] - matrix[1]],
                    4 => [matrix[0], matrix[3]],
                    _ => [matrix[0], matrix[5]],
                };
                out.copy_from_slice(&[even, odd]);
            }
            _ => out.copy_from_slice(matrix),
        }
    }

    /// Writes the numbers of the inverse step into `out`.
    pub fn write_adjoint(&self, numbers: &[C64], out: &mut [C64]) {
        let dimension = match self {
            Shape::Single { .. } => 2,
            Shape::Double { .. } => 4,
            Shape::Dense { targets } => 1 << targets.len(),
            Shape::Flip { .. }
            | Shape::Swap { .. }
            | Shape::Scale
            | Shape::Parity { .. }
            | Shape::Pauli { .. } => {
                return out.iter_mut().zip(numbers).for_each(|(slot, value)| *slot = value.conj());
            }
        };
        for row in 0..dimension {
            for column in 0..dimension {
                out[row * dimension + column] = numbers[column * dimension + row].conj();
            }
        }
    }
}

/// Controls on qubits of the circuit: the step acts where `index & mask == value`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Controls {
    pub mask: u64,
    pub value: u64,
}

/// A step seen from inside a tile.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// Index of the step in its segment.
    pub step: usize,
    shape: LocalShape,
    guard: Guard,
    /// Controls outside the tile.
    outer: Controls,
    /// Qubits outside the tile whose parity counts.
    outer_parity: u64,
}

#[derive(Clone, Debug)]
enum LocalShape {
    Single { target: usize },
    Flip { target: usize },
    Swap { targets: [usize; 2] },
    Double { targets: [usize; 2] },
    Dense { targets: Vec<usize> },
    Scale,
    Parity { mask: usize },
    Pauli { masks: PauliMasks },
}

impl Placed {
    pub fn new(step: usize, shape: &Shape, controls: Controls, tiling: &Tiling) -> Self {
        let local = |qubit: usize| tiling.local(qubit).unwrap_or_default();
        let (guard_mask, outer_mask) = tiling.split(controls.mask);
        let (guard_value, outer_value) = tiling.split(controls.value);
        let mut outer_parity = 0;
        let shape = match shape {
            Shape::Single { target } => LocalShape::Single { target: local(*target) },
            Shape::Flip { target } => LocalShape::Flip { target: local(*target) },
            Shape::Swap { targets } => LocalShape::Swap { targets: targets.map(local) },
            Shape::Double { targets } => LocalShape::Double { targets: targets.map(local) },
            Shape::Dense { targets } => {
                LocalShape::Dense { targets: targets.iter().map(|&t| local(t)).collect() }
            }
            Shape::Scale => LocalShape::Scale,
            Shape::Parity { mask } => {
                let (mask, outer) = tiling.split(*mask);
                outer_parity = outer;
                LocalShape::Parity { mask }
            }
            Shape::Pauli { x, z } => {
                let (z, outer) = tiling.split(*z);
                outer_parity = outer;
                LocalShape::Pauli { masks: PauliMasks { x: tiling.split(*x).0, z } }
            }
        };
        let guard = Guard { mask: guard_mask, value: guard_value };
        Placed { step, shape, guard, outer: Controls { mask: outer_mask, value: outer_value }, outer_parity }
    }

    #[inline(always)]
    fn acts_on(&self, outer: u64) -> bool {
        outer & self.outer.mask == self.outer.value
    }

    #[inline(always)]
    fn is_odd(&self, outer: u64) -> bool {
        (outer & self.outer_parity).count_ones() % 2 == 1
    }

    /// Applies the step to a tile. `outer` holds the values of the qubits outside it.
    #[inline(always)]
    pub fn apply(&self, blocks: &mut [Block], outer: u64, numbers: &[C64]) {
        if !self.acts_on(outer) {
            return;
        }
        let (guard, odd) = (self.guard, self.is_odd(outer));
        match &self.shape {
            LocalShape::Single { target } => kernel::single(blocks, *target, first(numbers), guard),
            LocalShape::Flip { target } => kernel::flip(blocks, *target, guard),
            LocalShape::Swap { targets } => kernel::swap(blocks, targets[0], targets[1], guard),
            LocalShape::Double { targets } => kernel::dense_two(blocks, *targets, first(numbers), guard),
            LocalShape::Dense { targets } => kernel::dense_any(blocks, targets, numbers, guard),
            LocalShape::Scale => kernel::scale(blocks, numbers[0], guard),
            LocalShape::Parity { mask } => {
                let factors = if odd { [numbers[1], numbers[0]] } else { [numbers[0], numbers[1]] };
                if *mask == 0 {
                    kernel::scale(blocks, factors[0], guard);
                } else {
                    kernel::parity(blocks, *mask, factors, guard);
                }
            }
            LocalShape::Pauli { masks } => {
                let pauli = if odd { -numbers[1] } else { numbers[1] };
                kernel::pauli_sum(blocks, *masks, numbers[0], pauli, guard);
            }
        }
    }

    /// Adds to `out` the overlaps from which derivatives by the step's numbers follow: entry k is the inner product of
    /// the bra with what number k multiplies in the ket.
    #[inline(always)]
    pub fn add_overlaps(&self, bra: &[Block], ket: &[Block], outer: u64, out: &mut [C64]) {
        if !self.acts_on(outer) {
            return;
        }
        let (guard, odd) = (self.guard, self.is_odd(outer));
        match &self.shape {
            LocalShape::Single { target } => kernel::overlap_dense(bra, ket, &[*target], guard, out),
            LocalShape::Double { targets } => kernel::overlap_dense(bra, ket, targets, guard, out),
            LocalShape::Scale => out[0] += kernel::overlap_scale(bra, ket, guard),
            LocalShape::Parity { mask } => {
                let [even_sum, odd_sum] = kernel::overlap_parity(bra, ket, *mask, guard);
                out[usize::from(odd)] += even_sum;
                out[1 - usize::from(odd)] += odd_sum;
            }
            LocalShape::Pauli { masks } => {
                let [plain, pauli] = kernel::overlap_pauli(bra, ket, *masks, guard);
                out[0] += plain;
                out[1] += if odd { -pauli } else { pauli };
            }
            LocalShape::Flip { .. } | LocalShape::Swap { .. } | LocalShape::Dense { .. } => {}
        }
    }
}

/// The first `N` numbers as an array.
#[inline(always)]
fn first<const N: usize>(numbers: &[C64]) -> &[C64; N] {
    numbers.first_chunk().unwrap_or(&[C64::ZERO; N])
}
