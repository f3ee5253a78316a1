//! Cosines between class means: numbers where they fit, shades where there are many classes.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;

use super::pen;
use super::theme::Theme;
use crate::app::keys::Action;
use crate::app::{App, Area, Colours, Marked, Pane, places};
use crate::describe::selection::{class_name, pair_angle};
use crate::geometry::gram::{ClassGram, MOST_CLASSES};
use crate::palette;
use crate::theory::{Members, Target};

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let inner = pen::frame(
        app,
        buffer,
        Pane::Gram,
        area,
        match (difference(app).is_some(), area.width >= 36, picked(app)) {
            (false, _, Some(picked)) => format!("cosines  {picked}"),
            (true, _, Some(picked)) => format!("− target  {picked}"),
            (true, true, None) => "cosines − target".into(),
            (true, false, None) => "− target".into(),
            (false, true, None) => "class cosines  d − target".into(),
            (false, false, None) => "class cosines".into(),
        }
        .as_str(),
    );
    let Some(gram) = &app.snapshot.geometry.gram else {
        let classes = app.snapshot.cast.classes;
        let why = if classes > MOST_CLASSES {
            format!("{classes} classes are too many to show; up to {MOST_CLASSES} are")
        } else if app.snapshot.analysed {
            "needs two classes with a direction".to_owned()
        } else {
            "being computed".to_owned()
        };
        pen::words(buffer, inner, &why, theme.quiet());
        return;
    };
    let less = difference(app);
    let shown;
    let gram = match less {
        Some(target) if target.shape.nrows() == gram.labels.len() => {
            shown = minus(gram, target);
            &shown
        }
        _ => gram,
    };
    let count = gram.labels.len();
    let cells = places::gram(inner, count);
    let with_numbers = cells.numbers;
    if with_numbers {
        numbers(app, buffer, inner, gram, theme);
    } else {
        shades(buffer, inner, gram, theme);
    }
    mark(app, buffer, inner, gram, theme);
    let last = inner.height.saturating_sub(1);
    let lacks_rows = !with_numbers && (count * 6 + 2 <= usize::from(inner.width) || cells.shown.0 < count);
    if lacks_rows && !app.expanded {
        // Shades alone say little, and cut ones less.
        let expand = app.keymap.key_of(Action::Expand);
        let text = format!("{} of {count} rows: {expand} enlarges", cells.shown.0);
        pen::line(buffer, inner, last, Span::styled(text, theme.strong()));
    } else if usize::from(last) > count || !with_numbers {
        let most = |gram: &ClassGram| gram.cosines.iter().fold(0.0f64, |most, off| most.max(off.abs()));
        // Three digits of what is large; the size of what is nearly nothing.
        let off = |x: f64| if x >= 0.001 { format!("{x:.3}") } else { format!("{x:.0e}") };
        let gap = match (less, inner.width >= 28) {
            (Some(target), true) => format!("most off the {} {}", target.name, off(most(gram))),
            (Some(_), false) => format!("off the target {}", off(most(gram))),
            (None, true) => format!("most off the simplex {:.3}", gram.simplex_gap),
            (None, false) => format!("off the simplex {:.3}", gram.simplex_gap),
        };
        pen::line(buffer, inner, last, Span::styled(gap, theme.quiet()));
    }
}

/// The arrangement of the classes to compare with, where that is wanted and there is one.
fn difference(app: &App) -> Option<&Target> {
    let target = app.snapshot.brief.theory.target.as_ref().filter(|_| app.difference)?;
    (target.members == Members::Classes).then_some(target)
}

/// Cosines less those of a target; 0 on the diagonal.
fn minus(gram: &ClassGram, target: &Target) -> ClassGram {
    let count = gram.labels.len();
    let off = |place: usize| {
        let (k, l) = (place / count, place % count);
        if k == l { 0.0 } else { gram.cosine(k, l) - target.cosine(k, l) }
    };
    ClassGram { cosines: (0..count * count).map(off).collect(), ..gram.clone() }
}

/// What is picked, in a word.
fn picked(app: &App) -> Option<String> {
    let name = |class| class_name(&app.snapshot, class);
    Some(match app.marked {
        Some(Marked::Class(a)) => format!("class {}", name(a)),
        Some(Marked::Pair(a, b)) => {
            let angle =
                pair_angle(&app.snapshot, a, b).map_or(String::new(), |angle| format!(" {angle:.1}°"));
            format!("{}–{}{angle}", name(a), name(b))
        }
        None => format!("#{} in {}", app.picked?, name(own_class(app)?)),
    })
}

/// The class of the picked point, as the objective sees it.
fn own_class(app: &App) -> Option<u32> {
    app.snapshot.cast.labels.get(app.picked? as usize).copied().filter(|_| app.snapshot.cast.labelled)
}

/// Whether a class is picked, or a point of it.
fn is_picked(app: &App, class: u32) -> bool {
    app.marked.is_some_and(|marked| marked.holds(class)) || own_class(app) == Some(class)
}

