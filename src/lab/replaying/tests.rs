use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::*;
use crate::app::Command;
use crate::experiment::{EngineKind, Experiment};
use crate::lab::recorder::Recorder;
use crate::snapshot::Snapshot;

/// A lab without a terminal, which records as the lab does.
struct Recorded {
    simulation: Simulation,
    app: App,
    recorder: Recorder,
    folder: tempfile::TempDir,
}

fn experiment() -> Experiment {
    Experiment { engine: EngineKind::Cpu, ..Experiment::default() }
}

impl Recorded {
    /// Records a run: from its start on while it goes, or after some steps, a knob turned, and a way back.
    fn begin(running: bool) -> Self {
        Self::begin_on(&experiment(), running)
    }

    fn begin_on(experiment: &Experiment, running: bool) -> Self {
        let simulation = Simulation::start(experiment).unwrap();
        let mut app = App::new(simulation.snapshot(), (80, 24));
        look_until(&mut app, &simulation, |app| app.snapshot.step > 4);
        if !running {
            for key in [' ', '4'] {
                do_now(&mut app, &simulation, KeyCode::Char(key));
            }
            look_until(&mut app, &simulation, |app| app.snapshot.status == Status::Paused);
            for key in [KeyCode::Down, KeyCode::Right, KeyCode::Right] {
                do_now(&mut app, &simulation, key);
                look_until(&mut app, &simulation, App::is_settled);
            }
            let now = app.snapshot.step;
            do_now(&mut app, &simulation, KeyCode::Char('>'));
            look_until(&mut app, &simulation, |app| app.snapshot.step == now + 50 && app.is_settled());
            do_now(&mut app, &simulation, KeyCode::Char(','));
            look_until(&mut app, &simulation, |app| {
                app.is_settled() && app.snapshot.step + 1 == app.snapshot.time.newest
            });
        }
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::begin(&mut app, &simulation, folder.path()).unwrap();
        Self { simulation, app, recorder, folder }
    }

    /// Takes a message in, in its turn.
    fn take(&mut self, message: Message) {
        let recorder = &mut self.recorder;
        look_until(&mut self.app, &self.simulation, |app| {
            recorder.hear(app.snapshot.noted);
            recorder.is_ready(app)
        });
        let (what, seen) = (Recorder::of_message(&message).unwrap(), self.app.snapshot.clone());
        if self.recorder.rests() {
            self.app.update(Message::Rest);
        }
        let commands = self.app.update(message);
        obey(&self.simulation, self.recorder.take(what, &seen, commands));
    }

    fn press(&mut self, code: KeyCode) {
        self.take(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    fn run_to(&mut self, step: u64) {
        look_until(&mut self.app, &self.simulation, |app| app.snapshot.step >= step);
    }

    /// The recording as its file has it, and what was on the screen in the end.
    fn end(mut self) -> (Recording, Arc<Snapshot>) {
        let recorder = &mut self.recorder;
        look_until(&mut self.app, &self.simulation, |app| {
            recorder.hear(app.snapshot.noted);
            recorder.is_ready(app)
        });
        let as_it_goes = self.text();
        let said = self.recorder.end(&mut self.app, &self.simulation).unwrap();
        assert!(said.starts_with("wrote losslab-001.llrec into "), "{said}");
        let text = std::fs::read_to_string(self.folder.path().join("losslab-001.llrec")).unwrap();
        assert!(
            text.starts_with(&as_it_goes) && as_it_goes.lines().count() + 2 >= text.lines().count(),
            "{text}"
        );
        (crate::recording::read(&text).unwrap(), self.app.snapshot)
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("losslab-001.llrec")).unwrap()
    }
}

fn do_now(app: &mut App, simulation: &Simulation, code: KeyCode) {
    obey(simulation, app.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE))));
}

fn obey(simulation: &Simulation, commands: Vec<Command>) {
    for command in commands {
        if let Command::Ask(request) = command {
            assert!(simulation.ask(request));
        }
    }
}

fn look_until(app: &mut App, simulation: &Simulation, mut holds: impl FnMut(&App) -> bool) {
    let began = Instant::now();
    while !holds(app) {
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "step {} {:?}",
            app.snapshot.step,
            app.snapshot.status
        );
        std::thread::sleep(Duration::from_millis(2));
        let newest = simulation.snapshot();
        if !Arc::ptr_eq(&newest, &app.snapshot) {
            obey(simulation, app.update(Message::Snapshot(newest)));
        }
    }
}

