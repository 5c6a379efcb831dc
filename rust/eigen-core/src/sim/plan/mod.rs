//! A plan: the operations of a segment cut into passes over memory, sweeps over tiles and sequences in registers, once
//! for a circuit; then bound to numbers and run.
mod choice;
mod constants;
mod exchange;
mod group;
mod growth;
mod head;
mod initial;
mod merge;
mod names;
mod op;
mod pass;
mod phases;
mod real;
mod rotation;
#[cfg(test)]
mod tests;
mod tiles;

use std::cell::RefCell;
use std::fmt::Write as _;

use super::amplitude::{Block, LANES};
use super::isa::for_each_isa;
use super::kernel::register::{Places, RunDense};
use super::lines::{Lines, Plain};
use super::segment::Step;
use super::snapshot::Identity;
use super::step::Placed;
use super::tile::Tiling;
use super::vector::{Dispatch, Isa, Real};
use super::workers::Workers;
use crate::math::C64;
use group::Numbers;
use growth::{Growth, Listed};
use initial::Initial;
use names::renamed;
use op::Ops;
use pass::{Pass, Stage};
pub(crate) use rotation::Core;
use rotation::Parts;
use tiles::{Buffers, Work, each_tile, unpack};

/// What a plan may be run on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// Any state.
    Anywhere,
    /// |0…0> alone; smaller states on the way may take so much memory.
    Zero { spare_bytes: u64 },
}

/// What a run of a bound plan needs.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    pub numbers: &'a [C64],
    pub starts: &'a [usize],
    pub workers: &'a Workers,
    pub isa: Isa,
}

/// Called after each pass with the number of passes done and what they worked on; false ends the run.
pub(crate) type Between<'a, R> = &'a mut dyn FnMut(usize, &[R]) -> bool;

/// A precision that plans can run in.
pub(crate) trait Float: Dispatch + Plain {
    /// Applies a step of any shape to a tile.
    fn apply_step(placed: &Placed, lines: &mut [Self], outer: u64, numbers: &[C64]);

    /// Calls `work` with the buffers of this thread.
    fn with_buffers<T>(work: impl FnOnce(&mut Buffers<Self>) -> T) -> T;
}

/// Passes over a state, and the constants of their sweeps.
#[derive(Debug)]
pub(crate) struct Plan<R: Float> {
    ops: Ops,
    /// The state that the first pass writes, for a plan that begins with |0…0>.
    initial: Option<Initial>,
    /// The smaller state that it grows from, if it does.
    growth: Option<Box<Growth<R>>>,
    /// Whether all amplitudes stay real, and half of the state's memory is worked on.
    is_real: bool,
    /// Qubits of the state that the passes go over.
    num_stored: usize,
    parts: Vec<Parts>,
    passes: Vec<Pass>,
    constants: Lines<R>,
}

