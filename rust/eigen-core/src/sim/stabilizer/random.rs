//! Random numbers in bulk: the words of `Philox`, many blocks at a time, and exponential numbers made from them.
use super::super::isa::for_each_isa;
use crate::rng::Philox;

/// Words made at a time.
const BATCH: usize = 256;

/// The words of a Philox stream in their order.
pub(super) struct Words {
    source: Philox,
    buffer: [u64; BATCH],
    at: usize,
}

impl Words {
    /// The stream `stream` of a seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        Words { source: Philox::new(seed, stream), buffer: [0; BATCH], at: BATCH }
    }

    /// The next word.
    #[inline]
    pub fn next(&mut self) -> u64 {
        if self.at == BATCH {
            self.source.fill(&mut self.buffer);
            self.at = 0;
        }
        self.at += 1;
        self.buffer[self.at - 1]
    }
}

/// Exponential numbers of mean 1, multiples of no fixed unit, at most 36.1.
pub(super) struct Exponentials {
    source: Philox,
    buffer: [f64; BATCH],
    at: usize,
}

impl Exponentials {
    /// From the stream `stream` of a seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        Exponentials { source: Philox::new(seed, stream), buffer: [0.0; BATCH], at: BATCH }
    }

    /// The next number.
    #[inline]
    pub fn next(&mut self) -> f64 {
        if self.at == BATCH {
            let mut words = [0; BATCH];
            self.source.fill(&mut words);
            exponentials(&words, &mut self.buffer);
            self.at = 0;
        }
        self.at += 1;
        self.buffer[self.at - 1]
    }
}

for_each_isa! {
    /// `-ln u` for the uniform number `u` in (0, 1] that the upper 52 bits of each word are.
    exponentials(words: &[u64; BATCH], out: &mut [f64; BATCH]) = exponentials_plain
}

#[inline(always)]
fn exponentials_plain(words: &[u64; BATCH], out: &mut [f64; BATCH]) {
    for (out, word) in out.iter_mut().zip(words) {
        *out = -ln(2.0 - f64::from_bits(ONE | word >> 12));
    }
}

/// The bits of 1.0.
const ONE: u64 = 0x3FF0_0000_0000_0000;

/// The natural logarithm of a number in [2^-52, 1]: the series of artanh, the same bits on every machine.
#[inline(always)]
fn ln(u: f64) -> f64 {
    // u = m 2^e with m in [sqrt(1/2), sqrt(2)), for which t = (m - 1)/(m + 1) stays below 0.172.
    const SHIFT: u64 = ONE - 0x3FE6_A09E_667F_3BCD;
    let shifted = u.to_bits() + SHIFT;
    let exponent = (shifted >> 52) as i32 - 1023;
    let m = f64::from_bits((shifted & (u64::MAX >> 12)) + (ONE - SHIFT));
    let t = (m - 1.0) / (m + 1.0);
    let s = t * t;
    let mut sum = 1.0 / 21.0;
    for k in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * s + 1.0 / k;
    }
    f64::from(exponent) * std::f64::consts::LN_2 + 2.0 * t * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_stream() {
        let (mut words, mut plain) = (Words::new(5, 9), Philox::new(5, 9));
        assert!((0..1000).all(|_| words.next() == plain.next_u64()));
    }

    #[test]
    fn logarithms_are_right() {
        let mut random = Philox::new(3, 0);
        for k in 0..10_000 {
            let u = if k < 53 { libm::exp2(-f64::from(k)) } else { 1.0 - random.uniform() };
            let u = u.max(f64::EPSILON);
            assert!((ln(u) - libm::log(u)).abs() <= 4e-16 * libm::log(u).abs().max(1.0), "{u}");
        }
    }

    #[test]
    fn exponentials_have_their_moments() {
        let mut draws = Exponentials::new(8, 1);
        let values: Vec<f64> = (0..40_000).map(|_| draws.next()).collect();
        let mean = values.iter().sum::<f64>() / 4e4;
        let square = values.iter().map(|v| v * v).sum::<f64>() / 4e4;
        // Six standard deviations: 1 / sqrt(40,000) of the mean, sqrt(20 / 40,000) of the square.
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
        assert!((square - 2.0).abs() < 0.14, "{square}");
    }
}
