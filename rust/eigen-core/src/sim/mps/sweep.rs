//! Expectation values and marginal probabilities: environments carried along the chain. What lies left of a tensor that
//! stands at the orthogonality centre, and right of the last that is asked about, is the identity.
use std::cmp::Ordering;

use super::chain::Chain;
use super::site::Site;
use super::split::orthonormal;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::{Observable, Pauli};
use crate::sim::linear::{adjoint_product, product, view};
use crate::sim::memory::size_text;

/// A Pauli string by sites, ascending, with its coefficient.
type Term = (Vec<(usize, Pauli)>, f64);

/// The tensors of a chain, whose centre is its first site, seen with the centre further and further right.
struct Sweep<'a> {
    chain: &'a Chain,
    at: usize,
    centre: Site,
}

impl<'a> Sweep<'a> {
    fn new(chain: &'a Chain) -> Self {
        Sweep { chain, at: 0, centre: chain.sites[0].clone() }
    }

    fn move_to(&mut self, site: usize) {
        while self.at < site {
            let split = orthonormal(self.centre.tall());
            let next = &self.chain.sites[self.at + 1];
            let data = product(view(&split.right, split.bond, next.left), next.wide());
            self.centre = Site { left: split.bond, right: next.right, data };
            self.at += 1;
        }
    }

    /// The tensor at a site that is not left of the centre.
    fn site(&self, at: usize) -> &Site {
        if at == self.at { &self.centre } else { &self.chain.sites[at] }
    }
}

/// What lies left of a site, as a matrix (bra, ket); `None` is the identity.
type Environment = Option<Vec<C64>>;

/// The environment times the tensor: `[bra bond, s, r]`.
fn extended(environment: &Environment, site: &Site) -> Vec<C64> {
    match environment {
        Some(matrix) => product(view(matrix, site.left, site.left), site.wide()),
        None => site.data.clone(),
    }
}

/// Applies a Pauli letter to the qubit of `data[l + left * (s + 2 r)]`.
fn turned(data: &[C64], left: usize, letter: Option<Pauli>) -> Vec<C64> {
    let matrix = match letter {
        None => return data.to_vec(),
        Some(letter) => crate::gate::pauli(letter.letter() as u8),
    };
    let mut site = Site { left, right: data.len() / (2 * left), data: data.to_vec() };
    site.apply(&std::array::from_fn(|k| matrix.data()[k]));
    site.data
}

fn inner(bra: &[C64], ket: &[C64]) -> C64 {
    bra.iter().zip(ket).map(|(a, b)| a.conj() * b).sum()
}

/// `<O>`. Terms with a common beginning share the work of it.
pub(super) fn expectation(chain: &Chain, observable: &Observable) -> f64 {
    let (constant, terms) = by_sites(chain, observable);
    let mut sweep = Sweep::new(chain);
    let (mut total, mut start) = (constant, 0);
    while start < terms.len() {
        let first = terms[start].0[0].0;
        let count = terms[start..].partition_point(|(string, _)| string[0].0 == first);
        sweep.move_to(first);
        total += strings(&sweep, &terms[start..start + count]);
        start += count;
    }
    total
}

/// The coefficient of the identity, and the other terms: those that begin at the same site stand together, and among
/// them those with the same letters so far.
fn by_sites(chain: &Chain, observable: &Observable) -> (f64, Vec<Term>) {
    let (mut constant, mut terms) = (0.0, Vec::new());
    for (string, coefficient) in observable.terms() {
        let mut sites: Vec<(usize, Pauli)> =
            string.factors().iter().map(|(qubit, letter)| (chain.place[*qubit as usize], *letter)).collect();
        sites.sort_unstable_by_key(|(site, _)| *site);
        if sites.is_empty() { constant += coefficient } else { terms.push((sites, *coefficient)) }
    }
    terms.sort_by(|(a, _), (b, _)| a[0].0.cmp(&b[0].0).then_with(|| order(a, b)));
    (constant, terms)
}

/// Letter by letter, the identity first.
fn order(a: &[(usize, Pauli)], b: &[(usize, Pauli)]) -> Ordering {
    for (left, right) in a.iter().zip(b) {
        let by_site = right.0.cmp(&left.0);
        let by_letter = left.1.letter().cmp(&right.1.letter());
        if by_site.then(by_letter) != Ordering::Equal {
            return by_site.then(by_letter);
        }
    }
    a.len().cmp(&b.len())
}

