//! How the lab was looked at before a lesson: a lesson has its own way of looking, and gives that of the lab back.

use crate::app::{App, Camera, Command, Marked, Pane};
use crate::geometry::projection::{self, PROJECTIONS};
use crate::snapshot::{Arrows, Pace, Request};

/// What of the view a lesson puts aside.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the view by itself")]
pub(super) struct Eyes {
    projection: usize,
    camera: Camera,
    spin: bool,
    arrows: Arrows,
    laws: Vec<&'static str>,
    target: bool,
    difference: bool,
    trails: bool,
    touring: bool,
    plane: Option<[u32; 3]>,
    picked: Option<u32>,
    marked: Option<Marked>,
    second: Pane,
    pace: Pace,
}

impl App {
    /// How things are looked at now.
    pub(super) fn eyes(&self) -> Eyes {
        Eyes {
            projection: self.sought.unwrap_or(self.snapshot.picture.chosen),
            camera: self.camera,
            spin: self.spin,
            arrows: self.forces.arrows,
            laws: self.forces.laws.clone(),
            target: self.target,
            difference: self.difference,
            trails: self.trails,
            touring: self.touring,
            plane: self.plane,
            picked: self.picked,
            marked: self.marked,
            second: self.second,
            pace: self.snapshot.pace,
        }
    }

    /// Looks as nobody has chosen to look, but for whether the view turns by itself; at the pace of lessons.
    pub(super) fn look_plainly(&mut self) -> Vec<Command> {
        let dim = self.snapshot.points.cols;
        self.look_through(&Eyes {
            projection: usual(dim),
            camera: Camera::default(),
            spin: self.spin,
            arrows: Arrows::Off,
            laws: Vec::new(),
            target: true,
            difference: false,
            trails: false,
            touring: true,
            plane: None,
            picked: None,
            marked: None,
            second: Pane::Angles,
            pace: Pace::default().changed(2),
        })
    }

    /// Looks so again.
    pub(super) fn look_through(&mut self, eyes: &Eyes) -> Vec<Command> {
        (self.camera, self.spin, self.second) = (eyes.camera, eyes.spin, eyes.second);
        (self.target, self.difference, self.trails) = (eyes.target, eyes.difference, eyes.trails);
        (self.touring, self.plane) = (eyes.touring, eyes.plane);
        let rows = self.snapshot.points.rows as u32;
        (self.picked, self.marked) = (eyes.picked.filter(|row| *row < rows), eyes.marked);
        self.keep_marks_of_what_is_there();
        self.sought = Some(eyes.projection);
        let mut commands = vec![Command::Ask(Request::Project(eyes.projection))];
        commands.push(Command::Ask(Request::Pace(eyes.pace)));
        if self.forces.arrows != eyes.arrows {
            commands.extend(self.show_arrows(eyes.arrows));
        }
        if self.forces.laws != eyes.laws {
            self.forces.laws.clone_from(&eyes.laws);
            commands.push(Command::Ask(Request::Laws(eyes.laws.clone())));
        }
        commands
    }
}

/// The projection that rows of so many dimensions are looked at through where nobody has chosen one.
pub(super) fn usual(dim: usize) -> usize {
    projection::place(projection::default_for(dim).name).unwrap_or(0).min(PROJECTIONS.len() - 1)
}
