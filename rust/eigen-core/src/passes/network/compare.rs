//! Whether two circuits are the same rotations, up to the order of those that commute, and the same Clifford gate.
//!
//! Read as rotations about Pauli operators at the front of one Clifford gate, words that differ by the order of what
//! commutes, or by rotations added up, have one normal form: those of a partially commutative product. What is found
//! equal is equal for every input and every value of the parameters; what is not may be, all the same.
use std::collections::{HashMap, VecDeque};
use std::f64::consts::TAU;

use smallvec::SmallVec;

use super::extract::{Reader, Rotation, Row};
use super::read::read;
use crate::circuit::Instruction;
use crate::param::Affine;

/// Angles that differ by more are others.
const SAME: f64 = 1e-7;
/// Letters of all operators together.
const MOST_LETTERS: usize = 1 << 25;

/// What was found out.
pub(in crate::passes) struct Same {
    /// What the first holds on a qubit is held by this one in the second.
    pub ends: Vec<u32>,
    /// A bound on the operator norm of their difference, up to the phase.
    pub error: f64,
}

/// Compares gates that can be read; the qubits of the first that are `measured` at its end may have other phases. Says why
/// when they are not found equal.
pub(in crate::passes) fn same_rotations(
    before: &[Instruction],
    after: &[Instruction],
    measured: &[bool],
) -> Result<Same, String> {
    let [first, second] = [reading(before, measured.len())?, reading(after, measured.len())?];
    let left = matched(&first.rotations, &second.rotations, measured.len())?;
    let error = left.error + first.rounded + second.rounded;
    for at in &left.unmatched {
        if !is_unseen(&first, *at, measured) {
            return Err("a rotation before has no counterpart after".to_string());
        }
    }
    Ok(Same { ends: ends(&first, &second, measured)?, error })
}

fn reading(gates: &[Instruction], num_qubits: usize) -> Result<Reader, String> {
    let mut reader = Reader::normal(num_qubits);
    let mut turned = Affine::default();
    for gate in gates {
        let places: SmallVec<[u32; 4]> = gate.qubits.iter().copied().collect();
        read(&mut reader, gate, &places, &mut turned)
            .ok_or_else(|| format!("{} cannot be read as rotations", gate.opcode.name()))?;
    }
    reader.rotations.retain(|rotation| !rotation.is_nothing());
    Ok(reader)
}

/// The rotations of the first that the second lacks, ascending, and the error of those that both have.
struct Left {
    unmatched: Vec<usize>,
    error: f64,
}

/// Takes the rotations of the second, in order, off the first: each must commute with all that stand before it there.
fn matched(first: &[Rotation], second: &[Rotation], num_qubits: usize) -> Result<Left, String> {
    let mut places: HashMap<(&[u64], &[u64]), VecDeque<usize>> = HashMap::new();
    for (at, rotation) in first.iter().enumerate() {
        places.entry((&rotation.row.x, &rotation.row.z)).or_default().push_back(at);
    }
    let mut waiting = Waiting::of(first, num_qubits)?;
    let mut error = 0.0;
    for rotation in second {
        let found = places.get_mut(&(&rotation.row.x[..], &rotation.row.z[..])).and_then(VecDeque::pop_front);
        let Some(at) = found else { return Err("a rotation after has no counterpart before".to_string()) };
        if !waiting.take(first, at) {
            return Err("rotations that do not commute change places".to_string());
        }
        error += 0.5 * difference(&first[at], rotation)?;
    }
    let unmatched = (0..first.len()).filter(|at| !waiting.is_taken[*at]).collect();
    Ok(Left { unmatched, error })
}

/// The rotations that are left, qubit by qubit.
struct Waiting {
    is_taken: Vec<bool>,
    /// How many at the beginning have been taken.
    gone: usize,
    /// Those on each qubit, ascending, and how many of them at the beginning have been taken.
    on: Vec<(Vec<u32>, usize)>,
}

impl Waiting {
    fn of(rotations: &[Rotation], num_qubits: usize) -> Result<Self, String> {
        let total: usize = rotations.iter().map(|rotation| rotation.row.weight() as usize).sum();
        if total > MOST_LETTERS {
            return Err(format!(
                "{} rotations about operators of {total} letters are too many",
                rotations.len()
            ));
        }
        let mut on = vec![(Vec::new(), 0); num_qubits];
        for (at, rotation) in rotations.iter().enumerate() {
            rotation.row.support().for_each(|qubit| on[qubit].0.push(at as u32));
        }
        Ok(Self { is_taken: vec![false; rotations.len()], gone: 0, on })
    }

    /// Takes one, if it commutes with all that stand before it.
    fn take(&mut self, rotations: &[Rotation], at: usize) -> bool {
        self.is_taken[at] = true;
        let row = &rotations[at].row;
        if row.weight() as usize * 4 > self.on.len() {
            // Most have a qubit in common with it.
            while self.is_taken.get(self.gone).is_some_and(|taken| *taken) {
                self.gone += 1;
            }
            let mut before = self.gone.min(at)..at;
            return before.all(|other| self.is_taken[other] || rotations[other].row.commutes(row));
        }
        for qubit in row.support() {
            let (all, gone) = &mut self.on[qubit];
            while all.get(*gone).is_some_and(|other| self.is_taken[*other as usize]) {
                *gone += 1;
            }
            let mut before = all[*gone..].iter().map(|other| *other as usize).take_while(|other| *other < at);
            if !before.all(|other| self.is_taken[other] || rotations[other].row.commutes(row)) {
                return false;
            }
        }
        true
    }
}

/// How far the angles of two rotations about one operator are apart, whole turns aside.
fn difference(first: &Rotation, second: &Rotation) -> Result<f64, String> {
    let sign = if first.row.is_minus() == second.row.is_minus() { -1.0 } else { 1.0 };
    let rest = first.angle.add_scaled(&second.angle, sign);
    let turned = (rest.constant - TAU * libm::round(rest.constant / TAU)).abs();
    let symbols = rest.terms.values().all(|value| value.abs() < 1e-12);
    if symbols && turned < SAME { Ok(turned) } else { Err("an angle is another one".to_string()) }
}

/// Whether a rotation is, at the end, only a phase of what is measured.
fn is_unseen(reader: &Reader, at: usize, measured: &[bool]) -> bool {
    let row = &reader.rotations[at].row;
    let n = measured.len();
    reader.rotations[at + 1..].iter().all(|later| later.row.commutes(row))
        && (0..n).all(|qubit| reader.images[n + qubit].commutes(row))
        && (0..n).all(|qubit| measured[qubit] || reader.images[qubit].commutes(row))
}

/// Where each qubit is: the Clifford gates differ by a permutation of the qubits.
fn ends(first: &Reader, second: &Reader, measured: &[bool]) -> Result<Vec<u32>, String> {
    let n = measured.len();
    let key = |row: &Row| (row.x.clone(), row.z.clone(), row.is_minus());
    let mut holders = HashMap::new();
    for qubit in 0..n {
        holders.insert(key(&second.images[n + qubit]), qubit);
    }
    (0..n)
        .map(|qubit| {
            let at = holders.get(&key(&first.images[n + qubit])).copied();
            let at = at.filter(|at| measured[qubit] || key(&second.images[*at]) == key(&first.images[qubit]));
            at.map(|at| at as u32).ok_or_else(|| "the Clifford gates behind the rotations differ".to_string())
        })
        .collect()
}
