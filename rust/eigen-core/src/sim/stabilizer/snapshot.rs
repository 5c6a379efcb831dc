//! Snapshots of the tableau within a segment, between two gates.
use std::fmt::Write as _;

use super::lower::Program;
use super::run::{History, run_gate};
use super::tableau::Tableau;
use crate::error::CoreResult;
use crate::sim::program::Cursor;
use crate::sim::snapshot::{About, Identity, Reader, Tour, Words, refused};
use crate::sim::workers::Workers;

/// Gates between two looks.
const GATES: usize = 256;

/// A segment, and how many of its gates are done.
type Mark = (usize, usize);

/// A history that was interrupted.
pub(super) struct Standing {
    pub mark: Mark,
    pub cursor: Cursor,
    pub history: History,
}

/// What all snapshots of a program have in common.
pub(super) fn about<'a>(program: &Program, identity: &'a dyn Fn() -> String) -> About<'a> {
    let of = if program.is_straight() { program.segments.iter().map(Vec::len).sum() } else { 0 };
    About {
        engine: "stabilizer",
        precision: "exact",
        num_qubits: program.num_qubits,
        of: of as u64,
        identity,
    }
}

/// Applies the gates of a segment from one on, looking up now and then.
pub(super) fn run_watched(
    program: &Program,
    (segment, from): Mark,
    cursor: &Cursor,
    history: &mut History,
    tour: &mut Tour<'_>,
) -> CoreResult<()> {
    let gates = &program.segments[segment];
    for (batch, start) in gates[from..].chunks(GATES).zip((from..).step_by(GATES)) {
        batch.iter().for_each(|gate| run_gate(program, gate, &mut history.tableau));
        let mark = (segment, start + batch.len());
        let numbers = history.tableau.bits().len() as u64;
        tour.passed(
            batch.len() as u64,
            || words(mark, cursor, history),
            numbers,
            |writer| writer.numbers(history.tableau.bits(), &Workers::ONE),
        )?;
    }
    Ok(())
}

fn words((segment, gate): Mark, cursor: &Cursor, history: &History) -> Vec<u64> {
    let mut words = vec![segment as u64, gate as u64];
    cursor.put(&mut words);
    words.extend([history.places as u64, history.outcomes.len() as u64]);
    words.extend(history.outcomes.iter().map(|outcome| u64::from(*outcome)));
    words.extend(history.tableau.phases().iter().map(|phase| u64::from(*phase)));
    words
}

impl Standing {
    /// What `words` wrote, with the tableau behind it.
    pub fn read(program: &Program, words: &[u64], numbers: u64, reader: &mut Reader<'_>) -> CoreResult<Self> {
        let nowhere = || refused("the snapshot stands nowhere in this run");
        let mut standing = Self::take(program, &mut Words::new(words)).ok_or_else(nowhere)?;
        let bits = standing.history.tableau.bits_mut();
        if numbers != bits.len() as u64 {
            return Err(refused(format!(
                "the snapshot has `{numbers}` words, which no tableau of this run has"
            )));
        }
        reader.numbers(bits, &Workers::ONE)?;
        if standing.history.tableau.is_padded() { Ok(standing) } else { Err(nowhere()) }
    }

    fn take(program: &Program, words: &mut Words<'_>) -> Option<Self> {
        let segment = words.index(program.segments.len())?;
        let gate = words.index(program.segments[segment].len() + 1)?;
        let cursor = Cursor::take(words, &program.start(), program.codes.len())?;
        let places = usize::try_from(words.next()?).ok()?;
        let count = words.count(1)?;
        let outcomes = words.several(count)?.iter().map(|outcome| *outcome == 1).collect();
        let phases = words.several(2 * program.num_qubits)?;
        let phases = phases.iter().map(|phase| u8::try_from(*phase).ok().filter(|phase| *phase < 4));
        let mut tableau = Tableau::zero(program.num_qubits);
        tableau.set_phases(phases.collect::<Option<Vec<u8>>>()?);
        let history = History { tableau, outcomes, places };
        words.is_empty().then_some(Standing { mark: (segment, gate), cursor, history })
    }
}

impl Program {
    /// A digest of everything that the further way of a history follows from.
    pub fn identity(&self) -> String {
        let mut identity = Identity::new();
        let all = write!(
            identity,
            "{} {} {} {:?} {:?} {:?} {:?}",
            self.num_qubits,
            self.num_clbits,
            self.num_bits,
            self.codes,
            self.segments,
            self.actions,
            self.readout
        );
        debug_assert!(all.is_ok(), "a digest takes everything");
        identity.finish()
    }

    fn is_straight(&self) -> bool {
        crate::sim::program::is_straight(&self.codes)
    }
}
