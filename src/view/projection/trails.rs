//! The ways that points have come: faint and broken where they are old, class means brighter than points.

use super::{class_of_row, join, picked};
use crate::app::{App, Sight};
use crate::snapshot::Trailed;
use crate::view::raster::Raster;
use crate::view::theme::Theme;

/// Draws every trail.
pub(super) fn draw(app: &App, raster: &mut Raster, sight: &Sight, theme: Theme) {
    let trails = &app.snapshot.picture.trails;
    for (of, way) in &trails.ways {
        let (class, rank) = match of {
            Trailed::Class(class) => (*class as usize, 3),
            Trailed::Row(row) if app.picked == Some(*row) => (class_of_row(app, *row), 3),
            Trailed::Row(row) => (class_of_row(app, *row), 2),
        };
        let count = way.len();
        for (k, two) in way.windows(2).enumerate() {
            let young = 2 * k >= count;
            // A class mean leads somewhere; single points are thinner, and old places thinner still.
            let every = if rank == 3 { 1 } else { 2 } + usize::from(!young);
            let depth = if young { 0.6 } else { -0.3 };
            join(raster, sight, two[0], two[1], every, rank, picked::style(app, theme, class, depth));
        }
    }
}
