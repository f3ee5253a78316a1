//! What is picked, in the view: a point with its number, a class before the others, a pair with its angle.

use ratatui::style::{Modifier, Style};

use super::labels::Labels;
use super::{centres, class_of, join};
use crate::app::{App, Marked, Sight};
use crate::describe::selection::pair_angle;
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
pub(super) fn draw(app: &App, raster: &mut Raster, sight: &Sight, labels: &mut Labels, theme: Theme) {
    point(app, raster, sight, labels, theme);
    let Some(marked) = app.marked else { return };
    let found = |class: u32| {
        centres(app).into_iter().find(|(other, _)| *other == class as usize).map(|(_, place)| place)
    };
    let classes = match marked {
        Marked::Class(a) => vec![a],
        Marked::Pair(a, b) => vec![a, b],
    };
    let ends: Vec<(usize, [f32; 3])> =
        classes.iter().filter_map(|class| Some((*class as usize, found(*class)?))).collect();
    let brackets = [theme.pick('▸', '>'), theme.pick('◂', '<')];
    for (class, place) in &ends {
        let (x, y, _) = sight.place(*place);
        labels.letter(raster, (x, y), *class, Some(brackets), theme.class(*class, 1.0));
    }
    if let (Marked::Pair(a, b), [(_, from), (_, to)]) = (marked, ends.as_slice()) {
        join(raster, sight, *from, *to, 1, 4, theme.accent());
        if let Some(angle) = pair_angle(&app.snapshot, a, b) {
            let ((x0, y0, _), (x1, y1, _)) = (sight.place(*from), sight.place(*to));
            let text = format!("{angle:.1}{}", if theme.ascii() { "deg" } else { "°" });
            let half = text.chars().count() as i32 / 2;
            let middle = (f32::midpoint(x0, x1), f32::midpoint(y0, y1));
            labels.write(raster, middle, &[-half, 2 - 2 * half, 2], &text, theme.accent());
        }
    }
}

fn point(app: &App, raster: &mut Raster, sight: &Sight, labels: &mut Labels, theme: Theme) {
    let picture = &app.snapshot.picture;
    let Some(row) = app.picked else { return };
    let Ok(shown) = picture.rows.binary_search(&row) else { return };
    let (x, y, _) = sight.place(picture.points[shown]);
    let class = class_of(app, shown);
    let style = theme.class(class, 1.0).add_modifier(Modifier::REVERSED | Modifier::BOLD);
    raster.glyph(x, y, theme.glyph(class), style);
    labels.hold(x, y);
    let name = format!("#{row}");
    // To its right, or where the view ends there to its left.
    let left = -(name.chars().count() as i32);
    labels.write(raster, (x, y), &[1, left], &name, theme.strong());
}
