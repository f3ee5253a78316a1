//! The three axes of a view that is turned, by name, in a corner of the panel.

use std::f64::consts::TAU;

use super::haloed;
use crate::figure::panel::Panel;
use crate::figure::picture::{Anchor, Ink, Picture, Place, Type};
use crate::figure::scale::Scale;

/// One of three axes as it is turned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnedAxis {
    /// For example "PC 1".
    pub name: String,
    /// Where the end of a unit of it lies, to the right and up.
    pub tip: [f64; 2],
}

/// An axis as it lies on the page, from where all of them meet.
struct Arm<'a> {
    name: &'a str,
    tip: Place,
    /// The middle of its name.
    at: Place,
}

/// Axes with their names, none of which lies on the line of an axis or on another name where there is a place for it. What
/// is no number has no place.
fn arms(axes: &[TurnedAxis], scale: Scale, style: Type) -> Vec<Arm<'_>> {
    let arm = 2.0 * scale.tick;
    let tip = |axis: &TurnedAxis| [arm * axis.tip[0], -arm * axis.tip[1]];
    // A unit is never longer.
    let known = |axis: &&TurnedAxis| (0.0..=2.0).contains(&axis.tip[0].hypot(axis.tip[1]));
    let tips: Vec<Place> = axes.iter().filter(known).map(tip).collect();
    // Points of the lines that names keep away from.
    let inked: Vec<Place> = (0..=12)
        .flat_map(|k| tips.iter().map(move |tip| [0, 1].map(|axis| tip[axis] * f64::from(k) / 12.0)))
        .collect();
    let mut placed: Vec<Arm<'_>> = Vec::new();
    for (axis, tip) in axes.iter().filter(known).zip(&tips) {
        let half = [0.5 * style.width(&axis.name), 0.5 * style.em];
        let length = tip[0].hypot(tip[1]);
        // Straight on, or where that is taken a little aside; one that points at the eye has no direction of its own.
        let ahead = if length > 0.15 * arm { tip[1].atan2(tip[0]) } else { -TAU / 8.0 };
        let place = |turn: i32| {
            let (sin, cos) = (ahead + f64::from(turn) * TAU / 16.0).sin_cos();
            let beyond = [0.35 * scale.tick + half[0] * cos.abs(), 0.8 * scale.tick];
            [tip[0] + beyond[0] * cos, tip[1] + beyond[1] * sin]
        };
        let cost = |at: &Place| {
            let covers = |p: &&Place| (p[0] - at[0]).abs() < half[0] + 1.0 && (p[1] - at[1]).abs() < half[1];
            let meets = |other: &&Arm<'_>| {
                let wide = half[0] + 0.5 * style.width(other.name);
                (other.at[0] - at[0]).abs() < wide && (other.at[1] - at[1]).abs() < style.em
            };
            inked.iter().filter(covers).count() + 20 * placed.iter().filter(meets).count()
        };
        let turns = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8];
        let at = turns.map(place).into_iter().min_by_key(cost).unwrap_or(*tip);
        placed.push(Arm { name: &axis.name, tip: *tip, at });
    }
    placed
}

