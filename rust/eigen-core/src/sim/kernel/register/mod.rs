//! Register groups: sequences of small operations on up to three qubits outside the lanes and all inside them, done
//! while their amplitudes stay in registers. One load and one store serve the whole sequence.
mod dense;
mod exchange;
mod head;
mod pair;
mod part;
mod rotation;
mod shuffle;

pub(crate) use dense::{Places, RunDense};
pub(crate) use head::Head;

use super::Indices;
use crate::sim::vector::{Kernel, Real, Vector};

/// One operation on the registers of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Micro {
    pub code: Code,
    /// Lanes: what to XOR their numbers with, or the set of those meant.
    pub lanes: [u16; 2],
    /// Where its constants begin, in numbers.
    pub at: u32,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $family:ident { $($code:ident)* })*) => {
        /// What to do. Suffixes are register bits; matrices are written row by row, unscaled.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Code { $($($code,)*)* }

        impl Code {
            $($(#[$doc])* #[allow(dead_code, reason = "a code alone in its family goes by its own name")]
            pub const $family: &'static [Code] = &[$(Code::$code),*];)*
        }
    };
}

codes! {
    /// `[1 p, q 1]` by register bit: 2 numbers.
    TURN { Turn0 Turn1 Turn2 }
    /// `[1 p, q -1]`.
    MIRROR { Mirror0 Mirror1 Mirror2 }
    /// `[p 1, -1 q]`.
    TURN_FLIPPED { TurnFlipped0 TurnFlipped1 TurnFlipped2 }
    /// `[p 1, 1 q]`.
    MIRROR_FLIPPED { MirrorFlipped0 MirrorFlipped1 MirrorFlipped2 }
    /// `[1 ip, iq 1]`.
    IMAGINARY { Imaginary0 Imaginary1 Imaginary2 }
    /// `[ip 1, 1 iq]`.
    IMAGINARY_FLIPPED { ImaginaryFlipped0 ImaginaryFlipped1 ImaginaryFlipped2 }
    /// `x[r] = a[r] x[r] + b[r] x[r ^ code]`, complex lines a and b for each register.
    PAIR { Pair0 Pair1 Pair2 Pair3 Pair4 Pair5 Pair6 Pair7 }
    /// The same with lanes exchanged in the second part.
    LANE_PAIR { LanePair0 LanePair1 LanePair2 LanePair3 LanePair4 LanePair5 LanePair6 LanePair7 }
    /// `PAIR` with real a and imaginary b.
    IMAGINARY_PAIR { ImPair0 ImPair1 ImPair2 ImPair3 ImPair4 ImPair5 ImPair6 ImPair7 }
    /// `LANE_PAIR` with real a and imaginary b.
    IMAGINARY_LANE_PAIR { ImLanePair0 ImLanePair1 ImLanePair2 ImLanePair3 ImLanePair4 ImLanePair5 ImLanePair6 ImLanePair7 }
    /// On two register bits, 01, 02, 12: keeps |00>, a factor on |11>, a complex matrix on the others: 5 complex numbers.
    EXCHANGE { Exchange01 Exchange02 Exchange12 }
    /// On two register bits, 01, 02, 12: `1 + k (1 - SWAP)`: 1 complex number.
    SINGLET { Singlet01 Singlet02 Singlet12 }
    /// `x[r] += k (x[r] - x[r ^ code][lanes ^ mask])` with complex lines k for both values of the register bit.
    LANE_SINGLET { LaneSinglet0 LaneSinglet1 LaneSinglet2 LaneSinglet4 }
    /// `x = a x + b x[lanes ^ mask]` with the real lines a and b for all registers.
    LANE_TURN { LaneTurn }
    /// `x = a x + i b x[lanes ^ mask]` with the real lines a and b for all registers.
    IMAGINARY_LANE_TURN { ImLaneTurn }
    /// A complex line of factors for each register.
    PHASE { Phase }
    /// The same for the registers where a bit is set.
    PHASE_IF { PhaseIf0 PhaseIf1 PhaseIf2 }
    /// One complex factor for all.
    SCALE { Scale }
    /// Exchanges the registers that differ in a bit, in the lanes of a set.
    FLIP { Flip0 Flip1 Flip2 }
    /// Exchanges them where another bit is set: by (control, target) 01, 02, 10, 12, 20, 21.
    CONTROLLED_FLIP { Cx01 Cx02 Cx10 Cx12 Cx20 Cx21 }
    /// Exchanges the lanes that a mask joins, in the lanes of a set: always, or where a register bit is set.
    LANE_FLIP { LaneFlip LaneFlipIf0 LaneFlipIf1 LaneFlipIf2 }
    /// A real matrix on real and imaginary part: 4 numbers; or four lines for each register.
    PART_TURN { PartTurn PartMix }
    /// Exchanges the parts: always, or where a register bit is set.
    PART_FLIP { PartFlip PartFlipIf0 PartFlipIf1 PartFlipIf2 }
    /// Exchanges two register bits: 01, 02, 12.
    SWAP { Swap01 Swap02 Swap12 }
}

/// Registers of a group: its three bits.
pub(crate) const REGISTERS: usize = 8;

/// The amplitudes of a group in registers.
#[derive(Clone, Copy)]
struct Registers<V, const K: usize> {
    re: [V; K],
    im: [V; K],
}

/// A sequence of operations over a run of blocks, for the groups whose other block bits are fixed as wanted.
pub(crate) struct RunGroup<'a, R: Real> {
    /// Blocks: a line of real parts and a line of imaginary parts each, 64-byte aligned.
    pub lines: &'a mut [R],
    /// The block bits of the register bits.
    pub bits: [usize; 3],
    /// Further block bits that are fixed, and their values.
    pub fixed: usize,
    pub value: usize,
    /// What comes before the operations.
    pub head: Option<Head<'a, R>>,
    pub ops: &'a [Micro],
    /// Constants, 64-byte aligned; those of each operation lie behind its `at`.
    pub constants: &'a [R],
}

