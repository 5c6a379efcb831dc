//! From a circuit and its noise to stretches: gates between jumps with the sites among them, and the same gates fused in
//! pieces for histories to which nothing happens there.
use std::ops::Range;

use super::dice::Dice;
use crate::circuit::{Basis, Circuit, Operation};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::noise::{Site, Sites};
use crate::sim::flow::{Gates, Lowered, lower_flow};
use crate::sim::lower::{Steps, fixed_step};
use crate::sim::plan::Start;
use crate::sim::precision::Precision;
use crate::sim::program::{Code, Readout};
use crate::sim::segment::{Segment, Step};

/// Gates of one piece: fused as a whole, run again gate by gate where an error falls among them.
const PIECE_GATES: usize = 16;

/// Something in a stretch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// Gates: a segment of `Program::single`.
    Run { segment: usize },
    /// Noise: an entry of `Program::spots`.
    Spot { spot: usize },
}

/// A channel on particular qubits of the circuit.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// Index into `Program::dice`.
    pub dice: usize,
    pub qubits: [usize; 2],
    pub width: usize,
}

impl Spot {
    pub fn qubits(&self) -> &[usize] {
        &self.qubits[..self.width]
    }
}

/// A run of parts that is also there as one segment.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub parts: Range<usize>,
    /// A segment of `Program::fused`; `None` when the piece has no gates.
    pub fused: Option<usize>,
    /// Sum of the rates that no state changes.
    pub fixed_rate: f64,
    /// Guess of the sum of the other rates; 0 when there are none.
    pub guessed_rate: f64,
}

/// Parts between two points where a history may stop or jump.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub pieces: Vec<Piece>,
}

/// A noisy circuit, lowered.
pub(super) struct Program {
    pub codes: Vec<Code>,
    pub stretches: Vec<Stretch>,
    pub parts: Vec<Part>,
    pub spots: Vec<Spot>,
    pub dice: Vec<Dice>,
    /// Gates between sites.
    pub single: Vec<Segment>,
    /// Gates and quiet operators of whole pieces.
    pub fused: Vec<Segment>,
    pub readout: Vec<Readout>,
    pub num_counters: usize,
    pub collapses: bool,
}

impl Program {
    /// Shots with one error fall into as many histories as there are errors, the others each have their own.
    pub fn expected_histories(&self, shots: f64) -> f64 {
        let spots = self.spots.iter().map(|spot| &self.dice[spot.dice]);
        let (rate, kinds) = spots.fold((0.0, 0.0), |(rate, kinds), dice| {
            (rate + dice.usual_rate(), kinds + dice.num_others() as f64)
        });
        if rate == 0.0 {
            return 1.0;
        }
        let quiet = libm::exp(-rate);
        let single = quiet * rate;
        1.0 + kinds * (1.0 - libm::exp(-shots * single / kinds)) + shots * (1.0 - quiet - single).max(0.0)
    }
}

/// Lowers a circuit of at most 62 qubits with its noise.
pub(super) fn lower(circuit: &Circuit, sites: &Sites) -> CoreResult<Program> {
    let mut gates = Noisy {
        sites,
        dice: sites.channels().iter().map(Dice::new).collect(),
        single: Steps::new(circuit),
        fused: Steps::new(circuit),
        stretches: Vec::new(),
        pieces: Vec::new(),
        parts: Vec::new(),
        spots: Vec::new(),
        begin: 0,
        gates: 0,
        is_read: vec![false; circuit.num_qubits()],
    };
    let Lowered { codes, readout, num_counters, collapses, .. } = lower_flow(circuit, &mut gates)?;
    let planned = |segments: Vec<Vec<Step>>| -> Vec<Segment> {
        let plan = |steps| Segment::new(circuit.num_qubits(), steps, Start::Anywhere, Precision::F64);
        segments.into_iter().map(plan).collect()
    };
    Ok(Program {
        codes,
        stretches: gates.stretches,
        parts: gates.parts,
        spots: gates.spots,
        dice: gates.dice,
        single: planned(gates.single.segments),
        fused: planned(gates.fused.segments),
        readout,
        num_counters,
        collapses,
    })
}

/// Collects gates twice, once cut at every site and once fused across them.
struct Noisy<'a> {
    sites: &'a Sites,
    dice: Vec<Dice>,
    single: Steps<'a>,
    fused: Steps<'a>,
    stretches: Vec<Stretch>,
    pieces: Vec<Piece>,
    parts: Vec<Part>,
    spots: Vec<Spot>,
    /// Where the piece begins that is being collected, and how many gates it has.
    begin: usize,
    gates: usize,
    /// Qubits whose final measurement has passed: nothing more can be seen of them.
    is_read: Vec<bool>,
}

impl Gates for Noisy<'_> {
    const ENGINE: &'static str = Steps::ENGINE;
    const IS_NOISY: bool = true;

    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        if self.gates >= PIECE_GATES {
            self.close_piece();
        }
        self.gates += 1;
        self.single.gate(operation)?;
        self.fused.gate(operation)
    }

    fn before(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.add(self.sites.before(operation.index()));
        Ok(())
    }

    fn after(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.add(self.sites.after(operation.index()));
        Ok(())
    }

    fn waits(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        debug_assert_eq!(operation.opcode(), Opcode::Measure);
        self.before(operation)?;
        operation.qubits().iter().for_each(|qubit| self.is_read[*qubit as usize] = true);
        Ok(())
    }

    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        self.single.rotate(qubit, basis, back);
        self.fused.rotate(qubit, basis, back);
    }

    fn flush(&mut self) -> Option<usize> {
        self.close_piece();
        if self.pieces.is_empty() {
            return None;
        }
        self.stretches.push(Stretch { pieces: std::mem::take(&mut self.pieces) });
        Some(self.stretches.len() - 1)
    }
}

impl Noisy<'_> {
    fn add(&mut self, sites: &[Site]) {
        for site in sites {
            let width = self.sites.channel(*site).num_qubits();
            let qubits = site.qubits.map(|qubit| qubit as usize);
            if qubits[..width].iter().all(|qubit| self.is_read[*qubit]) {
                continue;
            }
            self.close_single();
            let dice = site.channel as usize;
            if let Some(quiet) = &self.dice[dice].quiet {
                self.fused.push(fixed_step(&qubits[..width], quiet.data()));
            }
            self.parts.push(Part::Spot { spot: self.spots.len() });
            self.spots.push(Spot { dice, qubits, width });
        }
    }

    fn close_single(&mut self) {
        if let Some(segment) = self.single.flush() {
            self.parts.push(Part::Run { segment });
        }
    }

    fn close_piece(&mut self) {
        self.close_single();
        self.gates = 0;
        let parts = self.begin..self.parts.len();
        if parts.is_empty() {
            return;
        }
        self.begin = self.parts.len();
        let (mut fixed_rate, mut guessed_rate) = (0.0, 0.0);
        for part in &self.parts[parts.clone()] {
            let Part::Spot { spot } = part else { continue };
            let dice = &self.dice[self.spots[*spot].dice];
            match dice.fixed_rate() {
                Some(rate) => fixed_rate += rate,
                None => guessed_rate += dice.usual_rate().max(f64::MIN_POSITIVE),
            }
        }
        let fused = self.fused.flush();
        self.pieces.push(Piece { parts, fused, fixed_rate, guessed_rate });
    }
}
