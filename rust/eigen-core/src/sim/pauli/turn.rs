//! A Pauli rotation on a sum of products: `Q -> cos Q + sin (iPQ)` for each that anticommutes with P.
use super::step::Letters;
use super::terms::{Hashes, Terms};

/// A rotation for given parameter values.
pub(super) struct Turn<'a> {
    letters: &'a Letters,
    hash: u64,
    pub cos: f64,
    pub sin: f64,
}

/// Cosines and sines this small are rounding of a quarter turn.
const NEGLIGIBLE: f64 = 1e-15;

impl<'a> Turn<'a> {
    pub fn new(letters: &'a Letters, angle: f64, hashes: &Hashes) -> Self {
        let exact = |value: f64| if value.abs() < NEGLIGIBLE { 0.0 } else { value };
        let (cos, sin) = (exact(libm::cos(angle)), exact(libm::sin(angle)));
        Turn { letters, hash: hashes.of_letters(letters), cos, sin }
    }

    /// Whether a product anticommutes.
    #[inline]
    pub fn crosses(&self, row: &[u64], words: usize) -> bool {
        let crossed = self
            .letters
            .words
            .iter()
            .fold(0, |sum, (word, x, z)| sum ^ (row[*word] & z) ^ (row[words + word] & x));
        crossed.count_ones() % 2 == 1
    }

    /// The sign of `iPQ` as a product of letters, for a Q that anticommutes with P.
    #[inline]
    pub fn sign(&self, row: &[u64], words: usize) -> f64 {
        let mut phase = 1u32;
        for (word, px, pz) in &self.letters.words {
            let (qx, qz) = (row[*word], row[words + word]);
            phase += (px & pz).count_ones() + (qx & qz).count_ones() + 2 * (pz & qx).count_ones();
            phase += 3 * ((px ^ qx) & (pz ^ qz)).count_ones();
        }
        if phase.is_multiple_of(4) { 1.0 } else { -1.0 }
    }

    /// The hash of `PQ`.
    #[inline]
    pub fn partner_hash(&self, terms: &Terms, term: usize) -> u64 {
        terms.hashes[term] ^ self.hash
    }

    /// The term that is `PQ`, if there is one.
    #[inline]
    pub fn partner(&self, terms: &Terms, term: usize) -> Option<usize> {
        let (row, words) = (terms.row(term), terms.words());
        terms.find(self.partner_hash(terms, term), |other| self.is_product(row, other, words))
    }

    #[inline]
    fn is_product(&self, row: &[u64], other: &[u64], words: usize) -> bool {
        let mut letters = self.letters.words.iter().peekable();
        for word in 0..words {
            let (x, z) = match letters.peek() {
                Some((at, x, z)) if *at == word => {
                    letters.next();
                    (*x, *z)
                }
                _ => (0, 0),
            };
            if row[word] ^ x != other[word] || row[words + word] ^ z != other[words + word] {
                return false;
            }
        }
        true
    }

    /// Letters of `PQ`, for a Q with `before` letters.
    pub fn weight(&self, terms: &Terms, term: usize, before: u32) -> u32 {
        let (row, words) = (terms.row(term), terms.words());
        self.letters.words.iter().fold(before, |weight, (word, x, z)| {
            let (qx, qz) = (row[*word], row[words + word]);
            weight + ((qx ^ x) | (qz ^ z)).count_ones() - (qx | qz).count_ones()
        })
    }

    /// A quarter turn: each product that anticommutes becomes another. `back` undoes it.
    pub fn permute(&self, terms: &mut Terms, coefficients: &mut [&mut [f64]], back: bool) {
        let words = terms.words();
        for term in 0..terms.len() {
            let row = terms.row(term);
            if self.crosses(row, words) {
                // The sign of the way back is that of the way there for the other product, turned.
                let sign = if back { -self.sign(row, words) } else { self.sign(row, words) };
                coefficients.iter_mut().for_each(|values| values[term] *= sign * self.sin);
                terms.multiply(term, self.letters, self.partner_hash(terms, term));
            }
        }
    }

    /// Appends `PQ`.
    pub fn push(&self, terms: &mut Terms, term: usize, coefficient: f64) {
        let hash = self.partner_hash(terms, term);
        terms.push_product(term, self.letters, hash, coefficient);
    }
}
