//! The moment on screen as a share string, and the look of one put on the screen.

use super::{App, Camera, Command, Marked, Pane};
use crate::experiment::file::Document;
use crate::experiment::start::lab_rate;
use crate::experiment::{Edit, Experiment, Source};
use crate::geometry::projection::PROJECTIONS;
use crate::optimizer::Schedule;
use crate::palette;
use crate::share::{Share, View};
use crate::snapshot::{Arrows, Replay, Request};

/// An experiment with what the lab has another default for written out, so that it runs alike everywhere.
fn written_out(experiment: &Experiment) -> Experiment {
    let lr = experiment.lr.unwrap_or_else(|| lab_rate(experiment.model));
    let schedule = experiment.schedule.unwrap_or(Schedule::Constant);
    Experiment { lr: Some(lr), schedule: Some(schedule), ..experiment.clone() }
}

impl App {
    /// The run from its start to the step on screen, and how it is looked at. Of runs side by side it is the one that
    /// has the focus: a share string holds one run.
    pub fn share(&self) -> Share {
        self.share_to(self.subject().step, written_out)
    }

    /// The same to the newest step of the line, where it was taken back in time, and as the lab has it: what its settings
    /// leave open is left open.
    pub fn line(&self) -> Share {
        let subject = self.subject();
        self.share_to(subject.time.newest.max(subject.step), Experiment::clone)
    }

    /// What would be lost on leaving and a share string holds: of each run its letter and its whole line, where anything
    /// is not as the lab opened, by itself or with rows of a person's own. A lesson has none, since its runs are those of
    /// its pages.
    pub fn parting(&self) -> Vec<(char, Share)> {
        let runs = 0..if self.lesson.is_some() { 0 } else { self.snapshot.runs() };
        let own_rows = matches!(self.opened.source, Source::File(_));
        let has_own = |run: usize| {
            let shown = self.snapshot.beside(run);
            !shown.edits.is_empty() || *shown.start != *self.opened || !self.of_own(run).is_empty()
        };
        if !own_rows && !runs.clone().any(has_own) {
            return Vec::new();
        }
        runs.map(|run| {
            let of = self.of(run);
            let newest = of.snapshot.time.newest.max(of.snapshot.step);
            (palette::letter(run), of.share_to(newest, written_out))
        })
        .collect()
    }

    fn share_to(&self, step: u64, written: impl Fn(&Experiment) -> Experiment) -> Share {
        let snapshot = self.subject();
        let before = snapshot.edits.iter().filter(|edit| edit.step <= step);
        let Camera { yaw, pitch, zoom, .. } = self.camera;
        Share {
            experiment: written(&snapshot.start),
            edits: before
                .map(|edit| Edit { step: edit.step, experiment: written(&edit.experiment) })
                .collect(),
            step,
            view: View {
                projection: Some(snapshot.picture.projection.to_owned()).filter(|name| !name.is_empty()),
                camera: Some([yaw, pitch, zoom]),
                spin: Some(self.spin),
                forces: Some(self.forces.arrows != Arrows::Off),
                arrows: Some(self.forces.arrows.name().to_owned()),
                target: Some(self.target),
                difference: Some(self.difference),
                log_axis: Some(self.log_axis),
                focus: Some(self.focus.name().to_owned()),
                second: Some(self.second.name().to_owned()),
                expanded: Some(self.expanded),
                picked: self.picked,
                marked: self.marked.map(|marked| match marked {
                    Marked::Class(a) => vec![a],
                    Marked::Pair(a, b) => vec![a, b],
                }),
                plane: self.plane,
                trails: self.trails.then_some(true),
                touring: (!self.touring).then_some(false),
                phase: snapshot.picture.phase,
            },
        }
    }

    /// Copies the share string.
    pub(super) fn copy_share(&mut self) -> Vec<Command> {
        match self.share().encode() {
            Ok(text) => {
                self.say(if self.compares() {
                    let letter = self.letter();
                    format!("copied run {letter} alone (x, comparison writes the strings of all): {text}")
                } else {
                    format!("copied, and printed when you leave: {text}")
                });
                vec![Command::Copy(text)]
            }
            Err(error) => {
                self.wrong(error.to_string());
                Vec::new()
            }
        }
    }

    /// Goes to the moment of a share string and looks at it as it says; nothing of a document that is none.
    pub fn open_at(&mut self, document: &Document) -> Vec<Command> {
        let Some(step) = document.step else { return Vec::new() };
        self.asked += 1;
        let (start, edits) = (document.experiment.clone(), document.edits.clone());
        let replay = Request::Replay(self.asked, Box::new(Replay { start, edits, step }));
        let mut commands = vec![Command::Ask(Request::Run(false)), Command::Ask(replay)];
        commands.extend(self.look_as(&document.view));
        commands
    }

