//! What differs between two runs: a line from where the first has each point to where the other has it.

use ratatui::buffer::Buffer;

use crate::app::{App, Area, Sight};
use crate::describe::number;
use crate::palette;
use crate::snapshot::Snapshot;
use crate::view::raster::Raster;
use crate::view::theme::Theme;
use crate::view::{pen, projection};

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let run = app.beside.run.max(1);
    let (first, other) = (&*app.snapshot, app.snapshot.beside(run));
    let unit = unit(first, other);
    let own = if unit == 1.0 { "" } else { ", each in its own unit" };
    let title = format!(
        "from A's points to {}'s  mean {}{own}",
        palette::letter(run),
        number(mean(first, other, unit))
    );
    let minus = theme.pick('−', '-');
    let head = format!("{} {minus} A", palette::letter(run));
    let inner = pen::headed(theme, buffer, &head, false, area, &title);
    let mut raster = Raster::new(inner, theme);
    let sight = Sight::new(app.camera, &first.picture, inner);
    if first.picture.sphere {
        projection::sphere(&mut raster, &sight, &first.picture, theme);
    }
    let places = first.picture.points.iter().zip(&other.picture.points);
    for (k, (from, to)) in places.enumerate() {
        let to = to.map(|x| x * unit);
        let ((x0, y0, _), (x1, y1, depth)) = (sight.place(*from), sight.place(to));
        let class = projection::class_of(app, k);
        raster.line((x0, y0), (x1, y1), 1, 2, |_| theme.class(class, depth));
        raster.glyph(x1, y1, theme.glyph(class), theme.class(class, depth));
    }
    raster.paint(buffer);
}

/// By how much the other run's places are stretched: lengths of raw losses have no common unit with those on the sphere.
fn unit(first: &Snapshot, other: &Snapshot) -> f32 {
    if first.picture.sphere == other.picture.sphere {
        return 1.0;
    }
    let reach = |s: &Snapshot| if s.picture.sphere { 1.0 } else { s.picture.reach.max(1e-6) };
    reach(first) / reach(other)
}

/// The mean distance between the two places of a shown row, in all dimensions.
fn mean(first: &Snapshot, other: &Snapshot, unit: f32) -> f64 {
    let rows = &first.picture.rows;
    let distance = |row: &u32| {
        let pairs = first.points.row(*row as usize).iter().zip(other.points.row(*row as usize));
        pairs.map(|(a, b)| (f64::from(*a) - f64::from(unit) * f64::from(*b)).powi(2)).sum::<f64>().sqrt()
    };
    let known = rows.iter().filter(|row| (**row as usize) < first.points.rows.min(other.points.rows));
    known.clone().map(distance).sum::<f64>() / known.count().max(1) as f64
}