/// A mark beside the picked cell: of a class or a point that on the diagonal.
fn mark(app: &App, buffer: &mut Buffer, inner: Area, gram: &ClassGram, theme: Theme) {
    let (row, column) = match (app.marked, own_class(app)) {
        (Some(Marked::Pair(a, b)), _) => (a, b),
        (Some(Marked::Class(a)), _) | (None, Some(a)) => (a, a),
        (None, None) => return,
    };
    let place = |class: u32| gram.labels.binary_search(&class).ok();
    let (Some(row), Some(column)) = (place(row), place(column)) else { return };
    let cells = places::gram(inner, gram.labels.len());
    if row >= cells.shown.0 || column >= cells.shown.1 {
        return;
    }
    let (x, y) = cells.at(row, column);
    let style = theme.accent().add_modifier(Modifier::REVERSED);
    if cells.numbers {
        pen::indented(
            buffer,
            inner,
            x + cells.columns - 1,
            y,
            Span::styled(theme.pick('◂', '<').to_string(), style),
        );
    } else {
        let both: String = [theme.pick('▸', '>'), theme.pick('◂', '<')].iter().collect();
        pen::indented(buffer, inner, x, y, Span::styled(both, style));
    }
}

fn numbers(app: &App, buffer: &mut Buffer, inner: Area, gram: &ClassGram, theme: Theme) {
    let cells = places::gram(inner, gram.labels.len());
    for (k, &label) in gram.labels.iter().enumerate() {
        let class = label as usize;
        let name = palette::letter(class).to_string();
        let mut style = theme.class(class, 1.0);
        if is_picked(app, label) {
            style = style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
        }
        if cells.headed {
            pen::indented(buffer, inner, cells.at(0, k).0 + 3, 0, Span::styled(name.clone(), style));
            pen::line(buffer, inner, 1 + k as u16, Span::styled(name.clone(), style));
        }
        for l in 0..gram.labels.len() {
            let cosine = gram.cosine(k, l);
            let (x, y) = cells.at(k, l);
            if k == l && !cells.headed {
                pen::indented(buffer, inner, x, y, Span::styled(format!("  {name}  "), style));
                continue;
            }
            let text = match (cells.headed, k == l && cosine == 1.0) {
                (true, true) => "   1  ".to_owned(),
                (true, false) => format!("{cosine:>5.2} "),
                (false, _) => format!("{:>4} ", short(cosine)),
            };
            pen::indented(buffer, inner, x, y, Span::styled(text, shade(cosine, theme)));
        }
    }
}

/// A cosine, or a difference of two, in four columns: without the 0 before the point.
fn short(cosine: f64) -> String {
    let text = format!("{cosine:.2}");
    match text.as_str() {
        "-0.00" => ".00".to_owned(),
        _ if cosine.abs() < 0.995 => text.replacen("0.", ".", 1),
        _ => format!("{cosine:.1}"),
    }
}

/// From −1 to 1, where there is no colour.
const RAMP: &[u8] = b" .:-=+*#%@";

fn shades(buffer: &mut Buffer, inner: Area, gram: &ClassGram, theme: Theme) {
    let cells = places::gram(inner, gram.labels.len());
    let (rows, columns) = cells.shown;
    for k in 0..rows {
        for l in 0..columns {
            let (x, y) = cells.at(k, l);
            if k == l {
                // On the diagonal, where every cosine is 1, stands whose row and column these are.
                let class = gram.labels[k] as usize;
                let name = format!("{} ", palette::letter(class));
                pen::indented(buffer, inner, x, y, Span::styled(name, theme.class(class, 1.0)));
                continue;
            }
            let cosine = gram.cosine(k, l);
            let step = ((f64::midpoint(cosine, 1.0) * RAMP.len() as f64) as usize).min(RAMP.len() - 1);
            let mark = char::from(RAMP[step]);
            let text = if theme.colours == Colours::Full { "  ".to_owned() } else { format!("{mark}{mark}") };
            pen::indented(buffer, inner, x, y, Span::styled(text, shade(cosine, theme)));
        }
    }
}

/// Blue below 0, orange above: told apart with any common colour blindness.
fn shade(cosine: f64, theme: Theme) -> Style {
    if theme.colours != Colours::Full {
        return Style::new();
    }
    let end: [f64; 3] = if cosine < 0.0 { [0.0, 114.0, 178.0] } else { [213.0, 120.0, 0.0] };
    let share = cosine.abs().clamp(0.0, 1.0);
    let mix = |k: usize| (246.0 + share * (end[k] - 246.0)) as u8;
    let ink = if share > 0.6 { Color::Rgb(255, 255, 255) } else { Color::Rgb(20, 20, 20) };
    Style::new().bg(Color::Rgb(mix(0), mix(1), mix(2))).fg(ink)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_short_number_has_four_columns_at_most() {
        for (cosine, text) in [
            (-0.333, "-.33"),
            (0.25, ".25"),
            (1.0, "1.0"),
            (-0.996, "-1.0"),
            (-0.001, ".00"),
            (-1.25, "-1.2"),
        ] {
            assert_eq!(short(cosine), text, "{cosine}");
        }
    }
}
