//! Passes of one turn: on pairs of cells, within cells, and into cells that were zero.
use super::complex::{Complex, dot};
use super::turn::{Factors, Spec};
use super::vector::{Cell, Cells, Lane, Vector};
use super::walk::{Part, Walk};

/// A turn on pairs of cells.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    spec: Spec,
    walk: Walk,
}

impl Pair {
    pub fn new(dim: usize, spec: Spec) -> Self {
        Pair { spec, walk: Walk::new(dim, &[spec.flip], [spec.signs, 0]) }
    }

    #[inline(always)]
    pub fn forward<V: Vector>(&self, ket: Cells, trig: &[Cell], part: Part) {
        match (self.spec.is_real, self.spec.lanes != 0) {
            (true, false) => self.run::<V, true, false>(ket, trig, part),
            (false, false) => self.run::<V, false, false>(ket, trig, part),
            (true, true) => self.run::<V, true, true>(ket, trig, part),
            (false, true) => self.run::<V, false, true>(ket, trig, part),
        }
    }

    #[inline(always)]
    fn run<V: Vector, const REAL: bool, const MIX: bool>(&self, ket: Cells, trig: &[Cell], part: Part) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, start.odd[0]);
            for i in self.walk.part(*start, part) {
                let (mut p, mut q) = (ket.read::<V>(i), ket.read::<V>(i ^ flip));
                factors.turn::<REAL, MIX>(&mut p, &mut q);
                ket.write(i, p);
                ket.write(i ^ flip, q);
            }
        }
    }

    #[inline(always)]
    pub fn backward<V: Vector>(
        &self,
        [ket, bra]: [Cells; 2],
        trig: &[Cell],
        part: Part,
        slopes: &mut [Lane],
    ) {
        match (self.spec.is_real, self.spec.lanes != 0) {
            (true, false) => self.run_back::<V, true, false>([ket, bra], trig, part, slopes),
            (false, false) => self.run_back::<V, false, false>([ket, bra], trig, part, slopes),
            (true, true) => self.run_back::<V, true, true>([ket, bra], trig, part, slopes),
            (false, true) => self.run_back::<V, false, true>([ket, bra], trig, part, slopes),
        }
    }

    #[inline(always)]
    fn run_back<V: Vector, const REAL: bool, const MIX: bool>(
        &self,
        [ket, bra]: [Cells; 2],
        trig: &[Cell],
        part: Part,
        slopes: &mut [Lane],
    ) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, !start.odd[0]);
            let mut sum = V::splat(0.0);
            for i in self.walk.part(*start, part) {
                let j = i ^ flip;
                let kets = [ket.read::<V>(i), ket.read::<V>(j)];
                let bras = [bra.read::<V>(i), bra.read::<V>(j)];
                sum = factors.slope::<REAL, MIX>(bras, kets, sum);
                turn_and_store::<V, REAL, MIX>(&factors, kets, ket, [i, j]);
                turn_and_store::<V, REAL, MIX>(&factors, bras, bra, [i, j]);
            }
            self.spec.add_slope(slopes, sum, start.odd[0]);
        }
    }
}

#[inline(always)]
fn turn_and_store<V: Vector, const REAL: bool, const MIX: bool>(
    factors: &Factors<V>,
    [mut p, mut q]: [Complex<V>; 2],
    cells: Cells,
    [i, j]: [usize; 2],
) {
    factors.turn::<REAL, MIX>(&mut p, &mut q);
    cells.write(i, p);
    cells.write(j, q);
}

/// A turn on amplitudes of the same cell.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    spec: Spec,
    walk: Walk,
}

impl Inside {
    pub fn new(dim: usize, spec: Spec) -> Self {
        Inside { spec, walk: Walk::new(dim, &[], [spec.signs, 0]) }
    }

    #[inline(always)]
    fn turn<V: Vector>(&self, factors: &Factors<V>, cells: Cells, index: usize) {
        let amplitudes = cells.read::<V>(index);
        let (kept, moved) = (amplitudes.scaled(factors.cos), amplitudes.xor_lanes(self.spec.lanes));
        let new = if self.spec.is_real {
            kept.plus::<true>(factors.sin, moved)
        } else {
            kept.plus::<false>(factors.sin, moved)
        };
        cells.write(index, new);
    }

    #[inline(always)]
    pub fn forward<V: Vector>(&self, ket: Cells, trig: &[Cell], part: Part) {
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, start.odd[0]);
            for i in self.walk.part(*start, part) {
                self.turn(&factors, ket, i);
            }
        }
    }

    #[inline(always)]
    pub fn backward<V: Vector>(
        &self,
        [ket, bra]: [Cells; 2],
        trig: &[Cell],
        part: Part,
        slopes: &mut [Lane],
    ) {
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, !start.odd[0]);
            let mut sum = V::splat(0.0);
            for i in self.walk.part(*start, part) {
                let moved = ket.read::<V>(i).xor_lanes(self.spec.lanes);
                let left = bra.read::<V>(i);
                sum = if self.spec.is_real {
                    dot::<V, true>(left, moved, sum)
                } else {
                    dot::<V, false>(left, moved, sum)
                };
                self.turn(&factors, ket, i);
                self.turn(&factors, bra, i);
            }
            self.spec.add_slope(slopes, sum, start.odd[0]);
        }
    }
}

/// A turn that makes amplitudes differ from zero in as many cells again.
#[derive(Clone, Debug)]
pub(super) struct Grow {
    spec: Spec,
    walk: Walk,
}

impl Grow {
    pub fn new(dim: usize, spec: Spec) -> Self {
        Grow { spec, walk: Walk::new(dim, &[], [spec.signs, 0]) }
    }

    #[inline(always)]
    pub fn forward<V: Vector>(&self, ket: Cells, trig: &[Cell], part: Part) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, start.odd[0]);
            for i in self.walk.part(*start, part) {
                let old = ket.read::<V>(i);
                let zero = Complex { re: V::splat(0.0), im: V::splat(0.0) };
                let new = if self.spec.is_real {
                    zero.plus::<true>(factors.other, old)
                } else {
                    zero.plus::<false>(factors.other, old)
                };
                ket.write(i ^ flip, new);
                ket.write(i, old.scaled(factors.cos));
            }
        }
    }

    /// What is left in the cells that `forward` filled is not read any more.
    #[inline(always)]
    pub fn backward<V: Vector>(
        &self,
        [ket, bra]: [Cells; 2],
        trig: &[Cell],
        part: Part,
        slopes: &mut [Lane],
    ) {
        if self.spec.is_real {
            self.run_back::<V, true>([ket, bra], trig, part, slopes);
        } else {
            self.run_back::<V, false>([ket, bra], trig, part, slopes);
        }
    }

    #[inline(always)]
    fn run_back<V: Vector, const REAL: bool>(
        &self,
        [ket, bra]: [Cells; 2],
        trig: &[Cell],
        part: Part,
        slopes: &mut [Lane],
    ) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, !start.odd[0]);
            let mut sum = V::splat(0.0);
            for i in self.walk.part(*start, part) {
                let kets = [ket.read::<V>(i), ket.read::<V>(i ^ flip)];
                let bras = [bra.read::<V>(i), bra.read::<V>(i ^ flip)];
                sum = factors.slope::<REAL, false>(bras, kets, sum);
                turn_and_store::<V, REAL, false>(&factors, kets, ket, [i, i ^ flip]);
                turn_and_store::<V, REAL, false>(&factors, bras, bra, [i, i ^ flip]);
            }
            self.spec.add_slope(slopes, sum, start.odd[0]);
        }
    }
}
