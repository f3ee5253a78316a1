//! Forces on the screen: arrows, the picked point in numbers, the force law; each beside the numbers of the run.

use losslab::app::{Marks, Pane};
use losslab::describe::{number, point};
use losslab::snapshot::Arrows;

use super::desk::{Desk, SIZES};
use super::screen;

#[test]
fn a_small_pane_says_of_every_class_whether_it_pulls_or_pushes() {
    for size in SIZES {
        let mut desk = Desk::of("normface(scale=4)", 20).sized(size);
        desk.press("n7");
        let inspected = desk.inspected();
        let drawn = screen(&desk.app);
        let cast = &desk.app.snapshot.cast;
        if size.0 < 100 {
            // In few columns one word stands before all who pull, another before all who push.
            let own = inspected.shares.iter().find(|share| share.pull > 0.0).unwrap();
            assert!(drawn.contains(&format!("pulls own A {:.2}", own.pull)), "{drawn}");
            let pushed = drawn.split("pushes ").nth(1).unwrap();
            for share in inspected.shares.iter().filter(|share| share.pull < 0.0) {
                let words = format!("{} {:.2}", point::actor(cast, inspected.class, share.by), -share.pull);
                assert!(pushed.contains(&words), "{words}: {drawn}");
            }
        } else {
            for share in &inspected.shares {
                let words = point::act(cast, inspected.class, share);
                assert!(drawn.contains(&words), "{words}: {drawn}");
            }
        }
        insta::assert_snapshot!(format!("point-{}x{}", size.0, size.1), drawn);
    }
}

#[test]
fn arrows_by_class_are_drawn_and_named_at_every_size() {
    for size in SIZES {
        let mut desk = Desk::of("arcface(scale=4, margin=0.5)", 20).sized(size);
        let without = screen(&desk.app);
        desk.press("ff");
        let forces = &desk.app.snapshot.picture.forces;
        assert_eq!((forces.kind, forces.shown, forces.of), (Arrows::ByClass, 64, 200));
        assert_eq!(forces.arrows.len(), 4 * 64);
        let all = screen(&desk.app);
        assert!(all.contains("forces: by class on 64 of 200"), "{all}");
        assert!(!without.contains("forces: "));
        // With a point picked its own fan alone: what pulls and what pushes.
        desk.press("n");
        let inspected = desk.inspected();
        let arrows = &desk.app.snapshot.picture.forces.arrows;
        assert_eq!(arrows.len(), 4);
        for arrow in arrows {
            assert_eq!((arrow.row, arrow.pushes), (Some(0), arrow.class != inspected.class));
        }
        let with = screen(&desk.app);
        assert!(with.contains("forces: by class on #0"), "{with}");
        assert!(size.0 < 80 || with.contains("broken: pushes"), "{with}");
        insta::assert_snapshot!(format!("arrows-{}x{}", size.0, size.1), with);
    }
}

#[test]
fn the_view_says_which_arrows_it_draws_until_they_are_gone() {
    let mut desk = Desk::of("normface(scale=4)", 20).sized((160, 48));
    for kind in &Arrows::ALL[1..] {
        desk.press("f");
        let drawn = screen(&desk.app);
        assert!(drawn.contains(&format!("forces: {}", kind.name())), "{kind:?}: {drawn}");
        assert!(!desk.app.snapshot.picture.forces.arrows.is_empty(), "{kind:?}");
        assert!(drawn.contains("longest "), "they are drawn in proportion to it: {kind:?}: {drawn}");
    }
    desk.press("f");
    assert!(!screen(&desk.app).contains("forces: "));
    // Without class weights there are none to draw forces on.
    let mut desk = Desk::of("supcon", 20).sized((160, 48));
    desk.press("ffff");
    assert_eq!(desk.app.forces.arrows, Arrows::Radius);
    desk.press("f");
    assert_eq!(desk.app.forces.arrows, Arrows::Off);
}

