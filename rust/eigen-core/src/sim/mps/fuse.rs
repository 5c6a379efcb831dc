//! Fewer and heavier updates: gates on one qubit join the pair before or after them, pairs on the same two qubits become
//! one, and a pair that binds nothing falls apart.
use super::gate::{Bound, lifted, reordered};
use super::operator::{after, as_product};
use crate::error::CoreResult;
use crate::math::C64;

/// The same product of gates, in fewer.
pub(super) fn fused(gates: Vec<Bound>, num_qubits: usize) -> CoreResult<Vec<Bound>> {
    let mut fuser = Fuser { out: Vec::new(), waiting: vec![None; num_qubits], last: vec![None; num_qubits] };
    for gate in gates {
        match gate {
            Bound::Phase(_) => fuser.out.push(gate),
            Bound::Single { qubit, matrix } => fuser.single(qubit as usize, matrix),
            Bound::Pair { qubits, matrix } => fuser.pair(qubits, matrix),
            Bound::Swap { qubits } => fuser.block(qubits.into_iter(), gate),
            Bound::Wide(ref wide) => fuser.block(wide.qubits().collect::<Vec<_>>().into_iter(), gate),
        }
    }
    (0..num_qubits).for_each(|qubit| fuser.release(qubit));
    let mut out = Vec::with_capacity(fuser.out.len());
    for gate in fuser.out {
        match &gate {
            Bound::Pair { qubits, matrix } => match as_product(matrix)? {
                Some(factors) => {
                    let singles = qubits.iter().zip(factors);
                    out.extend(singles.map(|(qubit, matrix)| Bound::Single { qubit: *qubit, matrix }));
                }
                None => out.push(gate),
            },
            _ => out.push(gate),
        }
    }
    Ok(out)
}

struct Fuser {
    out: Vec<Bound>,
    /// Matrices on one qubit that still wait for a pair.
    waiting: Vec<Option<[C64; 4]>>,
    /// The pair that acted last on the qubit and nothing since.
    last: Vec<Option<usize>>,
}

impl Fuser {
    fn single(&mut self, qubit: usize, matrix: [C64; 4]) {
        if let Some(index) = self.last[qubit]
            && let Bound::Pair { qubits, matrix: pair } = &mut self.out[index]
        {
            *pair = after(&lifted(&matrix, qubits[1] as usize == qubit), pair);
            return;
        }
        let before = self.waiting[qubit].take();
        self.waiting[qubit] = Some(before.map_or(matrix, |before| after(&matrix, &before)));
    }

    fn pair(&mut self, qubits: [u32; 2], matrix: [C64; 16]) {
        let [a, b] = qubits.map(|qubit| qubit as usize);
        if let (Some(index), true) = (self.last[a], self.last[a] == self.last[b])
            && let Bound::Pair { qubits: known, matrix: pair } = &mut self.out[index]
        {
            let turned = reordered(&matrix, &[1, 0]);
            let matrix = if *known == qubits { matrix } else { std::array::from_fn(|k| turned[k]) };
            *pair = after(&matrix, pair);
            return;
        }
        let mut matrix = matrix;
        for (qubit, high) in [(a, false), (b, true)] {
            if let Some(before) = self.waiting[qubit].take() {
                matrix = after(&matrix, &lifted(&before, high));
            }
            self.last[qubit] = Some(self.out.len());
        }
        self.out.push(Bound::Pair { qubits, matrix });
    }

    fn block(&mut self, qubits: impl Iterator<Item = u32>, gate: Bound) {
        for qubit in qubits {
            self.release(qubit as usize);
            self.last[qubit as usize] = None;
        }
        self.out.push(gate);
    }

    fn release(&mut self, qubit: usize) {
        if let Some(matrix) = self.waiting[qubit].take() {
            self.out.push(Bound::Single { qubit: qubit as u32, matrix });
        }
    }
}
