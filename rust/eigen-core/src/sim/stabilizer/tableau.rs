//! The inverse tableau: for each qubit the products that its X and Z now were at the start, on |0…0>.
//!
//! Aaronson and Gottesman, PRA 70, 052328 (2004), with the inverse kept instead of the tableau itself, so that a
//! measurement whose outcome is certain is read from one row (Gidney, Quantum 5, 497 (2021), section 3).
use super::action::{Action, Image};
use super::row::{Row, bit, letters, multiply, words};
use crate::observable::PauliString;

/// The Heisenberg images `U^-1 X_q U` (row `q`) and `U^-1 Z_q U` (row `n + q`) of the circuit `U` so far.
#[derive(Clone, Debug)]
pub(super) struct Tableau {
    num_qubits: usize,
    words: usize,
    bits: Vec<u64>,
    phases: Vec<u8>,
    /// Images under way.
    scratch: Vec<u64>,
}

/// Bytes of one tableau.
pub(super) fn bytes(num_qubits: usize) -> u128 {
    let rows = 2 * num_qubits as u128;
    rows * (16 * words(num_qubits) as u128 + 1)
}

impl Tableau {
    /// The tableau of |0…0>.
    pub fn zero(num_qubits: usize) -> Self {
        let words = words(num_qubits);
        let mut out = Tableau {
            num_qubits,
            words,
            bits: vec![0; 4 * num_qubits * words],
            phases: vec![0; 2 * num_qubits],
            scratch: Vec::new(),
        };
        for qubit in 0..num_qubits {
            let mask = 1 << (qubit % 64);
            out.bits[2 * words * qubit + qubit / 64] = mask;
            out.bits[2 * words * (num_qubits + qubit) + words + qubit / 64] = mask;
        }
        out
    }

    /// All rows.
    pub fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// All rows, to be restored.
    pub fn bits_mut(&mut self) -> &mut [u64] {
        &mut self.bits
    }

    /// The powers of i of all rows.
    pub fn phases(&self) -> &[u8] {
        &self.phases
    }

    /// Restores the powers of i.
    pub fn set_phases(&mut self, phases: Vec<u8>) {
        self.phases = phases;
    }

    /// Whether no row names a qubit that is not there.
    pub fn is_padded(&self) -> bool {
        let used = self.num_qubits % 64;
        used == 0 || self.bits.chunks_exact(self.words).all(|words| words[self.words - 1] >> used == 0)
    }

    fn row(&self, row: usize) -> &[u64] {
        &self.bits[2 * self.words * row..2 * self.words * (row + 1)]
    }

    fn row_mut(&mut self, row: usize) -> &mut [u64] {
        &mut self.bits[2 * self.words * row..2 * self.words * (row + 1)]
    }

    /// Applies a small Clifford: the image of its own image of each generator, in terms of the rows so far.
    pub fn apply(&mut self, action: &Action, qubits: &[u32]) {
        let size = 2 * self.words;
        let place = |generator: usize| match generator.checked_sub(qubits.len()) {
            None => qubits[generator] as usize,
            Some(z) => self.num_qubits + qubits[z] as usize,
        };
        let rows: Vec<usize> = (0..2 * qubits.len()).map(place).collect();
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.resize(size * action.changed.len(), 0);
        let mut phases = [0; 2 * super::action::MOST_QUBITS];
        for ((out, phase), generator) in scratch.chunks_exact_mut(size).zip(&mut phases).zip(&action.changed)
        {
            let image = &action.backward[*generator];
            *phase = image.phase;
            let mut first = true;
            for factor in image.factors(qubits.len()) {
                let row = rows[factor];
                if std::mem::take(&mut first) {
                    out.copy_from_slice(self.row(row));
                } else {
                    *phase += multiply(out, self.row(row));
                }
                *phase = (*phase + self.phases[row]) & 3;
            }
        }
        for ((out, phase), generator) in scratch.chunks_exact(size).zip(phases).zip(&action.changed) {
            self.row_mut(rows[*generator]).copy_from_slice(out);
            self.phases[rows[*generator]] = phase;
        }
        self.scratch = scratch;
    }

