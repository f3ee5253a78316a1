//! Picks, once and at run time, the widest instructions this processor has.
//!
//! A [`Vectorised`] task is written once over [`super::Lanes`] and compiled several times. This is
//! the one place that may lift the ban on `unsafe`: calling a function compiled for a feature that
//! was just detected.

use std::sync::OnceLock;

/// A piece of work compiled once for each instruction set.
///
/// `run` and everything it calls must be `#[inline(always)]`, or it keeps the portable code.
pub trait Vectorised {
    /// What the work returns.
    type Output;
    /// Does the work. `simd` is what this copy is compiled for: a constant in it.
    fn run(self, simd: Simd) -> Self::Output;
}

/// Instruction sets a task is compiled for, narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Simd {
    /// Whatever the target guarantees (SSE2 on x86-64, NEON on aarch64).
    Portable,
    /// AVX2 with fused multiply-add.
    Avx2,
    /// AVX-512 (F, BW, DQ, VL).
    Avx512,
}

impl Simd {
    /// The name users type in `LOSSLAB_SIMD` and read in `doctor` and `bench`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether a·b + c is one instruction, rounded once. (Without one, [`f32::mul_add`] would be a call.)
    #[inline(always)]
    pub fn fused(self) -> bool {
        self != Self::Portable || cfg!(target_arch = "aarch64")
    }

    fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if avx512 {
                return Self::Avx512;
            }
            if avx2 {
                return Self::Avx2;
            }
        }
        Self::Portable
    }

    /// The instruction set in use: the widest there is, or the one `LOSSLAB_SIMD` names if the
    /// processor has it.
    pub fn current() -> Self {
        static CURRENT: OnceLock<Simd> = OnceLock::new();
        *CURRENT.get_or_init(|| {
            let widest = Self::detect();
            let wanted = std::env::var("LOSSLAB_SIMD").unwrap_or_default();
            [Self::Portable, Self::Avx2, Self::Avx512]
                .into_iter()
                .find(|simd| simd.name() == wanted && *simd <= widest)
                .unwrap_or(widest)
        })
    }
}

/// Runs a task with the instructions of [`Simd::current`].
#[inline]
pub fn vectorised<T: Vectorised>(task: T) -> T::Output {
    run_with(Simd::current(), task)
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the features were detected by the caller of these two functions")]
fn run_with<T: Vectorised>(simd: Simd, task: T) -> T::Output {
    #[target_feature(enable = "avx2,fma")]
    fn avx2<T: Vectorised>(task: T) -> T::Output {
        task.run(Simd::Avx2)
    }
    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
    fn avx512<T: Vectorised>(task: T) -> T::Output {
        task.run(Simd::Avx512)
    }
    match simd {
        Simd::Portable => task.run(Simd::Portable),
        // SAFETY: `Simd::current` names an instruction set only after detecting it.
        Simd::Avx2 => unsafe { avx2(task) },
        // SAFETY: as above.
        Simd::Avx512 => unsafe { avx512(task) },
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn run_with<T: Vectorised>(_simd: Simd, task: T) -> T::Output {
    task.run(Simd::Portable)
}
