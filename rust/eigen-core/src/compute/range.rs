//! What values an expression on whole numbers can have, as far as that is plain from its form.
use super::{Binary, Expr, Number, Reading, Unary};

impl Expr {
    /// Whether a whole number is in the range of a width whatever the bits are, so that `Wrap` changes nothing.
    pub fn fits(&self, bits: u32, signed: bool) -> bool {
        if bits >= 128 && signed {
            return true;
        }
        let (least, most) = span(bits, signed);
        self.range().is_some_and(|(low, high)| least <= low && high <= most)
    }

    /// The least and the greatest value of an expression on whole numbers; `None` where nothing is known, and of
    /// fractions.
    pub fn range(&self) -> Option<(i128, i128)> {
        match self {
            Self::Number(Number::Int(value)) => Some((*value, *value)),
            Self::Number(Number::Float(_)) | Self::Bits(_, Reading::Float) => None,
            Self::Bits(bits, reading) => Some(span(bits.len() as u32, *reading == Reading::Signed)),
            Self::Unary(operation, of) => of_one(*operation, of),
            Self::Binary(operation, ..) if operation.is_comparison() => Some((0, 1)),
            Self::Binary(operation, left, right) => of_two(*operation, left.range()?, right.range()?),
        }
    }
}

/// The values of a width.
fn span(bits: u32, signed: bool) -> (i128, i128) {
    match (bits.clamp(1, 128), signed) {
        (128, _) => (i128::MIN, i128::MAX),
        (bits, true) => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        (bits, false) => (0, i128::MAX >> (127 - bits)),
    }
}

fn of_one(operation: Unary, of: &Expr) -> Option<(i128, i128)> {
    match operation {
        Unary::Not => Some((0, 1)),
        Unary::Popcount => Some((0, 128)),
        Unary::Wrap { bits, signed } => {
            let (least, most) = span(bits, signed);
            let inner = of.range().filter(|(low, high)| least <= *low && *high <= most);
            Some(inner.unwrap_or((least, most)))
        }
        Unary::Invert => of.range().map(|(low, high)| (!high, !low)),
        Unary::Negative => {
            let (low, high) = of.range()?;
            Some((high.checked_neg()?, low.checked_neg()?))
        }
        _ => None,
    }
}

fn of_two(operation: Binary, x: (i128, i128), y: (i128, i128)) -> Option<(i128, i128)> {
    let is_natural = x.0 >= 0 && y.0 >= 0;
    match operation {
        Binary::Add => Some((x.0.checked_add(y.0)?, x.1.checked_add(y.1)?)),
        Binary::Subtract => Some((x.0.checked_sub(y.1)?, x.1.checked_sub(y.0)?)),
        Binary::Multiply => {
            let corners =
                [x.0.checked_mul(y.0)?, x.0.checked_mul(y.1)?, x.1.checked_mul(y.0)?, x.1.checked_mul(y.1)?];
            Some((corners.into_iter().min()?, corners.into_iter().max()?))
        }
        Binary::Divide if is_natural => Some((0, x.1)),
        Binary::Remainder if is_natural => Some((0, x.1.min((y.1 - 1).max(0)))),
        Binary::Divide | Binary::Remainder => {
            let most = x.0.checked_abs()?.max(x.1.checked_abs()?);
            Some((-most, most))
        }
        Binary::And if is_natural => Some((0, x.1.min(y.1))),
        // One side that is not negative cuts off what the other has above.
        Binary::And if x.0 >= 0 => Some((0, x.1)),
        Binary::And if y.0 >= 0 => Some((0, y.1)),
        Binary::Or | Binary::Xor if is_natural => {
            let most = x.1 | y.1;
            Some((0, if most == 0 { 0 } else { i128::MAX >> (most.leading_zeros() - 1) }))
        }
        Binary::Left if is_natural && y.1 < 127 => Some((0, x.1.checked_mul(1 << y.1)?)),
        Binary::Right if is_natural => Some((0, x.1.checked_shr(u32::try_from(y.0).ok()?).unwrap_or(0))),
        Binary::Right => Some((x.0.min(0), x.1.max(0))),
        _ => None,
    }
}
