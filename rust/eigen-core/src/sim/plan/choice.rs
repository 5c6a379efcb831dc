//! Which operations of a sequence may be done now, out of order where they commute.
use super::op::Op;

/// What the operations left for later forbid to those after them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Left {
    /// Qubits that they mix: nothing may overtake them there.
    closed: u64,
    /// Qubits on which they are diagonal: nothing that mixes may overtake them there.
    only_diagonal: u64,
}

impl Left {
    /// Whether an operation that mixes some qubits and is diagonal on others commutes with everything left.
    pub fn allows(&self, mixed: u64, diagonal: u64) -> bool {
        mixed & (self.closed | self.only_diagonal) == 0 && diagonal & self.closed == 0
    }

    /// Leaves an operation for later.
    pub fn leave(&mut self, mixed: u64, diagonal: u64) {
        self.closed |= mixed;
        self.only_diagonal |= diagonal;
    }

    /// Whether nothing on these qubits is allowed any more.
    pub fn closes(&self, qubits: u64) -> bool {
        qubits & !self.closed == 0
    }
}

/// Splits a sequence of indices: those that `wants` takes among what may be done now, and the rest, both in order.
pub(crate) fn choose(
    waiting: &[usize],
    ops: &[Op],
    mut wants: impl FnMut(&Op) -> bool,
) -> (Vec<usize>, Vec<usize>) {
    let (mut taken, mut rest) = (Vec::new(), Vec::new());
    let mut left = Left::default();
    for &index in waiting {
        let op = &ops[index];
        if left.allows(op.mixed, op.diagonal) && wants(op) {
            taken.push(index);
        } else {
            left.leave(op.mixed, op.diagonal);
            rest.push(index);
        }
    }
    (taken, rest)
}

/// A set of qubits that is to grow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// Most qubits of the set.
    pub most: u32,
    /// Qubits that it has anyway.
    pub first: u64,
    /// Qubits that it may have.
    pub among: u64,
}

impl Wish {
    /// Adds, again and again, what gains most for each qubit added: one qubit, or all that one operation needs. `gain`
    /// says what taking an operation is worth, `None` if the set does not allow it; `needs` gives the qubits of an
    /// operation.
    pub fn grow(
        self,
        waiting: &[usize],
        ops: &[Op],
        gain: impl Fn(&Op, u64) -> Option<u32>,
        needs: impl Fn(&Op) -> u64,
    ) -> u64 {
        let mut inside = self.first & self.among;
        loop {
            let room = self.most.saturating_sub(inside.count_ones());
            let open = self.among & !inside;
            if room == 0 || open == 0 {
                return inside;
            }
            let mut ready = Vec::new();
            let now = worth(
                waiting,
                ops,
                |op| gain(op, inside),
                |op| {
                    let lacking = needs(op) & open;
                    if lacking != 0 && lacking.count_ones() <= room && !ready.contains(&lacking) {
                        ready.push(lacking);
                    }
                },
            );
            let mut best = (0.0, 0);
            for lacking in ready {
                let value = worth(waiting, ops, |op| gain(op, inside | lacking), |_| {});
                let each = f64::from(value - now.min(value)) / f64::from(lacking.count_ones());
                if each > best.0 {
                    best = (each, lacking);
                }
            }
            if best.1 == 0 {
                return inside;
            }
            inside |= best.1;
        }
    }
}

/// The worth of what may be done now; `lacks` sees operations that could be done if the set allowed it.
fn worth(
    waiting: &[usize],
    ops: &[Op],
    gain: impl Fn(&Op) -> Option<u32>,
    mut lacks: impl FnMut(&Op),
) -> u32 {
    let mut left = Left::default();
    let mut sum = 0;
    for &index in waiting {
        let op = &ops[index];
        let is_free = left.allows(op.mixed, op.diagonal);
        match gain(op) {
            Some(value) if is_free => sum += value,
            other => {
                if is_free && other.is_none() {
                    lacks(op);
                }
                left.leave(op.mixed, op.diagonal);
            }
        }
    }
    sum
}
