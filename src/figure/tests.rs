//! Whole figures: what stands in the files, at many sizes, and from no data.

use super::picture::Item;
use super::*;
use crate::palette;

mod nasty;
pub(super) mod samples;

use samples::{angles, curves, force_law, projection, samples};

fn size(text: &str) -> Size {
    text.parse().unwrap()
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn decoded(bytes: &[u8]) -> (png::OutputInfo, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info, pixels)
}

fn texts(picture: &Picture) -> Vec<(&str, Area)> {
    let mut found = Vec::new();
    for item in &picture.items {
        if let (Item::Text { text, .. }, Some(area)) = (item, item.text_area()) {
            found.push((text.as_str(), area));
        }
    }
    found
}

#[test]
fn each_class_has_its_colour_where_its_point_is() {
    for text in ["320x240", "400x300", "800x600", "1600x700"] {
        // One point a class, at places that can be checked by eye: class k at (k, k mod 3).
        let points = (0..8).map(|k| ProjectedPoint { at: [k as f64, (k % 3) as f64], class: k, given: None });
        let projection = Projection { points: points.collect(), ..Projection::default() };
        let panel = projection.panel(size(text));
        let bytes = render(&Figure::Projection(projection), Format::Png, size(text)).unwrap();
        let (info, pixels) = decoded(&bytes);
        assert_eq!((info.width, info.height), (size(text).width(), size(text).height()));
        for class in 0..8 {
            let [x, y] = panel.place([class as f64, (class % 3) as f64]);
            let (r, g, b) = palette::colour(class).rgb;
            let near = |dx: i32, dy: i32| {
                let (x, y) = (x as i32 + dx, y as i32 + dy);
                let first = 3 * (y as usize * info.width as usize + x as usize);
                pixels[first..first + 3] == [r, g, b]
            };
            let found = (-2..=2).any(|dy| (-2..=2).any(|dx| near(dx, dy)));
            assert!(found, "{text}: class {class} at {x:.1}, {y:.1}");
        }
    }
}

#[test]
fn marks_stand_where_the_mapping_says_in_svg_too() {
    let points = vec![ProjectedPoint { at: [0.0, 0.0], class: 0, given: None }];
    let projection = Projection { points, radius: Some(1.0), ..Projection::default() };
    let [x, y] = projection.panel(Size::default()).place([0.0, 0.0]);
    let svg = text_of(render(&Figure::Projection(projection), Format::Svg, Size::default()).unwrap());
    let (cx, cy) = ((16.0 * x).round(), (16.0 * y).round());
    assert!(svg.contains(&format!("cx=\"{cx}\" cy=\"{cy}\"")), "{cx} {cy}\n{svg}");
}

#[test]
fn svg_holds_titles_labels_legends_and_escaped_names() {
    let svg = text_of(render(&Figure::Projection(projection()), Format::Svg, Size::default()).unwrap());
    for expected in [
        "<svg width=\"800\" height=\"600\" viewBox=\"0 0 12800 9600\"",
        "hidden variance 33 % · step 2000, seed 0",
        "PC 1 (34 %)",
        "PC 2 (33 %)",
        "fish &amp; chips",
        "&lt;unknown&gt;",
        "class weight",
        "ring: given label",
        "simplex target",
        "−0.5",
    ] {
        assert!(svg.contains(expected), "{expected} is missing");
    }
    assert!(!svg.contains("<unknown>") && !svg.contains("fish & chips"));
    assert!(svg.trim_end().ends_with("</svg>"));
    let svg = text_of(render(&Figure::ForceLaw(force_law()), Format::Svg, Size::default()).unwrap());
    for expected in
        ["normface(scale=4)", "arcface(scale=4, margin=0.5)", "coupling −∂L/∂s", "weight (°)", "180"]
    {
        assert!(svg.contains(expected), "{expected} is missing");
    }
    let svg = text_of(render(&Figure::Angles(angles()), Format::Svg, Size::default()).unwrap());
    for expected in ["within classes", "between classes", "simplex 109.47°", "angle (°)", "share of pairs"]
    {
        assert!(svg.contains(expected), "{expected} is missing");
    }
}

#[test]
fn the_same_figure_gives_the_same_bytes() {
    for (name, figure) in samples() {
        for format in [Format::Png, Format::Svg] {
            let once = render(&figure, format, size("400x300")).unwrap();
            assert!(once == render(&figure, format, size("400x300")).unwrap(), "{name} {format:?}");
        }
    }
}

