//! Pauli errors at random: how often a channel strikes, and which product it then is.
use super::random::{Exponentials, Words};

/// A Pauli channel on a few qubits, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mechanism {
    /// The probability that it strikes at all.
    total: f64,
    /// `-1 / ln(1 - total)`: a run of misses is this many times an exponential number long.
    scale: f64,
    /// Alias table (Walker, Electronics Letters 10, 127 (1974)); its length is a power of two.
    table: Vec<Entry>,
}

/// Below the threshold it is the first product, else the second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    threshold: u64,
    products: [Product; 2],
}

/// `X^x Z^z` without its phase: bit `k` is the k-th qubit of the channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Product {
    pub x: u16,
    pub z: u16,
}

impl Mechanism {
    /// From the probabilities of its products; the rest is no error. `None` when it never strikes.
    pub fn new(products: &[(Product, f64)]) -> Option<Self> {
        let strikes = |(product, weight): &&(Product, f64)| *product != Product::default() && *weight > 0.0;
        let kept: Vec<(Product, f64)> = products.iter().filter(strikes).copied().collect();
        let total: f64 = kept.iter().map(|(_, weight)| weight).sum();
        if kept.is_empty() {
            return None;
        }
        let scale = if total < 1.0 { -1.0 / libm::log1p(-total) } else { 0.0 };
        Some(Mechanism { total: total.min(1.0), scale, table: alias(&kept, total) })
    }

    /// A flip with this probability.
    pub fn flip(probability: f64) -> Option<Self> {
        Self::new(&[(Product { x: 1, z: 0 }, probability)])
    }

    /// How many trials miss before the next hit.
    #[inline]
    pub fn misses(&self, exponentials: &mut Exponentials) -> u64 {
        (exponentials.next() * self.scale) as u64
    }

    /// Which product a hit is.
    #[inline]
    pub fn product(&self, words: &mut Words) -> Product {
        if self.table.len() == 1 {
            return self.table[0].products[0];
        }
        let word = words.next();
        let entry = &self.table[word as usize & (self.table.len() - 1)];
        entry.products[usize::from(word >> 16 >= entry.threshold)]
    }

    /// The product of one trial, if it hits.
    pub fn trial(&self, words: &mut Words) -> Option<Product> {
        let uniform = (words.next() >> 11) as f64 * (1.0 / (1u64 << 53) as f64);
        (uniform < self.total).then(|| self.product(words))
    }
}

/// Thresholds are multiples of 2^-48.
fn alias(kept: &[(Product, f64)], total: f64) -> Vec<Entry> {
    const UNIT: f64 = (1u64 << 48) as f64;
    let size = kept.len().next_power_of_two();
    let mut shares: Vec<f64> = kept.iter().map(|(_, weight)| weight / total * size as f64).collect();
    shares.resize(size, 0.0);
    let product = |k: usize| kept.get(k).map_or(Product::default(), |(product, _)| *product);
    let mut table: Vec<Entry> =
        (0..size).map(|k| Entry { threshold: 1 << 48, products: [product(k); 2] }).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..size).partition(|k| shares[*k] < 1.0);
    while let (Some(low), Some(&high)) = (small.pop(), large.last()) {
        table[low] =
            Entry { threshold: (shares[low] * UNIT) as u64, products: [product(low), product(high)] };
        shares[high] -= 1.0 - shares[low];
        if shares[high] < 1.0 {
            large.pop();
            small.push(high);
        }
    }
    // Rounding may leave an empty place without a partner.
    let heaviest = (0..kept.len()).max_by(|a, b| kept[*a].1.total_cmp(&kept[*b].1)).unwrap_or(0);
    for entry in table.iter_mut().filter(|entry| entry.products == [Product::default(); 2]) {
        entry.products = [product(heaviest); 2];
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_come_as_often_as_they_should() {
        let weights = [0.05, 0.001, 0.2, 0.0, 0.049];
        let products: Vec<(Product, f64)> =
            weights.iter().enumerate().map(|(k, w)| (Product { x: k as u16 + 1, z: 0 }, *w)).collect();
        let mechanism = Mechanism::new(&products).expect("it strikes");
        let (mut gaps, mut words) = (Exponentials::new(1, 0), Words::new(1, 1));
        let trials = 4_000_000u64;
        let (mut seen, mut at) = ([0u64; 8], 0);
        loop {
            at += mechanism.misses(&mut gaps);
            if at >= trials {
                break;
            }
            seen[usize::from(mechanism.product(&mut words).x)] += 1;
            at += 1;
        }
        for (k, weight) in weights.iter().enumerate() {
            let expected = weight * trials as f64;
            // Six standard deviations.
            assert!((seen[k + 1] as f64 - expected).abs() <= 6.0 * expected.sqrt(), "{seen:?}");
        }
        let hits = (0..100_000).filter(|_| mechanism.trial(&mut words).is_some()).count() as f64;
        assert!((hits - 30_000.0).abs() < 6.0 * 145.0);
    }

    #[test]
    fn what_never_strikes_is_none_and_what_always_does_is_certain() {
        assert_eq!(Mechanism::flip(0.0), None);
        assert_eq!(Mechanism::new(&[(Product::default(), 1.0)]), None);
        let always = Mechanism::flip(1.0).expect("it strikes");
        assert_eq!(always.misses(&mut Exponentials::new(1, 0)), 0);
        assert!(always.trial(&mut Words::new(1, 0)).is_some());
    }
}
