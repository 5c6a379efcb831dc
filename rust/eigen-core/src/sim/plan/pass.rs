//! A pass over memory: the tiles that it cuts the state into, and the sweeps over each tile.
use super::choice::{Wish, choose};
use super::group::{Group, MOST_GUARDS};
use super::head::Head;
use super::op::{Kind, Op, Ops, Term};
use super::phases::Phases;
use crate::sim::kernel::register::Places;
use crate::sim::step::Placed;
use crate::sim::tile::{RUN_QUBITS, TILE_QUBITS, Tiling};
use crate::sim::vector::Real;

/// Qubits from which there are enough tiles for all threads even if each is twice as large: half a cache of 1 MiB in f64.
const LARGE: usize = 18;
/// Operations that wait while a sweep or a pass looks further ahead.
const MOST_WAITING: usize = 1024;
/// Operations that the choice of a group's registers looks at.
const MOST_SCORED: usize = 192;
/// Rotations after which their scales are multiplied in at the latest.
const MOST_UNSCALED: usize = 64;

/// One sweep over a tile.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    Group(Group),
    Phases(Phases),
    /// A 4x4 matrix; where its constants lie.
    Dense {
        places: Places,
        step: usize,
        at: usize,
    },
    /// A step by the general kernels.
    Step(Placed),
}

/// One pass over the state.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub tiling: Tiling,
    pub stages: Vec<Stage>,
}

/// Cuts operations into passes, one even for none if wanted. A qubit from `num_qubits` on lies inside every tile.
/// `steps` are placed by `place`; `next` counts constants.
pub(crate) fn passes<R: Real>(
    num_qubits: usize,
    ops: &Ops,
    at_least_one: bool,
    place: &dyn Fn(usize, &Tiling) -> Placed,
    next: &mut usize,
) -> Vec<Pass> {
    let most = TILE_QUBITS + usize::from(num_qubits >= LARGE);
    let mut waiting: Vec<usize> = Vec::new();
    let mut coming = 0..ops.list.len();
    let mut passes = Vec::new();
    loop {
        waiting.extend(coming.by_ref().take(MOST_WAITING.saturating_sub(waiting.len())));
        if waiting.is_empty() && !(at_least_one && passes.is_empty()) {
            return passes;
        }
        let all = (1u64 << num_qubits) - 1;
        let inside = if num_qubits <= most {
            all
        } else {
            let wish = Wish { most: most as u32, first: (1 << RUN_QUBITS) - 1, among: all };
            wish.grow(
                &waiting,
                &ops.list,
                |op, inside| (op.mixed & all & !inside == 0).then(|| weight(op)),
                |op| op.mixed & all,
            )
        };
        let (taken, rest) = choose(&waiting, &ops.list, |op| op.mixed & all & !inside == 0);
        let is_last = rest.is_empty() && coming.is_empty();
        let tiling = Tiling::new(num_qubits, fill(inside, num_qubits, most));
        let plan = |has_heads: bool, mut next: usize| {
            let stages = Vec::new();
            let (ops, tiling) = (&ops.list, &tiling);
            let mut sweeps = Sweeps { ops, tiling, place, next: &mut next, has_heads, stages };
            let terms = sweeps.plan::<R>(taken.clone(), is_last);
            (sweeps.stages, terms, next)
        };
        let cost = |stages: &[Stage]| stages.iter().map(Stage::cost).sum::<usize>();
        let mut planned = plan(true, *next);
        if planned.0.iter().any(|stage| matches!(stage, Stage::Group(group) if group.has_head())) {
            let plain = plan(false, *next);
            if cost(&plain.0) < cost(&planned.0) {
                planned = plain;
            }
        }
        let (mut stages, terms, now) = planned;
        *next = now;
        scale_in_time::<R>(&mut stages, next);
        passes.push(Pass { tiling, stages });
        waiting = rest;
        waiting.extend(terms);
        waiting.sort_unstable();
    }
}

/// Fills a tile up with the lowest qubits that it lacks.
fn fill(mut mask: u64, num_qubits: usize, most: usize) -> u64 {
    for qubit in 0..num_qubits {
        if mask.count_ones() as usize == most {
            break;
        }
        mask |= 1 << qubit;
    }
    mask
}

/// The sweeps of one pass in the making.
struct Sweeps<'a> {
    ops: &'a [Op],
    tiling: &'a Tiling,
    place: &'a dyn Fn(usize, &Tiling) -> Placed,
    next: &'a mut usize,
    /// Whether terms may become heads of groups.
    has_heads: bool,
    stages: Vec<Stage>,
}

