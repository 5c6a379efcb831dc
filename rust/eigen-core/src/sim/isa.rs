//! Instruction sets: the same kernels compiled for what the processor has, chosen at run time.
//! No fused multiply-add is used, so every choice gives the same bits.

/// Defines `$name` as `$inner` (which must be `#[inline(always)]`, with plain loops) compiled once for each
/// instruction set.
macro_rules! for_each_isa {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $kind:ty),*) $(-> $out:ty)? = $inner:expr) => {
        $(#[$doc])*
        fn $name($($arg: $kind),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn with_avx512($($arg: $kind),*) $(-> $out)? {
                    $inner($($arg),*)
                }

                #[target_feature(enable = "avx2")]
                fn with_avx2($($arg: $kind),*) $(-> $out)? {
                    $inner($($arg),*)
                }

                if is_x86_feature_detected!("avx512f") {
                    // SAFETY: the processor has the feature.
                    return unsafe { with_avx512($($arg),*) };
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has the feature.
                    return unsafe { with_avx2($($arg),*) };
                }
            }
            $inner($($arg),*)
        }
    };
}

pub(crate) use for_each_isa;
