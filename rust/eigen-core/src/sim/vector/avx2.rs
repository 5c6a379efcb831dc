//! Two 256-bit registers for a line: the same lanes as one of 512 bits, with FMA.
use std::arch::x86_64::*;

use super::Vector;

#[derive(Clone, Copy)]
pub(crate) struct F64x8([__m256d; 2]);

#[derive(Clone, Copy)]
pub(crate) struct F32x16([__m256; 2]);

/// Wraps intrinsics. SAFETY of all: a value exists, so the processor has AVX2 and FMA (see `Vector`).
macro_rules! arithmetic {
    ($kind:ident, $add:ident, $sub:ident, $mul:ident, $fma:ident, $fms:ident, $fnma:ident) => {
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            // SAFETY: as above.
            unsafe { $kind([$add(self.0[0], other.0[0]), $add(self.0[1], other.0[1])]) }
        }
        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            // SAFETY: as above.
            unsafe { $kind([$sub(self.0[0], other.0[0]), $sub(self.0[1], other.0[1])]) }
        }
        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            // SAFETY: as above.
            unsafe { $kind([$mul(self.0[0], other.0[0]), $mul(self.0[1], other.0[1])]) }
        }
        #[inline(always)]
        fn mul_add(self, factor: Self, term: Self) -> Self {
            let (a, b, c) = (self.0, factor.0, term.0);
            // SAFETY: as above.
            unsafe { $kind([$fma(a[0], b[0], c[0]), $fma(a[1], b[1], c[1])]) }
        }
        #[inline(always)]
        fn mul_sub(self, factor: Self, term: Self) -> Self {
            let (a, b, c) = (self.0, factor.0, term.0);
            // SAFETY: as above.
            unsafe { $kind([$fms(a[0], b[0], c[0]), $fms(a[1], b[1], c[1])]) }
        }
        #[inline(always)]
        fn neg_mul_add(self, factor: Self, term: Self) -> Self {
            let (a, b, c) = (self.0, factor.0, term.0);
            // SAFETY: as above.
            unsafe { $kind([$fnma(a[0], b[0], c[0]), $fnma(a[1], b[1], c[1])]) }
        }
    };
}

impl Vector for F64x8 {
    type Real = f64;

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: the caller's promise.
        unsafe { F64x8([_mm256_load_pd(from), _mm256_load_pd(from.add(4))]) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: the caller's promise.
        unsafe {
            _mm256_store_pd(to, self.0[0]);
            _mm256_store_pd(to.add(4), self.0[1]);
        }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f64) {
        // SAFETY: the caller's promise.
        unsafe {
            _mm256_stream_pd(to, self.0[0]);
            _mm256_stream_pd(to.add(4), self.0[1]);
        }
    }

    #[inline(always)]
    unsafe fn fence() {
        // SAFETY: the caller's promise.
        unsafe { _mm_sfence() }
    }

    #[inline(always)]
    unsafe fn prefetch(from: *const f64) {
        // SAFETY: a prefetch never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn splat(value: f64) -> Self {
        // SAFETY: the caller's promise.
        F64x8([unsafe { _mm256_set1_pd(value) }; 2])
    }

    arithmetic!(
        F64x8,
        _mm256_add_pd,
        _mm256_sub_pd,
        _mm256_mul_pd,
        _mm256_fmadd_pd,
        _mm256_fmsub_pd,
        _mm256_fnmadd_pd
    );

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        let [a, b] = if mask & 4 == 0 { self.0 } else { [self.0[1], self.0[0]] };
        // SAFETY: a value exists, so the processor has AVX2.
        unsafe {
            F64x8(match mask & 3 {
                0 => [a, b],
                1 => [_mm256_permute_pd::<0b0101>(a), _mm256_permute_pd::<0b0101>(b)],
                2 => [_mm256_permute4x64_pd::<0x4e>(a), _mm256_permute4x64_pd::<0x4e>(b)],
                _ => [_mm256_permute4x64_pd::<0x1b>(a), _mm256_permute4x64_pd::<0x1b>(b)],
            })
        }
    }

    #[inline(always)]
    fn select(self, other: Self, mask: u16) -> Self {
        let bits = [mask & 15, mask >> 4 & 15].map(usize::from);
        // SAFETY: a value exists, so the processor has AVX2.
        unsafe {
            F64x8([
                _mm256_blendv_pd(self.0[0], other.0[0], double_mask(bits[0])),
                _mm256_blendv_pd(self.0[1], other.0[1], double_mask(bits[1])),
            ])
        }
    }
}

impl Vector for F32x16 {
    type Real = f32;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe { F32x16([_mm256_load_ps(from), _mm256_load_ps(from.add(8))]) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            _mm256_store_ps(to, self.0[0]);
            _mm256_store_ps(to.add(8), self.0[1]);
        }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            _mm256_stream_ps(to, self.0[0]);
            _mm256_stream_ps(to.add(8), self.0[1]);
        }
    }

    #[inline(always)]
    unsafe fn fence() {
        // SAFETY: the caller's promise.
        unsafe { _mm_sfence() }
    }

    #[inline(always)]
    unsafe fn prefetch(from: *const f32) {
        // SAFETY: a prefetch never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's promise.
        F32x16([unsafe { _mm256_set1_ps(value) }; 2])
    }

    arithmetic!(
        F32x16,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_fmadd_ps,
        _mm256_fmsub_ps,
        _mm256_fnmadd_ps
    );

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        let [a, b] = if mask & 8 == 0 { self.0 } else { [self.0[1], self.0[0]] };
        // SAFETY: a value exists, so the processor has AVX2.
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let lanes = _mm256_xor_si256(lanes, _mm256_set1_epi32((mask & 7) as i32));
            F32x16([_mm256_permutevar8x32_ps(a, lanes), _mm256_permutevar8x32_ps(b, lanes)])
        }
    }

    #[inline(always)]
    fn select(self, other: Self, mask: u16) -> Self {
        // SAFETY: a value exists, so the processor has AVX2.
        unsafe {
            F32x16([
                _mm256_blendv_ps(self.0[0], other.0[0], single_mask(mask & 255)),
                _mm256_blendv_ps(self.0[1], other.0[1], single_mask(mask >> 8)),
            ])
        }
    }
}

/// All bits of lane `l` where bit `l` is set. SAFETY: the processor has AVX2.
#[inline(always)]
unsafe fn double_mask(bits: usize) -> __m256d {
    // SAFETY: the caller's promise.
    unsafe {
        let lane = _mm256_setr_epi64x(1, 2, 4, 8);
        let set = _mm256_and_si256(_mm256_set1_epi64x(bits as i64), lane);
        _mm256_castsi256_pd(_mm256_cmpeq_epi64(set, lane))
    }
}

/// All bits of lane `l` where bit `l` is set. SAFETY: the processor has AVX2.
#[inline(always)]
unsafe fn single_mask(bits: u16) -> __m256 {
    // SAFETY: the caller's promise.
    unsafe {
        let lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
        let set = _mm256_and_si256(_mm256_set1_epi32(i32::from(bits)), lane);
        _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, lane))
    }
}
