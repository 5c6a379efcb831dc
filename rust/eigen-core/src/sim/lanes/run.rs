//! Runs of a program in lanes: sines and cosines of the angles, the state forwards, and backwards for derivatives.
use super::dispatch::Work;
use super::observable::Image;
use super::phases::Scratch;
use super::program::{Layout, Pass, Passes};
use super::trig::sin_cos;
use super::vector::{Cell, LANES, Lane, Vector};
use crate::param::Expression;

/// Memory of a run, used again.
pub(super) struct Buffers {
    params: Vec<Lane>,
    /// Cosine and sine of half of each angle.
    trig: Vec<Cell>,
    ket: Vec<Cell>,
    bra: Vec<Cell>,
    slopes: Vec<Lane>,
    scratch: Box<Scratch>,
}

impl Default for Buffers {
    fn default() -> Self {
        Buffers {
            params: Vec::new(),
            trig: Vec::new(),
            ket: Vec::new(),
            bra: Vec::new(),
            slopes: Vec::new(),
            scratch: Box::new(Scratch::EMPTY),
        }
    }
}

/// One run: up to eight sets of values with `Layout::Sets`, one set with `Layout::Amplitudes`.
pub(super) struct Run<'a> {
    pub passes: &'a Passes,
    pub angles: &'a [Expression],
    pub image: &'a Image,
    pub num_parameters: usize,
    /// The sets, one after the other.
    pub values: &'a [f64],
    /// Where the energies go, one for each set.
    pub energies: &'a mut [f64],
    /// Where the derivatives go, one set after the other; empty when none are wanted.
    pub slopes: &'a mut [f64],
    pub buffers: &'a mut Buffers,
}

impl Work for Run<'_> {
    /// Whether all angles are finite; otherwise nothing is written.
    type Out = bool;

    #[inline(always)]
    fn run<V: Vector>(mut self) -> bool {
        let is_finite = match self.passes.layout {
            Layout::Sets => self.bind_sets::<V>(),
            Layout::Amplitudes => self.bind_one::<V>(),
        };
        if !is_finite {
            return false;
        }
        self.forward::<V>();
        let cells = self.passes.cells;
        let energies = self.image.expectation::<V>(&self.buffers.ket[..cells], self.passes.layout);
        for (slot, energy) in self.energies.iter_mut().zip(energies.0) {
            *slot = energy;
        }
        if !self.slopes.is_empty() {
            self.backward::<V>();
            self.write_slopes();
        }
        true
    }
}

impl Run<'_> {
    #[inline(always)]
    fn bind_sets<V: Vector>(&mut self) -> bool {
        let last = self.energies.len() - 1;
        let Buffers { params, trig, .. } = &mut *self.buffers;
        params.resize(self.num_parameters, Lane::ZERO);
        for l in 0..LANES {
            // Lanes without a set repeat the last one.
            let values = &self.values[l.min(last) * self.num_parameters..][..self.num_parameters];
            for (lane, value) in params.iter_mut().zip(values) {
                lane.0[l] = *value;
            }
        }
        trig.resize(self.angles.len(), Cell::ZERO);
        let mut is_finite = true;
        for (angle, cell) in self.angles.iter().zip(trig) {
            let mut sum = V::splat(angle.constant);
            for (symbol, factor) in &angle.terms {
                sum = sum.add(V::splat(*factor).mul(V::load(&params[*symbol as usize])));
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
    fn bind_one<V: Vector>(&mut self) -> bool {
        let trig = &mut self.buffers.trig;
        trig.resize(self.angles.len(), Cell::ZERO);
        let mut is_finite = true;
        for (angles, cells) in self.angles.chunks(LANES).zip(trig.chunks_mut(LANES)) {
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

    #[inline(always)]
    fn forward<V: Vector>(&mut self) {
        let Buffers { trig, ket, scratch, .. } = &mut *self.buffers;
        if ket.len() < self.passes.cells {
            ket.resize(self.passes.cells, Cell::ZERO);
        }
        ket[0] = Cell::ZERO;
        match self.passes.layout {
            Layout::Sets => ket[0].re = Lane([1.0; LANES]),
            Layout::Amplitudes => ket[0].re.0[0] = 1.0,
        }
        for pass in &self.passes.passes {
            match pass {
                Pass::Quad(quad) => quad.forward::<V>(ket, trig),
                Pass::Phases(phases) => phases.forward::<V>(ket, trig, scratch),
                Pass::Pair(pair) => pair.forward::<V>(ket, trig),
                Pass::Inside(inside) => inside.forward::<V>(ket, trig),
                Pass::Grow(grow) => grow.forward::<V>(ket, trig),
            }
        }
    }

    #[inline(always)]
    fn backward<V: Vector>(&mut self) {
        let Buffers { trig, ket, bra, slopes, scratch, .. } = &mut *self.buffers;
        if bra.len() < self.passes.cells {
            bra.resize(self.passes.cells, Cell::ZERO);
        }
        slopes.clear();
        slopes.resize(self.angles.len(), Lane::ZERO);
        self.image.apply::<V>(&ket[..self.passes.cells], bra, self.passes.layout);
        for pass in self.passes.passes.iter().rev() {
            match pass {
                Pass::Quad(quad) => quad.backward::<V>(ket, bra, trig, slopes),
                Pass::Phases(phases) => phases.backward::<V>([ket, bra], trig, scratch, slopes),
                Pass::Pair(pair) => pair.backward::<V>(ket, bra, trig, slopes),
                Pass::Inside(inside) => inside.backward::<V>(ket, bra, trig, slopes),
                Pass::Grow(grow) => grow.backward::<V>(ket, bra, trig, slopes),
            }
        }
    }

    /// From slopes by angle to slopes by parameter.
    #[inline(always)]
    fn write_slopes(&mut self) {
        self.slopes.fill(0.0);
        let layout = self.passes.layout;
        for (angle, slope) in self.angles.iter().zip(&self.buffers.slopes) {
            let lanes = &slope.0;
            for (symbol, factor) in &angle.terms {
                let symbol = *symbol as usize;
                if layout == Layout::Amplitudes {
                    let sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
                        + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
                    self.slopes[symbol] += factor * sum;
                    continue;
                }
                for (set, slope) in lanes.iter().enumerate().take(self.energies.len()) {
                    self.slopes[set * self.num_parameters + symbol] += factor * slope;
                }
            }
        }
    }
}
