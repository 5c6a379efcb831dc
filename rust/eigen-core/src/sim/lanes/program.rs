//! A circuit as passes over amplitudes: turns one or two at a time, and all diagonal rotations between two that do not
//! commute with them as one pass.
use super::coordinates::Coordinates;
use super::frame::{Frame, Rotation, Rotations};
use super::pair::{Grow, Inside, Pair};
use super::phases::PhasePass;
use super::quad::Quad;
use super::turn::Spec;
use crate::param::Expression;

/// A rotation about a Pauli product in coordinates. With `t = angle / 2` amplitude `p` becomes
/// `cos t psi[p] + X sin t (-1)^(p . signs) psi[p ^ flip]`, where X is 1 for real turns and -i for others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub flip: u32,
    pub signs: u32,
    pub is_real: bool,
    /// Whether the sine counts negative.
    pub is_negative: bool,
    pub angle: usize,
}

/// Where amplitudes lie: the lowest `lane_bits` bits of their index are the lane, the others the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Each lane is another set of parameters.
    Sets,
    /// Lanes are eight amplitudes of one set.
    Amplitudes,
}

impl Layout {
    pub fn lane_bits(self) -> usize {
        match self {
            Layout::Sets => 0,
            Layout::Amplitudes => 3,
        }
    }
}

/// One pass over the state.
#[derive(Clone, Debug)]
pub(super) enum Pass {
    Grow(Grow),
    Inside(Inside),
    Pair(Pair),
    Quad(Quad),
    Phases(PhasePass),
}

/// What happens between two points where nothing may be exchanged.
enum Item {
    /// A turn and the number of coordinates before it.
    Turn(Turn, usize),
    Phases(Vec<Turn>, usize),
}

/// Passes for one layout.
#[derive(Clone, Debug)]
pub(super) struct Passes {
    pub layout: Layout,
    pub passes: Vec<Pass>,
    /// Cells of the final state.
    pub cells: usize,
}

/// A lowered circuit.
pub(super) struct Program {
    pub angles: Vec<Expression>,
    pub frame: Frame,
    pub space: Coordinates,
    items: Vec<Item>,
    /// Turns and diagonal rotations: the work of a run for each amplitude.
    pub rotations: usize,
}

impl Program {
    pub fn new(rotations: Rotations) -> Self {
        let Rotations { rotations, angles, frame } = rotations;
        let mut space = Coordinates::default();
        let mut items = Vec::new();
        let mut pending: Vec<Waiting> = Vec::new();
        for rotation in &rotations {
            let waiting = place(rotation, &mut space, &mut items, &mut pending);
            pending.extend(waiting);
        }
        flush(&mut pending, space.dim(), &mut items);
        Program { angles, frame, space, items, rotations: rotations.len() }
    }

    /// The passes for a layout.
    pub fn passes(&self, layout: Layout) -> Passes {
        let bits = layout.lane_bits();
        let mut passes = Vec::new();
        let mut waiting: Option<(Spec, usize)> = None;
        for item in &self.items {
            match item {
                Item::Phases(terms, dim) => {
                    passes.extend(waiting.take().map(|(spec, dim)| Pass::Pair(Pair::new(dim, spec))));
                    let phases = PhasePass::all(terms, dim.saturating_sub(bits), bits);
                    passes.extend(phases.into_iter().map(Pass::Phases));
                }
                Item::Turn(turn, dim) => {
                    let spec = Spec::new(turn, bits);
                    let cells_dim = dim.saturating_sub(bits);
                    let grows = turn.flip == 1 << dim && *dim >= bits;
                    match waiting.take() {
                        Some((first, _)) if !grows && spec.flip != 0 && spec.flip != first.flip => {
                            passes.push(Pass::Quad(Quad::new(cells_dim, first, spec)));
                            continue;
                        }
                        before => {
                            passes.extend(before.map(|(spec, dim)| Pass::Pair(Pair::new(dim, spec))));
                        }
                    }
                    if grows {
                        passes.push(Pass::Grow(Grow::new(cells_dim, spec)));
                    } else if spec.flip == 0 {
                        passes.push(Pass::Inside(Inside::new(cells_dim, spec)));
                    } else {
                        waiting = Some((spec, cells_dim));
                    }
                }
            }
        }
        passes.extend(waiting.take().map(|(spec, dim)| Pass::Pair(Pair::new(dim, spec))));
        Passes { layout, passes, cells: 1 << self.space.dim().saturating_sub(bits) }
    }
}

/// A diagonal rotation that later ones may overtake, with its Z-mask.
struct Waiting {
    turn: Turn,
    z: u64,
}

/// Puts a rotation in coordinates. Diagonal ones are returned to wait; others go to the items, behind those waiting if
/// they do not commute with all of them.
fn place(
    rotation: &Rotation,
    space: &mut Coordinates,
    items: &mut Vec<Item>,
    pending: &mut Vec<Waiting>,
) -> Option<Waiting> {
    let letters = (rotation.x & rotation.z).count_ones() % 4;
    let make = |flip: u32, signs: u32| Turn {
        flip,
        signs,
        is_real: letters % 2 == 1,
        is_negative: rotation.is_negative ^ matches!(letters, 1 | 2),
        angle: rotation.angle,
    };
    if rotation.x == 0 {
        let signs = space.signs(rotation.z);
        // Without signs it is a global phase.
        return (signs != 0).then(|| Waiting { turn: make(0, signs), z: rotation.z });
    }
    let dim = space.dim();
    if pending.iter().any(|phase| (phase.z & rotation.x).count_ones() % 2 == 1) {
        flush(pending, dim, items);
    }
    let flip = space.find_or_add(rotation.x);
    items.push(Item::Turn(make(flip, space.signs(rotation.z)), dim));
    None
}

fn flush(pending: &mut Vec<Waiting>, dim: usize, items: &mut Vec<Item>) {
    if !pending.is_empty() {
        items.push(Item::Phases(pending.drain(..).map(|waiting| waiting.turn).collect(), dim));
    }
}
