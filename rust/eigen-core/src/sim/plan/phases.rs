//! One sweep for all diagonal terms that are due: a table over the lowest qubits of a tile, which changes with the
//! higher ones by one product each.
//!
//! With `lo` and `hi` the two parts of an index inside the tile, the factor is `low(lo) cross[i](lo)… high(hi)`, a cross
//! table for every high qubit that is 1. That holds where no term joins two high qubits with a low one; terms with qubits
//! outside the tile may have one qubit inside it.
use super::group::Numbers;
use super::op::Term;
use crate::math::C64;
use crate::sim::kernel::phases::RunPhases;
use crate::sim::lines::{Lines, Plain};
use crate::sim::tile::Tiling;
use crate::sim::vector::{Dispatch, Isa, Real};

/// Qubits of the low table: 2^7 numbers are 2 KiB of f64.
const LOW_QUBITS: usize = 7;

/// A diagonal sweep of a tile.
#[derive(Clone, Debug)]
pub(crate) struct Phases {
    /// Qubits inside a tile, and those of the low table.
    num_qubits: usize,
    low: usize,
    inner: Vec<Term>,
    /// Terms with qubits outside: the term, the qubit inside by local number.
    outer: Vec<(Term, Option<usize>)>,
    /// The qubits by local number.
    qubits: Vec<usize>,
    /// Where the low table and the cross tables begin among the plan's constants.
    at: usize,
    cross_at: Vec<Option<usize>>,
    high: Vec<C64>,
    /// Factors of the outer terms.
    factors: Vec<[C64; 2]>,
}

/// Buffers of a thread.
#[derive(Debug)]
pub(crate) struct Scratch<R: Plain> {
    tables: Lines<R>,
    scalars: Vec<C64>,
    bits: Vec<C64>,
}

impl<R: Plain> Scratch<R> {
    pub fn new() -> Self {
        Scratch { tables: Lines::new(0), scalars: Vec::new(), bits: Vec::new() }
    }
}

impl Phases {
    /// Whether a sweep of a tile can take a term.
    pub fn can_take(term: &Term, tiling: &Tiling) -> bool {
        let (inner, outer) = tiling.split(term.on.mask());
        let low = LOW_QUBITS.min(tiling.num_local());
        let (in_low, in_high) = ((inner & ((1 << low) - 1)).count_ones(), (inner >> low).count_ones());
        if outer != 0 { in_low + in_high <= 1 } else { in_low == 0 || in_high <= 1 }
    }

    pub fn new<R: Real>(terms: Vec<Term>, tiling: &Tiling, next: &mut usize) -> Self {
        let num_qubits = tiling.num_local();
        let low = LOW_QUBITS.min(num_qubits);
        let mut take = |numbers: usize| {
            let at = *next;
            *next += numbers;
            at
        };
        let at = take(2 << low);
        let (inner, outer): (Vec<Term>, Vec<Term>) =
            terms.into_iter().partition(|term| tiling.split(term.on.mask()).1 == 0);
        let cross_at = (low..num_qubits)
            .map(|qubit| {
                let is_crossed = inner.iter().any(|term| {
                    let mask = tiling.split(term.on.mask()).0;
                    mask >> qubit & 1 == 1 && mask & ((1 << low) - 1) != 0
                });
                is_crossed.then(|| take(2 << low))
            })
            .collect();
        let outer = outer
            .into_iter()
            .map(|term| {
                let inside = tiling.split(term.on.mask()).0;
                (term, (inside != 0).then(|| inside.trailing_zeros() as usize))
            })
            .collect();
        let qubits = (0..num_qubits).map(|k| tiling.qubit(k)).collect();
        Phases { num_qubits, low, inner, outer, qubits, at, cross_at, high: Vec::new(), factors: Vec::new() }
    }

    /// The global index of a value of the local qubits from `first` on.
    fn spread(&self, first: usize, value: usize) -> u64 {
        self.qubits[first..].iter().enumerate().map(|(k, q)| ((value >> k & 1) as u64) << q).sum()
    }

