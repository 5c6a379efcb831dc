//! Rotations one after the other: bonds are chosen that shorten the operators to come, and an operator that has shrunk to
//! one qubit is a rotation there.
//!
//! After de Brugière and Martiel, "Faster and shorter synthesis of Hamiltonian simulation circuits" (2024), and
//! Paykin et al., "PCOAST" (2023): greedy, all operators conjugated at once, later ones counting less.
use super::order::{Order, REACH, Window, columns};
use super::planes::{Bond, Letter, Move, Planes};

/// Operators on more qubits than this are left to others.
const WIDEST: u64 = 40;
/// Rotations of the least weight whose bonds are tried.
const MOST_TRIED: usize = 24;

/// What is written.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Gate(Move),
    /// The rotation of a column, about an axis of a qubit.
    Turn {
        column: usize,
        qubit: u32,
        letter: Letter,
        minus: bool,
    },
}

/// How much later rotations count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// The weight of each layer; what lies behind the last does not count.
    pub layers: &'static [i64],
    /// What the Clifford gate at the end counts for.
    pub end: i64,
}

/// Operators, and the gates so far.
#[derive(Clone, Debug)]
pub(super) struct Weaver {
    pub planes: Planes,
    pub out: Vec<Piece>,
    /// Bonds so far, and how many there may be.
    pub bonds: usize,
    pub limit: usize,
    /// Words of rotations; the images of the Clifford gate at the end lie behind them.
    pub words: usize,
    pub all: usize,
}

impl Weaver {
    pub fn apply(&mut self, gate: Move) {
        self.planes.apply(gate);
        self.out.push(Piece::Gate(gate));
    }

    pub fn bind(&mut self, bond: Bond) {
        bond.moves().into_iter().for_each(|gate| self.apply(gate));
        self.bonds += 1;
    }

    /// Does every rotation. `None` when that takes more bonds than allowed.
    pub fn rotations(&mut self, total: usize, taste: Taste) -> Option<()> {
        let mut order = Order::new(total, &self.planes);
        // Bonds change no order: operators that commute still do.
        let mut layers = order.layers(taste.layers.len());
        while !order.is_empty() {
            while self.finish(&mut order, &layers[0]) {
                if order.is_empty() {
                    return Some(());
                }
                layers = order.layers(taste.layers.len());
            }
            if self.bonds >= self.limit {
                return None;
            }
            let bond = self.choose(&order, &layers, taste)?;
            self.bind(bond);
        }
        Some(())
    }

    /// Writes the rotations of a layer that are on one qubit; whether there were any.
    fn finish(&mut self, order: &mut Order, layer: &Window) -> bool {
        let start = order.first();
        let mut any = false;
        for word in 0..REACH {
            if layer[word] == 0 {
                continue;
            }
            let (mut once, mut twice) = (0u64, 0u64);
            for qubit in 0..self.planes.num_qubits() {
                let (x, z) = self.planes.at(qubit, start + word);
                twice |= once & (x | z);
                once |= x | z;
            }
            let mut single = [0; REACH];
            single[word] = once & !twice & layer[word];
            for at in columns(&single) {
                let column = start * 64 + at;
                let found = (0..self.planes.num_qubits())
                    .find_map(|qubit| Some((qubit as u32, self.planes.letter(qubit, column)?)));
                let Some((qubit, letter)) = found else { continue };
                let minus = self.planes.is_minus(column);
                self.out.push(Piece::Turn { column, qubit, letter, minus });
                order.done(column, &mut self.planes);
                any = true;
            }
            if order.first() != start {
                return true;
            }
        }
        any
    }

