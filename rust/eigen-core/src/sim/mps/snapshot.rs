//! Snapshots of the chain within a segment, between two gates on several qubits.
use std::collections::VecDeque;
use std::fmt::Write as _;

use super::chain::{Chain, Limits, Loss};
use super::lower::Program;
use super::run::Numbers;
use super::schedule::{apply_from, can_wait};
use super::site::Site;
use crate::error::CoreResult;
use crate::math::C64;
use crate::sim::program::{Cursor, Next, Stop, is_straight};
use crate::sim::snapshot::{About, Identity, Reader, Tour, Watch, Words, refused};
use crate::sim::workers::Workers;

/// A chain that was interrupted.
struct Standing {
    segment: usize,
    /// How many gates wait for each qubit.
    waiting: Vec<usize>,
    cursor: Cursor,
    chain: Chain,
}

/// Runs a circuit that collapses nothing to its end, looked after by somebody.
pub(super) fn run_watched(
    program: &Program,
    numbers: &Numbers,
    chain: &mut Chain,
    watch: &mut dyn Watch,
) -> CoreResult<()> {
    let limits = chain.limits;
    let identity = || identity(program, numbers, limits);
    let mut tour = Tour::new(watch, about(program, numbers, &identity));
    let found = tour
        .restore(|words, count, reader| Standing::read(program, numbers, limits, (words, count), reader))?;
    let (mut cursor, mut from) = (program.start(), None);
    if let Some(standing) = found {
        *chain = standing.chain;
        (cursor, from) = (standing.cursor, Some((standing.segment, standing.waiting)));
    }
    loop {
        let (segment, waiting) = match from.take() {
            Some((segment, waiting)) => (segment, Some(waiting)),
            None => match cursor.next(&program.codes)? {
                Next::Run { segment } => (segment, None),
                Next::Stop(Stop::End) => return Ok(()),
                Next::Stop(_) => continue,
            },
        };
        apply_from(chain, &numbers.segments[segment], waiting.as_deref(), &mut |chain, queues| {
            let count = chain.sites.iter().map(|site| 2 * site.data.len() as u64).sum();
            tour.passed(
                1,
                || words(segment, queues, &cursor, chain),
                count,
                |writer| {
                    let parts =
                        chain.sites.iter().flat_map(|site| &site.data).flat_map(|entry| [entry.re, entry.im]);
                    writer.numbers(&parts.collect::<Vec<f64>>(), &Workers::ONE)
                },
            )
        })?;
    }
}

fn about<'a>(program: &Program, numbers: &Numbers, identity: &'a dyn Fn() -> String) -> About<'a> {
    let of = if is_straight(&program.codes) { numbers.steps() } else { 0 };
    About { engine: "mps", precision: "f64", num_qubits: program.num_qubits, of, identity }
}

/// A digest of everything that the further way of the chain follows from.
fn identity(program: &Program, numbers: &Numbers, limits: Limits) -> String {
    let mut identity = Identity::new();
    let all = write!(
        identity,
        "{} {} {:?} {:?} {:?}",
        program.num_qubits, program.num_bits, program.codes, numbers.segments, limits.truncation
    );
    debug_assert!(all.is_ok(), "a digest takes everything");
    identity.finish()
}

fn words(segment: usize, queues: &[VecDeque<usize>], cursor: &Cursor, chain: &Chain) -> Vec<u64> {
    let mut words = vec![segment as u64];
    cursor.put(&mut words);
    words.extend(queues.iter().map(|queue| queue.len() as u64));
    words.extend(chain.place.iter().map(|site| *site as u64));
    words.push(chain.centre as u64);
    words.extend(chain.sites.iter().map(|site| site.right as u64));
    chain.loss.put(&mut words);
    words
}

impl Standing {
    /// What `words` wrote, with the numbers behind it.
    fn read(
        program: &Program,
        numbers: &Numbers,
        limits: Limits,
        (words, count): (&[u64], u64),
        reader: &mut Reader<'_>,
    ) -> CoreResult<Self> {
        let nowhere = || refused("the snapshot stands nowhere in this run");
        let mut standing =
            Self::take(program, numbers, limits, &mut Words::new(words)).ok_or_else(nowhere)?;
        let chain = &mut standing.chain;
        let sizes = chain.sites.iter().map(|site| site.left.checked_mul(site.right)?.checked_mul(4));
        let total = sizes.clone().try_fold(0usize, |sum, size| sum.checked_add(size?)).ok_or_else(nowhere)?;
        if total as u64 != count || (total as u64).saturating_mul(8) > limits.memory_bytes {
            return Err(refused(format!(
                "the snapshot has `{count}` numbers, which no chain of this run has"
            )));
        }
        let mut parts = vec![0.0f64; total];
        reader.numbers(&mut parts, &Workers::ONE)?;
        if !parts.iter().all(|part| part.is_finite()) {
            return Err(refused("the chain of the snapshot has numbers that are not finite"));
        }
        let mut left = parts.as_slice();
        for site in &mut chain.sites {
            let (own, rest) = left.split_at(4 * site.left * site.right);
            site.data = own.chunks_exact(2).map(|pair| C64::new(pair[0], pair[1])).collect();
            left = rest;
        }
        let norm: f64 = chain.sites[chain.centre].weights().iter().sum();
        if (norm - 1.0).abs() > 1e-2 {
            return Err(refused(format!("the state of the snapshot has the squared norm `{norm}`")));
        }
        Ok(standing)
    }

    fn take(program: &Program, numbers: &Numbers, limits: Limits, words: &mut Words<'_>) -> Option<Self> {
        let count = program.num_qubits;
        let segment = words.index(numbers.segments.len())?;
        let cursor = Cursor::take(words, &program.start(), program.codes.len())?;
        let waiting = words.several(count)?.iter().map(|left| usize::try_from(*left).ok());
        let waiting = waiting.collect::<Option<Vec<_>>>()?;
        let place = (0..count).map(|_| words.index(count)).collect::<Option<Vec<_>>>()?;
        let centre = words.index(count)?;
        let right = words.several(count)?.iter().map(|bond| usize::try_from(*bond).ok());
        let right = right.collect::<Option<Vec<_>>>()?;
        let loss = Loss::take(words)?;
        let mut taken = vec![false; count];
        place.iter().for_each(|site| taken[*site] = true);
        let is_possible = words.is_empty()
            && taken.iter().all(|taken| *taken)
            && right.last() == Some(&1)
            && right.iter().all(|bond| *bond > 0)
            && can_wait(&numbers.segments[segment], &waiting);
        let left = std::iter::once(1).chain(right.iter().copied());
        let sites =
            left.zip(&right).map(|(left, right)| Site { left, right: *right, data: Vec::new() }).collect();
        let chain = Chain { sites, centre, place, limits, loss };
        is_possible.then_some(Standing { segment, waiting, cursor, chain })
    }
}

impl Numbers {
    /// Gates on several qubits.
    fn steps(&self) -> u64 {
        let several = |gate: &&super::gate::Bound| {
            !matches!(gate, super::gate::Bound::Single { .. } | super::gate::Bound::Phase(_))
        };
        self.segments.iter().map(|gates| gates.iter().filter(several).count() as u64).sum()
    }
}
