//! Signed Pauli operators as bit planes: for each qubit the X and the Z bit of every operator, 64 to a word.

/// A Pauli matrix that is not the identity: bit 0 is its X, bit 1 its Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letter {
    X = 1,
    Z = 2,
    Y = 3,
}

impl Letter {
    pub const ALL: [Self; 3] = [Self::X, Self::Y, Self::Z];

    /// The letter of an X and a Z bit.
    pub fn of(x: bool, z: bool) -> Option<Self> {
        match (x, z) {
            (false, false) => None,
            (true, false) => Some(Self::X),
            (false, true) => Some(Self::Z),
            (true, true) => Some(Self::Y),
        }
    }

    /// All ones where the letter has an X, and where it has a Z.
    fn masks(self) -> (u64, u64) {
        let bits = self as u64;
        ((bits & 1).wrapping_neg(), (bits >> 1).wrapping_neg())
    }
}

/// A Clifford gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    H(u32),
    S(u32),
    Sdg(u32),
    Cx(u32, u32),
}

/// `(1 + σ + τ − σ·τ)/2` with σ on the first and τ on the second qubit: CX but for the axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bond {
    pub qubits: [u32; 2],
    pub letters: [Letter; 2],
}

impl Bond {
    /// The gates it is made of.
    pub fn moves(self) -> Vec<Move> {
        let [a, b] = self.qubits;
        let before: (&[Move], &[Move]) = match self.letters[0] {
            Letter::X => (&[Move::H(a)], &[Move::H(a)]),
            Letter::Y => (&[Move::Sdg(a), Move::H(a)], &[Move::H(a), Move::S(a)]),
            Letter::Z => (&[], &[]),
        };
        let after: (&[Move], &[Move]) = match self.letters[1] {
            Letter::X => (&[], &[]),
            Letter::Y => (&[Move::Sdg(b)], &[Move::S(b)]),
            Letter::Z => (&[Move::H(b)], &[Move::H(b)]),
        };
        [before.0, after.0, &[Move::Cx(a, b)], before.1, after.1].concat()
    }
}

/// The X and Z bits of 64 operators on one qubit.
type Pair = (u64, u64);

/// Operators as columns.
#[derive(Clone, Debug)]
pub(super) struct Planes {
    words: usize,
    /// Words before this one are no longer of interest.
    first: usize,
    planes: Vec<Pair>,
    minus: Vec<u64>,
}

impl Planes {
    pub fn new(num_qubits: usize, words: usize) -> Self {
        Self { words, first: 0, planes: vec![(0, 0); num_qubits * words], minus: vec![0; words] }
    }

    pub fn num_qubits(&self) -> usize {
        self.planes.len() / self.words.max(1)
    }

    /// Gives up the operators of the words before this one.
    pub fn forget_before(&mut self, word: usize) {
        self.first = word;
    }

    /// Puts an operator in a column that is empty so far.
    pub fn put(&mut self, column: usize, x: &[u64], z: &[u64], minus: bool) {
        let (word, bit) = (column / 64, column % 64);
        for qubit in 0..self.num_qubits() {
            let of = |bits: &[u64]| (bits[qubit / 64] >> (qubit % 64) & 1) << bit;
            let pair = &mut self.planes[qubit * self.words + word];
            *pair = (pair.0 | of(x), pair.1 | of(z));
        }
        self.minus[word] |= u64::from(minus) << bit;
    }

    /// The bits of the operators of a word on a qubit.
    pub fn at(&self, qubit: usize, word: usize) -> Pair {
        self.planes[qubit * self.words + word]
    }

    pub fn letter(&self, qubit: usize, column: usize) -> Option<Letter> {
        let (x, z) = self.at(qubit, column / 64);
        Letter::of(x >> (column % 64) & 1 == 1, z >> (column % 64) & 1 == 1)
    }

    pub fn is_minus(&self, column: usize) -> bool {
        self.minus[column / 64] >> (column % 64) & 1 == 1
    }

    /// The qubits on which an operator is not the identity.
    pub fn support(&self, column: usize) -> Vec<u32> {
        (0..self.num_qubits()).filter(|q| self.letter(*q, column).is_some()).map(|q| q as u32).collect()
    }

    fn row(&mut self, qubit: u32) -> (&mut [Pair], &mut [u64]) {
        let start = qubit as usize * self.words;
        let Self { first, words, planes, minus } = self;
        (&mut planes[start + *first..start + *words], &mut minus[*first..])
    }

    /// Conjugates every operator with a gate.
    pub fn apply(&mut self, gate: Move) {
        match gate {
            Move::H(qubit) => {
                let (row, minus) = self.row(qubit);
                for ((x, z), minus) in row.iter_mut().zip(minus) {
                    *minus ^= *x & *z;
                    std::mem::swap(x, z);
                }
            }
            Move::S(qubit) => {
                let (row, minus) = self.row(qubit);
                for ((x, z), minus) in row.iter_mut().zip(minus) {
                    *minus ^= *x & *z;
                    *z ^= *x;
                }
            }
            Move::Sdg(qubit) => {
                let (row, minus) = self.row(qubit);
                for ((x, z), minus) in row.iter_mut().zip(minus) {
                    *minus ^= *x & !*z;
                    *z ^= *x;
                }
            }
            Move::Cx(control, to) => {
                let (from, into) = (control as usize * self.words, to as usize * self.words);
                for word in self.first..self.words {
                    let ((xc, zc), (xt, zt)) = (self.planes[from + word], self.planes[into + word]);
                    self.minus[word] ^= xc & zt & !(xt ^ zc);
                    self.planes[from + word].1 = zc ^ zt;
                    self.planes[into + word].0 = xt ^ xc;
                }
            }
        }
    }

    /// Which operators of a word have one qubit more, and which one fewer, after a bond: bits of the first and of the
    /// second qubit before and after.
    pub fn supports(&self, bond: Bond, word: usize) -> [u64; 4] {
        let [a, b] = bond.qubits.map(|qubit| self.at(qubit as usize, word));
        let [(lx, lz), (rx, rz)] = bond.letters.map(Letter::masks);
        let left = (a.0 & lz) ^ (a.1 & lx);
        let right = (b.0 & rz) ^ (b.1 & rx);
        let after = [(a.0 ^ (right & lx)) | (a.1 ^ (right & lz)), (b.0 ^ (left & rx)) | (b.1 ^ (left & rz))];
        [a.0 | a.1, b.0 | b.1, after[0], after[1]]
    }
}
