//! Amplitudes that can differ from zero: rotations on |0...0> reach only sums of their flips, so those are counted.
//!
//! Amplitude `p` belongs to the basis state that is the sum of the flips `b_j` with bit `j` of `p` set. Symmetries such
//! as parity or particle number show as fewer flips than qubits.

/// A growing basis of flips.
#[derive(Clone, Debug, Default)]
pub(super) struct Coordinates {
    flips: Vec<u64>,
    /// The flips in echelon form, each with the flips that it is the sum of.
    echelon: Vec<(u64, u32)>,
}

impl Coordinates {
    /// Number of flips.
    pub fn dim(&self) -> usize {
        self.flips.len()
    }

    /// The coordinates of a flip, if it is a sum of the known ones.
    pub fn find(&self, flip: u64) -> Option<u32> {
        let (rest, sum) = self.reduce(flip);
        (rest == 0).then_some(sum)
    }

    /// The coordinates of a flip, which becomes the next one if it is new.
    pub fn find_or_add(&mut self, flip: u64) -> u32 {
        let (rest, sum) = self.reduce(flip);
        if rest == 0 {
            return sum;
        }
        let own = 1 << self.dim();
        self.flips.push(flip);
        self.echelon.push((rest, sum | own));
        own
    }

    /// The signs of a Z-mask: bit `j` is set where flip `j` changes the sign.
    pub fn signs(&self, z: u64) -> u32 {
        let odd = |flip: &u64| (flip & z).count_ones() & 1;
        self.flips.iter().enumerate().fold(0, |mask, (j, flip)| mask | odd(flip) << j)
    }

    fn reduce(&self, mut flip: u64) -> (u64, u32) {
        let mut sum = 0;
        for (known, of) in &self.echelon {
            if flip >> known.ilog2() & 1 == 1 {
                flip ^= known;
                sum ^= of;
            }
        }
        (flip, sum)
    }
}

/// Whether a mask has an odd number of bits in common with another.
pub(super) fn is_odd(a: u32, b: u32) -> bool {
    (a & b).count_ones() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_found() {
        let mut space = Coordinates::default();
        assert_eq!(space.find_or_add(0b0110), 1);
        assert_eq!(space.find_or_add(0b1010), 2);
        assert_eq!(space.find_or_add(0b1100), 3);
        assert_eq!(space.find_or_add(0b0001), 4);
        assert_eq!(space.find(0b0111), Some(5));
        assert_eq!(space.find(0b0010), None);
        assert_eq!(space.find(0), Some(0));
        assert_eq!(space.signs(0b0010), 3);
    }
}
