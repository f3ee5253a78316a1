//! `losslab verify`: the checks of [`crate::verify`] as a table, or as JSON. No check lives here.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::engine::EngineError;
use crate::experiment::EngineKind;
use crate::experiment::nearest::did_you_mean;
use crate::objectives::{OBJECTIVES, Objective};
use crate::verify::{self as checks, CHECKS, Check, Engines, Gpu, Outcome, Report};

/// Check gradients, engines and floors on this machine
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Objectives to check; all of them without a name
    #[arg(value_name = "OBJECTIVE")]
    pub objectives: Vec<String>,
    /// Engines to judge: auto judges all there are, reference none (only gradient, merge law, floor and shader)
    #[arg(long, value_enum, default_value = "auto", value_name = "E")]
    pub engine: EngineKind,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// The width of the objectives' column.
const NAMES: usize = 18;
/// The width of a check's column.
const COLUMN: usize = 10;

/// Runs the command: exit code 1 when a check failed, 2 for an unknown objective, 4 for a GPU that is demanded
/// and not there.
pub fn run(args: &VerifyArgs) -> ExitCode {
    let objectives = match chosen(&args.objectives) {
        Ok(objectives) => objectives,
        Err(sentence) => {
            super::complain(&sentence);
            return ExitCode::from(2);
        }
    };
    let engines = match args.engine {
        EngineKind::Auto => Engines { cpu: true, gpu: Gpu::IfThere },
        EngineKind::Cpu => Engines { cpu: true, gpu: Gpu::No },
        EngineKind::Gpu => Engines { cpu: false, gpu: Gpu::Demanded },
        EngineKind::Reference => Engines { cpu: false, gpu: Gpu::No },
    };
    let start = std::time::Instant::now();
    let mut begun = false;
    let mut each = |rows: &[Check]| {
        if !args.json {
            if !begun {
                say(&header());
                begun = true;
            }
            say(&line(rows));
        }
    };
    let report = super::hushed(|| -> Result<Report, EngineError> {
        let mut report = checks::verify(&objectives, engines, &mut each)?;
        // Networks are no objective: they are checked where nobody asked for one by name.
        if args.objectives.is_empty() {
            report.rows.extend(checks::verify_models(engines, &mut each)?);
        }
        Ok(report)
    });
    match report {
        Ok(report) => {
            if args.json {
                say(&to_json(&report).to_string());
            } else {
                say(&closing(&report, objectives.len(), start.elapsed().as_secs_f64()));
            }
            if report.passed() { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(error) => {
            super::complain(&error.to_string());
            ExitCode::from(if matches!(error, EngineError::NoAdapter(_)) { 4 } else { 2 })
        }
    }
}

/// Prints a line; a reader that has gone away is no fault of the objectives.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The objectives called so, each once; all without a name.
fn chosen(names: &[String]) -> Result<Vec<&'static dyn Objective>, String> {
    if names.is_empty() {
        return Ok(OBJECTIVES.to_vec());
    }
    let mut chosen: Vec<&'static dyn Objective> = Vec::new();
    for name in names {
        let Some(objective) = crate::objectives::find(name) else {
            let known = OBJECTIVES.iter().map(|objective| objective.name());
            let name = crate::data::quoted(name);
            return Err(format!(
                "there is no objective {name}{}",
                did_you_mean(name.trim_matches('"'), known)
            ));
        };
        if !chosen.iter().any(|known| known.name() == objective.name()) {
            chosen.push(objective);
        }
    }
    Ok(chosen)
}

fn header() -> String {
    let mut text = "Each number is the largest error found, in percent of the tolerance.\n\n".to_owned();
    let _ = write!(text, "{:NAMES$}", "objective");
    for check in CHECKS {
        let _ = write!(text, "{check:>COLUMN$}");
    }
    text
}

/// The row of one objective.
fn line(rows: &[Check]) -> String {
    let name = rows.first().map_or("", |row| row.objective);
    let mut text = format!("{name:NAMES$}");
    for check in CHECKS {
        let cell = rows.iter().find(|row| row.check == check).map_or_else(String::new, cell);
        let _ = write!(text, "{cell:>COLUMN$}");
    }
    text.trim_end().to_owned()
}

fn cell(row: &Check) -> String {
    match (row.outcome, row.share_of_tolerance) {
        (Outcome::Skipped, _) => "–".to_owned(),
        (Outcome::Failed, _) => "FAILED".to_owned(),
        (Outcome::Passed, None) => "ok".to_owned(),
        (Outcome::Passed, Some(share)) => percent(share),
    }
}

fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p < 0.005 => "0 %".to_owned(),
        p if p < 10.0 => format!("{p:.2} %"),
        p if p < 1e4 => format!("{p:.0} %"),
        p => format!("{p:.1e} %"),
    }
}

