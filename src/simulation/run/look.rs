//! How a run is looked at: its projection, the tour through random ones, the trails of points, and the picture of it
//! all.

use std::sync::Arc;

use super::super::analysis::axes;
use super::super::picture;
use super::super::trails::Trails;
use super::Run;
use crate::geometry::Classes;
use crate::geometry::projection::tour::SECONDS_A_FRAME;
use crate::geometry::projection::{PROJECTIONS, Projection};
use crate::snapshot::{Picture, Shown};

/// What the picture shows beside the projection and forces.
#[derive(Default)]
pub(super) struct Look {
    pub(super) shown: Shown,
    /// How far along its path the tour is, in random frames passed.
    pub(super) phase: f64,
    trails: Trails,
}

impl Look {
    /// The same for a copy of the run, which leaves trails of its own.
    pub(super) fn copied(&self) -> Self {
        Self { shown: self.shown, phase: self.phase, trails: Trails::default() }
    }
}

impl Run {
    /// Looks through another projection: at once where that is quick, else once an analyst has found its axes.
    pub fn project(&mut self, chosen: usize) {
        self.chosen = chosen.min(PROJECTIONS.len() - 1);
        self.look_again();
    }

    fn look_again(&mut self) {
        self.looks_elsewhere = !self.is_light();
        if !self.looks_elsewhere {
            let classes = Classes::new(&self.points, &self.setup.cast.labels).ok();
            let classes = classes.filter(|_| self.setup.cast.labelled);
            let found = axes(&self.job(), classes.as_ref());
            self.look_along(found);
        }
    }

    pub(super) fn look_along(&mut self, found: Result<Arc<Projection>, String>) {
        match found {
            Ok(axes) => self.axes = Some(axes),
            Err(reason) => {
                let name = PROJECTIONS[self.chosen].name;
                self.notices.push(format!("the projection {name} cannot be made: {reason}"));
            }
        }
    }

    /// Shows what is wanted from now on.
    pub fn show(&mut self, shown: Shown) {
        let before = std::mem::replace(&mut self.look.shown, shown);
        if before.plane != shown.plane && PROJECTIONS[self.chosen].name == "class-plane" {
            self.look_again();
        }
        self.leave_trails();
    }

    /// What is wanted of the picture at present.
    pub fn shown(&self) -> Shown {
        self.look.shown
    }

    /// Whether the picture moves by itself.
    pub fn is_touring(&self) -> bool {
        self.look.shown.touring && self.axes.as_ref().is_some_and(|axes| axes.tour.is_some())
    }

    /// Goes on along the tour for so much time, if one is under way.
    pub fn tour_on(&mut self, seconds: f64) {
        if self.is_touring() && seconds > 0.0 && seconds.is_finite() {
            self.look.phase += seconds / SECONDS_A_FRAME;
        }
    }

    /// Goes to a place on the path of the tour.
    pub fn tour_to(&mut self, phase: f64) {
        self.look.phase = if phase.is_finite() { phase.max(0.0) } else { 0.0 };
    }

    /// Notes where points are, as long as trails are wanted.
    pub(super) fn leave_trails(&mut self) {
        if self.look.shown.trails {
            let picked = self.look.shown.picked;
            self.look.trails.follow(&self.timeline, &self.state, &self.setup.cast, picked);
        } else {
            self.look.trails = Trails::default();
        }
    }

    /// The points as they are looked at.
    pub fn picture(&self) -> Picture {
        let Some(axes) = &self.axes else { return Picture { chosen: self.chosen, ..Picture::default() } };
        let on_tour = axes.tour.as_ref().map(|tour| tour.at(self.look.phase));
        let axes = on_tour.as_ref().unwrap_or(axes);
        let mut picture = picture::paint(
            axes,
            &self.points,
            self.weights.as_deref(),
            &self.setup.cast.labels,
            self.look.shown.picked,
        );
        picture.forces = self.arrows(axes);
        picture.chosen = self.chosen;
        picture.sphere = self.setup.problem.sphere && self.state.network.is_none();
        if let Some(fit) = self.geometry.fit.as_ref().filter(|fit| fit.places.cols == self.points.cols) {
            picture.targets = axes.project(&fit.places).into_iter().zip(axes.project(&fit.seen)).collect();
        }
        picture.touring = self.is_touring();
        picture.phase = on_tour.is_some().then_some(self.look.phase);
        if self.look.shown.trails {
            picture.trails = self.look.trails.seen(axes);
        }
        picture
    }
}
