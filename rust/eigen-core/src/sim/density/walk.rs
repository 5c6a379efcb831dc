//! Counts from density matrices: circuits that measure on the way follow each history of outcomes once.
use super::read::{Entries, drawable, recorded};
use crate::error::CoreResult;
use crate::rng::Philox;
use crate::sim::basis::to_z_axis;
use crate::sim::branch::mix;
use crate::sim::collapse;
use crate::sim::estimate::{Draw, MeasuredGroups};
use crate::sim::memory;
use crate::sim::plan::Start;
use crate::sim::precision::Precision;
use crate::sim::program::{Cursor, Program, Stop};
use crate::sim::sample::sample;
use crate::sim::segment::{Segment, Step};
use crate::sim::share::Division;
use crate::sim::source::{Source, SuperPart};
use crate::sim::state::State;
use crate::sim::step::{Controls, Shape};
use crate::sim::tally::{KeyMap, Tally};
use crate::sim::workers::Workers;

/// Shots with common outcomes so far.
struct History {
    cursor: Cursor,
    state: State,
    shots: u64,
    stream: u64,
    /// Whether no other part of the run follows it.
    is_own: bool,
}

/// What drawing shots needs.
pub(super) struct Walk<'a> {
    pub program: &'a Program,
    pub confusion: &'a [Option<[[f64; 2]; 2]>],
    pub workers: &'a Workers,
    pub seed: u64,
    /// Which of the histories are followed.
    pub division: Division,
}

impl Walk<'_> {
    /// Draws shots from the beginning, `number` of several times. `state` is in any state, and given back.
    pub fn run(&self, mut state: State, shots: u64, number: u64, tally: &mut Tally) -> CoreResult<State> {
        state.reset();
        state.settle();
        let cursor = self.program.start();
        let map = KeyMap::new(&self.program.readout, cursor.clbits.len());
        let mut drawn = memory::allocate(self.program.num_qubits)?;
        let mut stack = vec![History { cursor, state, shots, stream: mix(number), is_own: false }];
        let mut spare = Vec::new();
        while let Some(mut history) = stack.pop() {
            match self.program.advance(&mut history.cursor, &mut history.state, self.workers)? {
                Stop::Measure { qubit, clbit } => {
                    self.decide(history, qubit, clbit, &mut stack, &mut spare)?
                }
                // Resets are channels here.
                Stop::End | Stop::Reset { .. } => {
                    if self.division.counts(history.is_own, history.stream, 0) {
                        self.end(&history, &map, &mut drawn, tally)?;
                    }
                    spare.push(history.state);
                }
            }
        }
        spare.pop().map_or_else(|| memory::allocate(2 * self.program.num_qubits), Ok)
    }

    /// Parts the shots of a history by true and recorded outcome; the fewest are followed first.
    fn decide(
        &self,
        history: History,
        qubit: usize,
        clbit: usize,
        stack: &mut Vec<History>,
        spare: &mut Vec<State>,
    ) -> CoreResult<()> {
        let num_qubits = self.program.num_qubits;
        let weights = Entries { state: &history.state, num_qubits }.weights(qubit);
        let mut random = Philox::new(self.seed, history.stream);
        let ones = count(&mut random, history.shots, weights[1] / (weights[0] + weights[1]));
        let mut fates = Vec::new();
        for (value, shots) in [(false, history.shots - ones), (true, ones)] {
            let misread = self.confusion[qubit].map_or(0.0, |m| m[usize::from(value)][usize::from(!value)]);
            let flipped = count(&mut random, shots, misread);
            fates.extend([(value, value, shots - flipped), (value, !value, flipped)]);
        }
        fates.retain(|(_, _, shots)| *shots > 0);
        fates.sort_by_key(|(_, _, shots)| std::cmp::Reverse(*shots));
        let mut state = Some(history.state);
        let last = fates.len() - 1;
        let mut parted = Vec::new();
        for (k, (value, recorded, shots)) in fates.into_iter().enumerate() {
            let way = 1 + u64::from(value) + 2 * u64::from(recorded);
            let stream = mix(history.stream.wrapping_mul(4).wrapping_add(way));
            let mut is_own = history.is_own;
            if !self.division.follows(&mut is_own, shots, stream, 0) {
                continue;
            }
            let mut part = match state.take_if(|_| k == last) {
                Some(state) => state,
                None => {
                    let mut copy = spare.pop().map_or_else(|| memory::allocate(2 * num_qubits), Ok)?;
                    state.iter().for_each(|state| copy.copy_from(state));
                    copy
                }
            };
            collapse::project(&mut part, qubit, value, 1.0);
            collapse::project(&mut part, qubit + num_qubits, value, 1.0 / weights[usize::from(value)]);
            let mut cursor = history.cursor.clone();
            cursor.set(clbit, recorded);
            parted.push(History { cursor, state: part, shots, stream, is_own });
        }
        spare.extend(state);
        stack.extend(parted);
        Ok(())
    }

    fn end(&self, history: &History, map: &KeyMap, drawn: &mut State, tally: &mut Tally) -> CoreResult<()> {
        let mut samples = vec![(0, history.shots)];
        if !self.program.readout.is_empty() {
            let diagonal = Entries { state: &history.state, num_qubits: self.program.num_qubits }.diagonal();
            let read = self.program.readout.iter().map(|read| read.qubit);
            drawable(&recorded(diagonal, read, self.confusion), drawn);
            let mut random = Philox::new(self.seed, history.stream);
            samples = sample(drawn, history.shots, &mut random, self.workers);
        }
        tally.add(map, &history.cursor.clbits, &samples)
    }
}

/// How many of so many trials succeed.
fn count(random: &mut Philox, trials: u64, probability: f64) -> u64 {
    if probability <= 0.0 {
        return 0;
    }
    (0..trials).filter(|_| random.uniform() < probability).count() as u64
}

/// Mean and standard error of an observable from shots: the matrix turned to the basis of each group of terms.
pub(super) fn estimate(
    entries: Entries<'_>,
    groups: &MeasuredGroups,
    confusion: &[Option<[[f64; 2]; 2]>],
    draw: Draw,
    workers: &Workers,
) -> CoreResult<(f64, f64)> {
    let num_qubits = entries.num_qubits;
    let mut copy = memory::copy_of(entries.state)?;
    let mut drawn = memory::allocate(num_qubits)?;
    groups.estimate(draw.shots, |index, group, shots| {
        copy.copy_from(entries.state);
        let turned = |(qubit, letter): &(usize, u8)| turn(*qubit, *letter, num_qubits);
        let steps = group.letters.iter().map(turned).collect();
        Segment::new(2 * num_qubits, steps, Start::Anywhere, Precision::F64).run(&mut copy, workers);
        let diagonal = Entries { state: &copy, num_qubits }.diagonal();
        drawable(&recorded(diagonal, 0..num_qubits, confusion), &mut drawn);
        Ok(sample(&drawn, shots, &mut Philox::new(draw.seed, index as u64), workers))
    })
}

/// Turns an axis of a qubit to Z, on row and column.
fn turn(qubit: usize, letter: u8, num_qubits: usize) -> Step {
    let parts = to_z_axis(qubit, letter, false).sources.into_iter().map(SuperPart::Gate).collect();
    Step {
        shape: Shape::Double { targets: [qubit, qubit + num_qubits] },
        controls: Controls::default(),
        sources: vec![Source::super_of(parts)],
    }
}
