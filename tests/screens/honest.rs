//! What is shown is true for as long as it is shown: which rate is in force, that a schedule has ended, which runs were
//! changed on their way, of which step the numbers are, and what the last line complains of.

use losslab::app::Message;
use losslab::experiment::{Experiment, expression};
use losslab::optimizer::Schedule;
use losslab::snapshot::{Convergence, Status};

use super::desk::{Desk, SIZES};
use super::screen;

fn scheduled(steps: u64) -> Desk {
    let schedule = Some(Schedule::Cosine);
    Desk::new(Experiment { schedule, steps, lr: Some(0.05), ..Experiment::default() }, 0)
}

#[test]
fn a_run_whose_schedule_has_ended_is_finished_and_says_so() {
    let mut desk = scheduled(30);
    desk.press(" ").frames(20);
    let rate = desk.app.rows().into_iter().find(|row| row.symbol == "lr").unwrap();
    assert_eq!((rate.value, rate.text.as_str()), (0.05, "0.05 now 0.0125"), "cos² of 60° of it");
    desk.app.update(Message::Resize(80, 24));
    desk.press("4");
    assert!(screen(&desk.app).contains("0.05 now 0.0125"), "{}", screen(&desk.app));
    desk.press("\u{1b}").frames(40);
    let now = &desk.app.snapshot;
    assert_eq!((now.step, &now.status), (30, &Status::Converged(Convergence::Schedule)));
    for size in SIZES {
        desk.app.update(Message::Resize(size.0, size.1));
        let seen = screen(&desk.app);
        assert!(seen.contains("finished") && seen.contains("Finished: its 30 steps are made"), "{seen}");
    }
    desk.app.update(Message::Resize(80, 24));
    assert!(
        desk.app
            .warnings()
            .iter()
            .any(|text| { text == "The cosine schedule ended at step 30, and the rate has been 0 since." })
    );
    desk.press(" ");
    assert_eq!(desk.app.said.as_ref().unwrap().text, "running on at a rate of 0: nothing moves");
    desk.press("\u{1b}").frames(600);
    assert_eq!(
        (desk.app.snapshot.step, &desk.app.snapshot.status),
        (630, &Status::Running),
        "no convergence"
    );
    assert!(screen(&desk.app).contains("the rate has been 0 since"), "{}", screen(&desk.app));
    let mut constant = Desk::new(Experiment { steps: 30, ..Experiment::default() }, 0);
    constant.press(" ").frames(40);
    assert_eq!(constant.app.snapshot.step, 40, "a constant rate goes on");
}

#[test]
fn runs_changed_on_their_way_are_told_in_the_title_as_long_as_they_differ() {
    let mut desk = Desk::usual().sized((80, 24));
    desk.press("4↓→").frames(5).press(" ").frames(5).press(" ←");
    desk.press("c");
    let titled = |desk: &mut Desk, words: &str, few: &str| {
        for size in SIZES {
            desk.app.update(Message::Resize(size.0, size.1));
            let seen = screen(&desk.app);
            let words = if size.0 < 80 { few } else { words };
            assert!(seen.lines().next().unwrap().contains(words), "{size:?}: {seen}");
        }
        desk.app.update(Message::Resize(80, 24));
    };
    titled(&mut desk, "same start", "same start");
    desk.press("oarcface\n");
    // The second took the first one back: it has moved the points all the same.
    let (changed, few) = ("A with 2 changes taken back, B as begun", "A 2 changes taken back, B none");
    titled(&mut desk, changed, few);
    desk.shown("compare_uneven");
    desk.app.update(Message::Resize(80, 24));
    // What comes into other lines takes nothing of it.
    desk.press(" ").frames(70).press(" S");
    titled(&mut desk, changed, few);
    let told = losslab::describe::sentences(&desk.app.snapshot);
    let unlike = "The runs are not compared like with like: A with 2 changes taken back, B as begun.";
    assert!(told.iter().any(|text| text == unlike), "{told:?}");
}

#[test]
fn a_new_start_has_no_numbers_of_what_was_before_it() {
    let mut desk = Desk::usual();
    assert!(!desk.app.snapshot.geometry.measured.values.is_empty());
    // Before an analyst has seen it.
    desk.run.seek(losslab::snapshot::To::First);
    let start = desk.run.snapshot();
    assert_eq!((start.step, start.geometry.measured.values.len()), (0, 0));
    assert!(start.picture.targets.is_empty() && start.geometry.fit.is_none());
    desk.run.analyse();
    let known = desk.run.snapshot();
    assert!(known.geometry.step == 0 && !known.geometry.measured.values.is_empty());
    // A copy begins at the start too.
    let mut run = losslab::simulation::Run::new(&Experiment::default()).unwrap();
    run.advance(40);
    run.read_back();
    run.analyse();
    let mut company = losslab::simulation::company::Company::default();
    company.copy(&mut run, 0).unwrap();
    company.follow(&run, usize::MAX);
    for shown in [run.snapshot(), company.runs()[0].snapshot()] {
        assert_eq!((shown.step, shown.geometry.measured.values.len()), (0, 0));
    }
}

#[test]
fn the_warnings_have_what_the_last_line_complains_of_and_what_it_cuts() {
    let objective = expression::parse("mse").unwrap();
    let mut desk = Desk::new(Experiment { objective, lr: Some(500.0), ..Experiment::default() }, 40);
    desk.app.update(Message::Resize(80, 24));
    assert_eq!(desk.app.warnings().len(), 1, "{:?}", desk.app.warnings());
    desk.press("w");
    assert!(screen(&desk.app).contains("steps are too long"), "{}", screen(&desk.app));
    // What explains is no warning, but can be read whole.
    let mut desk = Desk::usual().sized((80, 24));
    let long = "the loss is near its floor while the frame is away: ".repeat(4) + "the end of it";
    desk.alter(|run| {
        let mut geometry = (*run.geometry).clone();
        geometry.remarks = vec![long.clone()];
        run.geometry = std::sync::Arc::new(geometry);
    });
    assert!(desk.app.warnings().is_empty());
    desk.app.overlay = Some(losslab::app::Overlay::Warnings(0));
    let seen = screen(&desk.app);
    assert!(seen.contains("There are none.") && seen.contains("the end of it."), "{seen}");
}
