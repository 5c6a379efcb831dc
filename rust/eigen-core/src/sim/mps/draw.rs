//! Samples of the final state: qubit by qubit along the chain, each given those before it (Ferris and Vidal, PRB 85,
//! 165146). Shots with the same beginning share its work; no state is collapsed.
use std::sync::{Mutex, PoisonError};

use super::chain::Chain;
use crate::error::CoreResult;
use crate::math::C64;
use crate::rng::Philox;
use crate::sim::branch::mix;
use crate::sim::linear::{product, view};
use crate::sim::tally::Tally;
use crate::sim::workers::Workers;

/// Beginnings that are extended together.
const BLOCK: usize = 512;

/// What is drawn.
pub(super) struct Drawing<'a> {
    pub chain: &'a Chain,
    /// Site by site, the classical bits that its qubit is written to; sites behind the last are not looked at.
    pub clbits: Vec<Vec<usize>>,
    pub seed: u64,
}

/// Beginnings of the same length.
struct Block {
    site: usize,
    /// One column for each: the amplitudes given the beginning, over the bond to the next site.
    vectors: Vec<C64>,
    shots: Vec<u64>,
    /// Stream of random numbers that belongs to the beginning.
    streams: Vec<u64>,
    /// Keys of classical bits so far.
    keys: Vec<u64>,
}

/// Adds `shots` keys to the tally, over the classical bits `base`. The chain's centre is its first site.
pub(super) fn draw(
    drawing: &Drawing<'_>,
    (shots, stream): (u64, u64),
    base: &[u64],
    workers: &Workers,
    tally: &mut Tally,
) -> CoreResult<()> {
    let words = base.len();
    let mut keys = base.to_vec();
    for clbit in drawing.clbits.iter().flatten() {
        keys[clbit / 64] &= !(1 << (clbit % 64));
    }
    let mut root =
        Block { site: 0, vectors: vec![C64::ONE], shots: vec![shots], streams: vec![stream], keys };
    while root.site < drawing.clbits.len() && root.shots.len() <= BLOCK {
        root = drawing.extend(root, words);
    }
    let parts: Vec<_> = root.parts(words).into_iter().map(|part| Mutex::new(Some(part))).collect();
    let tallies = workers.map(parts.len(), |k| {
        let part = parts[k].lock().unwrap_or_else(PoisonError::into_inner).take();
        drawing.finish(part.into_iter().collect(), words)
    });
    tallies.into_iter().try_for_each(|part| part.map(|part| tally.append(part)))
}

impl Block {
    /// Blocks of at most `BLOCK` beginnings.
    fn parts(self, words: usize) -> Vec<Block> {
        let bond = self.vectors.len() / self.shots.len();
        (0..self.shots.len().div_ceil(BLOCK))
            .map(|k| {
                let range = k * BLOCK..((k + 1) * BLOCK).min(self.shots.len());
                Block {
                    site: self.site,
                    vectors: self.vectors[range.start * bond..range.end * bond].to_vec(),
                    shots: self.shots[range.clone()].to_vec(),
                    streams: self.streams[range.clone()].to_vec(),
                    keys: self.keys[range.start * words..range.end * words].to_vec(),
                }
            })
            .collect()
    }
}

impl Drawing<'_> {
    /// All keys that begin as the blocks do.
    fn finish(&self, mut waiting: Vec<Block>, words: usize) -> CoreResult<Tally> {
        let mut tally = Tally::new(words);
        while let Some(block) = waiting.pop() {
            if block.site == self.clbits.len() {
                tally.add_rows(&block.keys, &block.shots)?;
                continue;
            }
            let next = self.extend(block, words);
            if next.shots.len() <= 2 * BLOCK { waiting.push(next) } else { waiting.extend(next.parts(words)) }
        }
        Ok(tally)
    }

    /// One site more.
    fn extend(&self, block: Block, words: usize) -> Block {
        let site = &self.chain.sites[block.site];
        let (count, right) = (block.shots.len(), site.right);
        // Columns (s, r) of the site times each beginning: entry s + 2 r of column k.
        let amplitudes = product(site.wide().transpose(), view(&block.vectors, site.left, count));
        let mut next = Block {
            site: block.site + 1,
            vectors: Vec::with_capacity(count * right),
            shots: Vec::with_capacity(count),
            streams: Vec::with_capacity(count),
            keys: Vec::with_capacity(count * words),
        };
        for (k, column) in amplitudes.chunks_exact(2 * right).enumerate() {
            let mut weights = [0.0; 2];
            for pair in column.chunks_exact(2) {
                weights[0] += pair[0].norm_sqr();
                weights[1] += pair[1].norm_sqr();
            }
            let one = weights[1] / (weights[0] + weights[1]);
            let ones = binomial(block.shots[k], one, &mut Philox::new(self.seed, block.streams[k]));
            for (value, shots) in [(0, block.shots[k] - ones), (1, ones)] {
                if shots == 0 {
                    continue;
                }
                let factor = 1.0 / libm::sqrt(weights[value]);
                next.vectors.extend(column.iter().skip(value).step_by(2).map(|entry| entry * factor));
                next.shots.push(shots);
                next.streams.push(mix(block.streams[k].wrapping_mul(2).wrapping_add(1 + value as u64)));
                let start = next.keys.len();
                next.keys.extend_from_slice(&block.keys[k * words..(k + 1) * words]);
                for clbit in &self.clbits[block.site] {
                    next.keys[start + clbit / 64] |= (value as u64) << (clbit % 64);
                }
            }
        }
        next
    }
}

/// How many of `count` independent draws succeed, each with probability `chance`.
fn binomial(count: u64, chance: f64, random: &mut Philox) -> u64 {
    if chance <= 0.0 {
        return 0;
    }
    if chance >= 1.0 {
        return count;
    }
    (0..count).filter(|_| random.uniform() < chance).count() as u64
}
