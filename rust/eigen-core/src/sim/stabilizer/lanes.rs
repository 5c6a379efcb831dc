//! Lanes: one bit for each shot of a chunk, and Boolean expressions on them.
use crate::condition::{Comparison, Condition};

/// Words of shots that go through the circuit together.
pub(super) const LANE: usize = 16;
/// Shots that go through the circuit together.
pub(super) const LANE_SHOTS: usize = 64 * LANE;

/// One bit for each shot: bit `k % 64` of word `k / 64`.
pub(super) type Lane = [u64; LANE];

/// Adds a lane to another.
#[inline(always)]
pub(super) fn add(sum: &mut Lane, lane: &Lane) {
    for k in 0..LANE {
        sum[k] ^= lane[k];
    }
}

/// The same bit for every shot.
#[inline(always)]
pub(super) fn splat(bit: bool) -> Lane {
    [u64::from(bit).wrapping_neg(); LANE]
}

/// A condition for every shot.
pub(super) fn evaluate(condition: &Condition, clbits: &[Lane]) -> Lane {
    let fold = |parts: &[Condition], start: bool, join: fn(u64, u64) -> u64| {
        parts.iter().fold(splat(start), |all, part| zip(&all, &evaluate(part, clbits), join))
    };
    match condition {
        Condition::Const(value) => splat(*value),
        Condition::Bit(bit) => clbits[*bit as usize],
        Condition::Not(inner) => evaluate(inner, clbits).map(|word| !word),
        Condition::And(parts) => fold(parts, true, |a, b| a & b),
        Condition::Or(parts) => fold(parts, false, |a, b| a | b),
        Condition::Xor(parts) => fold(parts, false, |a, b| a ^ b),
        Condition::Compare { bits, op, value } => compare(bits, *op, *value, clbits),
    }
}

/// Compares numbers bit by bit from the most significant on.
fn compare(bits: &[u32], op: Comparison, value: u64, clbits: &[Lane]) -> Lane {
    let (mut equal, mut less) = (splat(true), splat(false));
    for (place, bit) in bits.iter().enumerate().rev() {
        let (lane, wanted) = (&clbits[*bit as usize], splat(value >> place & 1 == 1));
        for k in 0..LANE {
            less[k] |= equal[k] & !lane[k] & wanted[k];
            equal[k] &= !(lane[k] ^ wanted[k]);
        }
    }
    match op {
        Comparison::Equal => equal,
        Comparison::NotEqual => equal.map(|word| !word),
        Comparison::Less => less,
        Comparison::LessEqual => zip(&less, &equal, |a, b| a | b),
        Comparison::Greater => zip(&less, &equal, |a, b| !(a | b)),
        Comparison::GreaterEqual => less.map(|word| !word),
    }
}

fn zip(a: &Lane, b: &Lane, join: fn(u64, u64) -> u64) -> Lane {
    std::array::from_fn(|k| join(a[k], b[k]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Philox;

    #[test]
    fn conditions_hold_for_each_shot_as_for_one() {
        let mut random = Philox::new(2, 0);
        let clbits: Vec<Lane> = (0..5).map(|_| std::array::from_fn(|_| random.next_u64())).collect();
        let bit = Condition::Bit;
        let mut conditions = vec![
            Condition::Const(true),
            Condition::Not(Box::new(bit(3))),
            Condition::And(vec![bit(0), bit(1), Condition::Xor(vec![bit(2), bit(3)])]),
            Condition::Or(vec![bit(4), Condition::And(vec![bit(0), bit(2)])]),
        ];
        for name in ["==", "!=", "<", "<=", ">", ">="] {
            let op = Comparison::parse(name).expect("known");
            conditions.push(Condition::Compare { bits: vec![4, 0, 2], op, value: 5 });
        }
        for condition in conditions {
            let lane = evaluate(&condition, &clbits);
            for shot in 0..LANE_SHOTS {
                let of = |lane: &Lane| lane[shot / 64] >> (shot % 64) & 1 == 1;
                assert_eq!(of(&lane), condition.holds(&|k| of(&clbits[k as usize])), "{condition:?}");
            }
        }
    }
}