impl<R: Real> Kernel<R> for RunGroup<'_, R> {
    type Out = ();

    /// The loop over the operations is one switch inside: the compiler keeps all sixteen registers in place through it
    /// as long as no branch calls anything or needs many more registers. Check the assembly when you add one.
    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) {
        let blocks = self.lines.len() / (2 * R::LANES);
        let offsets = offsets::<REGISTERS>(&self.bits);
        let fixed = self.fixed | offsets[REGISTERS - 1];
        check_lines(self.lines, self.constants);
        assert!(fixed < blocks && self.value & !self.fixed == 0, "a group beyond its blocks");
        let (start, constants) = (self.lines.as_mut_ptr(), self.constants.as_ptr());
        let period = self.head.map_or(0, |head| head.period(blocks >> fixed.count_ones()));
        for (number, base) in Indices::new(blocks, fixed, self.value).enumerate() {
            // SAFETY: `base | offset` is below `blocks`, so every line lies within `lines`; `period` checked the head.
            unsafe {
                let mut x = Registers::<V, REGISTERS>::load(start, base, &offsets);
                if let Some(head) = &self.head {
                    let (low, high) = (number & ((1 << period) - 1), number >> period);
                    x = x.times_head(
                        head.lines.as_ptr().add(low * Head::<R>::LINES),
                        head.numbers.as_ptr().add(high * 6),
                    );
                }
                for op in self.ops {
                    x = apply(x, op, constants);
                }
                x.store(start, base, &offsets);
            }
        }
    }
}

/// Block offsets of the values of some block bits.
#[inline(always)]
fn offsets<const K: usize>(bits: &[usize]) -> [usize; K] {
    let mut offsets = [0; K];
    for (r, offset) in offsets.iter_mut().enumerate() {
        for (k, bit) in bits.iter().enumerate() {
            *offset |= (r >> k & 1) << bit;
        }
    }
    offsets
}

