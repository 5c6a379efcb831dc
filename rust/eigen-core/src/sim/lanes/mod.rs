//! Small states in lanes: a circuit as Pauli rotations, run for eight sets of parameters at a time or, for one set, with
//! eight amplitudes in a vector. Gives energies and their gradients; every other question is the state vector's.
//!
//! An energy has the same bits alone, in any batch, on any number of threads and with any instruction set.
mod complex;
mod coordinates;
mod dispatch;
mod frame;
mod job;
mod observable;
mod pair;
mod phases;
mod prepared;
mod program;
mod quad;
mod run;
mod trig;
mod turn;
mod vector;
mod walk;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::sync::{Mutex, PoisonError};

use super::memory;
use super::pauli_sum::PauliTerm;
use super::vector::Isa;
use super::workers::Workers;
use crate::circuit::Circuit;
use job::{Buffers, Job, Piece};
use observable::Image;
pub(crate) use prepared::SmallState;
use prepared::Wanted;
use program::{Layout, Passes, Program};
use vector::LANES;

/// Coordinates up to which a core takes a state for itself: 2^18 amplitudes are 4 MiB.
const MOST_DIM_OF_CORES: usize = 18;
/// Coordinates of the widest states.
const MOST_DIM: usize = 26;
/// Coordinates up to which eight sets lie side by side: 2^11 amplitudes of eight sets are 256 KiB.
const MOST_DIM_OF_SETS: usize = 11;
/// By so many coordinates a wide state must be smaller than that of all qubits to be worth its passes.
const FEWER_COORDINATES: usize = 2;
/// Rotations of a circuit for each of its operations, beyond which gates as matrices are cheaper.
const MOST_ROTATIONS: usize = 4;
/// Amplitudes times rotations of a task, at least: some ten microseconds.
const TASK_WORK: usize = 1 << 17;

/// A circuit in lanes.
pub(crate) struct Lanes {
    program: Program,
    sets: Option<Passes>,
    amplitudes: Passes,
    num_parameters: usize,
    /// Memory of wide states.
    wide: Mutex<Buffers>,
    pub isa: Isa,
}

/// An observable in the coordinates of a circuit.
pub(crate) struct Prepared(Image);

/// Energies, and the derivatives of each by every parameter where they were asked for.
pub(crate) struct Answer {
    pub energies: Vec<f64>,
    pub slopes: Vec<f64>,
}

impl Lanes {
    /// `None` for circuits that other methods run better: too wide for two states in `memory_limit_bytes`, or of gates
    /// that fall into many rotations.
    pub fn new(circuit: &Circuit, memory_limit_bytes: u64) -> Option<Self> {
        if circuit.num_qubits() > 63 || !circuit.is_flat() {
            return None;
        }
        let most = circuit.stream_len().max(1) * MOST_ROTATIONS;
        let program = Program::new(frame::rotations(circuit, most).ok()?);
        let dim = program.space.dim();
        if dim > MOST_DIM || memory::check(dim, 2, memory_limit_bytes).is_err() {
            return None;
        }
        Some(Lanes {
            sets: (dim <= MOST_DIM_OF_SETS).then(|| program.passes(Layout::Sets)),
            amplitudes: program.passes(Layout::Amplitudes),
            num_parameters: circuit.symbols().len(),
            program,
            wide: Mutex::default(),
            isa: Isa::current(),
        })
    }

    /// Prepares an observable; `None` when it is too large for tables.
    pub fn observable(&self, terms: &[PauliTerm]) -> Option<Prepared> {
        Image::new(terms, &self.program).map(Prepared)
    }

    /// Number of Pauli rotations, and of coordinates: the state has 2^coordinates amplitudes.
    pub fn rotations(&self) -> usize {
        self.program.rotations
    }

    pub fn dim(&self) -> usize {
        self.program.space.dim()
    }

    /// Whether energies come faster from here than from the state of so many qubits. Wide states are in memory, where
    /// gates count for less than passes.
    pub fn suits_energies(&self, num_qubits: usize) -> bool {
        !self.is_wide() || self.dim() + FEWER_COORDINATES <= num_qubits
    }

    /// Whether all cores work on one state.
    fn is_wide(&self) -> bool {
        self.dim() > MOST_DIM_OF_CORES
    }

    /// Eight sets side by side, or one set at a time. Energies are the same bits either way, gradients are not.
    fn passes(&self, count: usize, wanted: Wanted) -> &Passes {
        let side_by_side = match wanted {
            Wanted::Energies => count > 1,
            Wanted::Gradients => true,
            Wanted::Gradient => false,
        };
        self.sets.as_ref().filter(|_| side_by_side).unwrap_or(&self.amplitudes)
    }

    /// Energies, and gradients where wanted, of sets of values one after the other; `None` when an angle overflows.
    pub fn answer(
        &self,
        sets: &[f64],
        count: usize,
        observable: &Prepared,
        wanted: Wanted,
        workers: &Workers,
    ) -> Option<Answer> {
        let width = if wanted == Wanted::Energies { 0 } else { self.num_parameters };
        let mut answer = Answer { energies: vec![0.0; count], slopes: vec![0.0; count * width] };
        let job = Job { lanes: self, passes: self.passes(count, wanted), image: &observable.0 };
        if count == 1 && !self.is_wide() {
            let Answer { energies, slopes } = &mut answer;
            return job.run(&mut Piece { values: sets, energies, slopes, is_finite: true }).then_some(answer);
        }
        let size = if job.passes.layout == Layout::Sets { LANES } else { 1 };
        let mut pieces = pieces(sets, &mut answer, self.num_parameters, size);
        if self.is_wide() {
            let mut buffers = self.wide.lock().unwrap_or_else(PoisonError::into_inner);
            for piece in &mut pieces {
                piece.is_finite = job.run_wide(piece, &mut buffers, workers);
            }
        } else {
            // Not a piece at a time: handing one over takes longer than the smallest of them.
            let work = (size * self.program.rotations.max(1)) << self.dim();
            workers.each_chunk(&mut pieces, TASK_WORK.div_ceil(work), |_, task| {
                for piece in task {
                    piece.is_finite = job.run(piece);
                }
            });
        }
        let is_finite = pieces.iter().all(|piece| piece.is_finite);
        is_finite.then_some(answer)
    }
}

/// An answer cut into runs of at most `size` sets.
fn pieces<'a>(sets: &'a [f64], answer: &'a mut Answer, num_parameters: usize, size: usize) -> Vec<Piece<'a>> {
    let with_slopes = !answer.slopes.is_empty();
    let mut slopes = answer.slopes.as_mut_slice();
    let mut pieces = Vec::with_capacity(answer.energies.len().div_ceil(size));
    let energies = answer.energies.chunks_mut(size);
    for (index, energies) in energies.enumerate() {
        let values = &sets[index * size * num_parameters..][..energies.len() * num_parameters];
        let taken = if with_slopes { values.len() } else { 0 };
        let (own, rest) = slopes.split_at_mut(taken);
        slopes = rest;
        pieces.push(Piece { values, energies, slopes: own, is_finite: true });
    }
    pieces
}

#[cfg(test)]
mod tests;
