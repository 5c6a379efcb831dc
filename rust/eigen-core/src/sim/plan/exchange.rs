//! Pair operations on two qubits that never mix |00> with |11>: interactions XX + YY + ZZ, hopping, fSim gates.
use super::group::Numbers;
use super::op::Pair;
use crate::math::C64;
use crate::sim::kernel::register::Code;
use crate::sim::vector::Real;

/// Deviation up to which coefficients count as equal.
const TINY: f64 = 1e-15;

/// A pair operation on two qubits, over the factor of |00>.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    /// The factor of |00>, left to the scale of the state.
    pub scale: C64,
    /// The factor of |11>.
    both: C64,
    /// The matrix on the states with one of the qubits set: first the lower one, then the higher.
    rows: [[C64; 2]; 2],
}

impl Exchange {
    /// A pair operation for these numbers; `None` where it mixes |00> with |11>, or has controls.
    pub fn of(pair: &Pair, numbers: &Numbers<'_>) -> Option<Exchange> {
        if pair.flips.count_ones() != 2 || pair.controls.mask != 0 {
            return None;
        }
        let low = 1 << pair.flips.trailing_zeros();
        let [none, lower, higher, both] =
            [0, low, pair.flips ^ low, pair.flips].map(|index| pair.coefficients(numbers, index));
        let scale = none.0;
        if none.1.norm() > TINY || both.1.norm() > TINY || scale.norm() < 0.5 {
            return None;
        }
        let rows = [[lower.0 / scale, lower.1 / scale], [higher.1 / scale, higher.0 / scale]];
        Some(Exchange { scale, both: both.0 / scale, rows })
    }

    /// The number k if the operation is `1 + k (1 - SWAP)`, which changes the singlet alone.
    fn singlet(&self) -> Option<C64> {
        let [[a, b], [c, d]] = self.rows;
        let is_one = |value: C64| (value - C64::ONE).norm() < 4.0 * TINY;
        let is_symmetric = (a - d).norm() < TINY && (b - c).norm() < TINY;
        (is_symmetric && is_one(a + b) && is_one(self.both)).then_some(-b)
    }

    /// Whether there is a code for flips of lanes and of register bits.
    pub fn has_code(&self, [lanes, _]: [usize; 2]) -> bool {
        lanes == 0 || self.singlet().is_some()
    }

    /// The code for flips of lanes and of register bits, if there is one, and its constants.
    pub fn bind<R: Real>(&self, [lanes, registers]: [usize; 2], out: &mut [R]) -> Option<Code> {
        let by_bits = |family: &[Code]| family.get(registers / 2 - 1).copied();
        let Some(k) = self.singlet() else {
            if lanes != 0 {
                return None;
            }
            let [[a, b], [c, d]] = self.rows;
            write([self.both, a, b, c, d], out);
            return by_bits(Code::EXCHANGE);
        };
        if lanes == 0 {
            write([k], out);
            return by_bits(Code::SINGLET);
        }
        // k where the two qubits differ: by the value of the register bit, if one of them lies there, and by lane.
        for value in 0..1 + usize::from(registers != 0) {
            for lane in 0..R::LANES {
                let odd = ((lane & lanes).count_ones() as usize + value) % 2 == 1;
                let k = if odd { k } else { C64::ZERO };
                let at = 2 * value * R::LANES + lane;
                (out[at], out[at + R::LANES]) = (R::from_f64(k.re), R::from_f64(k.im));
            }
        }
        Code::LANE_SINGLET.get(registers.count_ones() as usize + registers / 2).copied()
    }
}

/// Writes complex numbers, real part first.
fn write<R: Real, const N: usize>(values: [C64; N], out: &mut [R]) {
    for (slot, value) in out.chunks_exact_mut(2).zip(values) {
        (slot[0], slot[1]) = (R::from_f64(value.re), R::from_f64(value.im));
    }
}
