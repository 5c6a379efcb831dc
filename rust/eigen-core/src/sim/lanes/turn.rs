//! One rotation on a pair of amplitudes: its factors, what it does, and what it adds to a derivative.
use super::complex::{Complex, dot, minus_dot};
use super::coordinates::is_odd;
use super::program::Turn;
use super::vector::{Cell, LANES, Lane, Vector};

/// A turn in a layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    /// Exclusive-or of cell indices, and of lanes.
    pub flip: u32,
    pub lanes: usize,
    /// Sign masks of cell indices, and of lanes.
    pub signs: u32,
    pub lane_signs: usize,
    pub is_real: bool,
    pub is_negative: bool,
    pub angle: usize,
}

impl Spec {
    pub fn new(turn: &Turn, lane_bits: usize) -> Self {
        let low = (1 << lane_bits) - 1;
        Spec {
            flip: turn.flip >> lane_bits,
            lanes: (turn.flip & low) as usize,
            signs: turn.signs >> lane_bits,
            lane_signs: (turn.signs & low) as usize,
            is_real: turn.is_real,
            is_negative: turn.is_negative,
            angle: turn.angle,
        }
    }

    /// Adds a sum over amplitudes of even sign (`negative`: of odd sign) to the slope of the angle.
    #[inline(always)]
    pub fn add_slope<V: Vector>(&self, slopes: &mut [Lane], sum: V, negative: bool) {
        let signed = sum.xor(sign_bits(self.lane_signs, negative ^ self.is_negative));
        let slope = &mut slopes[self.angle];
        V::load(slope).add(signed).store(slope);
    }
}

/// Sign bits of the lanes of odd parity with a mask; of the others where `negative`.
#[inline(always)]
pub(super) fn sign_bits<V: Vector>(mask: usize, negative: bool) -> V {
    V::load(&SIGNS[mask | usize::from(negative) << 3])
}

static SIGNS: [Lane; 16] = signs();

const fn signs() -> [Lane; 16] {
    let mut out = [Lane([0.0; LANES]); 16];
    let mut entry = 0;
    while entry < 16 {
        let mut lane = 0;
        while lane < LANES {
            let is_odd = (entry & lane & 7).count_ones() % 2 == 1;
            if is_odd != (entry >= 8) {
                out[entry].0[lane] = -0.0;
            }
            lane += 1;
        }
        entry += 1;
    }
    out
}

/// The numbers of a turn for pairs whose first amplitude has one sign.
#[derive(Clone, Copy)]
pub(super) struct Factors<V> {
    pub cos: V,
    /// For the first amplitude of a pair.
    pub sin: V,
    /// For the second one.
    pub other: V,
    /// The sign between the two.
    relative: V,
    lanes: usize,
}

impl<V: Vector> Factors<V> {
    /// `negative`: where the first amplitude has odd sign, or, not both, the turn goes backwards.
    #[inline(always)]
    pub fn new(spec: &Spec, trig: &[Cell], negative: bool) -> Self {
        let cell = &trig[spec.angle];
        let sin = V::load(&cell.im).xor(sign_bits(spec.lane_signs, negative ^ spec.is_negative));
        let relative = sign_bits::<V>(0, is_odd(spec.flip, spec.signs));
        Factors { cos: V::load(&cell.re), sin, other: sin.xor(relative), relative, lanes: spec.lanes }
    }

    /// Turns a pair. Unless `MIX`, its amplitudes lie in the same lane, and the second sine is the first one, negative
    /// for real turns.
    #[inline(always)]
    pub fn turn<const REAL: bool, const MIX: bool>(&self, p: &mut Complex<V>, q: &mut Complex<V>) {
        let (first, second) = (*p, *q);
        if MIX {
            *p = first.scaled(self.cos).plus::<REAL>(self.sin, second.xor_lanes(self.lanes));
            *q = second.scaled(self.cos).plus::<REAL>(self.other, first.xor_lanes(self.lanes));
            return;
        }
        *p = first.scaled(self.cos).plus::<REAL>(self.sin, second);
        let second = second.scaled(self.cos);
        *q = if REAL { second.minus_real(self.sin, first) } else { second.plus::<false>(self.sin, first) };
    }

    /// Adds to `sum` what a pair adds to the slope, but for the sign of its first amplitude.
    #[inline(always)]
    pub fn slope<const REAL: bool, const MIX: bool>(
        &self,
        bra: [Complex<V>; 2],
        ket: [Complex<V>; 2],
        sum: V,
    ) -> V {
        if MIX {
            let second = dot::<V, REAL>(bra[1], ket[0].xor_lanes(self.lanes), V::splat(0.0));
            return dot::<V, REAL>(bra[0], ket[1].xor_lanes(self.lanes), sum).add(second.xor(self.relative));
        }
        let sum = dot::<V, REAL>(bra[0], ket[1], sum);
        if REAL { minus_dot(bra[1], ket[0], sum) } else { dot::<V, false>(bra[1], ket[0], sum) }
    }
}