/// What stands under the table: failures, what was left out and why, what was done.
fn closing(report: &Report, objectives: usize, seconds: f64) -> String {
    let mut text = String::new();
    for row in report.failures() {
        let share = row.share_of_tolerance.map_or_else(String::new, |share| format!(" ({})", percent(share)));
        let _ = write!(text, "\nFAILED {} {}{share}: {}\n", row.objective, row.check, row.detail);
    }
    let mut reasons: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for row in report.rows.iter().filter(|row| row.outcome == Outcome::Skipped) {
        match reasons.iter_mut().find(|(check, why, _)| *check == row.check && *why == row.detail) {
            Some((_, _, names)) => names.push(row.objective),
            None => reasons.push((row.check, &row.detail, vec![row.objective])),
        }
    }
    if !reasons.is_empty() {
        text.push('\n');
    }
    for (check, why, names) in reasons {
        let whose = if names.len() == objectives { "every objective".to_owned() } else { names.join(", ") };
        let _ = writeln!(text, "– {check} skipped for {whose}: {why}");
    }
    let made = report.rows.iter().filter(|row| row.outcome != Outcome::Skipped).count();
    let mut models: Vec<&str> = report.rows.iter().map(|row| row.objective).collect();
    models.retain(|name| crate::objectives::find(name).is_none());
    models.dedup();
    let models = if models.is_empty() { String::new() } else { format!(" and {}", models.join(", ")) };
    let failed = report.failures().count();
    let adapter = report.adapter.as_ref().map_or_else(String::new, |name| format!(", gpu: {name}"));
    let _ = write!(
        text,
        "\n{made} checks of {objectives} {}{models} in {seconds:.1} s{adapter}: {}",
        if objectives == 1 { "objective" } else { "objectives" },
        if failed == 0 { "all passed".to_owned() } else { format!("{failed} failed") }
    );
    text
}

fn to_json(report: &Report) -> serde_json::Value {
    let rows: Vec<_> = report
        .rows
        .iter()
        .map(|row| {
            // A share that is beyond all numbers is null beside "failed".
            json!({
                "objective": row.objective,
                "check": row.check,
                "engine": row.engine,
                "share_of_tolerance": row.share_of_tolerance.filter(|share| share.is_finite()),
                "outcome": match row.outcome {
                    Outcome::Passed => "passed",
                    Outcome::Failed => "failed",
                    Outcome::Skipped => "skipped",
                },
                "detail": row.detail,
            })
        })
        .collect();
    json!({ "passed": report.passed(), "adapter": report.adapter, "checks": rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(check: &'static str, outcome: Outcome, share: Option<f64>) -> Check {
        let detail = format!("{check} detail");
        Check { objective: "softmax", check, engine: None, share_of_tolerance: share, outcome, detail }
    }

    fn report() -> Report {
        Report {
            rows: vec![
                check("gradient", Outcome::Passed, Some(0.25)),
                check("merge", Outcome::Failed, Some(f64::INFINITY)),
                check("gpu", Outcome::Skipped, None),
                check("shader", Outcome::Passed, None),
            ],
            adapter: None,
        }
    }

    #[test]
    fn a_row_shows_shares_failures_and_gaps_under_their_headings() {
        let row = line(&report().rows);
        assert_eq!(row, "softmax                 25 %    FAILED                   –                  ok");
        let header = header();
        let header = header.lines().last().unwrap();
        assert!(header.chars().count() <= 80 && row.chars().count() <= 80);
        assert_eq!(header.find("shader").unwrap() + 6, row.chars().count());
    }

    #[test]
    fn failures_and_reasons_are_named_under_the_table() {
        let text = closing(&report(), 1, 0.5);
        assert!(text.contains("FAILED softmax merge (inf %): merge detail"), "{text}");
        assert!(text.contains("– gpu skipped for every objective: gpu detail"), "{text}");
        assert!(text.ends_with("3 checks of 1 objective in 0.5 s: 1 failed"), "{text}");
    }

    #[test]
    fn json_says_what_the_table_says() {
        let value = to_json(&report());
        assert_eq!(value["passed"], false);
        assert_eq!(value["checks"][1]["outcome"], "failed");
        assert!(value["checks"][1]["share_of_tolerance"].is_null());
        assert_eq!(value["checks"][0]["share_of_tolerance"], 0.25);
    }

    #[test]
    fn a_wrong_name_is_told_with_the_nearest() {
        let error = chosen(&["sofmax".to_owned()]).err().unwrap();
        assert_eq!(error, "there is no objective \"sofmax\"; did you mean softmax?");
        assert_eq!(chosen(&["mse".into(), "mse".into()]).unwrap().len(), 1);
        assert_eq!(chosen(&[]).unwrap().len(), OBJECTIVES.len());
    }
}
