//! Sine and cosine of eight angles, the same bits on every instruction set, within 1.5 units in the last place.
//!
//! Reduced modulo pi/2 in three parts (Cody and Waite) with fused products; the polynomials on [-pi/4, pi/4] are those
//! of fdlibm (`k_sin.c`, `k_cos.c`). Angles beyond `MOST` go to `libm` one by one.
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

use super::vector::{Lane, Vector};

/// Largest angle that the reduction takes.
const MOST: f64 = 1e6;

/// pi/2 as a sum of three numbers.
const HALF_PI: [f64; 3] = [FRAC_PI_2, 6.123_233_995_736_766e-17, -1.497_384_904_859_169_8e-33];
/// 1.5 * 2^52: adding it rounds to an integer, found in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

const SINE: [f64; 6] = [
    -1.666_666_666_666_663_2e-1,
    8.333_333_333_322_49e-3,
    -1.984_126_982_985_795e-4,
    2.755_731_370_707_006_8e-6,
    -2.505_076_025_340_686_3e-8,
    1.589_690_995_211_55e-10,
];
const COSINE: [f64; 6] = [
    4.166_666_666_666_66e-2,
    -1.388_888_888_887_411e-3,
    2.480_158_728_947_673e-5,
    -2.755_731_435_139_066_3e-7,
    2.087_572_321_298_175e-9,
    -1.135_964_755_778_819_5e-11,
];

/// `(sin, cos)` of eight finite angles.
#[inline(always)]
pub(super) fn sin_cos<V: Vector>(angles: V) -> (V, V) {
    if angles.all_within(MOST) {
        return reduced(angles);
    }
    let mut lanes = Lane::ZERO;
    angles.store(&mut lanes);
    let [sin, cos] = one_by_one(&lanes);
    (V::load(&sin), V::load(&cos))
}

#[inline(always)]
fn reduced<V: Vector>(x: V) -> (V, V) {
    let rounder = V::splat(ROUNDER);
    let shifted = x.mul_add(V::splat(FRAC_2_PI), rounder);
    let turns = shifted.sub(rounder);
    // The first difference is exact; what the second loses is gathered in the low part (Knuth's two-difference).
    let first = turns.mul_sub_from(V::splat(HALF_PI[0]), x);
    let second = turns.mul(V::splat(HALF_PI[1]));
    let high = first.sub(second);
    let back = high.sub(first);
    let lost = first.sub(high.sub(back)).sub(second.add(back));
    let product_error = turns.mul_add(V::splat(HALF_PI[1]), second.xor(V::splat(-0.0)));
    let low = turns.mul_sub_from(V::splat(HALF_PI[2]), lost.sub(product_error));
    let (sin, cos) = (sine(high, low), cosine(high, low));
    let (sin, cos) = V::swap_odd(shifted, sin, cos);
    let next = shifted.add(V::splat(1.0));
    (sin.xor(shifted.sign_of_bit_one()), cos.xor(next.sign_of_bit_one()))
}

/// `sin(x + y)` for a tiny y.
#[inline(always)]
fn sine<V: Vector>(x: V, y: V) -> V {
    let z = x.mul(x);
    let cube = z.mul(x);
    let tail = polynomial(z, &SINE[1..]);
    // x - ((z (y/2 - cube tail) - y) - cube S1)
    let bent = cube.mul_sub_from(tail, y.mul(V::splat(0.5)));
    let inner = z.mul_add(bent, V::splat(0.0).sub(y));
    x.sub(cube.mul_sub_from(V::splat(SINE[0]), inner))
}

/// `cos(x + y)` for a tiny y.
#[inline(always)]
fn cosine<V: Vector>(x: V, y: V) -> V {
    let z = x.mul(x);
    let tail = z.mul(polynomial(z, &COSINE));
    let half = z.mul(V::splat(0.5));
    let one = V::splat(1.0);
    let main = one.sub(half);
    let lost = one.sub(main).sub(half);
    main.add(lost.add(z.mul_add(tail, V::splat(0.0).sub(x.mul(y)))))
}

