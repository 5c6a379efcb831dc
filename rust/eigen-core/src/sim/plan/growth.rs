//! A state grown from one of fewer qubits: what needs only some of the qubits is done before the others are there.
//!
//! From |0…0> (or any product state) a circuit acts on a qubit for the first time somewhere: everything that does not
//! wait for it costs half as much without it. In a Fourier transform or a chain of CX that is nearly everything.
use std::sync::{Mutex, PoisonError};

use super::choice::Left;
use super::initial::Initial;
use super::names::swapped;
use super::{Bound, Float, Plan};
use crate::math::C64;
use crate::sim::kernel::grow::GrowTile;
use crate::sim::lines::Lines;
use crate::sim::segment::Step;
use crate::sim::step::{Controls, Shape};
use crate::sim::tile::{RUN_QUBITS, Tiling};
use crate::sim::vector::Isa;

/// Qubits from which a state is grown.
const FEWEST_QUBITS: usize = 14;
/// Qubits that are left out of the smaller state at most, and at least.
const MOST_NEW: usize = 8;
const FEWEST_NEW: usize = 2;
/// Qubits of a smaller state at least, so that even half of it is longer than what lies in one vector.
const FEWEST_KEPT: usize = 10;
/// Steps that the choice of qubits looks at.
const MOST_SCORED: usize = 8192;
/// What writing a state costs, in units of `weight`.
const WRITE: f64 = 8.0;
/// The part of the cost that growing must save at least: the smaller state has passes of its own.
const FEWEST_SAVED: f64 = 0.1;

/// Bytes of a smaller state that are kept between runs at most.
const MOST_KEPT_BYTES: usize = 64 << 20;

/// A step of a plan, by its number in the circuit.
pub(super) type Listed<'a> = (usize, &'a Step);

/// A circuit's beginning in two parts.
pub(super) struct Split<'a> {
    /// The qubits of the smaller state; the lowest are among them.
    pub qubits: u64,
    /// What acts on them alone, by their places among them.
    pub first: Vec<(usize, Step)>,
    /// What comes after.
    pub rest: Vec<Listed<'a>>,
}

/// Splits steps for |0…0>, SWAPs being done already; `None` if growing gains nothing. The qubits in `kept` are in the
/// smaller state, which may have `most_qubits`. `fixed` gives the numbers of a step that no parameter changes.
pub(super) fn split<'a, 'b>(
    num_qubits: usize,
    steps: &[Listed<'a>],
    kept: u64,
    most_qubits: usize,
    fixed: impl Fn(usize) -> Option<&'b [C64]>,
) -> Option<Split<'a>> {
    if num_qubits < FEWEST_QUBITS {
        return None;
    }
    let acts: Vec<Act> = steps.iter().map(|(id, step)| Act::of(step, fixed(*id))).collect();
    let qubits = choose_qubits(num_qubits, &acts, kept | ((1 << RUN_QUBITS) - 1), most_qubits)?;
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    let mut left = Left::default();
    let spread = |mask: u64| places(qubits, mask);
    for (listed, act) in steps.iter().zip(&acts) {
        if !act.is_taken(qubits, &mut left) {
            rest.push(*listed);
            continue;
        }
        let (id, Step { shape, controls, sources }) = *listed;
        let Controls { mask, value } = *controls;
        let shape = shape.renamed(|qubit| (qubits & ((1 << qubit) - 1)).count_ones() as usize, spread);
        let controls = Controls { mask: spread(mask), value: spread(value) };
        first.push((id, Step { shape, controls, sources: sources.clone() }));
    }
    Some(Split { qubits, first, rest })
}

/// The bits of `mask` that lie in `qubits`, moved together.
fn places(qubits: u64, mask: u64) -> u64 {
    let mut out = 0;
    for (place, qubit) in (0..64).filter(|qubit| qubits >> qubit & 1 == 1).enumerate() {
        out |= (mask >> qubit & 1) << place;
    }
    out
}

/// What the choice of qubits knows of a step.
struct Act {
    mixed: u64,
    diagonal: u64,
    weight: u32,
}

impl Act {
    fn of(step: &Step, fixed: Option<&[C64]>) -> Self {
        if let Some([a, b]) = swapped(step, fixed) {
            return Act { mixed: 0, diagonal: 1 << a | 1 << b, weight: 0 };
        }
        let mixed = step.shape.mixed();
        let weight = match &step.shape {
            Shape::Scale | Shape::Parity { .. } => 0,
            Shape::Flip { .. } | Shape::Swap { .. } => 1,
            Shape::Single { .. } => 2,
            Shape::Pauli { .. } => 4,
            Shape::Double { .. } | Shape::Dense { .. } => 8,
        };
        Act { mixed, diagonal: (step.shape.diagonal() | step.controls.mask) & !mixed, weight }
    }

    /// Whether it can be done now on these qubits alone; if not it is left.
    fn is_taken(&self, qubits: u64, left: &mut Left) -> bool {
        let is_inside = (self.mixed | self.diagonal) & !qubits == 0;
        let is_taken = is_inside && left.allows(self.mixed, self.diagonal);
        if !is_taken {
            left.leave(self.mixed, self.diagonal);
        }
        is_taken
    }
}

