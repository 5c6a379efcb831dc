//! Pauli frames: how each of many shots differs from one reference shot, 64 shots a word.
//!
//! For circuits in which every shot takes the same path (Gidney, Quantum 5, 497 (2021), section 4), but for Pauli gates
//! that depend on outcomes. A frame is a Pauli error on the reference's state; errors that stabilise the state are drawn
//! at random where that matters (`gauge.rs`), which makes open outcomes fair; noise adds errors of its own.
use super::super::isa::for_each_isa;
use super::flips::{Flips, Source};
use super::lanes::{Lane, add, evaluate, splat};
use super::lower::Program;
use super::path::{Move, Op, Path};
use crate::error::CoreResult;
use crate::sim::program::most_codes;

/// Everything that the chunks of one call share.
pub(super) struct Course<'a> {
    pub program: &'a Program,
    pub path: &'a Path,
    /// Outcomes of the reference, in order.
    pub outcomes: &'a [bool],
    /// Final measurements: qubit, classical bit, outcome of the reference.
    pub finals: &'a [(usize, usize, bool)],
}

/// The frames of one chunk of shots.
pub(super) struct Frames<'a> {
    course: &'a Course<'a>,
    /// X parts of all qubits, then Z parts.
    bits: Vec<Lane>,
    /// Values of classical bits.
    pub clbits: Vec<Lane>,
    /// Values of the reference's classical bits.
    known: Vec<bool>,
    source: Source<'a>,
    /// Flips of every measurement in order, where they are asked for.
    pub record: Option<Vec<Lane>>,
}

impl<'a> Frames<'a> {
    /// All qubits in |0>.
    pub fn new(course: &'a Course<'a>) -> Self {
        let program = course.program;
        Frames {
            course,
            bits: vec![[0; _]; 2 * program.num_qubits],
            clbits: vec![[0; _]; program.num_clbits],
            known: vec![false; program.num_clbits],
            source: Source::nothing(),
            record: None,
        }
    }

    /// Runs one chunk from the start.
    pub fn run(&mut self, source: Source<'a>) -> CoreResult<()> {
        self.source = source;
        self.bits.fill([0; _]);
        self.clbits.fill([0; _]);
        self.known.fill(false);
        for qubit in 0..self.course.program.num_qubits {
            self.scatter(qubit);
        }
        self.walk()?;
        for (qubit, clbit, outcome) in self.course.finals {
            self.write(*qubit, *clbit, *outcome);
        }
        Ok(())
    }

    /// Multiplies each shot's frame by Z on a qubit or not, at random.
    fn scatter(&mut self, qubit: usize) {
        let lane = &mut self.bits[self.course.program.num_qubits + qubit];
        self.source.gauge.scatter(lane);
    }

    fn walk(&mut self) -> CoreResult<()> {
        let path = self.course.path;
        let mut counters = vec![0; path.num_counters];
        let mut outcomes = self.course.outcomes.iter();
        let (mut at, mut walked) = (0, 0);
        while let Some(step) = path.moves.get(at) {
            at += 1;
            walked += 1;
            most_codes(walked)?;
            match step {
                Move::Run { segment } => self.segment(&path.segments[*segment]),
                Move::Choose { choices, to } => {
                    for (condition, segment) in choices {
                        let holds = evaluate(condition, &self.clbits);
                        let reference = condition.holds(&|bit| self.known[bit as usize]);
                        self.chosen(&path.segments[*segment], &holds, reference);
                    }
                    at = *to;
                }
                Move::Measure { qubit, clbit } => {
                    self.write(*qubit, *clbit, outcomes.next().copied().unwrap_or_default());
                    self.scatter(*qubit);
                }
                Move::Reset { qubit } => {
                    self.bits[*qubit] = [0; _];
                    self.scatter(*qubit);
                }
                Move::Jump { to } => at = *to,
                Move::Zero { counter } => counters[*counter] = 0,
                Move::Count { counter, times, to } if counters[*counter] == *times => at = *to,
                Move::Count { counter, .. } => counters[*counter] += 1,
            }
        }
        Ok(())
    }

    fn segment(&mut self, ops: &[Op]) {
        apply(ops, self.course.program.num_qubits, &mut self.bits, &mut self.source.flips);
    }

    /// Pauli gates where a condition holds: a frame changes where it holds otherwise than in the reference.
    fn chosen(&mut self, ops: &[Op], holds: &Lane, reference: bool) {
        let mut differs = *holds;
        add(&mut differs, &splat(reference));
        for op in ops {
            match op {
                Op::Pauli { flipped } => {
                    flipped.iter().for_each(|lane| add(&mut self.bits[*lane as usize], &differs));
                }
                Op::Error { mechanism, qubits } => {
                    let num_qubits = self.course.program.num_qubits;
                    self.source.flips.strike(*mechanism, qubits, num_qubits, &mut self.bits, Some(holds));
                }
                _ => {}
            }
        }
    }

    /// Writes a qubit's outcomes, given the reference's.
    fn write(&mut self, qubit: usize, clbit: usize, outcome: bool) {
        self.known[clbit] = outcome;
        let mut lane = self.bits[qubit];
        if let Some(record) = &mut self.record {
            record.push(lane);
        }
        add(&mut lane, &splat(outcome));
        self.source.flips.misread(&self.course.program.misread[qubit], &mut lane);
        self.clbits[clbit] = lane;
    }
}

for_each_isa! {
    /// Applies a segment.
    apply(ops: &[Op], num_qubits: usize, bits: &mut [Lane], flips: &mut Flips<'_>) = apply_plain
}

#[inline(always)]
fn apply_plain(ops: &[Op], num_qubits: usize, bits: &mut [Lane], flips: &mut Flips<'_>) {
    for op in ops {
        match op {
            Op::Cx { control, target } => {
                let (control, target) = (*control as usize, *target as usize);
                sum(bits, target, control);
                sum(bits, num_qubits + control, num_qubits + target);
            }
            Op::Add { to, from } => sum(bits, *to as usize, *from as usize),
            Op::Swap { a, b } => bits.swap(*a as usize, *b as usize),
            Op::Error { mechanism, qubits } => flips.strike(*mechanism, qubits, num_qubits, bits, None),
            Op::Rotate { crossing, flipped } => {
                let mut crossed = [0; _];
                crossing.iter().for_each(|lane| add(&mut crossed, &bits[*lane as usize]));
                flipped.iter().for_each(|lane| add(&mut bits[*lane as usize], &crossed));
            }
            Op::Pauli { .. } => {}
        }
    }
}

#[inline(always)]
fn sum(bits: &mut [Lane], to: usize, from: usize) {
    let lane = bits[from];
    add(&mut bits[to], &lane);
}