fn played(recording: &Recording, stop_at: Option<&str>) -> (String, Arc<Snapshot>) {
    let mut text = String::new();
    let end = headless::play(recording.clone(), stop_at, |said| text.push_str(said)).unwrap();
    (text, end)
}

/// A session with everything that moves a run: knobs while it goes, back in time and on by another branch, undo, a
/// restart, a typed objective, the mouse on the line of time, a comparison.
fn session(running: bool) -> (Recording, Arc<Snapshot>) {
    let mut lab = Recorded::begin(running);
    if !running {
        lab.press(KeyCode::Char(' '));
    }
    lab.press(KeyCode::Char('4'));
    lab.press(KeyCode::Down);
    lab.press(KeyCode::Right);
    let now = lab.app.snapshot.step;
    lab.run_to(now + 20);
    lab.press(KeyCode::Char('}'));
    lab.press(KeyCode::Char(' '));
    let said = lab.recorder.mark(&mut lab.app);
    assert!(said.starts_with("mark 1 at step"), "{said}");
    for key in ['.', '.', '<', '.', 'u', 'U'] {
        lab.press(KeyCode::Char(key));
    }
    lab.press(KeyCode::Right);
    lab.press(KeyCode::Char(' '));
    let now = lab.app.snapshot.step;
    lab.run_to(now + 10);
    lab.press(KeyCode::Esc);
    lab.press(KeyCode::Char('4'));
    lab.press(KeyCode::Char('u'));
    lab.press(KeyCode::Char('o'));
    lab.take(Message::Paste("arcface".to_owned()));
    lab.press(KeyCode::Enter);
    let mouse = |kind, row| MouseEvent { kind, column: 30, row, modifiers: KeyModifiers::NONE };
    let row = lab.app.layout().unwrap().time.y;
    lab.take(Message::Mouse(mouse(MouseEventKind::Down(MouseButton::Left), row)));
    lab.take(Message::Mouse(mouse(MouseEventKind::Up(MouseButton::Left), row)));
    lab.press(KeyCode::Char('>'));
    lab.take(Message::Resize(120, 40));
    lab.recorder.mark(&mut lab.app);
    lab.press(KeyCode::Char('D'));
    lab.press(KeyCode::Char('c'));
    lab.press(KeyCode::Char(' '));
    lab.run_to(15);
    lab.press(KeyCode::Char(' '));
    lab.end()
}

#[test]
fn a_replay_is_the_recorded_session_to_the_bit_every_time() {
    for running in [true, false] {
        let (recording, end) = session(running);
        let (first, replayed) = played(&recording, None);
        let (second, _) = played(&recording, None);
        assert_eq!(first, second, "two replays say the same");
        assert_eq!(recording.marks().collect::<Vec<_>>(), ["1", "2"]);
        assert!(first.contains("Mark 1, at step") && first.contains("Mark 2, at step"), "{first}");
        assert!(first.contains(&format!("The end, at step {}, loss {:?}.", end.step, end.loss)), "{first}");
        assert!(end.step >= 15 && end.runs() == 2);
        assert_eq!((replayed.step, replayed.loss.to_bits()), (end.step, end.loss.to_bits()));
        assert_eq!(replayed.points, end.points);
        assert_eq!(replayed.beside(1).points, end.beside(1).points);
        assert_eq!(replayed.experiment, end.experiment);
        let (short, there) = played(&recording, Some("mark:1"));
        assert!(first.starts_with(&short) && !short.contains("Mark 2"), "{short}");
        assert_eq!(
            there.step,
            recording.events.iter().find(|e| matches!(e.what, What::Mark(_))).unwrap().seen
        );
    }
}

