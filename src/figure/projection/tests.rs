//! Axes of a projection, its marks and its words.

use super::*;

#[test]
fn shuffling_visits_everything_once() {
    for count in [0, 1, 2, 7, 100] {
        let items: Vec<usize> = (0..count).collect();
        let mut seen: Vec<usize> = shuffled(&items).collect();
        seen.sort_unstable();
        assert_eq!(seen, items);
    }
}

#[test]
fn a_unit_is_as_long_in_both_directions() {
    for size in ["800x600", "320x2000", "3000x240", "64x64"] {
        let corners = [[0.0, 0.0], [10.0, 1.0]].map(|at| ProjectedPoint { at, class: 0, given: None });
        let projection = Projection { points: corners.to_vec(), ..Projection::default() };
        let panel = projection.panel(size.parse().unwrap());
        let (a, b) = (panel.place([0.0, 0.0]), panel.place([1.0, 1.0]));
        let (dx, dy) = (b[0] - a[0], a[1] - b[1]);
        assert!((dx - dy).abs() < 1e-6 * dx, "{size}: {dx} {dy}");
    }
}

#[test]
fn no_mark_crosses_the_frame() {
    use super::super::picture::Item;
    let corners = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]];
    let weights = (0..4).map(|class| ProjectedWeight { at: corners[class], class }).collect();
    let projection = Projection { targets: corners.to_vec(), weights, ..Projection::default() };
    for size in ["320x240", "800x600", "1600x900", "600x900"] {
        let (picture, panel) = draw(&projection, size.parse().unwrap());
        let area = panel.area;
        // Lines of targets are those that end near a corner.
        for corner in corners.map(|corner| panel.place(corner)) {
            let near = |at: &[f64; 2]| (at[0] - corner[0]).hypot(at[1] - corner[1]) < 0.1 * area.width();
            let ends = picture.items.iter().filter_map(|item| match item {
                Item::Line { points, ink, .. } if *ink == Ink::grey(0x33) => Some(points),
                _ => None,
            });
            let ends = ends.filter(|points| points.iter().all(near));
            let ends: Vec<_> = ends.flatten().collect();
            assert!(ends.len() > 8, "{size}: a ring and its hair lines");
            assert!(ends.iter().all(|at| area.contains(**at)), "{size}: {area:?} {ends:?}");
        }
    }
}

#[test]
fn letters_name_weights_where_colours_repeat_and_not_where_letters_would() {
    for (classes, lettered) in [(8, false), (9, true), (26, true), (27, false), (100, false)] {
        let weights = (0..classes).map(|class| ProjectedWeight { at: [class as f64, 0.0], class }).collect();
        let projection = Projection { weights, ..Projection::default() };
        assert_eq!(projection.weights_are_lettered(), lettered, "{classes}");
    }
    let weights = (0..9).map(|class| ProjectedWeight { at: [class as f64, 0.0], class }).collect();
    let class_names = (0..9).map(|class| palette::letter(class).to_string()).collect();
    let named = Projection { class_names, weights, ..Projection::default() };
    assert!(named.legend_entries().iter().any(|entry| entry.name == "I"), "a letter is said once");
}

#[test]
fn hidden_variance_stands_in_the_subtitle() {
    let mut projection =
        Projection { subtitle: "step 200".to_owned(), hidden_variance: Some(0.778), ..Projection::default() };
    assert_eq!(projection.full_subtitle(), "hidden variance 78 % · step 200");
    projection.hidden_variance = Some(1e-9);
    assert_eq!(projection.full_subtitle(), "hidden variance < 0.01 % · step 200");
}
