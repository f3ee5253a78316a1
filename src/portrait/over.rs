//! What lies over the points of an exported view: force arrows, the picked point, and its axes by name.

use super::{axis_label, axis_name};
use crate::figure::{Gauge, PickedPoint, ProjectedArrow, TurnedAxis, significant};
use crate::geometry::mollweide;
use crate::snapshot::{Arrow, Arrows, Picture};

/// The longest arrow takes this share of how far the picture reaches.
const LONGEST: f32 = 0.36;
/// Pieces of an arrow on a map, where the way is bent.
const BENDS: u16 = 12;

/// By how much arrows are drawn longer than the forces are; nothing without arrows.
fn stretch(picture: &Picture) -> Option<f32> {
    let longest = picture.forces.longest();
    let o = picture.origin;
    let far = |p: &[f32; 3]| (0..3).map(|k| (p[k] - o[k]).powi(2)).sum::<f32>().sqrt();
    let reach = picture.points.iter().map(far).filter(|l| l.is_finite()).fold(0.0, f32::max);
    (longest > 0.0).then(|| LONGEST * if picture.sphere { 1.0 } else { reach } / longest)
}

/// The arrows as the view has them.
pub(super) fn arrows(picture: &Picture, see: &dyn Fn([f32; 3]) -> [f64; 2]) -> Vec<ProjectedArrow> {
    let Some(stretch) = stretch(picture) else { return Vec::new() };
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
    picture.forces.arrows.iter().map(drawn).collect()
}

/// How long arrows are: a round force no longer than the longest, and its length on the page. On a map a length depends
/// on the place, and there is none.
pub(super) fn gauge(picture: &Picture) -> Option<Gauge> {
    let stretch = stretch(picture).filter(|_| !picture.map)?;
    let value = round_below(f64::from(picture.forces.longest()));
    let short = significant(value, 1);
    let words = [format!("force {short} ({})", picture.forces.unit()), short];
    Some(Gauge { length: value * f64::from(stretch), words })
}

/// The greatest of 1, 2 and 5 times a power of ten that is no greater than a positive number.
fn round_below(x: f64) -> f64 {
    let power = 10f64.powf((x.log10() + 1e-9).floor());
    [5.0, 2.0].into_iter().map(|m| m * power).find(|round| *round <= x * (1.0 + 1e-9)).unwrap_or(power)
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
    let longest = significant(f64::from(forces.longest()), 3);
    Some(format!("forces: {}{on}, longest {longest} ({})", forces.kind.name(), forces.unit()))
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

/// The labels of both axes of the page. Those of a turned view are named in its corner; where rows lie on the sphere
/// its outline says how long a unit is, and the page has no axes.
pub(super) fn labels(picture: &Picture) -> [String; 2] {
    let share = |k: usize| picture.shares.get(k).filter(|_| !picture.map);
    if is_turned(picture) {
        let words = if picture.sphere { ["", ""] } else { ["across the turned view", "up the turned view"] };
        return words.map(str::to_owned);
    }
    [0, 1].map(|k| share(k).map_or(String::new(), |share| axis_label(picture.projection, k, *share)))
}

/// Whether three axes are turned toward the eye.
fn is_turned(picture: &Picture) -> bool {
    picture.shares.len() >= 3 && !picture.map
}

/// The three axes where the view is turned.
pub(super) fn turned(picture: &Picture, turn: super::screen::Turn<'_>) -> Vec<TurnedAxis> {
    if !is_turned(picture) {
        return Vec::new();
    }
    let unit = |k: usize| {
        let mut unit = [0.0f32; 3];
        unit[k] = 1.0;
        let seen = turn(unit);
        [f64::from(seen[0]), f64::from(seen[1])]
    };
    (0..3).map(|k| TurnedAxis { name: axis_name(picture.projection, k), tip: unit(k) }).collect()
}

/// What the axes of a turned view are and hold.
pub(super) fn axes_words(picture: &Picture) -> Option<String> {
    let label = |(k, share): (usize, &f64)| axis_label(picture.projection, k, *share);
    let labels: Vec<String> = picture.shares.iter().enumerate().map(label).collect();
    is_turned(picture).then(|| format!("axes {}", labels.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Forces;

    #[test]
    fn a_gauge_is_a_round_force_as_long_as_arrows_of_it() {
        assert_eq!([0.0067, 0.005, 4.99, 1.0, 900.0].map(round_below), [0.005, 0.005, 2.0, 1.0, 500.0]);
        let arrow = |length: f32| Arrow {
            row: Some(0),
            class: 0,
            pushes: false,
            from: [0.0; 3],
            along: [length, 0.0, 0.0],
        };
        let forces = |lengths: &[f32]| Forces {
            kind: Arrows::Net,
            shown: 2,
            of: 2,
            arrows: lengths.iter().map(|length| arrow(*length)).collect(),
            ..Forces::default()
        };
        let picture = Picture { sphere: true, forces: forces(&[0.0067, 0.002]), ..Picture::default() };
        let gauge = gauge(&picture).unwrap();
        assert_eq!(gauge.words, ["force 0.005 (−N·∂L/∂x)", "0.005"]);
        // The arrow of 0.002 has the same scale.
        let drawn = arrows(&picture, &|p| [f64::from(p[0]), f64::from(p[1])]);
        let scale = drawn[1].pieces[0][1][0] / 0.002;
        assert!((gauge.length / 0.005 - scale).abs() < 1e-3 * scale, "{gauge:?} {scale}");
        assert_eq!(words(&picture).unwrap(), "forces: net, longest 0.0067 (−N·∂L/∂x)");
        assert_eq!(super::gauge(&Picture { map: true, ..picture }), None, "on a map it depends on the place");
        assert_eq!(super::gauge(&Picture { forces: forces(&[0.0]), ..Picture::default() }), None);
    }
}
