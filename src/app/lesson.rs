//! A lesson in the lab: which page is open, what was predicted, how its check stands, what may be changed. Pure like
//! the rest of the app; where progress is kept is the lab's business.

mod eyes;
pub mod layout;
mod progress;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crossterm::event::{KeyCode, KeyEvent};

use eyes::{Eyes, usual};
pub use progress::Progress;

use super::keys::{Action, Binding, Scope};
use super::settings::{Row, Setting};
use super::stake::Deed;
use super::{App, Command, Overlay, Search};
use crate::experiment::Experiment;
use crate::lesson::{self, Lesson, Outcome, Page, quantity};
use crate::snapshot::{Request, Status};

/// An open lesson.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the page")]
pub struct Session {
    /// What is taught.
    pub lesson: Lesson,
    /// The open page, from 0.
    pub page: usize,
    /// The answer given on it.
    pub answer: Option<usize>,
    /// Whether its hint is shown.
    pub hint: bool,
    /// After how many steps its check came true; `None` until it has.
    pub met: Option<u64>,
    /// How its claims stand.
    pub outcomes: Vec<Outcome>,
    /// Steps made on the page.
    pub steps: u64,
    /// Whether everything may be changed.
    pub unlocked: bool,
    /// Which run of a comparison goes.
    pub run: usize,
    /// The step at which the page (or the run of it) began; `None` until its start is known.
    began: Option<u64>,
    known: BTreeMap<(Option<String>, String), f64>,
    /// How many of the page's changes have been made.
    changed: usize,
    /// Which start of the run the page is about; `None` until it is known.
    generation: Option<u64>,
    /// Whether somebody was told to predict first, and may run on without.
    told: bool,
    /// How the lab was looked at before.
    eyes: Eyes,
    /// Whether a run made room for the lesson whose share string is printed in the end.
    kept: bool,
    /// The number of the request by which runs made room for it: with all that it restarts that is one gesture.
    pub(super) opened: u64,
}

impl Session {
    /// The open page.
    pub fn page(&self) -> &Page {
        &self.lesson.pages[self.page.min(self.lesson.pages.len() - 1)]
    }

    /// Whether a prediction is waited for.
    pub fn asks(&self) -> bool {
        self.page().predict.is_some() && self.answer.is_none()
    }

    /// Whether nothing comes after the open page.
    pub fn ends(&self) -> bool {
        self.page + 1 >= self.lesson.pages.len()
    }

    /// The step at which the open page began.
    pub fn began(&self) -> u64 {
        self.began.unwrap_or(0)
    }

    /// The answers in words: a to c.
    pub fn letters(&self) -> String {
        let count = self.page().predict.as_ref().map_or(1, |predict| predict.options.len().clamp(1, 26));
        format!("a to {}", (b'a' + count as u8 - 1) as char)
    }

    /// Whether the check had to come true by now and has not.
    pub fn is_late(&self) -> bool {
        let over = |check: &lesson::Check| self.steps > check.steps;
        self.met.is_none() && !self.asks() && self.page().check.as_ref().is_some_and(over)
    }

    /// Whether the page has been done.
    pub fn done(&self) -> bool {
        !self.asks() && (self.page().check.is_none() || self.met.is_some())
    }
}

/// The lessons a text finds, in their order; a number finds the lesson of that number.
pub fn lessons(text: &str) -> Vec<Lesson> {
    let text = text.trim().to_lowercase();
    if let Some(lesson) =
        text.parse::<usize>().ok().and_then(|number| ALL_LESSONS.get(number.wrapping_sub(1)))
    {
        return vec![lesson.clone()];
    }
    let found = |lesson: &Lesson| lesson.name.contains(&text) || lesson.title.to_lowercase().contains(&text);
    ALL_LESSONS.iter().filter(|lesson| found(lesson)).cloned().collect()
}

/// Read once: an open list is searched with every key and every frame.
static ALL_LESSONS: LazyLock<Vec<Lesson>> = LazyLock::new(lesson::all);
impl App {
    /// Opens a lesson where it was left, after a question where something is lost by it.
    pub fn open_lesson(&mut self, lesson: Lesson) -> Vec<Command> {
        self.overlay = None;
        self.when_meant(Deed::Lesson(Box::new(lesson)))
    }

