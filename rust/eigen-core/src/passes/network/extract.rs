//! A stretch of gates as rotations about Pauli operators and one Clifford gate behind them.
use std::collections::HashMap;

use super::planes::{Letter, Move};
use crate::param::Affine;

/// How far back an equal operator is looked for.
const REACH: usize = 512;

/// `i^power·X^x·Z^z`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub x: Vec<u64>,
    pub z: Vec<u64>,
    power: u32,
}

impl Row {
    fn times(&self, other: &Self) -> Self {
        let odd = self.z.iter().zip(&other.x).map(|(z, x)| (z & x).count_ones()).sum::<u32>() % 2;
        let sum = |a: &[u64], b: &[u64]| a.iter().zip(b).map(|(a, b)| a ^ b).collect();
        Self {
            x: sum(&self.x, &other.x),
            z: sum(&self.z, &other.z),
            power: (self.power + other.power + 2 * odd) % 4,
        }
    }

    fn turned(mut self, power: u32) -> Self {
        self.power = (self.power + power) % 4;
        self
    }

    /// Whether the operator, a product of letters, has a minus.
    pub fn is_minus(&self) -> bool {
        let ys: u32 = self.x.iter().zip(&self.z).map(|(x, z)| (x & z).count_ones()).sum();
        (self.power + 4 - ys % 4) % 4 == 2
    }

    /// On how many qubits the operator is not the identity.
    pub fn weight(&self) -> u32 {
        self.x.iter().zip(&self.z).map(|(x, z)| (x | z).count_ones()).sum()
    }

    fn commutes(&self, other: &Self) -> bool {
        let cross = |a: &[u64], b: &[u64]| a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum::<u32>();
        (cross(&self.x, &other.z) + cross(&self.z, &other.x)) % 2 == 0
    }
}

/// `exp(−i·angle·P/2)`.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    pub row: Row,
    pub angle: Affine,
}

/// What has been read: rotations in order, then the Clifford gate C with the images `C†·X·C` and `C†·Z·C`.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub rotations: Vec<Rotation>,
    /// X images, then Z images.
    pub images: Vec<Row>,
    /// The gates of C.
    pub moves: Vec<Move>,
    known: HashMap<(Vec<u64>, Vec<u64>), usize>,
}

impl Reader {
    pub fn new(num_qubits: usize) -> Self {
        let words = num_qubits.div_ceil(64);
        let unit = |qubit: usize| -> Vec<u64> {
            (0..words).map(|word| if qubit / 64 == word { 1 << (qubit % 64) } else { 0 }).collect()
        };
        let none = vec![0; words];
        let xs = (0..num_qubits).map(|qubit| Row { x: unit(qubit), z: none.clone(), power: 0 });
        let zs = (0..num_qubits).map(|qubit| Row { x: none.clone(), z: unit(qubit), power: 0 });
        Self {
            rotations: Vec::new(),
            images: xs.chain(zs).collect(),
            moves: Vec::new(),
            known: HashMap::new(),
        }
    }

    fn num_qubits(&self) -> usize {
        self.images.len() / 2
    }

    /// A Clifford gate.
    pub fn gate(&mut self, gate: Move) {
        let n = self.num_qubits();
        match gate {
            Move::H(qubit) => self.images.swap(qubit as usize, n + qubit as usize),
            // S†·X·S = −i·X·Z
            Move::S(qubit) => self.turn_x(qubit as usize, 3),
            Move::Sdg(qubit) => self.turn_x(qubit as usize, 1),
            Move::Cx(control, to) => {
                let (control, to) = (control as usize, to as usize);
                self.images[control] = self.images[control].times(&self.images[to]);
                self.images[n + to] = self.images[n + control].times(&self.images[n + to]);
            }
        }
        self.moves.push(gate);
    }

    fn turn_x(&mut self, qubit: usize, power: u32) {
        let n = self.num_qubits();
        self.images[qubit] = self.images[qubit].times(&self.images[n + qubit]).turned(power);
    }

    /// A rotation about an axis of a qubit.
    pub fn turn(&mut self, letter: Letter, qubit: u32, angle: &Affine) {
        let (x, z) = (&self.images[qubit as usize], &self.images[self.num_qubits() + qubit as usize]);
        let row = match letter {
            Letter::X => x.clone(),
            Letter::Z => z.clone(),
            // Y = i·X·Z
            Letter::Y => x.times(z).turned(1),
        };
        self.add(row, angle);
    }

    /// A rotation, added to an equal one where all between commute with it.
    fn add(&mut self, row: Row, angle: &Affine) {
        let key = (row.x.clone(), row.z.clone());
        if let Some(at) = self.known.get(&key).copied() {
            let between = &self.rotations[at + 1..];
            if between.len() < REACH && between.iter().all(|other| other.row.commutes(&row)) {
                let earlier = &mut self.rotations[at];
                let sign = if earlier.row.is_minus() == row.is_minus() { 1.0 } else { -1.0 };
                earlier.angle = earlier.angle.add_scaled(angle, sign);
                return;
            }
        }
        self.known.insert(key, self.rotations.len());
        self.rotations.push(Rotation { row, angle: angle.clone() });
    }
}
