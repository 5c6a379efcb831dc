//! A segment: unitary steps between measurements, fused and cut into passes once, bound to parameters at each run.
use std::sync::OnceLock;

use super::amplitude::Block;
use super::isa::for_each_isa;
use super::plan::{Bound, Core, Plan, Start};
use super::precision::Precision;
use super::program::Code;
use super::schedule::{Pass, schedule};
use super::snapshot::{Identity, Writer};
use super::source::{Axis, Source};
use super::state::{State, Storage};
use super::step::{Controls, Shape};
use super::tile::map_tiles;
use super::vector::Isa;
use super::workers::Workers;
use crate::error::CoreResult;
use crate::math::C64;

/// A step with the gates that it stands for, first applied first.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub shape: Shape,
    pub controls: Controls,
    pub sources: Vec<Source>,
}

impl Step {
    /// Whether several one-qubit gates may share the step.
    pub fn single_target(&self) -> Option<usize> {
        if self.sources[0].size() != 4 {
            return None;
        }
        match self.shape {
            Shape::Single { target } | Shape::Flip { target } if self.controls.mask == 0 => Some(target),
            Shape::Parity { mask } if self.controls.mask == 0 && mask.is_power_of_two() => {
                Some(mask.ilog2() as usize)
            }
            Shape::Scale
                if self.controls.mask.is_power_of_two() && self.controls.value == self.controls.mask =>
            {
                Some(self.controls.mask.ilog2() as usize)
            }
            _ => None,
        }
    }

    /// Puts one-qubit gates behind those of the step; matrices that no parameter changes are multiplied at once.
    fn append(&mut self, sources: Vec<Source>) {
        for source in sources {
            match (self.sources.last_mut(), source) {
                (Some(Source::Fixed(first)), Source::Fixed(second)) => {
                    *first = multiply(&second, first).to_vec()
                }
                (_, source) => self.sources.push(source),
            }
        }
    }

    /// What the step's 2x2 matrix needs around and inside its core, whatever its parameters.
    pub fn rotation_core(&self) -> Core {
        let kinds: Vec<Axis> = self.sources.iter().map(Source::axis).collect();
        let is_phase = |kind: &&Axis| **kind == Axis::Z;
        let (before, after) =
            (kinds.iter().take_while(is_phase).count(), kinds.iter().rev().take_while(is_phase).count());
        let middle = &kinds[before..kinds.len().saturating_sub(after).max(before)];
        let all = |axis| middle.iter().all(|kind| *kind == axis);
        if !all(Axis::X) && !all(Axis::Y) {
            return Core::GENERAL;
        }
        // Phases on both sides take the i of an imaginary core in.
        let (before, after) = (before > 0, after > 0);
        Core { before, after, is_imaginary: all(Axis::X) && !(before && after) }
    }

    /// Whether the step is known to keep lengths; operators of noise need not.
    pub fn is_unitary(&self) -> bool {
        self.sources.iter().all(Source::is_unitary)
    }

    fn is_diagonal(&self) -> bool {
        self.shape.mixed() == 0
    }

    pub fn qubits(&self) -> u64 {
        self.shape.mixed() | self.shape.diagonal() | self.controls.mask
    }

    /// Writes the step's numbers for these parameter values.
    fn write(&self, values: &[f64], out: &mut [C64]) {
        let mut scratch = [C64::ZERO; 16];
        let [source] = self.sources.as_slice() else {
            let mut product = [C64::ONE, C64::ZERO, C64::ZERO, C64::ONE];
            for source in &self.sources {
                source.write(values, &mut scratch[..4]);
                product = multiply(&scratch, &product);
            }
            return self.shape.pick(&product, out);
        };
        match self.shape {
            Shape::Flip { .. } | Shape::Swap { .. } => {}
            Shape::Scale | Shape::Parity { .. } => {
                let size = source.size();
                source.write(values, &mut scratch[..size]);
                self.shape.pick(&scratch[..size], out);
            }
            _ => source.write(values, out),
        }
    }

