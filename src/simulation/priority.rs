//! Who goes first when there are more threads than cores: the screen, then the engine, then the numbers.

/// Whose thread it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Steps of a run.
    Engine,
    /// Geometry beside the run.
    Numbers,
}

/// Lets threads of a higher rank go before the calling one. Where the system does not allow that, nothing changes.
pub fn step_back(rank: Rank) {
    let nice = match rank {
        Rank::Engine => 5,
        Rank::Numbers => 10,
    };
    // On Linux this is about the thread, elsewhere about the process, which must keep its place.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, nice);
    #[cfg(not(target_os = "linux"))]
    let _ = nice;
}

/// Makes the pool that steps are made in, one rank below the screen. Call it before anything is computed; a pool that
/// is there already stays as it is.
pub fn engine_behind_the_screen() {
    let pool = rayon::ThreadPoolBuilder::new().start_handler(|_| step_back(Rank::Engine));
    let _ = pool.build_global();
}
