//! What a circuit does to Pauli products, operation by operation.
use super::super::stabilizer::Action;
use crate::observable::{Pauli, PauliString};

/// Qubits of a local step whose products are listed.
pub(super) const MOST_LISTED: usize = 4;

/// `constant + sum of factor * value`, in radians.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Angle {
    pub constant: f64,
    /// Parameters with their factors.
    pub terms: Vec<(usize, f64)>,
}

impl Angle {
    /// The angle for these parameter values.
    pub fn value(&self, values: &[f64]) -> f64 {
        self.terms.iter().fold(self.constant, |sum, (parameter, factor)| sum + factor * values[*parameter])
    }
}

/// One step, as it acts on observables: from the end of the circuit to its beginning.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A small Clifford gate takes each product to one product.
    Clifford { gate: usize, qubits: Box<[u32]> },
    /// `exp(-i angle/2 P)`.
    Rotation { pauli: Letters, angle: Angle },
    /// Pauli noise multiplies each product by a factor of its own.
    Damping { damping: usize, qubits: Box<[u32]> },
    /// A channel takes each product to a sum of products.
    Channel { map: usize, qubits: Box<[u32]> },
}

/// A Pauli string by words: the words of x and z where it is not the identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Letters {
    /// Word, x, z.
    pub words: Vec<(usize, u64, u64)>,
}

impl Letters {
    /// From a sparse string.
    pub fn new(string: &PauliString) -> Self {
        let mut words: Vec<(usize, u64, u64)> = Vec::new();
        for (qubit, letter) in string.factors() {
            let (word, mask) = (*qubit as usize / 64, 1u64 << (qubit % 64));
            if words.last().is_none_or(|(last, ..)| *last != word) {
                words.push((word, 0, 0));
            }
            if let Some((_, x, z)) = words.last_mut() {
                *x |= if *letter == Pauli::Z { 0 } else { mask };
                *z |= if *letter == Pauli::X { 0 } else { mask };
            }
        }
        Letters { words }
    }
}

/// A product on a few qubits: bit `k` of `x` and `z` is the k-th. Its phase is that of a product of letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Local {
    pub x: u16,
    pub z: u16,
}

/// A product and whether it comes with a minus.
pub(super) type Signed = (Local, bool);

/// A Clifford gate as it acts on products, both ways.
#[derive(Clone, Debug)]
pub(super) struct LocalClifford {
    count: usize,
    action: Action,
    /// `G^-1 P G` by `x | z << count`, for few qubits; empty for many.
    backward: Vec<Signed>,
    /// The way back.
    forward: Vec<Signed>,
}

impl LocalClifford {
    /// From the action on generators.
    pub fn new(action: Action) -> Self {
        let count = action.backward.len() / 2;
        let mut gate = LocalClifford { count, action, backward: Vec::new(), forward: Vec::new() };
        if count <= MOST_LISTED {
            let all =
                |index: usize| Local { x: (index & ((1 << count) - 1)) as u16, z: (index >> count) as u16 };
            let listed: Vec<Signed> = (0..1 << (2 * count)).map(|index| gate.image(all(index))).collect();
            gate.forward = vec![(Local::default(), false); listed.len()];
            for (index, (to, negative)) in listed.iter().enumerate() {
                let place = gate.index(*to);
                gate.forward[place] = (all(index), *negative);
            }
            gate.backward = listed;
        }
        gate
    }

    fn index(&self, local: Local) -> usize {
        usize::from(local.x) | usize::from(local.z) << self.count
    }

    /// `G^-1 P G`.
    pub fn backward(&self, local: Local) -> Signed {
        if self.backward.is_empty() { self.image(local) } else { self.backward[self.index(local)] }
    }

    /// `G P G^-1`; `None` for many qubits, where it is not kept.
    pub fn forward(&self, local: Local) -> Option<Signed> {
        self.forward.get(self.index(local)).copied()
    }

    /// The product of the images of generators: `P = i^(x and z) X^x Z^z`.
    fn image(&self, local: Local) -> Signed {
        let mut phase = (local.x & local.z).count_ones();
        let (mut x, mut z) = (0u16, 0u16);
        let xs = (0..self.count).filter(|k| local.x >> k & 1 == 1);
        let zs = (0..self.count).filter(|k| local.z >> k & 1 == 1).map(|k| self.count + k);
        for generator in xs.chain(zs) {
            let image = &self.action.backward[generator];
            phase += u32::from(image.phase) + 2 * (z & image.x).count_ones();
            (x, z) = (x ^ image.x, z ^ image.z);
        }
        let negative = (phase + 4 * 16 - (x & z).count_ones()) & 3 == 2;
        (Local { x, z }, negative)
    }
}

/// Factors of a Pauli channel by `x | z << count`.
#[derive(Clone, Debug)]
pub(super) struct Damping {
    pub factors: Vec<f64>,
}

impl Damping {
    /// From the probabilities of Pauli strings, letter `a` on the first and `b` on the second at `a + 4 b`.
    pub fn new(probabilities: &[f64]) -> Self {
        let count = probabilities.len().ilog2() as usize / 2;
        let bits = |index: usize| -> (usize, usize) {
            let letter = |k: usize| match index >> (2 * k) & 3 {
                1 => (1, 0),
                2 => (1, 1),
                3 => (0, 1),
                _ => (0, 0),
            };
            (0..count).fold((0, 0), |(x, z), k| (x | letter(k).0 << k, z | letter(k).1 << k))
        };
        let factor = |own: usize| -> f64 {
            let (x, z) = (own & ((1 << count) - 1), own >> count);
            let struck = |index: usize| {
                let (ex, ez) = bits(index);
                ((x & ez).count_ones() + (z & ex).count_ones()) % 2 == 1
            };
            let lost: f64 = (0..probabilities.len()).filter(|k| struck(*k)).map(|k| probabilities[k]).sum();
            1.0 - 2.0 * lost
        };
        Damping { factors: (0..probabilities.len()).map(factor).collect() }
    }
}

/// A channel as it acts on products: each becomes a sum, by `x | z << count`.
#[derive(Clone, Debug)]
pub(super) struct LocalMap {
    pub sums: Vec<Vec<(Local, f64)>>,
}
