//! From gates to tensors: a control or a diagonal gate joins the index of its qubit's value instead of making a new one,
//! and qubits whose value is known have none.
use super::gates::{Kind, Numeric};
use super::tensor::Tensor;
use crate::error::CoreResult;
use crate::gate::pauli;
use crate::math::C64;
use crate::sim::mps::operator::factorised;

/// The value of a qubit at some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire {
    Known(bool),
    Index(u32),
}

/// A state in the making: the product of the tensors, summed over all indices but those of the wires, times `scale`.
#[derive(Clone, Debug)]
pub(crate) struct Builder {
    pub wires: Vec<Wire>,
    pub tensors: Vec<Tensor>,
    pub scale: C64,
    pub next: u32,
}

impl Builder {
    /// All qubits in |0>.
    pub fn new(num_qubits: usize) -> Self {
        Builder { wires: vec![Wire::Known(false); num_qubits], tensors: Vec::new(), scale: C64::ONE, next: 0 }
    }

    /// A new index.
    pub fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// Applies a gate.
    pub fn apply(&mut self, gate: &Numeric) -> CoreResult<()> {
        let Some(controls) = self.open_controls(&gate.controls) else { return Ok(()) };
        match &gate.kind {
            Kind::Swap if controls.is_empty() => {
                self.wires.swap(gate.targets[0] as usize, gate.targets[1] as usize);
                Ok(())
            }
            Kind::Swap => Ok(()),
            Kind::Rotation { letters, numbers } => {
                self.rotation(&controls, &gate.targets, letters, *numbers);
                Ok(())
            }
            Kind::Matrix(matrix) => self.matrix(&controls, gate, matrix),
        }
    }

    /// The controls whose value is open, at most two; `None` when one is known to be off.
    fn open_controls(&mut self, controls: &[(u32, bool)]) -> Option<Vec<(u32, bool)>> {
        let mut open = Vec::new();
        for (qubit, bit) in controls {
            match self.wires[*qubit as usize] {
                Wire::Known(value) if value != *bit => return None,
                Wire::Known(_) => {}
                Wire::Index(index) => open.push((index, *bit)),
            }
        }
        while open.len() > 2 {
            let (Some((a, a_bit)), Some((b, b_bit))) = (open.pop(), open.pop()) else { break };
            let both = self.fresh();
            let value = |at: usize| {
                let on = (at & 1 == 1) == a_bit && (at >> 1 & 1 == 1) == b_bit;
                if on == (at >> 2 & 1 == 1) { C64::ONE } else { C64::ZERO }
            };
            self.tensors.push(Tensor::from_fn(vec![a, b, both], value));
            open.push((both, true));
        }
        Some(open)
    }

    /// `a + b P`: an index of two values chooses between the terms.
    fn rotation(&mut self, controls: &[(u32, bool)], targets: &[u32], letters: &[u8], numbers: [C64; 2]) {
        let term = self.fresh();
        let indices: Vec<u32> =
            std::iter::once(term).chain(controls.iter().map(|(index, _)| *index)).collect();
        self.tensors.push(Tensor::from_fn(indices, |at| {
            let on = controls.iter().enumerate().all(|(k, (_, bit))| (at >> (k + 1) & 1 == 1) == *bit);
            let off = [C64::ONE, C64::ZERO];
            if on { numbers[at & 1] } else { off[at & 1] }
        }));
        for (target, letter) in targets.iter().zip(letters) {
            if *letter == b'I' {
                continue;
            }
            let matrix = pauli(*letter);
            let entry = |second: bool, row: usize, column: usize| match (second, row == column) {
                (true, _) => matrix.get(row, column),
                (false, true) => C64::ONE,
                (false, false) => C64::ZERO,
            };
            let wire = self.wires[*target as usize];
            let tensor = match (wire, *letter == b'Z') {
                (Wire::Known(value), true) => {
                    let value = usize::from(value);
                    Tensor::from_fn(vec![term], |at| entry(at == 1, value, value))
                }
                (Wire::Known(value), false) => {
                    let out = self.fresh();
                    self.wires[*target as usize] = Wire::Index(out);
                    Tensor::from_fn(vec![term, out], |at| entry(at & 1 == 1, at >> 1, usize::from(value)))
                }
                (Wire::Index(index), true) => {
                    Tensor::from_fn(vec![term, index], |at| entry(at & 1 == 1, at >> 1, at >> 1))
                }
                (Wire::Index(index), false) => {
                    let out = self.fresh();
                    self.wires[*target as usize] = Wire::Index(out);
                    Tensor::from_fn(vec![term, out, index], |at| entry(at & 1 == 1, at >> 1 & 1, at >> 2))
                }
            };
            self.tensors.push(tensor);
        }
    }

