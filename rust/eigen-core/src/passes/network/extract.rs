//! A stretch of gates as rotations about Pauli operators and one Clifford gate behind them.
use std::collections::HashMap;
use std::f64::consts::FRAC_PI_2;

use super::planes::{Letter, Move};
use crate::param::Affine;

/// How far back an equal operator is looked for.
const REACH: usize = 512;
/// An angle so near to a multiple of a quarter turn is one, in the normal form.
const NEAR: f64 = 1e-10;
/// The middle of the angles of the normal form, an eighth of a turn to either side: its ends are no angles that are met.
const OFF: f64 = 0.1;

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

    /// Those qubits, ascending.
    pub fn support(&self) -> impl Iterator<Item = usize> + '_ {
        self.x.iter().zip(&self.z).enumerate().flat_map(|(word, (x, z))| {
            let mut bits = x | z;
            std::iter::from_fn(move || {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits.wrapping_sub(1);
                (bit < 64).then_some(word * 64 + bit)
            })
        })
    }

    pub fn commutes(&self, other: &Self) -> bool {
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

impl Rotation {
    /// Whether nothing is left of it.
    pub fn is_nothing(&self) -> bool {
        self.angle.constant == 0.0 && self.angle.is_constant()
    }
}

/// What has been read: rotations in order, then the Clifford gate C with the images `C†·X·C` and `C†·Z·C`.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub rotations: Vec<Rotation>,
    /// X images, then Z images.
    pub images: Vec<Row>,
    /// The gates of C.
    pub moves: Vec<Move>,
    /// Rotations on several qubits.
    pub wide: usize,
    /// Whether the quarter turns of rotations are made part of the Clifford gate, and those that come to nothing are left
    /// out: two circuits with the same rotations then read the same, up to the order of those that commute.
    normal: bool,
    /// The rotations on each qubit, ascending, in the normal form.
    on: Vec<Vec<u32>>,
    /// What was taken for a quarter turn and is none, in sum: a bound on the operator norm.
    pub rounded: f64,
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
            wide: 0,
            normal: false,
            on: Vec::new(),
            rounded: 0.0,
            known: HashMap::new(),
        }
    }

    /// One that keeps rotations in their normal form.
    pub fn normal(num_qubits: usize) -> Self {
        Self { normal: true, on: vec![Vec::new(); num_qubits], ..Self::new(num_qubits) }
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
        if !self.normal {
            self.moves.push(gate);
        }
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
            let near = || between.len() < REACH && between.iter().all(|other| other.row.commutes(&row));
            if self.normal && self.may_pass(&row, at) || !self.normal && near() {
                let earlier = &mut self.rotations[at];
                let sign = if earlier.row.is_minus() == row.is_minus() { 1.0 } else { -1.0 };
                earlier.angle = earlier.angle.add_scaled(angle, sign);
                if self.normal {
                    self.absorb(at, &key);
                }
                return;
            }
        }
        self.wide += usize::from(row.weight() > 1);
        let at = self.rotations.len();
        if self.normal {
            row.support().for_each(|qubit| self.on[qubit].push(at as u32));
        }
        self.known.insert(key.clone(), at);
        self.rotations.push(Rotation { row, angle: angle.clone() });
        if self.normal {
            self.absorb(at, &key);
        }
    }

    /// Whether an operator commutes with every rotation behind a place.
    fn may_pass(&self, row: &Row, at: usize) -> bool {
        row.support().all(|qubit| {
            let behind =
                self.on[qubit].iter().rev().map(|other| *other as usize).take_while(|other| *other > at);
            behind
                .map(|other| &self.rotations[other])
                .all(|other| other.is_nothing() || other.row.commutes(row))
        })
    }

    /// Makes the quarter turns of a rotation that all later ones commute with a part of the Clifford gate.
    fn absorb(&mut self, at: usize, key: &(Vec<u64>, Vec<u64>)) {
        let Rotation { row, angle } = &mut self.rotations[at];
        let sign = if row.is_minus() { -1.0 } else { 1.0 };
        let own = sign * angle.constant;
        let quarters = libm::round((own - OFF) / FRAC_PI_2);
        let rest = own - quarters * FRAC_PI_2;
        angle.constant = sign * rest;
        if angle.is_constant() && rest.abs() < NEAR {
            angle.constant = 0.0;
            self.rounded += 0.5 * rest.abs();
            self.forget(at, key);
        }
        // R†·Q·R is Q·exp(−i·angle·P) where Q does not commute with P.
        let turned = (sign * quarters).rem_euclid(4.0) as u32;
        let row = &self.rotations[at].row;
        for image in self.images.iter_mut().filter(|image| turned > 0 && !image.commutes(row)) {
            *image = match turned {
                1 => image.times(row).turned(3),
                2 => image.clone().turned(2),
                _ => image.times(row).turned(1),
            };
        }
    }

    /// Nothing is left of a rotation: what is equal to it is added to an earlier one.
    fn forget(&mut self, at: usize, key: &(Vec<u64>, Vec<u64>)) {
        let same = |other: &Rotation| !other.is_nothing() && other.row.x == key.0 && other.row.z == key.1;
        match self.rotations[..at].iter().rposition(same) {
            Some(earlier) => self.known.insert(key.clone(), earlier),
            None => self.known.remove(key),
        };
    }
}
