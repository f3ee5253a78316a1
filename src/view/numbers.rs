//! What geometry is forming, in numbers, each beside its target where there is one.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{marks, pen};
use crate::app::{App, Area, Pane};
use crate::describe::{number, target_angle};

/// Metrics in the order they matter here: key, short name, whether it is an angle.
const SHOWN: [(&str, &str, bool); 10] = [
    ("certificate", "certificate", false),
    ("min_class_angle_deg", "smallest angle", true),
    ("mean_within_angle_deg", "within classes", true),
    ("nc1", "NC1 spread", false),
    ("nc2_etf_distance", "NC2 to simplex", false),
    ("nc3", "NC3 to weights", false),
    ("accuracy", "accuracy", false),
    ("uniformity", "uniformity", false),
    ("alignment", "alignment", false),
    ("norm_mean", "mean length", false),
];

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let snapshot = &app.snapshot;
    let sampled = SHOWN.iter().any(|(key, ..)| snapshot.geometry.measured.is_sampled(key));
    let head = if sampled { "≈ from a sample" } else { "" };
    let inner = pen::frame(app, buffer, Pane::Numbers, area, head);
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let target = target_angle(snapshot);
    for (key, name, angle) in SHOWN {
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
        rows.push((name.into(), about + &shown, aim));
    }
    if let Some(fit) = &snapshot.geometry.fit {
        rows.insert(0, ("off the target".into(), number(fit.distance), fit.name.into()));
    }
    if let Some(value) = snapshot.floor.value()
        && !snapshot.terms.is_empty()
    {
        rows.insert(0, ("above the floor".into(), number(snapshot.loss - value), String::new()));
    }
    if let Some(norm) = snapshot.gradient_norm {
        rows.insert(rows.len().min(1), ("gradient norm".into(), number(norm), String::new()));
    }
    for term in snapshot.terms.iter().filter(|_| snapshot.terms.len() > 1 || snapshot.decay != 0.0) {
        rows.push((term.name.into(), number(term.loss), format!("× {}", number(term.weight))));
    }
    if snapshot.decay != 0.0 {
        rows.push(("decay".into(), number(snapshot.decay), String::new()));
    }
    if let Some(held) = &snapshot.geometry.held {
        // What a network is for comes first: how it does on rows that it learns from, and on those it never saw.
        rows.retain(|(name, ..)| name != "accuracy");
        let learnt = snapshot.geometry.measured.get("accuracy").map_or_else(|| "none".into(), number);
        let unseen = held.accuracy.as_ref().map_or_else(|_| "none".into(), |share| number(*share));
        let loss: f64 = snapshot.terms.iter().map(|term| term.weight * term.loss).sum();
        let first = [
            ("train accuracy", learnt),
            ("held-out accuracy", unseen),
            ("train loss", number(loss)),
            ("held-out loss", number(held.loss)),
        ];
        rows.splice(0..0, first.map(|(name, value)| (name.to_owned(), value, String::new())));
    }
    rows.splice(0..0, marks::facts(app));
    // A narrow pane cuts names rather than numbers.
    let longest = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0).clamp(15, 17);
    let names = usize::from(inner.width).saturating_sub(9).min(longest);
    for (k, (name, value, aim)) in rows.into_iter().enumerate() {
        // An aim stands whole or not at all.
        let room = usize::from(inner.width).saturating_sub(names + 2 + value.chars().count().max(8));
        let aim = if aim.chars().count() <= room { aim } else { String::new() };
        let line = Line::from(vec![
            Span::styled(format!("{name:<names$.names$} "), theme.quiet()),
            Span::styled(format!("{value:>8}"), theme.strong()),
            Span::styled(format!(" {aim}"), theme.target()),
        ]);
        pen::line(buffer, inner, k as u16, line);
    }
}
