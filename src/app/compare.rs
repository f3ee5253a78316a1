//! Runs side by side in the lab: which one keys and the params pane are about, and whether they share one camera. There
//! is a comparison while the snapshot tells of company; nothing else says so.

pub mod layout;

use crossterm::event::{MouseButton, MouseEventKind};

use super::keys::Action;
use super::layout::{Layout, Pane};
use super::stake::Deed;
use super::{App, Camera, Command, Export};
use crate::experiment::Experiment;
use crate::palette;
use crate::snapshot::{MOST_RUNS, Request, Seeds, Snapshot, To};
use layout::Stage;

/// Seeds that one press of a key adds: as many as can have a star.
pub const SEEDS: usize = 6;

/// How runs side by side are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// The run that has the focus, 0 being the main one.
    pub run: usize,
    /// Whether each run has a camera and axes of its own.
    pub unlocked: bool,
    /// Whether there are lines from where one run has a point to where another has it.
    pub apart: bool,
    /// The letter of the run that is shown alone, where several go side by side: panes say whose they are.
    pub of: Option<char>,
    /// The step from which all went to the start.
    from: Option<u64>,
    /// A copy that was asked for under this number, and its place: what is typed before it is there is about it.
    coming: Option<(u64, usize)>,
    /// Cameras of the runs without the focus, while there is one each.
    cameras: [Camera; MOST_RUNS],
}

impl Default for Beside {
    fn default() -> Self {
        Self {
            run: 0,
            unlocked: false,
            apart: true,
            of: None,
            from: None,
            coming: None,
            cameras: [Camera::default(); MOST_RUNS],
        }
    }
}

impl App {
    /// Whether runs go side by side.
    pub fn compares(&self) -> bool {
        self.snapshot.company.is_some() && self.lesson.is_none()
    }

    /// The run that has the focus.
    pub fn subject(&self) -> &Snapshot {
        self.snapshot.beside(self.beside.run)
    }

    /// Its letter.
    pub fn letter(&self) -> char {
        palette::letter(self.beside.run)
    }

    /// The seeds of a comparison, where they were or are run to the step on the screen.
    pub fn seeds_of_now(&self) -> Option<&Seeds> {
        let seeds = self.snapshot.company.as_ref()?.seeds.as_deref()?;
        Some(seeds).filter(|seeds| seeds.step == self.snapshot.step)
    }

    /// The screen of a comparison: the usual parts, and those it alone has.
    pub fn stage(&self) -> Option<(Layout, Stage)> {
        if !self.compares() {
            return None;
        }
        let asked = layout::Asked {
            runs: self.snapshot.runs(),
            run: self.beside.run,
            focus: self.focus,
            apart: self.beside.apart && !self.beside.unlocked,
            counts: self.seeds_of_now().is_some(),
            expanded: self.expanded && self.focus != Pane::Time,
            rows: match (self.focus, &self.subject().geometry.gram) {
                // Letters above the cosines, a line below them.
                (Pane::Gram, Some(gram)) => gram.labels.len() as u16 + 2,
                _ => 0,
            },
        };
        layout::divide(self.size.0, self.size.1, &asked)
    }

    /// The lab as it would be if it showed this run alone: panes draw from that.
    #[must_use]
    pub fn of(&self, run: usize) -> Self {
        let camera = match self.beside.cameras.get(run) {
            Some(camera) if self.beside.unlocked && run != self.beside.run => *camera,
            _ => self.camera,
        };
        let mut snapshot = self.snapshot.beside(run).clone();
        snapshot.company = None;
        Self {
            snapshot: std::sync::Arc::new(snapshot),
            camera,
            pixels: false,
            beside: Beside { of: Some(palette::letter(run)), ..Beside::default() },
            ..self.clone()
        }
    }

    /// A request about the run that has the focus.
    pub(super) fn of_run(&self, request: Request) -> Request {
        match self.beside.coming.map_or(self.beside.run, |(_, run)| run) {
            0 => request,
            run => Request::On(run, Box::new(request)),
        }
    }

    /// What follows for the focus from runs that came or went with a snapshot.
    pub(super) fn company_came(&mut self, before: &Snapshot) {
        let (were, are) = (before.runs(), self.snapshot.runs());
        self.beside.coming = self.beside.coming.filter(|(number, _)| *number > self.snapshot.answered);
        if are > were {
            // Whoever copies a run wants to change the copy.
            self.look_at_run(are - 1);
            self.expanded = false;
            if were == 1 {
                self.exported = Export::Comparison;
            }
        } else if self.beside.run >= are {
            self.look_at_run(are - 1);
        }
        if are == 1 && were > 1 {
            self.beside = Beside { apart: self.beside.apart, ..Beside::default() };
        }
        let seeds = |snapshot: &Snapshot| snapshot.company.as_ref().and_then(|company| company.seeds.clone());
        if let (Some(old), Some(new)) = (seeds(before), seeds(&self.snapshot))
            && old.running
            && !new.running
        {
            if let Some(fault) = &new.fault {
                self.wrong(fault.clone());
            } else {
                let done = new.study.rows.len();
                let counts = if done > 1 { ": the table counts their signs" } else { "" };
                self.say(format!("{done} of {} seeds run to step {}{counts}", new.asked, new.step));
            }
        }
    }

    /// Gives the focus to a run.
    pub(super) fn look_at_run(&mut self, run: usize) {
        if self.beside.unlocked {
            let (old, new) = (self.beside.run.min(MOST_RUNS - 1), run.min(MOST_RUNS - 1));
            self.beside.cameras[old] = self.camera;
            self.camera = self.beside.cameras[new];
        }
        self.beside.run = run;
        self.entry = None;
        self.experiment = (*self.subject().experiment).clone();
        self.row = self.row.min(self.rows().len().saturating_sub(1));
    }

