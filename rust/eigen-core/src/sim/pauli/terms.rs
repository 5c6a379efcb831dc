//! A sum of Pauli products, each found by its bits. The order of the products is that in which they came.
use super::step::{Letters, Local};
use crate::rng::Philox;

/// Stands for no term.
const NONE: u32 = u32::MAX;
/// The seed of the hash: any number.
const HASH_SEED: u64 = 0x0050_6175_6C69;

/// Random words whose sum over the bits of a product is its hash: a gate changes it by what it changes.
pub(super) struct Hashes {
    /// Those of x by qubit, then those of z.
    words: Vec<u64>,
    num_qubits: usize,
}

impl Hashes {
    /// For products on so many qubits.
    pub fn new(num_qubits: usize) -> Self {
        let mut words = vec![0; 2 * num_qubits];
        Philox::new(HASH_SEED, 0).fill(&mut words);
        Hashes { words, num_qubits }
    }

    #[inline]
    fn of(&self, qubit: u32, x: bool, z: bool) -> u64 {
        let (own_x, own_z) = (self.words[qubit as usize], self.words[self.num_qubits + qubit as usize]);
        (own_x & u64::from(x).wrapping_neg()) ^ (own_z & u64::from(z).wrapping_neg())
    }

    /// The hash of a local product.
    #[inline]
    pub fn of_local(&self, local: Local, qubits: &[u32]) -> u64 {
        qubits
            .iter()
            .enumerate()
            .fold(0, |hash, (k, qubit)| hash ^ self.of(*qubit, local.x >> k & 1 == 1, local.z >> k & 1 == 1))
    }

    /// The hash of a string.
    pub fn of_letters(&self, letters: &Letters) -> u64 {
        let mut hash = 0;
        for (word, x, z) in &letters.words {
            for k in (0..64).filter(|k| (x | z) >> k & 1 == 1) {
                hash ^= self.of((64 * word + k) as u32, x >> k & 1 == 1, z >> k & 1 == 1);
            }
        }
        hash
    }
}

/// Distinct Pauli products with real coefficients.
pub(super) struct Terms {
    words: usize,
    /// For each term the words of x, then those of z.
    pub bits: Vec<u64>,
    pub hashes: Vec<u64>,
    pub coefficients: Vec<f64>,
    /// Open addressing with linear probing; stale until `index` when `is_indexed` is false.
    table: Vec<u32>,
    is_indexed: bool,
}

impl Terms {
    /// No terms.
    pub fn new(num_qubits: usize) -> Self {
        Terms {
            words: num_qubits.div_ceil(64).max(1),
            bits: Vec::new(),
            hashes: Vec::new(),
            coefficients: Vec::new(),
            table: vec![NONE; 16],
            is_indexed: true,
        }
    }

    /// Bytes of one term, its place in the table included, twice for growing.
    pub fn bytes(num_qubits: usize) -> u128 {
        2 * (16 * num_qubits.div_ceil(64).max(1) as u128 + 8 + 8 + 4 * 4)
    }

    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The words of a term, those of x first.
    #[inline]
    pub fn row(&self, term: usize) -> &[u64] {
        &self.bits[2 * self.words * term..2 * self.words * (term + 1)]
    }

    /// Words of x or z.
    #[inline]
    pub fn words(&self) -> usize {
        self.words
    }

    /// Whether a term has no X or Y: then it is 1 on |0…0>, else 0.
    pub fn is_diagonal(&self, term: usize) -> bool {
        self.row(term)[..self.words].iter().all(|word| *word == 0)
    }

    /// Number of letters of a term.
    pub fn weight(&self, row: &[u64]) -> u32 {
        let (x, z) = row.split_at(self.words);
        x.iter().zip(z).map(|(x, z)| (x | z).count_ones()).sum()
    }

    /// The local product of a term.
    #[inline]
    pub fn local(&self, term: usize, qubits: &[u32]) -> Local {
        let row = self.row(term);
        let mut local = Local::default();
        for (k, qubit) in qubits.iter().enumerate() {
            let (word, shift) = (*qubit as usize / 64, qubit % 64);
            local.x |= ((row[word] >> shift & 1) as u16) << k;
            local.z |= ((row[self.words + word] >> shift & 1) as u16) << k;
        }
        local
    }

    /// Replaces the local product of a term.
    #[inline]
    pub fn set_local(&mut self, term: usize, qubits: &[u32], from: Local, to: Local, hashes: &Hashes) {
        let changed = Local { x: from.x ^ to.x, z: from.z ^ to.z };
        self.hashes[term] ^= hashes.of_local(changed, qubits);
        let words = self.words;
        let row = &mut self.bits[2 * words * term..2 * words * (term + 1)];
        flip(row, words, qubits, changed);
        self.is_indexed = false;
    }

