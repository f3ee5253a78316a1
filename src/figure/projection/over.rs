//! What lies over the points of a projection: force arrows, the picked point, letters, and the axes as they are turned.

mod axes;

use std::f64::consts::TAU;

use super::super::legend::{Entry, Sample};
use super::super::mark::LineLook;
use super::super::panel::Panel;
use super::super::picture::{Anchor, Area, Ink, Picture, Place, Type};
use super::super::scale::Scale;
use super::Projection;
use crate::palette::{self, Shape};

pub use axes::TurnedAxis;
pub(super) use axes::axes;

/// A force on a point or a class weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectedArrow {
    /// The class that gives it its colour, a dense index.
    pub class: usize,
    /// Whether it pushes away from that class: drawn broken.
    pub pushes: bool,
    /// Its pieces from its beginning to its tip: one, but for those that leave a map on one side.
    pub pieces: Vec<Vec<[f64; 2]>>,
}

/// How long the arrows are: one of a known force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gauge {
    /// Its length, in the units of the points.
    pub length: f64,
    /// Its force, with what a force is and, where there is no room for that, without.
    pub words: [String; 2],
}

/// The picked point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PickedPoint {
    /// Its two coordinates.
    pub at: [f64; 2],
    /// What stands beside it, for example "#7".
    pub name: String,
}

/// Lengths drawn and left out of the line of a push.
const BROKEN: &[f64] = &[3.2, 2.4];

fn look(class: usize, pushes: bool) -> LineLook {
    let colour = palette::colour(class);
    let ink = Ink::opaque(colour.rgb);
    LineLook {
        ink: ink.darkened(if colour.is_light() { 0.3 } else { 0.12 }),
        dashes: if pushes { BROKEN } else { &[] },
        shape: Shape::Circle,
    }
}

/// What the legend says of the arrows.
pub(super) fn entries(projection: &Projection) -> Vec<Entry> {
    let plain = |pushes| LineLook { ink: Ink::FRAME, ..look(0, pushes) };
    let entry =
        |pushes, name: &str| Entry { sample: Sample::Line(plain(pushes), false), name: name.to_owned() };
    let pushes = projection.arrows.iter().any(|arrow| arrow.pushes);
    match (projection.arrows.is_empty(), pushes) {
        (true, _) => Vec::new(),
        (false, true) => vec![entry(false, "pull of a class"), entry(true, "push of a class")],
        (false, false) => vec![entry(false, "force")],
    }
}

/// Draws the arrows.
pub(super) fn arrows(picture: &mut Picture, scale: Scale, panel: &Panel, projection: &Projection) {
    let unit = scale.unit;
    // Where there are many, thinner.
    let width = if projection.arrows.len() > 40 { 1.2 } else { 1.9 } * unit;
    for arrow in &projection.arrows {
        let look = look(arrow.class, arrow.pushes);
        let pattern: Vec<f64> = look.dashes.iter().map(|length| length * unit).collect();
        let pieces: Vec<Vec<Place>> = arrow.pieces.iter().map(|piece| super::placed(panel, piece)).collect();
        for piece in &pieces {
            picture.dashed(piece, &pattern, width, look.ink);
        }
        let Some([.., before, tip]) = pieces.last().map(Vec::as_slice) else { continue };
        let (dx, dy) = (tip[0] - before[0], tip[1] - before[1]);
        let whole: f64 = pieces
            .iter()
            .flatten()
            .zip(pieces.iter().flatten().skip(1))
            .map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1]))
            .sum();
        let (size, head) = (dx.hypot(dy), (0.4 * whole).min(6.5 * unit));
        if size <= 0.0 || head < 1.5 * unit {
            continue;
        }
        let corner = |along: f64, aside: f64| {
            let (x, y) = (dx / size, dy / size);
            [tip[0] - head * (along * x + aside * y), tip[1] - head * (along * y - aside * x)]
        };
        // A little beyond the end of the line, so that the line does not show at the tip.
        picture.polygon(vec![corner(-0.25, 0.0), corner(0.9, 0.48), corner(0.9, -0.48)], look.ink);
    }
}