impl<R: Float> Plan<R> {
    /// Plans steps on a state of `num_qubits` qubits. `fixed` gives the numbers of a step that no parameter changes.
    pub fn new<'a>(
        num_qubits: usize,
        steps: &[Step],
        start: Start,
        fixed: impl Fn(usize) -> Option<&'a [C64]>,
    ) -> Self {
        let Start::Zero { spare_bytes } = start else {
            let steps: Vec<Listed<'_>> = steps.iter().enumerate().collect();
            let padded = num_qubits.max(R::LANE_QUBITS + 3);
            return Plan::of(padded, &steps, Ops::new(&steps, false, fixed), None, None, false);
        };
        let steps = renamed(num_qubits, steps, &fixed);
        let steps: Vec<Listed<'_>> = steps.iter().enumerate().collect();
        let is_real = real::is_real(num_qubits, &Ops::new(&steps, true, &fixed), &fixed);
        // All smaller states together take at most a third more than the first.
        let amplitudes = spare_bytes / size_of::<R>() as u64 / 2 * 3 / 4;
        Plan::begun(num_qubits, &steps, is_real, amplitudes.checked_ilog2().map_or(0, |k| k as usize), &fixed)
    }

    /// Plans steps on |0…0>, SWAPs being done already, by way of a smaller state if that gains and has at most
    /// `most_qubits` qubits.
    fn begun<'a>(
        num_qubits: usize,
        steps: &[Listed<'_>],
        is_real: bool,
        most_qubits: usize,
        fixed: &impl Fn(usize) -> Option<&'a [C64]>,
    ) -> Self {
        let kept = if is_real { 1u64 << (num_qubits - 1) } else { 0 };
        let split = growth::split(num_qubits, steps, kept, most_qubits, fixed);
        let seed = split.as_ref().map(|split| {
            let first: Vec<Listed<'_>> = split.first.iter().map(|(id, step)| (*id, step)).collect();
            let width = split.qubits.count_ones() as usize;
            (Plan::begun(width, &first, is_real, most_qubits, fixed), split.qubits)
        });
        let steps = split.as_ref().map_or(steps, |split| &split.rest);
        let touched = split.as_ref().map_or(0, |split| split.qubits);
        let mut ops = Ops::new(steps, true, fixed);
        let padded = num_qubits.max(R::LANE_QUBITS + 3);
        let packed = is_real.then(|| num_qubits - 1);
        let initial = Initial::take(&mut ops, padded, touched, packed);
        if is_real {
            real::pack(num_qubits, &mut ops);
        }
        Plan::of(packed.unwrap_or(padded), steps, ops, Some(initial), seed, is_real)
    }

    fn of(
        num_stored: usize,
        steps: &[Listed<'_>],
        ops: Ops,
        initial: Option<Initial>,
        seed: Option<(Self, u64)>,
        is_real: bool,
    ) -> Self {
        let mut next = 0;
        let place = |id: usize, tiling: &Tiling| {
            let at =
                steps.binary_search_by_key(&id, |(id, _)| *id).expect("an operation of one of the steps");
            let Step { shape, controls, .. } = steps[at].1;
            Placed::new(id, shape, *controls, tiling)
        };
        let passes = pass::passes::<R>(num_stored, &ops, initial.is_some(), &place, &mut next);
        let growth = seed.map(|(plan, qubits)| Box::new(Growth::new(plan, qubits, &passes[0].tiling)));
        let constants = Lines::new(next);
        Plan { ops, initial, growth, is_real, num_stored, parts: Vec::new(), passes, constants }
    }

    /// Whether a run writes the whole state, whatever it was before.
    pub fn begins(&self) -> bool {
        self.initial.is_some()
    }

    /// Qubits of the smaller state that it grows from, if it does.
    pub fn grown_from(&self) -> Option<usize> {
        self.growth.as_ref().map(|growth| growth.num_qubits())
    }

    /// Passes over memory that a run takes, those over smaller states left out.
    pub fn num_passes(&self) -> usize {
        self.passes.len() + usize::from(self.is_real)
    }

    /// Those after which a run can be interrupted.
    pub fn num_worked(&self) -> usize {
        self.passes.len()
    }

    /// Writes all constants for the numbers of the steps.
    pub fn bind(&mut self, numbers: &[C64], starts: &[usize]) {
        let matrix = |step: usize| [0, 1, 2, 3].map(|k| numbers[starts[step] + k]);
        if let Some(growth) = &mut self.growth {
            growth.bind(numbers, starts);
        }
        self.parts.clear();
        let parts = self.ops.rotations.iter().map(|rotation| rotation.core.take_apart(matrix(rotation.step)));
        self.parts.extend(parts);
        let numbers = Numbers { numbers, starts, parts: &self.parts, products: &self.ops.products };
        if let Some(initial) = &mut self.initial {
            initial.bind(&numbers);
        }
        for pass in &mut self.passes {
            let mut scale = C64::ONE;
            for stage in &mut pass.stages {
                stage.bind(&numbers, &mut scale, &mut self.constants);
            }
        }
    }

    /// The numbers of a state that its passes work on.
    pub fn worked_on(&self, len: usize) -> usize {
        if self.is_real { len / 2 } else { len }
    }

    /// Adds to a digest what the passes do.
    pub fn identify(&self, identity: &mut Identity) -> std::fmt::Result {
        write!(identity, "{} {} {:?}", self.is_real, self.num_stored, self.passes)
    }

    /// Runs the bound plan on a state, given as blocks of lines, from the pass `from` on.
    pub fn run(&self, state: &mut [R], bound: Bound<'_>, from: usize, between: Between<'_, R>) {
        let half = self.worked_on(state.len());
        if self.run_passes(&mut state[..half], bound, from, between) && self.is_real {
            unpack(state, bound.isa, bound.workers);
        }
    }

    /// False when `between` ended it.
    fn run_passes(&self, state: &mut [R], bound: Bound<'_>, from: usize, between: Between<'_, R>) -> bool {
        let Bound { numbers, starts, workers, isa } = bound;
        let growth = self.growth.as_ref().filter(|_| from == 0);
        let seed = growth.map(|growth| growth.run(bound));
        let initial = self.initial.as_ref();
        let beginning = initial.map(|initial| Beginning {
            initial,
            growth: self.growth.as_deref(),
            seed: seed.as_deref(),
        });
        for (index, pass) in self.passes.iter().enumerate().skip(from) {
            let work = |lines: &mut [R], outer: u64, scratch: &mut Work<R>| {
                for stage in &pass.stages {
                    match stage {
                        Stage::Group(group) => group.run(lines, outer, &self.constants, isa, scratch),
                        Stage::Phases(phases) => {
                            phases.run(lines, outer, &self.constants, isa, &mut scratch.phases)
                        }
                        Stage::Dense { places, at, .. } => {
                            let constants = &self.constants[*at..at + 16 * R::LANES];
                            let places = *places;
                            R::dispatch(
                                isa,
                                RunDense { lines: &mut *lines, places, fixed: 0, value: 0, constants },
                            );
                        }
                        Stage::Step(placed) => {
                            let range = starts[placed.step]..starts[placed.step + 1];
                            R::apply_step(placed, lines, outer, &numbers[range]);
                        }
                    }
                }
            };
            let beginning = beginning.as_ref().filter(|_| index == 0);
            each_tile(state, &pass.tiling, beginning, isa, workers, work);
            if !between(index + 1, state) {
                return false;
            }
        }
        if let (Some(growth), Some(seed)) = (&self.growth, seed) {
            growth.keep(seed);
        }
        true
    }
}

