//! Amplitudes of the chain, one or all.
use super::chain::Chain;
use crate::math::C64;
use crate::sim::linear::{product, view};

impl Chain {
    /// The amplitude of a basis state; bit `k % 64` of word `k / 64` is qubit `k`, missing words are 0.
    pub fn amplitude(&self, bits: &[u64]) -> C64 {
        let mut values = vec![0; self.sites.len()];
        for (qubit, site) in self.place.iter().enumerate() {
            values[*site] = (bits.get(qubit / 64).copied().unwrap_or(0) >> (qubit % 64) & 1) as usize;
        }
        let mut row = vec![C64::ONE];
        for (site, value) in self.sites.iter().zip(values) {
            row = product(view(&row, 1, site.left), site.slice(value));
        }
        row[0]
    }

    /// All amplitudes; bit `k` of the index is qubit `k`.
    pub fn state(&self) -> Vec<C64> {
        // Rows are the values of the sites so far, columns the bond: each product appends a bit to the row.
        let mut rows = vec![C64::ONE];
        let mut count = 1;
        for site in &self.sites {
            rows = product(view(&rows, count, site.left), site.wide());
            count *= 2;
        }
        if self.place.iter().enumerate().all(|(qubit, site)| qubit == *site) {
            return rows;
        }
        let site_index = |index: usize| -> usize {
            self.place.iter().enumerate().map(|(qubit, site)| (index >> qubit & 1) << site).sum()
        };
        (0..count).map(|index| rows[site_index(index)]).collect()
    }
}