    /// The bond that shortens one of the shortest operators of the first layer and helps the others most.
    fn choose(&self, order: &Order, layers: &[Window], taste: Taste) -> Option<Bond> {
        let start = order.first();
        let shortest = self.shortest(start, &layers[0])?;
        let mut best: Option<(i64, Bond)> = None;
        for at in columns(&shortest).take(MOST_TRIED) {
            let column = start * 64 + at;
            let support = self.planes.support(column);
            for (k, a) in support.iter().enumerate() {
                for b in &support[k + 1..] {
                    for bond in self.shortening(column, [*a, *b]) {
                        let cost = self.change(bond, start, layers, taste);
                        if best.is_none_or(|(least, _)| cost < least) {
                            best = Some((cost, bond));
                        }
                    }
                }
            }
        }
        best.map(|(_, bond)| bond)
    }

    /// Those of a layer that are on the fewest qubits, unless these are too many.
    fn shortest(&self, start: usize, layer: &Window) -> Option<Window> {
        let mut least = [u64::MAX; REACH];
        let mut lengths = [[0u64; 6]; REACH];
        for word in 0..REACH {
            if layer[word] == 0 {
                continue;
            }
            let mut over = 0;
            for qubit in 0..self.planes.num_qubits() {
                let (x, z) = self.planes.at(qubit, start + word);
                let mut carry = x | z;
                for digit in &mut lengths[word] {
                    (*digit, carry) = (*digit ^ carry, *digit & carry);
                }
                over |= carry;
            }
            least[word] = layer[word] & !over;
        }
        let mut kept: Window = std::array::from_fn(|word| least[word] & layer[word]);
        if kept == [0; REACH] {
            return None;
        }
        let mut length = 0;
        for digit in (0..6).rev() {
            let smaller: Window = std::array::from_fn(|word| kept[word] & !lengths[word][digit]);
            if smaller == [0; REACH] {
                length |= 1 << digit;
            } else {
                kept = smaller;
            }
        }
        (length <= WIDEST).then_some(kept)
    }

    /// The four bonds on two qubits of an operator that take one of them off it.
    fn shortening(&self, column: usize, [a, b]: [u32; 2]) -> impl Iterator<Item = Bond> + use<> {
        let letters = [a, b].map(|qubit| self.planes.letter(qubit as usize, column));
        let all = Letter::ALL.into_iter();
        all.flat_map(|one| Letter::ALL.into_iter().map(move |other| [one, other])).filter_map(move |pair| {
            let same = [0, 1].map(|k| letters[k] == Some(pair[k]));
            (same[0] != same[1]).then_some(Bond { qubits: [a, b], letters: pair })
        })
    }

    /// What a bond adds to the lengths of the operators, each layer by its weight.
    fn change(&self, bond: Bond, start: usize, layers: &[Window], taste: Taste) -> i64 {
        let mut sum = 0;
        for word in 0..REACH {
            if layers.iter().all(|layer| layer[word] == 0) {
                continue;
            }
            let [a, b, c, d] = self.planes.supports(bond, start + word);
            // Only what grows or shrinks counts; most layers have nothing of it in a word.
            let [more, fewer] = [[c & !a, d & !b], [a & !c, b & !d]];
            let changed = more[0] | more[1] | fewer[0] | fewer[1];
            for (layer, weight) in layers.iter().zip(taste.layers) {
                let here = layer[word];
                if changed & here == 0 {
                    continue;
                }
                let count = |bits: [u64; 2]| bits.map(|bits| i64::from((bits & here).count_ones()));
                let ([p, q], [r, s]) = (count(more), count(fewer));
                sum += weight * (p + q - r - s);
            }
        }
        if taste.end > 0 {
            sum += taste.end * self.change_at_end(bond);
        }
        sum
    }

    /// What a bond adds to the lengths of the images of the Clifford gate at the end.
    pub fn change_at_end(&self, bond: Bond) -> i64 {
        let count = |bits: u64| i64::from(bits.count_ones());
        let words = self.words..self.all;
        words
            .map(|word| self.planes.supports(bond, word))
            .map(|[a, b, c, d]| count(c) + count(d) - count(a) - count(b))
            .sum()
    }
}
