//! What a comparison writes: its figure twice, every number of every run, the differences, and each experiment.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use super::{Compared, report};
use crate::comparison::Spread;
use crate::data::write::atomic_write_bytes;
use crate::experiment::file;
use crate::figure::{Figure, Format, Size, render_with_metadata};
use crate::geometry::METRICS;
use crate::palette;
use crate::portrait::comparison::{Cast, comparison};

/// Writes the folder; it exists already.
pub(super) fn write(out: &Path, compared: &Compared, summary: &Value) -> Result<(), String> {
    let put = |name: &str, bytes: &[u8]| {
        atomic_write_bytes(&out.join(name), bytes).map_err(|error| error.to_string())
    };
    put("compare.csv", runs(compared).as_bytes())?;
    put("differences.csv", differences(compared).as_bytes())?;
    let pretty = serde_json::to_string_pretty(summary).map_err(|error| error.to_string())?;
    put("compare.json", format!("{pretty}\n").as_bytes())?;
    for (k, start) in compared.starts.iter().enumerate() {
        let text = file::print(&start.experiment).map_err(|error| error.to_string())?;
        put(&format!("{}.toml", palette::letter(k)), text.as_bytes())?;
    }
    let drawn = figure(compared);
    let (width, height) = drawn.natural_size();
    let size = Size::new(width, height).map_err(|error| error.to_string())?;
    let metadata = vec![
        ("Software".to_owned(), format!("losslab {}", env!("CARGO_PKG_VERSION"))),
        ("Objectives".to_owned(), compared.study.names.join(" | ")),
    ];
    let drawn = Figure::Comparison(drawn);
    for (name, format) in [("compare.png", Format::Png), ("compare.svg", Format::Svg)] {
        let bytes =
            render_with_metadata(&drawn, format, size, &metadata).map_err(|error| error.to_string())?;
        put(name, &bytes)?;
    }
    Ok(())
}

fn figure(compared: &Compared) -> crate::figure::Comparison {
    let study = &compared.study;
    let first = &compared.starts[0];
    let sphere: Vec<bool> =
        compared.starts.iter().map(|start| start.problem.sphere && start.state.network.is_none()).collect();
    let cast = Cast {
        truth: first.labelled.then_some(first.truth.as_slice()),
        names: &first.label_names,
        sphere: &sphere,
    };
    let spread =
        if study.rows.len() > 1 { "; lines are medians, bands the middle half of the seeds" } else { "" };
    let title = study.names.join("  against  ");
    comparison(study, cast, &title, &format!("{}{spread}", report::setting(compared)))
}

/// A row a measured step of every run.
fn runs(compared: &Compared) -> String {
    let keys: Vec<&str> = METRICS.iter().filter(|metric| metric.cheap).map(|metric| metric.key).collect();
    let mut text = String::from("run,objective,seed,step,loss");
    for key in &keys {
        text.push(',');
        text += key;
    }
    text.push('\n');
    for row in &compared.study.rows {
        for (arm, trial) in row.iter().enumerate() {
            for (step, measured) in &trial.measured {
                let at = trial.curve.iter().rev().find(|point| point[0] as u64 == *step);
                // Writing to a string cannot fail. Quotes: expressions have commas.
                let _ = write!(
                    text,
                    "{},\"{}\",{},{step},{}",
                    palette::letter(arm),
                    compared.study.names[arm],
                    trial.seed,
                    at.map_or_else(String::new, |point| point[1].to_string())
                );
                for key in &keys {
                    text.push(',');
                    if let Some(value) = measured.get(key) {
                        let _ = write!(text, "{value}");
                    }
                }
                text.push('\n');
            }
        }
    }
    text
}

/// A row a metric and pair of runs. The difference is that within each seed: its median over seeds, and how it lies.
fn differences(compared: &Compared) -> String {
    let mut text = String::from(
        "metric,of,minus,median_of,median_minus,median_difference,least,lower_quartile,upper_quartile,greatest,\
         plus,minus_signs,ties,p\n",
    );
    let cell = |x: f64| if x.is_finite() { x.to_string() } else { String::new() };
    for arm in 1..compared.study.names.len() {
        for line in compared.study.lines() {
            let (sign, spread) = (line.sign(arm), line.spread(arm));
            let of = |number: fn(Spread) -> f64| cell(spread.map_or(f64::NAN, number));
            let _ = writeln!(
                text,
                "{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
                line.key,
                palette::letter(arm),
                palette::letter(0),
                cell(line.median(arm)),
                cell(line.median(0)),
                of(|spread| spread.middle),
                of(|spread| spread.least),
                of(|spread| spread.lower),
                of(|spread| spread.upper),
                of(|spread| spread.greatest),
                sign.plus,
                sign.minus,
                sign.ties,
                cell(sign.p.unwrap_or(f64::NAN))
            );
        }
    }
    text
}
