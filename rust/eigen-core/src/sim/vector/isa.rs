//! The instruction set of the kernels: the best that the processor has, chosen once; it can be held down for tests.
use std::sync::atomic::{AtomicU8, Ordering};

use super::{Real, Vector, portable};
use crate::error::{CoreError, CoreResult, ErrorCode};

/// Instruction sets, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Isa {
    Portable,
    Avx2,
    Avx512,
}

/// Work that is generic in its vectors and is compiled once for each instruction set.
pub(crate) trait Kernel<R: Real> {
    type Out;

    /// Does the work; must be `#[inline(always)]`.
    ///
    /// SAFETY: the processor has the instruction set of `V`.
    unsafe fn run<V: Vector<Real = R>>(self) -> Self::Out;
}

/// A precision with its vectors.
pub(crate) trait Dispatch: Real {
    /// Runs a kernel with the vectors of an instruction set that the processor has.
    fn dispatch<K: Kernel<Self>>(isa: Isa, kernel: K) -> K::Out;
}

impl Isa {
    pub const ALL: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

    /// Its name in settings and facts.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }

    /// Whether the processor has it.
    #[cfg(test)]
    pub fn is_there(self) -> bool {
        self == Isa::Portable || self <= detected()
    }

    /// The instruction set in use.
    pub fn current() -> Isa {
        detected().min(Isa::ALL[usize::from(LIMIT.load(Ordering::Relaxed)).min(2)])
    }
}

/// The best instruction set that may be used, as an index into `Isa::ALL`.
static LIMIT: AtomicU8 = AtomicU8::new(2);

/// What the processor has.
pub(crate) fn detected() -> Isa {
    #[cfg(target_arch = "x86_64")]
    {
        if !is_x86_feature_detected!("popcnt") {
            return Isa::Portable;
        }
        if is_x86_feature_detected!("avx512f") {
            return Isa::Avx512;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Isa::Avx2;
        }
    }
    Isa::Portable
}

/// The instruction set that the state-vector engine uses: `avx512`, `avx2` or `portable`.
pub fn instruction_set() -> &'static str {
    Isa::current().name()
}

/// Lets the state-vector engine use no better instruction set than the named one, in this process and from now on.
pub fn limit_instruction_set(name: &str) -> CoreResult<()> {
    let Some(index) = Isa::ALL.iter().position(|isa| isa.name() == name) else {
        let shown: String = name.chars().take(40).collect();
        let message = format!("there is no instruction set `{shown}`");
        return Err(
            CoreError::new(ErrorCode::SimulationArguments, message).with_hint("use avx512, avx2 or portable")
        );
    };
    LIMIT.store(index as u8, Ordering::Relaxed);
    Ok(())
}

macro_rules! dispatch {
    ($real:ty, $wide:ident, $lanes:literal) => {
        impl Dispatch for $real {
            #[inline]
            fn dispatch<K: Kernel<Self>>(isa: Isa, kernel: K) -> K::Out {
                #[cfg(target_arch = "x86_64")]
                {
                    #[target_feature(enable = "avx512f,popcnt")]
                    fn with_avx512<K: Kernel<$real>>(kernel: K) -> K::Out {
                        // SAFETY: the features of this function.
                        unsafe { kernel.run::<super::avx512::$wide>() }
                    }

                    #[target_feature(enable = "avx2,fma,popcnt")]
                    fn with_avx2<K: Kernel<$real>>(kernel: K) -> K::Out {
                        // SAFETY: the features of this function.
                        unsafe { kernel.run::<super::avx2::$wide>() }
                    }

                    // SAFETY: the features are there, or `detected` would have said less.
                    match isa.min(detected()) {
                        Isa::Avx512 => return unsafe { with_avx512(kernel) },
                        Isa::Avx2 => return unsafe { with_avx2(kernel) },
                        Isa::Portable => {}
                    }
                }
                let _ = isa;
                // SAFETY: plain arrays need no instruction set.
                unsafe { kernel.run::<portable::Lanes<$real, $lanes>>() }
            }
        }
    };
}

dispatch!(f64, F64x8, 8);
dispatch!(f32, F32x16, 16);
