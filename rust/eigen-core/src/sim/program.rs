//! A program of the state-vector engine: unitary segments, measurements and jumps, and the cursor that walks them.
use std::fmt::Write as _;
use std::sync::Arc;

use super::precision::Precision;
use super::segment::{Numbers, Segment};
use super::snapshot::{Identity, Words};
use super::state::State;
use super::vector::Isa;
use super::workers::Workers;
use crate::compute::Expr;
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Codes that one history of a circuit may execute.
const MOST_CODES: u64 = 10_000_000;

/// One instruction.
#[derive(Clone, Debug)]
pub(crate) enum Code {
    /// Apply a segment.
    Run { segment: usize },
    /// Measure in the computational basis.
    Measure { qubit: usize, clbit: usize },
    /// Back to |0>.
    Reset { qubit: usize },
    /// Write the value of an expression to classical bits.
    Compute { to: Box<[u32]>, value: Arc<Expr> },
    /// Set all classical bits from one on to 0.
    Clear { from: usize },
    /// Jump unless the condition holds.
    Unless { condition: Condition, to: usize },
    /// Jump.
    Jump { to: usize },
    /// Set a counter to zero.
    Zero { counter: usize },
    /// Count a round; jump when all rounds are done.
    Count { counter: usize, times: u64, to: usize },
    /// Count a round; fail when there were more than `most`.
    Bound { counter: usize, most: u64, place: usize },
}

/// A final measurement, read from the final state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readout {
    pub qubit: usize,
    pub clbit: usize,
}

/// A lowered circuit.
pub(crate) struct Program {
    pub num_qubits: usize,
    pub precision: Precision,
    pub num_clbits: usize,
    /// Classical bits with those that no counts show.
    pub num_bits: usize,
    pub num_parameters: usize,
    pub codes: Vec<Code>,
    pub segments: Vec<Segment>,
    /// In program order: a later one overwrites an earlier one on the same classical bit.
    pub readout: Vec<Readout>,
    pub num_counters: usize,
    /// Whether the circuit measures or resets anything at all.
    pub collapses: bool,
}

/// Where one history of the circuit stands.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    at: usize,
    executed: u64,
    /// Classical bits, 64 in a word.
    pub clbits: Vec<u64>,
    counters: Vec<u64>,
}

/// Why a history stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// Everything is done but the readout.
    End,
    /// A measurement must be decided.
    Measure { qubit: usize, clbit: usize },
    /// A reset must be decided.
    Reset { qubit: usize },
}

/// What a history comes to next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// A segment, for the caller to apply.
    Run { segment: usize },
    /// A stop.
    Stop(Stop),
}

impl Cursor {
    /// Writes a classical bit.
    pub fn set(&mut self, clbit: usize, value: bool) {
        let (word, bit) = (clbit / 64, clbit % 64);
        self.clbits[word] = self.clbits[word] & !(1 << bit) | u64::from(value) << bit;
    }

    /// Writes the value of an expression, whose parts count as steps.
    fn compute(&mut self, to: &[u32], value: &Expr) -> CoreResult<()> {
        self.executed += value.nodes() as u64;
        let bit = |index: u32| self.clbits[index as usize / 64] >> (index % 64) & 1 == 1;
        let word = value.value(&bit)?.word();
        for (k, clbit) in to.iter().enumerate() {
            self.set(*clbit as usize, word >> k & 1 == 1);
        }
        Ok(())
    }

    fn clear(&mut self, from: usize) {
        (from..self.clbits.len() * 64).for_each(|clbit| self.set(clbit, false));
    }
}

impl Program {
    /// Computes the numbers of all steps for these parameter values; false when an angle overflows.
    pub fn bind(&mut self, values: &[f64]) -> bool {
        let mut finite = true;
        for segment in &mut self.segments {
            finite &= segment.bind(values);
        }
        finite
    }

    /// Qubits of the smaller state that the beginning is grown from, if it is.
    pub fn grown_from(&self) -> Option<usize> {
        self.segments.first().and_then(Segment::grown_from)
    }

    /// Passes over memory of all segments together.
    pub fn num_passes(&self) -> usize {
        self.segments.iter().map(Segment::num_passes).sum()
    }

    /// The beginning: all classical bits 0.
    pub fn start(&self) -> Cursor {
        Cursor::start(self.num_bits, self.num_counters)
    }

    /// The only segment of a circuit without measurements, resets and jumps; `None` inside when it does nothing.
    pub fn single_segment(&self) -> Option<Option<&Segment>> {
        match self.codes.as_slice() {
            [] => Some(None),
            [Code::Run { segment }] => Some(Some(&self.segments[*segment])),
            _ => None,
        }
    }

    /// Runs on until a measurement, a reset or the end.
    pub fn advance(&self, cursor: &mut Cursor, state: &mut State, workers: &Workers) -> CoreResult<Stop> {
        let stop = cursor.advance(&self.codes, |segment| self.segments[segment].run(state, workers));
        state.settle();
        stop
    }

