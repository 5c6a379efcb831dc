//! Classical conditions: Boolean expressions on classical bits. Bounded in depth and size by construction.
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::{MAX_CONDITION_DEPTH, MAX_CONDITION_NODES};

/// How a group of bits is compared with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Comparison {
    const NAMES: [(Comparison, &'static str); 6] = [
        (Comparison::Equal, "=="),
        (Comparison::NotEqual, "!="),
        (Comparison::Less, "<"),
        (Comparison::LessEqual, "<="),
        (Comparison::Greater, ">"),
        (Comparison::GreaterEqual, ">="),
    ];

    /// The operator as text.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(known, _)| *known == self).map_or("==", |(_, name)| name)
    }

    /// The operator of a text such as `<=`.
    pub fn parse(text: &str) -> CoreResult<Self> {
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(known, _)| *known).ok_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            CoreError::new(ErrorCode::ConditionInvalid, format!("`{shown}` is no comparison"))
                .with_hint("use one of == != < <= > >=")
        })
    }

    /// Whether `left operator right` holds.
    pub fn holds(self, left: i128, right: i128) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterEqual => left >= right,
        }
    }
}

/// A Boolean expression on classical bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Always or never.
    Const(bool),
    /// The value of one bit.
    Bit(u32),
    /// Negation.
    Not(Box<Condition>),
    /// All hold.
    And(Vec<Condition>),
    /// At least one holds.
    Or(Vec<Condition>),
    /// An odd number holds.
    Xor(Vec<Condition>),
    /// An unsigned number read from bits (least significant first) compared with a constant in its range.
    Compare {
        /// The bits, least significant first, at most 64.
        bits: Vec<u32>,
        /// The operator.
        op: Comparison,
        /// The constant, below `2^bits.len()`.
        value: u64,
    },
}

impl Condition {
    /// A comparison. One that the range of the bits decides becomes a constant.
    pub fn compare(bits: Vec<u32>, op: Comparison, value: i128) -> CoreResult<Self> {
        if bits.is_empty() || bits.len() > 64 {
            let message = format!("a comparison reads 1 to 64 bits, not `{}`", bits.len());
            return Err(CoreError::new(ErrorCode::ConditionInvalid, message));
        }
        match u64::try_from(value) {
            Ok(small) if value < (1i128 << bits.len()) => Ok(Self::Compare { bits, op, value: small }),
            _ => Ok(Self::Const(op.holds(0, value))),
        }
    }

    /// Negation; a double negation is dropped.
    pub fn negate(self) -> CoreResult<Self> {
        match self {
            Self::Const(value) => Ok(Self::Const(!value)),
            Self::Not(inner) => Ok(*inner),
            other => Self::Not(Box::new(other)).checked(),
        }
    }

    /// Both conditions; a nested conjunction is flattened.
    pub fn and(self, other: Self) -> CoreResult<Self> {
        let mut parts = match self {
            Self::And(parts) => parts,
            single => vec![single],
        };
        match other {
            Self::And(more) => parts.extend(more),
            single => parts.push(single),
        }
        Self::And(parts).checked()
    }

    /// Either condition; a nested disjunction is flattened.
    pub fn or(self, other: Self) -> CoreResult<Self> {
        let mut parts = match self {
            Self::Or(parts) => parts,
            single => vec![single],
        };
        match other {
            Self::Or(more) => parts.extend(more),
            single => parts.push(single),
        }
        Self::Or(parts).checked()
    }

    /// Exactly one of two conditions; a nested parity is flattened.
    pub fn xor(self, other: Self) -> CoreResult<Self> {
        let mut parts = match self {
            Self::Xor(parts) => parts,
            single => vec![single],
        };
        match other {
            Self::Xor(more) => parts.extend(more),
            single => parts.push(single),
        }
        Self::Xor(parts).checked()
    }

    /// The condition itself, when it is within the limits of depth and size.
    pub fn checked(self) -> CoreResult<Self> {
        let (depth, nodes) = self.measure();
        if depth > MAX_CONDITION_DEPTH {
            return Err(CoreError::limit("depth of a condition", MAX_CONDITION_DEPTH, depth));
        }
        if nodes > MAX_CONDITION_NODES {
            return Err(CoreError::limit("size of a condition", MAX_CONDITION_NODES, nodes));
        }
        Ok(self)
    }

