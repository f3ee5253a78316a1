//! What is picked, in numbers: for the panes of numbers, of angles and of the picked point.

use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::{App, Marked};
use crate::describe::selection::{
    Fact, class_facts, class_name, nearest_class, pair_angle, pair_facts, pair_target, spread, to_own_mean,
};

/// What the pane of numbers says of it, before the numbers of everything.
pub(super) fn facts(app: &App) -> Vec<Fact> {
    let snapshot = &app.snapshot;
    let fact = |name: String, angle: Option<f64>, aim: Option<f64>| {
        let value = angle.map_or("none".into(), |angle| format!("{angle:.2}°"));
        (name, value, aim.map_or(String::new(), |aim| format!("of {aim:.2}°")))
    };
    let name = |class| class_name(snapshot, class);
    match (app.marked, app.picked) {
        (Some(Marked::Pair(a, b)), _) => {
            vec![fact(
                format!("{}–{}", name(a), name(b)),
                pair_angle(snapshot, a, b),
                pair_target(snapshot, a, b),
            )]
        }
        (Some(Marked::Class(a)), _) => {
            let nearest = nearest_class(snapshot, a);
            let mut facts =
                vec![fact(format!("{} to own mean", name(a)), spread(snapshot, a).and_then(|s| s.0), None)];
            facts.extend(nearest.map(|(b, angle)| {
                fact(format!("{}–{}, nearest", name(a), name(b)), Some(angle), pair_target(snapshot, a, b))
            }));
            facts
        }
        (None, Some(row)) if snapshot.cast.labelled => {
            vec![fact(format!("#{row} to its mean"), to_own_mean(snapshot, row), None)]
        }
        _ => Vec::new(),
    }
}

/// An angle to be marked among the others.
pub(super) struct Angle {
    /// Whether it is one within a class.
    pub(super) within: bool,
    /// Degrees.
    pub(super) degrees: f64,
    /// What it is the angle of.
    pub(super) name: String,
}

/// The angle that what is picked has: of a point and a class to the mean, of a pair between the means.
pub(super) fn angle(app: &App) -> Option<Angle> {
    let snapshot = &app.snapshot;
    let (within, degrees, name) = match (app.marked, app.picked) {
        (Some(Marked::Pair(a, b)), _) => {
            let names = format!("{}–{}", class_name(snapshot, a), class_name(snapshot, b));
            (false, pair_angle(snapshot, a, b)?, names)
        }
        (Some(Marked::Class(a)), _) => (true, spread(snapshot, a)?.0?, class_name(snapshot, a)),
        (None, row) => (true, to_own_mean(snapshot, row?)?, format!("#{}", row?)),
    };
    Some(Angle { within, degrees, name })
}

/// What the pane of the picked point says of a class or a pair.
pub(super) fn lines(app: &App, theme: Theme) -> Vec<Line<'static>> {
    let snapshot = &app.snapshot;
    let styled = |class: u32| Span::styled(class_name(snapshot, class), theme.class(class as usize, 1.0));
    let (head, facts) = match app.marked {
        Some(Marked::Class(a)) => (vec![Span::raw("class "), styled(a)], class_facts(snapshot, a)),
        Some(Marked::Pair(a, b)) => (
            vec![Span::raw("classes "), styled(a), Span::raw(" and "), styled(b)],
            pair_facts(snapshot, a, b),
        ),
        None => return Vec::new(),
    };
    let fact = |(name, value, aim): Fact| {
        Line::from(vec![
            Span::styled(format!("{name:<14} "), theme.quiet()),
            Span::raw(value),
            Span::styled(format!(" {aim}"), theme.target()),
        ])
    };
    std::iter::once(Line::from(head)).chain(facts.into_iter().map(fact)).collect()
}