/// The three axes as they are turned, in the lower left corner of the panel, all words of theirs inside it.
pub(in crate::figure::projection) fn axes(
    picture: &mut Picture,
    scale: Scale,
    panel: &Panel,
    axes: &[TurnedAxis],
) {
    let style = scale.tick_type(Anchor::Middle).ink(Ink::QUIET);
    let placed = arms(axes, scale, style);
    let left = placed.iter().map(|arm| arm.tip[0].min(arm.at[0] - 0.5 * style.width(arm.name)));
    let down = placed.iter().map(|arm| arm.tip[1].max(arm.at[1] + 0.5 * scale.tick));
    let (left, down) = (left.fold(0.0, f64::min), down.fold(0.0, f64::max));
    let gap = 0.6 * scale.tick;
    let origin = [panel.area.left + gap - left, panel.area.bottom - gap - down];
    for Arm { name, tip, at } in placed {
        picture.line(vec![origin, [origin[0] + tip[0], origin[1] + tip[1]]], 1.4 * scale.unit, Ink::FRAME);
        let at = [origin[0] + at[0], origin[1] + at[1] + 0.36 * scale.tick];
        haloed(picture, at, name, style, 1.6 * scale.unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Size;
    use crate::figure::picture::Item;
    use crate::figure::projection::{Projection, draw};

    #[test]
    fn no_name_of_an_axis_lies_on_a_line_of_an_axis_or_on_another_name() {
        let scale = Scale::of(&Picture::new(Size::default(), ""));
        let style = scale.tick_type(Anchor::Middle);
        let named = |tips: [[f64; 2]; 3]| -> Vec<TurnedAxis> {
            tips.iter()
                .zip(["PC 1", "PC 2", "PC 3"])
                .map(|(tip, name)| TurnedAxis { name: name.into(), tip: *tip })
                .collect()
        };
        // Each of the three at the eye, and every turn of the other two.
        for at_the_eye in 0..3 {
            for k in 0..36 {
                let (sin, cos) = (f64::from(k) / 36.0 * TAU).sin_cos();
                let mut tips = [[cos, sin], [-sin, cos], [-0.7 * cos, -0.7 * sin]];
                tips[at_the_eye] = [0.01, 0.0];
                let axes = named(tips);
                let placed = arms(&axes, scale, style);
                for (a, arm) in placed.iter().enumerate() {
                    let half = [0.45 * style.width(arm.name), 0.3 * style.em];
                    for (b, other) in placed.iter().enumerate() {
                        let on_line = (0..=20).any(|step| {
                            let share = f64::from(step) / 20.0;
                            (share * other.tip[0] - arm.at[0]).abs() < half[0]
                                && (share * other.tip[1] - arm.at[1]).abs() < half[1]
                        });
                        let wide = 0.45 * (style.width(arm.name) + style.width(other.name));
                        let on_name = a != b
                            && (arm.at[0] - other.at[0]).abs() < wide
                            && (arm.at[1] - other.at[1]).abs() < 0.8 * style.em;
                        assert!(!on_line && !on_name, "{} by {} at turn {k}: {tips:?}", arm.name, other.name);
                    }
                }
            }
        }
    }

    #[test]
    fn turned_axes_are_named() {
        let axis = |name: &str, tip| TurnedAxis { name: name.into(), tip };
        let turned = vec![axis("PC 1", [0.8, 0.1]), axis("PC 2", [-0.5, 0.7]), axis("PC 3", [0.0, 0.0])];
        let (picture, _) = draw(&Projection { turned, ..Projection::default() }, Size::default());
        for name in ["PC 1", "PC 2", "PC 3"] {
            let is_it = |item: &Item| matches!(item, Item::Text { text, .. } if text == name);
            assert!(picture.items.iter().any(is_it), "{name}");
        }
        // However they are turned, names stand inside the panel.
        for k in 0..24 {
            let (sin, cos) = (f64::from(k) / 24.0 * TAU).sin_cos();
            let turned =
                vec![axis("x₁", [cos, 0.3 * sin]), axis("axis two", [-sin, cos]), axis("x₃", [0.1, -cos])];
            for size in ["400x300", "800x600", "600x900"] {
                let figure = Projection { turned: turned.clone(), ..Projection::default() };
                let (picture, panel) = draw(&figure, size.parse().unwrap());
                for name in ["x₁", "axis two", "x₃"] {
                    let area = picture.items.iter().rev().find_map(|item| match item {
                        Item::Text { text, .. } if text == name => item.text_area(),
                        _ => None,
                    });
                    let (area, frame) = (area.unwrap(), panel.area);
                    let inside =
                        area.left > frame.left && area.right < frame.right && area.bottom < frame.bottom;
                    assert!(inside, "{k} {size} {name}: {area:?} {frame:?}");
                }
            }
        }
    }
}