/// Terms that are the same up to their factor `depth`, and what their common beginning makes of the left.
struct Shared {
    site: usize,
    environment: Environment,
    range: std::ops::Range<usize>,
    depth: usize,
}

/// The weighted sum of terms that begin at the sweep's centre.
fn strings(sweep: &Sweep<'_>, terms: &[Term]) -> f64 {
    let mut total = 0.0;
    let mut waiting = vec![Shared { site: sweep.at, environment: None, range: 0..terms.len(), depth: 0 }];
    while let Some(shared) = waiting.pop() {
        let site = sweep.site(shared.site);
        let ket = extended(&shared.environment, site);
        let letter = |term: &Term| term.0.get(shared.depth).filter(|(at, _)| *at == shared.site).map(|f| f.1);
        let mut start = shared.range.start;
        while start < shared.range.end {
            let own = letter(&terms[start]);
            let count = terms[start..shared.range.end].iter().take_while(|term| letter(term) == own).count();
            let depth = shared.depth + usize::from(own.is_some());
            let acted = turned(&ket, site.left, own);
            let ended =
                terms[start..start + count].iter().take_while(|(string, _)| string.len() == depth).count();
            if ended > 0 {
                let weight: f64 =
                    terms[start..start + ended].iter().map(|(_, coefficient)| coefficient).sum();
                total += weight * inner(&site.data, &acted).re;
            }
            if ended < count {
                let after = adjoint_product(site.tall(), view(&acted, 2 * site.left, site.right));
                waiting.push(Shared {
                    site: shared.site + 1,
                    environment: Some(after),
                    range: start + ended..start + count,
                    depth,
                });
            }
            start += count;
        }
    }
    total
}

/// Probabilities of the values of some qubits; bit `k` of the index is `qubits[k]`.
pub(super) fn probabilities(chain: &Chain, qubits: &[usize]) -> CoreResult<Vec<f64>> {
    let mut wanted: Vec<(usize, usize)> =
        qubits.iter().enumerate().map(|(k, q)| (chain.place[*q], k)).collect();
    wanted.sort_unstable();
    let (Some((first, _)), Some((last, _))) = (wanted.first().copied(), wanted.last().copied()) else {
        return Ok(vec![1.0]);
    };
    let bond = chain.sites[first..=last].iter().map(|site| site.left.max(site.right)).max().unwrap_or(1);
    check_room(chain, qubits.len(), bond)?;
    let mut sweep = Sweep::new(chain);
    sweep.move_to(first);
    let mut parts: Vec<(usize, Environment)> = vec![(0, None)];
    let mut bits = wanted.iter().peekable();
    for at in first..last {
        let bit = bits.next_if(|(site, _)| *site == at).map(|(_, k)| *k);
        let site = sweep.site(at);
        let mut next = Vec::with_capacity(2 * parts.len());
        for (key, environment) in parts {
            let ket = extended(&environment, site);
            let Some(bit) = bit else {
                next.push((key, Some(adjoint_product(site.tall(), view(&ket, 2 * site.left, site.right)))));
                continue;
            };
            let ket = Site { left: site.left, right: site.right, data: ket };
            for value in 0..2 {
                next.push((key | value << bit, Some(adjoint_product(site.slice(value), ket.slice(value)))));
            }
        }
        parts = next;
    }
    let site = sweep.site(last);
    let mut out = vec![0.0; 1 << qubits.len()];
    let bit = wanted[wanted.len() - 1].1;
    for (key, environment) in parts {
        let ket = extended(&environment, site);
        for (k, (bra, ket)) in site.data.chunks_exact(site.left).zip(ket.chunks_exact(site.left)).enumerate()
        {
            out[key | (k % 2) << bit] += inner(bra, ket).re;
        }
    }
    out.iter_mut().for_each(|value| *value = value.max(0.0));
    Ok(out)
}

fn check_room(chain: &Chain, qubits: usize, bond: usize) -> CoreResult<()> {
    let limit = u128::from(chain.limits.memory_bytes);
    let needed = 1u128
        .checked_shl(qubits as u32)
        .and_then(|keys| keys.checked_mul(24 * (bond as u128).pow(2)))
        .unwrap_or(u128::MAX);
    if qubits < 60 && needed <= limit {
        return Ok(());
    }
    let message = format!(
        "the probabilities of {qubits} qubits need {} at a bond of {bond}; limit {}",
        size_text(needed),
        size_text(limit)
    );
    Err(CoreError::new(ErrorCode::ResourceExhausted, message)
        .with_hint("ask for fewer qubits, or sample them"))
}
