//! The path of a circuit in which every shot does the same, up to Pauli gates that depend on outcomes: what frames walk.
use std::ops::Range;

use super::action::Action;
use super::lower::Program;
use super::mechanism::Product;
use super::recognise::Gate;
use super::row::letters;
use crate::condition::Condition;
use crate::sim::program::Code;

/// A step of the path; jumps are by index, as in the codes that it was made from.
#[derive(Clone, Debug)]
pub(super) enum Move {
    Run {
        segment: usize,
    },
    /// Pauli gates, each segment where its condition holds; then on to `to`.
    Choose {
        choices: Vec<(Condition, usize)>,
        to: usize,
    },
    Measure {
        qubit: usize,
        clbit: usize,
    },
    Reset {
        qubit: usize,
    },
    Jump {
        to: usize,
    },
    Zero {
        counter: usize,
    },
    Count {
        counter: usize,
        times: u64,
        to: usize,
    },
}

/// What happens to frames. Lane `q` holds the X parts of qubit `q`, lane `n + q` the Z parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Op {
    /// One lane is added to another.
    Add {
        to: u32,
        from: u32,
    },
    Swap {
        a: u32,
        b: u32,
    },
    /// CX: the most frequent pair of additions.
    Cx {
        control: u32,
        target: u32,
    },
    /// What anticommutes with the product of these lanes' letters is multiplied by it.
    Rotate {
        crossing: Box<[u32]>,
        flipped: Box<[u32]>,
    },
    /// A Pauli gate, which only matters where it depends on outcomes: these lanes flip.
    Pauli {
        flipped: Box<[u32]>,
    },
    /// A mechanism strikes.
    Error {
        mechanism: u32,
        qubits: Box<[u32]>,
    },
}

/// The path and its segments.
pub(super) struct Path {
    pub moves: Vec<Move>,
    pub segments: Vec<Vec<Op>>,
    pub num_counters: usize,
    /// Whether Pauli gates depend on outcomes.
    pub chooses: bool,
}

impl Path {
    /// `None` when outcomes decide about more than Pauli gates.
    pub fn new(program: &Program) -> Option<Self> {
        let segments: Vec<Vec<Op>> = program
            .segments
            .iter()
            .map(|gates| gates.iter().flat_map(|gate| ops(program, gate)).collect())
            .collect();
        let mut moves = Vec::with_capacity(program.codes.len());
        for (at, code) in program.codes.iter().enumerate() {
            moves.push(match code {
                Code::Run { segment } => Move::Run { segment: *segment },
                Code::Measure { qubit, clbit } => Move::Measure { qubit: *qubit, clbit: *clbit },
                Code::Reset { qubit } => Move::Reset { qubit: *qubit },
                Code::Jump { to } => Move::Jump { to: *to },
                Code::Zero { counter } => Move::Zero { counter: *counter },
                Code::Count { counter, times, to } => {
                    Move::Count { counter: *counter, times: *times, to: *to }
                }
                Code::Bound { .. } | Code::Compute { .. } | Code::Clear { .. } => return None,
                // Inside of a choice these are never walked.
                Code::Unless { .. } => {
                    let mut choices = Vec::new();
                    let to = choose(&program.codes, at, &Condition::Const(true), &segments, &mut choices)?;
                    Move::Choose { choices, to }
                }
            });
        }
        let chooses = moves.iter().any(|step| matches!(step, Move::Choose { .. }));
        Some(Path { moves, segments, num_counters: program.num_counters, chooses })
    }
}

/// Collects the Pauli segments that the branch at `at` chooses between, under `outer`; gives where both sides meet.
fn choose(
    codes: &[Code],
    at: usize,
    outer: &Condition,
    segments: &[Vec<Op>],
    out: &mut Vec<(Condition, usize)>,
) -> Option<usize> {
    let Code::Unless { condition, to } = &codes[at] else { return None };
    let both = |condition: &Condition| match outer {
        Condition::Const(true) => Some(condition.clone()),
        outer => outer.clone().and(condition.clone()).ok(),
    };
    let holds = both(condition)?;
    // A jump as the last code of the first side leads over the second.
    let leave = match to.checked_sub(1).map(|last| &codes[last]) {
        Some(Code::Jump { to: end }) if *end > *to && to - 1 > at => Some(*end),
        _ => None,
    };
    side(codes, at + 1..to - usize::from(leave.is_some()), &holds, segments, out)?;
    let Some(end) = leave else { return Some(*to) };
    side(codes, *to..end, &both(&condition.clone().negate().ok()?)?, segments, out)?;
    Some(end)
}