    /// Writes the tables for these numbers, times a factor of the whole state.
    pub fn bind<R: Real>(&mut self, numbers: &Numbers<'_>, scale: C64, constants: &mut [R]) {
        let (low_count, high_count) = (1usize << self.low, 1usize << (self.num_qubits - self.low));
        let low_index: Vec<u64> = (0..low_count).map(|value| self.spread(0, value)).collect();
        let low_mask = low_index[low_count - 1];
        let mut low = vec![scale; low_count];
        let mut high = vec![C64::ONE; high_count];
        let mut cross = vec![vec![C64::ONE; low_count]; self.num_qubits - self.low];
        for term in &self.inner {
            let factors = numbers.factors(term);
            let mask = term.on.mask();
            if mask & low_mask == 0 {
                for (value, slot) in high.iter_mut().enumerate() {
                    *slot *= factors[usize::from(term.on.is_second(self.spread(self.low, value)))];
                }
                continue;
            }
            let above = mask & !low_mask;
            let unset = low_index.iter().map(|index| factors[usize::from(term.on.is_second(*index))]);
            if above == 0 {
                low.iter_mut().zip(unset).for_each(|(slot, factor)| *slot *= factor);
                continue;
            }
            let bit = self.qubits[self.low..].iter().position(|q| above >> q & 1 == 1).unwrap_or_default();
            let tables = low.iter_mut().zip(&mut cross[bit]).zip(&low_index).zip(unset);
            for (((slot, crossed), index), factor) in tables {
                *slot *= factor;
                *crossed *= factors[usize::from(term.on.is_second(index | above))] / factor;
            }
        }
        write_lines(&low, &mut constants[self.at..]);
        for (table, at) in cross.iter().zip(&self.cross_at) {
            if let Some(at) = at {
                write_lines(table, &mut constants[*at..]);
            }
        }
        self.high = high;
        self.factors = self.outer.iter().map(|(term, _)| numbers.factors(term)).collect();
    }

    /// Sweeps over a tile; `outer` holds the values of the qubits outside it.
    pub fn run<R: Dispatch + Plain>(
        &self,
        lines: &mut [R],
        outer: u64,
        constants: &[R],
        isa: Isa,
        scratch: &mut Scratch<R>,
    ) {
        // Factors of the qubits inside, and of the whole tile, that follow from the values outside.
        let mut whole = C64::ONE;
        scratch.bits.clear();
        scratch.bits.resize(self.num_qubits, C64::ONE);
        for ((term, inside), factors) in self.outer.iter().zip(&self.factors) {
            let unset = factors[usize::from(term.on.is_second(outer))];
            whole *= unset;
            if let Some(local) = inside {
                let set = factors[usize::from(term.on.is_second(outer | 1 << self.qubits[*local]))];
                scratch.bits[*local] *= set / unset;
            }
        }
        scratch.scalars.clear();
        scratch.scalars.push(whole);
        for factor in &scratch.bits[self.low..] {
            for k in 0..scratch.scalars.len() {
                scratch.scalars.push(scratch.scalars[k] * factor);
            }
        }
        scratch.scalars.iter_mut().zip(&self.high).for_each(|(scalar, high)| *scalar *= high);
        let wanted = (2 << self.low) * (self.num_qubits - self.low + 1);
        if scratch.tables.len() < wanted {
            scratch.tables = Lines::new(wanted);
        }
        let low = &constants[self.at..self.at + (2 << self.low)];
        let table = move |at: usize| &constants[at..at + (2 << self.low)];
        let mut cross = [None; 64];
        for (slot, at) in cross.iter_mut().zip(&self.cross_at) {
            *slot = at.map(table);
        }
        let run = RunPhases {
            lines,
            low,
            bits: &scratch.bits[..self.low],
            cross: &cross[..self.cross_at.len()],
            scalars: &scratch.scalars,
            tables: &mut scratch.tables,
        };
        R::dispatch(isa, run);
    }
}

/// Complex numbers as blocks of lines.
fn write_lines<R: Real>(values: &[C64], out: &mut [R]) {
    for (index, value) in values.iter().enumerate() {
        let at = index / R::LANES * 2 * R::LANES + index % R::LANES;
        (out[at], out[at + R::LANES]) = (R::from_f64(value.re), R::from_f64(value.im));
    }
}
