//! The work of an answer: small states run whole, one after the other or one on each core; wide ones in parts, all cores
//! on one state.
use std::cell::RefCell;

use super::Lanes;
use super::dispatch::dispatch;
use super::observable::Image;
use super::phases::Scratch;
use super::program::{Layout, Passes};
use super::run::{Bind, Stage, Sweep};
use super::vector::{Cell, Cells, LANES, Lane};
use super::walk::Part;
use crate::sim::workers::Workers;

/// Parts of a wide state; as many for any number of threads.
const PARTS: u32 = 16;

/// Memory of runs, used again.
#[derive(Default)]
pub(super) struct Buffers {
    params: Vec<Lane>,
    trig: Vec<Cell>,
    ket: Vec<Cell>,
    bra: Vec<Cell>,
    slopes: Vec<Lane>,
}

thread_local! {
    /// For small states.
    static BUFFERS: RefCell<Buffers> = RefCell::new(Buffers::default());
    static SCRATCH: RefCell<Box<Scratch>> = RefCell::new(Box::new(Scratch::EMPTY));
}

/// What all pieces of an answer share.
pub(super) struct Job<'a> {
    pub lanes: &'a Lanes,
    pub passes: &'a Passes,
    pub image: &'a Image,
}

/// The sets of one run, and where their results go; no slopes where none are wanted.
pub(super) struct Piece<'a> {
    pub values: &'a [f64],
    pub energies: &'a mut [f64],
    pub slopes: &'a mut [f64],
    pub is_finite: bool,
}

impl Job<'_> {
    /// Runs a small piece whole. Whether all angles were finite.
    pub fn run(&self, piece: &mut Piece<'_>) -> bool {
        BUFFERS.with_borrow_mut(|buffers| {
            if !self.start(piece, buffers) {
                return false;
            }
            let count = self.passes.passes.len();
            let with_slopes = !piece.slopes.is_empty();
            let stage = Stage {
                forward: 0..count,
                measure: true,
                apply: with_slopes,
                backward: 0..if with_slopes { count } else { 0 },
                part: Part::WHOLE,
            };
            let Buffers { trig, ket, bra, slopes, .. } = buffers;
            let energies = self.sweep(stage, trig, [Cells::of(ket), Cells::of(bra)], slopes);
            self.finish(piece, &energies, slopes);
            true
        })
    }

    /// Runs a wide piece, its parts on all threads.
    pub fn run_wide(&self, piece: &mut Piece<'_>, buffers: &mut Buffers, workers: &Workers) -> bool {
        if !self.start(piece, buffers) {
            return false;
        }
        let Buffers { trig, ket, bra, slopes, .. } = buffers;
        let (trig, states) = (trig.as_slice(), [Cells::of(ket), Cells::of(bra)]);
        let parts = |stage: &(dyn Fn(Part) -> Stage + Sync), slopes: &mut [Lane]| -> Lane {
            let found = workers.map(PARTS as usize, |index| {
                let mut own = vec![Lane::ZERO; slopes.len()];
                let part = Part { index: index as u32, count: PARTS };
                (self.sweep(stage(part), trig, states, &mut own), own)
            });
            let mut total = Lane::ZERO;
            for (energies, own) in &found {
                total.add(energies);
                slopes.iter_mut().zip(own).for_each(|(sum, slope)| sum.add(slope));
            }
            total
        };
        let count = self.passes.passes.len();
        for pass in 0..count {
            parts(&|part| Stage { forward: pass..pass + 1, ..Stage::idle(part) }, &mut []);
        }
        let apply = !piece.slopes.is_empty();
        let energies = parts(&|part| Stage { measure: true, apply, ..Stage::idle(part) }, &mut []);
        for pass in (0..count).rev().filter(|_| apply) {
            parts(&|part| Stage { backward: pass..pass + 1, ..Stage::idle(part) }, slopes);
        }
        self.finish(piece, &energies, slopes);
        true
    }

    /// Binds the angles and makes |0...0>.
    fn start(&self, piece: &Piece<'_>, buffers: &mut Buffers) -> bool {
        let Buffers { params, trig, ket, bra, slopes } = buffers;
        let layout = self.passes.layout;
        let angles = &self.lanes.program.angles;
        let bind = Bind {
            layout,
            angles,
            num_parameters: self.lanes.num_parameters,
            values: piece.values,
            count: piece.energies.len(),
            params,
            trig,
        };
        if !dispatch(self.lanes.isa, bind) {
            return false;
        }
        let cells = self.passes.cells;
        if ket.len() < cells {
            ket.resize(cells, Cell::ZERO);
        }
        if !piece.slopes.is_empty() {
            if bra.len() < cells {
                bra.resize(cells, Cell::ZERO);
            }
            slopes.clear();
            slopes.resize(angles.len(), Lane::ZERO);
        }
        ket[0] = Cell::ZERO;
        match layout {
            Layout::Sets => ket[0].re = Lane([1.0; LANES]),
            Layout::Amplitudes => ket[0].re.0[0] = 1.0,
        }
        true
    }

    fn sweep(&self, stage: Stage, trig: &[Cell], [ket, bra]: [Cells; 2], slopes: &mut [Lane]) -> Lane {
        SCRATCH.with_borrow_mut(|scratch| {
            let (passes, image) = (self.passes, self.image);
            dispatch(self.lanes.isa, Sweep { passes, image, stage, trig, ket, bra, scratch, slopes })
        })
    }

    /// Writes the results: energies of lanes or their sum, and slopes by parameter from those by angle.
    fn finish(&self, piece: &mut Piece<'_>, energies: &Lane, slopes: &[Lane]) {
        let is_one = self.passes.layout == Layout::Amplitudes;
        if is_one {
            piece.energies[0] = energies.sum();
        } else {
            piece.energies.copy_from_slice(&energies.0[..piece.energies.len()]);
        }
        if piece.slopes.is_empty() {
            return;
        }
        piece.slopes.fill(0.0);
        for (angle, slope) in self.lanes.program.angles.iter().zip(slopes) {
            let one = [slope.sum()];
            let by_set = if is_one { &one[..] } else { &slope.0[..piece.energies.len()] };
            for (symbol, factor) in &angle.terms {
                for (set, slope) in by_set.iter().enumerate() {
                    piece.slopes[set * self.lanes.num_parameters + *symbol as usize] += factor * slope;
                }
            }
        }
    }
}
