//! What one chunk of a state adds to the expectation values of Pauli strings with the same X-mask.
//!
//! The string X^x Z^z has the value `sum_k (-1)^|k & z| conj(a[k ^ x]) a[k]`. The products do not depend on z: they are
//! found once, and each string is a signed sum of them; where there are many, all at once by a Walsh-Hadamard transform.
//! The terms for k and k ^ x are conjugates of each other, so half of them suffice.
use crate::math::C64;
use crate::sim::vector::{Kernel, Real, Vector};

/// From this many signed sums on a transform is cheaper.
const MANY_SUMS: usize = 9;
/// Numbers in the longest line.
const MOST_LANES: usize = 16;

/// A line of numbers.
#[repr(align(64))]
struct Line<R>([R; MOST_LANES]);

/// Strings with the same X-mask, as a chunk of blocks sees them.
#[derive(Clone, Debug)]
pub(crate) struct Mixed {
    /// Chunks that the X-mask joins are so far apart.
    pub far: usize,
    near: usize,
    lanes: usize,
    /// The bit of a block's number, or of a chunk's, whose value 0 selects the half that is looked at.
    half: Half,
    /// Signed sums of the real parts of products, and of the imaginary parts.
    real: Vec<SignedSum>,
    imaginary: Vec<SignedSum>,
}

#[derive(Clone, Copy, Debug)]
enum Half {
    /// All of them: the X-mask is 0 or acts on lanes only.
    Not,
    Block(u32),
    Chunk(u32),
}

/// Strings whose signs depend on the number of a block inside a chunk in the same way.
#[derive(Clone, Debug)]
struct SignedSum {
    blocks: usize,
    strings: Vec<Signed>,
}

/// The signs of lanes and of whole chunks, and a factor.
#[derive(Clone, Copy, Debug)]
struct Signed {
    lanes: usize,
    chunks: usize,
    factor: f64,
}

impl Mixed {
    /// Of strings X^x Z^z with factors that are real or imaginary; chunks have `1 << chunk_bits` blocks of
    /// `1 << lane_bits` amplitudes.
    pub fn new(x: usize, strings: &[(usize, C64)], chunk_bits: u32, lane_bits: u32) -> Self {
        let cut = |mask: usize| {
            let (lanes, rest) = (mask & ((1 << lane_bits) - 1), mask >> lane_bits);
            (lanes, rest & ((1 << chunk_bits) - 1), rest >> chunk_bits)
        };
        let (lanes, near, far) = cut(x);
        let half = match (near, far) {
            (_, 1..) => Half::Chunk(far.ilog2()),
            (1.., _) => Half::Block(near.ilog2()),
            _ => Half::Not,
        };
        let twice = if matches!(half, Half::Not) { 1.0 } else { 2.0 };
        let mut mixed = Mixed { far, near, lanes, half, real: Vec::new(), imaginary: Vec::new() };
        for (z, factor) in strings {
            let (lanes, blocks, chunks) = cut(*z);
            let blocks = half.without(blocks);
            for (sums, factor) in [(&mut mixed.real, factor.re), (&mut mixed.imaginary, -factor.im)] {
                if factor != 0.0 {
                    let signed = Signed { lanes, chunks, factor: twice * factor };
                    match sums.iter_mut().find(|sum| sum.blocks == blocks) {
                        Some(sum) => sum.strings.push(signed),
                        None => sums.push(SignedSum { blocks, strings: vec![signed] }),
                    }
                }
            }
        }
        mixed
    }

    /// Whether a chunk is in the half that is looked at.
    pub fn looks_at(&self, chunk: usize) -> bool {
        match self.half {
            Half::Chunk(bit) => chunk >> bit & 1 == 0,
            _ => true,
        }
    }
}

impl Half {
    /// A mask of blocks without the bit that is always 0.
    fn without(self, mask: usize) -> usize {
        match self {
            Half::Block(bit) => mask & ((1 << bit) - 1) | mask >> (bit + 1) << bit,
            _ => mask,
        }
    }

    /// The bits of a block's number below the one that is always 0.
    #[inline(always)]
    fn below(self) -> usize {
        match self {
            Half::Block(bit) => (1 << bit) - 1,
            _ => usize::MAX,
        }
    }
}

/// The kernel: `own` and `other` are the lines of the chunk and of the one `far` from it; `room` holds the real parts of
/// as many blocks.
pub(crate) struct Mean<'a, R: Real> {
    pub mixed: &'a Mixed,
    pub chunk: usize,
    pub own: &'a [R],
    pub other: &'a [R],
    pub room: &'a mut [R],
}

impl<R: Real> Kernel<R> for Mean<'_, R> {
    type Out = f64;

    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) -> f64 {
        let blocks = self.own.len() / (2 * R::LANES);
        assert!(blocks.is_power_of_two() && self.mixed.near < blocks && self.mixed.lanes < R::LANES);
        assert!(self.other.len() == self.own.len() && self.room.len() == self.own.len() / 2);
        for part in [self.own.as_ptr(), self.other.as_ptr(), self.room.as_ptr()] {
            assert!(part.addr().is_multiple_of(64), "lines out of line");
        }
        let room = self.room.as_mut_ptr();
        let mut total = 0.0;
        // SAFETY: a block's number stays below `blocks` as `near` does; the caller promises the instruction set.
        unsafe {
            if !self.mixed.real.is_empty() {
                total += match self.mixed.lanes {
                    0 => self.part::<V, true, false>(&self.mixed.real, room),
                    _ => self.part::<V, true, true>(&self.mixed.real, room),
                };
            }
            if !self.mixed.imaginary.is_empty() {
                total += match self.mixed.lanes {
                    0 => self.part::<V, false, false>(&self.mixed.imaginary, room),
                    _ => self.part::<V, false, true>(&self.mixed.imaginary, room),
                };
            }
        }
        total
    }
}

