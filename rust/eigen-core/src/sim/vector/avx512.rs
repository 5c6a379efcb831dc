//! One 512-bit register for a line.
use std::arch::x86_64::*;

use super::Vector;

#[derive(Clone, Copy)]
pub(crate) struct F64x8(__m512d);

#[derive(Clone, Copy)]
pub(crate) struct F32x16(__m512);

/// Lane numbers XOR a mask, for every mask.
#[repr(align(64))]
struct Permutations<T, const LANES: usize>([[T; LANES]; LANES]);

static DOUBLES: Permutations<i64, 8> = {
    let mut table = [[0; 8]; 8];
    let mut at = 0;
    while at < 64 {
        table[at / 8][at % 8] = ((at / 8) ^ (at % 8)) as i64;
        at += 1;
    }
    Permutations(table)
};

static SINGLES: Permutations<i32, 16> = {
    let mut table = [[0; 16]; 16];
    let mut at = 0;
    while at < 256 {
        table[at / 16][at % 16] = ((at / 16) ^ (at % 16)) as i32;
        at += 1;
    }
    Permutations(table)
};

/// Wraps intrinsics. SAFETY of all: a value exists, so the processor has AVX-512F (see `Vector`).
macro_rules! arithmetic {
    ($kind:ident, $add:ident, $sub:ident, $mul:ident, $fma:ident, $fms:ident, $fnma:ident) => {
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            // SAFETY: as above.
            $kind(unsafe { $add(self.0, other.0) })
        }
        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            // SAFETY: as above.
            $kind(unsafe { $sub(self.0, other.0) })
        }
        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            // SAFETY: as above.
            $kind(unsafe { $mul(self.0, other.0) })
        }
        #[inline(always)]
        fn mul_add(self, factor: Self, term: Self) -> Self {
            // SAFETY: as above.
            $kind(unsafe { $fma(self.0, factor.0, term.0) })
        }
        #[inline(always)]
        fn mul_sub(self, factor: Self, term: Self) -> Self {
            // SAFETY: as above.
            $kind(unsafe { $fms(self.0, factor.0, term.0) })
        }
        #[inline(always)]
        fn neg_mul_add(self, factor: Self, term: Self) -> Self {
            // SAFETY: as above.
            $kind(unsafe { $fnma(self.0, factor.0, term.0) })
        }
    };
}

impl Vector for F64x8 {
    type Real = f64;

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: the caller's promise.
        F64x8(unsafe { _mm512_load_pd(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_store_pd(to, self.0) }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f64) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_stream_pd(to, self.0) }
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
        F64x8(unsafe { _mm512_set1_pd(value) })
    }

    arithmetic!(
        F64x8,
        _mm512_add_pd,
        _mm512_sub_pd,
        _mm512_mul_pd,
        _mm512_fmadd_pd,
        _mm512_fmsub_pd,
        _mm512_fnmadd_pd
    );

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        let lanes = DOUBLES.0[mask % 8].as_ptr();
        // SAFETY: a value exists, so the processor has AVX-512F; the rows of the table are 64-byte lines.
        F64x8(unsafe { _mm512_permutexvar_pd(_mm512_load_si512(lanes.cast()), self.0) })
    }

    #[inline(always)]
    fn select(self, other: Self, mask: u16) -> Self {
        // SAFETY: a value exists, so the processor has AVX-512F.
        F64x8(unsafe { _mm512_mask_blend_pd(mask as u8, self.0, other.0) })
    }
}

impl Vector for F32x16 {
    type Real = f32;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        F32x16(unsafe { _mm512_load_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_store_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_stream_ps(to, self.0) }
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
        F32x16(unsafe { _mm512_set1_ps(value) })
    }

    arithmetic!(
        F32x16,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps,
        _mm512_fmadd_ps,
        _mm512_fmsub_ps,
        _mm512_fnmadd_ps
    );

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        let lanes = SINGLES.0[mask % 16].as_ptr();
        // SAFETY: a value exists, so the processor has AVX-512F; the rows of the table are 64-byte lines.
        F32x16(unsafe { _mm512_permutexvar_ps(_mm512_load_si512(lanes.cast()), self.0) })
    }

    #[inline(always)]
    fn select(self, other: Self, mask: u16) -> Self {
        // SAFETY: a value exists, so the processor has AVX-512F.
        F32x16(unsafe { _mm512_mask_blend_ps(mask, self.0, other.0) })
    }
}
