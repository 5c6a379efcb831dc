//! Runs lane code compiled for an instruction set of the processor.
use super::vector::{Portable, Vector};
use crate::sim::vector::Isa;
#[cfg(target_arch = "x86_64")]
use crate::sim::vector::detected;

/// Work written once for all instruction sets; `run` and what it calls must be `#[inline(always)]`.
pub(super) trait Work {
    type Out;
    fn run<V: Vector>(self) -> Self::Out;
}

/// Does the work with an instruction set, or the best below it that the processor has.
pub(super) fn dispatch<W: Work>(isa: Isa, work: W) -> W::Out {
    #[cfg(target_arch = "x86_64")]
    match isa.min(detected()) {
        // SAFETY: `detected` found AVX2 and FMA, or AVX-512.
        Isa::Avx2 => return unsafe { with_avx2(work) },
        // SAFETY: as above.
        Isa::Avx512 => return unsafe { with_avx512(work) },
        Isa::Portable => {}
    }
    let _ = isa;
    work.run::<Portable>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<W: Work>(work: W) -> W::Out {
    work.run::<super::x86::Avx2>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn with_avx512<W: Work>(work: W) -> W::Out {
    work.run::<super::x86::Avx512>()
}
