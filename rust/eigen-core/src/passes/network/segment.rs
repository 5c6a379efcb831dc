//! A part of a stretch that is read as a whole: gates, then what is no gate on the qubits that they leave alone afterwards.
use std::collections::HashMap;

use smallvec::SmallVec;

use super::extract::Reader;
use super::phase::eighths;
use super::planes::{Letter, Move, Planes};
use super::read::{is_readable, read};
use super::weave::{Piece, Taste, Weaver};
use super::{MOST_QUBITS, MOST_WORK, TASTES, Wish};
use crate::circuit::Instruction;
use crate::gate::Opcode;
use crate::param::Affine;

/// Gates, and the operations behind them.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    pub gates: Vec<Instruction>,
    /// Measurements and the like, conditional gates, gates that are not read.
    pub tail: Vec<Instruction>,
}

/// Pairs of qubits: what belongs on the first is held by the second.
pub(super) type Moved = Vec<(u32, u32)>;

impl Segment {
    /// The segments of a stretch.
    pub fn of(stretch: Vec<Instruction>) -> Vec<Self> {
        let mut segments = Vec::new();
        let mut segment = Self::default();
        let mut closed: std::collections::HashSet<u32> = std::collections::HashSet::new();
        for op in stretch {
            if !is_readable(&op) {
                closed.extend(&op.qubits);
                segment.tail.push(op);
                continue;
            }
            if op.qubits.iter().any(|qubit| closed.contains(qubit)) {
                closed.clear();
                segments.push(std::mem::take(&mut segment));
            }
            segment.gates.push(op);
        }
        segments.push(segment);
        segments
    }

    /// The gates anew, if that takes fewer on two qubits; with an order of the qubits where they may move.
    pub fn woven(&self, wish: Wish, may_move: bool) -> Option<(Vec<Instruction>, Option<Moved>)> {
        let entangling = self.gates.iter().filter(|gate| gate.qubits.len() > 1).count();
        let mut limit = entangling.min(wish.limit);
        let Reading { qubits, reader, mut turned } = self.read(limit)?;
        let weaver = Weaver::new(&reader);
        let mut best: Option<(Weaver, Moved)> = None;
        for taste in &TASTES[..wish.tries.min(TASTES.len())] {
            let Some((done, moved)) = attempt(weaver.clone(), &reader, limit, *taste, may_move) else {
                continue;
            };
            limit = done.bonds;
            best = Some((done, moved));
        }
        let (mut done, moved) = best?;
        let moved = if may_move { Some(moved) } else { done.exchange(&moved) };
        if wish.phase {
            turned.constant +=
                std::f64::consts::FRAC_PI_4 * f64::from(done.eighths(&reader, moved.as_deref())?);
        }
        let mut gates: Vec<Instruction> =
            done.out.iter().map(|piece| written(piece, &reader, &qubits)).collect();
        gates.extend(whole(&turned));
        let named = |(to, from): (u32, u32)| (qubits[to as usize], qubits[from as usize]);
        Some((gates, moved.map(|moved| moved.into_iter().map(named).collect())))
    }

    /// The gates as rotations and a Clifford gate; `None` where that is too much, or cannot take fewer than `limit` gates on
    /// two qubits.
    pub fn read(&self, limit: usize) -> Option<Reading> {
        let mut qubits: Vec<u32> = self.gates.iter().flat_map(|gate| gate.qubits.iter().copied()).collect();
        qubits.sort_unstable();
        qubits.dedup();
        if limit < 2 || qubits.len() > MOST_QUBITS {
            return None;
        }
        let at: HashMap<u32, u32> = qubits.iter().enumerate().map(|(k, qubit)| (*qubit, k as u32)).collect();
        let mut reader = Reader::new(qubits.len());
        let mut turned = Affine::default();
        for gate in &self.gates {
            let places: SmallVec<[u32; 2]> = gate.qubits.iter().map(|qubit| at[qubit]).collect();
            read(&mut reader, gate, &places, &mut turned)?;
            // Hardly ever do fewer bonds than rotations on several qubits suffice.
            if reader.wide > limit || reader.rotations.len() * qubits.len() > MOST_WORK {
                return None;
            }
        }
        Some(Reading { qubits, reader, turned })
    }
}

/// What the gates of a segment say.
pub(super) struct Reading {
    /// The circuit's names of the qubits.
    qubits: Vec<u32>,
    reader: Reader,
    /// The global phase beside rotations and Clifford gate.
    turned: Affine,
}

