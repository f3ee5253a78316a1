//! Lists that are searched, and the help.

use super::*;

#[test]
fn the_help_ends_with_its_last_screenful() {
    let mut app = app();
    press(&mut app, KeyCode::Char('?'));
    press(&mut app, KeyCode::End);
    let Some(Overlay::Help(last)) = app.overlay else { panic!("the help is open") };
    press(&mut app, KeyCode::Down);
    assert!(
        matches!(app.overlay, Some(Overlay::Help(line)) if line == last && last > 50),
        "{:?}",
        app.overlay
    );
    press(&mut app, KeyCode::Up);
    assert!(matches!(app.overlay, Some(Overlay::Help(line)) if line + 1 == last), "{:?}", app.overlay);
    press(&mut app, KeyCode::Home);
    assert!(matches!(app.overlay, Some(Overlay::Help(0))));
    // Of 24 lines five are above, below and around the text, and the last one inside tells the keys.
    press(&mut app, KeyCode::PageDown);
    assert!(matches!(app.overlay, Some(Overlay::Help(18))), "{:?}", app.overlay);
    press(&mut app, KeyCode::Char(':'));
    assert!(matches!(app.overlay, Some(Overlay::Palette(_))), "{:?}", app.overlay);
}

#[test]
fn the_picker_finds_by_letters_and_keeps_knobs_of_the_same_name() {
    let mut app = app();
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "cosf");
    let commands = press(&mut app, KeyCode::Enter);
    let term = &changed(&commands).objective[0];
    assert_eq!((term.objective.name(), term.knobs.exact(0)), ("cosface", 4.0));
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "arcfase");
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    assert!(app.said.as_ref().unwrap().text.contains("did you mean arcface?"));
    assert!(app.overlay.is_some(), "the text stays, to be mended");
}

#[test]
fn an_objective_of_views_brings_two_of_them() {
    let mut app = app();
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "nt-xent");
    let commands = press(&mut app, KeyCode::Enter);
    assert!(matches!(commands[..], [Command::Ask(Request::Restart(..))]));
    assert_eq!(changed(&commands).views, 2);
}

#[test]
fn the_palette_does_what_the_key_does() {
    let mut app = app();
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "export");
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.overlay, Some(Overlay::Export(0)));
}

#[test]
fn the_picker_takes_an_expression_and_names_what_is_wrong_in_one() {
    let mut app = app();
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "softmax + 0.1*opl(gamma=0.5)");
    let commands = press(&mut app, KeyCode::Enter);
    let terms = &changed(&commands).objective;
    assert_eq!(
        (terms[0].objective.name(), terms[1].objective.name(), terms[1].weight),
        ("softmax", "opl", 0.1)
    );
    assert!(app.overlay.is_none());
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "softmax + 0.1*opl(gama=0.5)");
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    assert!(app.said.as_ref().unwrap().text.contains("did you mean gamma"), "{:?}", app.said);
    assert!(app.overlay.is_some(), "the text stays, to be mended");
}

#[test]
fn the_palette_finds_losses_and_knobs_too() {
    let mut app = app();
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "cosface");
    assert_eq!(changed(&press(&mut app, KeyCode::Enter)).objective[0].objective.name(), "cosface");
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "momentum");
    // Momentum belongs to SGD; the row of the rate is always there.
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "point decay");
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    assert_eq!((app.focus, app.rows()[app.row].name.as_str()), (Pane::Params, "point decay"));
}

#[test]
fn the_palette_finds_projections_exports_and_themes_and_leaves_out_what_means_nothing_here() {
    let first = |app: &mut App, text: &str| {
        press(app, KeyCode::Char(':'));
        type_in(app, text);
        press(app, KeyCode::Enter)
    };
    let mut app = app();
    assert_eq!(first(&mut app, "pca"), [Command::Ask(Request::Project(0))]);
    assert_eq!(first(&mut app, "svg"), [Command::Export(Export::Svg)]);
    assert_eq!(first(&mut app, "save png"), [Command::Export(Export::Png)]);
    assert_eq!((first(&mut app, "theme light"), app.look.theme), (Vec::new(), look::Theme::Light));
    app.colours = Colours::Mono;
    first(&mut app, "theme dark");
    assert_eq!(app.look.theme, look::Theme::Light);
    assert!(app.said.as_ref().is_some_and(|said| said.wrong), "{:?}", app.said);
    let offers = |app: &App, wanted| {
        list::entries(app, "")
            .iter()
            .any(|entry| matches!(entry, list::Entry::Do(row) if row.action == wanted))
    };
    assert!(offers(&app, Action::Compare) && offers(&app, Action::Export));
    assert!(!offers(&app, Action::Seeds) && !offers(&app, Action::SkipPage));
}
