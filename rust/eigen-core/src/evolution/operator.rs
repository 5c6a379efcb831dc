//! Sums of Pauli strings that are applied many times: the diagonal as a table, the rest by X-masks, in one pass.
use super::collapse::Masked;
use crate::math::C64;
use crate::sim::{Block, LANE_QUBITS, LANES, State, Workers, for_each_isa, times_i_power};

/// Blocks in a chunk: 2,048 amplitudes, which stay in the first-level cache while all groups are added to them.
pub(super) const CHUNK_BLOCKS: usize = 256;

/// Eight real numbers, one for each lane.
type Lanes = [f64; LANES];

/// A sum of Pauli strings with complex coefficients.
pub(super) struct Operator {
    /// Real and imaginary parts of the diagonal, one entry for each block; empty where it is zero.
    diagonal: [Vec<Lanes>; 2],
    groups: Vec<Group>,
    /// Least and largest real diagonal entry.
    pub range: (f64, f64),
    /// Largest size of an imaginary diagonal entry.
    imaginary: f64,
    /// Sum of the absolute coefficients off the diagonal.
    pub off_diagonal: f64,
}

/// The terms of one X-mask other than 0. They map |k> to `f(k) |k ^ x>`.
struct Group {
    high: usize,
    low: usize,
    /// Real and imaginary parts of f.
    parts: [Vec<Sign>; 2],
}

/// A factor with a sign for each basis state.
struct Sign {
    /// Z-mask over block indices.
    z: usize,
    /// The factor in each lane of the result, where an even and where an odd number of qubits of `z` is 1.
    lanes: [Lanes; 2],
}

/// What is written: `out = a O v + b v + c w`, where w is `other` or what `out` held.
#[derive(Clone, Copy)]
pub(super) struct Mix<'a> {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub other: Option<&'a State>,
}

impl Mix<'_> {
    /// `out = O v`.
    pub const PLAIN: Mix<'static> = Mix { a: 1.0, b: 0.0, c: 0.0, other: None };
}

impl Operator {
    pub fn new(num_qubits: usize, terms: &[Masked], workers: &Workers) -> Self {
        let mut groups: std::collections::BTreeMap<u64, [Vec<Sign>; 2]> = std::collections::BTreeMap::new();
        let mut diagonal: [Vec<Sign>; 2] = Default::default();
        let mut off_diagonal = 0.0;
        for term in terms {
            let factor = times_i_power(term.coefficient, (term.x & term.z).count_ones());
            let target = if term.x == 0 { &mut diagonal } else { groups.entry(term.x).or_default() };
            off_diagonal += if term.x == 0 { 0.0 } else { term.coefficient.norm() };
            for (part, value) in [factor.re, factor.im].into_iter().enumerate() {
                if value != 0.0 {
                    target[part].push(Sign::new(term.x as usize, term.z as usize, value));
                }
            }
        }
        let blocks = 1usize << num_qubits.saturating_sub(LANE_QUBITS);
        let diagonal = diagonal.map(|signs| table(&signs, blocks, workers));
        let [real, other] =
            [0, 1].map(|part| range(&diagonal[part], (1usize << num_qubits).min(LANES), workers));
        let imaginary = other.0.abs().max(other.1.abs());
        let split = |(x, parts): (u64, [Vec<Sign>; 2])| Group {
            high: x as usize >> LANE_QUBITS,
            low: x as usize % LANES,
            parts,
        };
        Operator {
            diagonal,
            groups: groups.into_iter().map(split).collect(),
            range: real,
            imaginary,
            off_diagonal,
        }
    }

    /// A bound on the spectral norm.
    pub fn norm_bound(&self) -> f64 {
        self.off_diagonal + self.range.0.abs().max(self.range.1.abs()) + self.imaginary
    }

    /// Number of X-masks other than 0.
    pub fn num_groups(&self) -> usize {
        self.groups.len()
    }

    /// Writes `a O v + b v + c w` into `out` and gives `<v|out>`.
    pub fn apply(&self, v: &State, out: &mut State, mix: Mix<'_>, workers: &Workers) -> C64 {
        let blocks = v.blocks();
        let mut pieces: Vec<(&mut [Block], C64)> =
            out.blocks_mut().chunks_mut(CHUNK_BLOCKS).map(|chunk| (chunk, C64::ZERO)).collect();
        workers.each_chunk(&mut pieces, 1, |chunk, piece| {
            let (out, dot) = &mut piece[0];
            let start = chunk * CHUNK_BLOCKS;
            let other = mix.other.map(|w| &w.blocks()[start..start + out.len()]);
            *dot = apply_chunk(self, blocks, start, out, [mix.a, mix.b, mix.c], other);
        });
        pieces.iter().map(|(_, dot)| dot).sum()
    }
}

for_each_isa! {
    apply_chunk(operator: &Operator, v: &[Block], start: usize, out: &mut [Block], mix: [f64; 3], other: Option<&[Block]>) -> C64
        = Operator::chunk
}

for_each_isa! {
    fill_chunk(signs: &[Sign], start: usize, out: &mut [Lanes]) = fill
}