/// One way; fewer than `limit` bonds, the exchanges of qubits at the end among them where qubits may not move.
fn attempt(
    mut weaver: Weaver,
    reader: &Reader,
    limit: usize,
    taste: Taste,
    may_move: bool,
) -> Option<(Weaver, Moved)> {
    weaver.limit = limit;
    weaver.rotations(reader.rotations.len(), taste)?;
    let order = weaver.end()?;
    let moved: Moved = order.into_iter().enumerate().map(|(to, from)| (to as u32, from)).collect();
    if !may_move {
        weaver.bonds += 3 * exchanges(&moved).len();
    }
    (weaver.bonds < limit).then_some((weaver, moved))
}

/// The exchanges that bring everything where it belongs.
fn exchanges(moved: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut holds: Vec<u32> = moved.iter().map(|(_, from)| *from).collect();
    let mut out = Vec::new();
    for to in 0..holds.len() as u32 {
        let from = holds[to as usize];
        if from != to {
            out.push((to, from));
            holds.iter_mut().filter(|place| **place == to).for_each(|place| *place = from);
            holds[to as usize] = to;
        }
    }
    out
}

impl Weaver {
    fn new(reader: &Reader) -> Self {
        let words = reader.rotations.len().div_ceil(64);
        let num_qubits = reader.images.len() / 2;
        let all = words + reader.images.len().div_ceil(64);
        let mut planes = Planes::new(num_qubits, all);
        let rotations = reader.rotations.iter().map(|rotation| &rotation.row).enumerate();
        let images = reader.images.iter().enumerate().map(|(k, row)| (words * 64 + k, row));
        rotations.chain(images).for_each(|(k, row)| planes.put(k, &row.x, &row.z, row.is_minus()));
        Self { planes, out: Vec::new(), bonds: 0, limit: usize::MAX, words, all }
    }

    /// Brings the qubits back.
    fn exchange(&mut self, moved: &[(u32, u32)]) -> Option<Moved> {
        for (a, b) in exchanges(moved) {
            [Move::Cx(a, b), Move::Cx(b, a), Move::Cx(a, b)].into_iter().for_each(|gate| self.apply(gate));
        }
        None
    }

    /// The phase of the gates read against those written, in eighths of a turn.
    fn eighths(&self, reader: &Reader, moved: Option<&[(u32, u32)]>) -> Option<u8> {
        let swaps = exchanges(moved.unwrap_or_default());
        let swaps =
            swaps.into_iter().rev().flat_map(|(a, b)| [Move::Cx(a, b), Move::Cx(b, a), Move::Cx(a, b)]);
        let back = self.out.iter().rev().filter_map(|piece| match piece {
            Piece::Gate(Move::S(qubit)) => Some(Move::Sdg(*qubit)),
            Piece::Gate(Move::Sdg(qubit)) => Some(Move::S(*qubit)),
            Piece::Gate(gate) => Some(*gate),
            Piece::Turn { .. } => None,
        });
        eighths(self.planes.num_qubits(), reader.moves.iter().copied().chain(swaps).chain(back))
    }
}

fn written(piece: &Piece, reader: &Reader, qubits: &[u32]) -> Instruction {
    let named = |qubit: &u32| qubits[*qubit as usize];
    match piece {
        Piece::Gate(Move::H(qubit)) => Instruction::new(Opcode::H, &[named(qubit)]),
        Piece::Gate(Move::S(qubit)) => Instruction::new(Opcode::S, &[named(qubit)]),
        Piece::Gate(Move::Sdg(qubit)) => Instruction::new(Opcode::Sdg, &[named(qubit)]),
        Piece::Gate(Move::Cx(control, to)) => Instruction::new(Opcode::Cx, &[named(control), named(to)]),
        Piece::Turn { column, qubit, letter, minus } => {
            let opcode = match letter {
                Letter::X => Opcode::Rx,
                Letter::Y => Opcode::Ry,
                Letter::Z => Opcode::Rz,
            };
            let angle = reader.rotations[*column].angle.scale(if *minus { -1.0 } else { 1.0 });
            Instruction::with_params(opcode, &[named(qubit)], vec![angle])
        }
    }
}

/// A global phase as a gate, whole turns taken off.
fn whole(turned: &Affine) -> Option<Instruction> {
    use std::f64::consts::TAU;
    let rest = turned.add_scaled(&Affine::number(TAU * libm::round(turned.constant / TAU)), -1.0);
    let needed = !rest.is_constant() || rest.constant.abs() > 1e-13;
    needed.then(|| Instruction::with_params(Opcode::Gphase, &[], vec![rest]))
}
