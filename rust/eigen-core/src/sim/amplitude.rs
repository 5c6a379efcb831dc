//! The amplitudes of a state: blocks of eight of them, and the buffer that holds 2^n.
//!
//! Block `b` holds amplitudes `8b .. 8b+7`, real parts first, so that kernels work on whole SIMD registers.
//! Bit `k` of an amplitude's index is the value of qubit `k`.
use crate::math::C64;

/// Amplitudes in one block.
pub(crate) const LANES: usize = 8;
/// The lowest qubits, whose values select the lane inside a block.
pub(crate) const LANE_QUBITS: usize = 3;

/// `i^k` times a number.
pub(crate) fn times_i_power(value: C64, k: u32) -> C64 {
    match k % 4 {
        0 => value,
        1 => C64::new(-value.im, value.re),
        2 => -value,
        _ => C64::new(value.im, -value.re),
    }
}

/// Eight consecutive amplitudes (or eight complex coefficients for them).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Block {
    pub re: [f64; LANES],
    pub im: [f64; LANES],
}

impl Block {
    pub const ZERO: Block = Block { re: [0.0; LANES], im: [0.0; LANES] };

    /// A block whose lane `l` is `value(l)`.
    #[inline(always)]
    pub fn from_lanes(mut value: impl FnMut(usize) -> C64) -> Self {
        let mut block = Block::ZERO;
        for lane in 0..LANES {
            block.set(lane, value(lane));
        }
        block
    }

    #[inline(always)]
    pub fn get(&self, lane: usize) -> C64 {
        C64::new(self.re[lane], self.im[lane])
    }

    #[inline(always)]
    pub fn set(&mut self, lane: usize, value: C64) {
        self.re[lane] = value.re;
        self.im[lane] = value.im;
    }

    /// `self += factor * other`, lane by lane.
    #[inline(always)]
    pub fn add_product(&mut self, factor: &Block, other: &Block) {
        for l in 0..LANES {
            self.re[l] += factor.re[l] * other.re[l] - factor.im[l] * other.im[l];
            self.im[l] += factor.re[l] * other.im[l] + factor.im[l] * other.re[l];
        }
    }

    /// `self += conj(bra) * ket`, lane by lane.
    #[inline(always)]
    pub fn add_conj_product(&mut self, bra: &Block, ket: &Block) {
        for l in 0..LANES {
            self.re[l] += bra.re[l] * ket.re[l] + bra.im[l] * ket.im[l];
            self.im[l] += bra.re[l] * ket.im[l] - bra.im[l] * ket.re[l];
        }
    }

    /// Lane by lane product.
    #[inline(always)]
    pub fn times(&self, other: &Block) -> Block {
        let mut out = Block::ZERO;
        for l in 0..LANES {
            out.re[l] = self.re[l] * other.re[l] - self.im[l] * other.im[l];
            out.im[l] = self.re[l] * other.im[l] + self.im[l] * other.re[l];
        }
        out
    }

    /// The block whose lane `l` is lane `l ^ mask` of this one.
    #[inline(always)]
    pub fn xor_lanes(&self, mask: usize) -> Block {
        match mask {
            0 => *self,
            1 => self.permuted::<1>(),
            2 => self.permuted::<2>(),
            3 => self.permuted::<3>(),
            4 => self.permuted::<4>(),
            5 => self.permuted::<5>(),
            6 => self.permuted::<6>(),
            _ => self.permuted::<7>(),
        }
    }

    /// `xor_lanes` for a mask known at compile time.
    #[inline(always)]
    pub fn permuted<const MASK: usize>(&self) -> Block {
        let mut out = Block::ZERO;
        for l in 0..LANES {
            out.re[l] = self.re[l ^ MASK];
            out.im[l] = self.im[l ^ MASK];
        }
        out
    }

    /// Sum over the lanes in a fixed order.
    #[inline(always)]
    pub fn sum(&self) -> C64 {
        C64::new(sum_lanes(&self.re), sum_lanes(&self.im))
    }

    /// Squared moduli of the lanes.
    #[inline(always)]
    pub fn norms(&self) -> [f64; LANES] {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = self.re[l] * self.re[l] + self.im[l] * self.im[l];
        }
        out
    }
}

/// Lines as blocks: a line of real parts and one of imaginary parts each.
pub(crate) fn as_blocks(lines: &[f64]) -> &[Block] {
    assert!(lines.as_ptr().addr().is_multiple_of(align_of::<Block>()), "lines out of line");
    // SAFETY: a block is sixteen f64 without padding, and the lines are aligned.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() / (2 * LANES)) }
}

/// The same, to be changed.
pub(crate) fn as_blocks_mut(lines: &mut [f64]) -> &mut [Block] {
    assert!(lines.as_ptr().addr().is_multiple_of(align_of::<Block>()), "lines out of line");
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() / (2 * LANES)) }
}

/// Sum of eight numbers in a fixed tree order.
#[inline(always)]
pub(crate) fn sum_lanes(x: &[f64; LANES]) -> f64 {
    ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
}

/// Blocks that a state of `num_qubits` qubits takes.
pub(crate) fn block_count(num_qubits: usize) -> usize {
    1 << num_qubits.saturating_sub(LANE_QUBITS)
}
