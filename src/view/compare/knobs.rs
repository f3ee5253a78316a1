//! What runs side by side are called: the letter, what is minimised, and above all what tells one from the others.

use crate::app::App;
use crate::app::settings::{self, Setting, Values};
use crate::palette;

/// A setting that can differ from run to run.
struct Fact {
    label: String,
    value: String,
    number: bool,
    /// Whether it is a knob of the objective.
    knob: bool,
}

impl Fact {
    fn text(&self) -> String {
        if self.number || self.label.chars().count() < 3 {
            format!("{}={}", self.label, self.value)
        } else {
            self.value.clone()
        }
    }
}

fn facts(app: &App, run: usize) -> Vec<Fact> {
    let shown = app.snapshot.beside(run);
    let rows = settings::rows(&shown.experiment, shown.cast.classes, shown.points.cols, shown.rate);
    // The objective itself comes first, and what needs a restart is the same for all.
    let live = rows.into_iter().skip(1).filter(|row| row.live);
    live.map(|row| Fact {
        label: row.label().to_owned(),
        number: matches!(row.values, Values::Number { .. }),
        knob: matches!(row.setting, Setting::Knob(..)),
        value: row.text,
    })
    .collect()
}

/// What tells a run from the others, and its other knobs: shared knobs of another value first, then numbers that not
/// all of them have.
fn telling(app: &App, run: usize) -> (Vec<String>, Vec<String>) {
    let own = facts(app, run);
    let others: Vec<Vec<Fact>> =
        (0..app.snapshot.runs()).filter(|other| *other != run).map(|other| facts(app, other)).collect();
    let value_in = |facts: &[Fact], label: &str| {
        facts.iter().find(|fact| fact.label == label).map(|fact| fact.value.clone())
    };
    let (mut differing, mut lone, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for fact in &own {
        let values: Vec<Option<String>> = others.iter().map(|facts| value_in(facts, &fact.label)).collect();
        if values.iter().flatten().any(|value| *value != fact.value) {
            differing.push(fact.text());
        } else if fact.number && values.iter().any(Option::is_none) {
            lone.push(fact.text());
        } else if fact.number && fact.knob && rest.len() < 3 {
            // Only knobs of the objective are worth a title of their own accord.
            rest.push(fact.text());
        }
    }
    differing.extend(lone);
    (differing, rest)
}

/// The letter and the objective, as far as they have room: cut with a mark.
fn bare(app: &App, run: usize, width: usize) -> String {
    let objective = settings::describe(&app.snapshot.beside(run).experiment);
    let name = format!("{} {objective}", palette::letter(run));
    if name.chars().count() <= width {
        return name;
    }
    name.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A name in at most so many columns: what tells it from the others has room before the whole of the objective has.
pub(super) fn name(app: &App, run: usize, width: usize) -> String {
    name_beside(app, run, width, 0)
}

/// The same where so many columns more would be welcome to something else, before knobs that tell nothing.
pub(super) fn name_beside(app: &App, run: usize, width: usize, beside: usize) -> String {
    /// Columns of an objective that are left to it whatever its knobs.
    const LEAST: usize = 7;
    let (telling, rest) = telling(app, run);
    let long = |text: &str| text.chars().count() + 1;
    let whole = bare(app, run, width);
    let mut tail = String::new();
    for text in telling {
        if whole.chars().count().min(LEAST) + tail.chars().count() + long(&text) <= width {
            tail = format!("{tail} {text}");
        }
    }
    let room = width.saturating_sub(tail.chars().count());
    let mut name = bare(app, run, room.saturating_sub(beside).max(room.min(LEAST))) + &tail;
    for text in rest {
        if name.chars().count() + long(&text) + beside <= width {
            name = format!("{name} {text}");
        }
    }
    name
}