#[test]
fn a_replay_takes_back_as_much_as_the_session_did() {
    let mut lab = Recorded::begin_on(&experiment(), true);
    for key in [KeyCode::Char('4'), KeyCode::Down] {
        do_now(&mut lab.app, &lab.simulation, key);
    }
    // Notches of before, two in one go, and the recording begins with the knob in the hand.
    drop(lab.recorder);
    for _ in 0..2 {
        do_now(&mut lab.app, &lab.simulation, KeyCode::Right);
        let now = lab.app.snapshot.step;
        look_until(&mut lab.app, &lab.simulation, |app| app.is_settled() && app.snapshot.step > now + 3);
    }
    lab.folder = tempfile::tempdir().unwrap();
    lab.recorder = Recorder::begin(&mut lab.app, &lab.simulation, lab.folder.path()).unwrap();
    // Where two gestures are told apart by nothing but a pause.
    let mut undone = Vec::new();
    for pause in [0, 0, 1200, 0] {
        std::thread::sleep(Duration::from_millis(pause));
        lab.press(KeyCode::Right);
        let now = lab.app.snapshot.step;
        lab.run_to(now + 2);
    }
    lab.press(KeyCode::Char(' '));
    for key in ['u', 'u', 'u', 'U', '.'] {
        lab.press(KeyCode::Char(key));
        look_until(&mut lab.app, &lab.simulation, App::is_settled);
        undone.push(lab.app.experiment.objective[0].knobs.exact(0));
    }
    let scale = |notches: usize| {
        let mut row = crate::app::settings::rows(&experiment(), 4, 3, 0.02)[1].clone();
        (0..notches).for_each(|_| row.value = row.moved(1).unwrap());
        row.value
    };
    assert_eq!(undone, [4, 2, 1, 2, 2].map(scale));
    let (recording, end) = lab.end();
    let (_, replayed) = played(&recording, None);
    assert_eq!((replayed.step, replayed.loss.to_bits()), (end.step, end.loss.to_bits()));
    assert_eq!((&replayed.points, &replayed.edits), (&end.points, &end.edits));
}

#[test]
fn a_recording_that_does_not_fit_the_run_says_at_which_line() {
    let (recording, _) = session(false);
    let none = Player::new(recording.clone(), None, Some("mark:3")).unwrap_err();
    assert!(none.starts_with("none of its 2 marks is called \"3\""), "{none}");
    let told = |change: &dyn Fn(&mut Recording)| {
        let mut other = recording.clone();
        change(&mut other);
        headless::play(other, None, |_| ()).unwrap_err()
    };
    // Trails instead of the word to run: the run stands where it should have gone on.
    let space = What::Key(KeyEvent::new(KeyCode::Char(' '), KeyModifiers::NONE));
    assert_eq!(recording.events[0].what, space);
    let error = told(&|other| {
        other.events[0].what = What::Key(KeyEvent::new(KeyCode::Char('t'), KeyModifiers::NONE));
    });
    let goes_on = recording.events.iter().position(|entry| entry.seen > recording.beginning.step).unwrap();
    let stays = recording.events.iter().position(|entry| entry.heard > recording.beginning.step).unwrap();
    let line = recording.line(goes_on.min(stays));
    assert!(error.starts_with(&format!("line {line}: ")) && error.contains("cannot be played on"), "{error}");
    // A pause that was heard later than the run came.
    let at = recording.events.iter().rposition(|entry| entry.what == space).unwrap();
    let error = told(&|other| (other.events[at - 1].heard, other.events[at].seen) = (3, 3));
    assert!(error.starts_with(&format!("line {}: ", recording.line(at - 1))), "{error}");
    let error = told(&|other| other.end.loss = Some(1.5));
    let line = recording.line(recording.events.len());
    assert!(error.starts_with(&format!("line {line}: the recorded loss is 1.5")), "{error}");
    // A start that cannot be.
    let error = told(&|other| other.beginning.step = other.beginning.share.step + 1);
    assert!(error.starts_with(&format!("line {}: ", recording.beginning.lines())), "{error}");
}

#[test]
fn a_recording_that_was_cut_off_is_played_as_far_as_it_goes() {
    let mut lab = Recorded::begin(true);
    lab.press(KeyCode::Char(' '));
    lab.press(KeyCode::Char('.'));
    lab.press(KeyCode::Char('.'));
    let recorder = &mut lab.recorder;
    look_until(&mut lab.app, &lab.simulation, |app| {
        recorder.hear(app.snapshot.noted);
        recorder.is_ready(app)
    });
    // As a kill leaves it.
    let recording = crate::recording::read(&lab.text()).unwrap();
    assert!(recording.end.broken && recording.events.len() == 3, "{recording:?}");
    let (text, end) = played(&recording, None);
    assert!(text.starts_with("Here it breaks off, at step"), "{text}");
    // The last of its steps was asked for, and is made.
    assert_eq!(end.step, lab.app.snapshot.step);
}

fn lab_of_two(app: &mut App) {
    let other = app.snapshot.clone();
    Arc::make_mut(&mut app.snapshot).company = Some(Arc::new(crate::snapshot::Company {
        others: vec![other],
        kinship: crate::comparison::Kinship::default(),
        locked: true,
        gathering: None,
        seeds: None,
    }));
}