    /// Adds to the gradient what the step contributes: `2 Re sum_k d(number k) overlap[k]` for each parameter.
    fn add_gradient(&self, values: &[f64], overlaps: &[C64], gradient: &mut [f64]) {
        let mut numbers = vec![C64::ZERO; overlaps.len()];
        for (index, source) in self.sources.iter().enumerate() {
            for (angle, derivative) in source.derivatives(values) {
                if self.sources.len() == 1 {
                    self.shape.pick(&derivative, &mut numbers);
                } else {
                    self.shape.pick(&self.product_with(index, &derivative, values), &mut numbers);
                }
                let sum: f64 = numbers.iter().zip(overlaps).map(|(d, overlap)| (d * overlap).re).sum();
                angle.add_chain(2.0 * sum, gradient);
            }
        }
    }

    /// The fused 2x2 product with the matrix of one source replaced.
    fn product_with(&self, replaced: usize, matrix: &[C64], values: &[f64]) -> [C64; 4] {
        let mut product = [C64::ONE, C64::ZERO, C64::ZERO, C64::ONE];
        let mut scratch = [C64::ZERO; 4];
        for (index, source) in self.sources.iter().enumerate() {
            if index == replaced {
                scratch.copy_from_slice(matrix);
            } else {
                source.write(values, &mut scratch);
            }
            product = multiply(&scratch, &product);
        }
        product
    }
}

/// Product of two 2x2 matrices.
fn multiply(a: &[C64], b: &[C64]) -> [C64; 4] {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
    ]
}

/// Appends a step, merged into the last step on its qubit where both are one-qubit gates.
pub(crate) fn push_fused(steps: &mut Vec<Step>, last_on_qubit: &mut [Option<usize>], step: Step) {
    if let Some(target) = step.single_target()
        && let Some(last) = last_on_qubit[target]
        && steps[last].single_target() == Some(target)
    {
        let stays_diagonal = step.is_diagonal() && steps[last].is_diagonal();
        steps[last].shape =
            if stays_diagonal { Shape::Parity { mask: 1 << target } } else { Shape::Single { target } };
        steps[last].controls = Controls::default();
        return steps[last].append(step.sources);
    }
    let qubits = step.qubits();
    for (_, last) in last_on_qubit.iter_mut().enumerate().filter(|(q, _)| qubits >> q & 1 == 1) {
        *last = Some(steps.len());
    }
    steps.push(step);
}

/// A plan in one of the precisions.
enum AnyPlan {
    Double(Plan<f64>),
    Single(Plan<f32>),
}

impl AnyPlan {
    fn bind(&mut self, numbers: &[C64], starts: &[usize]) {
        match self {
            AnyPlan::Double(plan) => plan.bind(numbers, starts),
            AnyPlan::Single(plan) => plan.bind(numbers, starts),
        }
    }

    /// Whether a run writes the whole state, whatever it was before.
    fn begins(&self) -> bool {
        match self {
            AnyPlan::Double(plan) => plan.begins(),
            AnyPlan::Single(plan) => plan.begins(),
        }
    }

    fn num_passes(&self) -> usize {
        match self {
            AnyPlan::Double(plan) => plan.num_passes(),
            AnyPlan::Single(plan) => plan.num_passes(),
        }
    }

    fn grown_from(&self) -> Option<usize> {
        match self {
            AnyPlan::Double(plan) => plan.grown_from(),
            AnyPlan::Single(plan) => plan.grown_from(),
        }
    }
}

/// The lines of a state, or a part of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbers<'a> {
    Double(&'a [f64]),
    Single(&'a [f32]),
}

impl Numbers<'_> {
    pub fn len(&self) -> usize {
        match self {
            Numbers::Double(lines) => lines.len(),
            Numbers::Single(lines) => lines.len(),
        }
    }

    /// Writes them into a snapshot.
    pub fn write(&self, writer: &mut Writer<'_>, workers: &Workers) -> CoreResult<()> {
        match self {
            Numbers::Double(lines) => writer.numbers(lines, workers),
            Numbers::Single(lines) => writer.numbers(lines, workers),
        }
    }
}

/// Unitary steps, ready to run.
pub(crate) struct Segment {
    num_qubits: usize,
    steps: Vec<Step>,
    plan: AnyPlan,
    /// Passes of the way back, cut when a gradient is first wanted.
    backward: OnceLock<Vec<Pass>>,
    /// Where the numbers of each step begin, and one past the last.
    starts: Vec<usize>,
    /// Steps whose numbers depend on parameters.
    symbolic: Vec<usize>,
    /// Numbers of the steps for the last parameters.
    numbers: Vec<C64>,
}