    pub(super) fn begin_lesson(&mut self, lesson: Lesson) -> Vec<Command> {
        let lesson = lesson.told(|text| self.keymap.spell(text));
        let page = self.progress.page(&lesson.name).min(lesson.pages.len() - 1);
        // Whoever comes from a run of their own finds it again.
        let own = Some(self.share()).filter(|_| self.snapshot.step > 0 && self.lesson.is_none());
        let own = own.and_then(|share| share.encode().ok());
        // From one lesson to the next the lab's own view stays put aside.
        let (eyes, kept, opened) = match self.lesson.take() {
            Some(session) => (session.eyes, session.kept, session.opened),
            None => (self.eyes(), own.is_some(), self.asked + 1),
        };
        self.overlay = None;
        self.expanded = false;
        self.focus = super::Pane::View;
        self.said = None;
        self.look_at_run(0);
        let mut commands = self.look_plainly();
        self.lesson = Some(Session {
            lesson,
            page,
            answer: None,
            hint: false,
            met: None,
            outcomes: Vec::new(),
            steps: 0,
            unlocked: false,
            run: 0,
            began: None,
            known: BTreeMap::new(),
            changed: 0,
            generation: None,
            told: false,
            eyes,
            kept,
            opened,
        });
        commands.extend(own.map(Command::Remember));
        commands.extend(self.turn_to(page, true));
        commands
    }

    /// Whether a row of the params pane may not be changed now.
    pub fn locks(&self, row: &Row) -> bool {
        let Some(session) = self.lesson.as_ref().filter(|session| !session.unlocked) else { return false };
        session.page().compare() || !session.page().allows(&self.setting_name(row.setting))
    }

    /// The sentence about a row that is locked, if it is.
    pub(super) fn refuses(&mut self, row: &Row) -> bool {
        let locked = self.locks(row);
        if locked {
            self.wrong(format!("{} is locked on this page; <palette> unlock opens everything", row.name));
        }
        locked
    }

    /// The name of a setting in lesson files: an option, or a knob.
    fn setting_name(&self, setting: Setting) -> String {
        match setting {
            Setting::Objective => "objective",
            Setting::Weight(_) => "weight",
            Setting::Knob(t, k) => self
                .experiment
                .objective
                .get(t)
                .and_then(|term| term.objective.knobs().get(k))
                .map_or("", |k| k.name),
            Setting::Rate => "lr",
            Setting::Optimizer => "optimizer",
            Setting::Momentum => "momentum",
            Setting::Batch => "batch",
            Setting::DecayFeatures => "weight-decay",
            Setting::DecayWeights => "weight-decay-weights",
            Setting::Moves => "moves",
            Setting::Classes => "classes",
            Setting::PerClass => "per-class",
            Setting::Dim => "dim",
            Setting::Views => "views",
            Setting::Imbalance => "imbalance",
            Setting::LabelNoise => "label-noise",
            Setting::Init => "init",
            Setting::Depth => "depth",
            Setting::Width => "width",
        }
        .to_owned()
    }

    /// What a key does because a lesson is open; `None` when it means what it always does.
    pub(super) fn lesson_key(&mut self, key: &KeyEvent) -> Option<Vec<Command>> {
        let asks = self.lesson.as_ref()?.asks();
        if let (true, KeyCode::Char(c @ 'a'..='d')) = (asks, key.code) {
            return Some(self.predict(c as usize - 'a' as usize));
        }
        let runs = self.keymap.action(key, self.focus, false) == Some(Action::Toggle);
        if asks && runs && self.snapshot.status != Status::Running {
            let session = self.lesson.as_mut()?;
            if !std::mem::replace(&mut session.told, true) {
                let letters = session.letters();
                let again = self.keymap.key_of(Action::Toggle);
                self.wrong(format!("predict first: {letters}; {again} again runs without"));
                return Some(Vec::new());
            }
        }
        let here = |(binding, keys): &(&Binding, &[KeyCode])| {
            binding.scope == Scope::Lesson && keys.contains(&key.code)
        };
        let action = self.keymap.rows().find(here)?.0.action;
        if action == Action::LeaveLesson && self.is_over_lesson() {
            return Some(self.climb());
        }
        Some(self.lesson_action(action))
    }

