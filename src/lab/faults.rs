//! Faults that no outside tool can make, for the tests of how the lab survives them. `LOSSLAB_FAULT` names one; builds
//! for users do not read it.

#[cfg(any(debug_assertions, feature = "faults"))]
pub(super) use on_demand::{Fault, asked_for};

#[cfg(not(any(debug_assertions, feature = "faults")))]
pub(super) use never::{Fault, asked_for};

#[cfg(any(debug_assertions, feature = "faults"))]
mod on_demand {
    use std::io::Write as _;

    /// A fault that was asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Fault {
        /// The screen's thread panics after its first frame.
        PanicMain,
        /// The thread that writes files panics.
        PanicExport,
        /// Another thread panics.
        PanicWorker,
        /// The screen's thread hangs after its first frame.
        Stuck,
        /// A library writes to stderr.
        Stderr,
    }

    /// The fault in the environment.
    pub(crate) fn asked_for() -> Option<Fault> {
        Some(match std::env::var("LOSSLAB_FAULT").ok()?.as_str() {
            "panic:main" => Fault::PanicMain,
            "panic:export" => Fault::PanicExport,
            "panic:worker" => Fault::PanicWorker,
            "stuck" => Fault::Stuck,
            "stderr" => Fault::Stderr,
            _ => return None,
        })
    }

    impl Fault {
        /// What happens on the screen's thread after the first frame.
        pub(crate) fn strike(self) {
            match self {
                Self::PanicMain => panic!("the fault that was asked for"),
                Self::PanicWorker => {
                    let worker = std::thread::Builder::new().name("losslab-worker".into());
                    if let Ok(handle) = worker.spawn(|| panic!("the worker's panic")) {
                        let _: Result<(), _> = handle.join();
                    }
                }
                Self::Stuck => loop {
                    std::thread::park();
                },
                Self::Stderr => {
                    let _ = writeln!(std::io::stderr(), "a library complains");
                }
                Self::PanicExport => {}
            }
        }

        /// What happens on the thread that writes files.
        pub(crate) fn strike_export(self) {
            assert!(self != Self::PanicExport, "the export's panic");
        }
    }
}

#[cfg(not(any(debug_assertions, feature = "faults")))]
mod never {
    /// There are none.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Fault {}

    /// None.
    pub(crate) fn asked_for() -> Option<Fault> {
        None
    }

    impl Fault {
        /// Cannot be.
        pub(crate) fn strike(self) {
            match self {}
        }

        /// Cannot be.
        pub(crate) fn strike_export(self) {
            match self {}
        }
    }
}
