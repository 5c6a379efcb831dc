//! One history of a circuit on a sparse state, and the drawing of basis states from it.
use super::super::history::History;
use super::super::program::{Cursor, Readout, Stop};
use super::super::tally::Tally;
use super::lower::Program;
use super::state::State;
use crate::error::CoreResult;
use crate::rng::Philox;

/// See `History`.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    program: &'a Program,
    cursor: Cursor,
    pub state: State,
}

impl<'a> Walk<'a> {
    /// At the beginning, in |0…0>, with room for `most` amplitudes.
    pub fn new(program: &'a Program, most: usize) -> Self {
        Walk { program, cursor: program.start(), state: State::zero(most) }
    }
}

impl History for Walk<'_> {
    fn cursor(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    fn advance(&mut self) -> CoreResult<Stop> {
        let (program, state) = (self.program, &mut self.state);
        let mut done = Ok(());
        let stop = self.cursor.advance(&program.flow.codes, |segment| {
            if done.is_ok() {
                done = program.segments[segment].iter().try_for_each(|gate| state.apply(gate));
            }
        })?;
        done.map(|()| stop)
    }

    fn weights(&self, qubit: usize) -> [f64; 2] {
        self.state.weights(qubit)
    }

    fn collapse(&mut self, qubit: usize, outcome: bool, weight: f64) {
        self.state.collapse(qubit, outcome, weight);
    }

    fn flip(&mut self, qubit: usize) {
        self.state.flip(qubit);
    }

    fn read(&mut self, shots: u64, random: &mut Philox, tally: &mut Tally) -> CoreResult<()> {
        let readout = &self.program.flow.readout;
        if readout.is_empty() {
            return tally.add_rows(&self.cursor.clbits, &[shots]);
        }
        for (key, count) in draw(&self.state, shots, random) {
            let mut row = self.cursor.clbits.clone();
            readout.iter().for_each(|read| write(&mut row, read, key));
            tally.add_rows(&row, &[count])?;
        }
        Ok(())
    }
}

fn write(row: &mut [u64], read: &Readout, key: u128) {
    let (word, bit) = (read.clbit / 64, read.clbit % 64);
    row[word] = row[word] & !(1 << bit) | ((key >> read.qubit & 1) as u64) << bit;
}

/// Draws basis states, ascending, with how often each came: O(amplitudes + shots) by sorted uniforms, sums of
/// exponential gaps (Devroye, Non-Uniform Random Variate Generation, section V.3).
pub(super) fn draw(state: &State, shots: u64, random: &mut Philox) -> Vec<(u128, u64)> {
    let mut order: Vec<usize> = (0..state.len()).collect();
    order.sort_unstable_by_key(|&k| state.keys[k]);
    let total: f64 = order.iter().map(|&k| state.amplitudes[k].norm_sqr()).sum();
    let mut gap = || -libm::log(1.0 - random.uniform());
    let mut points: Vec<f64> = Vec::with_capacity(shots as usize);
    let mut sum = 0.0;
    for _ in 0..shots {
        sum += gap();
        points.push(sum);
    }
    let scale = total / (sum + gap());
    let (mut out, mut first, mut before) = (Vec::new(), 0, 0.0);
    for (rank, &k) in order.iter().enumerate() {
        before += state.amplitudes[k].norm_sqr();
        let is_last = rank + 1 == order.len();
        let end = if is_last {
            points.len()
        } else {
            first + points[first..].iter().take_while(|point| **point * scale < before).count()
        };
        if end > first {
            out.push((state.keys[k], (end - first) as u64));
            first = end;
        }
    }
    out
}
