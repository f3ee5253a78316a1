//! What is picked, in the view: a point with its number, a class before the others, a pair with its angle.

use ratatui::style::{Modifier, Style};

use super::{centres, class_of, join};
use crate::app::{App, Marked, Sight};
use crate::describe::selection::pair_angle;
use crate::palette;
use crate::view::raster::Raster;
use crate::view::theme::Theme;

/// The colour of a class, or a quiet one where other classes are picked.
pub(super) fn style(app: &App, theme: Theme, class: usize, depth: f32) -> Style {
    match app.marked {
        Some(marked) if !marked.holds(class as u32) => theme.quiet(),
        Some(_) => theme.class(class, depth.max(0.0)),
        None => theme.class(class, depth),
    }
}

/// Draws what is picked over everything else.
pub(super) fn draw(app: &App, raster: &mut Raster, sight: &Sight, theme: Theme) {
    point(app, raster, sight, theme);
    let Some(marked) = app.marked else { return };
    let found = |class: u32| {
        centres(app).into_iter().find(|(other, _)| *other == class as usize).map(|(_, place)| place)
    };
    if let Marked::Pair(a, b) = marked
        && let (Some(from), Some(to)) = (found(a), found(b))
    {
        join(raster, sight, from, to, 1, 4, theme.accent());
        if let Some(angle) = pair_angle(&app.snapshot, a, b) {
            let ((x0, y0, _), (x1, y1, _)) = (sight.place(from), sight.place(to));
            let text = format!("{angle:.1}{}", if theme.ascii() { "deg" } else { "°" });
            let left = f32::midpoint(x0, x1) - text.chars().count() as f32 / 2.0;
            write(raster, left, f32::midpoint(y0, y1), &text, theme.accent());
        }
    }
    let classes = match marked {
        Marked::Class(a) => vec![a],
        Marked::Pair(a, b) => vec![a, b],
    };
    for class in classes {
        let Some(place) = found(class) else { continue };
        let (x, y, _) = sight.place(place);
        let style = theme.class(class as usize, 1.0).add_modifier(Modifier::BOLD);
        raster.glyph(x - 1.0, y, theme.pick('▸', '>'), style);
        raster.glyph(x + 1.0, y, theme.pick('◂', '<'), style);
        raster.glyph(x, y, palette::letter(class as usize), style.add_modifier(Modifier::REVERSED));
    }
}

fn point(app: &App, raster: &mut Raster, sight: &Sight, theme: Theme) {
    let picture = &app.snapshot.picture;
    let Some(row) = app.picked else { return };
    let Ok(shown) = picture.rows.binary_search(&row) else { return };
    let (x, y, _) = sight.place(picture.points[shown]);
    let class = class_of(app, shown);
    let style = theme.class(class, 1.0).add_modifier(Modifier::REVERSED | Modifier::BOLD);
    raster.glyph(x, y, theme.glyph(class), style);
    write(raster, x + 1.0, y, &format!("#{row}"), theme.strong());
}

fn write(raster: &mut Raster, x: f32, y: f32, text: &str, style: Style) {
    for (k, c) in text.chars().enumerate() {
        raster.glyph(x + k as f32, y, c, style);
    }
}