impl Sweeps<'_> {
    /// Plans operations that a tile can do. Gives back terms that nothing here waits for, unless this is the last pass.
    fn plan<R: Real>(&mut self, mut waiting: Vec<usize>, is_last: bool) -> Vec<usize> {
        while !waiting.is_empty() {
            let window = waiting.len().min(MOST_WAITING);
            let later = waiting.split_off(window);
            let (own, rest) =
                choose(&waiting, self.ops, |op| matches!(op.kind, Kind::Dense { .. } | Kind::Step { .. }));
            own.into_iter().for_each(|index| self.single::<R>(index));
            let (bits, taken, rest) = self.group::<R>(&rest);
            waiting = rest;
            if taken.iter().any(|&index| self.ops[index].mixed != 0) {
                let ops: Vec<&Op> = taken.iter().map(|&index| &self.ops[index]).collect();
                self.stages.push(Stage::Group(Group::new::<R>(&ops, bits, self.tiling, self.next)));
            } else {
                waiting.extend(taken);
                waiting.sort_unstable();
                let mixes = waiting.iter().chain(&later).any(|&index| self.ops[index].mixed != 0);
                if !mixes && !is_last && later.is_empty() {
                    return waiting;
                }
                let all = waiting.len();
                waiting = match self.headed::<R>(&waiting) {
                    Some(rest) => rest,
                    None => self.phases::<R>(&waiting),
                };
                if all > 0 && waiting.len() == all {
                    // No group fits its qubits: more flips or controls than a group has room for.
                    self.single::<R>(waiting.remove(0));
                }
            }
            waiting.extend(later);
        }
        Vec::new()
    }

    /// A sweep of its own.
    fn single<R: Real>(&mut self, index: usize) {
        let stage = match &self.ops[index].kind {
            Kind::Dense { targets, step } => {
                let places = places::<R>(targets.map(|q| self.tiling.local(q).unwrap_or_default()));
                let at = *self.next;
                *self.next += 16 * R::LANES;
                Stage::Dense { places, step: *step, at }
            }
            Kind::Step { step } | Kind::Flip { step, .. } => Stage::Step((self.place)(*step, self.tiling)),
            Kind::Pair(pair) => Stage::Step((self.place)(pair.step, self.tiling)),
            Kind::Term(term) => Stage::Step((self.place)(term.step, self.tiling)),
            // All fit every group: few qubits, few controls.
            Kind::Rotation { .. } | Kind::Swap { .. } | Kind::Top(_) => return,
        };
        self.stages.push(stage);
    }

    /// All diagonal terms that are due; gives what is left.
    fn phases<R: Real>(&mut self, waiting: &[usize]) -> Vec<usize> {
        let (due, rest) = choose(waiting, self.ops, |op| matches!(op.kind, Kind::Term(_)));
        let mut terms: Vec<Term> = Vec::new();
        for index in due {
            match self.ops[index].kind {
                Kind::Term(term) if Phases::can_take(&term, self.tiling) => terms.push(term),
                _ => self.single::<R>(index),
            }
        }
        if !terms.is_empty() {
            self.stages.push(Stage::Phases(Phases::new::<R>(terms, self.tiling, self.next)));
        }
        rest
    }

    /// A group that waits for nothing but terms that its head can take; gives what is left.
    fn headed<R: Real>(&mut self, waiting: &[usize]) -> Option<Vec<usize>> {
        if !self.has_heads {
            return None;
        }
        let (due, rest) = choose(waiting, self.ops, |op| matches!(op.kind, Kind::Term(_)));
        let (bits, taken, mut rest) = self.group::<R>(&rest);
        let mixed = taken.iter().fold(0, |mask, &index| mask | self.ops[index].mixed);
        let registers =
            bits.iter().fold(0u64, |mask, bit| mask | 1 << self.tiling.qubit(bit + R::LANE_QUBITS));
        let group = (0..R::LANE_QUBITS).fold(registers, |mask, lane| mask | 1 << self.tiling.qubit(lane));
        let (mut head, mut ops) = (Vec::new(), Vec::new());
        for index in due {
            let op = &self.ops[index];
            match op.kind {
                _ if op.diagonal & mixed == 0 => rest.push(index),
                Kind::Term(term) if Head::can_take(&term, registers) => head.push(term),
                _ if op.diagonal & !group == 0 => ops.push(op),
                _ => return None,
            }
        }
        if head.is_empty() {
            return None;
        }
        let mut mixed = 0;
        for op in taken.iter().map(|&index| &self.ops[index]) {
            match op.kind {
                Kind::Term(term) if op.diagonal & mixed == 0 && Head::can_take(&term, registers) => {
                    head.push(term);
                }
                _ => ops.push(op),
            }
            mixed |= op.mixed;
        }
        let mut group = Group::new::<R>(&ops, bits, self.tiling, self.next);
        if !group.put_before::<R>(&head, self.tiling, self.next) {
            return None;
        }
        self.stages.push(Stage::Group(group));
        rest.sort_unstable();
        Some(rest)
    }

    /// A register group: its block bits, what it takes and what it leaves.
    fn group<R: Real>(&self, waiting: &[usize]) -> ([usize; 3], Vec<usize>, Vec<usize>) {
        let lanes = (1u64 << R::LANE_QUBITS) - 1;
        let blocks = self.tiling.num_local() - R::LANE_QUBITS;
        let all = (1u64 << self.tiling.num_local()) - 1;
        let seen = &waiting[..waiting.len().min(MOST_SCORED)];
        let wish = Wish { most: 3 + R::LANE_QUBITS as u32, first: lanes, among: all };
        // A term inside the tile is worth nothing itself, but others may wait for it.
        let wanted = |op: &Op| {
            let (inner, outer) = self.tiling.split(op.mixed | op.diagonal);
            let is_inner_term = matches!(op.kind, Kind::Term(_)) && outer == 0;
            let needed = if is_inner_term { inner } else { self.tiling.split(op.mixed).0 };
            needed as u64
        };
        let mut inside = wish.grow(
            seen,
            self.ops,
            |op, inside| self.fits::<R>(op, inside, &mut 0).then(|| weight(op)),
            wanted,
        );
        for bit in 0..blocks {
            if inside.count_ones() == wish.most {
                break;
            }
            inside |= 1 << (bit + R::LANE_QUBITS);
        }
        let mut guards = 0;
        let (taken, rest) = choose(waiting, self.ops, |op| self.fits::<R>(op, inside, &mut guards));
        let mut bits = (0..blocks).filter(|bit| inside >> (bit + R::LANE_QUBITS) & 1 == 1);
        ([0; 3].map(|_| bits.next().unwrap_or_default()), taken, rest)
    }

    /// Whether a group on the local qubits `inside` can do an operation; `guards` collects control qubits outside it.
    fn fits<R: Real>(&self, op: &Op, inside: u64, guards: &mut u64) -> bool {
        if matches!(op.kind, Kind::Dense { .. } | Kind::Step { .. }) {
            return false;
        }
        let (qubits, outer) = self.tiling.split(op.mixed | op.diagonal);
        if matches!(op.kind, Kind::Term(_)) {
            return outer == 0 && qubits as u64 & !inside == 0;
        }
        if self.tiling.split(op.mixed).0 as u64 & !inside != 0 {
            return false;
        }
        let guarded = *guards | qubits as u64 & !inside;
        let fits = guarded.count_ones() <= MOST_GUARDS;
        *guards = if fits { guarded } else { *guards };
        fits
    }
}