/// The weight of what can be done on these qubits alone.
fn worth(acts: &[Act], qubits: u64) -> u32 {
    let mut left = Left::default();
    let mut sum = 0;
    for act in acts {
        if act.is_taken(qubits, &mut left) {
            sum += act.weight;
        } else if left.closes(qubits) {
            break;
        }
    }
    sum
}

/// Leaves out, one after the other, the qubit that the least waits for; then takes the cheapest of these sets.
fn choose_qubits(num_qubits: usize, acts: &[Act], kept: u64, most_qubits: usize) -> Option<u64> {
    let acts = &acts[..acts.len().min(MOST_SCORED)];
    let all: u32 = acts.iter().map(|act| act.weight).sum();
    let mut qubits = (1u64 << num_qubits) - 1;
    let mut best = ((1.0 - FEWEST_SAVED) * (WRITE + f64::from(all)), None);
    for count in 1..=MOST_NEW.min(num_qubits - FEWEST_KEPT) {
        let without =
            (0..num_qubits).filter(|qubit| (qubits & !kept) >> qubit & 1 == 1).map(|q| qubits & !(1 << q));
        let Some((worth, now)) = without.map(|set| (worth(acts, set), set)).max() else { break };
        qubits = now;
        let smaller = 0.5f64.powi(count as i32);
        let cost = WRITE + f64::from(all - worth) + smaller * (WRITE + f64::from(worth));
        if count >= FEWEST_NEW && num_qubits - count <= most_qubits && cost < best.0 {
            best = (cost, Some(qubits));
        }
    }
    best.1
}

/// The smaller state, and how its amplitudes lie in the first tiles of the larger.
#[derive(Debug)]
pub(crate) struct Growth<R: Float> {
    plan: Plan<R>,
    /// Its qubits, ascending, but not the one whose values are real and imaginary part.
    qubits: Vec<usize>,
    /// How many qubits it has.
    num_qubits: usize,
    /// As `GrowTile` wants them, but for what lies outside a tile.
    blocks: Vec<(usize, usize)>,
    /// Its memory, when no run uses it.
    room: Mutex<Option<Lines<R>>>,
}

impl<R: Float> Growth<R> {
    /// From the plan of the smaller state of `qubits` to tiles of a larger.
    pub fn new(plan: Plan<R>, qubits: u64, tiling: &Tiling) -> Self {
        let num_qubits = qubits.count_ones() as usize;
        let qubits: Vec<usize> = (0..64).filter(|q| qubits >> q & 1 == 1).take(plan.num_stored).collect();
        let mut blocks = vec![(0, 0)];
        for local in R::LANE_QUBITS..tiling.num_local() {
            if let Ok(place) = qubits.binary_search(&tiling.qubit(local)) {
                let ones: Vec<_> =
                    blocks.iter().map(|(from, to)| (from + (2 << place), to + (2 << local))).collect();
                blocks.extend(ones);
            }
        }
        Growth { plan, qubits, num_qubits, blocks, room: Mutex::new(None) }
    }

    /// Qubits of the smaller state.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Writes the constants of the smaller state's plan.
    pub fn bind(&mut self, numbers: &[C64], starts: &[usize]) {
        self.plan.bind(numbers, starts);
    }

    /// The smaller state.
    pub fn run(&self, bound: Bound<'_>) -> Lines<R> {
        let kept = self.room.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut seed = kept.unwrap_or_else(|| Lines::new(2 << self.plan.num_stored));
        self.plan.run_passes(&mut seed, bound, 0, &mut |_, _| true);
        seed
    }

    /// Keeps the memory for the next run, unless it is much.
    pub fn keep(&self, seed: Lines<R>) {
        if size_of_val(&*seed) > MOST_KEPT_BYTES {
            return;
        }
        *self.room.lock().unwrap_or_else(PoisonError::into_inner) = Some(seed);
    }

    /// Writes one tile; `outer` holds the values of the qubits outside it.
    pub fn write(
        &self,
        seed: &[R],
        initial: &Initial,
        tile: &mut [R],
        tiling: &Tiling,
        outer: u64,
        isa: Isa,
    ) {
        let (mut at, mut factor) = (0, C64::ONE);
        for &qubit in tiling.outside() {
            let value = (outer >> qubit & 1) as usize;
            match self.qubits.binary_search(&qubit) {
                Ok(place) => at += value * (2 << place),
                Err(_) => factor *= initial.amplitude(qubit, value),
            }
        }
        let mut values = vec![(0, factor)];
        for local in R::LANE_QUBITS..tiling.num_local() {
            let qubit = tiling.qubit(local);
            if self.qubits.binary_search(&qubit).is_err() {
                let [zero, one] = [0, 1].map(|value| initial.amplitude(qubit, value));
                let ones: Vec<_> =
                    values.iter().map(|(to, factor)| (to + (2 << local), *factor * one)).collect();
                values.iter_mut().for_each(|(_, factor)| *factor *= zero);
                values.extend(ones);
            }
        }
        let seed = &seed[at..];
        R::dispatch(isa, GrowTile { tile, seed, blocks: &self.blocks, values: &values });
    }
}
