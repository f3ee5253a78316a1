//! Words in the view that keep out of each other's way: each takes its cells, and what comes later is moved, shortened
//! or left out.

use ratatui::style::{Modifier, Style};

use crate::app::{Area, Sight};
use crate::palette;
use crate::view::raster::Raster;
use crate::view::theme::Theme;

/// The cells of a view that words have taken.
#[derive(Debug)]
pub(super) struct Labels {
    inner: Area,
    /// A row, its first column, and the one after the last.
    taken: Vec<(i32, i32, i32)>,
}

/// A way to write something: its first column from the place it belongs to, and its columns.
pub(super) type Shape = (i32, i32);

/// Rows from where something belongs at which it is tried.
const ROWS: [i32; 3] = [0, -1, 1];

impl Labels {
    pub(super) fn new(inner: Area) -> Self {
        Self { inner, taken: Vec::new() }
    }

    /// Whether a stretch of cells lies in the view and is free.
    fn is_free(&self, row: i32, from: i32, to: i32) -> bool {
        let (left, top) = (i32::from(self.inner.x), i32::from(self.inner.y));
        let inside = from >= left
            && to <= left + i32::from(self.inner.width)
            && (top..top + i32::from(self.inner.height)).contains(&row);
        inside && self.taken.iter().all(|&(other, start, end)| row != other || to <= start || from >= end)
    }

    /// Takes the cells of the first shape that has room: in its own row, else in the row above or below. Which it is,
    /// and where it begins.
    pub(super) fn take(&mut self, x: f32, y: f32, shapes: &[Shape]) -> Option<(usize, f32, f32)> {
        if !(x >= 0.0 && y >= 0.0) {
            return None;
        }
        let (column, row) = (x as i32, y as i32);
        for up in ROWS {
            for (which, &(offset, columns)) in shapes.iter().enumerate() {
                let (row, from) = (row + up, column + offset);
                if self.is_free(row, from, from + columns) {
                    self.taken.push((row, from, from + columns));
                    return Some((which, x + offset as f32, y + up as f32));
                }
            }
        }
        None
    }

    /// Takes a cell for a mark that stands where it stands.
    pub(super) fn hold(&mut self, x: f32, y: f32) {
        self.taken.push((y as i32, x as i32, x as i32 + 1));
    }

    /// Writes a text where it belongs, by the first of the shapes that has room.
    pub(super) fn write(
        &mut self,
        raster: &mut Raster,
        (x, y): (f32, f32),
        offsets: &[i32],
        text: &str,
        style: Style,
    ) {
        let columns = text.chars().count() as i32;
        let shapes: Vec<Shape> = offsets.iter().map(|offset| (*offset, columns)).collect();
        if let Some((_, x, y)) = self.take(x, y, &shapes) {
            for (k, c) in text.chars().enumerate() {
                raster.glyph(x + k as f32, y, c, style);
            }
        }
    }

    /// Writes the letter of a class between two brackets, or alone where there is no room for them.
    pub(super) fn letter(
        &mut self,
        raster: &mut Raster,
        (x, y): (f32, f32),
        class: usize,
        brackets: Option<[char; 2]>,
        style: Style,
    ) {
        let style = style.add_modifier(Modifier::BOLD);
        let shapes: &[Shape] = if brackets.is_some() { &[(-1, 3), (0, 1)] } else { &[(0, 1)] };
        let Some((which, x, y)) = self.take(x, y, shapes) else { return };
        let mut at = x;
        if let (Some([open, close]), 0) = (brackets, which) {
            raster.glyph(x, y, open, style);
            raster.glyph(x + 2.0, y, close, style);
            at += 1.0;
        }
        raster.glyph(at, y, palette::letter(class), style.add_modifier(Modifier::REVERSED));
    }
}

/// `[A]` on each class weight, `A` on each mean, nearest first; names of many classes only where colours repeat.
pub(super) fn classes(
    mut centres: Vec<(usize, [f32; 3])>,
    weighted: bool,
    raster: &mut Raster,
    sight: &Sight,
    labels: &mut Labels,
    theme: Theme,
) {
    if centres.len() > 52 {
        return;
    }
    centres.sort_by(|a, b| sight.place(b.1).2.total_cmp(&sight.place(a.1).2));
    for (class, place) in centres {
        let (x, y, depth) = sight.place(place);
        let style = theme.class(class, depth.max(0.2));
        labels.letter(raster, (x, y), class, weighted.then_some(['[', ']']), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_is_shortened_then_moved_then_left_out() {
        let mut labels = Labels::new(Area { x: 1, y: 1, width: 10, height: 2 });
        let full: &[Shape] = &[(-1, 3), (0, 1)];
        assert_eq!(labels.take(5.5, 1.2, full), Some((0, 4.5, 1.2)));
        assert_eq!(labels.take(7.5, 1.2, full), Some((1, 7.5, 1.2)), "its brackets would touch the first");
        assert_eq!(
            labels.take(5.5, 1.2, full),
            Some((0, 4.5, 2.2)),
            "a row lower, since there is none above"
        );
        assert_eq!(labels.take(5.5, 1.2, full), None);
        assert_eq!(labels.take(1.0, 1.0, full), Some((1, 1.0, 1.0)), "at the edge alone");
        assert_eq!(labels.take(20.0, 1.0, full), None);
        assert_eq!(labels.take(f32::NAN, 1.0, full), None);
        labels.hold(9.0, 2.0);
        assert_eq!(labels.take(9.0, 2.0, &[(0, 1)]), Some((0, 9.0, 1.0)));
    }
}
