//! Operands of a statement: a bit, or a register that stands for each of its bits in turn.
use super::cursor::Cursor;
use super::names::{Names, Span};
use crate::text::{Fault, Parse, shown};

/// An operand: from where, and of how many bits when it is a whole register.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub start: u32,
    pub size: Option<u32>,
}

impl Operand {
    /// The bit for repetition `k`.
    #[inline]
    pub fn bit(self, k: u32) -> u32 {
        if self.size.is_some() { self.start + k } else { self.start }
    }

    /// All its bits.
    pub fn bits(self) -> std::ops::Range<u32> {
        self.start..self.start + self.size.unwrap_or(1)
    }
}

/// Reads `name` or `name[index]`.
#[inline]
pub(super) fn read(cursor: &mut Cursor<'_>, names: &Names<'_>, quantum: bool) -> Parse<Operand> {
    let token = cursor.name()?;
    let Span { start, size } = names.register(token, quantum)?;
    if !cursor.takes(b'[')? {
        return Ok(Operand { start, size: Some(size) });
    }
    let (at, index) = cursor.integer()?;
    if index >= u128::from(size) {
        let name = shown(token.text);
        let message = format!("`{name}[{index}]` is out of range: `{name}` has {size} bits");
        return Err(Fault::hinted(at, message, "indices start at 0"));
    }
    cursor.mark(b']')?;
    Ok(Operand { start: start + index as u32, size: None })
}

/// How often a statement with these operands is repeated: once, or for each bit of its registers.
#[inline]
pub(super) fn repetitions(operands: &[Operand], at: usize) -> Parse<u32> {
    let mut sizes = operands.iter().filter_map(|operand| operand.size);
    let Some(first) = sizes.next() else { return Ok(1) };
    match sizes.find(|size| *size != first) {
        None => Ok(first),
        Some(other) => {
            let message = format!("registers of {first} and {other} bits cannot be taken bit by bit");
            Err(Fault::invalid(at, message))
        }
    }
}
