//! Two-qubit gates as local gates between as few entangling gates as possible.
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use super::decomposition::{NEGLIGIBLE, Weyl, between, pauli};
use super::square::{Four, Square, Two};
use crate::math::{C64, cis};

/// The gate that entangles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entangler {
    /// CZ, and what is CZ between local gates: CX, ECR, MS(¼).
    Cz,
    /// RZZ of any angle.
    Rzz,
    /// ISWAP.
    Iswap,
}

/// One entangling gate of a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Link {
    Cz,
    Rzz(f64),
    Iswap,
}

/// Layers of local gates, the first acting first, with one link between each and the next.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    /// Gates of the first and the second qubit.
    pub layers: Vec<[Two; 2]>,
    /// One fewer than the layers.
    pub links: Vec<Link>,
}

impl Entangler {
    /// How many of these gates a unitary needs.
    pub fn count(self, unitary: &Four) -> usize {
        self.needed(&Weyl::of(unitary))
    }

    fn needed(self, weyl: &Weyl) -> usize {
        let [a, b, c] = weyl.coordinates.map(f64::abs);
        let zero = |value: f64| value < NEGLIGIBLE;
        let quarter = |value: f64| (value - FRAC_PI_4).abs() < NEGLIGIBLE;
        match self {
            _ if zero(a) && zero(b) && zero(c) => 0,
            Self::Rzz => [a, b, c].into_iter().filter(|value| !zero(*value)).count(),
            Self::Cz if quarter(a) && zero(b) && zero(c) => 1,
            Self::Iswap if quarter(a) && quarter(b) && zero(c) => 1,
            _ if zero(c) => 2,
            _ => 3,
        }
    }

    /// The shortest word, equal to the unitary up to a phase.
    pub fn word(self, unitary: &Four) -> Word {
        let weyl = Weyl::of(unitary);
        let count = self.needed(&weyl);
        match self {
            Self::Cz => cz_word(weyl, count),
            Self::Rzz => rzz_word(&weyl),
            Self::Iswap if count % 2 == 1 => iswap_word(cz_word(Weyl::of(&unitary.mul(&swap())), count)),
            Self::Iswap => iswap_word(cz_word(weyl, count)),
        }
    }
}

/// A word of exactly `count` CZ; with three any gate can be written.
fn cz_word(mut weyl: Weyl, count: usize) -> Word {
    let none = Two::identity();
    let hadamard = between(0, 2);
    let root = rotation(2, -FRAC_PI_2);
    let inner: Vec<[Two; 2]> = match count {
        0 => vec![[none; 2]],
        // exp(iπ/4·ZZ) is CZ and S† on both qubits.
        1 => vec![[root.mul(&hadamard).scale(cis(-FRAC_PI_4)); 2], [hadamard; 2]],
        2 => {
            // CX·RX(−2a)⊗RZ(−2b)·CX = exp(i(a·XX + b·ZZ)), the second qubit being the target.
            weyl.exchange(1, 2);
            let [a, _, b] = weyl.coordinates;
            let middle = hadamard.mul(&rotation(2, -2.0 * b)).mul(&hadamard);
            vec![[none, hadamard], [rotation(0, -2.0 * a), middle], [none, hadamard]]
        }
        _ => three(weyl.coordinates),
    };
    let links = vec![Link::Cz; inner.len() - 1];
    Word::between(&weyl, inner, links)
}

/// The layers of three CZ (Vatan and Williams, PRA 69, 032315, 2004).
fn three([a, b, c]: [f64; 3]) -> Vec<[Two; 2]> {
    let hadamard = between(0, 2);
    let y = |angle: f64| rotation(1, angle);
    let z = |angle: f64| rotation(2, angle);
    vec![
        [hadamard, z(-FRAC_PI_2)],
        [z(FRAC_PI_2 - 2.0 * c).mul(&hadamard), hadamard.mul(&y(2.0 * a - FRAC_PI_2))],
        [hadamard, y(FRAC_PI_2 - 2.0 * b).mul(&hadamard)],
        [z(FRAC_PI_2).mul(&hadamard), Two::identity()],
    ]
}

/// One RZZ for each coordinate that is not zero.
fn rzz_word(weyl: &Weyl) -> Word {
    let mut layers = vec![[Two::identity(); 2]];
    let mut links = Vec::new();
    for (axis, value) in weyl.coordinates.into_iter().enumerate() {
        if value.abs() < NEGLIGIBLE {
            continue;
        }
        let frame = if axis == 2 { Two::identity() } else { between(axis, 2) };
        if let Some(last) = layers.last_mut() {
            *last = last.map(|gate| frame.mul(&gate));
        }
        links.push(Link::Rzz(-2.0 * value));
        layers.push([frame; 2]);
    }
    Word::between(weyl, layers, links)
}

/// Each CZ as ISWAP, S† on both qubits and a SWAP that is drawn out to the right, where the caller has undone it.
fn iswap_word(mut word: Word) -> Word {
    let count = word.links.len();
    let root = Square([[C64::ONE, C64::ZERO], [C64::ZERO, -C64::I]]);
    for (k, layer) in word.layers.iter_mut().enumerate() {
        if (count - k) % 2 == 1 {
            layer.swap(0, 1);
        }
        if k < count {
            *layer = layer.map(|gate| root.mul(&gate));
        }
    }
    word.links = vec![Link::Iswap; count];
    word
}

impl Word {
    /// The layers between the local gates of a decomposition.
    fn between(weyl: &Weyl, mut layers: Vec<[Two; 2]>, links: Vec<Link>) -> Self {
        if let Some(first) = layers.first_mut() {
            *first = std::array::from_fn(|k| first[k].mul(&weyl.before[k]));
        }
        if let Some(last) = layers.last_mut() {
            *last = std::array::from_fn(|k| weyl.after[k].mul(&last[k]));
        }
        Self { layers, links }
    }

    /// The unitary that it writes.
    pub fn unitary(&self) -> Four {
        let mut total = Four::identity();
        for (k, [first, second]) in self.layers.iter().enumerate() {
            if let Some(link) = k.checked_sub(1).and_then(|k| self.links.get(k)) {
                total = link.unitary().mul(&total);
            }
            total = first.beside(second).mul(&total);
        }
        total
    }
}

impl Link {
    fn unitary(self) -> Four {
        let mut out = Four::identity();
        match self {
            Self::Cz => out.0[3][3] = -C64::ONE,
            Self::Rzz(angle) => {
                let half = [cis(-angle / 2.0), cis(angle / 2.0)];
                (0..4).for_each(|k| out.0[k][k] = half[(k >> 1) ^ (k & 1)]);
            }
            Self::Iswap => out = swap_with(C64::I),
        }
        out
    }
}

fn swap() -> Four {
    swap_with(C64::ONE)
}

fn swap_with(factor: C64) -> Four {
    let mut out = Four::identity();
    (out.0[1][1], out.0[2][2]) = (C64::ZERO, C64::ZERO);
    (out.0[1][2], out.0[2][1]) = (factor, factor);
    out
}

/// `exp(−i·angle/2·P)`.
fn rotation(axis: usize, angle: f64) -> Two {
    let (c, s) = (libm::cos(angle / 2.0), libm::sin(angle / 2.0));
    let letter = pauli(axis).0;
    let mut out = Two::identity().scale(C64::new(c, 0.0));
    for (row, from) in out.0.iter_mut().zip(letter) {
        row.iter_mut().zip(from).for_each(|(value, entry)| *value += entry * C64::new(0.0, -s));
    }
    out
}