#[test]
fn the_inspector_says_what_adds_up_to_the_net_force_at_every_size() {
    for size in SIZES {
        let mut desk = Desk::of("arcface(scale=4, margin=0.5)", 20).sized(size);
        desk.press("ni");
        let inspected = desk.inspected();
        let drawn = screen(&desk.app);
        assert!(drawn.contains(&format!("net force {}", number(inspected.net))), "{drawn}");
        assert!(drawn.contains(&format!("sum {}", number(inspected.sum()))), "{drawn}");
        let own = inspected.own_angle.unwrap();
        assert!(drawn.contains(&format!("{own:.1}°")), "{own}: {drawn}");
        insta::assert_snapshot!(format!("inspector-{}x{}", size.0, size.1), drawn);
        // Another point without closing it, and its numbers.
        let before = inspected.net;
        desk.press("n");
        assert!(desk.inspected().row == 1 && desk.inspected().net != before);
        assert!(screen(&desk.app).contains("Point #1"));
    }
}

#[test]
fn the_large_screen_has_the_point_beside_the_others() {
    let mut desk = Desk::of("softmax", 40).sized((160, 48));
    desk.press("n");
    let (inspected, drawn) = (desk.inspected(), screen(&desk.app));
    for share in &inspected.shares {
        let words = point::act(&desk.app.snapshot.cast, inspected.class, share);
        assert!(drawn.contains(&words), "{words}: {drawn}");
        assert_eq!(words.contains(" pulls "), share.pull > 0.0);
    }
    assert!(drawn.contains(&format!("p(own) {:.3}", inspected.p_own.unwrap())), "{drawn}");
    // It is told in the same numbers to those who hear it.
    let said = point::point(&desk.app.snapshot).join(" ");
    assert!(said.contains(&format!("is {};", number(inspected.net))), "{said}");
}

#[test]
fn the_force_law_has_the_point_on_it_and_the_turn_at_every_size() {
    for size in SIZES {
        let mut desk = Desk::of("arcface(scale=4, margin=0.5)", 20).sized(size);
        desk.press("n5a");
        let drawn = screen(&desk.app);
        assert!(drawn.contains("turns at 151.4°"), "{drawn}");
        // The scale: the most that is seen of the curves, and nothing.
        let curves = &desk.app.snapshot.law.curves;
        let calm = |at: usize| losslab::engine::force::CALM.contains(&desk.app.snapshot.law.angles[at]);
        let pulls = curves.iter().flat_map(|curve| curve.pulls.iter().enumerate());
        let most = pulls.filter(|(at, _)| calm(*at)).map(|(_, pull)| *pull).fold(0.0, f64::max);
        let scale = format!("{most:.2}");
        assert!(drawn.contains(&scale), "{scale}: {drawn}");
        let own = desk.inspected().own_angle.unwrap();
        assert!(drawn.contains(&format!("#0 at {own:.1}°")), "{drawn}");
        let names: Vec<&str> = desk.app.snapshot.law.curves.iter().map(|curve| curve.name.as_str()).collect();
        assert_eq!(names, ["arcface", "normface", "cosface"]);
        insta::assert_snapshot!(format!("law-{}x{}", size.0, size.1), drawn);
        desk.press("d");
        let logits = screen(&desk.app);
        assert!(logits.contains("logit"), "{logits}");
        desk.press("a");
        assert_eq!(desk.app.snapshot.law.curves.len(), 1);
    }
    assert_eq!(Pane::Law.number(), 5);
}

#[test]
fn laws_are_laid_over_from_the_palette() {
    let mut desk = Desk::of("supcon", 5).sized((160, 48));
    desk.press(":law of mse\n");
    let names: Vec<&str> = desk.app.snapshot.law.curves.iter().map(|curve| curve.name.as_str()).collect();
    assert_eq!((names, desk.app.focus), (vec!["supcon", "mse"], Pane::Law));
    assert!(screen(&desk.app).contains("mse"));
}

#[test]
fn ascii_arrows_and_tables_are_ascii() {
    let mut desk = Desk::of("arcface(scale=4)", 20).sized((120, 40));
    desk.app.marks = Marks::Ascii;
    desk.press("nffa");
    assert!(screen(&desk.app).is_ascii());
    desk.press("i");
    assert!(screen(&desk.app).is_ascii());
}