    /// Looks at the run as a share string says; what it leaves open, or names and is not known here, stays.
    pub fn look_as(&mut self, view: &View) -> Vec<Command> {
        let pane = |name: &Option<String>| {
            Pane::ALL.into_iter().find(|pane| name.as_deref().is_some_and(|name| pane.name() == name))
        };
        if let Some([yaw, pitch, zoom]) = view.camera {
            self.camera = Camera::default();
            self.camera.turn_by(yaw - self.camera.yaw, pitch - self.camera.pitch);
            self.camera.zoom_by(zoom);
        }
        self.spin = view.spin.unwrap_or(self.spin);
        self.target = view.target.unwrap_or(self.target);
        self.difference = view.difference.unwrap_or(self.difference);
        self.log_axis = view.log_axis.unwrap_or(self.log_axis);
        self.focus = pane(&view.focus).unwrap_or(self.focus);
        self.second = pane(&view.second).unwrap_or(self.second);
        self.expanded = view.expanded.unwrap_or(self.expanded);
        self.picked = view.picked.or(self.picked);
        if let Some([a] | [a, _]) = view.marked.as_deref() {
            let b = view.marked.as_deref().and_then(|marked| marked.get(1)).unwrap_or(a);
            (self.picked, self.marked) = (None, Some(Marked::of(*a, *b)));
            self.keep_marks_of_what_is_there();
        }
        self.plane = view.plane.or(self.plane);
        self.trails = view.trails.unwrap_or(self.trails);
        self.touring = view.touring.unwrap_or(self.touring);
        let mut commands = Vec::new();
        let place =
            |name: &String| PROJECTIONS.iter().position(|kind| kind.name.eq_ignore_ascii_case(name.as_str()));
        if let Some(chosen) = view.projection.as_ref().and_then(place) {
            commands.push(Command::Ask(Request::Project(chosen)));
        }
        commands.extend(view.phase.map(|phase| Command::Ask(Request::Tour(phase))));
        // Strings of the time when there was one kind of arrow say only whether there were any.
        let plain = view.forces.map(|forces| if forces { Arrows::Net } else { Arrows::Off });
        let arrows = view.arrows.as_deref().and_then(Arrows::of_name).or(plain);
        if let Some(arrows) = arrows.filter(|arrows| *arrows != self.forces.arrows) {
            commands.extend(self.show_arrows(arrows));
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::experiment::EngineKind;
    use crate::simulation::Run;

    #[test]
    fn a_moment_comes_back_from_its_string() {
        let start = Experiment { engine: EngineKind::Cpu, ..Experiment::default() };
        let mut run = Run::new(&start).unwrap();
        run.advance(20);
        let mut later = start.clone();
        later.objective[0].knobs.0[0] = 8.0;
        run.change(&later).unwrap();
        run.advance(10);
        run.read_back();
        let mut app = App::new(Arc::new(run.snapshot()), (80, 24));
        app.camera.turn_by(1.0, 0.2);
        app.picked = Some(7);
        app.second = Pane::Gram;
        app.forces.arrows = Arrows::ByClass;
        let text = app.share().encode().unwrap();
        let share = Share::decode(&text).unwrap();
        assert_eq!((share.step, share.edits.len(), share.edits[0].step), (30, 1, 20));
        let mut again = Run::replayed(&share.experiment, &share.edits, share.step).unwrap();
        again.read_back();
        assert_eq!(again.snapshot().points, run.snapshot().points, "bit by bit");
        let mut other = App::new(Arc::new(again.snapshot()), (80, 24));
        let commands = other.look_as(&share.view);
        assert!(commands.contains(&Command::Ask(Request::Forces(Arrows::ByClass))), "{commands:?}");
        assert_eq!((other.camera, other.picked, other.second), (app.camera, Some(7), Pane::Gram));
    }

    #[test]
    fn a_tour_comes_back_where_it_was() {
        let start = Experiment { engine: EngineKind::Cpu, dim: Some(8), ..Experiment::default() };
        let tour = crate::geometry::projection::place("tour").unwrap();
        let seen = |run: &mut Run| {
            run.project(tour);
            run.analyse();
            run.snapshot()
        };
        let mut run = Run::new(&start).unwrap();
        run.tour_to(2.4142);
        let was = seen(&mut run);
        let mut app = App::new(Arc::new(was.clone()), (80, 24));
        app.touring = false;
        let share = Share::decode(&app.share().encode().unwrap()).unwrap();
        assert_eq!((share.view.phase, share.view.touring), (Some(2.414), Some(false)));
        let mut again = Run::new(&start).unwrap();
        let elsewhere = seen(&mut again);
        for command in App::new(Arc::new(elsewhere.clone()), (80, 24)).look_as(&share.view) {
            if let Command::Ask(Request::Tour(phase)) = command {
                again.tour_to(phase);
            }
        }
        let off = |a: &crate::snapshot::Snapshot, b: &crate::snapshot::Snapshot| {
            let pairs = a.picture.points.iter().flatten().zip(b.picture.points.iter().flatten());
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        assert!(off(&elsewhere, &was) > 0.1, "another place on the tour looks otherwise");
        assert!(off(&seen(&mut again), &was) < 1e-3);
    }
}