impl Operator {
    #[inline(always)]
    fn chunk(
        &self,
        v: &[Block],
        start: usize,
        out: &mut [Block],
        mix: [f64; 3],
        other: Option<&[Block]>,
    ) -> C64 {
        let mut sums = [Block::ZERO; CHUNK_BLOCKS];
        let sums = &mut sums[..out.len()];
        let own = &v[start..start + out.len()];
        if let Some(table) = self.diagonal[0].get(start..start + out.len()) {
            for ((sum, block), d) in sums.iter_mut().zip(own).zip(table) {
                for l in 0..LANES {
                    sum.re[l] = d[l] * block.re[l];
                    sum.im[l] = d[l] * block.im[l];
                }
            }
        }
        if let Some(table) = self.diagonal[1].get(start..start + out.len()) {
            for ((sum, block), d) in sums.iter_mut().zip(own).zip(table) {
                for l in 0..LANES {
                    sum.re[l] -= d[l] * block.im[l];
                    sum.im[l] += d[l] * block.re[l];
                }
            }
        }
        for group in &self.groups {
            match group.low {
                0 => group.add::<0>(v, start, sums),
                1 => group.add::<1>(v, start, sums),
                2 => group.add::<2>(v, start, sums),
                3 => group.add::<3>(v, start, sums),
                4 => group.add::<4>(v, start, sums),
                5 => group.add::<5>(v, start, sums),
                6 => group.add::<6>(v, start, sums),
                _ => group.add::<7>(v, start, sums),
            }
        }
        let [a, b, c] = mix;
        let mut dot = Block::ZERO;
        for (k, target) in out.iter_mut().enumerate() {
            let mut block = Block::ZERO;
            let w = if c == 0.0 { Block::ZERO } else { other.map_or(*target, |other| other[k]) };
            for l in 0..LANES {
                block.re[l] = a * sums[k].re[l] + b * own[k].re[l] + c * w.re[l];
                block.im[l] = a * sums[k].im[l] + b * own[k].im[l] + c * w.im[l];
            }
            dot.add_conj_product(&own[k], &block);
            *target = block;
        }
        dot.sum()
    }
}

impl Group {
    #[inline(always)]
    fn add<const LOW: usize>(&self, v: &[Block], start: usize, sums: &mut [Block]) {
        match (self.parts[0].as_slice(), self.parts[1].as_slice()) {
            ([one], []) if one.z == 0 => {
                let factor = one.lanes[0];
                for (k, sum) in sums.iter_mut().enumerate() {
                    let source = v[(start + k) ^ self.high].permuted::<LOW>();
                    add_real(sum, &factor, &source);
                }
            }
            (real, imaginary) => {
                for (k, sum) in sums.iter_mut().enumerate() {
                    let from = (start + k) ^ self.high;
                    let source = v[from].permuted::<LOW>();
                    if !real.is_empty() {
                        add_real(sum, &total(real, from), &source);
                    }
                    if !imaginary.is_empty() {
                        let factor = total(imaginary, from);
                        for l in 0..LANES {
                            sum.re[l] -= factor[l] * source.im[l];
                            sum.im[l] += factor[l] * source.re[l];
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn add_real(sum: &mut Block, factor: &Lanes, source: &Block) {
    for l in 0..LANES {
        sum.re[l] += factor[l] * source.re[l];
        sum.im[l] += factor[l] * source.im[l];
    }
}

/// The sum of the signed factors at a block.
#[inline(always)]
fn total(signs: &[Sign], block: usize) -> Lanes {
    let mut sum = [0.0; LANES];
    for sign in signs {
        let lanes = &sign.lanes[(block & sign.z).count_ones() as usize % 2];
        for l in 0..LANES {
            sum[l] += lanes[l];
        }
    }
    sum
}

impl Sign {
    fn new(x: usize, z: usize, value: f64) -> Self {
        let lane = |odd: usize, lane: usize| {
            let source = lane ^ (x % LANES);
            let parity = (source & z).count_ones() as usize + odd;
            if parity % 2 == 1 { -value } else { value }
        };
        Sign { z: z >> LANE_QUBITS, lanes: [0, 1].map(|odd| std::array::from_fn(|l| lane(odd, l))) }
    }
}

fn table(signs: &[Sign], blocks: usize, workers: &Workers) -> Vec<Lanes> {
    if signs.is_empty() {
        return Vec::new();
    }
    let mut out = vec![[0.0; LANES]; blocks];
    workers.each_chunk(&mut out, CHUNK_BLOCKS, |chunk, out| fill_chunk(signs, chunk * CHUNK_BLOCKS, out));
    out
}

#[inline(always)]
fn fill(signs: &[Sign], start: usize, out: &mut [Lanes]) {
    for (k, slot) in out.iter_mut().enumerate() {
        *slot = total(signs, start + k);
    }
}

/// Least and largest entry; lanes that pad a tiny state are left out.
fn range(table: &[Lanes], lanes: usize, workers: &Workers) -> (f64, f64) {
    let wider = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
    let empty = (f64::INFINITY, f64::NEG_INFINITY);
    let parts = workers.map(table.len().div_ceil(CHUNK_BLOCKS), |chunk| {
        let rows = &table[chunk * CHUNK_BLOCKS..((chunk + 1) * CHUNK_BLOCKS).min(table.len())];
        rows.iter().flat_map(|row| &row[..lanes]).fold(empty, |range, x| wider(range, *x))
    });
    let found = parts.into_iter().fold(empty, |(low, high), (a, b)| (low.min(a), high.max(b)));
    if found.0 > found.1 { (0.0, 0.0) } else { found }
}
