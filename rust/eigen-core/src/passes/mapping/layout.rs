//! Where each logical qubit is. Logical qubits beyond the circuit's are the device's spare ones.

/// A bijection between logical and physical qubits of the device's width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The physical qubit of each logical one.
    pub place: Vec<u32>,
    /// The logical qubit on each physical one.
    pub tenant: Vec<u32>,
}

impl Layout {
    /// The layout with `places[k]` for logical qubit `k`; spare qubits take what is left, ascending.
    pub fn of(places: &[u32], width: usize) -> Self {
        let mut tenant = vec![u32::MAX; width];
        for (logical, physical) in places.iter().enumerate() {
            tenant[*physical as usize] = logical as u32;
        }
        let mut place = places.to_vec();
        for (physical, logical) in tenant.iter_mut().enumerate() {
            if *logical == u32::MAX {
                *logical = place.len() as u32;
                place.push(physical as u32);
            }
        }
        Self { place, tenant }
    }

    /// Exchanges what two physical qubits hold.
    #[inline]
    pub fn swap(&mut self, p: u32, q: u32) {
        let (a, b) = (self.tenant[p as usize], self.tenant[q as usize]);
        self.tenant[p as usize] = b;
        self.tenant[q as usize] = a;
        self.place[a as usize] = q;
        self.place[b as usize] = p;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spare_qubits_fill_the_device_and_swaps_keep_the_bijection() {
        let mut layout = Layout::of(&[3, 1], 4);
        assert_eq!(layout.place, vec![3, 1, 0, 2]);
        layout.swap(3, 2);
        assert_eq!((layout.place[0], layout.place[3]), (2, 3));
        assert!(layout.place.iter().enumerate().all(|(k, at)| layout.tenant[*at as usize] == k as u32));
    }
}