/// An arrow of a known force in the lower right corner of the panel, its number under it.
pub(super) fn gauge(picture: &mut Picture, scale: Scale, panel: &Panel, gauge: &Gauge) {
    let [from, to] = [[0.0, 0.0], [gauge.length, 0.0]].map(|at| panel.place(at));
    let (length, gap) = (to[0] - from[0], 0.7 * scale.tick);
    let style = scale.tick_type(Anchor::Middle);
    let [long, short] = &gauge.words;
    let words = if style.width(long) < 0.5 * panel.area.width() { long } else { short };
    let room = length.max(style.width(words));
    if !(length > 2.0 * scale.unit && room + 2.0 * gap < panel.area.width()) {
        return;
    }
    let middle = panel.area.right - gap - room / 2.0;
    let baseline = panel.area.bottom - gap;
    let y = baseline - 1.1 * style.em;
    let (left, tip) = (middle - length / 2.0, middle + length / 2.0);
    for (ink, width) in [(Ink::WHITE, 5.0), (Ink::FRAME, 1.9)] {
        picture.line(vec![[left, y], [tip, y]], width * scale.unit, ink);
    }
    let head = (0.4 * length).min(6.5 * scale.unit);
    let corner = |along: f64, aside: f64| [tip - along * head, y + aside * head];
    picture.polygon(vec![corner(-0.25, 0.0), corner(0.9, 0.48), corner(0.9, -0.48)], Ink::FRAME);
    haloed(picture, [middle, baseline], words, style, 1.6 * scale.unit);
}

/// A ring around the picked point, and its name.
pub(super) fn picked(picture: &mut Picture, scale: Scale, panel: &Panel, picked: &PickedPoint, radius: f64) {
    if !picked.at.iter().all(|x| x.is_finite()) {
        return;
    }
    let [x, y] = panel.place(picked.at);
    let ring = radius + 4.0 * scale.unit;
    picture.ring([x, y], ring, 4.2 * scale.unit, Ink::WHITE);
    picture.ring([x, y], ring, 2.0 * scale.unit, Ink::BLACK);
    let style = Type::new(scale.label, Anchor::Start).bold();
    let room = panel.area.right - x - ring - 3.0 * scale.unit;
    let width = style.width(&picked.name);
    // To its left where the panel ends on its right.
    let left = if width <= room { x + ring + 3.0 * scale.unit } else { x - ring - 3.0 * scale.unit - width };
    haloed(picture, [left, y + 0.36 * style.em], &picked.name, style, 2.0 * scale.unit);
}

/// A text in a border of the paper's colour, which parts it from what lies under it.
pub(super) fn haloed(picture: &mut Picture, at: Place, text: &str, style: Type, reach: f64) {
    for k in 0..12 {
        let (sin, cos) = (f64::from(k) / 12.0 * TAU).sin_cos();
        picture.text([at[0] + reach * cos, at[1] + reach * sin], text, style.ink(Ink::WHITE));
    }
    picture.text(at, text, style);
}

