//! Projections, the tour, trails, and what is picked: as every size of screen shows them, with keys that reach a real
//! run and come back as its snapshots.

use crossterm::event::MouseButton;
use losslab::app::{Command, Marked, Overlay, Pane, places};
use losslab::describe;
use losslab::geometry::projection::PROJECTIONS;
use losslab::snapshot::{Request, To};

use super::desk::{Desk, SIZES};
use super::*;

/// The line that holds the title of the view.
fn title(screen: &str) -> &str {
    screen.lines().find(|line| line.contains("1 View")).unwrap_or_default()
}

#[test]
fn every_projection_says_what_it_hides_at_every_size() {
    for make in [Desk::usual, Desk::wide] {
        let mut desk = make();
        for kind in PROJECTIONS {
            desk.look_through(kind.name);
            let picture = desk.app.snapshot.picture.clone();
            let whole = format!("{:.0}", 100.0 * picture.hidden);
            for (width, height) in SIZES {
                for expanded in [false, true] {
                    desk.app.expanded = expanded;
                    desk.app.update(Message::Resize(width, height));
                    let shown = screen(&desk.app);
                    let title = title(&shown);
                    let view = title.split("╗").next().unwrap();
                    let said = view.split("hidden ").nth(1).unwrap_or_else(|| panic!("{title}"));
                    let said: f64 = said.split('%').next().unwrap().parse().unwrap();
                    assert!((said - 100.0 * picture.hidden).abs() < 0.51, "{title} {whole}");
                }
            }
            desk.app.expanded = false;
        }
    }
}

#[test]
fn the_map_of_the_sphere_has_its_outline_its_graticule_and_everything_on_it() {
    let mut desk = Desk::usual();
    desk.look_through("mollweide");
    for shown in desk.shown("mollweide") {
        assert!(title(&shown).contains("mollweide  hidden 0%"), "{shown}");
        assert!(shown.contains("[A]") && shown.contains('○'), "{shown}");
    }
    let mut desk = Desk::wide();
    desk.look_through("mollweide");
    assert!(desk.app.snapshot.picture.notice.as_ref().unwrap().contains("normalised"));
    desk.shown("mollweide_of_8");
    // Nothing lies outside the ellipse: the middle of the map is the middle of the pane.
    let sight = desk.app.sight().unwrap();
    let (cx, cy) = sight.middle();
    for point in &desk.app.snapshot.picture.points {
        let (x, y, _) = sight.place(*point);
        let (x, y) = ((x - cx) / (2.0 * sight.scale), (cy - y) / sight.scale);
        assert!(x * x / 8.0 + y * y / 2.0 <= 1.0 + 1e-4, "{x} {y}");
    }
}

#[test]
fn discriminants_part_the_classes() {
    let mut desk = Desk::wide();
    desk.look_through("lda");
    for shown in desk.shown("lda") {
        assert!(title(&shown).contains("LDA  hidden "), "{shown}");
    }
}

