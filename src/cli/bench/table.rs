//! The table of `losslab bench`: a line a workload and engine, at most 100 columns wide.

use std::fmt::Write as _;

use super::{Line, Missing};
use crate::bench::machine::Machine;
use crate::bench::{Limits, TOLERANCE, WORKLOADS};

/// Nothing to say in a column.
const NOTHING: &str = "–";

/// The workloads and their numbers.
pub(super) fn workloads() -> String {
    let mut text = format!("{:>2} {:21} {:>5} {:>4} {:>3}\n", "#", "objective", "N", "C", "d");
    for (i, w) in WORKLOADS.iter().enumerate() {
        let _ = writeln!(text, "{:>2} {:21} {:>5} {:>4} {:>3}", i + 1, w.objective, w.rows, w.classes, w.dim);
    }
    text
}

/// What stands above the lines: the machine, its limits, the names of the columns.
pub(super) fn head(machine: &Machine, limits: Option<&Limits>) -> String {
    let Machine { processor, target, simd, threads, available } = machine;
    let processor = crate::data::printable(processor.as_deref().unwrap_or("unknown processor"));
    let mut text = format!("{processor:.90}\n{target}, {simd}, {threads} of {available} threads\n");
    if let Some(Limits { operations, exponentials }) = limits {
        let _ = writeln!(
            text,
            "limits here: {:.0} GFLOP/s in f32 matrix products, {:.1}e9 exponentials a second",
            operations / 1e9,
            exponentials / 1e9
        );
    }
    let _ = writeln!(
        text,
        "\n{:>2} {:21} {:>5} {:>4} {:>3} {:9} {:>7} {:>7} {:>7} {:>6} {:>5} {:>5} {:>7}",
        "#",
        "objective",
        "N",
        "C",
        "d",
        "engine",
        "median",
        "min",
        "GFLOP/s",
        "Gexp/s",
        "limit",
        "peak",
        "error"
    );
    let _ = writeln!(text, "{:49} {:>7} {:>7} {:>7} {:>6} {:>5} {:>5}", "", "ms", "ms", "", "", "%", "MiB");
    text
}

/// The line of one workload on one engine.
pub(super) fn row(line: &Line, limits: Option<&Limits>) -> String {
    let w = line.workload;
    let mut text = format!(
        "{:>2} {:21} {:>5} {:>4} {:>3} {:9} ",
        line.number, w.objective, w.rows, w.classes, w.dim, line.engine
    );
    let found = match &line.found {
        Ok(found) => found,
        Err(Missing::Skipped(_)) => return text + "skipped\n",
        Err(Missing::Failed(_)) => return text + "FAILED\n",
    };
    let giga = |x: Option<f64>| x.map_or_else(|| NOTHING.to_owned(), |x| digits(x / 1e9));
    let percent =
        line.share(limits).map_or_else(|| NOTHING.to_owned(), |share| format!("{:.0}", 100.0 * share));
    let measured = &found.measured;
    let peak = measured.peak_resident.map_or_else(|| NOTHING.to_owned(), |bytes| (bytes >> 20).to_string());
    let error = found.checked.map_or_else(
        || NOTHING.to_owned(),
        |checked| {
            let part = if checked.rows == w.rows { "" } else { "*" };
            format!("{:.1e}{part}", checked.error)
        },
    );
    let _ = writeln!(
        text,
        "{:>7} {:>7} {:>7} {:>6} {percent:>5} {peak:>5} {error:>7}",
        digits(measured.timing.median * 1e3),
        digits(measured.timing.minimum * 1e3),
        giga(line.rate(line.work.operations)),
        giga(line.rate(line.work.exponentials)),
    );
    text
}

/// A number in at most seven characters: three digits, or as many as stand before the point.
fn digits(x: f64) -> String {
    match x {
        x if x >= 99.95 => format!("{x:.0}"),
        x if x >= 9.995 => format!("{x:.1}"),
        x if x >= 0.9995 => format!("{x:.2}"),
        _ => format!("{x:.4}"),
    }
}

