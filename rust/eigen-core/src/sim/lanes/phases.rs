//! Diagonal rotations, many in one pass: amplitude `p` is multiplied by the product of `exp(-i angle/2 (-1)^(p . signs))`.
//!
//! The product falls into one or two tables, each over the few parities that its rotations depend on; an amplitude takes
//! one entry of each. For derivatives the products `Im(conj(bra) ket)` are summed by table entry.
use super::complex::{Complex, dot};
use super::program::Turn;
use super::turn::{Spec, sign_bits};
use super::vector::{Cell, Cells, Lane, Vector};
use super::walk::Part;

/// Most parities of a table.
const MOST_PARITIES: usize = 6;
/// Bits between the indices of a word of a pass.
const FIELD: usize = 16;

/// One pass of diagonal rotations.
#[derive(Clone, Debug)]
pub(super) struct PhasePass {
    tables: Vec<Table>,
    /// Entry `t` changes the word (cell index, then table indices) when the count of visits ends in `t` zeros.
    changes: Vec<u64>,
}

/// Memory for the tables of a pass.
pub(super) struct Scratch {
    entries: [[Cell; 1 << MOST_PARITIES]; 2],
    sums: [[Lane; 1 << MOST_PARITIES]; 2],
}

impl Scratch {
    pub const EMPTY: Scratch = Scratch {
        entries: [[Cell::ZERO; 1 << MOST_PARITIES]; 2],
        sums: [[Lane::ZERO; 1 << MOST_PARITIES]; 2],
    };
}

/// Rotations whose signs lie in the span of a few masks.
#[derive(Clone, Debug, Default)]
struct Table {
    terms: Vec<Term>,
    /// The masks that span it, each with what it adds to the index.
    parities: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Term {
    spec: Spec,
    /// Index bits whose parity is the sign.
    parity: usize,
    /// Entries of the table with the terms before this one.
    before: usize,
}

/// The rotations of one table by their signs over all amplitudes, so that every layout groups them alike.
#[derive(Default)]
struct Group<'a> {
    turns: Vec<&'a Turn>,
    span: Vec<u32>,
}

impl Group<'_> {
    fn reduce(&self, signs: u32) -> u32 {
        self.span
            .iter()
            .fold(signs, |rest, mask| if rest >> mask.ilog2() & 1 == 1 { rest ^ mask } else { rest })
    }
}

impl PhasePass {
    /// The passes of some diagonal rotations on cells of `dim` index bits.
    pub fn all(turns: &[Turn], dim: usize, lane_bits: usize) -> Vec<Self> {
        let most = (dim + lane_bits).div_ceil(2).clamp(2, MOST_PARITIES);
        let mut groups: Vec<Group<'_>> = Vec::new();
        for turn in turns {
            let fits = |group: &Group<'_>| group.reduce(turn.signs) == 0 || group.span.len() < most;
            let group = match groups.iter().position(fits) {
                Some(index) => &mut groups[index],
                None => {
                    groups.push(Group::default());
                    let last = groups.len() - 1;
                    &mut groups[last]
                }
            };
            let rest = group.reduce(turn.signs);
            if rest != 0 {
                group.span.push(rest);
            }
            group.turns.push(turn);
        }
        groups.chunks(2).map(|pair| PhasePass::new(pair, dim, lane_bits)).collect()
    }

    fn new(groups: &[Group<'_>], dim: usize, lane_bits: usize) -> Self {
        let tables: Vec<Table> = groups.iter().map(|group| Table::new(group, lane_bits)).collect();
        let mut sum = 0;
        let mut changes = Vec::new();
        for bit in 0..dim {
            sum ^= 1 << bit;
            for (k, table) in tables.iter().enumerate() {
                for (j, mask) in table.parities.iter().enumerate() {
                    sum ^= u64::from(mask >> bit & 1) << (FIELD * (k + 2) + j);
                }
            }
            changes.push(sum);
        }
        changes.push(0);
        PhasePass { tables, changes }
    }

    #[inline(always)]
    fn words(&self, part: Part) -> Words<'_> {
        let bits = self.changes.len() - 1;
        let visits = part.of(1 << bits);
        let (mut word, mut before) = (0, 0);
        for (bit, sum) in self.changes[..bits].iter().enumerate() {
            if visits.start >> bit & 1 == 1 {
                word ^= sum ^ before;
            }
            before = *sum;
        }
        Words { changes: &self.changes, word, count: visits.start, end: visits.end }
    }

    #[inline(always)]
    pub fn forward<V: Vector>(&self, ket: Cells, trig: &[Cell], part: Part, scratch: &mut Scratch) {
        let entries = &mut scratch.entries;
        for (table, entries) in self.tables.iter().zip(&mut *entries) {
            table.fill::<V>(trig, false, entries);
        }
        let is_double = self.tables.len() == 2;
        for word in self.words(part) {
            let [i, a, b] = fields(word);
            let mut factor = Complex::<V>::load(&entries[0][a]);
            if is_double {
                factor = factor.times(Complex::load(&entries[1][b]));
            }
            ket.write(i, ket.read::<V>(i).times(factor));
        }
    }

