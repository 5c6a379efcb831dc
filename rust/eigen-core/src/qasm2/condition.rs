//! `if (c == n)`: a register compared with a number, of any width.
use super::names::Span;
use crate::condition::{Comparison, Condition};
use crate::error::{CoreError, CoreResult};
use crate::limits::MAX_CONDITION_NODES;

/// The condition that a register holds a number, bit 0 least significant.
pub(super) fn equals(register: Span, value: u128) -> CoreResult<Condition> {
    let size = register.size as usize;
    if size > MAX_CONDITION_NODES {
        return Err(CoreError::limit("bits of a condition", MAX_CONDITION_NODES, size));
    }
    if size < 128 && value >> size != 0 {
        return Ok(Condition::Const(false));
    }
    let mut whole: Option<Condition> = None;
    for first in (0..size).step_by(64) {
        let last = (first + 64).min(size);
        let bits = (first..last).map(|bit| register.start + bit as u32).collect();
        let part = if first < 128 { (value >> first) as u64 } else { 0 };
        let part = Condition::compare(bits, Comparison::Equal, i128::from(part))?;
        whole = Some(match whole {
            None => part,
            Some(before) => before.and(part)?,
        });
    }
    Ok(whole.unwrap_or(Condition::Const(value == 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_registers_are_compared_in_parts() {
        let value = (5u128 << 64) | 3;
        let condition = equals(Span { start: 2, size: 70 }, value).expect("valid");
        let read = |wanted: u128| condition.holds(&|bit| bit >= 2 && wanted >> (bit - 2) & 1 == 1);
        assert!(read(value) && !read(value ^ 1) && !read(value ^ (1 << 65)));
    }

    #[test]
    fn a_number_out_of_range_never_holds() {
        assert_eq!(equals(Span { start: 0, size: 2 }, 4), Ok(Condition::Const(false)));
        assert_eq!(equals(Span { start: 0, size: 0 }, 0), Ok(Condition::Const(true)));
    }
}
