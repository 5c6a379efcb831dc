//! What a document comes to, before anything is written out.
use std::ops::Range;

use super::gates::Act;
use super::lines::Document;
use super::targets::What;
use crate::limits::{MAX_OPERATIONS, MAX_QUBITS};
use crate::text::{Fault, Parse};

/// Qubits, outcomes and operations with their targets of some lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub qubits: u64,
    pub measured: u64,
    operations: u64,
    /// Whether each round of a loop would write or read outcomes of its own, or note something.
    differs: bool,
}

impl Document<'_> {
    /// Counts all lines, and says of each `REPEAT` whether it is written out.
    pub fn counted(&mut self) -> Parse<Count> {
        self.counted_in(0..self.lines.len())
    }

    fn counted_in(&mut self, lines: Range<usize>) -> Parse<Count> {
        let mut total = Count::default();
        let mut index = lines.start;
        while index < lines.end {
            let at = self.lines[index].at;
            if self.lines[index].row.act == Act::Repeat {
                let end = self.lines[index].end;
                let inner = self.counted_in(index + 1..end)?;
                let rounds = self.lines[index].rounds;
                let again = if inner.differs { rounds } else { 1 };
                self.lines[index].unrolls = inner.differs;
                total.qubits = total.qubits.max(inner.qubits);
                total.measured = total.measured.saturating_add(rounds.saturating_mul(inner.measured));
                let written = again.saturating_mul(inner.operations.saturating_add(1));
                total.operations = total.operations.saturating_add(written);
                total.differs |= inner.differs;
                index = end;
            } else {
                self.add(&mut total, index);
                index += 1;
            }
            if total.operations.max(total.measured) > MAX_OPERATIONS as u64 {
                let value = total.operations.max(total.measured) as usize;
                let what = "operations and targets of a circuit, written out";
                return Err(Fault::limit(at, what, MAX_OPERATIONS, value));
            }
            if total.qubits > MAX_QUBITS as u64 {
                return Err(Fault::limit(at, "qubits of a circuit", MAX_QUBITS, total.qubits as usize));
            }
        }
        Ok(total)
    }

    fn add(&self, total: &mut Count, index: usize) {
        let line = &self.lines[index];
        let targets = self.targets_of(line);
        for target in targets {
            total.qubits = total.qubits.max(target.what.width());
            total.differs |= matches!(target.what, What::Record(_));
        }
        let measured = match line.row.act {
            Act::Measure { .. } | Act::Parities => targets.len(),
            Act::Parity(_) => targets.len() / 2,
            _ => 0,
        };
        total.differs |= measured > 0 || matches!(line.row.act, Act::Note(_) | Act::Shift);
        total.measured += measured as u64;
        total.operations += 1 + targets.len() as u64 + line.arguments.len() as u64;
    }
}
