//! How a message changes the screen, and what follows from it outside.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::find::Finder;
use super::keys::{Action, Way};
use super::layout::Pane;
use super::settings::{Setting, Values};
use super::{App, Camera, Command, Message, Overlay, Said, Search, list};
use crate::experiment::Experiment;
use crate::objectives::{Grouping, Knobs, Objective, Term};
use crate::snapshot::{Request, Snapshot, Status};

/// A key turns by this much, in radians.
const TURN: f32 = 0.12;
/// A frame of spinning turns by this much.
const SPIN: f32 = 0.006;
/// Longer texts are not typed.
const LONGEST_TEXT: usize = 200;

impl App {
    /// Takes a message in, and says what follows.
    pub fn update(&mut self, message: Message) -> Vec<Command> {
        let mut commands = self.take_in(message);
        commands.extend(self.tell_what_to_show());
        commands.extend(self.follow());
        commands
    }

    fn take_in(&mut self, message: Message) -> Vec<Command> {
        match message {
            Message::Key(key) => {
                self.pressed = self.pressed.saturating_add(1);
                self.key(&key)
            }
            Message::Mouse(mouse) => self.mouse_event(mouse),
            Message::Paste(text) => {
                text.chars().filter(|c| !c.is_control()).for_each(|c| self.type_character(c));
                self.clamp_search();
                Vec::new()
            }
            Message::Resize(width, height) => {
                self.size = (width, height);
                Vec::new()
            }
            Message::Snapshot(snapshot) => {
                self.take(snapshot);
                self.lesson_take()
            }
            Message::Frame => {
                // One motion at a time.
                let still = !self.snapshot.picture.touring && self.dragged_from.is_none();
                if self.spin && still && self.snapshot.status == Status::Running {
                    self.camera.turn_by(SPIN, 0.0);
                }
                Vec::new()
            }
            Message::Said(said) => {
                self.said = Some(said);
                Vec::new()
            }
        }
    }

    fn take(&mut self, snapshot: Arc<Snapshot>) {
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        let looked_at = self.beside.run;
        self.company_came(&before);
        let now = &self.snapshot;
        if now.answered >= self.asked {
            // On a journey edits come and go by themselves.
            let (old, new) = (&before.beside(looked_at).experiment, &self.subject().experiment);
            if !Arc::ptr_eq(old, new) || now.answered > before.answered {
                self.experiment = (**new).clone();
            }
            if now.answered > before.answered
                && let Some(refusal) = now.refusal.clone()
            {
                self.wrong(refusal);
            }
        }
        let (old, new) = (&before.time, &self.snapshot.time);
        if self.snapshot.generation == before.generation
            && new.branches.len() > old.branches.len()
            && let Some(branch) = new.branches.iter().find(|branch| branch.id == new.branch)
            && let Some((_, step)) = branch.parent
        {
            self.say(format!("a new branch, {}, from step {step}: B lists them", branch.name));
        }
        let (old, new) = (&before.beside(looked_at).notices, &self.subject().notices);
        if new.len() > old.len()
            && let Some(notice) = new.last().cloned()
        {
            self.wrong(notice);
        }
        if let (Status::Failed(why), false) =
            (&self.snapshot.status, matches!(before.status, Status::Failed(_)))
        {
            let text = format!("{why}; R starts again");
            self.wrong(text);
        }
        if self.snapshot.generation != before.generation {
            self.inspected = None;
            (self.told, self.sought) = (None, None);
        }
        self.sought = self.sought.filter(|sought| *sought != self.snapshot.picture.chosen);
        let count = self.snapshot.points.rows as u32;
        self.picked = self.picked.filter(|row| *row < count);
        self.keep_marks_of_what_is_there();
        self.row = self.row.min(self.rows().len().saturating_sub(1));
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.said = Some(Said { text: text.into(), wrong: false });
    }

    pub(super) fn wrong(&mut self, text: impl Into<String>) {
        self.said = Some(Said { text: text.into(), wrong: true });
    }

