//! Threads that stay awake over a step.
//!
//! Between two pieces of work that are shared out, a step does a little on one thread. The others would
//! fall asleep over it, and to wake one costs more than many of these pieces.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::Yield;

/// How long a thread looks for work in vain before it may fall asleep after all.
const PATIENCE: Duration = Duration::from_micros(100);
/// Looks at the clock are this many looks for work apart.
const LOOKS: usize = 32;

/// Does `work`, which shares pieces out among the threads of this pool, while these look for them.
///
/// None of them waits for the end of `work`: a thread that waits for a piece of its own may be the one
/// that was asked to look.
pub(super) fn awake<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let done = AtomicBool::new(false);
    rayon::scope(|scope| {
        for _ in 1..rayon::current_num_threads() {
            scope.spawn(|_| look(&done));
        }
        let result = work();
        done.store(true, Ordering::Release);
        result
    })
}

/// Takes on what there is to do until all is `done`, or there was nothing for long.
fn look(done: &AtomicBool) {
    let mut idle = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if done.load(Ordering::Acquire) {
                return;
            }
            match rayon::yield_now() {
                Some(Yield::Executed) => idle = Instant::now(),
                _ => std::hint::spin_loop(),
            }
        }
        if idle.elapsed() > PATIENCE {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn nested_work_comes_to_its_end_on_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let sum: u64 = pool.install(|| {
                (0..20)
                    .map(|_| {
                        awake(|| {
                            let part = |k: u64| (0..100u64).into_par_iter().map(|x| x * k).sum::<u64>();
                            (0..10u64).into_par_iter().map(part).sum::<u64>()
                        })
                    })
                    .sum()
            });
            assert_eq!(sum, 20 * 45 * 4950, "{threads} threads");
        }
    }

    #[test]
    fn whoever_finds_nothing_gives_up() {
        let done = AtomicBool::new(false);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let begun = Instant::now();
        pool.install(|| look(&done));
        assert!(begun.elapsed() > PATIENCE, "it looked for a while");
    }
}
