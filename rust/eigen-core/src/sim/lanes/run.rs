//! Runs of a program in lanes: sines and cosines of the angles, the state forwards, and backwards for derivatives.
use std::ops::Range;

use super::dispatch::Work;
use super::observable::Image;
use super::phases::Scratch;
use super::program::{Layout, Pass, Passes};
use super::trig::sin_cos;
use super::vector::{Cell, Cells, LANES, Lane, Vector};
use super::walk::Part;
use crate::param::Expression;

/// Cosine and sine of half of each angle, for some values of the parameters.
pub(super) struct Bind<'a> {
    pub layout: Layout,
    pub angles: &'a [Expression],
    pub num_parameters: usize,
    /// One to eight sets of values with `Layout::Sets`, one with `Layout::Amplitudes`.
    pub values: &'a [f64],
    pub count: usize,
    /// The values of a parameter, one set in each lane.
    pub params: &'a mut Vec<Lane>,
    pub trig: &'a mut Vec<Cell>,
}

impl Work for Bind<'_> {
    /// Whether all angles are finite.
    type Out = bool;

    #[inline(always)]
    fn run<V: Vector>(self) -> bool {
        self.trig.resize(self.angles.len(), Cell::ZERO);
        match self.layout {
            Layout::Sets => self.sets::<V>(),
            Layout::Amplitudes => self.one::<V>(),
        }
    }
}

impl Bind<'_> {
    #[inline(always)]
    fn sets<V: Vector>(self) -> bool {
        self.params.resize(self.num_parameters, Lane::ZERO);
        for l in 0..LANES {
            // Lanes without a set repeat the last one.
            let values = &self.values[l.min(self.count - 1) * self.num_parameters..][..self.num_parameters];
            for (lane, value) in self.params.iter_mut().zip(values) {
                lane.0[l] = *value;
            }
        }
        let mut is_finite = true;
        for (angle, cell) in self.angles.iter().zip(self.trig) {
            let mut sum = V::splat(angle.constant);
            for (symbol, factor) in &angle.terms {
                sum = sum.add(V::splat(*factor).mul(V::load(&self.params[*symbol as usize])));
            }
            let half = sum.mul(V::splat(0.5));
            is_finite &= half.all_within(f64::MAX);
            let (sin, cos) = sin_cos::<V>(half);
            cos.store(&mut cell.re);
            sin.store(&mut cell.im);
        }
        is_finite
    }

    #[inline(always)]
    fn one<V: Vector>(self) -> bool {
        let mut is_finite = true;
        for (angles, cells) in self.angles.chunks(LANES).zip(self.trig.chunks_mut(LANES)) {
            let mut halves = Lane::ZERO;
            for (half, angle) in halves.0.iter_mut().zip(angles) {
                *half = angle.value(self.values) * 0.5;
            }
            let half = V::load(&halves);
            is_finite &= half.all_within(f64::MAX);
            let (sin, cos) = sin_cos::<V>(half);
            let [mut sines, mut cosines] = [Lane::ZERO; 2];
            sin.store(&mut sines);
            cos.store(&mut cosines);
            for (l, cell) in cells.iter_mut().enumerate() {
                V::splat(cosines.0[l]).store(&mut cell.re);
                V::splat(sines.0[l]).store(&mut cell.im);
            }
        }
        is_finite
    }
}

/// Which passes of a run, and which part of the cells.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub forward: Range<usize>,
    /// Whether the expectation value is taken.
    pub measure: bool,
    /// Whether the observable is applied.
    pub apply: bool,
    /// Passes to be undone, the last one first.
    pub backward: Range<usize>,
    pub part: Part,
}

impl Stage {
    /// Nothing yet, on a part.
    pub const fn idle(part: Part) -> Self {
        Stage { forward: 0..0, measure: false, apply: false, backward: 0..0, part }
    }
}

/// Stages of a run on a state whose angles are bound.
pub(super) struct Sweep<'a> {
    pub passes: &'a Passes,
    pub image: &'a Image,
    pub stage: Stage,
    pub trig: &'a [Cell],
    pub ket: Cells,
    pub bra: Cells,
    pub scratch: &'a mut Scratch,
    /// Derivatives by angle are added here.
    pub slopes: &'a mut [Lane],
}

impl Work for Sweep<'_> {
    /// The part's share of the energies.
    type Out = Lane;

    #[inline(always)]
    fn run<V: Vector>(self) -> Lane {
        let Sweep { passes, image, stage, trig, ket, bra, scratch, slopes } = self;
        let (layout, part) = (passes.layout, stage.part);
        for pass in &passes.passes[stage.forward] {
            match pass {
                Pass::Quad(quad) => quad.forward::<V>(ket, trig, part),
                Pass::Phases(phases) => phases.forward::<V>(ket, trig, part, scratch),
                Pass::Pair(pair) => pair.forward::<V>(ket, trig, part),
                Pass::Inside(inside) => inside.forward::<V>(ket, trig, part),
                Pass::Grow(grow) => grow.forward::<V>(ket, trig, part),
            }
        }
        let energies = if stage.measure { image.expectation::<V>(ket, layout, part) } else { Lane::ZERO };
        if stage.apply {
            image.apply::<V>(ket, bra, passes.cells, layout, part);
        }
        let states = [ket, bra];
        for pass in passes.passes[stage.backward].iter().rev() {
            match pass {
                Pass::Quad(quad) => quad.backward::<V>(states, trig, part, slopes),
                Pass::Phases(phases) => phases.backward::<V>(states, trig, part, scratch, slopes),
                Pass::Pair(pair) => pair.backward::<V>(states, trig, part, slopes),
                Pass::Inside(inside) => inside.backward::<V>(states, trig, part, slopes),
                Pass::Grow(grow) => grow.backward::<V>(states, trig, part, slopes),
            }
        }
        energies
    }
}