    fn key(&mut self, key: &KeyEvent) -> Vec<Command> {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return vec![Command::Quit(false)];
        }
        if self.overlay.is_some() {
            return self.overlay_key(key);
        }
        if self.entry.is_some() {
            return self.entry_key(key);
        }
        if let Some(commands) = self.lesson_key(key) {
            return commands;
        }
        if let (Pane::Params, KeyCode::Char(c)) = (self.focus, key.code)
            && c.is_ascii_digit()
            && self
                .rows()
                .get(self.row)
                .is_some_and(|row| matches!(row.values, Values::Number { .. }) && !self.locks(row))
        {
            self.entry = Some(c.to_string());
            return Vec::new();
        }
        match self.keymap.action(key, self.focus, self.compares()) {
            Some(action) => self.act(action),
            None => Vec::new(),
        }
    }

    fn entry_key(&mut self, key: &KeyEvent) -> Vec<Command> {
        let Some(entry) = &mut self.entry else { return Vec::new() };
        match key.code {
            KeyCode::Esc => self.entry = None,
            KeyCode::Backspace => {
                entry.pop();
            }
            KeyCode::Char('-') => {
                // After an exponent's letter a sign belongs to it; elsewhere it turns the number round.
                if entry.ends_with(['e', 'E']) {
                    entry.push('-');
                } else if let Some(positive) = entry.strip_prefix('-') {
                    *entry = positive.to_owned();
                } else {
                    entry.insert(0, '-');
                }
            }
            KeyCode::Char(c) if c.is_ascii_digit() || ".+eE".contains(c) => self.type_character(c),
            KeyCode::Enter => {
                let text = self.entry.take().unwrap_or_default();
                let rows = self.rows();
                let Some(row) = rows.get(self.row) else { return Vec::new() };
                if self.refuses(row) {
                    return Vec::new();
                }
                match row.parse(&text) {
                    Ok(value) => {
                        let experiment = row.set(&self.experiment, value);
                        return self.change(experiment, row.live);
                    }
                    Err(sentence) => self.wrong(sentence),
                }
            }
            // Nothing that belongs to a number: it means what it means elsewhere, and nothing was typed.
            _ => {
                self.entry = None;
                return self.key(key);
            }
        }
        Vec::new()
    }

    /// Types a character into whatever takes text just now.
    fn type_character(&mut self, c: char) {
        let text = match (&mut self.overlay, &mut self.entry) {
            (
                Some(
                    Overlay::Picker(search)
                    | Overlay::Palette(search)
                    | Overlay::Lessons(search)
                    | Overlay::Presets(search)
                    | Overlay::Find(Finder { search, .. }),
                ),
                _,
            ) => {
                search.at = 0;
                &mut search.text
            }
            (None, Some(entry)) if c.is_ascii_alphanumeric() || ".+-".contains(c) => entry,
            _ => return,
        };
        if text.len() < LONGEST_TEXT {
            text.push(c);
        }
    }

    fn overlay_key(&mut self, key: &KeyEvent) -> Vec<Command> {
        let typed = self.overlay.as_mut().is_some_and(|overlay| overlay.search().is_some());
        let Some(code) = self.keymap.in_lists(key.code, typed) else { return Vec::new() };
        let key = &KeyEvent { code, ..*key };
        if let Some(Overlay::Branches(at)) = self.overlay {
            return self.branches_key(at, key);
        }
        if matches!(self.overlay, Some(Overlay::Export(_))) {
            return self.export_key(key);
        }
        if let Some(Overlay::Inspector(line)) = self.overlay {
            return self.inspector_key(line, key);
        }
        let Some(overlay) = &mut self.overlay else { return Vec::new() };
        match (overlay, key.code) {
            (_, KeyCode::Esc) | (Overlay::Branches(_) | Overlay::Export(_) | Overlay::Inspector(_), _) => {
                self.overlay = None;
            }
            (Overlay::Help(line) | Overlay::Warnings(line), code) => match code {
                KeyCode::Up => *line = line.saturating_sub(1),
                KeyCode::Down => *line = line.saturating_add(1).min(500),
                KeyCode::PageUp => *line = line.saturating_sub(10),
                KeyCode::PageDown => *line = line.saturating_add(10).min(500),
                KeyCode::Char('q' | '?' | 'w' | ' ') | KeyCode::Enter | KeyCode::F(1) => self.overlay = None,
                _ => {}
            },
            (
                Overlay::Picker(search)
                | Overlay::Palette(search)
                | Overlay::Lessons(search)
                | Overlay::Presets(search)
                | Overlay::Find(Finder { search, .. }),
                code,
            ) => match code {
                KeyCode::Up => search.at = search.at.saturating_sub(1),
                KeyCode::Down => search.at = search.at.saturating_add(1).min(200),
                KeyCode::PageUp => search.at = search.at.saturating_sub(10),
                KeyCode::PageDown => search.at = search.at.saturating_add(10).min(200),
                KeyCode::Home => search.at = 0,
                KeyCode::End => search.at = 200,
                KeyCode::Backspace | KeyCode::Delete => {
                    search.text.pop();
                    search.at = 0;
                }
                KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => self.type_character(c),
                KeyCode::Enter => return self.choose(),
                _ => {}
            },
        }
        self.clamp_search();
        Vec::new()
    }

    /// Keeps the chosen entry within what is found.
    pub(super) fn clamp_search(&mut self) {
        let found = match &self.overlay {
            Some(Overlay::Picker(search)) => list::objectives(&search.text).len(),
            Some(Overlay::Palette(search)) => list::entries(self, &search.text).len(),
            Some(Overlay::Lessons(search)) => super::lesson::lessons(&search.text).len(),
            Some(Overlay::Presets(search)) => super::lesson::presets(&search.text).len(),
            Some(Overlay::Find(_)) => self.found(),
            _ => return,
        };
        if let Some(search) = self.overlay.as_mut().and_then(Overlay::search) {
            search.at = search.at.min(found.saturating_sub(1));
        }
    }

    pub(super) fn choose(&mut self) -> Vec<Command> {
        match self.overlay.take() {
            Some(Overlay::Picker(search)) if Self::is_expression(&search.text) => {
                match self.take_expression(&search.text) {
                    Ok(commands) => return commands,
                    Err(sentence) => self.wrong(sentence),
                }
                self.overlay = Some(Overlay::Picker(search));
            }
            Some(Overlay::Picker(search)) => {
                if let Some(objective) = list::objectives(&search.text).get(search.at) {
                    return self.put_objective(*objective);
                }
                let nearest = list::nearest_objective(search.text.trim());
                self.wrong(format!(
                    "no objective is called \"{}\": did you mean {nearest}?",
                    search.text.trim()
                ));
                self.overlay = Some(Overlay::Picker(search));
            }
            Some(Overlay::Palette(search)) => {
                if let Some(entry) = list::entries(self, &search.text).into_iter().nth(search.at) {
                    return self.take_entry(&entry);
                }
                self.wrong(format!("no command has \"{}\" in its name", search.text.trim()));
                self.overlay = Some(Overlay::Palette(search));
            }
            Some(Overlay::Lessons(search)) => return self.choose_lesson(search),
            Some(Overlay::Presets(search)) => return self.choose_preset(search),
            Some(Overlay::Find(finder)) => self.choose_found(finder),
            other => self.overlay = other,
        }
        Vec::new()
    }

    /// Puts an objective in place of the present one. Knobs of the same name keep their values, so that what is
    /// compared differs in as little as possible.
    pub(super) fn put_objective(&mut self, objective: &'static dyn Objective) -> Vec<Command> {
        if self.rows().first().cloned().is_some_and(|row| self.refuses(&row)) {
            return Vec::new();
        }
        let classes = self.snapshot.cast.classes;
        let knobs = Knobs::like(objective.knobs(), &self.experiment.objective, classes);
        let mut experiment = self.experiment.clone();
        experiment.objective = vec![Term { objective, weight: 1.0, knobs }];
        let needs_views = objective.grouping(&knobs) == Grouping::Instance && experiment.views < 2;
        if needs_views {
            experiment.views = 2;
        }
        self.row = 0;
        let title = objective.about().title;
        if needs_views {
            self.say(format!("{title} compares views: restarted with 2 views of each instance"));
        } else {
            self.say(format!("{title}: {}", objective.about().effect));
        }
        self.change(experiment, !needs_views)
    }

    /// Asks for an experiment, live or from the start.
    pub(super) fn change(&mut self, experiment: Experiment, live: bool) -> Vec<Command> {
        self.asked += 1;
        self.experiment = experiment.clone();
        let experiment = Box::new(experiment);
        let request = if live {
            Request::Change(self.asked, experiment)
        } else {
            (self.picked, self.marked) = (None, None);
            Request::Restart(self.asked, experiment)
        };
        let ahead = self.snapshot.edits.iter().find(|edit| edit.step > self.snapshot.step);
        if let Some(edit) = ahead.filter(|_| live && self.beside.run > 0) {
            let letter = self.letter();
            self.say(format!(
                "{letter} has only this change from here on; A changes again at step {}",
                edit.step
            ));
        }
        vec![Command::Ask(self.of_run(request))]
    }

    /// Does what an action means.
    pub fn act(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::Toggle => return self.run_or_pause(),
            Action::Step => return vec![Command::Ask(Request::Step(1))],
            Action::Leap => return vec![Command::Ask(Request::Step(50))],
            Action::StepBack
            | Action::LeapBack
            | Action::First
            | Action::Newest
            | Action::Branch
            | Action::Branches
            | Action::Undo
            | Action::Redo => return self.time_action(action),
            Action::Faster => return self.pace(1),
            Action::Slower => return self.pace(-1),
            Action::Arrow(way) => return self.arrow(way, 1),
            Action::Far(way) => return self.arrow(way, 10),
            Action::Enter => return self.enter(),
            Action::NextPane => self.move_focus(1),
            Action::LastPane => self.move_focus(-1),
            Action::Focus(number) => {
                if let Some(pane) = Pane::ALL.get(usize::from(number).wrapping_sub(1)) {
                    self.focus_on(*pane);
                }
            }
            Action::Expand => self.expanded = !self.expanded,
            Action::ResetView => self.camera = Camera::default(),
            Action::ZoomIn => self.camera.zoom_by(1.25),
            Action::ZoomOut => self.camera.zoom_by(0.8),
            Action::NextProjection
            | Action::LastProjection
            | Action::Tour
            | Action::Spin
            | Action::Plane
            | Action::Trails => return self.look_action(action),
            Action::Forces | Action::Inspect | Action::Laws | Action::LawAxis => {
                return self.force_action(action);
            }
            Action::Target => self.toggle_target(),
            Action::Difference => self.toggle_difference(),
            Action::LogAxis => self.log_axis = !self.log_axis,
            Action::NextPoint
            | Action::LastPoint
            | Action::NextClass
            | Action::LastClass
            | Action::NextPair
            | Action::LastPair => self.selection_action(action),
            Action::Find => self.open_finder(),
            Action::Restart => {
                self.say(format!("restarted from seed {}", self.experiment.seed));
                return self.change(self.experiment.clone(), false);
            }
            Action::NewSeed => {
                let seed = self.experiment.seed.wrapping_add(1);
                self.say(format!("restarted from seed {seed}"));
                return self.change(Experiment { seed, ..self.experiment.clone() }, false);
            }
            Action::Objective => self.open_picker(),
            Action::Export => self.open_export_menu(),
            Action::Share => return self.copy_share(),
            Action::Mouse => return self.free_mouse(),
            Action::Warnings => self.overlay = Some(Overlay::Warnings(0)),
            Action::Palette => self.overlay = Some(Overlay::Palette(Search::default())),
            Action::Help => self.overlay = Some(Overlay::Help(0)),
            Action::Back if self.filming => return vec![Command::StopFilm],
            Action::Back => self.climb(),
            Action::Lessons
            | Action::Presets
            | Action::NextPage
            | Action::PageBack
            | Action::SkipPage
            | Action::Hint
            | Action::Unlock
            | Action::LeaveLesson => return self.lesson_action(action),
            Action::PageUp | Action::PageDown | Action::Erase => self.say("no list is open"),
            Action::Compare
            | Action::NextRun
            | Action::LastRun
            | Action::FirstRun
            | Action::SecondRun
            | Action::LockViews
            | Action::Apart
            | Action::Seeds
            | Action::DropRun
            | Action::LeaveComparison => return self.compare_action(action),
            Action::Record | Action::Mark => return self.record_action(action),
            Action::Quit => return vec![Command::Quit(false)],
            Action::QuitKeeping => return vec![Command::Quit(true)],
        }
        Vec::new()
    }

    fn run_or_pause(&mut self) -> Vec<Command> {
        let run = match &self.snapshot.status {
            Status::Diverged { .. } | Status::Failed(_) => {
                self.wrong("the run has stopped for good: change a setting and press R, or D for a new seed");
                return Vec::new();
            }
            Status::Converged(_) => {
                self.say("running on past convergence");
                true
            }
            status => *status != Status::Running,
        };
        vec![Command::Ask(Request::Run(run))]
    }

    fn free_mouse(&mut self) -> Vec<Command> {
        self.mouse = !self.mouse;
        let says =
            if self.mouse { "the mouse turns the view" } else { "the mouse is free: text can be selected" };
        self.say(says);
        vec![Command::Mouse(self.mouse)]
    }

    fn toggle_target(&mut self) {
        self.target = !self.target;
        self.say(match (&self.subject().brief.theory.target, self.target) {
            (None, _) => "no arrangement is proved for this, so there is no target to show".to_owned(),
            (Some(target), true) => format!("rings show where theory ends: {}", target.name),
            (Some(_), false) => "target hidden".to_owned(),
        });
    }

    fn toggle_difference(&mut self) {
        self.difference = !self.difference;
        self.say(match (&self.subject().brief.theory.target, self.difference) {
            (_, false) => "cosines of class means".to_owned(),
            (Some(target), true) => format!("cosines of class means less those of the {}", target.name),
            (None, true) => "no arrangement is proved for this: cosines stay as they are".to_owned(),
        });
    }

    /// One layer up.
    pub(super) fn climb(&mut self) {
        if self.expanded {
            self.expanded = false;
        } else if self.inspected.is_some() {
            self.inspected = None;
        } else if self.picked.is_some() || self.marked.is_some() {
            self.unpick();
        } else if self.said.is_some() && self.tape.is_none() {
            self.said = None;
        } else {
            // What is said may come at any time: in a recording it is no layer of its own.
            self.said = None;
            self.focus = Pane::View;
        }
    }

    fn pace(&mut self, by: i8) -> Vec<Command> {
        let pace = self.snapshot.pace.changed(by);
        self.say(format!("speed: {pace} steps"));
        vec![Command::Ask(Request::Pace(pace))]
    }

    fn arrow(&mut self, way: Way, times: i32) -> Vec<Command> {
        if self.focus == Pane::Time {
            return self.scrub(way, times);
        }
        if self.focus == Pane::Gram {
            self.move_cell(way, times);
            return Vec::new();
        }
        if self.focus == Pane::Params {
            return match way {
                Way::Up => {
                    self.row = self.row.saturating_sub(times as usize);
                    Vec::new()
                }
                Way::Down => {
                    self.row = (self.row + times as usize).min(self.rows().len().saturating_sub(1));
                    Vec::new()
                }
                Way::Left => self.nudge(-times),
                Way::Right => self.nudge(times),
            };
        }
        let turn = TURN * (times as f32).min(4.0);
        match way {
            Way::Left => self.camera.turn_by(-turn, 0.0),
            Way::Right => self.camera.turn_by(turn, 0.0),
            Way::Up => self.camera.turn_by(0.0, turn),
            Way::Down => self.camera.turn_by(0.0, -turn),
        }
        Vec::new()
    }

    fn nudge(&mut self, notches: i32) -> Vec<Command> {
        let rows = self.rows();
        let Some(row) = rows.get(self.row) else { return Vec::new() };
        if self.refuses(row) {
            return Vec::new();
        }
        if row.setting == Setting::Objective {
            self.open_picker();
            return Vec::new();
        }
        match row.moved(notches) {
            Some(value) if value != row.value => {
                let experiment = row.set(&self.experiment, value);
                self.change(experiment, row.live)
            }
            _ => Vec::new(),
        }
    }

    /// The list of objectives, on the one that is minimised.
    fn open_picker(&mut self) {
        let now = self.experiment.objective.first().map(|term| term.objective.name());
        let at = list::objectives("").iter().position(|objective| Some(objective.name()) == now);
        self.overlay = Some(Overlay::Picker(Search { at: at.unwrap_or(0), ..Search::default() }));
    }

    fn enter(&mut self) -> Vec<Command> {
        if self.focus == Pane::Params {
            let rows = self.rows();
            match rows.get(self.row).map(|row| (&row.values, row.value)) {
                Some((Values::Number { .. }, value)) => self.entry = Some(value.to_string()),
                Some((Values::Words(_), _)) => return self.nudge(1),
                Some((Values::Picked, _)) => self.open_picker(),
                None => {}
            }
        } else {
            self.open_picker();
        }
        Vec::new()
    }

    pub(super) fn focus_on(&mut self, pane: Pane) {
        self.focus = pane;
        self.entry = None;
        if matches!(pane, Pane::Angles | Pane::Numbers | Pane::Law | Pane::Gram | Pane::Selected) {
            self.second = pane;
        }
    }

    /// Goes through all panes, hidden ones too.
    fn move_focus(&mut self, by: isize) {
        let count = Pane::ALL.len() as isize;
        let at = (self.focus.number() as isize - 1 + by).rem_euclid(count);
        self.focus_on(Pane::ALL[at as usize]);
    }
}