impl<R: Real> Mean<'_, R> {
    /// The sums over the real or the imaginary parts of the products, where the X-mask acts on lanes or not.
    ///
    /// SAFETY: `own` and `other` have the lines of all blocks k and k ^ near, `room` has half as many; all are aligned,
    /// and the processor has the instruction set.
    #[inline(always)]
    unsafe fn part<V: Vector<Real = R>, const REAL: bool, const LANES: bool>(
        &self,
        sums: &[SignedSum],
        room: *mut R,
    ) -> f64 {
        let blocks = self.own.len() / (2 * R::LANES);
        let count = if matches!(self.mixed.half, Half::Block(_)) { blocks / 2 } else { blocks };
        assert!(sums.iter().all(|sum| sum.blocks < count), "a mask beyond its chunk");
        // SAFETY: the caller's promise; a free bit is put into numbers of half the blocks; masks are below `count`.
        unsafe {
            if let [sum] = sums {
                let line = match sum.blocks {
                    0 => signed_sum(count, 0, |index| self.product::<V, REAL, LANES>(index)),
                    mask => signed_sum(count, mask, |index| self.product::<V, REAL, LANES>(index)),
                };
                return sum.value(line, self.chunk);
            }
            (0..count).for_each(|index| {
                self.product::<V, REAL, LANES>(index).store(room.add(index * R::LANES));
            });
            let line = |index: usize| V::load(room.add(index * R::LANES));
            if sums.len() < MANY_SUMS {
                return sums
                    .iter()
                    .map(|sum| sum.value(signed_sum(count, sum.blocks, line), self.chunk))
                    .sum();
            }
            transform::<V>(room, count);
            sums.iter().map(|sum| sum.value(line(sum.blocks), self.chunk)).sum()
        }
    }

    /// The real or the imaginary parts of `conj(other[k ^ near]) own[k]` for a block.
    ///
    /// SAFETY: that of `part`.
    #[inline(always)]
    unsafe fn product<V: Vector<Real = R>, const REAL: bool, const LANES: bool>(&self, index: usize) -> V {
        let below = self.mixed.half.below();
        let k = index & below | (index & !below) << 1;
        // SAFETY: the caller's promise.
        unsafe {
            let a = self.own.as_ptr().add(2 * k * R::LANES);
            let b = self.other.as_ptr().add(2 * (k ^ self.mixed.near) * R::LANES);
            let (are, aim) = (V::load(a), V::load(a.add(R::LANES)));
            let (mut bre, mut bim) = (V::load(b), V::load(b.add(R::LANES)));
            if LANES {
                (bre, bim) = (bre.xor_lanes(self.mixed.lanes), bim.xor_lanes(self.mixed.lanes));
            }
            match REAL {
                true => are.mul_add(bre, aim.mul(bim)),
                false => aim.mul_sub(bre, are.mul(bim)),
            }
        }
    }
}

impl SignedSum {
    /// What its strings add, given the sum for every lane.
    ///
    /// SAFETY: the processor has the instruction set.
    #[inline(always)]
    unsafe fn value<V: Vector>(&self, sums: V, chunk: usize) -> f64 {
        let mut line = Line([V::Real::default(); MOST_LANES]);
        // SAFETY: the line is aligned and long enough; the caller promises the instruction set.
        unsafe { sums.store(line.0.as_mut_ptr()) };
        self.strings.iter().map(|signed| signed.value(&line.0[..V::Real::LANES], chunk)).sum()
    }
}

impl Signed {
    #[inline(always)]
    fn value<R: Real>(&self, line: &[R], chunk: usize) -> f64 {
        let mut sum = 0.0;
        for (lane, number) in line.iter().enumerate() {
            let number = number.to_f64();
            sum += if (lane & self.lanes).count_ones() % 2 == 1 { -number } else { number };
        }
        let odd = (chunk & self.chunks).count_ones() % 2 == 1;
        if odd { -self.factor * sum } else { self.factor * sum }
    }
}

/// The sum of `count` lines, each with the sign of the parity of its number under a mask.
///
/// SAFETY: the processor has the instruction set.
#[inline(always)]
unsafe fn signed_sum<V: Vector>(count: usize, mask: usize, line: impl Fn(usize) -> V) -> V {
    const WAYS: usize = 4;
    let number = V::Real::from_f64;
    // SAFETY: the caller's promise.
    let (signs, zero) = unsafe { ([V::splat(number(1.0)), V::splat(number(-1.0))], V::splat(number(0.0))) };
    let mut sums = [zero; WAYS];
    for from in (0..count).step_by(WAYS) {
        for (way, sum) in sums.iter_mut().enumerate().take(count - from) {
            let odd = (from + way) & mask;
            *sum = match mask {
                0 => line(from + way).add(*sum),
                _ => line(from + way).mul_add(signs[odd.count_ones() as usize % 2], *sum),
            };
        }
    }
    sums[0].add(sums[1]).add(sums[2].add(sums[3]))
}

/// Turns lines into their signed sums for all masks.
///
/// SAFETY: `room` has `count` lines, a power of two, aligned; the processor has the instruction set.
#[inline(always)]
unsafe fn transform<V: Vector>(room: *mut V::Real, count: usize) {
    let line = V::Real::LANES;
    let mut half = 1;
    while half < count {
        for index in 0..count / 2 {
            let low = index & (half - 1) | (index & !(half - 1)) << 1;
            // SAFETY: the caller's promise.
            unsafe {
                let (a, b) = (room.add(low * line), room.add((low | half) * line));
                let (x, y) = (V::load(a), V::load(b));
                x.add(y).store(a);
                x.sub(y).store(b);
            }
        }
        half *= 2;
    }
}
