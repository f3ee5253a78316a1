//! What lies over the points of an exported view: force arrows, the picked point, and its axes by name.

use super::axis_name;
use crate::figure::{PickedPoint, ProjectedArrow, TurnedAxis};
use crate::geometry::mollweide;
use crate::snapshot::{Arrow, Arrows, Picture};

/// The longest arrow takes this share of how far the picture reaches.
const LONGEST: f32 = 0.36;
/// Pieces of an arrow on a map, where the way is bent.
const BENDS: u16 = 12;

/// The arrows as the view has them.
pub(super) fn arrows(picture: &Picture, see: &dyn Fn([f32; 3]) -> [f64; 2]) -> Vec<ProjectedArrow> {
    let size = |v: [f32; 3]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let arrows = &picture.forces.arrows;
    let longest = arrows.iter().map(|arrow| size(arrow.along)).filter(|l| l.is_finite()).fold(0.0, f32::max);
    if longest <= 0.0 {
        return Vec::new();
    }
    let o = picture.origin;
    let far = |p: &[f32; 3]| size([p[0] - o[0], p[1] - o[1], p[2] - o[2]]);
    let reach = picture.points.iter().map(far).filter(|l| l.is_finite()).fold(0.0, f32::max);
    let stretch = LONGEST * if picture.sphere { 1.0 } else { reach } / longest;
    let drawn = |arrow: &Arrow| {
        let steps = if picture.map { BENDS } else { 1 };
        let at = |k: u16| {
            let share = stretch * f32::from(k) / f32::from(steps);
            see([0, 1, 2].map(|axis| arrow.from[axis] + share * arrow.along[axis]))
        };
        let way = (0..=steps).map(at);
        let pieces = if picture.map { mollweide::pieces(way) } else { vec![way.collect()] };
        ProjectedArrow { class: arrow.class as usize, pushes: arrow.pushes, pieces }
    };
    arrows.iter().map(drawn).collect()
}

/// Which arrows these are, in words; nothing where there are none.
pub(super) fn words(picture: &Picture) -> Option<String> {
    let forces = &picture.forces;
    if forces.kind == Arrows::Off || forces.arrows.is_empty() {
        return None;
    }
    let on = match (forces.shown, forces.arrows[0].row) {
        (1, Some(row)) => format!(" on #{row}"),
        (shown, _) if shown < forces.of => format!(" on {shown} of {}", forces.of),
        _ => String::new(),
    };
    Some(format!("forces: {}{on}", forces.kind.name()))
}

/// The picked row, if it is among those that are shown.
pub(super) fn picked(
    picture: &Picture,
    row: Option<u32>,
    see: &dyn Fn([f32; 3]) -> [f64; 2],
) -> Option<PickedPoint> {
    let row = row?;
    let at = picture.rows.binary_search(&row).ok()?;
    Some(PickedPoint { at: see(picture.points[at]), name: format!("#{row}") })
}

/// The labels of both axes of the page, where it has them.
pub(super) fn labels(picture: &Picture) -> [String; 2] {
    let flat = picture.shares.len() < 3 && !picture.map;
    [0, 1].map(|k| match picture.shares.get(k) {
        Some(share) if flat => format!("{} ({:.0} %)", axis(picture, k), 100.0 * share),
        _ => String::new(),
    })
}

fn axis(picture: &Picture, k: usize) -> String {
    format!("{} {}", axis_name(picture.projection), k + 1)
}

/// The three axes where the view is turned.
pub(super) fn turned(picture: &Picture, turn: super::screen::Turn<'_>) -> Vec<TurnedAxis> {
    if picture.shares.len() < 3 || picture.map {
        return Vec::new();
    }
    let unit = |k: usize| {
        let mut unit = [0.0f32; 3];
        unit[k] = 1.0;
        let seen = turn(unit);
        [f64::from(seen[0]), f64::from(seen[1])]
    };
    let name = |k: usize| match axis_name(picture.projection) {
        // Short beside a short line.
        "coordinate" => format!("x{}", ['₁', '₂', '₃'][k]),
        name => format!("{name} {}", k + 1),
    };
    (0..3).map(|k| TurnedAxis { name: name(k), tip: unit(k) }).collect()
}

/// What the axes of a turned view are and hold.
pub(super) fn axes_words(picture: &Picture) -> Option<String> {
    let turned = picture.shares.len() >= 3 && !picture.map;
    let shares: Vec<String> = picture.shares.iter().map(|share| format!("{:.0}", 100.0 * share)).collect();
    let name = match axis_name(picture.projection) {
        "coordinate" => "x₁, x₂, x₃".to_owned(),
        name => [1, 2, 3].map(|k| format!("{name} {k}")).join(", "),
    };
    turned.then(|| format!("axes {name} with {} % of the variance", shares.join(", ")))
}