    /// Makes the table true again.
    pub fn index(&mut self) {
        if self.is_indexed {
            return;
        }
        let size = (2 * self.len()).next_power_of_two().max(16);
        self.table.clear();
        self.table.resize(size, NONE);
        for term in 0..self.len() {
            self.enter(term);
        }
        self.is_indexed = true;
    }

    fn enter(&mut self, term: usize) {
        let mask = self.table.len() - 1;
        let mut place = self.hashes[term] as usize & mask;
        while self.table[place] != NONE {
            place = (place + 1) & mask;
        }
        self.table[place] = term as u32;
    }

    /// The term with this hash for which `is_same` holds. The table must be true.
    #[inline]
    pub fn find(&self, hash: u64, is_same: impl Fn(&[u64]) -> bool) -> Option<usize> {
        let mask = self.table.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let term = self.table[place];
            if term == NONE {
                return None;
            }
            let term = term as usize;
            if self.hashes[term] == hash && is_same(self.row(term)) {
                return Some(term);
            }
            place = (place + 1) & mask;
        }
    }

    /// Multiplies a term by a string.
    pub fn multiply(&mut self, term: usize, by: &Letters, hash: u64) {
        let (words, start) = (self.words, 2 * self.words * term);
        for (word, x, z) in &by.words {
            self.bits[start + word] ^= x;
            self.bits[start + words + word] ^= z;
        }
        self.hashes[term] = hash;
        self.is_indexed = false;
    }

    /// Appends the product of a term and a string, which must be new. The table stays true.
    pub fn push_product(&mut self, term: usize, by: &Letters, hash: u64, coefficient: f64) {
        let start = 2 * self.words * term;
        self.bits.extend_from_within(start..start + 2 * self.words);
        let end = self.bits.len();
        let (words, row) = (self.words, &mut self.bits[end - 2 * self.words..]);
        for (word, x, z) in &by.words {
            row[*word] ^= x;
            row[words + word] ^= z;
        }
        self.pushed(hash, coefficient);
    }

    /// Adds a product; an equal one takes the coefficient. The table must be true and stays so.
    pub fn add(&mut self, row: &[u64], hash: u64, coefficient: f64) {
        match self.find(hash, |other| other == row) {
            Some(term) => self.coefficients[term] += coefficient,
            None => {
                self.bits.extend_from_slice(row);
                self.pushed(hash, coefficient);
            }
        }
    }

    fn pushed(&mut self, hash: u64, coefficient: f64) {
        self.hashes.push(hash);
        self.coefficients.push(coefficient);
        if 2 * self.len() > self.table.len() {
            self.is_indexed = false;
            self.index();
        } else {
            self.enter(self.len() - 1);
        }
    }

    /// Drops the terms from number `count` on, which came last.
    pub fn truncate(&mut self, count: usize) {
        let mask = self.table.len() - 1;
        // No later entry was displaced by one that goes, so that its place may become empty.
        for term in (count..self.len()).rev().filter(|_| self.is_indexed) {
            let mut place = self.hashes[term] as usize & mask;
            while self.table[place] as usize != term {
                place = (place + 1) & mask;
            }
            self.table[place] = NONE;
        }
        self.bits.truncate(2 * self.words * count);
        self.hashes.truncate(count);
        self.coefficients.truncate(count);
    }

    /// Keeps the terms whose coefficient is large enough; gives the sum of the others' sizes.
    pub fn prune(&mut self, cutoff: f64) -> f64 {
        let (mut kept, mut lost) = (0, 0.0);
        let size = 2 * self.words;
        let count = self.len();
        for term in 0..count {
            let coefficient = self.coefficients[term];
            if coefficient.abs() < cutoff || coefficient == 0.0 {
                lost += coefficient.abs();
                continue;
            }
            if kept < term {
                self.bits.copy_within(size * term..size * (term + 1), size * kept);
                self.hashes[kept] = self.hashes[term];
                self.coefficients[kept] = coefficient;
            }
            kept += 1;
        }
        if kept < count {
            self.bits.truncate(size * kept);
            self.hashes.truncate(kept);
            self.coefficients.truncate(kept);
            self.is_indexed = false;
        }
        lost
    }
}

/// Flips local bits of a row.
#[inline]
pub(super) fn flip(row: &mut [u64], words: usize, qubits: &[u32], changed: Local) {
    for (k, qubit) in qubits.iter().enumerate() {
        let (word, shift) = (*qubit as usize / 64, qubit % 64);
        row[word] ^= u64::from(changed.x >> k & 1) << shift;
        row[words + word] ^= u64::from(changed.z >> k & 1) << shift;
    }
}