/// What stands under the lines: what the columns mean here, and why some are empty.
pub(super) fn foot(lines: &[Line]) -> String {
    let mut text = String::from(
        "\nA step is loss, gradient and an SGD update. GFLOP/s and Gexp/s count the scores, their exponentials\n\
         and the two products of the gradient; limit is their time at the limits, in % of the median.\n",
    );
    let measured = || lines.iter().filter_map(|line| Some((line, line.found.as_ref().ok()?)));
    if measured().any(|(line, _)| line.work.operations.is_none()) {
        text.push_str("opl needs the sums of each class's rows only, O(N·d): there is no rate to give.\n");
    }
    if measured().any(|(_, found)| found.measured.peak_resident.is_none()) {
        text.push_str("The peak of resident memory is known on Linux only.\n");
    }
    let mut adapters: Vec<&str> =
        measured().filter_map(|(_, found)| found.measured.adapter.as_deref()).collect();
    adapters.dedup();
    for adapter in adapters {
        let adapter = crate::data::printable(adapter);
        let _ = writeln!(text, "gpu: {adapter:.90}");
        text.push_str("Its memory is not in the peak, and the limits are the processor's.\n");
    }
    if measured().any(|(_, found)| found.checked.is_some()) {
        let _ = writeln!(
            text,
            "The error is the gradient's against the f64 reference's, relative; above {TOLERANCE:.0e} nothing is timed."
        );
    }
    let mut parts: Vec<((usize, usize), Vec<String>)> = Vec::new();
    for (line, found) in measured() {
        let Some(checked) = found.checked.filter(|checked| checked.rows != line.workload.rows) else {
            continue;
        };
        let (size, name) = ((checked.rows, checked.classes), format!("{} {}", line.number, line.engine));
        match parts.iter_mut().find(|(known, _)| *known == size) {
            Some((_, names)) => names.push(name),
            None => parts.push((size, vec![name])),
        }
    }
    for ((rows, classes), names) in parts {
        let _ = writeln!(text, "* with N = {rows}, C = {classes}: {}", names.join(", "));
    }
    for line in lines {
        if let Err(Missing::Skipped(why)) = &line.found {
            let _ = writeln!(text, "{} {} was skipped: {why}.", line.number, line.engine);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Checked, Measured, Timing, Work};
    use crate::cli::bench::Found;

    fn line(number: usize, median: f64) -> Line {
        let workload = WORKLOADS[number - 1];
        let measured = Measured {
            engine: "cpu".into(),
            adapter: None,
            timing: Timing { median, minimum: median / 2.0, steps: 9 },
            peak_resident: Some(12_345 << 20),
        };
        let found =
            Ok(Found { checked: Some(Checked { error: 3.14e-7, rows: 256, classes: 8192 }), measured });
        Line { number, workload, engine: "cpu", work: Work::of(&workload), found }
    }

    #[test]
    fn the_widest_line_fits_a_hundred_columns_under_its_heading() {
        let machine = Machine {
            processor: Some("x".repeat(200)),
            target: "aarch64-macos".into(),
            simd: "portable",
            threads: 1024,
            available: 1024,
        };
        let limits = Limits { operations: 1e14, exponentials: 1e12 };
        let mut lines = vec![line(4, 99.0), line(8, 0.0123)];
        lines[0].engine = "reference";
        let rows: String = lines.iter().map(|line| row(line, Some(&limits))).collect();
        let text = head(&machine, Some(&limits)) + &rows + &foot(&lines) + &workloads();
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        }
        let ends = |text: &str, word: &str| {
            let line = text.lines().find(|line| line.contains(word)).unwrap();
            line[..line.find(word).unwrap()].chars().count() + word.len()
        };
        assert_eq!(ends(&text, "error"), ends(&rows, "3.1e-7*"));
        for heading in ["peak", "MiB"] {
            assert_eq!(ends(&text, heading), ends(&rows, "12345"), "{heading}");
        }
    }

    #[test]
    fn numbers_keep_three_digits() {
        assert_eq!(["99.9", "100"], [digits(99.94), digits(99.96)].each_ref().map(String::as_str));
        assert_eq!(
            ["0.0412", "1.00", "12345"],
            [0.0412, 1.0, 12345.2].map(digits).each_ref().map(|s| &s[..])
        );
    }

    #[test]
    fn a_share_is_the_limits_time_over_the_median() {
        // 6 · 600 · 10 · 3 operations and 600 · 10 exponentials in a second each, where it took four.
        let limits = Limits { operations: 108_000.0, exponentials: 6_000.0 };
        assert_eq!(line(1, 4.0).share(Some(&limits)), Some(0.5));
        assert_eq!(line(9, 4.0).share(Some(&limits)), None);
        assert!(row(&line(9, 4.0), Some(&limits)).matches(NOTHING).count() == 3);
        assert_eq!(line(1, 4.0).share(None), None);
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut skipped = line(7, 1.0);
        skipped.found = Err(Missing::Skipped("too many".into()));
        assert!(row(&skipped, None).ends_with("cpu       skipped\n"));
        assert!(foot(&[skipped]).contains("7 cpu was skipped: too many."));
    }
}
