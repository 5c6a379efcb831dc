//! Multiplies a tile by phases: a table over its lowest qubits, changed by cross tables as the higher ones count up.
use crate::math::C64;
use crate::sim::vector::{Kernel, Real, Vector};

/// The factors of one sweep; tables are complex lines, all of one length.
pub(crate) struct RunPhases<'a, R: Real> {
    pub lines: &'a mut [R],
    /// Factors by the values of the low qubits.
    pub low: &'a [R],
    /// A further factor where a low qubit is 1.
    pub bits: &'a [C64],
    /// What a high qubit that is 1 changes the table by; `None` for nothing.
    pub cross: &'a [Option<&'a [R]>],
    /// A factor for each value of the high qubits.
    pub scalars: &'a [C64],
    /// Room for one table, and for one more for each high qubit.
    pub tables: &'a mut [R],
}

impl<R: Real> Kernel<R> for RunPhases<'_, R> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) {
        let len = self.low.len();
        let highs = self.cross.len();
        let block = 2 * R::LANES;
        assert!(
            self.scalars.len() == 1 << highs && self.lines.len() == len << highs && len.is_multiple_of(block)
        );
        assert!(
            self.tables.len() >= len * (highs + 1) && self.cross.iter().flatten().all(|x| x.len() == len)
        );
        for part in [self.lines.as_ptr(), self.low.as_ptr(), self.tables.as_ptr()] {
            assert!(part.addr().is_multiple_of(64), "lines out of line");
        }
        let tables = self.tables.as_mut_ptr();
        // Level `highs` is the table without high qubits; level k has the factors of the set qubits from k on.
        let mut levels = [self.low.as_ptr(); 65];
        // SAFETY: all offsets stay within the lengths asserted above; the caller promises the instruction set.
        unsafe {
            if self.bits.iter().any(|bit| *bit != C64::ONE) {
                let own = tables.add(len * highs);
                product_table::<V>(self.low, self.bits, own);
                levels = [own.cast_const(); 65];
            }
            for high in 0..1usize << highs {
                if high > 0 {
                    let bit = high.trailing_zeros() as usize;
                    let from = levels[bit + 1];
                    let table = match self.cross[bit] {
                        None => from,
                        Some(cross) => {
                            let own = tables.add(len * bit);
                            multiply::<V>(from, cross.as_ptr(), own, len);
                            own.cast_const()
                        }
                    };
                    for level in levels.iter_mut().take(bit + 1) {
                        *level = table;
                    }
                }
                let scalar = self.scalars[high];
                scale_into::<V>(levels[0], scalar, self.lines.as_mut_ptr().add(len * high), len);
            }
        }
    }
}

/// `(ar + i ai)(br + i bi)`.
#[inline(always)]
fn times<V: Vector>(ar: V, ai: V, br: V, bi: V) -> (V, V) {
    (ai.neg_mul_add(bi, ar.mul(br)), ai.mul_add(br, ar.mul(bi)))
}

/// Complex block at `at`. SAFETY: it is there, and the processor has the instruction set of `V`.
#[inline(always)]
unsafe fn load<V: Vector>(at: *const V::Real) -> (V, V) {
    // SAFETY: the caller's promise.
    unsafe { (V::load(at), V::load(at.add(V::Real::LANES))) }
}

/// SAFETY: as for `load`, to be written.
#[inline(always)]
unsafe fn store<V: Vector>((re, im): (V, V), at: *mut V::Real) {
    // SAFETY: the caller's promise.
    unsafe {
        re.store(at);
        im.store(at.add(V::Real::LANES));
    }
}

/// SAFETY: tables of `len` numbers; the processor has the instruction set of `V`.
#[inline(always)]
unsafe fn multiply<V: Vector>(a: *const V::Real, b: *const V::Real, out: *mut V::Real, len: usize) {
    let mut k = 0;
    while k < len {
        // SAFETY: the caller's promise.
        unsafe {
            let ((ar, ai), (br, bi)) = (load::<V>(a.add(k)), load::<V>(b.add(k)));
            store::<V>(times(ar, ai, br, bi), out.add(k));
        }
        k += 2 * V::Real::LANES;
    }
}

/// `lines *= table * scalar`. SAFETY: as for `multiply`.
#[inline(always)]
unsafe fn scale_into<V: Vector>(table: *const V::Real, scalar: C64, lines: *mut V::Real, len: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let (sr, si) = (V::splat(V::Real::from_f64(scalar.re)), V::splat(V::Real::from_f64(scalar.im)));
        let mut k = 0;
        while k < len {
            let (tr, ti) = load::<V>(table.add(k));
            let (fr, fi) = times(tr, ti, sr, si);
            let (xr, xi) = load::<V>(lines.add(k));
            store::<V>(times(xr, xi, fr, fi), lines.add(k));
            k += 2 * V::Real::LANES;
        }
    }
}

/// `low` times a factor for each qubit that is 1. SAFETY: `out` has room for `low`.
#[inline(always)]
unsafe fn product_table<V: Vector>(low: &[V::Real], bits: &[C64], out: *mut V::Real) {
    let lane_qubits = V::Real::LANE_QUBITS.min(bits.len());
    let mut lanes = [[V::Real::default(); 16]; 2];
    #[repr(align(64))]
    struct Aligned<T>(T);
    let mut line = Aligned([[V::Real::default(); 16]; 2]);
    for lane in 0..V::Real::LANES {
        let mut factor = C64::ONE;
        for (k, bit) in bits[..lane_qubits].iter().enumerate() {
            if lane >> k & 1 == 1 {
                factor *= bit;
            }
        }
        lanes[0][lane] = V::Real::from_f64(factor.re);
        lanes[1][lane] = V::Real::from_f64(factor.im);
    }
    line.0 = lanes;
    let mut blocks = [C64::ONE; 1 << 8];
    let count = low.len() / (2 * V::Real::LANES);
    for (k, bit) in bits[lane_qubits..].iter().enumerate() {
        for j in 0..1usize << k {
            blocks[(j | 1 << k) & 255] = blocks[j & 255] * bit;
        }
    }
    // SAFETY: the caller's promise; the line is aligned.
    unsafe {
        let (lr, li) = (V::load(line.0[0].as_ptr()), V::load(line.0[1].as_ptr()));
        for (b, factor) in blocks.iter().enumerate().take(count) {
            let at = 2 * V::Real::LANES * b;
            let (sr, si) = (V::splat(V::Real::from_f64(factor.re)), V::splat(V::Real::from_f64(factor.im)));
            let (fr, fi) = times(lr, li, sr, si);
            let (tr, ti) = load::<V>(low.as_ptr().add(at));
            store::<V>(times(tr, ti, fr, fi), out.add(at));
        }
    }
}
