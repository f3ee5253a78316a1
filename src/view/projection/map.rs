//! The map of the sphere: its outline, meridians and parallels every 30°.

use crate::app::Sight;
use crate::geometry::mollweide::{HEIGHT, WIDTH, graticule};
use crate::view::raster::Raster;
use crate::view::theme::Theme;

/// Draws what the points lie on.
pub(super) fn draw(raster: &mut Raster, sight: &Sight, theme: Theme) {
    let quiet = theme.quiet();
    for line in graticule() {
        // Far apart, so that the lines stay behind what they are there for.
        for place in line.iter().step_by(2) {
            let (x, y, _) = sight.direction_at(*place);
            raster.dot(x, y, 0, quiet);
        }
    }
    let (cx, cy) = sight.middle();
    let sides = ((sight.scale * 60.0) as usize).clamp(96, 2400);
    for k in 0..sides {
        let (sin, cos) = (k as f32 / sides as f32 * std::f32::consts::TAU).sin_cos();
        let (right, up) = (WIDTH as f32 * cos, HEIGHT as f32 * sin);
        raster.dot(cx + 2.0 * sight.scale * right, cy - sight.scale * up, 1, quiet);
    }
}
