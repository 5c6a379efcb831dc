//! Which classical bits are one variable: those that are written together as a number, and those that hold fractions.
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::unsupported;
use crate::circuit::Circuit;
use crate::compute::{Expr, Reading};
use crate::condition::Condition;
use crate::error::CoreResult;
use crate::gate::Opcode;

/// What a run of classical bits is declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bits,
    Uint,
    Int,
    Float,
}

/// How bits are used together.
#[derive(Clone, Copy, Debug, Default)]
struct Uses {
    is_unsigned: bool,
    is_signed: bool,
    is_fraction: bool,
    is_stored: bool,
    is_measured: bool,
}

/// Runs of bits, by the first one and, longest first, the one behind the last.
type Spans = BTreeMap<(u32, Reverse<u32>), Uses>;

/// The variables of a circuit: first bit to size and kind.
#[derive(Debug, Default)]
pub(super) struct Layout(BTreeMap<u32, (u32, Kind)>);

impl Layout {
    /// The variables of a circuit that computes; of another one none. Fails where bits of a fraction are also used as
    /// something else.
    pub fn of(circuit: &Circuit) -> CoreResult<Self> {
        if !circuit.computes() {
            return Ok(Self::default());
        }
        let spans: Vec<((u32, u32), Uses)> =
            used(circuit).into_iter().map(|((start, Reverse(end)), uses)| ((start, end), uses)).collect();
        let mut found = BTreeMap::new();
        let mut rest = spans.as_slice();
        while let [((start, end), uses), ..] = rest {
            let mut reach = *end;
            let overlaps = |((first, last), _): &&((u32, u32), Uses)| {
                let is_inside = *first < reach;
                reach = reach.max(if is_inside { *last } else { 0 });
                is_inside
            };
            let count = rest.iter().take_while(overlaps).count();
            let (cluster, others) = rest.split_at(count.max(1));
            let size = end - start;
            if cluster.iter().any(|(_, uses)| uses.is_fraction) {
                let is_other = uses.is_unsigned || uses.is_signed || uses.is_stored || uses.is_measured;
                if cluster.len() > 1 || is_other {
                    let message = format!(
                        "bits from `{start}` on hold a fraction and are used as something else too, which OpenQASM 3 cannot say"
                    );
                    return Err(unsupported(message));
                }
                found.insert(*start, (size, Kind::Float));
            } else if uses.is_stored
                && (2..=64).contains(&size)
                && reach == *end
                && !cluster.iter().any(|(_, uses)| uses.is_measured)
            {
                let kind = if uses.is_signed && !uses.is_unsigned { Kind::Int } else { Kind::Uint };
                found.insert(*start, (size, kind));
            }
            rest = others;
        }
        Ok(Self(found))
    }

    /// The variable that begins at a bit: its size and kind.
    pub fn at(&self, start: u32) -> Option<(u32, Kind)> {
        self.0.get(&start).copied()
    }

    /// The variables that begin in a range, ascending: first bit, size and kind.
    pub fn within(&self, start: u32, end: u32) -> impl Iterator<Item = (u32, u32, Kind)> + '_ {
        self.0.range(start..end).map(|(first, (size, kind))| (*first, *size, *kind))
    }
}

/// All bits that operations use, together where they are used together.
fn used(circuit: &Circuit) -> Spans {
    let mut spans = Spans::new();
    for op in circuit.operations() {
        if let Some(condition) = op.condition() {
            in_condition(condition, &mut spans);
        }
        if op.opcode() == Opcode::Measure {
            op.clbits().iter().for_each(|bit| tell(&[*bit], &mut spans, |uses| uses.is_measured = true));
        }
        if let Some(value) = op.computed() {
            in_expression(value, &mut spans);
            let is_fraction = value.is_fraction();
            tell(op.clbits(), &mut spans, |uses| match is_fraction {
                true => uses.is_fraction = true,
                false => uses.is_stored = true,
            });
        }
    }
    spans
}

/// Notes a use of bits; bits in no run are used one by one.
fn tell(bits: &[u32], spans: &mut Spans, note: impl Fn(&mut Uses)) {
    if bits.windows(2).all(|pair| pair[1] == pair[0] + 1)
        && let (Some(first), Some(last)) = (bits.first(), bits.last())
    {
        return note(spans.entry((*first, Reverse(last + 1))).or_default());
    }
    for bit in bits {
        note(spans.entry((*bit, Reverse(bit + 1))).or_default());
    }
}

fn in_condition(condition: &Condition, spans: &mut Spans) {
    match condition {
        Condition::Const(_) => {}
        Condition::Bit(bit) => tell(&[*bit], spans, |uses| uses.is_unsigned = true),
        Condition::Not(inner) => in_condition(inner, spans),
        Condition::And(parts) | Condition::Or(parts) | Condition::Xor(parts) => {
            parts.iter().for_each(|part| in_condition(part, spans));
        }
        Condition::Compare { bits, .. } => tell(bits, spans, |uses| uses.is_unsigned = true),
    }
}

fn in_expression(expr: &Expr, spans: &mut Spans) {
    match expr {
        Expr::Number(_) => {}
        Expr::Bits(bits, reading) => tell(bits, spans, |uses| match reading {
            Reading::Unsigned => uses.is_unsigned = true,
            Reading::Signed => uses.is_signed = true,
            Reading::Float => uses.is_fraction = true,
        }),
        Expr::Unary(_, of) => in_expression(of, spans),
        Expr::Binary(_, left, right) => {
            in_expression(left, spans);
            in_expression(right, spans);
        }
    }
}