impl Segment {
    /// Plans steps; a segment that begins a circuit is only ever run on |0…0>, and writes it itself.
    pub fn new(num_qubits: usize, steps: Vec<Step>, start: Start, precision: Precision) -> Self {
        let mut starts = vec![0];
        for step in &steps {
            starts.push(starts[starts.len() - 1] + step.shape.number_count());
        }
        let mut numbers = vec![C64::ZERO; starts[steps.len()]];
        let mut symbolic = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            if step.sources.iter().any(Source::is_symbolic) {
                symbolic.push(index);
            } else {
                step.write(&[], &mut numbers[starts[index]..starts[index + 1]]);
            }
        }
        let fixed = |index: usize| {
            let is_fixed = symbolic.binary_search(&index).is_err();
            is_fixed.then(|| &numbers[starts[index]..starts[index + 1]])
        };
        let mut plan = match precision {
            Precision::F64 => AnyPlan::Double(Plan::new(num_qubits, &steps, start, fixed)),
            Precision::F32 => AnyPlan::Single(Plan::new(num_qubits, &steps, start, fixed)),
        };
        if symbolic.is_empty() {
            plan.bind(&numbers, &starts);
        }
        Segment { num_qubits, steps, plan, backward: OnceLock::new(), starts, symbolic, numbers }
    }

    /// Plans the segments of a program, in order; `start` is that of the program's own.
    pub fn plan_all(
        num_qubits: usize,
        lists: Vec<Vec<Step>>,
        codes: &[Code],
        start: Start,
        precision: Precision,
    ) -> Vec<Self> {
        // Loops begin with a code of their own, so what a program begins with is run once.
        let begins = matches!(codes.first(), Some(Code::Run { segment: 0 }));
        let starts = std::iter::once(if begins { start } else { Start::Anywhere });
        let starts = starts.chain(std::iter::repeat(Start::Anywhere));
        let segment = |(steps, start)| Segment::new(num_qubits, steps, start, precision);
        lists.into_iter().zip(starts).map(segment).collect()
    }

    /// Passes over memory that a run takes.
    pub fn num_passes(&self) -> usize {
        self.plan.num_passes()
    }

    /// The same without what follows them.
    pub fn num_worked(&self) -> usize {
        match &self.plan {
            AnyPlan::Double(plan) => plan.num_worked(),
            AnyPlan::Single(plan) => plan.num_worked(),
        }
    }

    /// Qubits of the smaller state that it grows from, if it does.
    pub fn grown_from(&self) -> Option<usize> {
        self.plan.grown_from()
    }

    /// Passes of the way back.
    fn backward(&self) -> &[Pass] {
        self.backward.get_or_init(|| {
            let shapes: Vec<_> = self.steps.iter().map(|step| (&step.shape, step.controls)).collect();
            schedule(self.num_qubits, &shapes)
        })
    }

    /// Computes the numbers for these parameter values; false when one of them is not finite.
    pub fn bind(&mut self, values: &[f64]) -> bool {
        let mut finite = true;
        for k in 0..self.symbolic.len() {
            let index = self.symbolic[k];
            self.bind_step(index, values);
            let numbers = &self.numbers[self.starts[index]..self.starts[index + 1]];
            finite &= numbers.iter().all(|number| number.re.is_finite() && number.im.is_finite());
        }
        if !self.symbolic.is_empty() {
            self.plan.bind(&self.numbers, &self.starts);
        }
        finite
    }

    fn bind_step(&mut self, index: usize, values: &[f64]) {
        self.steps[index].write(values, &mut self.numbers[self.starts[index]..self.starts[index + 1]]);
    }

    /// Runs the bound segment on a state.
    pub fn run(&self, state: &mut State, workers: &Workers) {
        self.run_with(state, workers, Isa::current());
    }

    /// Runs it with an instruction set that the processor has.
    pub fn run_with(&self, state: &mut State, workers: &Workers, isa: Isa) {
        self.run_from(0, state, workers, isa, &mut |_, _| true);
    }

    /// Runs it from a pass on. `between` is called after each pass with the number of passes done; false ends the run.
    pub fn run_from(
        &self,
        from: usize,
        state: &mut State,
        workers: &Workers,
        isa: Isa,
        between: &mut dyn FnMut(usize, Numbers<'_>) -> bool,
    ) {
        let bound = Bound { numbers: &self.numbers, starts: &self.starts, workers, isa };
        let storage = if self.plan.begins() { state.storage_to_write() } else { state.storage_mut() };
        match (&self.plan, storage) {
            (AnyPlan::Double(plan), Storage::Double(lines)) => {
                plan.run(lines, bound, from, &mut |pass, lines| between(pass, Numbers::Double(lines)));
            }
            (AnyPlan::Single(plan), Storage::Single(lines)) => {
                plan.run(lines, bound, from, &mut |pass, lines| between(pass, Numbers::Single(lines)));
            }
            _ => debug_assert!(false, "a plan for another precision"),
        }
    }

    /// The part of a state that its passes work on.
    pub fn worked_on(&self, len: usize) -> usize {
        match &self.plan {
            AnyPlan::Double(plan) => plan.worked_on(len),
            AnyPlan::Single(plan) => plan.worked_on(len),
        }
    }

    /// Adds to a digest what a bound run does.
    pub fn identify(&self, identity: &mut Identity) -> std::fmt::Result {
        match &self.plan {
            AnyPlan::Double(plan) => plan.identify(identity)?,
            AnyPlan::Single(plan) => plan.identify(identity)?,
        }
        identity.floats(self.numbers.iter().flat_map(|number| [number.re, number.im]));
        Ok(())
    }

    /// Runs the bound segment backwards on `ket` and `bra = O ket`, and adds d<O> to the gradient.
    pub fn add_gradient(
        &self,
        values: &[f64],
        ket: &mut State,
        bra: &mut State,
        workers: &Workers,
        gradient: &mut [f64],
    ) {
        let mut adjoint = vec![C64::ZERO; self.numbers.len()];
        for (index, step) in self.steps.iter().enumerate() {
            let range = self.starts[index]..self.starts[index + 1];
            step.shape.write_adjoint(&self.numbers[range.clone()], &mut adjoint[range]);
        }
        for pass in self.backward().iter().rev() {
            let (wanted, width) = self.wanted(pass);
            let run = Backward { pass, adjoint: &adjoint, starts: &self.starts, wanted: &wanted };
            let partial = map_tiles(
                [ket.blocks_mut(), bra.blocks_mut()],
                &pass.tiling,
                workers,
                |outer, [ket, bra]| {
                    let mut overlaps = vec![C64::ZERO; width];
                    run_back(&run, ket, bra, outer, &mut overlaps);
                    overlaps
                },
            );
            for (placed, slot) in pass.placed.iter().zip(&wanted) {
                let Some(slot) = slot else { continue };
                let count = self.steps[placed.step].shape.number_count();
                let mut overlaps = vec![C64::ZERO; count];
                for tile in &partial {
                    overlaps.iter_mut().zip(&tile[*slot..]).for_each(|(sum, part)| *sum += part);
                }
                self.steps[placed.step].add_gradient(values, &overlaps, gradient);
            }
        }
    }

    /// For each placed step of a pass, where its overlaps are collected if its derivative is wanted; the total width.
    fn wanted(&self, pass: &Pass) -> (Vec<Option<usize>>, usize) {
        let mut width = 0;
        let slots = pass.placed.iter().map(|placed| {
            self.symbolic.binary_search(&placed.step).ok()?;
            let slot = width;
            width += self.steps[placed.step].shape.number_count();
            Some(slot)
        });
        let slots = slots.collect();
        (slots, width)
    }
}

/// What the backward run of a pass needs to know.
struct Backward<'a> {
    pass: &'a Pass,
    adjoint: &'a [C64],
    starts: &'a [usize],
    wanted: &'a [Option<usize>],
}

impl Backward<'_> {
    /// Undoes the pass on one tile of both states, collecting overlaps before each wanted step.
    #[inline(always)]
    fn run(&self, ket: &mut [Block], bra: &mut [Block], outer: u64, overlaps: &mut [C64]) {
        for (placed, slot) in self.pass.placed.iter().zip(self.wanted).rev() {
            let range = self.starts[placed.step]..self.starts[placed.step + 1];
            let numbers = &self.adjoint[range.clone()];
            placed.apply(ket, outer, numbers);
            if let Some(slot) = slot {
                placed.add_overlaps(bra, ket, outer, &mut overlaps[*slot..*slot + range.len()]);
            }
            placed.apply(bra, outer, numbers);
        }
    }
}

for_each_isa! {
    /// Undoes a pass on a tile of two states.
    run_back(run: &Backward<'_>, ket: &mut [Block], bra: &mut [Block], outer: u64, overlaps: &mut [C64]) = Backward::run
}