#[test]
fn metadata_is_in_the_file_and_a_bad_key_is_refused() {
    let pairs =
        [("objective", "softmax + 0.1*opl"), ("name", "猫 <&>")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let figure = Figure::Angles(angles());
    let png = render_with_metadata(&figure, Format::Png, size("64x64"), &pairs).unwrap();
    let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let plain = &reader.info().uncompressed_latin1_text[0];
    assert_eq!((plain.keyword.as_str(), plain.text.as_str()), ("objective", "softmax + 0.1*opl"));
    let wide = &reader.info().utf8_text[0];
    assert_eq!((wide.keyword.as_str(), wide.get_text().unwrap().as_str()), ("name", "猫 <&>"));
    let svg = text_of(render_with_metadata(&figure, Format::Svg, size("64x64"), &pairs).unwrap());
    assert!(svg.contains("<metadata>\nobjective: softmax + 0.1*opl\nname: 猫 &lt;&amp;&gt;\n</metadata>"));
    for key in
        ["", "a key of more than seventy-nine characters, which the format of this file does not allow"]
    {
        let pairs = [(key.to_owned(), "value".to_owned())];
        let error = render_with_metadata(&figure, Format::Png, size("64x64"), &pairs).unwrap_err();
        assert!(matches!(error, FigureError::Metadata { .. }), "{error}");
    }
}

#[test]
fn labels_survive_and_nothing_overlaps_at_any_usual_size() {
    for (name, figure) in samples() {
        for text in
            ["320x240", "400x300", "640x480", "800x600", "1600x400", "320x900", "3200x2400", "8192x240"]
        {
            let picture = figure.draw(size(text));
            let texts = texts(&picture);
            let expected: &[&str] = match &figure {
                Figure::Lengths(_) => &["length", "class", "predicted"],
                // Their words are those of what they hold.
                Figure::Table(_) | Figure::Panels(_) | Figure::Density(_) => &[],
                Figure::Phase(_) => &["imbalance", "decay", "predicted"],
                Figure::Comparison(_) => &["softmax and arcface", "Spread", "a tenth"],
                Figure::Projection(_) => {
                    &["softmax(scale=4)", "PC 1 (34 %)", "PC 2 (33 %)", "cat", "simplex target"]
                }
                Figure::Curves(_) => &["Loss over steps", "step", "loss"],
                Figure::Gram(gram) if gram.difference.is_some() => &["Cosines", "cosine − target", "0.4"],
                Figure::Gram(_) => &["Cosines", "cosine", "simplex", "1.0"],
                Figure::Angles(_) => {
                    &["Angles of features", "angle (°)", "share of pairs", "90", "within classes"]
                }
                Figure::ForceLaw(_) => &["Pull", "(°)", "coupling", "90", "arcface(scale=4, margin=0.5)"],
            };
            for part in expected {
                assert!(
                    texts.iter().any(|(text, _)| text.contains(part)),
                    "{name} {text}: {part} is missing"
                );
            }
            for (k, (one, a)) in texts.iter().enumerate() {
                for (other, b) in &texts[k + 1..] {
                    let apart =
                        a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
                    assert!(apart, "{name} {text}: \"{one}\" {a:?} lies over \"{other}\" {b:?}");
                }
            }
        }
    }
}

#[test]
fn in_a_comparison_colours_mean_classes_alone_and_both_are_named() {
    let (_, figure) = samples().into_iter().find(|(name, _)| *name == "comparison").unwrap();
    let Figure::Comparison(mut comparison) = figure else { panic!("a figure of its own kind") };
    // A ring around a row is of the class that its label names.
    let points = comparison.projections.iter_mut().flat_map(|projection| &mut projection.points);
    points.for_each(|point| point.given = None);
    let picture = Figure::Comparison(comparison).draw(size("1500x950"));
    // Marks of classes have lines around them; those of the first two classes' colours would be lines of runs.
    let of_class = [0, 1].map(|class| mark::LineLook::of(class, false).ink.rgb);
    let coloured = |item: &Item| matches!(item, Item::Line { ink, .. } if of_class.contains(&ink.rgb));
    assert!(!picture.items.iter().any(coloured), "lines are those of runs and axes");
    let texts = texts(&picture);
    for wanted in ["softmax", "arcface", "A", "B", "cat", "class weight"] {
        assert!(texts.iter().any(|(text, _)| *text == wanted), "{wanted} is not in {texts:?}");
    }
}

#[test]
fn a_logarithmic_axis_says_what_it_left_out() {
    let words = |values: &[f64], y_scale, floors: Vec<Floor>| {
        let points = values.iter().enumerate().map(|(k, &v)| [k as f64, v]).collect();
        let series = vec![Series { name: String::new(), points }];
        let subtitle = "seed 0".to_owned();
        let curves = Curves { subtitle, y_scale, series, floors, ..Curves::default() };
        let picture = Figure::Curves(curves).draw(Size::default());
        let texts: Vec<String> = texts(&picture).into_iter().map(|(text, _)| text.to_owned()).collect();
        let with = |start: &str| texts.iter().find(|text| text.starts_with(start)).cloned().unwrap();
        (with("loss"), with("seed 0").replacen("seed 0", "", 1))
    };
    let floor = || vec![Floor { value: 0.5, ..Floor::default() }];
    let check = |values: &[f64], y_scale, floors, label: &str, remark: &str| {
        let said = words(values, y_scale, floors);
        assert_eq!((said.0.as_str(), said.1.trim_start_matches(" · ")), (label, remark));
    };
    check(&[1.0, 0.1], YScale::Log, vec![], "loss", "");
    check(&[1.0, 0.1, 0.0], YScale::Log, vec![], "loss", "values ≤ 0 left out");
    check(&[1.0, -1.0, 0.0], YScale::Log, vec![], "loss", "linear: most values ≤ 0");
    check(&[-1.0, 0.0], YScale::Log, vec![], "loss", "linear: no value above 0");
    check(&[2.0, 1.0], YScale::LogAboveFloor, floor(), "loss − floor", "");
    check(&[2.0, 0.5], YScale::LogAboveFloor, floor(), "loss − floor", "only where above the floor");
    check(&[0.5, 0.5], YScale::LogAboveFloor, floor(), "loss", "linear: nothing above the floor");
    check(&[2.0, 1.0], YScale::LogAboveFloor, vec![], "loss", "no floor known");
}

#[test]
fn words_at_a_line_stand_where_the_curve_is_not() {
    // A curve that falls to just below the line, as of a run that left the origin.
    let points: Vec<[f64; 2]> =
        (0..=600).map(f64::from).map(|x| [x, 2.0 + 30.0 * (-x / 15.0).exp()]).collect();
    let floors = vec![Floor { value: 4.6, label: "all at the origin".into(), series: None }];
    let series = vec![Series { name: "loss".into(), points: points.clone() }];
    let figure = Curves { series, floors, ..Curves::default() };
    for text in ["800x600", "400x300", "1600x400"] {
        let panel = figure.panel(size(text));
        let picture = Figure::Curves(figure.clone()).draw(size(text));
        let texts = texts(&picture);
        let area = texts.iter().find(|(words, _)| *words == "all at the origin").unwrap().1;
        let over = points.iter().any(|at| area.contains(panel.place(*at)));
        assert!(!over, "{text}: the curve runs through {area:?}");
        // One line called as its axis is has no legend.
        assert_eq!(texts.iter().filter(|(words, _)| *words == "loss").count(), 1);
    }
}

#[test]
fn a_floor_is_named_under_its_line() {
    let mut one = curves(YScale::Log);
    one.series.truncate(1);
    one.floors = vec![Floor { value: 0.01438, ..Floor::default() }];
    let panel = one.panel(Size::default());
    let picture = Figure::Curves(one).draw(Size::default());
    let (_, area) = texts(&picture).into_iter().find(|(text, _)| *text == "floor 0.01438").unwrap();
    assert!(area.top > panel.place([0.0, 0.01438])[1] && area.bottom < panel.area.bottom);
}

#[test]
fn empty_figures_say_so() {
    let empty = [
        (Figure::Projection(Projection::default()), "no points"),
        (Figure::Curves(Curves::default()), "no steps"),
        (Figure::Gram(Gram::default()), "no classes"),
        (Figure::Angles(Angles::default()), "no pairs"),
        (Figure::ForceLaw(ForceLaw::default()), "coupling −∂L/∂s"),
    ];
    for (figure, words) in empty {
        let picture = figure.draw(size("320x240"));
        assert!(texts(&picture).iter().any(|(text, _)| text.contains(words)), "{words}");
        assert!(render(&figure, Format::Png, size("64x64")).is_ok());
    }
}
