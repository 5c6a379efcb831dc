//! Passes of one turn: on pairs of cells, within cells, and into cells that were zero.
use super::complex::{Complex, dot};
use super::turn::{Factors, Spec};
use super::vector::{Cell, Lane, Vector};
use super::walk::Walk;

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
    pub fn forward<V: Vector>(&self, ket: &mut [Cell], trig: &[Cell]) {
        match (self.spec.is_real, self.spec.lanes != 0) {
            (true, false) => self.run::<V, true, false>(ket, trig),
            (false, false) => self.run::<V, false, false>(ket, trig),
            (true, true) => self.run::<V, true, true>(ket, trig),
            (false, true) => self.run::<V, false, true>(ket, trig),
        }
    }

    #[inline(always)]
    fn run<V: Vector, const REAL: bool, const MIX: bool>(&self, ket: &mut [Cell], trig: &[Cell]) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, start.odd[0]);
            for i in self.walk.from(*start) {
                let (mut p, mut q) = (Complex::<V>::load(&ket[i]), Complex::load(&ket[i ^ flip]));
                factors.turn::<REAL, MIX>(&mut p, &mut q);
                p.store(&mut ket[i]);
                q.store(&mut ket[i ^ flip]);
            }
        }
    }

    #[inline(always)]
    pub fn backward<V: Vector>(
        &self,
        ket: &mut [Cell],
        bra: &mut [Cell],
        trig: &[Cell],
        slopes: &mut [Lane],
    ) {
        match (self.spec.is_real, self.spec.lanes != 0) {
            (true, false) => self.run_back::<V, true, false>(ket, bra, trig, slopes),
            (false, false) => self.run_back::<V, false, false>(ket, bra, trig, slopes),
            (true, true) => self.run_back::<V, true, true>(ket, bra, trig, slopes),
            (false, true) => self.run_back::<V, false, true>(ket, bra, trig, slopes),
        }
    }

    #[inline(always)]
    fn run_back<V: Vector, const REAL: bool, const MIX: bool>(
        &self,
        ket: &mut [Cell],
        bra: &mut [Cell],
        trig: &[Cell],
        slopes: &mut [Lane],
    ) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, !start.odd[0]);
            let mut sum = V::splat(0.0);
            for i in self.walk.from(*start) {
                let j = i ^ flip;
                let kets = [Complex::<V>::load(&ket[i]), Complex::load(&ket[j])];
                let bras = [Complex::<V>::load(&bra[i]), Complex::load(&bra[j])];
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
    cells: &mut [Cell],
    [i, j]: [usize; 2],
) {
    factors.turn::<REAL, MIX>(&mut p, &mut q);
    p.store(&mut cells[i]);
    q.store(&mut cells[j]);
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
    fn turned<V: Vector>(&self, factors: &Factors<V>, cell: &mut Cell) {
        let amplitudes = Complex::<V>::load(cell);
        let (kept, moved) = (amplitudes.scaled(factors.cos), amplitudes.xor_lanes(self.spec.lanes));
        let new = if self.spec.is_real {
            kept.plus::<true>(factors.sin, moved)
        } else {
            kept.plus::<false>(factors.sin, moved)
        };
        new.store(cell);
    }

    #[inline(always)]
    pub fn forward<V: Vector>(&self, ket: &mut [Cell], trig: &[Cell]) {
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, start.odd[0]);
            for i in self.walk.from(*start) {
                self.turned(&factors, &mut ket[i]);
            }
        }
    }

    #[inline(always)]
    pub fn backward<V: Vector>(
        &self,
        ket: &mut [Cell],
        bra: &mut [Cell],
        trig: &[Cell],
        slopes: &mut [Lane],
    ) {
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, !start.odd[0]);
            let mut sum = V::splat(0.0);
            for i in self.walk.from(*start) {
                let moved = Complex::<V>::load(&ket[i]).xor_lanes(self.spec.lanes);
                let left = Complex::<V>::load(&bra[i]);
                sum = if self.spec.is_real {
                    dot::<V, true>(left, moved, sum)
                } else {
                    dot::<V, false>(left, moved, sum)
                };
                self.turned(&factors, &mut ket[i]);
                self.turned(&factors, &mut bra[i]);
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
    pub fn forward<V: Vector>(&self, ket: &mut [Cell], trig: &[Cell]) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, start.odd[0]);
            for i in self.walk.from(*start) {
                let old = Complex::<V>::load(&ket[i]);
                let zero = Complex { re: V::splat(0.0), im: V::splat(0.0) };
                let new = if self.spec.is_real {
                    zero.plus::<true>(factors.other, old)
                } else {
                    zero.plus::<false>(factors.other, old)
                };
                new.store(&mut ket[i ^ flip]);
                old.scaled(factors.cos).store(&mut ket[i]);
            }
        }
    }

    /// What is left in the cells that `forward` filled is not read any more.
    #[inline(always)]
    pub fn backward<V: Vector>(
        &self,
        ket: &mut [Cell],
        bra: &mut [Cell],
        trig: &[Cell],
        slopes: &mut [Lane],
    ) {
        if self.spec.is_real {
            self.run_back::<V, true>(ket, bra, trig, slopes);
        } else {
            self.run_back::<V, false>(ket, bra, trig, slopes);
        }
    }

    #[inline(always)]
    fn run_back<V: Vector, const REAL: bool>(
        &self,
        ket: &mut [Cell],
        bra: &mut [Cell],
        trig: &[Cell],
        slopes: &mut [Lane],
    ) {
        let flip = self.spec.flip as usize;
        for start in &self.walk.starts {
            let factors = Factors::<V>::new(&self.spec, trig, !start.odd[0]);
            let mut sum = V::splat(0.0);
            for i in self.walk.from(*start) {
                let kets = [Complex::<V>::load(&ket[i]), Complex::load(&ket[i ^ flip])];
                let bras = [Complex::<V>::load(&bra[i]), Complex::load(&bra[i ^ flip])];
                sum = factors.slope::<REAL, false>(bras, kets, sum);
                turn_and_store::<V, REAL, false>(&factors, kets, ket, [i, i ^ flip]);
                turn_and_store::<V, REAL, false>(&factors, bras, bra, [i, i ^ flip]);
            }
            self.spec.add_slope(slopes, sum, start.odd[0]);
        }
    }
}
