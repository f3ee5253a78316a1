//! A named series of points and its line in a panel, thinned to what pixels can show.

use super::mark::LineLook;
use super::panel::Panel;
use super::picture::{Picture, Place};
use super::scale::Scale;

/// A named line through points (x, y), in order of x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// Points (x, y); one that is not finite breaks the line.
    pub points: Vec<[f64; 2]>,
}

/// Draws the line of a series, and marks on it where there are several series to tell apart.
///
/// `index` and `count` say which of how many series it is: marks of different series stand apart in x.
pub(super) fn draw(
    picture: &mut Picture,
    scale: Scale,
    panel: &Panel,
    points: &[[f64; 2]],
    look: &LineLook,
    marks: Option<(usize, usize)>,
) {
    let runs = || points.split(|point| !point.iter().all(|v| v.is_finite())).filter(|run| !run.is_empty());
    let placed = |run: &[[f64; 2]]| run.iter().map(|&point| panel.place(point)).collect::<Vec<Place>>();
    for run in runs() {
        let places = placed(run);
        if let [only] = places[..] {
            picture.disc(only, 2.2 * scale.unit, look.ink);
        }
        look.draw(picture, &thinned(&places), scale.unit);
    }
    let Some((index, count)) = marks else { return };
    let spacing = panel.area.width() / 7.0;
    let mut next = panel.area.left + spacing * (0.35 + (index as f64 + 0.5) / count as f64);
    for run in runs() {
        for pair in placed(run).windows(2) {
            let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
            // Where the line is broken there is nothing to be marked.
            while next < x0 {
                next += spacing;
            }
            while next <= x1 && x1 > x0 {
                look.mark(picture, [next, y0 + (next - x0) / (x1 - x0) * (y1 - y0)], scale.unit);
                next += spacing;
            }
        }
    }
}

/// Keeps the first, lowest, highest and last place of each pixel column: the same picture with fewer points.
fn thinned(places: &[Place]) -> Vec<Place> {
    let mut kept: Vec<Place> = Vec::new();
    for column in places.chunk_by(|a, b| a[0].floor() == b[0].floor()) {
        if column.len() <= 4 {
            kept.extend(column);
            continue;
        }
        let by_height = |a: &usize, b: &usize| column[*a][1].total_cmp(&column[*b][1]);
        let last = column.len() - 1;
        let mut chosen = vec![0, last];
        chosen.extend((0..=last).min_by(by_height));
        chosen.extend((0..=last).max_by(by_height));
        chosen.sort_unstable();
        chosen.dedup();
        kept.extend(chosen.into_iter().map(|k| column[k]));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_on_the_line_alone() {
        use crate::figure::axis::Axis;
        use crate::figure::picture::{Area, Item};
        let mut picture = Picture::new(crate::figure::Size::default(), "");
        let scale = Scale::of(&picture);
        let area = Area { left: 0.0, top: 0.0, right: 700.0, bottom: 500.0 };
        let axis = || Axis::linear("", Some((0.0, 1.0)), 0.0, 0.0);
        let panel = Panel { area, x: axis(), y: axis() };
        // No line between a third and two thirds.
        let points: Vec<[f64; 2]> = (0..=90)
            .map(|k| f64::from(k) / 90.0)
            .map(|x| [x, if (0.34..0.66).contains(&x) { f64::NAN } else { 0.5 }])
            .collect();
        draw(&mut picture, scale, &panel, &points, &LineLook::of(0, false), Some((0, 1)));
        let discs: Vec<f64> = picture
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Disc { centre, .. } => Some(centre[0] / 700.0),
                _ => None,
            })
            .collect();
        assert!(discs.len() > 4, "{discs:?}");
        assert!(discs.iter().all(|x| !(0.34..0.65).contains(x)), "{discs:?}");
    }

    #[test]
    fn thinning_keeps_the_extremes_of_each_pixel_column() {
        let mut places: Vec<Place> =
            (0..1000).map(|k| [f64::from(k) / 500.0, 50.0 + f64::from(k % 7)]).collect();
        places[321][1] = 2.0;
        places[777][1] = 99.0;
        let kept = thinned(&places);
        assert!(kept.len() <= 8, "{}", kept.len());
        assert!(kept.contains(&places[321]) && kept.contains(&places[777]));
        assert_eq!((kept[0], kept[kept.len() - 1]), (places[0], places[999]));
        assert!(kept.is_sorted_by(|a, b| a[0] <= b[0]));
    }
}