/// Where colours repeat, each weight carries the letter of its class: on that side of it where least is in its way.
/// Points are drawn with this radius.
pub(super) fn letter_weights(
    picture: &mut Picture,
    scale: Scale,
    panel: &Panel,
    projection: &Projection,
    radius: f64,
) {
    let style = scale.tick_type(Anchor::Middle).bold();
    let finite = |at: &[f64; 2]| at.iter().all(|v| v.is_finite());
    let weights: Vec<(usize, Place)> = projection
        .weights
        .iter()
        .filter(|weight| finite(&weight.at))
        .map(|weight| (weight.class, panel.place(weight.at)))
        .collect();
    // Some of very many points say well enough where they are.
    let every = projection.points.len().div_ceil(2000).max(1);
    let points: Vec<Place> =
        projection.finite_points().step_by(every).map(|point| panel.place(point.at)).collect();
    let mark = 1.4 * super::WEIGHT * super::smallness(scale, panel.area) * scale.unit;
    // A letter takes a disc of this radius.
    let own = 0.5 * style.em;
    let mut letters: Vec<Place> = Vec::new();
    for (class, [x, y]) in &weights {
        let place = |k: u32| {
            // To the right first, slightly above; where all around is taken, farther out.
            let (sin, cos) = (f64::from(k) / 12.0 * TAU - 0.4).sin_cos();
            let far = mark + own * f64::from(1 + 2 * (k / 12));
            [x + far * cos, y + far * sin]
        };
        let cost = |at: &Place| {
            let near = |other: &Place, reach: f64| (at[0] - other[0]).hypot(at[1] - other[1]) < reach;
            let inside = Area {
                left: panel.area.left + own,
                top: panel.area.top + own,
                right: panel.area.right - own,
                bottom: panel.area.bottom - own,
            };
            let out =
                at[0] < inside.left || at[0] > inside.right || at[1] < inside.top || at[1] > inside.bottom;
            points.iter().filter(|point| near(point, own + radius)).count()
                + 200 * weights.iter().filter(|(_, weight)| near(weight, 0.9 * (own + mark))).count()
                + 2000 * letters.iter().filter(|letter| near(letter, 2.0 * own)).count()
                + 5000 * usize::from(out)
        };
        let Some(at) = (0..36).map(place).min_by_key(cost) else { continue };
        haloed(
            picture,
            [at[0], at[1] + 0.36 * style.em],
            &palette::letter(*class).to_string(),
            style,
            1.5 * scale.unit,
        );
        letters.push(at);
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw;
    use super::*;
    use crate::figure::Size;
    use crate::figure::picture::Item;

    fn shown(projection: &Projection) -> (Vec<Item>, Panel) {
        let (picture, panel) = draw(projection, Size::default());
        (picture.items, panel)
    }

    fn texts(items: &[Item]) -> Vec<String> {
        items
            .iter()
            .filter_map(|item| match item {
                Item::Text { text, .. } => Some(text.clone()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn arrows_have_their_colour_a_head_at_the_tip_and_a_word_in_the_legend() {
        let arrow =
            |class, pushes| ProjectedArrow { class, pushes, pieces: vec![vec![[0.0, 0.0], [0.5, 0.0]]] };
        let with = Projection {
            radius: Some(1.0),
            arrows: vec![arrow(1, false), arrow(2, true)],
            ..Projection::default()
        };
        let (items, panel) = shown(&with);
        let (without, _) = shown(&Projection { arrows: Vec::new(), ..with.clone() });
        let tip = panel.place([0.5, 0.0]);
        for (class, pushes) in [(1, false), (2, true)] {
            let ink = look(class, pushes).ink;
            let lines =
                items.iter().filter(|item| matches!(item, Item::Line { ink: own, .. } if *own == ink));
            assert_eq!(lines.count() > 1, pushes, "a push is broken");
            let head = items.iter().any(|item| match item {
                Item::Polygon { outline, ink: own } => {
                    *own == ink && outline.iter().any(|at| (at[0] - tip[0]).hypot(at[1] - tip[1]) < 3.0)
                }
                _ => false,
            });
            assert!(head, "{class}");
        }
        assert!(texts(&items).iter().any(|text| text == "push of a class"));
        assert!(!texts(&without).iter().any(|text| text.contains("of a class")));
    }

    #[test]
    fn the_gauge_is_as_long_as_an_arrow_of_its_force_and_inside_the_panel() {
        for size in ["320x240", "800x600", "600x900"] {
            let gauge = Some(Gauge { length: 0.3, words: ["force 0.005".into(), "0.005".into()] });
            let projection = Projection { radius: Some(1.0), gauge, ..Projection::default() };
            let (picture, panel) = draw(&projection, size.parse().unwrap());
            let line = picture.items.iter().find_map(|item| match item {
                Item::Line { points, ink, .. } if *ink == Ink::WHITE => Some(points.clone()),
                _ => None,
            });
            let line = line.unwrap();
            let long = panel.place([0.3, 0.0])[0] - panel.place([0.0, 0.0])[0];
            assert!((line[1][0] - line[0][0] - long).abs() < 1e-9, "{size}");
            assert!(line[1][0] < panel.area.right && line[0][0] > panel.area.left, "{size}");
            assert!(texts(&picture.items).iter().any(|text| text.ends_with("0.005")), "{size}");
        }
    }

    #[test]
    fn the_picked_point_has_a_ring_and_its_name_inside_the_panel() {
        for x in [-1.0, 0.0, 1.0] {
            let picked = PickedPoint { at: [x, 0.3], name: "#1234".into() };
            let projection = Projection { radius: Some(1.0), picked: Some(picked), ..Projection::default() };
            let (items, panel) = shown(&projection);
            let area = items.iter().rev().find_map(|item| match item {
                Item::Text { text, .. } if text == "#1234" => item.text_area(),
                _ => None,
            });
            let area = area.unwrap();
            assert!(area.left >= panel.area.left && area.right <= panel.area.right, "{x}: {area:?}");
        }
    }

    #[test]
    fn letters_of_weights_that_lie_together_stand_apart() {
        use crate::figure::ProjectedWeight;
        for size in ["320x240", "800x600", "1600x900"] {
            // All but two of them nearly at one place.
            let at = |class: usize| [if class < 2 { class as f64 } else { 0.3 + 1e-4 * class as f64 }, 0.2];
            let weights = (0..10).map(|class| ProjectedWeight { at: at(class), class }).collect();
            let projection = Projection { weights, radius: Some(1.0), ..Projection::default() };
            let items = draw(&projection, size.parse().unwrap()).0.items;
            let letters: Vec<(Place, f64)> = items
                .iter()
                .filter_map(|item| match item {
                    Item::Text { text, at, style, .. } if style.bold && text.len() == 1 => {
                        (style.ink != Ink::WHITE).then_some((*at, style.em))
                    }
                    _ => None,
                })
                .collect();
            assert_eq!(letters.len(), 10, "{size}");
            for (k, (a, em)) in letters.iter().enumerate() {
                for (b, _) in &letters[k + 1..] {
                    assert!((a[0] - b[0]).hypot(a[1] - b[1]) >= 0.99 * em, "{size}: {a:?} {b:?}");
                }
            }
        }
    }
}
