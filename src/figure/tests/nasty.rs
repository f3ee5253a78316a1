//! Figures from data and sizes that nobody should draw: nothing may panic or leave the picture.

use proptest::prelude::*;

use crate::figure::picture::Item;
use crate::figure::*;

/// Numbers that have broken plots before.
fn nasty() -> impl Strategy<Value = f64> {
    let special =
        [0.0, -0.0, 1.0, -1.0, 1e-300, 5e-324, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, 1.0 + 1e-15];
    prop_oneof![
        proptest::sample::select(special.to_vec()),
        -1e3..1e3f64,
        (-300.0..300.0f64).prop_map(|e| 10f64.powf(e))
    ]
}

fn nasty_name() -> impl Strategy<Value = String> {
    let special = ["", " ", "<&\"'>", "猫\u{0}😀\n", "a\u{301}\u{202e}b", "\u{fffe}"].map(str::to_owned);
    prop_oneof![proptest::sample::select(special.to_vec()), "[a-z ]{0,80}"]
}

fn nasty_series() -> impl Strategy<Value = Series> {
    let points = proptest::collection::vec([nasty(), nasty()], 0..12);
    (nasty_name(), points).prop_map(|(name, points)| Series { name, points })
}

prop_compose! {
    fn nasty_projection()(
        title in nasty_name(),
        class_names in proptest::collection::vec(nasty_name(), 0..12),
        points in proptest::collection::vec(([nasty(), nasty()], 0..100usize, proptest::option::of(0..9usize)), 0..12),
        weights in proptest::collection::vec(([nasty(), nasty()], prop_oneof![0..9usize, Just(usize::MAX)]), 0..4),
        targets in proptest::collection::vec([nasty(), nasty()], 0..3),
        radius in proptest::option::of(nasty()),
        reach in proptest::option::of(nasty()),
        hidden_variance in proptest::option::of(nasty()),
        on_a_map in any::<bool>(),
    ) -> Figure {
        let line = targets.clone();
        let map = on_a_map.then(|| Map { half: [2.8, 1.4], graticule: vec![line.clone(), Vec::new()] });
        let pieces = vec![line.clone(), Vec::new()];
        let arrows = vec![ProjectedArrow { class: 3, pushes: on_a_map, pieces }];
        let picked = line.first().map(|at| PickedPoint { at: *at, name: title.clone() });
        let turned = line.iter().take(3).map(|tip| TurnedAxis { name: title.clone(), tip: *tip });
        let turned = turned.collect();
        let gauge = line.first().map(|at| Gauge { length: at[0], words: [title.clone(), title.clone()] });
        let trails = vec![ProjectedTrail { class: 3, mean: on_a_map, pieces: vec![line, Vec::new()] }];
        Figure::Projection(Projection {
            means: points.iter().map(|(at, class, _)| ProjectedWeight { at: *at, class: *class }).collect(),
            origin: targets.first().copied(),
            map, trails, arrows, gauge, picked, turned, view: title.clone(),
            subtitle: title.clone(), x_label: title.clone(), y_label: title.clone(), target_name: title.clone(),
            title, class_names, targets, radius, reach, hidden_variance,
            points: points.into_iter().map(|(at, class, given)| ProjectedPoint { at, class, given }).collect(),
            weights: weights.into_iter().map(|(at, class)| ProjectedWeight { at, class }).collect(),
        })
    }
}

prop_compose! {
    fn nasty_lines()(
        title in nasty_name(),
        series in proptest::collection::vec(nasty_series(), 0..5),
        y_scale in proptest::sample::select(vec![YScale::Linear, YScale::Log, YScale::LogAboveFloor]),
        floors in proptest::collection::vec((nasty(), nasty_name(), proptest::option::of(0..6usize)), 0..3),
        edits in proptest::collection::vec((nasty(), nasty_name()), 0..5),
        law in any::<bool>(),
    ) -> Figure {
        if law {
            return Figure::ForceLaw(ForceLaw { title, curves: series, ..ForceLaw::default() });
        }
        let floors = floors.into_iter().map(|(value, label, series)| Floor { value, label, series }).collect();
        Figure::Curves(Curves { title, y_scale, series, edits, floors, ..Curves::default() })
    }
}

prop_compose! {
    fn nasty_tables()(
        title in nasty_name(),
        class_names in proptest::collection::vec(nasty_name(), 0..5),
        cosines in proptest::collection::vec(proptest::collection::vec(nasty(), 0..15), 0..15),
        counts in proptest::collection::vec(prop_oneof![Just(0), Just(u64::MAX), 0..9u64], 0..40),
        target in proptest::option::of((nasty(), nasty_name())),
        histogram in any::<bool>(),
    ) -> Figure {
        if histogram {
            let within = counts.iter().rev().take(7).copied().collect();
            return Figure::Angles(Angles { title, within, between: counts, target, ..Angles::default() });
        }
        Figure::Gram(Gram { title, class_names, cosines, target, ..Gram::default() })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_data_and_no_size_breaks_a_figure(
        figure in prop_oneof![nasty_projection(), nasty_lines(), nasty_tables()],
        width in prop_oneof![64..=500u32, Just(8192)],
        height in prop_oneof![64..=500u32, Just(8192)],
    ) {
        let size = Size::new(width, height).unwrap();
        for item in &figure.draw(size).items {
            let places = match item {
                Item::Polygon { outline, .. } => outline.clone(),
                Item::Disc { centre, .. } => vec![*centre],
                Item::Line { points, .. } => points.clone(),
                Item::Text { at, .. } => vec![*at],
            };
            // Nothing lies far outside, where whole-pixel coordinates would overflow.
            prop_assert!(places.iter().flatten().all(|v| v.abs() < 40_000.0), "{item:?}");
        }
        if width.max(height) <= 500 {
            prop_assert!(render(&figure, Format::Png, size).is_ok());
            prop_assert!(render(&figure, Format::Svg, size).is_ok());
        }
    }
}
