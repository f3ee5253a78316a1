//! The shaders of an objective are there and valid.

use super::{Check, Outcome, skipped};
use crate::engine::gpu;
use crate::objectives::Objective;

/// Validates every shader composed around the objective.
pub(super) fn check(objective: &dyn Objective) -> Check {
    let why = "it has no WGSL form, so it runs on the CPU only";
    let row =
        |outcome, detail| Check { outcome, detail, ..skipped(objective, "shader", None, why.to_owned()) };
    match gpu::check_shaders(objective) {
        None => row(Outcome::Skipped, why.to_owned()),
        Some(Ok(count)) => row(Outcome::Passed, format!("{count} composed shaders are valid WGSL")),
        Some(Err(fault)) => row(Outcome::Failed, fault),
    }
}