    fn measure(&self) -> (usize, usize) {
        match self {
            Self::Const(_) | Self::Bit(_) => (1, 1),
            Self::Compare { bits, .. } => (1, bits.len()),
            Self::Not(inner) => {
                let (depth, nodes) = inner.measure();
                (depth + 1, nodes + 1)
            }
            Self::And(parts) | Self::Or(parts) | Self::Xor(parts) => {
                let inner = parts.iter().map(Self::measure).fold((0, 0), |a, b| (a.0.max(b.0), a.1 + b.1));
                (inner.0 + 1, inner.1 + 1)
            }
        }
    }

    /// The value when bit `k` has the value `bit(k)`.
    pub fn holds(&self, bit: &impl Fn(u32) -> bool) -> bool {
        match self {
            Self::Const(value) => *value,
            Self::Bit(index) => bit(*index),
            Self::Not(inner) => !inner.holds(bit),
            Self::And(parts) => parts.iter().all(|part| part.holds(bit)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(bit)),
            Self::Xor(parts) => parts.iter().fold(false, |sum, part| sum ^ part.holds(bit)),
            Self::Compare { bits, op, value } => {
                let read =
                    bits.iter().enumerate().fold(0u64, |sum, (k, index)| sum | (u64::from(bit(*index)) << k));
                op.holds(i128::from(read), i128::from(*value))
            }
        }
    }

    /// The bits that are read, ascending, each once.
    pub fn clbits(&self) -> Vec<u32> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn collect(&self, found: &mut Vec<u32>) {
        match self {
            Self::Const(_) => {}
            Self::Bit(index) => found.push(*index),
            Self::Not(inner) => inner.collect(found),
            Self::And(parts) | Self::Or(parts) | Self::Xor(parts) => {
                parts.iter().for_each(|part| part.collect(found));
            }
            Self::Compare { bits, .. } => found.extend(bits),
        }
    }

    /// The same condition on other bits.
    pub fn map_bits(&self, map: &impl Fn(u32) -> u32) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|part| part.map_bits(map)).collect();
        match self {
            Self::Const(value) => Self::Const(*value),
            Self::Bit(index) => Self::Bit(map(*index)),
            Self::Not(inner) => Self::Not(Box::new(inner.map_bits(map))),
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
            Self::Xor(parts) => Self::Xor(all(parts)),
            Self::Compare { bits, op, value } => {
                Self::Compare { bits: bits.iter().map(|bit| map(*bit)).collect(), op: *op, value: *value }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparison_reads_least_significant_first() {
        let condition = Condition::compare(vec![3, 1], Comparison::Equal, 2).expect("valid");
        assert!(condition.holds(&|bit| bit == 1));
        assert!(!condition.holds(&|bit| bit == 3));
        assert_eq!(condition.clbits(), vec![1, 3]);
    }

    #[test]
    fn out_of_range_constants_fold() {
        assert_eq!(
            Condition::compare(vec![0], Comparison::Greater, -1).expect("valid"),
            Condition::Const(true)
        );
        assert_eq!(Condition::compare(vec![0], Comparison::Less, 2).expect("valid"), Condition::Const(true));
        assert_eq!(
            Condition::compare(vec![0], Comparison::Equal, 2).expect("valid"),
            Condition::Const(false)
        );
        assert!(Condition::compare(vec![], Comparison::Equal, 0).is_err());
    }

    #[test]
    fn combinations_flatten_and_are_limited() {
        let three =
            Condition::Bit(0).and(Condition::Bit(1)).and_then(|c| c.and(Condition::Bit(2))).expect("valid");
        assert!(matches!(&three, Condition::And(parts) if parts.len() == 3));
        let mut deep = Condition::Bit(0);
        let mut refused = false;
        for k in 0..100 {
            let next = if k % 2 == 0 {
                deep.clone().or(Condition::Bit(1))
            } else {
                deep.clone().and(Condition::Bit(1))
            };
            match next {
                Ok(next) => deep = next,
                Err(_) => refused = true,
            }
        }
        assert!(refused);
    }
}