/// Lines must not cross lines of the cache.
#[inline(always)]
fn check_lines<R>(lines: &[R], constants: &[R]) {
    let aligned = |line: *const R| line.addr().is_multiple_of(64);
    assert!(aligned(lines.as_ptr()) && aligned(constants.as_ptr()), "lines out of line");
}

impl<V: Vector, const K: usize> Registers<V, K> {
    /// SAFETY: the processor has the instruction set of `V`; the blocks `base | offset` lie behind `start`.
    #[inline(always)]
    unsafe fn load(start: *const V::Real, base: usize, offsets: &[usize; K]) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let first = V::load(start.add((base | offsets[0]) * 2 * V::Real::LANES));
            let mut out = Registers { re: [first; K], im: [first; K] };
            for r in 0..K {
                let at = start.add((base | offsets[r]) * 2 * V::Real::LANES);
                out.re[r] = V::load(at);
                out.im[r] = V::load(at.add(V::Real::LANES));
            }
            out
        }
    }

    /// SAFETY: as for `load`, to be written.
    #[inline(always)]
    unsafe fn store(self, start: *mut V::Real, base: usize, offsets: &[usize; K]) {
        for r in 0..K {
            // SAFETY: the caller's promise.
            unsafe {
                let at = start.add((base | offsets[r]) * 2 * V::Real::LANES);
                self.re[r].store(at);
                self.im[r].store(at.add(V::Real::LANES));
            }
        }
    }
}

