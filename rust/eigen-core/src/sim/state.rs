//! The buffer of 2^n amplitudes, in either precision.
use std::ops::Range;

use super::amplitude::{Block, LANES, as_blocks, as_blocks_mut};
use super::lines::Lines;
use super::precision::Precision;
use super::segment::Segment;
use super::snapshot::{Reader, refused};
use super::vector::Real;
use super::workers::Workers;
use crate::error::CoreResult;
use crate::math::C64;

/// A state vector of `num_qubits` qubits. States that do not fill a block are padded with amplitudes that stay zero.
#[derive(Debug)]
pub(crate) struct State {
    num_qubits: usize,
    storage: Storage,
    /// Whether the memory has any content, and |0…0> is meant.
    is_unwritten: bool,
}

/// Blocks: a line of real parts and one of imaginary parts each.
#[derive(Debug)]
pub(crate) enum Storage {
    Double(Lines<f64>),
    Single(Lines<f32>),
}

impl State {
    /// |0…0>, or `None` when the system refuses the memory.
    pub fn zero(num_qubits: usize, precision: Precision) -> Option<Self> {
        let storage = match precision {
            Precision::F64 => Storage::Double(zeros(num_qubits)?),
            Precision::F32 => Storage::Single(zeros(num_qubits)?),
        };
        let mut state = State { num_qubits, storage, is_unwritten: false };
        state.set_first();
        Some(state)
    }

    fn set_first(&mut self) {
        match &mut self.storage {
            Storage::Double(lines) => lines[0] = 1.0,
            Storage::Single(lines) => lines[0] = 1.0,
        }
    }

    /// Back to |0…0> in the same memory, which is written by the first segment, or by `settle`.
    pub fn reset(&mut self) {
        self.is_unwritten = true;
    }

    /// Writes |0…0> where it is only meant.
    pub fn settle(&mut self) {
        if !self.is_unwritten {
            return;
        }
        match &mut self.storage {
            Storage::Double(lines) => lines.fill(0.0),
            Storage::Single(lines) => lines.fill(0.0),
        }
        self.set_first();
        self.is_unwritten = false;
    }

    /// Number of amplitudes, 2^n.
    pub fn len(&self) -> usize {
        1 << self.num_qubits
    }

    /// The lines.
    pub fn storage(&self) -> &Storage {
        debug_assert!(!self.is_unwritten, "a state that nobody has settled");
        &self.storage
    }

    /// The lines, settled.
    pub fn storage_mut(&mut self) -> &mut Storage {
        self.settle();
        &mut self.storage
    }

    /// The lines for one who writes all of them.
    pub fn storage_to_write(&mut self) -> &mut Storage {
        self.is_unwritten = false;
        &mut self.storage
    }

    /// Blocks of eight amplitudes, padding included.
    pub fn num_blocks(&self) -> usize {
        match &self.storage {
            Storage::Double(lines) => lines.len() / (2 * LANES),
            Storage::Single(lines) => lines.len() / (2 * LANES),
        }
    }

    /// Blocks of eight amplitudes in f64: the state's own, or read into `room`.
    pub fn read<'a>(&'a self, range: Range<usize>, room: &'a mut Vec<Block>) -> &'a [Block] {
        debug_assert!(!self.is_unwritten, "a state that nobody has settled");
        let lines = match &self.storage {
            Storage::Double(lines) => return &as_blocks(lines)[range],
            Storage::Single(lines) => lines,
        };
        room.clear();
        for index in range {
            let at = index / 2 * 4 * LANES + index % 2 * LANES;
            let (re, im) = (&lines[at..at + LANES], &lines[at + 2 * LANES..at + 3 * LANES]);
            let mut block = Block::ZERO;
            for lane in 0..LANES {
                (block.re[lane], block.im[lane]) = (f64::from(re[lane]), f64::from(im[lane]));
            }
            room.push(block);
        }
        room
    }

    /// All blocks of a state in double precision; none of another.
    pub fn blocks(&self) -> &[Block] {
        debug_assert!(!self.is_unwritten, "a state that nobody has settled");
        match &self.storage {
            Storage::Double(lines) => as_blocks(lines),
            Storage::Single(_) => &[],
        }
    }

    /// The same, to be changed.
    pub fn blocks_mut(&mut self) -> &mut [Block] {
        match self.storage_mut() {
            Storage::Double(lines) => as_blocks_mut(lines),
            Storage::Single(_) => &mut [],
        }
    }

    /// Takes the amplitudes of a state of the same size and precision.
    pub fn copy_from(&mut self, other: &State) {
        match (self.storage_to_write(), &other.storage) {
            (Storage::Double(to), Storage::Double(from)) => to.copy_from_slice(from),
            (Storage::Single(to), Storage::Single(from)) => to.copy_from_slice(from),
            _ => debug_assert!(false, "states of different precision"),
        }
    }

    /// Takes what a snapshot within this segment has: `numbers` of them.
    pub fn restore(
        &mut self,
        segment: &Segment,
        numbers: u64,
        reader: &mut Reader<'_>,
        workers: &Workers,
    ) -> CoreResult<()> {
        let wrong =
            || refused(format!("the snapshot has `{numbers}` numbers, which no state of this run has"));
        match self.storage_to_write() {
            Storage::Double(lines) => {
                let count = segment.worked_on(lines.len());
                if numbers != count as u64 {
                    return Err(wrong());
                }
                reader.state(&mut lines[..count], workers)
            }
            Storage::Single(lines) => {
                let count = segment.worked_on(lines.len());
                if numbers != count as u64 {
                    return Err(wrong());
                }
                reader.state(&mut lines[..count], workers)
            }
        }
    }

    /// All amplitudes in order.
    pub fn to_vec(&self) -> Vec<C64> {
        let mut room = Vec::new();
        let mut out = Vec::with_capacity(self.len());
        for block in 0..self.num_blocks() {
            let block = self.read(block..block + 1, &mut room)[0];
            out.extend((0..LANES).map(|lane| block.get(lane)));
        }
        out.truncate(self.len());
        out
    }

    /// Amplitude of basis state `index`.
    pub fn get(&self, index: usize) -> C64 {
        let block = index / LANES;
        self.read(block..block + 1, &mut Vec::new())[0].get(index % LANES)
    }
}

/// Lines of a state of `num_qubits` qubits.
fn zeros<R: Real + super::lines::Plain>(num_qubits: usize) -> Option<Lines<R>> {
    Lines::zeros(2usize.checked_shl(num_qubits.max(R::LANE_QUBITS) as u32)?)
}
