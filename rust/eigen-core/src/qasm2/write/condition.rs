//! Conditions as `if (c == n)`: the only form there is, so that others become one statement for each number.
use std::collections::BTreeMap;

use super::registers::Registers;
use super::unsupported;
use crate::condition::{Comparison, Condition};
use crate::error::CoreResult;

/// Registers up to this size may be under any condition: its numbers are tried one by one.
const MAX_ENUMERATED: u32 = 6;

/// What stands before a statement that happens under a condition, one text for each number that fulfils it; an
/// empty text when it always holds, none when it never does.
pub(super) fn prefixes(condition: &Condition, registers: &Registers) -> CoreResult<Vec<String>> {
    let bits = condition.clbits();
    let Some(first) = bits.first() else {
        return Ok(if condition.holds(&|_| false) { vec![String::new()] } else { Vec::new() });
    };
    let register = registers.clbits.of_bit(*first);
    let range = register.start..register.start + register.size;
    if bits.iter().any(|bit| !range.contains(bit)) {
        return Err(unsupported("a condition on more than one register has no form in OpenQASM 2"));
    }
    let prefix = |number: u128| format!("if ({} == {number}) ", register.name);
    if register.size <= MAX_ENUMERATED {
        let holds = |number: &u128| condition.holds(&|bit| number >> (bit - register.start) & 1 == 1);
        return Ok((0..1u128 << register.size).filter(holds).map(prefix).collect());
    }
    let mut known = BTreeMap::new();
    let whole = fixes(condition, &mut known) && known.len() == register.size as usize;
    let number = known.iter().try_fold(0u128, |sum, (bit, value)| {
        let place = bit - register.start;
        (place < 128 || !value).then(|| if *value { sum | 1 << place } else { sum })
    });
    match number.filter(|_| whole) {
        Some(number) => Ok(vec![prefix(number)]),
        None => {
            let message =
                format!("a condition other than `{} == number` has no form in OpenQASM 2", register.name);
            Err(unsupported(message)
                .with_hint(format!("registers of up to {MAX_ENUMERATED} bits may be under any condition")))
        }
    }
}

/// Whether a condition says exactly that some bits have certain values, which are collected.
fn fixes(condition: &Condition, known: &mut BTreeMap<u32, bool>) -> bool {
    let mut fix = |bit: u32, value: bool| *known.entry(bit).or_insert(value) == value;
    match condition {
        Condition::Bit(bit) => fix(*bit, true),
        Condition::Not(inner) => matches!(inner.as_ref(), Condition::Bit(bit) if fix(*bit, false)),
        Condition::Compare { bits, op: Comparison::Equal, value } => {
            bits.iter().enumerate().all(|(place, bit)| fix(*bit, value >> place & 1 == 1))
        }
        Condition::And(parts) => parts.iter().all(|part| fixes(part, known)),
        _ => false,
    }
}