    #[inline(always)]
    pub fn backward<V: Vector>(
        &self,
        [ket, bra]: [Cells; 2],
        trig: &[Cell],
        part: Part,
        scratch: &mut Scratch,
        slopes: &mut [Lane],
    ) {
        let Scratch { entries, sums } = scratch;
        for (k, table) in self.tables.iter().enumerate() {
            table.fill::<V>(trig, true, &mut entries[k]);
            sums[k][..1 << table.parities.len()].fill(Lane::ZERO);
        }
        let is_double = self.tables.len() == 2;
        for word in self.words(part) {
            let [i, a, b] = fields(word);
            let (left, right) = (bra.read::<V>(i), ket.read::<V>(i));
            let product = dot::<V, false>(left, right, V::splat(0.0));
            let mut factor = Complex::<V>::load(&entries[0][a]);
            V::load(&sums[0][a]).add(product).store(&mut sums[0][a]);
            if is_double {
                factor = factor.times(Complex::load(&entries[1][b]));
                V::load(&sums[1][b]).add(product).store(&mut sums[1][b]);
            }
            ket.write(i, right.times(factor));
            bra.write(i, left.times(factor));
        }
        for (table, sums) in self.tables.iter().zip(&*sums) {
            table.add_slopes::<V>(sums, slopes);
        }
    }
}

impl Table {
    fn new(group: &Group<'_>, lane_bits: usize) -> Self {
        let mut table = Table::default();
        // Echelon form of the masks seen, each with the parities that it is the sum of.
        let mut echelon: Vec<(u32, usize)> = Vec::new();
        for turn in &group.turns {
            let spec = Spec::new(turn, lane_bits);
            let before = 1 << table.parities.len();
            let (mut rest, mut parity) = (spec.signs, 0);
            for (mask, of) in &echelon {
                if rest >> mask.ilog2() & 1 == 1 {
                    (rest, parity) = (rest ^ mask, parity ^ of);
                }
            }
            if rest != 0 {
                echelon.push((rest, parity | before));
                table.parities.push(spec.signs);
                parity = before;
            }
            table.terms.push(Term { spec, parity, before });
        }
        table
    }

    /// Fills the table; every entry is the product of its factors in the order of the terms.
    #[inline(always)]
    fn fill<V: Vector>(&self, trig: &[Cell], back: bool, entries: &mut [Cell; 1 << MOST_PARITIES]) {
        Complex { re: V::splat(1.0), im: V::splat(0.0) }.store(&mut entries[0]);
        for term in &self.terms {
            let cell = &trig[term.spec.angle];
            let cos = V::load(&cell.re);
            let sin = V::load(&cell.im).xor(sign_bits(term.spec.lane_signs, term.spec.is_negative ^ back));
            let odd = Complex { re: cos, im: sin };
            let even = Complex { re: cos, im: sin.xor(V::splat(-0.0)) };
            for k in 0..term.before {
                let old = Complex::<V>::load(&entries[k]);
                if term.parity == term.before {
                    old.times(odd).store(&mut entries[k | term.before]);
                    old.times(even).store(&mut entries[k]);
                } else if (k & term.parity).count_ones() % 2 == 1 {
                    old.times(odd).store(&mut entries[k]);
                } else {
                    old.times(even).store(&mut entries[k]);
                }
            }
        }
    }

    #[inline(always)]
    fn add_slopes<V: Vector>(&self, sums: &[Lane; 1 << MOST_PARITIES], slopes: &mut [Lane]) {
        for term in &self.terms {
            let mut total = V::splat(0.0);
            for (k, sum) in sums[..1 << self.parities.len()].iter().enumerate() {
                let sum = V::load(sum);
                total = if (k & term.parity).count_ones() % 2 == 1 { total.sub(sum) } else { total.add(sum) };
            }
            term.spec.add_slope(slopes, total, false);
        }
    }
}

/// The words of a pass.
struct Words<'a> {
    changes: &'a [u64],
    word: u64,
    count: u32,
    end: u32,
}

impl Iterator for Words<'_> {
    type Item = u64;

    #[inline(always)]
    fn next(&mut self) -> Option<u64> {
        if self.count == self.end {
            return None;
        }
        let word = self.word;
        self.count += 1;
        self.word ^= self.changes[self.count.trailing_zeros() as usize];
        Some(word)
    }
}

/// Cell index and table indices of a word.
#[inline(always)]
fn fields(word: u64) -> [usize; 3] {
    let most = (1 << MOST_PARITIES) - 1;
    let table = |k: usize| (word >> (FIELD * (k + 2))) as usize & most;
    [(word & 0xffff_ffff) as usize, table(0), table(1)]
}