    /// The same from where a history stands, with `between` called after each pass; what it fails with ends the run.
    pub fn advance_from(
        &self,
        mark: &mut Option<Mark>,
        cursor: &mut Cursor,
        state: &mut State,
        workers: &Workers,
        between: &mut dyn FnMut(&Cursor, Mark, Numbers<'_>) -> CoreResult<()>,
    ) -> CoreResult<Stop> {
        let isa = Isa::current();
        loop {
            let Mark { segment, pass } = match mark.take() {
                Some(mark) => mark,
                None => match cursor.next(&self.codes)? {
                    Next::Run { segment } => Mark { segment, pass: 0 },
                    Next::Stop(stop) => {
                        state.settle();
                        return Ok(stop);
                    }
                },
            };
            let mut outcome = Ok(());
            self.segments[segment].run_from(pass, state, workers, isa, &mut |pass, lines| {
                outcome = between(cursor, Mark { segment, pass }, lines);
                outcome.is_ok()
            });
            outcome?;
        }
    }

    /// Passes of a history; 0 where outcomes or counters decide.
    pub fn straight_passes(&self) -> usize {
        if is_straight(&self.codes) { self.segments.iter().map(Segment::num_worked).sum() } else { 0 }
    }

    /// A digest of everything that the further way of a bound run follows from, with what is asked.
    pub fn identity(&self, question: &str) -> String {
        let mut identity = Identity::new();
        let all = write!(
            identity,
            "{question} {} {} {} {:?} {:?}",
            self.num_qubits, self.num_clbits, self.num_bits, self.codes, self.readout
        )
        .and_then(|()| self.segments.iter().try_for_each(|segment| segment.identify(&mut identity)));
        debug_assert!(all.is_ok(), "a digest takes everything");
        identity.finish()
    }
}

/// A place within a segment: so many passes of it are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub segment: usize,
    pub pass: usize,
}

impl Cursor {
    /// Itself as words.
    pub fn put(&self, words: &mut Vec<u64>) {
        words.extend([self.at as u64, self.executed]);
        words.extend(self.clbits.iter().chain(&self.counters));
    }

    /// The cursor that `put` wrote, for a program of so many codes; `None` when it cannot be one. `start` is its beginning.
    pub fn take(words: &mut Words<'_>, start: &Cursor, num_codes: usize) -> Option<Self> {
        let at = words.index(num_codes + 1)?;
        let executed = words.next()?;
        let clbits = words.several(start.clbits.len())?.to_vec();
        let counters = words.several(start.counters.len())?.to_vec();
        Some(Cursor { at, executed, clbits, counters })
    }

    /// The beginning: all classical bits 0.
    pub fn start(num_clbits: usize, num_counters: usize) -> Self {
        let words = num_clbits.div_ceil(64).max(1);
        Cursor { at: 0, executed: 0, clbits: vec![0; words], counters: vec![0; num_counters] }
    }

    /// Walks the codes until a measurement, a reset or the end; `run` applies a segment.
    pub fn advance(&mut self, codes: &[Code], mut run: impl FnMut(usize)) -> CoreResult<Stop> {
        loop {
            match self.next(codes)? {
                Next::Run { segment } => run(segment),
                Next::Stop(stop) => return Ok(stop),
            }
        }
    }

    /// Walks the codes until a segment, a measurement, a reset or the end.
    pub fn next(&mut self, codes: &[Code]) -> CoreResult<Next> {
        while let Some(code) = codes.get(self.at) {
            self.at += 1;
            self.executed += 1;
            most_codes(self.executed)?;
            match code {
                Code::Run { segment } => return Ok(Next::Run { segment: *segment }),
                Code::Measure { qubit, clbit } => {
                    return Ok(Next::Stop(Stop::Measure { qubit: *qubit, clbit: *clbit }));
                }
                Code::Reset { qubit } => return Ok(Next::Stop(Stop::Reset { qubit: *qubit })),
                Code::Unless { condition, to } => {
                    let bit = |index: u32| self.clbits[index as usize / 64] >> (index % 64) & 1 == 1;
                    if !condition.holds(&bit) {
                        self.at = *to;
                    }
                }
                Code::Jump { to } => self.at = *to,
                Code::Compute { to, value } => self.compute(to, value)?,
                Code::Clear { from } => self.clear(*from),
                Code::Zero { counter } => self.counters[*counter] = 0,
                Code::Count { counter, times, to } if self.counters[*counter] == *times => self.at = *to,
                Code::Count { counter, .. } => self.counters[*counter] += 1,
                Code::Bound { counter, most, place } if self.counters[*counter] == *most => {
                    return Err(loop_bound(*most, *place));
                }
                Code::Bound { counter, .. } => self.counters[*counter] += 1,
            }
        }
        Ok(Next::Stop(Stop::End))
    }
}

/// Whether neither outcomes nor counters decide what comes next.
pub(crate) fn is_straight(codes: &[Code]) -> bool {
    codes.iter().all(|code| !matches!(code, Code::Unless { .. } | Code::Jump { .. } | Code::Count { .. }))
}

/// Refuses histories that go on for too long.
pub(crate) fn most_codes(executed: u64) -> CoreResult<()> {
    if executed > MOST_CODES {
        let what = "steps of one history of the circuit";
        return Err(CoreError::limit(what, MOST_CODES as usize, executed as usize));
    }
    Ok(())
}

fn loop_bound(most: u64, place: usize) -> CoreError {
    let message =
        format!("the WHILE at operation {place} still wants to go on after `{most}` rounds, its bound");
    CoreError::new(ErrorCode::LoopBoundReached, message)
        .with_hint("raise the bound, or make the loop's condition end it sooner")
}