    /// Does what lessons are steered by.
    pub(super) fn lesson_action(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::Lessons => self.overlay = Some(Overlay::Lessons(Search::default())),
            Action::Presets => self.overlay = Some(Overlay::Presets(Search::default())),
            _ if self.lesson.is_none() => self.wrong("no lesson is open: <lessons> lists them"),
            Action::NextPage => return self.next_page(),
            Action::SkipPage => return self.leave_page(),
            Action::PageBack => {
                let page = self.lesson.as_ref().map_or(0, |session| session.page);
                if page > 0 {
                    return self.turn_to(page - 1, true);
                }
                self.say("this is the first page");
            }
            Action::Hint => {
                let session = self.lesson.as_mut().filter(|session| !session.page().hint.is_empty());
                match session {
                    Some(session) => session.hint = !session.hint,
                    None => self.say("there is no hint on this page"),
                }
            }
            Action::Unlock => {
                if let Some(session) = &mut self.lesson {
                    session.unlocked = true;
                }
                self.say("everything may be changed on this page now");
            }
            Action::LeaveLesson => return self.leave_lesson("left; <lessons> comes back to this page"),
            _ => {}
        }
        Vec::new()
    }

    fn predict(&mut self, answer: usize) -> Vec<Command> {
        let Some(session) = &mut self.lesson else { return Vec::new() };
        let Some(predict) = session.page().predict.clone() else { return Vec::new() };
        if answer >= predict.options.len() {
            let letters = session.letters();
            self.wrong(format!("the answers are {letters}"));
            return Vec::new();
        }
        session.answer = Some(answer);
        self.target = true;
        // The line below says what goes on now, and goes on saying so when the run is paused.
        self.said = None;
        vec![Command::Ask(Request::Run(true))]
    }

    fn next_page(&mut self) -> Vec<Command> {
        let Some(session) = &self.lesson else { return Vec::new() };
        if session.asks() {
            let letters = session.letters();
            self.wrong(format!("predict first: {letters}; <skip-page> skips the page"));
        } else if session.done() {
            return self.leave_page();
        } else if session.is_late() {
            self.wrong(
                "the check has not come true: <restart> starts again, <hint> may help, <skip-page> skips",
            );
        } else if matches!(self.snapshot.status, Status::Running) {
            self.wrong("the check has not come true yet: let it run, <hint> may help, <skip-page> skips");
        } else {
            self.wrong("the check has not come true yet: <toggle> runs, <hint> may help, <skip-page> skips");
        }
        Vec::new()
    }

    /// To the next page, or out of the lesson after the last.
    fn leave_page(&mut self) -> Vec<Command> {
        let Some(session) = &self.lesson else { return Vec::new() };
        let (next, name) = (session.page + 1, session.lesson.name.clone());
        if next < session.lesson.pages.len() {
            return self.turn_to(next, false);
        }
        let words = format!("finished. Next (<lessons>): {}", session.lesson.next);
        self.progress.finish(&name);
        self.leave_lesson(&words)
    }

    fn leave_lesson(&mut self, words: &str) -> Vec<Command> {
        let (mut kept, mut commands) = ("", vec![Command::Keep(self.progress.clone())]);
        if let Some(session) = self.lesson.take() {
            commands.extend(self.look_through(&session.eyes));
            if session.kept {
                kept = "; quitting prints the share string of the run before it";
            }
        }
        self.focus = super::Pane::View;
        self.say(format!("{words}{kept}"));
        commands
    }

    /// Lets an open lesson go without a word, since something else takes its place; the lab looks as it did before.
    pub(super) fn drop_lesson(&mut self) -> Vec<Command> {
        self.lesson.take().map_or_else(Vec::new, |session| self.look_through(&session.eyes))
    }

    /// Opens a page; `anew` begins its run from the start in any case.
    fn turn_to(&mut self, number: usize, anew: bool) -> Vec<Command> {
        let Some(session) = &mut self.lesson else { return Vec::new() };
        session.page = number;
        (session.answer, session.hint, session.met, session.run, session.changed) = (None, false, None, 0, 0);
        (session.steps, session.told, session.generation) = (0, false, None);
        session.outcomes.clear();
        session.known.clear();
        let (page, asks) = (session.page().clone(), session.asks());
        let anew = anew || page.restart;
        session.began = anew.then_some(0);
        self.target = !asks;
        let name = session.lesson.name.clone();
        self.progress.reach(&name, number);
        self.row = 0;
        self.said = None;
        let experiment = page.runs[0].1.clone();
        let dim = experiment.dim.unwrap_or(Experiment::DIM);
        let mut commands = self.change(experiment, !anew);
        if asks || number == 0 {
            commands.push(Command::Ask(Request::Run(false)));
        }
        if let Some(projection) = page.projection.or_else(|| anew.then(|| usual(dim))) {
            commands.push(Command::Ask(Request::Project(projection)));
        }
        if page.forces != self.forces.arrows {
            commands.extend(self.show_arrows(page.forces));
        }
        commands.push(Command::Keep(self.progress.clone()));
        commands
    }

    /// Takes the newest snapshot into the lesson: measures, changes what is due, goes on to the next run.
    pub(super) fn lesson_take(&mut self) -> Vec<Command> {
        if self.waits() {
            return Vec::new();
        }
        let (snapshot, Some(session)) = (self.snapshot.clone(), &mut self.lesson) else { return Vec::new() };
        let generation = *session.generation.get_or_insert(snapshot.generation);
        if generation != snapshot.generation {
            // Somebody restarted the run.
            (session.began, session.met, session.changed) = (Some(0), None, 0);
            session.generation = Some(snapshot.generation);
        } else if session.began.is_some_and(|began| snapshot.step < began) {
            (session.began, session.met, session.changed) = (None, None, 0);
        }
        let began = *session.began.get_or_insert(snapshot.step);
        session.steps = snapshot.step.saturating_sub(began);
        let page = session.page().clone();
        if session.asks() {
            return Vec::new();
        }
        if let Some((step, experiment)) = page.at.get(session.changed)
            && session.steps >= *step
        {
            session.changed += 1;
            return self.change(experiment.clone(), true);
        }
        let Some(check) = &page.check else { return Vec::new() };
        if snapshot.geometry.step > snapshot.step {
            return Vec::new();
        }
        let name = page.runs.get(session.run).map(|(name, _)| name.clone()).unwrap_or_default();
        for (of, what) in check.names() {
            if of.as_deref().unwrap_or_default() == name
                && let Some(value) = quantity::quantity(&snapshot, &what)
            {
                session.known.insert((of, what), value);
            }
        }
        let known = &session.known;
        session.outcomes =
            check.outcomes(&|run, name| known.get(&(run.map(str::to_owned), name.to_owned())).copied());
        if session.met.is_some() {
            return Vec::new();
        }
        let fresh = snapshot.geometry.step == snapshot.step || snapshot.status == Status::Running;
        // What has come to rest will not make the steps that are missing.
        let rests = matches!(snapshot.status, Status::Converged(_));
        let due = rests || session.steps >= if page.compare() { check.steps } else { check.after };
        let last = session.run + 1 == page.runs.len();
        if due && fresh && last && session.changed == page.at.len() {
            session.met = session.outcomes.iter().all(|outcome| outcome.holds).then_some(session.steps);
            if session.met.is_some() {
                let then = if session.ends() {
                    format!("ends the lesson; next: {}", session.lesson.next)
                } else {
                    "goes on".to_owned()
                };
                let enter = self.keymap.key_of(Action::NextPage);
                self.say(format!("measured: it is true. {enter} {then}"));
            }
        } else if due && fresh && !last {
            session.run += 1;
            (session.began, session.generation) = (Some(0), None);
            let experiment = page.runs[session.run].1.clone();
            return self.change(experiment, false);
        }
        Vec::new()
    }

    /// Takes the chosen entry of the list of lessons.
    pub(super) fn choose_lesson(&mut self, search: Search) -> Vec<Command> {
        if let Some(lesson) = lessons(&search.text).into_iter().nth(search.at) {
            return self.open_lesson(lesson);
        }
        self.wrong(format!("no lesson has \"{}\" in its title", search.text.trim()));
        self.overlay = Some(Overlay::Lessons(search));
        Vec::new()
    }
}

impl Page {
    /// Whether several runs are compared.
    pub fn compare(&self) -> bool {
        self.runs.len() > 1
    }
}
