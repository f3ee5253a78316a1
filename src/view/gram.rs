//! Cosines between class means: numbers where they fit, shades where there are many classes.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Style};
use ratatui::text::Span;

use super::pen;
use super::theme::Theme;
use crate::app::{App, Area, Colours, Pane};
use crate::geometry::gram::{ClassGram, MOST_CLASSES};
use crate::palette;
use crate::theory::{Members, Target};

/// Columns of a number with its space.
const NUMBER: u16 = 6;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let inner = pen::frame(
        app,
        buffer,
        Pane::Gram,
        area,
        match (difference(app).is_some(), area.width >= 36) {
            (true, true) => "cosines − target",
            (true, false) => "− target",
            (false, true) => "cosines of class means  d − target",
            (false, false) => "class cosines",
        },
    );
    let Some(gram) = &app.snapshot.geometry.gram else {
        let classes = app.snapshot.cast.classes;
        let why = if classes > MOST_CLASSES {
            format!("{classes} classes are too many to show; up to {MOST_CLASSES} are")
        } else {
            "needs two classes with a direction".to_owned()
        };
        pen::line(buffer, inner, 0, Span::styled(why, theme.quiet()));
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
    let with_numbers =
        count * usize::from(NUMBER) + 2 <= usize::from(inner.width) && count < usize::from(inner.height);
    if with_numbers {
        numbers(buffer, inner, gram, theme);
    } else {
        shades(buffer, inner, gram, theme);
    }
    let last = inner.height.saturating_sub(1);
    if usize::from(last) > count || !with_numbers {
        let most = |gram: &ClassGram| gram.cosines.iter().fold(0.0f64, |most, off| most.max(off.abs()));
        let gap = match (less, inner.width >= 28) {
            (Some(target), true) => format!("most off the {} {:.1e}", target.name, most(gram)),
            (Some(_), false) => format!("off the target {:.1e}", most(gram)),
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

fn numbers(buffer: &mut Buffer, inner: Area, gram: &ClassGram, theme: Theme) {
    for (k, &label) in gram.labels.iter().enumerate() {
        let class = label as usize;
        let name = palette::letter(class).to_string();
        let style = theme.class(class, 1.0);
        pen::indented(buffer, inner, 4 + NUMBER * k as u16, 0, Span::styled(name.clone(), style));
        pen::line(buffer, inner, 1 + k as u16, Span::styled(name, style));
        for l in 0..gram.labels.len() {
            let cosine = gram.cosine(k, l);
            let text = if k == l && cosine == 1.0 { "   1  ".to_owned() } else { format!("{cosine:>5.2} ") };
            let place = 1 + NUMBER * l as u16;
            pen::indented(buffer, inner, place, 1 + k as u16, Span::styled(text, shade(cosine, theme)));
        }
    }
}

/// From −1 to 1, where there is no colour.
const RAMP: &[u8] = b" .:-=+*#%@";

fn shades(buffer: &mut Buffer, inner: Area, gram: &ClassGram, theme: Theme) {
    let rows = usize::from(inner.height.saturating_sub(1)).min(gram.labels.len());
    let columns = (usize::from(inner.width) / 2).min(gram.labels.len());
    for k in 0..rows {
        for l in 0..columns {
            let cosine = gram.cosine(k, l);
            let step = ((f64::midpoint(cosine, 1.0) * RAMP.len() as f64) as usize).min(RAMP.len() - 1);
            let mark = char::from(RAMP[step]);
            let text = if theme.colours == Colours::Full { "  ".to_owned() } else { format!("{mark}{mark}") };
            pen::indented(buffer, inner, 2 * l as u16, k as u16, Span::styled(text, shade(cosine, theme)));
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