/// SAFETY: the processor has the instruction set of `V`, and the operation's constants lie behind `constants`.
#[inline(always)]
unsafe fn apply<V: Vector>(
    x: Registers<V, REGISTERS>,
    op: &Micro,
    constants: *const V::Real,
) -> Registers<V, REGISTERS> {
    // SAFETY: the caller's promise, for every call below.
    unsafe {
        let c = constants.add(op.at as usize);
        match op.code {
            Code::Turn0 => x.turn::<0>(c),
            Code::Turn1 => x.turn::<1>(c),
            Code::Turn2 => x.turn::<2>(c),
            Code::Mirror0 => x.mirror::<0>(c),
            Code::Mirror1 => x.mirror::<1>(c),
            Code::Mirror2 => x.mirror::<2>(c),
            Code::TurnFlipped0 => x.turn_flipped::<0>(c),
            Code::TurnFlipped1 => x.turn_flipped::<1>(c),
            Code::TurnFlipped2 => x.turn_flipped::<2>(c),
            Code::MirrorFlipped0 => x.mirror_flipped::<0>(c),
            Code::MirrorFlipped1 => x.mirror_flipped::<1>(c),
            Code::MirrorFlipped2 => x.mirror_flipped::<2>(c),
            Code::Imaginary0 => x.imaginary::<0>(c),
            Code::Imaginary1 => x.imaginary::<1>(c),
            Code::Imaginary2 => x.imaginary::<2>(c),
            Code::ImaginaryFlipped0 => x.imaginary_flipped::<0>(c),
            Code::ImaginaryFlipped1 => x.imaginary_flipped::<1>(c),
            Code::ImaginaryFlipped2 => x.imaginary_flipped::<2>(c),
            Code::Pair0 => x.pair::<0, false>(op, c),
            Code::Pair1 => x.pair::<1, false>(op, c),
            Code::Pair2 => x.pair::<2, false>(op, c),
            Code::Pair3 => x.pair::<3, false>(op, c),
            Code::Pair4 => x.pair::<4, false>(op, c),
            Code::Pair5 => x.pair::<5, false>(op, c),
            Code::Pair6 => x.pair::<6, false>(op, c),
            Code::Pair7 => x.pair::<7, false>(op, c),
            Code::LanePair0 => x.pair::<0, true>(op, c),
            Code::LanePair1 => x.pair::<1, true>(op, c),
            Code::LanePair2 => x.pair::<2, true>(op, c),
            Code::LanePair3 => x.pair::<3, true>(op, c),
            Code::LanePair4 => x.pair::<4, true>(op, c),
            Code::LanePair5 => x.pair::<5, true>(op, c),
            Code::LanePair6 => x.pair::<6, true>(op, c),
            Code::LanePair7 => x.pair::<7, true>(op, c),
            Code::ImPair0 => x.imaginary_pair::<0, false>(op, c),
            Code::ImPair1 => x.imaginary_pair::<1, false>(op, c),
            Code::ImPair2 => x.imaginary_pair::<2, false>(op, c),
            Code::ImPair3 => x.imaginary_pair::<3, false>(op, c),
            Code::ImPair4 => x.imaginary_pair::<4, false>(op, c),
            Code::ImPair5 => x.imaginary_pair::<5, false>(op, c),
            Code::ImPair6 => x.imaginary_pair::<6, false>(op, c),
            Code::ImPair7 => x.imaginary_pair::<7, false>(op, c),
            Code::ImLanePair0 => x.imaginary_pair::<0, true>(op, c),
            Code::ImLanePair1 => x.imaginary_pair::<1, true>(op, c),
            Code::ImLanePair2 => x.imaginary_pair::<2, true>(op, c),
            Code::ImLanePair3 => x.imaginary_pair::<3, true>(op, c),
            Code::ImLanePair4 => x.imaginary_pair::<4, true>(op, c),
            Code::ImLanePair5 => x.imaginary_pair::<5, true>(op, c),
            Code::ImLanePair6 => x.imaginary_pair::<6, true>(op, c),
            Code::ImLanePair7 => x.imaginary_pair::<7, true>(op, c),
            Code::Exchange01 => x.mix_odd::<0, 1>(c),
            Code::Exchange02 => x.mix_odd::<0, 2>(c),
            Code::Exchange12 => x.mix_odd::<1, 2>(c),
            Code::Singlet01 => x.singlet::<0, 1>(c),
            Code::Singlet02 => x.singlet::<0, 2>(c),
            Code::Singlet12 => x.singlet::<1, 2>(c),
            Code::LaneSinglet0 => x.lane_singlet::<0>(op, c),
            Code::LaneSinglet1 => x.lane_singlet::<1>(op, c),
            Code::LaneSinglet2 => x.lane_singlet::<2>(op, c),
            Code::LaneSinglet4 => x.lane_singlet::<4>(op, c),
            Code::LaneTurn => x.lane_turn(op, c),
            Code::ImLaneTurn => x.imaginary_lane_turn(op, c),
            Code::Phase => x.phase::<0>(c),
            Code::PhaseIf0 => x.phase::<1>(c),
            Code::PhaseIf1 => x.phase::<2>(c),
            Code::PhaseIf2 => x.phase::<4>(c),
            Code::Scale => x.scale(c),
            Code::Flip0 => x.flip::<0>(op),
            Code::Flip1 => x.flip::<1>(op),
            Code::Flip2 => x.flip::<2>(op),
            Code::Cx01 => x.controlled_flip::<0, 1>(),
            Code::Cx02 => x.controlled_flip::<0, 2>(),
            Code::Cx10 => x.controlled_flip::<1, 0>(),
            Code::Cx12 => x.controlled_flip::<1, 2>(),
            Code::Cx20 => x.controlled_flip::<2, 0>(),
            Code::Cx21 => x.controlled_flip::<2, 1>(),
            Code::LaneFlip => x.lane_flip::<0>(op),
            Code::LaneFlipIf0 => x.lane_flip::<1>(op),
            Code::LaneFlipIf1 => x.lane_flip::<2>(op),
            Code::LaneFlipIf2 => x.lane_flip::<4>(op),
            Code::PartTurn => x.part_turn(c),
            Code::PartMix => x.part_mix(c),
            Code::PartFlip => x.part_flip::<0>(),
            Code::PartFlipIf0 => x.part_flip::<1>(),
            Code::PartFlipIf1 => x.part_flip::<2>(),
            Code::PartFlipIf2 => x.part_flip::<4>(),
            Code::Swap01 => x.swap::<0, 1>(),
            Code::Swap02 => x.swap::<0, 2>(),
            Code::Swap12 => x.swap::<1, 2>(),
        }
    }
}
