//! What an action of the key table does.

use crate::app::keys::{Action, Way};
use crate::app::layout::Pane;
use crate::app::settings::{Setting, Values};
use crate::app::stake::Deed;
use crate::app::{App, Camera, Command, Number, Overlay, Search, list};
use crate::experiment::Experiment;
use crate::snapshot::{Convergence, Request, Status};

/// A key turns by this much, in radians.
const TURN: f32 = 0.12;

impl App {
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
            Action::Expand if self.focus == Pane::Time => self.say("the line of time has no larger view"),
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
                return self.when_meant(Deed::Restart(Box::new(self.experiment.clone()), None));
            }
            Action::NewSeed => {
                let seed = self.experiment.seed.wrapping_add(1);
                let another = Experiment { seed, ..self.experiment.clone() };
                return self.when_meant(Deed::Restart(Box::new(another), None));
            }
            Action::Objective => self.open_picker(),
            Action::Export => self.open_export_menu(),
            Action::Share => return self.copy_share(),
            Action::Mouse => return self.free_mouse(),
            Action::Warnings => self.overlay = Some(Overlay::Warnings(0)),
            Action::Palette => self.overlay = Some(Overlay::Palette(Search::default())),
            Action::Help => self.overlay = Some(Overlay::Help(0)),
            Action::Back | Action::LeaveComparison => return self.climb(),
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
            | Action::DropRun => return self.compare_action(action),
            Action::Record | Action::Mark => return self.record_action(action),
            Action::Quit => return self.when_meant(Deed::Quit(false)),
            Action::QuitKeeping => return self.when_meant(Deed::Quit(true)),
        }
        Vec::new()
    }

    fn run_or_pause(&mut self) -> Vec<Command> {
        if self.snapshot.step == 0 {
            // How it began is no longer how it is.
            self.said = None;
        }
        let run = match &self.snapshot.status {
            Status::Diverged { .. } | Status::Failed(_) => {
                self.wrong("the run has stopped for good: change a setting and press <restart>, or <new-seed> for a new seed");
                return Vec::new();
            }
            Status::Converged(Convergence::Schedule) => {
                self.say("running on at a rate of 0: nothing moves");
                true
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

    fn pace(&mut self, by: i8) -> Vec<Command> {
        let pace = self.snapshot.pace.changed(by);
        self.say(format!("speed: {}", pace.words()));
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
            if matches!(way, Way::Up | Way::Down) {
                // What the row does takes the place of what was said.
                self.said = None;
            }
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
        self.turn(row, row.moved(notches))
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
                Some((Values::Number { .. }, value)) => self.entry = Some(Number::of(value)),
                Some((Values::Words(_), _)) => return self.nudge(1),
                Some((Values::Picked, _)) => self.open_picker(),
                None => {}
            }
        } else {
            self.open_picker();
        }
        Vec::new()
    }

    pub(in crate::app) fn focus_on(&mut self, pane: Pane) {
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
