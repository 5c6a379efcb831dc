//! Scratch: classical bits behind those of the results, which operations write and read and no counts show.
use std::sync::Arc;

use super::{Circuit, CircuitBuilder, Instruction, Payload};
use crate::compute::Expr;
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::limits::MAX_CLBITS;

impl Circuit {
    /// Number of scratch bits; they follow the classical bits.
    pub fn num_scratch(&self) -> usize {
        self.num_scratch
    }

    /// Classical bits and scratch bits together: every index of a bit is below it.
    pub fn num_bits(&self) -> usize {
        self.num_clbits + self.num_scratch
    }

    /// Whether classical values are computed while the circuit runs, beyond conditions.
    pub fn computes(&self) -> bool {
        self.num_scratch > 0 || self.columns.opcodes.contains(&Opcode::Compute)
    }

    /// Fails when there are scratch bits.
    pub(super) fn require_no_scratch(&self, wish: &str) -> CoreResult<()> {
        if self.num_scratch == 0 {
            return Ok(());
        }
        let message = format!("a circuit with `{}` scratch bits cannot be {wish}", self.num_scratch);
        Err(CoreError::new(ErrorCode::CircuitNotUnitary, message))
    }
}

impl Instruction {
    /// A classical computation: the value of an expression, written to bits, least significant first.
    pub fn compute(to: &[u32], value: Expr) -> Self {
        let base = Self::new(Opcode::Compute, &[]).payload(Payload::Expr(Arc::new(value)));
        Self { clbits: to.to_vec(), ..base }
    }
}

impl CircuitBuilder {
    /// Adds scratch bits behind all other bits, which must be complete.
    pub fn add_scratch(&mut self, count: usize) -> CoreResult<()> {
        let total = self.num_scratch.saturating_add(count);
        if total > MAX_CLBITS {
            return Err(CoreError::limit("scratch bits of a circuit", MAX_CLBITS, total));
        }
        self.num_scratch = total;
        Ok(())
    }

    /// Moves the bits from `mark` on that the operations so far use, and those that are `declared`, behind the classical
    /// bits, as scratch.
    pub(crate) fn settle_scratch(&mut self, mark: u32, declared: &[u32]) -> CoreResult<()> {
        let mut used: Vec<u32> = self.columns.clbits.iter().copied().filter(|bit| *bit >= mark).collect();
        used.extend(declared);
        for detail in &self.columns.details {
            used.extend(detail.condition.iter().flat_map(Condition::clbits).filter(|bit| *bit >= mark));
            if let Payload::Expr(value) = &detail.payload {
                used.extend(value.clbits().into_iter().filter(|bit| *bit >= mark));
            }
        }
        used.sort_unstable();
        used.dedup();
        let first = self.num_clbits as u32;
        self.add_scratch(used.len())?;
        if !used.is_empty() {
            self.move_bits(&|bit| used.binary_search(&bit).map_or(bit, |place| first + place as u32));
        }
        Ok(())
    }

    /// Turns the innermost `IF` that has just been closed, when it began at a position and holds a single operation
    /// without a condition, into that operation under its condition. One that holds nothing is taken away.
    pub(crate) fn fold_single(&mut self, begin: usize) -> CoreResult<()> {
        let opcodes = &self.columns.opcodes[begin.min(self.columns.len())..];
        if let [Opcode::If, Opcode::End] = opcodes {
            self.columns.detail.truncate(begin);
            self.columns.opcodes.truncate(begin);
            self.columns.qubit_start.truncate(begin + 1);
            self.columns.clbit_start.truncate(begin + 1);
            self.columns.param_start.truncate(begin + 1);
            self.markers -= 1;
            return Ok(());
        }
        let [Opcode::If, only, Opcode::End] = opcodes else { return Ok(()) };
        let detail = |at: usize| self.columns.details.get(self.columns.detail[at] as usize);
        let (condition, own) = (detail(begin).and_then(|d| d.condition.clone()), detail(begin + 1).cloned());
        if only.is_control_flow() || own.as_ref().is_some_and(|own| own.condition.is_some()) {
            return Ok(());
        }
        let own = own.unwrap_or(super::Detail::NONE);
        self.columns.detail.truncate(begin);
        let opcode = *only;
        let qubits = self.columns.qubits.split_off(self.columns.qubit_start[begin] as usize);
        let clbits = self.columns.clbits.split_off(self.columns.clbit_start[begin] as usize);
        let params = self.columns.params.split_off(self.columns.param_start[begin] as usize);
        self.columns.opcodes.truncate(begin);
        self.columns.qubit_start.truncate(begin + 1);
        self.columns.clbit_start.truncate(begin + 1);
        self.columns.param_start.truncate(begin + 1);
        self.markers -= 1;
        self.columns.push(opcode, (&qubits, &clbits, &params), super::Detail { condition, ..own }.into());
        Ok(())
    }

    /// Makes room for the scratch bits of a circuit that is appended: where they begin.
    pub(super) fn take_scratch(&mut self, circuit: &Circuit) -> u32 {
        let first = (self.num_clbits + self.num_scratch) as u32;
        self.num_scratch += circuit.num_scratch;
        first
    }

    /// Gives the bits of all operations so far other numbers.
    pub(super) fn move_bits(&mut self, place: &dyn Fn(u32) -> u32) {
        self.columns.clbits.iter_mut().for_each(|bit| *bit = place(*bit));
        for detail in &mut self.columns.details {
            if let Some(condition) = &mut detail.condition {
                *condition = condition.map_bits(&place);
            }
            if let Payload::Expr(value) = &mut detail.payload {
                *value = Arc::new(value.map_bits(&place));
            }
        }
    }

    /// The position in the stream of the operation that comes next.
    pub(crate) fn stream_position(&self) -> usize {
        self.columns.len()
    }

    /// Gives the block at a position another condition.
    pub(crate) fn replace_condition(&mut self, at: usize, condition: Condition) {
        let detail = self.columns.detail.get(at).map(|detail| *detail as usize);
        if let Some(detail) = detail.and_then(|detail| self.columns.details.get_mut(detail)) {
            detail.condition = Some(condition);
        }
    }
}
