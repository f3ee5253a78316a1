//! What geometry is forming, in numbers, each beside its target where there is one.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{marks, pen};
use crate::app::{App, Area, Pane};
use crate::describe::{number, target_angle};

/// Metrics in the order they matter here: key, short name, whether it is an angle, and how to read it.
const SHOWN: [(&str, &str, bool, &str); 10] = [
    ("certificate", "certificate", false, "no lower loss where it is ≤ 1"),
    ("min_class_angle_deg", "smallest angle", true, "between two class means"),
    ("mean_within_angle_deg", "within classes", true, "mean angle to the class mean"),
    ("nc1", "NC1 spread", false, "0: every class is one point"),
    ("nc2_etf_distance", "NC2 to simplex", false, "0: class means form a simplex"),
    ("nc3", "NC3 to weights", false, "0: weights lie along class means"),
    ("accuracy", "accuracy", false, "points whose own class scores best"),
    ("uniformity", "uniformity", false, "lower: points lie more evenly"),
    ("alignment", "alignment", false, "0: every class is one direction"),
    ("norm_mean", "mean length", false, "of the points"),
];

/// A pane with so many columns says how its numbers are read, from this column on.
const TELLING: u16 = 76;
/// See [`TELLING`].
const TOLD: usize = 43;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let snapshot = &app.snapshot;
    let sampled = SHOWN.iter().any(|(key, ..)| snapshot.geometry.measured.is_sampled(key));
    let head = if sampled { "≈ from a sample" } else { "" };
    let inner = pen::frame(app, buffer, Pane::Numbers, area, head);
    let mut rows: Vec<Number> = Vec::new();
    let target = target_angle(snapshot);
    for (key, name, angle, reads) in SHOWN {
        let Some(value) = snapshot.geometry.measured.get(key) else { continue };
        // Taken from a sample: about so much.
        let about = if snapshot.geometry.measured.is_sampled(key) {
            theme.pick('≈', '~').to_string()
        } else {
            String::new()
        };
        let shown = if angle { format!("{value:.2}°") } else { number(value) };
        let aim = match (key, target) {
            ("min_class_angle_deg", Some(target)) => format!("of {target:.2}°"),
            // At a standstill at most 1 says that no better minimum exists.
            ("certificate", _) => "best at ≤ 1".into(),
            _ => String::new(),
        };
        rows.push(Number { reads, ..Number::new(name, about + &shown, aim) });
    }
    if let Some(fit) = &snapshot.geometry.fit {
        let reads = "0: where theory proves the end";
        rows.insert(0, Number { reads, ..Number::new("off target", number(fit.distance), fit.name) });
    }
    if let Some(value) = snapshot.floor.value()
        && !snapshot.terms.is_empty()
    {
        let reads = "the loss less its least value";
        rows.insert(0, Number { reads, ..Number::new("above floor", number(snapshot.loss - value), "") });
    }
    if let Some(norm) = snapshot.gradient_norm {
        let reads = "0: nothing moves any more";
        let row = Number { reads, ..Number::new("gradient norm", number(norm), "") };
        rows.insert(rows.len().min(1), row);
    }
    for term in snapshot.terms.iter().filter(|_| snapshot.terms.len() > 1 || snapshot.decay != 0.0) {
        rows.push(Number::new(term.name, number(term.loss), format!("× {}", number(term.weight))));
    }
    if snapshot.decay != 0.0 {
        rows.push(Number::new("decay", number(snapshot.decay), ""));
    }
    if let Some(held) = &snapshot.geometry.held {
        // What a network is for comes first: how it does on rows that it learns from, and on those it never saw.
        rows.retain(|row| row.name != "accuracy");
        let learnt = snapshot.geometry.measured.get("accuracy").map_or_else(|| "none".into(), number);
        let unseen = held.accuracy.as_ref().map_or_else(|_| "none".into(), |share| number(*share));
        let loss: f64 = snapshot.terms.iter().map(|term| term.weight * term.loss).sum();
        let first = [
            ("train accuracy", learnt),
            ("held-out accuracy", unseen),
            ("train loss", number(loss)),
            ("held-out loss", number(held.loss)),
        ];
        rows.splice(0..0, first.map(|(name, value)| Number::new(name, value, "")));
    }
    rows.splice(0..0, marks::facts(app).into_iter().map(|(name, value, aim)| Number::new(name, value, aim)));
    let widest = |of: fn(&Number) -> &String, least: usize| {
        rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0).max(least)
    };
    let (longest, values) = (widest(|row| &row.name, 15).min(17), widest(|row| &row.value, 8));
    let width = usize::from(inner.width);
    // A narrow pane leaves out the blanks before numbers first, then the ends of names, and no digit.
    let values = if longest + 1 + values > width { widest(|row| &row.value, 0) } else { values };
    let names = width.saturating_sub(values + 1).min(longest);
    for (k, Number { name, value, aim, reads }) in rows.into_iter().enumerate() {
        // An aim stands whole or not at all.
        let room = width.saturating_sub(names + 2 + value.chars().count().max(values));
        let aim = if aim.chars().count() <= room { aim } else { String::new() };
        let line = Line::from(vec![
            Span::styled(format!("{:<names$} ", pen::cut(&name, names)), theme.quiet()),
            Span::styled(format!("{value:>values$}"), theme.strong()),
            Span::styled(format!(" {aim}"), theme.target()),
        ]);
        let taken = line.width();
        pen::line(buffer, inner, k as u16, line);
        if inner.width >= TELLING {
            let from = TOLD.max(taken + 2) as u16;
            pen::indented(buffer, inner, from, k as u16, Span::styled(reads, theme.quiet()));
        }
    }
}

/// A line of the pane.
struct Number {
    name: String,
    value: String,
    /// What theory says it becomes.
    aim: String,
    /// How it is read, for a pane that has room.
    reads: &'static str,
}

impl Number {
    fn new(name: impl Into<String>, value: String, aim: impl Into<String>) -> Self {
        Self { name: name.into(), value, aim: aim.into(), reads: "" }
    }
}