/// One side of a branch: runs of Pauli segments, and branches between such.
fn side(
    codes: &[Code],
    range: Range<usize>,
    holds: &Condition,
    segments: &[Vec<Op>],
    out: &mut Vec<(Condition, usize)>,
) -> Option<()> {
    let mut at = range.start;
    while at < range.end {
        at = match &codes[at] {
            Code::Run { segment } => {
                let is_pauli = |op: &Op| matches!(op, Op::Pauli { .. } | Op::Error { .. });
                if !segments[*segment].iter().all(is_pauli) {
                    return None;
                }
                out.push((holds.clone(), *segment));
                at + 1
            }
            Code::Unless { .. } => choose(codes, at, holds, segments, out)?,
            _ => return None,
        };
    }
    (at == range.end).then_some(())
}

fn ops(program: &Program, gate: &Gate) -> Vec<Op> {
    let n = program.num_qubits as u32;
    match gate {
        Gate::Local { action, qubits } => {
            let place = |generator: usize| match generator.checked_sub(qubits.len()) {
                None => qubits[generator],
                Some(z) => n + qubits[z],
            };
            let action = &program.actions[*action];
            if action.errors.is_empty() {
                let Product { x, z } = pauli(action);
                let flipped = (0..qubits.len()).flat_map(|k| {
                    let lanes = [(x, qubits[k]), (z, n + qubits[k])];
                    lanes.into_iter().filter(move |(mask, _)| mask >> k & 1 == 1).map(|(_, lane)| lane)
                });
                return vec![Op::Pauli { flipped: flipped.collect() }];
            }
            fuse(elementary(&action.errors, 2 * qubits.len()), n, place)
        }
        Gate::Rotation { pauli, quarters } => {
            let lanes = |crossing: bool| -> Box<[u32]> {
                let parts = letters(pauli).flat_map(|(qubit, x, z)| {
                    let (own_x, own_z) = (qubit as u32, n + qubit as u32);
                    // X anticommutes with Z parts and the other way round.
                    if crossing { [(z, own_x), (x, own_z)] } else { [(x, own_x), (z, own_z)] }
                });
                parts.filter(|(has, _)| *has).map(|(_, lane)| lane).collect()
            };
            match quarters % 2 {
                1 => vec![Op::Rotate { crossing: lanes(true), flipped: lanes(false) }],
                _ => vec![Op::Pauli { flipped: lanes(false) }],
            }
        }
        Gate::Error { mechanism, qubits } => {
            vec![Op::Error { mechanism: *mechanism as u32, qubits: qubits.clone() }]
        }
    }
}

/// The product that an action with no effect on errors is: it anticommutes with the generators whose sign it turns.
fn pauli(action: &Action) -> Product {
    let count = action.backward.len() / 2;
    let turns = |generator: usize| u16::from(action.backward[generator].phase == 2);
    let mask = |first: usize| (0..count).fold(0, |mask, k| mask | turns(first + k) << k);
    Product { x: mask(count), z: mask(0) }
}

/// A linear map over bits as additions and swaps of rows, by elimination.
enum Elementary {
    Add { to: usize, from: usize },
    Swap { a: usize, b: usize },
}

fn elementary(errors: &[(usize, Vec<usize>)], size: usize) -> Vec<Elementary> {
    let mut rows: Vec<u32> = (0..size).map(|k| 1 << k).collect();
    for (bit, sources) in errors {
        rows[*bit] = sources.iter().fold(0, |mask, source| mask | 1 << source);
    }
    // Steps that turn the map into the identity, each its own inverse: backwards they are the map.
    let mut steps = Vec::new();
    for column in 0..size {
        let has = |row: &u32| row >> column & 1 == 1;
        if !has(&rows[column])
            && let Some(other) = (column + 1..size).find(|k| has(&rows[*k]))
        {
            rows.swap(column, other);
            steps.push(Elementary::Swap { a: column, b: other });
        }
        for other in (0..size).filter(|k| *k != column) {
            if has(&rows[other]) {
                rows[other] ^= rows[column];
                steps.push(Elementary::Add { to: other, from: column });
            }
        }
    }
    steps.reverse();
    steps
}

fn fuse(steps: Vec<Elementary>, n: u32, place: impl Fn(usize) -> u32) -> Vec<Op> {
    let ops: Vec<Op> = steps
        .into_iter()
        .map(|step| match step {
            Elementary::Add { to, from } => Op::Add { to: place(to), from: place(from) },
            Elementary::Swap { a, b } => Op::Swap { a: place(a), b: place(b) },
        })
        .collect();
    let pair = match ops.as_slice() {
        [Op::Add { to: a, from: b }, Op::Add { to: c, from: d }] => Some([(*a, *b), (*c, *d)]),
        _ => None,
    };
    // X of the control is added to the target's, Z of the target to the control's.
    let is_cx = |x: (u32, u32), z: (u32, u32)| x.0 < n && x.1 < n && z.0 == n + x.1 && z.1 == n + x.0;
    match pair {
        Some([x, z]) if is_cx(x, z) => vec![Op::Cx { control: x.1, target: x.0 }],
        Some([z, x]) if is_cx(x, z) => vec![Op::Cx { control: x.1, target: x.0 }],
        _ => ops,
    }
}
