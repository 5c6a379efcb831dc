//! Runs lane code compiled for an instruction set of the processor.
use super::vector::{Portable, Vector};

/// An instruction set that this processor has. Only `Isa::all` and `Isa::best` make values other than `Portable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Isa(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Kind {
    /// The same set among those of the state vector's kernels.
    fn counterpart(self) -> crate::sim::vector::Isa {
        match self {
            Kind::Portable => crate::sim::vector::Isa::Portable,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => crate::sim::vector::Isa::Avx2,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => crate::sim::vector::Isa::Avx512,
        }
    }
}

impl Isa {
    /// Every set that the processor has, the widest last.
    pub fn all() -> Vec<Isa> {
        #[allow(unused_mut, reason = "other processors have the portable set only")]
        let mut out = vec![Isa(Kind::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                out.push(Isa(Kind::Avx2));
            }
            if is_x86_feature_detected!("avx512f") {
                out.push(Isa(Kind::Avx512));
            }
        }
        out
    }

    /// The widest set that may be used: what holds the state vector's kernels down holds these too.
    pub fn best() -> Isa {
        let most = crate::sim::vector::Isa::current();
        Isa::all().into_iter().rfind(|isa| isa.0.counterpart() <= most).unwrap_or(Isa(Kind::Portable))
    }

    /// Its name, as results tell it.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
        }
    }
}

/// Work written once for all instruction sets; `run` and what it calls must be `#[inline(always)]`.
pub(super) trait Work {
    type Out;
    fn run<V: Vector>(self) -> Self::Out;
}

/// Does the work with an instruction set.
pub(super) fn dispatch<W: Work>(isa: Isa, work: W) -> W::Out {
    match isa.0 {
        Kind::Portable => work.run::<Portable>(),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Isa::all` found AVX2 and FMA.
        Kind::Avx2 => unsafe { with_avx2(work) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Isa::all` found AVX-512.
        Kind::Avx512 => unsafe { with_avx512(work) },
    }
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
