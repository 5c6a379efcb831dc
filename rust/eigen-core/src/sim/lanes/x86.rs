//! AVX-512 and AVX2 vectors. Their values are made only inside functions compiled for the instruction set, which the
//! dispatch enters after it has asked the processor.
use std::arch::x86_64::*;

use super::vector::{Lane, Vector};

/// One register of AVX-512.
#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512d);

// SAFETY, for every block below: the dispatch runs code with this type only where `avx512f` is there; `Lane` is 64
// aligned bytes of eight f64.
impl Vector for Avx512 {
    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_set1_pd(value) })
    }

    #[inline(always)]
    fn load(from: &Lane) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_load_pd(from.0.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut Lane) {
        // SAFETY: as above.
        unsafe { _mm512_store_pd(to.0.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_add_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_sub_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_mul_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_fmadd_pd(self.0, factor.0, addend.0) })
    }

    #[inline(always)]
    fn mul_sub_from(self, factor: Self, minuend: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_fnmadd_pd(self.0, factor.0, minuend.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe {
            _mm512_castsi512_pd(_mm512_xor_si512(_mm512_castpd_si512(self.0), _mm512_castpd_si512(other.0)))
        })
    }

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        // SAFETY: as above.
        Avx512(unsafe {
            let lanes = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
            _mm512_permutexvar_pd(_mm512_xor_si512(lanes, _mm512_set1_epi64(mask as i64)), self.0)
        })
    }

    #[inline(always)]
    fn swap_odd(bits: Self, a: Self, b: Self) -> (Self, Self) {
        // SAFETY: as above.
        unsafe {
            let odd = _mm512_test_epi64_mask(_mm512_castpd_si512(bits.0), _mm512_set1_epi64(1));
            (Avx512(_mm512_mask_blend_pd(odd, a.0, b.0)), Avx512(_mm512_mask_blend_pd(odd, b.0, a.0)))
        }
    }

    #[inline(always)]
    fn sign_of_bit_one(self) -> Self {
        // SAFETY: as above.
        unsafe {
            let bit = _mm512_and_si512(_mm512_castpd_si512(self.0), _mm512_set1_epi64(2));
            Avx512(_mm512_castsi512_pd(_mm512_slli_epi64::<62>(bit)))
        }
    }

    #[inline(always)]
    fn all_within(self, most: f64) -> bool {
        // SAFETY: as above.
        unsafe { _mm512_cmp_pd_mask::<_CMP_LE_OQ>(_mm512_abs_pd(self.0), _mm512_set1_pd(most)) == 0xff }
    }
}

/// Two registers of AVX2: lanes 0 to 3, and 4 to 7.
#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256d, __m256d);

// SAFETY, for every block below: the dispatch runs code with this type only where `avx2` and `fma` are there; `Lane`
// is 64 aligned bytes of eight f64. No closures: they would not be compiled for the instruction set.
impl Vector for Avx2 {
    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: as above.
        unsafe { Avx2(_mm256_set1_pd(value), _mm256_set1_pd(value)) }
    }

    #[inline(always)]
    fn load(from: &Lane) -> Self {
        // SAFETY: as above.
        unsafe { Avx2(_mm256_load_pd(from.0.as_ptr()), _mm256_load_pd(from.0.as_ptr().add(4))) }
    }

    #[inline(always)]
    fn store(self, to: &mut Lane) {
        // SAFETY: as above.
        unsafe {
            _mm256_store_pd(to.0.as_mut_ptr(), self.0);
            _mm256_store_pd(to.0.as_mut_ptr().add(4), self.1);
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { Avx2(_mm256_add_pd(self.0, other.0), _mm256_add_pd(self.1, other.1)) }
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { Avx2(_mm256_sub_pd(self.0, other.0), _mm256_sub_pd(self.1, other.1)) }
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { Avx2(_mm256_mul_pd(self.0, other.0), _mm256_mul_pd(self.1, other.1)) }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: as above.
        unsafe {
            Avx2(_mm256_fmadd_pd(self.0, factor.0, addend.0), _mm256_fmadd_pd(self.1, factor.1, addend.1))
        }
    }

    #[inline(always)]
    fn mul_sub_from(self, factor: Self, minuend: Self) -> Self {
        // SAFETY: as above.
        unsafe {
            Avx2(_mm256_fnmadd_pd(self.0, factor.0, minuend.0), _mm256_fnmadd_pd(self.1, factor.1, minuend.1))
        }
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { Avx2(_mm256_xor_pd(self.0, other.0), _mm256_xor_pd(self.1, other.1)) }
    }

    #[inline(always)]
    fn xor_lanes(self, mask: usize) -> Self {
        let Avx2(mut low, mut high) = if mask & 4 == 0 { self } else { Avx2(self.1, self.0) };
        // SAFETY: as above.
        unsafe {
            if mask & 2 != 0 {
                low = _mm256_permute4x64_pd::<0b0100_1110>(low);
                high = _mm256_permute4x64_pd::<0b0100_1110>(high);
            }
            if mask & 1 != 0 {
                low = _mm256_permute_pd::<0b0101>(low);
                high = _mm256_permute_pd::<0b0101>(high);
            }
        }
        Avx2(low, high)
    }

    #[inline(always)]
    fn swap_odd(bits: Self, a: Self, b: Self) -> (Self, Self) {
        // SAFETY: as above.
        unsafe {
            let low = _mm256_castsi256_pd(_mm256_slli_epi64::<63>(_mm256_castpd_si256(bits.0)));
            let high = _mm256_castsi256_pd(_mm256_slli_epi64::<63>(_mm256_castpd_si256(bits.1)));
            (
                Avx2(_mm256_blendv_pd(a.0, b.0, low), _mm256_blendv_pd(a.1, b.1, high)),
                Avx2(_mm256_blendv_pd(b.0, a.0, low), _mm256_blendv_pd(b.1, a.1, high)),
            )
        }
    }

    #[inline(always)]
    fn sign_of_bit_one(self) -> Self {
        // SAFETY: as above.
        unsafe {
            let two = _mm256_set1_epi64x(2);
            let low = _mm256_and_si256(_mm256_castpd_si256(self.0), two);
            let high = _mm256_and_si256(_mm256_castpd_si256(self.1), two);
            Avx2(
                _mm256_castsi256_pd(_mm256_slli_epi64::<62>(low)),
                _mm256_castsi256_pd(_mm256_slli_epi64::<62>(high)),
            )
        }
    }

    #[inline(always)]
    fn all_within(self, most: f64) -> bool {
        // SAFETY: as above.
        unsafe {
            let (sign, most) = (_mm256_set1_pd(-0.0), _mm256_set1_pd(most));
            let low = _mm256_cmp_pd::<_CMP_LE_OQ>(_mm256_andnot_pd(sign, self.0), most);
            let high = _mm256_cmp_pd::<_CMP_LE_OQ>(_mm256_andnot_pd(sign, self.1), most);
            _mm256_movemask_pd(_mm256_and_pd(low, high)) == 0xf
        }
    }
}
