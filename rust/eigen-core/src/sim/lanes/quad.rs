//! Two turns in one pass over quadruples of cells, so that each cell is read and written once for both.
use super::complex::Complex;
use super::coordinates::is_odd;
use super::turn::{Factors, Spec};
use super::vector::{Cell, Cells, Lane, Vector};
use super::walk::{Part, Start, Walk};

/// Two turns, the first one applied first.
#[derive(Clone, Debug)]
pub(super) struct Quad {
    specs: [Spec; 2],
    /// Whether the second pair of each turn has the other sign than the first.
    crossed: [bool; 2],
    walk: Walk,
}

/// Calls a method compiled for the kinds of both turns.
macro_rules! by_kind {
    ($self:ident.$name:ident::<$v:ident>($($arg:expr),*)) => {{
        let [first, second] = &$self.specs;
        match (first.is_real, second.is_real, first.lanes | second.lanes != 0) {
            (false, false, false) => $self.$name::<$v, false, false, false>($($arg),*),
            (false, true, false) => $self.$name::<$v, false, true, false>($($arg),*),
            (true, false, false) => $self.$name::<$v, true, false, false>($($arg),*),
            (true, true, false) => $self.$name::<$v, true, true, false>($($arg),*),
            (false, false, true) => $self.$name::<$v, false, false, true>($($arg),*),
            (false, true, true) => $self.$name::<$v, false, true, true>($($arg),*),
            (true, false, true) => $self.$name::<$v, true, false, true>($($arg),*),
            (true, true, true) => $self.$name::<$v, true, true, true>($($arg),*),
        }
    }};
}

impl Quad {
    pub fn new(dim: usize, first: Spec, second: Spec) -> Self {
        Quad {
            specs: [first, second],
            crossed: [is_odd(second.flip, first.signs), is_odd(first.flip, second.signs)],
            walk: Walk::new(dim, &[first.flip, second.flip], [first.signs, second.signs]),
        }
    }

    /// Factors of each turn on its first and on its second pair.
    #[inline(always)]
    fn factors<V: Vector>(&self, trig: &[Cell], start: &Start, back: bool) -> [[Factors<V>; 2]; 2] {
        let [first, second] = &self.specs;
        let odd = [start.odd[0] ^ back, start.odd[1] ^ back];
        [
            [Factors::new(first, trig, odd[0]), Factors::new(first, trig, odd[0] ^ self.crossed[0])],
            [Factors::new(second, trig, odd[1]), Factors::new(second, trig, odd[1] ^ self.crossed[1])],
        ]
    }

    #[inline(always)]
    fn places(&self, i: usize) -> [usize; 4] {
        let [a, b] = [self.specs[0].flip as usize, self.specs[1].flip as usize];
        [i, i ^ a, i ^ b, i ^ a ^ b]
    }

    #[inline(always)]
    pub fn forward<V: Vector>(&self, ket: Cells, trig: &[Cell], part: Part) {
        by_kind!(self.run::<V>(ket, trig, part));
    }

    #[inline(always)]
    fn run<V: Vector, const A: bool, const B: bool, const MIX: bool>(
        &self,
        ket: Cells,
        trig: &[Cell],
        part: Part,
    ) {
        for start in &self.walk.starts {
            let [first, second] = self.factors::<V>(trig, start, false);
            for i in self.walk.part(*start, part) {
                let places = self.places(i);
                let [mut p, mut q, mut r, mut s] = load::<V>(ket, places);
                first[0].turn::<A, MIX>(&mut p, &mut q);
                first[1].turn::<A, MIX>(&mut r, &mut s);
                second[0].turn::<B, MIX>(&mut p, &mut r);
                second[1].turn::<B, MIX>(&mut q, &mut s);
                store(ket, places, [p, q, r, s]);
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
        by_kind!(self.run_back::<V>([ket, bra], trig, part, slopes));
    }

    #[inline(always)]
    fn run_back<V: Vector, const A: bool, const B: bool, const MIX: bool>(
        &self,
        [ket, bra]: [Cells; 2],
        trig: &[Cell],
        part: Part,
        slopes: &mut [Lane],
    ) {
        for start in &self.walk.starts {
            let [first, second] = self.factors::<V>(trig, start, true);
            let mut sums = [[V::splat(0.0); 2]; 2];
            for i in self.walk.part(*start, part) {
                let places = self.places(i);
                let [mut p, mut q, mut r, mut s] = load::<V>(ket, places);
                let [mut t, mut u, mut v, mut w] = load::<V>(bra, places);
                sums[1][0] = second[0].slope::<B, MIX>([t, v], [p, r], sums[1][0]);
                sums[1][1] = second[1].slope::<B, MIX>([u, w], [q, s], sums[1][1]);
                second[0].turn::<B, MIX>(&mut p, &mut r);
                second[1].turn::<B, MIX>(&mut q, &mut s);
                second[0].turn::<B, MIX>(&mut t, &mut v);
                second[1].turn::<B, MIX>(&mut u, &mut w);
                sums[0][0] = first[0].slope::<A, MIX>([t, u], [p, q], sums[0][0]);
                sums[0][1] = first[1].slope::<A, MIX>([v, w], [r, s], sums[0][1]);
                first[0].turn::<A, MIX>(&mut p, &mut q);
                first[1].turn::<A, MIX>(&mut r, &mut s);
                first[0].turn::<A, MIX>(&mut t, &mut u);
                first[1].turn::<A, MIX>(&mut v, &mut w);
                store(ket, places, [p, q, r, s]);
                store(bra, places, [t, u, v, w]);
            }
            for (turn, spec) in self.specs.iter().enumerate() {
                for (pair, sum) in sums[turn].into_iter().enumerate() {
                    let crossed = pair == 1 && self.crossed[turn];
                    spec.add_slope(slopes, sum, start.odd[turn] ^ crossed);
                }
            }
        }
    }
}

#[inline(always)]
fn load<V: Vector>(cells: Cells, [i, j, k, l]: [usize; 4]) -> [Complex<V>; 4] {
    [cells.read(i), cells.read(j), cells.read(k), cells.read(l)]
}

#[inline(always)]
fn store<V: Vector>(cells: Cells, [i, j, k, l]: [usize; 4], [p, q, r, s]: [Complex<V>; 4]) {
    cells.write(i, p);
    cells.write(j, q);
    cells.write(k, r);
    cells.write(l, s);
}