#[test]
fn what_cannot_be_begun_is_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let simulation = Simulation::start(&experiment()).unwrap();
    let mut app = App::new(simulation.snapshot(), (80, 24));
    let refused = |app: &mut App, said: &str| {
        let why = Recorder::begin(app, &simulation, folder.path()).err().unwrap().to_string();
        assert!(why.contains(said), "{why}");
        assert!(app.tape.is_none() && std::fs::read_dir(folder.path()).unwrap().count() == 0);
    };
    app.asked += 1;
    refused(&mut app, "the run is on its way");
    app.asked -= 1;
    Arc::make_mut(&mut app.snapshot).status = Status::Failed("why".into());
    refused(&mut app, "stopped for good");
    lab_of_two(&mut app);
    refused(&mut app, "leave the comparison");
    let missing = folder.path().join("missing");
    let mut app = App::new(simulation.snapshot(), (80, 24));
    let why = Recorder::begin(&mut app, &simulation, &missing).err().unwrap().to_string();
    assert!(why.starts_with("nothing was written into "), "{why}");
}

#[test]
fn a_run_that_stopped_for_good_does_so_in_its_replay() {
    let objective = crate::experiment::expression::parse("softmax").unwrap();
    let constraint = Some(crate::experiment::Constraint::None);
    let mut lab = Recorded::begin_on(&Experiment { objective, constraint, ..experiment() }, true);
    lab.press(KeyCode::Char('4'));
    let rows = lab.app.rows();
    let rate = rows.iter().position(|row| row.symbol == "lr").unwrap();
    for _ in 0..rate {
        lab.press(KeyCode::Down);
    }
    "1e30".chars().for_each(|c| lab.press(KeyCode::Char(c)));
    lab.press(KeyCode::Enter);
    let diverged = |app: &App| matches!(app.snapshot.status, Status::Diverged { .. });
    look_until(&mut lab.app, &lab.simulation, diverged);
    // Back to the start, and into it once more.
    for key in [' ', '<', ' '] {
        lab.press(KeyCode::Char(key));
    }
    let recorder = &mut lab.recorder;
    look_until(&mut lab.app, &lab.simulation, |app| {
        recorder.hear(app.snapshot.noted);
        recorder.is_ready(app) && diverged(app)
    });
    let (recording, end) = lab.end();
    assert_eq!(recording.events.iter().filter(|entry| entry.what == What::Diverged).count(), 2);
    let (_, replayed) = played(&recording, None);
    assert_eq!((replayed.step, replayed.loss.to_bits()), (end.step, end.loss.to_bits()));
    assert_eq!(replayed.points, end.points);
    let mut other = recording;
    let at = other.events.iter().position(|entry| entry.what == What::Diverged).unwrap();
    // The rate is not typed to its end, and the step can be made.
    other.events.remove(at - 2);
    let why = headless::play(other, None, |_| ()).unwrap_err();
    assert!(why.contains("cannot be played on"), "{why}");
}

#[test]
fn a_replay_is_held_and_goes_on_by_hand() {
    let mut lab = Recorded::begin(false);
    lab.press(KeyCode::Char(' '));
    let now = lab.app.snapshot.step;
    lab.run_to(now + 5);
    lab.press(KeyCode::Char(' '));
    let (recording, end) = lab.end();
    let simulation = Simulation::start(&recording.beginning.share.experiment).unwrap();
    let mut app = App::new(simulation.snapshot(), (60, 18));
    let own = app.keymap.clone().with(crate::app::keys::Action::Mark, &[KeyCode::F(9)]);
    app.keymap = own.clone();
    let mut player = Player::new(recording, Some(64.0), None).unwrap();
    player.open(&mut app, &simulation);
    player.hold();
    let mut stood = 0;
    let mut last = Played::Waits(Duration::ZERO);
    while last != Played::Over {
        std::thread::sleep(Duration::from_millis(2));
        let newest = simulation.snapshot();
        if !Arc::ptr_eq(&newest, &app.snapshot) {
            obey(&simulation, app.update(Message::Snapshot(newest)));
        }
        last = player.play(&mut app, &simulation).unwrap();
        if last == Played::Stands(None) {
            stood += 1;
            assert!(app.tape.as_ref().unwrap().words(false).ends_with("held"));
            player.go_on(&mut app, &simulation);
        }
    }
    assert_eq!((stood, app.snapshot.step), (1, end.step));
    player.compare(&app.snapshot).unwrap();
    player.release(&mut app, &simulation);
    assert!(app.tape.is_none() && app.keymap == own);
}