    /// One run takes the place of all that are there.
    pub(super) fn begin_alone(&mut self, experiment: Experiment) -> Vec<Command> {
        self.look_at_run(0);
        (self.picked, self.marked) = (None, None);
        self.experiment = experiment.clone();
        self.asked += 1;
        vec![Command::Ask(Request::Replace(self.asked, Box::new(experiment), self.asked))]
    }

    /// Lets all runs go but the main one, before something else begins.
    pub(super) fn leave_company(&mut self) -> Vec<Command> {
        if self.snapshot.company.is_none() {
            return Vec::new();
        }
        self.look_at_run(0);
        self.asked += 1;
        vec![Command::Ask(Request::Alone(self.asked))]
    }

    /// Does what comparisons are steered by.
    pub(super) fn compare_action(&mut self, action: Action) -> Vec<Command> {
        let runs = self.snapshot.runs();
        match action {
            Action::Compare if self.lesson.is_some() => {
                self.wrong("a lesson has runs of its own: leave it (Esc) to compare");
            }
            Action::Compare => {
                let run = self.beside.run;
                self.asked += 1;
                let (from, to) = (self.letter(), palette::letter(runs));
                if runs < MOST_RUNS {
                    if runs == 1 {
                        self.beside.from = Some(self.snapshot.step);
                    }
                    self.beside.coming = Some((self.asked, runs));
                    // Below 22 rows three panes fold.
                    self.say(if self.size.1 < 22 {
                        format!("{to} copies {from}, at the start: <objective> loss; <focus-2> <focus-3> <focus-4> folded panes")
                    } else {
                        format!(
                            "{to} is a copy of {from}, at the start: <objective> another loss, <focus-4> params; then <toggle>"
                        )
                    });
                }
                return vec![Command::Ask(Request::Copy(self.asked, run))];
            }
            _ if !self.compares() => {
                self.wrong("there is nothing to compare with: <compare> copies this run");
            }
            Action::NextRun => self.turn_to_run((self.beside.run + 1) % runs),
            Action::LastRun => self.turn_to_run((self.beside.run + runs - 1) % runs),
            Action::FirstRun => self.turn_to_run(0),
            Action::SecondRun => self.turn_to_run(1),
            Action::LockViews => return self.lock_views(),
            Action::Apart => {
                self.beside.apart = !self.beside.apart;
                self.say(match (self.beside.apart, self.beside.unlocked) {
                    (false, _) => "no lines between the runs",
                    (true, true) => "lines between runs need one camera: = locks the views",
                    (true, false) => "where there is room, lines go from A's points to those of this run",
                });
            }
            Action::Seeds => return self.more_seeds(),
            Action::DropRun => {
                return self.when_meant(Deed::Drop(self.beside.run));
            }
            _ => {}
        }
        Vec::new()
    }

    /// Lets one run go; the others keep their places, and close up.
    pub(super) fn drop_run(&mut self, run: usize) -> Vec<Command> {
        self.say(format!("{} is gone", palette::letter(run)));
        self.asked += 1;
        vec![Command::Ask(Request::Drop(self.asked, run))]
    }

    fn turn_to_run(&mut self, run: usize) {
        self.look_at_run(run.min(self.snapshot.runs() - 1));
        let text = super::settings::describe(&self.experiment);
        self.say(format!("{}: {text}; keys and params are about it", self.letter()));
    }

    fn lock_views(&mut self) -> Vec<Command> {
        self.beside.unlocked = !self.beside.unlocked;
        self.beside.cameras = [self.camera; MOST_RUNS];
        self.say(if self.beside.unlocked {
            "each run has a camera and axes of its own"
        } else {
            "one camera, and the axes of A, for all runs"
        });
        vec![Command::Ask(Request::Lock(!self.beside.unlocked))]
    }

    fn more_seeds(&mut self) -> Vec<Command> {
        let company = self.snapshot.company.as_ref();
        let running = company.and_then(|c| c.seeds.as_ref()).is_some_and(|seeds| seeds.running);
        self.asked += 1;
        if running {
            self.say("stopping: the seeds that are whole stay");
            return vec![Command::Ask(Request::Seeds(self.asked, 0))];
        }
        // What they find holds for the step they are run to: the runs wait there.
        self.say(format!("paused; {SEEDS} seeds are run to this step, behind everything else"));
        vec![Command::Ask(Request::Run(false)), Command::Ask(Request::Seeds(self.asked, SEEDS))]
    }

    /// Lets all runs go but the main one, which goes on.
    pub(super) fn go_on_alone(&mut self) -> Vec<Command> {
        self.say("A goes on alone; <compare> copies it again");
        let mut commands = self.leave_company();
        // Back to where it was looked at before, unless it has come further since.
        if let Some(step) = self.beside.from.take().filter(|step| *step > self.snapshot.step) {
            commands.extend(self.ask_time(|number| Request::Seek(number, To::Step(step))));
        }
        commands
    }

    /// Gives the focus to the run whose view a click or the wheel is on; whether that changed anything.
    pub(super) fn points_at_run(&mut self, kind: MouseEventKind, x: u16, y: u16) -> bool {
        let meant = matches!(
            kind,
            MouseEventKind::Down(MouseButton::Left) | MouseEventKind::ScrollUp | MouseEventKind::ScrollDown
        );
        let Some((_, stage)) = self.stage().filter(|_| meant) else { return false };
        let Some(run) = stage.views.iter().find(|(_, area)| area.contains(x, y)).map(|(run, _)| *run) else {
            return false;
        };
        if run == self.beside.run {
            return false;
        }
        self.look_at_run(run);
        true
    }
}