#[test]
fn the_tour_moves_stands_still_and_goes_on_where_it_was() {
    let mut desk = Desk::wide();
    desk.press("T");
    assert!(desk.app.snapshot.picture.touring);
    let at = |desk: &mut Desk, seconds: f64| {
        desk.run.tour_on(seconds);
        desk.take(vec![Command::Ask(Request::Show(desk.run.shown()))]);
        desk.app.snapshot.picture.points.clone()
    };
    let start = at(&mut desk, 0.0);
    desk.shown("tour");
    let (one, again) = (at(&mut desk, 1.5), at(&mut desk, 0.0));
    assert!(start != one && one == again);
    desk.press("T");
    assert!(screen(&desk.app).contains("stands still"));
    assert_eq!(at(&mut desk, 5.0), one);
    desk.press("T");
    // In many small frames as in one.
    for _ in 0..10 {
        at(&mut desk, 0.15);
    }
    let small = at(&mut desk, 0.0);
    let mut other = Desk::wide();
    other.press("T");
    let large = at(&mut other, 3.0);
    let off =
        small.iter().flatten().zip(large.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(off < 1e-4, "{off}");
}

#[test]
fn the_plane_of_classes_can_be_chosen_and_is_named() {
    let mut desk = Desk::wide();
    desk.press("P");
    assert_eq!(desk.app.snapshot.picture.plane, Some([0, 1, 2]));
    desk.press("P");
    assert_eq!(desk.app.snapshot.picture.plane, Some([0, 1, 3]));
    assert!(title(&screen(&desk.app)).contains("class-plane A B D  hidden "));
    // What is picked is in it, first.
    desk.press("/E C\nP");
    let plane = desk.app.snapshot.picture.plane.unwrap();
    assert_eq!(desk.app.marked, Some(Marked::Pair(4, 2)));
    assert_eq!(plane[..2], [4, 2]);
    desk.press("n");
    let own = desk.app.snapshot.cast.labels[desk.app.picked.unwrap() as usize];
    desk.press("P");
    assert_eq!(desk.app.snapshot.picture.plane.unwrap()[0], own);
    for shown in desk.shown("class_plane") {
        assert!(title(&shown).contains("plane A") || title(&shown).contains("class-plane A"), "{shown}");
    }
    let said = describe::sentences(&desk.app.snapshot).join("\n");
    assert!(said.contains("The view is the projection class-plane of the classes A, "), "{said}");
}

#[test]
fn a_point_is_marked_in_every_pane() {
    let mut desk = Desk::usual();
    desk.press("/57\n");
    assert_eq!(desk.app.picked, Some(57));
    let shown = desk.shown("point");
    let angle = describe::selection::to_own_mean(&desk.app.snapshot, 57).unwrap();
    let large = &shown[3];
    assert!(large.contains(&format!("#57 {angle:.1}°")) && large.contains("#57 to its mean"), "{large}");
    assert!(large.contains("#57 in B") && large.contains('◆'), "{large}");
}

#[test]
fn a_class_is_marked_in_every_pane() {
    let mut desk = Desk::usual();
    desk.press("jj");
    assert_eq!(desk.app.marked, Some(Marked::Class(1)));
    let shown = desk.shown("class");
    let large = &shown[3];
    assert!(
        large.contains("▸B◂") && large.contains("cosines  class B") && large.contains("B to own mean"),
        "{large}"
    );
}

#[test]
fn a_pair_shows_its_angle_and_the_target_in_every_pane() {
    let mut desk = Desk::usual();
    desk.press("k");
    assert_eq!(desk.app.marked, Some(Marked::Pair(0, 1)));
    let angle = describe::selection::pair_angle(&desk.app.snapshot, 0, 1).unwrap();
    let shown = desk.shown("pair");
    for shown in &shown {
        assert!(shown.contains(&format!("{angle:.1}°")), "{shown}");
    }
    let large = &shown[3];
    assert!(large.contains("▸A◂") && large.contains("▸B◂"), "{large}");
    assert!(large.contains(&format!("{angle:.2}° of 109.47°")) && large.contains("A–B"), "{large}");
    assert!(large.contains(&format!("{angle:.2}° apart, target 109.47°")), "{large}");
    // Down again, a step at a time.
    desk.press("\u{1b}");
    assert_eq!(desk.app.marked, Some(Marked::Class(0)));
    desk.press("\u{1b}");
    assert_eq!((desk.app.marked, desk.app.picked), (None, None));
}

#[test]
fn legend_and_cells_can_be_clicked_and_cells_be_reached_by_arrows() {
    let mut desk = Desk::usual();
    let layout = desk.app.layout().unwrap();
    let view = places::inside(layout.area(Pane::View).unwrap());
    let (from, _, class) = places::legend(&desk.app, view)[2];
    desk.click(MouseButton::Left, view.x + from, view.y + view.height - 1);
    assert_eq!((desk.app.marked, class), (Some(Marked::Class(2)), Some(2)));
    let gram = places::inside(layout.area(Pane::Gram).unwrap());
    let (x, y) = places::gram(gram, 4).at(1, 3);
    desk.click(MouseButton::Left, gram.x + x + 2, gram.y + y);
    assert_eq!(desk.app.marked, Some(Marked::Pair(1, 3)));
    // A heading is its class.
    desk.click(MouseButton::Left, gram.x, gram.y + places::gram(gram, 4).at(3, 0).1);
    assert_eq!(desk.app.marked, Some(Marked::Class(3)));
    desk.app.marked = None;
    // The first arrow picks the first class; then across and down.
    desk.press("6↓→↓→");
    assert_eq!(desk.app.marked, Some(Marked::Pair(1, 2)));
}

#[test]
fn points_are_found_by_number_and_name_and_the_list_is_shown() {
    let mut desk = Desk::usual();
    desk.press("/19");
    assert!(matches!(desk.app.overlay, Some(Overlay::Find(_))));
    desk.shown("find");
    desk.press("9\n");
    assert_eq!(desk.app.picked, Some(199));
    desk.press("/nothing at all\n");
    assert!(desk.app.overlay.is_some() && desk.app.said.as_ref().unwrap().wrong);
    desk.press("\u{1b}");
    assert_eq!((desk.app.overlay.is_none(), desk.app.picked), (true, Some(199)));
}

#[test]
fn trails_end_where_points_are_and_go_back_no_further_than_the_line_itself() {
    let mut desk = Desk::usual();
    assert!(desk.app.snapshot.picture.trails.ways.is_empty());
    desk.press("t");
    let trails = desk.app.snapshot.picture.trails.clone();
    assert_eq!((trails.steps[0], *trails.steps.last().unwrap(), trails.steps.len()), (0, 60, 61));
    for (of, way) in &trails.ways {
        if let losslab::snapshot::Trailed::Row(row) = of {
            assert_eq!(*way.last().unwrap(), desk.app.snapshot.picture.points[*row as usize]);
        }
    }
    desk.shown("trails");
    // Back in time: what comes after is on no trail; then on along another way.
    desk.take(vec![Command::Ask(Request::Seek(1, To::Step(20)))]);
    let back = desk.app.snapshot.picture.trails.clone();
    assert_eq!((*back.steps.last().unwrap(), back.steps.len()), (20, 21));
    assert_eq!(back.ways[0].1[..], trails.ways[0].1[..21]);
    let changed = Experiment { lr: Some(0.2), ..(*desk.run.experiment).clone() };
    desk.run.change(&changed).unwrap();
    desk.take(vec![Command::Ask(Request::Step(1)); 30]);
    let other = desk.app.snapshot.picture.trails.clone();
    assert_eq!(*other.steps.last().unwrap(), 50);
    assert_eq!(other.ways[0].1[..20], trails.ways[0].1[..20]);
    assert!(other.ways[0].1.last() != trails.ways[0].1.get(50));
    desk.press("t");
    assert!(desk.app.snapshot.picture.trails.ways.is_empty());
}
