//! Sums and inner products of many states in one pass over memory. Chunks and their order are fixed.
use super::operator::CHUNK_BLOCKS;
use crate::math::{C64, cis};
use crate::sim::{Block, LANES, State, Workers, for_each_isa};

fn chunk_count(state: &State) -> usize {
    state.blocks().len().div_ceil(CHUNK_BLOCKS)
}

fn chunk_of(state: &State, chunk: usize) -> &[Block] {
    let blocks = state.blocks();
    &blocks[chunk * CHUNK_BLOCKS..((chunk + 1) * CHUNK_BLOCKS).min(blocks.len())]
}

/// `<v|v>`.
pub(super) fn norm_sqr(v: &State, workers: &Workers) -> f64 {
    workers
        .map(chunk_count(v), |chunk| products(&[chunk_of(v, chunk)], chunk_of(v, chunk))[0].re)
        .iter()
        .sum()
}

/// `out = keep out + Σ factors[k] v_k`; gives the squared norm of the result.
pub(super) fn combine(vs: &[State], factors: &[C64], keep: f64, out: &mut State, workers: &Workers) -> f64 {
    let mut pieces: Vec<(&mut [Block], f64)> =
        out.blocks_mut().chunks_mut(CHUNK_BLOCKS).map(|chunk| (chunk, 0.0)).collect();
    workers.each_chunk(&mut pieces, 1, |chunk, piece| {
        let (out, norm) = &mut piece[0];
        let sources: Vec<&[Block]> = vs.iter().map(|v| chunk_of(v, chunk)).collect();
        *norm = combine_chunk(&sources, factors, keep, out);
    });
    pieces.iter().map(|(_, norm)| norm).sum()
}

/// `v = exp(i angle) v`.
pub(super) fn turn(v: &mut State, angle: f64, workers: &Workers) {
    let factor = cis(angle);
    if angle == 0.0 {
        return;
    }
    workers.each_chunk(v.blocks_mut(), CHUNK_BLOCKS, |_, chunk| {
        for block in chunk {
            for l in 0..LANES {
                block.set(l, block.get(l) * factor);
            }
        }
    });
}

for_each_isa! {
    products(bras: &[&[Block]], ket: &[Block]) -> Vec<C64> = products_inner
}

for_each_isa! {
    combine_chunk(vs: &[&[Block]], factors: &[C64], keep: f64, out: &mut [Block]) -> f64 = combine_inner
}

#[inline(always)]
fn products_inner(bras: &[&[Block]], ket: &[Block]) -> Vec<C64> {
    let product = |bra: &&[Block]| {
        let mut sum = Block::ZERO;
        for (a, b) in bra.iter().zip(ket) {
            sum.add_conj_product(a, b);
        }
        sum.sum()
    };
    bras.iter().map(product).collect()
}

#[inline(always)]
fn combine_inner(vs: &[&[Block]], factors: &[C64], keep: f64, out: &mut [Block]) -> f64 {
    for block in out.iter_mut() {
        for l in 0..LANES {
            block.re[l] *= keep;
            block.im[l] *= keep;
        }
    }
    for (v, factor) in vs.iter().zip(factors) {
        for (target, block) in out.iter_mut().zip(*v) {
            for l in 0..LANES {
                target.re[l] += factor.re * block.re[l] - factor.im * block.im[l];
                target.im[l] += factor.re * block.im[l] + factor.im * block.re[l];
            }
        }
    }
    products_inner(&[out], out)[0].re
}