    /// Applies `exp(-i angle/2 P)` with an angle of `quarters` quarter turns.
    pub fn rotate(&mut self, pauli: &PauliString, quarters: u8) {
        let image = self.image(pauli);
        for (qubit, x, z) in letters(pauli) {
            for (row, anticommutes) in [(qubit, z), (self.num_qubits + qubit, x)] {
                if !anticommutes {
                    continue;
                }
                // G^-1 Q G = Q exp(-i angle P) for a Q that anticommutes with P: -i Q P, -Q or i Q P.
                let mut phase = self.phases[row] + [0, 3, 2, 1][usize::from(quarters & 3)];
                if quarters % 2 == 1 {
                    phase += image.phase + multiply(self.row_mut(row), &image.bits);
                }
                self.phases[row] = phase & 3;
            }
        }
    }

    /// What a Pauli string on the state now was at the start.
    pub fn image(&self, pauli: &PauliString) -> Row {
        let mut out = Row::identity(self.num_qubits);
        for (qubit, x, z) in letters(pauli) {
            out.phase += u8::from(x && z);
            if x {
                out.multiply(self.row(qubit), self.phases[qubit]);
            }
            if z {
                out.multiply(self.row(self.num_qubits + qubit), self.phases[self.num_qubits + qubit]);
            }
        }
        out.phase &= 3;
        out
    }

    /// The image of one qubit's Z.
    pub fn image_of_z(&self, qubit: usize) -> Row {
        let row = self.num_qubits + qubit;
        Row { bits: self.row(row).to_vec(), phase: self.phases[row] }
    }

    /// The outcome of measuring a qubit when it is certain.
    pub fn certain(&self, qubit: usize) -> Option<bool> {
        let row = self.num_qubits + qubit;
        let is_certain = self.row(row)[..self.words].iter().all(|word| *word == 0);
        is_certain.then(|| self.phases[row] == 2)
    }

    /// Projects a qubit whose outcome is open onto `outcome`.
    ///
    /// At the start, CX gates from a pivot clear the X part of the qubit's row but for the pivot, and leave |0…0> as it
    /// is; the projected state is then that of the pivot turned from |0> to |0> + s|1>, all others untouched.
    pub fn collapse(&mut self, qubit: usize, outcome: bool) {
        let measured = self.num_qubits + qubit;
        let x = &self.row(measured)[..self.words];
        let Some(pivot) = (0..self.num_qubits).find(|k| bit(x, *k)) else { return };
        let mut others: Vec<(usize, u64)> =
            x.iter().copied().enumerate().filter(|(_, word)| *word != 0).collect();
        others
            .iter_mut()
            .filter(|(word, _)| *word == pivot / 64)
            .for_each(|(_, mask)| *mask &= !(1 << (pivot % 64)));
        let turn = (self.phases[measured] + 2 * u8::from(outcome)) & 3;
        let (words, word, shift) = (self.words, pivot / 64, pivot % 64);
        for (row, phase) in self.bits.chunks_exact_mut(2 * words).zip(&mut self.phases) {
            let (x, z) = row.split_at_mut(words);
            let has_x = x[word] >> shift & 1;
            let mut crossed = 0;
            for (k, mask) in &others {
                crossed ^= z[*k] & mask;
                x[*k] ^= mask & has_x.wrapping_neg();
            }
            let has_z = z[word] >> shift & 1 ^ u64::from(crossed.count_ones() & 1);
            // D = diag(1, s) with s = i^turn, then H: X^x Z^z -> i^(-turn x) X^x Z^(z + turn x) -> (-1)^(xz) X^z Z^x.
            let new_x = has_z ^ (has_x & u64::from(turn));
            *phase = (*phase + (4 - turn) * has_x as u8 + 2 * (has_x & new_x) as u8) & 3;
            x[word] = x[word] & !(1 << shift) | new_x << shift;
            z[word] = z[word] & !(1 << shift) | has_x << shift;
        }
    }

    /// Applies X, Z or both to a qubit.
    pub fn strike(&mut self, qubit: usize, x: bool, z: bool) {
        let (row_x, row_z) = (qubit, self.num_qubits + qubit);
        self.phases[row_z] = (self.phases[row_z] + 2 * u8::from(x)) & 3;
        self.phases[row_x] = (self.phases[row_x] + 2 * u8::from(z)) & 3;
    }

    /// Flips a qubit.
    pub fn flip(&mut self, qubit: usize) {
        self.strike(qubit, true, false);
    }
}

impl Image {
    /// The rows (generators, X before Z) whose product it is.
    fn factors(&self, num_qubits: usize) -> impl Iterator<Item = usize> {
        let (x, z) = (self.x, self.z);
        let xs = (0..num_qubits).filter(move |k| x >> k & 1 == 1);
        xs.chain((0..num_qubits).filter(move |k| z >> k & 1 == 1).map(move |k| num_qubits + k))
    }
}