/// What a plan for |0…0> writes tiles from.
pub(crate) struct Beginning<'a, R: Float> {
    initial: &'a Initial,
    growth: Option<&'a Growth<R>>,
    /// The smaller state.
    seed: Option<&'a [R]>,
}

impl<R: Float> Beginning<'_, R> {
    /// Writes one tile; `outer` holds the values of the qubits outside it.
    fn write(&self, tile: &mut [R], tiling: &Tiling, outer: u64, isa: Isa) {
        match (self.growth, self.seed) {
            (Some(growth), Some(seed)) => growth.write(seed, self.initial, tile, tiling, outer, isa),
            _ => self.initial.write(tile, tiling, outer, isa),
        }
    }
}

impl Stage {
    /// Writes the stage's constants; `scale` is what waits to be multiplied in.
    fn bind<R: Real>(&mut self, numbers: &Numbers<'_>, scale: &mut C64, constants: &mut [R]) {
        match self {
            Stage::Group(group) => {
                *scale *= group.left_out::<R>(numbers);
                group.bind(numbers, scale, constants);
            }
            Stage::Phases(phases) => phases.bind(numbers, std::mem::replace(scale, C64::ONE), constants),
            Stage::Dense { places, step, at } => {
                let now = std::mem::replace(scale, C64::ONE);
                bind_dense(*places, numbers.of(*step), now, &mut constants[*at..]);
            }
            Stage::Step(_) => {}
        }
    }
}

/// Writes a 4x4 matrix times a scale as the kernel wants it.
fn bind_dense<R: Real>(places: Places, matrix: &[C64], scale: C64, out: &mut [R]) {
    let mut put = |at: usize, step: usize, value: C64| {
        let value = value * scale;
        (out[at], out[at + step]) = (R::from_f64(value.re), R::from_f64(value.im));
    };
    let bit = |mask: usize, lane: usize| usize::from(lane & mask != 0);
    match places {
        Places::Blocks(_) => (0..16).for_each(|k| put(2 * k, 1, matrix[k])),
        Places::LaneAndBlock(mask, _, lane_is_low) => {
            // Bits of the matrix index for a value of the lane qubit and one of the block bit.
            let index =
                |lane: usize, block: usize| if lane_is_low { lane | block << 1 } else { block | lane << 1 };
            for slot in 0..8 {
                let (row, column, exchanged) = (slot / 4, slot / 2 % 2, slot % 2);
                for lane in 0..R::LANES {
                    let value = bit(mask, lane);
                    let entry = matrix[4 * index(value, row) + index(value ^ exchanged, column)];
                    put(2 * R::LANES * slot + lane, R::LANES, entry);
                }
            }
        }
        Places::Lanes([a, b]) => {
            for slot in 0..4 {
                for lane in 0..R::LANES {
                    let row = bit(a, lane) | bit(b, lane) << 1;
                    put(2 * R::LANES * slot + lane, R::LANES, matrix[4 * row + (row ^ slot)]);
                }
            }
        }
    }
}

thread_local! {
    static DOUBLE: RefCell<Buffers<f64>> = RefCell::new(Buffers::new());
    static SINGLE: RefCell<Buffers<f32>> = RefCell::new(Buffers::new());
}

impl Float for f64 {
    fn apply_step(placed: &Placed, lines: &mut [f64], outer: u64, numbers: &[C64]) {
        apply_one(placed, super::amplitude::as_blocks_mut(lines), outer, numbers);
    }

    fn with_buffers<T>(work: impl FnOnce(&mut Buffers<f64>) -> T) -> T {
        DOUBLE.with_borrow_mut(work)
    }
}

impl Float for f32 {
    /// By way of double precision: such steps are rare.
    fn apply_step(placed: &Placed, lines: &mut [f32], outer: u64, numbers: &[C64]) {
        let mut blocks = vec![Block::ZERO; lines.len() / (2 * LANES)];
        let place = |index: usize| index / 2 * 4 * LANES + index % 2 * LANES;
        for (index, block) in blocks.iter_mut().enumerate() {
            for lane in 0..LANES {
                let at = place(index) + lane;
                (block.re[lane], block.im[lane]) = (f64::from(lines[at]), f64::from(lines[at + 2 * LANES]));
            }
        }
        apply_one(placed, &mut blocks, outer, numbers);
        for (index, block) in blocks.iter().enumerate() {
            for lane in 0..LANES {
                let at = place(index) + lane;
                (lines[at], lines[at + 2 * LANES]) = (block.re[lane] as f32, block.im[lane] as f32);
            }
        }
    }

    fn with_buffers<T>(work: impl FnOnce(&mut Buffers<f32>) -> T) -> T {
        SINGLE.with_borrow_mut(work)
    }
}

for_each_isa! {
    /// Applies one step to a tile.
    apply_one(placed: &Placed, blocks: &mut [Block], outer: u64, numbers: &[C64]) = Placed::apply
}
