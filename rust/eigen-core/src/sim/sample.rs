//! Drawing basis states from a state: O(2^n + shots) by sorted uniforms.
use super::amplitude::{Block, LANES, sum_lanes};
use super::state::State;
use super::workers::Workers;
use crate::rng::Philox;

/// Blocks in a chunk whose probability is summed up: 4,096 amplitudes.
const CHUNK_BLOCKS: usize = 512;

/// Shots drawn at a time: their points take 32 MiB.
const MOST_POINTS: u64 = 1 << 22;

/// Draws `shots` basis states; gives (index, how often), where an index may come more than once.
pub(crate) fn sample(state: &State, shots: u64, random: &mut Philox, workers: &Workers) -> Vec<(u64, u64)> {
    let sums = chunk_sums(state, workers);
    if shots == 1 {
        return vec![(sample_one(state, &sums, random), 1)];
    }
    let mut out = Vec::new();
    let mut left = shots;
    while left > 0 {
        let now = left.min(MOST_POINTS);
        out.extend(sample_round(state, &sums, now, random, workers));
        left -= now;
    }
    out
}

/// Draws at most `MOST_POINTS` shots, ascending by index.
fn sample_round(
    state: &State,
    sums: &[f64],
    shots: u64,
    random: &mut Philox,
    workers: &Workers,
) -> Vec<(u64, u64)> {
    let total: f64 = sums.iter().sum();
    let points = sorted_points(shots, total, random);
    let mut work = Vec::new();
    let (mut before, mut first) = (0.0, 0);
    let last = sums.iter().rposition(|sum| *sum > 0.0).unwrap_or_default();
    for (chunk, sum) in sums.iter().enumerate() {
        let after = before + sum;
        let end = if chunk == last {
            points.len()
        } else {
            first + points[first..].partition_point(|p| *p < after)
        };
        if end > first && *sum > 0.0 {
            work.push((chunk, before, first..end));
            first = end;
        }
        before = after;
    }
    let parts = workers.map(work.len(), |k| {
        let (chunk, before, range) = &work[k];
        let mut room = Vec::new();
        walk(
            chunk_of(state, *chunk, &mut room),
            (chunk * CHUNK_BLOCKS * LANES) as u64,
            *before,
            &points[range.clone()],
        )
    });
    parts.concat()
}

fn sample_one(state: &State, sums: &[f64], random: &mut Philox) -> u64 {
    let point = random.uniform() * sums.iter().sum::<f64>();
    let last = sums.iter().rposition(|sum| *sum > 0.0).unwrap_or_default();
    let (mut before, mut room) = (0.0, Vec::new());
    for (chunk, sum) in sums.iter().enumerate().take(last) {
        if point < before + sum {
            return walk(
                chunk_of(state, chunk, &mut room),
                (chunk * CHUNK_BLOCKS * LANES) as u64,
                before,
                &[point],
            )[0]
            .0;
        }
        before += sum;
    }
    walk(chunk_of(state, last, &mut room), (last * CHUNK_BLOCKS * LANES) as u64, before, &[point])[0].0
}

/// Uniform numbers on [0, total), ascending: normalised sums of exponential gaps (Devroye, Non-Uniform Random Variate
/// Generation, section V.3).
fn sorted_points(shots: u64, total: f64, random: &mut Philox) -> Vec<f64> {
    let mut sum = 0.0;
    let mut next = || {
        sum -= libm::log(1.0 - random.uniform());
        sum
    };
    let mut points: Vec<f64> = (0..shots).map(|_| next()).collect();
    let scale = total / next();
    points.iter_mut().for_each(|point| *point *= scale);
    points
}

/// Which amplitudes of a chunk the points hit. Points beyond the sum, by rounding, hit the last that can be hit.
fn walk(blocks: &[Block], start: u64, before: f64, points: &[f64]) -> Vec<(u64, u64)> {
    let mut out: Vec<(u64, u64)> = Vec::new();
    let (mut sum, mut rest, mut possible) = (before, points, start);
    for (b, block) in blocks.iter().enumerate() {
        for (lane, probability) in block.norms().into_iter().enumerate() {
            if probability == 0.0 {
                continue;
            }
            possible = start + (b * LANES + lane) as u64;
            sum += probability;
            let hits = rest.iter().take_while(|point| **point < sum).count();
            if hits > 0 {
                out.push((possible, hits as u64));
                rest = &rest[hits..];
            }
        }
        if rest.is_empty() {
            return out;
        }
    }
    match out.last_mut() {
        Some(last) if last.0 == possible => last.1 += rest.len() as u64,
        _ => out.push((possible, rest.len() as u64)),
    }
    out
}

fn chunk_of<'a>(state: &'a State, chunk: usize, room: &'a mut Vec<Block>) -> &'a [Block] {
    state.read(chunk * CHUNK_BLOCKS..((chunk + 1) * CHUNK_BLOCKS).min(state.num_blocks()), room)
}

fn chunk_sums(state: &State, workers: &Workers) -> Vec<f64> {
    map_chunks(state, workers, |blocks| {
        let mut sums = [0.0; LANES];
        blocks.iter().for_each(|block| block.norms().iter().zip(&mut sums).for_each(|(p, sum)| *sum += p));
        sum_lanes(&sums)
    })
}

/// The values of `work` for each chunk of the state in order. Chunks do not depend on the number of threads.
fn map_chunks<T: Send>(
    state: &State,
    workers: &Workers,
    work: impl Fn(&[Block]) -> T + Sync + Send,
) -> Vec<T> {
    workers.map(state.num_blocks().div_ceil(CHUNK_BLOCKS), |chunk| {
        let mut room = Vec::new();
        work(chunk_of(state, chunk, &mut room))
    })
}
