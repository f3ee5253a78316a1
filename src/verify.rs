//! Whether objectives are right on this machine: gradient, merge law, engines, floor, shader, each judged by
//! something that shares no code with it. How the findings are printed is the command line's affair.
//!
//! | check | what is compared |
//! | --- | --- |
//! | `gradient` | the reference's gradient with central differences of its loss, through the normalisation |
//! | `merge` | statistics folded in parts and merged with statistics folded at once |
//! | `cpu`, `gpu` | loss and gradient of the engine with the f64 reference, at ragged sizes |
//! | `floor` | the loss of random states with the proved floor; equality at the frame that is named, or computed |
//! | `shader` | every composed shader with the rules of WGSL |

mod convex;
mod engines;
mod floor;
mod gradient;
mod merge;
mod models;
mod scene;
mod shader;

use crate::engine::EngineError;
use crate::objectives::Objective;

pub use engines::Gpu;

/// The names of the checks, in the order they are made.
pub const CHECKS: [&str; 6] = ["gradient", "merge", "cpu", "gpu", "floor", "shader"];

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Within the tolerance everywhere.
    Passed,
    /// Outside it, or not a number, or an error.
    Failed,
    /// Not made; the detail says why.
    Skipped,
}

/// One check of one objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The objective's name, or that of a kind of network.
    pub objective: &'static str,
    /// One of [`CHECKS`].
    pub check: &'static str,
    /// The engine judged (`reference`, `cpu`, `gpu`), where one is.
    pub engine: Option<&'static str>,
    /// The largest error as a share of the tolerance: above 1 is a failure. `None` where nothing was measured.
    pub share_of_tolerance: Option<f64>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was done, or what is wrong and where.
    pub detail: String,
}

/// What [`verify`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// One row a check, objective after objective.
    pub rows: Vec<Check>,
    /// The adapter the GPU rows are from.
    pub adapter: Option<String>,
}

impl Report {
    /// Whether no check failed.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }

    /// The rows that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.rows.iter().filter(|row| row.outcome == Outcome::Failed)
    }
}

/// Which engines are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engines {
    /// The CPU engine.
    pub cpu: bool,
    /// The GPU engine.
    pub gpu: Gpu,
}

/// Makes every check on every objective; `each` sees the rows of an objective as soon as they are there.
///
/// # Errors
/// [`EngineError`] if the GPU is demanded ([`Gpu::Demanded`]) and there is none.
pub fn verify(
    objectives: &[&'static dyn Objective],
    engines: Engines,
    mut each: impl FnMut(&[Check]),
) -> Result<Report, EngineError> {
    let mut gpu = engines::Device::open(engines.gpu)?;
    let mut report = Report::default();
    for &objective in objectives {
        let first = report.rows.len();
        report.rows.push(gradient::check(objective));
        report.rows.push(merge::check(objective));
        if engines.cpu {
            report.rows.push(engines::check_cpu(objective));
        }
        // A shader that is not valid is reported as such, and never handed to a driver.
        let shader = shader::check(objective);
        report.rows.extend(gpu.check(objective, shader.outcome));
        report.rows.push(floor::check(objective));
        report.rows.push(shader);
        each(&report.rows[first..]);
    }
    report.adapter = gpu.adapter();
    Ok(report)
}

/// Checks the networks under the loss: a row each for the gradient and for every engine that is judged. `each` sees
/// the rows of a kind of network as soon as they are there; [`Check::objective`] has its name.
///
/// # Errors
/// [`EngineError`] if the GPU is demanded ([`Gpu::Demanded`]) and there is none.
pub fn verify_models(engines: Engines, each: impl FnMut(&[Check])) -> Result<Vec<Check>, EngineError> {
    Ok(models::checks(engines.cpu, &engines::Device::open(engines.gpu)?, each))
}

/// The worst share seen so far and where; a share that is not a number is the worst of all.
#[derive(Default)]
struct Worst {
    share: Option<f64>,
    place: String,
}

impl Worst {
    fn see(&mut self, share: f64, place: impl FnOnce() -> String) {
        let share = if share.is_nan() { f64::INFINITY } else { share };
        if self.share.is_none_or(|worst| share > worst) {
            self.share = Some(share);
            self.place = place();
        }
    }

    /// The check this makes: `done` says what was done, and the place of the worst share what is wrong.
    fn check(
        self,
        objective: &dyn Objective,
        check: &'static str,
        engine: Option<&'static str>,
        done: String,
    ) -> Check {
        self.named(objective.name(), check, engine, done)
    }

    /// The same of something that is no objective.
    fn named(
        self,
        name: &'static str,
        check: &'static str,
        engine: Option<&'static str>,
        done: String,
    ) -> Check {
        let failed = self.share.is_some_and(|share| share > 1.0);
        Check {
            objective: name,
            check,
            engine,
            share_of_tolerance: self.share,
            outcome: if failed { Outcome::Failed } else { Outcome::Passed },
            detail: if failed { self.place } else { done },
        }
    }
}

fn skipped(
    objective: &dyn Objective,
    check: &'static str,
    engine: Option<&'static str>,
    why: String,
) -> Check {
    Check {
        objective: objective.name(),
        check,
        engine,
        share_of_tolerance: None,
        outcome: Outcome::Skipped,
        detail: why,
    }
}