    fn matrix(&mut self, controls: &[(u32, bool)], gate: &Numeric, matrix: &[C64]) -> CoreResult<()> {
        let targets = &gate.targets;
        let dimension = 1usize << targets.len();
        let preserved: Vec<bool> = (0..targets.len()).map(|k| gate.preserves(k)).collect();
        let before: Vec<Wire> = targets.iter().map(|target| self.wires[*target as usize]).collect();
        if let ([], [Wire::Known(value)]) = (controls, before.as_slice()) {
            // A basis state may stay one.
            let column = usize::from(*value);
            let entries = [matrix[column], matrix[2 + column]];
            if let Some(row) = (0..2).find(|row| entries[1 - row] == C64::ZERO) {
                self.wires[targets[0] as usize] = Wire::Known(row == 1);
                self.scale *= entries[row];
                return Ok(());
            }
        }
        let is_open = before.iter().all(|wire| matches!(wire, Wire::Index(_)));
        if controls.is_empty() && targets.len() == 2 && is_open && preserved == [false, false] {
            let links = factorised(matrix, 2)?;
            if links[0].right == 2 {
                self.pair(targets, &links);
                return Ok(());
            }
        }
        // Bits of the position in the tensor: controls, then for each target its row and its column where they are open.
        let mut indices: Vec<u32> = controls.iter().map(|(index, _)| *index).collect();
        let mut rows: Vec<Source> = Vec::new();
        let mut columns: Vec<Source> = Vec::new();
        for (k, target) in targets.iter().enumerate() {
            let column = match before[k] {
                Wire::Known(value) => Source::Fixed(usize::from(value)),
                Wire::Index(index) => {
                    indices.push(index);
                    Source::Bit(indices.len() - 1)
                }
            };
            let row = if preserved[k] {
                column
            } else {
                let out = self.fresh();
                self.wires[*target as usize] = Wire::Index(out);
                indices.push(out);
                Source::Bit(indices.len() - 1)
            };
            rows.push(row);
            columns.push(column);
        }
        let read = |sources: &[Source], at: usize| -> usize {
            sources.iter().enumerate().map(|(k, source)| source.value(at) << k).sum()
        };
        let value = |at: usize| {
            let on = controls.iter().enumerate().all(|(k, (_, bit))| (at >> k & 1 == 1) == *bit);
            let (row, column) = (read(&rows, at), read(&columns, at));
            match (on, row == column) {
                (true, _) => matrix[row * dimension + column],
                (false, true) => C64::ONE,
                (false, false) => C64::ZERO,
            }
        };
        let tensor = Tensor::from_fn(indices, value);
        if tensor.indices.is_empty() {
            self.scale *= tensor.data[0]
        } else {
            self.tensors.push(tensor)
        }
        Ok(())
    }

    /// A matrix on two open qubits that is a sum of two products: an index of two values chooses between them.
    fn pair(&mut self, targets: &[u32], links: &[crate::sim::mps::operator::Link]) {
        let term = self.fresh();
        for (target, link) in targets.iter().zip(links) {
            let Wire::Index(index) = self.wires[*target as usize] else { continue };
            let out = self.fresh();
            self.wires[*target as usize] = Wire::Index(out);
            self.tensors.push(Tensor::from_fn(vec![term, out, index], |at| {
                let blocks = link.blocks.iter().filter(|(l, r, _)| l + r == at & 1);
                blocks.map(|(_, _, matrix)| matrix[2 * (at >> 1 & 1) + (at >> 2)]).sum()
            }));
        }
    }
}

/// Where a bit of a row or column is found.
#[derive(Clone, Copy)]
enum Source {
    Fixed(usize),
    Bit(usize),
}

impl Source {
    fn value(self, at: usize) -> usize {
        match self {
            Source::Fixed(value) => value,
            Source::Bit(bit) => at >> bit & 1,
        }
    }
}