/// Horner's rule.
#[inline(always)]
fn polynomial<V: Vector>(z: V, coefficients: &[f64]) -> V {
    let mut sum = V::splat(coefficients[coefficients.len() - 1]);
    for coefficient in coefficients.iter().rev().skip(1) {
        sum = sum.mul_add(z, V::splat(*coefficient));
    }
    sum
}

/// Each angle alone, by the kernel where it may and by `libm` elsewhere: a lane never depends on its neighbours.
#[cold]
#[inline(never)]
fn one_by_one(angles: &Lane) -> [Lane; 2] {
    let [mut sin, mut cos] = [Lane::default(); 2];
    let small = Lane(angles.0.map(|angle| if angle.abs() <= MOST { angle } else { 0.0 }));
    let (small_sin, small_cos) = reduced(super::vector::Portable::load(&small));
    small_sin.store(&mut sin);
    small_cos.store(&mut cos);
    for (l, angle) in angles.0.iter().enumerate().filter(|(_, angle)| angle.abs() > MOST) {
        (sin.0[l], cos.0[l]) = libm::sincos(*angle);
    }
    [sin, cos]
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::{Work, dispatch};
    use super::*;
    use crate::rng::Philox;
    use crate::sim::vector::Isa;

    struct SinCos<'a>(&'a Lane);

    impl Work for SinCos<'_> {
        type Out = [Lane; 2];

        #[inline(always)]
        fn run<V: Vector>(self) -> [Lane; 2] {
            let (sin, cos) = sin_cos::<V>(V::load(self.0));
            let mut out = [Lane::default(); 2];
            sin.store(&mut out[0]);
            cos.store(&mut out[1]);
            out
        }
    }

    /// Distance in units in the last place of the wanted value.
    fn ulps(found: f64, wanted: f64) -> f64 {
        let unit = f64::from_bits(wanted.abs().to_bits() + 1) - wanted.abs();
        (found - wanted).abs() / unit
    }

    #[test]
    fn close_to_libm_and_the_same_on_every_instruction_set() {
        let mut random = Philox::new(17, 0);
        let scales = [1e-300, 1e-9, 0.1, 1.0, 7.0, 100.0, 1e4, 9e5, 1e7, 1e17, 1e300];
        for round in 0..20_000 {
            let angles = Lane(std::array::from_fn(|_| (random.uniform() * 2.0 - 1.0) * scales[round % 11]));
            let [sin, cos] = dispatch(Isa::current(), SinCos(&angles));
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_there()) {
                assert_eq!(dispatch(isa, SinCos(&angles)), [sin, cos], "{isa:?}");
            }
            for l in 0..8 {
                assert!(ulps(sin.0[l], libm::sin(angles.0[l])) <= 2.0, "sin {:e}", angles.0[l]);
                assert!(ulps(cos.0[l], libm::cos(angles.0[l])) <= 2.0, "cos {:e}", angles.0[l]);
            }
        }
    }

    #[test]
    fn close_at_multiples_of_a_quarter_turn() {
        for k in 0..600_000u32 {
            let exact = f64::from(k) * std::f64::consts::FRAC_PI_2;
            let near = |step: i64| f64::from_bits((exact.to_bits() as i64 + step) as u64);
            let angles =
                Lane([0, 1, 2, 3, 5, 17, 1000, 100_000].map(|step| near(if k == 0 { 0 } else { step })));
            let [sin, cos] = dispatch(Isa::current(), SinCos(&angles));
            for l in 0..8 {
                assert!(ulps(sin.0[l], libm::sin(angles.0[l])) <= 2.0, "sin {:e}", angles.0[l]);
                assert!(ulps(cos.0[l], libm::cos(angles.0[l])) <= 2.0, "cos {:e}", angles.0[l]);
            }
        }
    }

    #[test]
    fn a_lane_does_not_see_its_neighbours() {
        let lone = dispatch(Isa::current(), SinCos(&Lane([1.25; 8])));
        let mut mixed = Lane([1.25; 8]);
        mixed.0[3] = 1e30;
        let found = dispatch(Isa::current(), SinCos(&mixed));
        assert_eq!(found[0].0[0].to_bits(), lone[0].0[0].to_bits());
        assert_eq!(found[1].0[7].to_bits(), lone[1].0[7].to_bits());
    }
}