/// What an operation is worth to a sweep or a pass that takes it.
fn weight(op: &Op) -> u32 {
    match op.kind {
        Kind::Term(_) => 0,
        Kind::Flip { .. } | Kind::Swap { .. } => 1,
        Kind::Rotation { .. } | Kind::Top(_) => 2,
        Kind::Pair(_) => 4,
        Kind::Dense { .. } | Kind::Step { .. } => 8,
    }
}

/// Where the targets of a 4x4 matrix lie, by local qubits.
fn places<R: Real>(targets: [usize; 2]) -> Places {
    let lanes = R::LANE_QUBITS;
    match targets.map(|t| t < lanes) {
        [false, false] => Places::Blocks(targets.map(|t| t - lanes)),
        [true, false] => Places::LaneAndBlock(1 << targets[0], targets[1] - lanes, true),
        [false, true] => Places::LaneAndBlock(1 << targets[1], targets[0] - lanes, false),
        [true, true] => Places::Lanes(targets.map(|t| 1 << t)),
    }
}

/// Makes sure that the scales of rotations are multiplied in before they grow and before the pass ends.
fn scale_in_time<R: Real>(stages: &mut [Stage], next: &mut usize) {
    let mut unscaled = 0;
    for index in 0..stages.len() {
        let later = |stage: &Stage| stage.can_scale() || stage.rotates();
        let is_last = !stages[index + 1..].iter().any(later);
        match &mut stages[index] {
            Stage::Group(group) => {
                unscaled += group.count_scales();
                if unscaled > MOST_UNSCALED || is_last && unscaled > 0 {
                    group.add_scale::<R>(next);
                    unscaled = 0;
                }
            }
            Stage::Phases(_) | Stage::Dense { .. } => unscaled = 0,
            Stage::Step(_) => {}
        }
    }
}

impl Stage {
    /// About how many instructions it takes for eight blocks.
    fn cost(&self) -> usize {
        match self {
            Stage::Group(group) => group.cost(),
            Stage::Phases(_) => 160,
            Stage::Dense { .. } => 180,
            Stage::Step(_) => 400,
        }
    }

    /// Whether the stage leaves out scales of rotations.
    fn rotates(&self) -> bool {
        matches!(self, Stage::Group(group) if group.count_scales() > 0)
    }

    /// Whether the stage multiplies every amplitude anyway.
    pub fn can_scale(&self) -> bool {
        match self {
            Stage::Group(group) => group.can_scale(),
            Stage::Phases(_) | Stage::Dense { .. } => true,
            Stage::Step(_) => false,
        }
    }
}
