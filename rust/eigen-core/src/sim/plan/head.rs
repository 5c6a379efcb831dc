//! Diagonal terms right before a register group that each join one of its register bits with one other qubit, or with
//! none: what they multiply by is a product over the bits of everything else, whatever those are.
use super::group::Numbers;
use super::op::{Term, Where};
use crate::math::C64;
use crate::sim::kernel::register as kernel;
use crate::sim::tile::Tiling;
use crate::sim::vector::Real;

/// As a power of two, how many groups follow each other before their lines repeat.
const PERIOD: usize = 3;

/// The factors of three register bits.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The qubits of the lanes, then those that count the groups before the lines repeat.
    low: Vec<usize>,
    /// Those of the tile that count further, ascending.
    high: Vec<usize>,
    /// Where the lines begin among the plan's constants.
    at: usize,
    /// Terms with the register bit that each is of: with another qubit among the low ones or with none, with one among
    /// the high ones, and with one outside the tile.
    by_line: Vec<(usize, Term)>,
    by_number: Vec<(usize, Term)>,
    by_tile: Vec<(usize, Term, C64)>,
    /// For the numbers of the last binding: factors by the values of the high qubits.
    numbers: Vec<[C64; 3]>,
}

impl Head {
    /// Whether a head of register bits on these qubits can take a term.
    pub fn can_take(term: &Term, registers: u64) -> bool {
        let Where::Controls(controls) = term.on else { return false };
        let joined = controls.mask & registers;
        controls.value == controls.mask && joined.count_ones() == 1 && controls.mask.count_ones() <= 2
    }

    /// The head of a group whose block bits are `bits`.
    pub fn new<R: Real>(terms: &[Term], bits: [usize; 3], tiling: &Tiling, next: &mut usize) -> Self {
        let registers = bits.map(|bit| tiling.qubit(bit + R::LANE_QUBITS));
        let rest = (R::LANE_QUBITS..tiling.num_local()).map(|local| tiling.qubit(local));
        let rest: Vec<usize> = rest.filter(|qubit| !registers.contains(qubit)).collect();
        let (counted, high) = rest.split_at(PERIOD.min(rest.len()));
        let mut low: Vec<usize> = (0..R::LANE_QUBITS).map(|local| tiling.qubit(local)).collect();
        low.extend(counted);
        let at = *next;
        *next += kernel::Head::<R>::LINES << counted.len();
        let mut head = Head {
            low,
            high: high.to_vec(),
            at,
            by_line: Vec::new(),
            by_number: Vec::new(),
            by_tile: Vec::new(),
            numbers: Vec::new(),
        };
        for term in terms {
            let mask = term.on.mask();
            let bit = registers.iter().position(|qubit| mask >> qubit & 1 == 1).unwrap_or_default();
            let other = (mask & !(1 << registers[bit])).trailing_zeros() as usize;
            if head.high.contains(&other) {
                head.by_number.push((bit, *term));
            } else if other < 64 && !head.low.contains(&other) {
                head.by_tile.push((bit, *term, C64::ONE));
            } else {
                head.by_line.push((bit, *term));
            }
        }
        head
    }

    /// Writes the lines, and keeps what runs need.
    pub fn bind<R: Real>(&mut self, numbers: &Numbers<'_>, constants: &mut [R]) {
        let registers = |bit: usize, term: &Term| (bit, term.on.mask(), numbers.factors(term)[1]);
        let lines: Vec<_> = self.by_line.iter().map(|(bit, term)| registers(*bit, term)).collect();
        for index in 0..1usize << self.low.len() {
            let factors = product(&lines, &self.low, index);
            let (group, lane) = (index / R::LANES, index % R::LANES);
            for (k, factor) in factors.into_iter().enumerate() {
                let at = self.at + (6 * group + 2 * k) * R::LANES + lane;
                (constants[at], constants[at + R::LANES]) = (R::from_f64(factor.re), R::from_f64(factor.im));
            }
        }
        let high: Vec<_> = self.by_number.iter().map(|(bit, term)| registers(*bit, term)).collect();
        self.numbers.clear();
        self.numbers.extend((0..1usize << self.high.len()).map(|index| product(&high, &self.high, index)));
        for (_, term, factor) in &mut self.by_tile {
            *factor = numbers.factors(term)[1];
        }
    }

    /// What the kernel wants for a tile; `outer` holds the values of the qubits outside it.
    pub fn of_tile<'a, R: Real>(
        &self,
        outer: u64,
        constants: &'a [R],
        numbers: &'a mut Vec<R>,
    ) -> kernel::Head<'a, R> {
        let mut whole = [C64::ONE; 3];
        for (bit, term, factor) in &self.by_tile {
            // The register bit lies inside: the other one decides.
            if term.on.mask() & outer != 0 {
                whole[*bit] *= factor;
            }
        }
        numbers.clear();
        for inner in &self.numbers {
            for (a, b) in inner.iter().zip(whole) {
                let factor = a * b;
                numbers.extend([R::from_f64(factor.re), R::from_f64(factor.im)]);
            }
        }
        let len = kernel::Head::<R>::LINES << (self.low.len() - R::LANE_QUBITS);
        kernel::Head { lines: &constants[self.at..self.at + len], numbers }
    }
}

/// For each register bit the product of the factors whose other qubit is 1, or that have none; bit k of `index` is the
/// value of `qubits[k]`.
fn product(factors: &[(usize, u64, C64)], qubits: &[usize], index: usize) -> [C64; 3] {
    let unset = qubits.iter().enumerate().filter(|(k, _)| index >> k & 1 == 0);
    let unset = unset.fold(0u64, |mask, (_, qubit)| mask | 1 << qubit);
    let mut out = [C64::ONE; 3];
    for (bit, mask, factor) in factors {
        if mask & unset == 0 {
            out[*bit] *= factor;
        }
    }
    out
}
