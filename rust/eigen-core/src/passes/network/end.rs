//! The Clifford gate that is left when all rotations are done: its images of X and Z are shortened, bond by bond, to one
//! qubit each. Circuits of Clifford gates alone are written by this.
use super::planes::{Bond, Letter, Move};
use super::weave::Weaver;

/// Qubits of an image between which bonds are tried.
const MOST_TRIED: usize = 16;

impl Weaver {
    /// Writes the gate but for an order of the qubits: what qubit `p[k]` holds belongs on `k`. `None` when that takes
    /// more bonds than allowed.
    pub fn end(&mut self) -> Option<Vec<u32>> {
        let n = self.planes.num_qubits();
        let mut open: Vec<usize> = (0..n).collect();
        loop {
            open.retain(|k| self.spread(*k).len() > 1);
            let lengths = open.iter().map(|k| (self.length(*k), *k));
            let Some((_, k)) = lengths.min() else { break };
            if self.bonds >= self.limit {
                return None;
            }
            let bond = self.best_for(k)?;
            self.bind(bond);
        }
        (0..n).map(|k| self.straighten(k)).collect()
    }

    fn images(&self, k: usize) -> [usize; 2] {
        let start = self.words * 64;
        [start + k, start + self.planes.num_qubits() + k]
    }

    /// The qubits on which either image of a qubit is not the identity.
    fn spread(&self, k: usize) -> Vec<u32> {
        let images = self.images(k);
        let touched =
            |qubit: &u32| images.iter().any(|at| self.planes.letter(*qubit as usize, *at).is_some());
        (0..self.planes.num_qubits() as u32).filter(touched).collect()
    }

    fn length(&self, k: usize) -> usize {
        self.images(k).iter().map(|at| self.planes.support(*at).len()).sum()
    }

    /// The bond that shortens the images of a qubit, and all images together most.
    fn best_for(&self, k: usize) -> Option<Bond> {
        let spread: Vec<u32> = self.spread(k).into_iter().take(MOST_TRIED).collect();
        let mut best: Option<(i64, Bond)> = None;
        for (i, a) in spread.iter().enumerate() {
            for b in &spread[i + 1..] {
                for left in Letter::ALL {
                    for right in Letter::ALL {
                        let bond = Bond { qubits: [*a, *b], letters: [left, right] };
                        let own = self.change_of(k, bond);
                        if own >= 0 {
                            continue;
                        }
                        let cost = 64 * self.change_at_end(bond) + own;
                        if best.is_none_or(|(least, _)| cost < least) {
                            best = Some((cost, bond));
                        }
                    }
                }
            }
        }
        best.map(|(_, bond)| bond)
    }

    fn change_of(&self, k: usize, bond: Bond) -> i64 {
        let change = |column: usize| {
            let [a, b, c, d] =
                self.planes.supports(bond, column / 64).map(|bits| (bits >> (column % 64) & 1) as i64);
            c + d - a - b
        };
        self.images(k).map(change).iter().sum()
    }

    /// Turns the images of a qubit, each on the same one qubit, to X and Z.
    fn straighten(&mut self, k: usize) -> Option<u32> {
        let [x, z] = self.images(k);
        let qubit = *self.spread(k).first()?;
        let at = qubit as usize;
        if self.planes.letter(at, x) == Some(Letter::Z) {
            self.apply(Move::H(qubit));
        }
        if self.planes.letter(at, x) == Some(Letter::Y) {
            self.apply(Move::Sdg(qubit));
        }
        if self.planes.letter(at, z) == Some(Letter::Y) {
            [Move::H(qubit), Move::S(qubit), Move::H(qubit)].into_iter().for_each(|gate| self.apply(gate));
        }
        if self.planes.is_minus(x) {
            [Move::S(qubit), Move::S(qubit)].into_iter().for_each(|gate| self.apply(gate));
        }
        if self.planes.is_minus(z) {
            [Move::H(qubit), Move::S(qubit), Move::S(qubit), Move::H(qubit)]
                .into_iter()
                .for_each(|gate| self.apply(gate));
        }
        Some(qubit)
    }
}
