//! What a run knows of its forces: asked for by the screen, made with the steps where that is quick, else left to the
//! analyst.

use std::sync::Arc;

use super::Run;
use crate::geometry::projection::Projection;
use crate::simulation::forces::{Asked, Studied, Study};
use crate::simulation::law;
use crate::snapshot::{Forces, Inspection, Law, Request};

/// What is wanted, from one start to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Arrows and the row in numbers.
    pub asked: Asked,
    /// Objectives whose laws lie over that of the run.
    pub laws: Vec<&'static str>,
}

/// What is wanted of the forces, and what is known.
#[derive(Default)]
pub(super) struct ForceSight {
    wanted: Wanted,
    studied: Option<Studied>,
    law: Arc<Law>,
}

impl ForceSight {
    /// The same wishes for a copy of the run, which finds out by itself.
    pub(super) fn copied(&self) -> Self {
        Self { wanted: self.wanted.clone(), ..Self::default() }
    }
}

impl Run {
    /// What is wanted of the forces.
    pub fn wanted(&self) -> &Wanted {
        &self.sight.wanted
    }

    /// Wants the same of this run; a row that it does not have is not asked about.
    pub fn want_as(&mut self, wanted: Wanted) {
        self.sight.wanted = wanted;
        self.study();
    }

    /// Does what a request about forces asks for; others change nothing.
    pub fn want(&mut self, request: &Request) {
        match request {
            Request::Forces(arrows) => self.sight.wanted.asked.arrows = *arrows,
            Request::Inspect(row) => self.sight.wanted.asked.inspected = *row,
            Request::Laws(laws) => self.sight.wanted.laws.clone_from(laws),
            _ => return,
        }
        self.study();
    }

    /// Finds the forces of the present state, if somebody wants them and it is quick.
    pub(super) fn study(&mut self) {
        if let Some(study) = self.study_wanted().filter(Study::is_quick) {
            self.sight.studied = Some(study.make());
        }
    }

    /// What is not known yet of the present state.
    fn study_wanted(&self) -> Option<Study> {
        let asked = self.sight.wanted.asked;
        let known = self.sight.studied.as_ref();
        if asked.nothing() || known.is_some_and(|known| known.asked == asked && known.step == self.state.step)
        {
            return None;
        }
        Some(Study {
            brief: self.brief.clone(),
            state: self.state.clone(),
            cast: self.setup.cast.clone(),
            asked,
        })
    }

    /// What is left to an analyst.
    pub(super) fn study_left(&self) -> Option<Study> {
        self.study_wanted().filter(|study| !study.is_quick())
    }

    fn laws_wanted(&self) -> law::Wanted {
        let problem = &self.brief.problem;
        law::Wanted::new(&problem.terms, &self.sight.wanted.laws, problem.classes)
    }

    /// The laws that are not known yet.
    pub(super) fn law_left(&self) -> Option<(law::Wanted, Arc<Law>)> {
        let wanted = self.laws_wanted();
        (!wanted.is(&self.sight.law)).then(|| (wanted, self.sight.law.clone()))
    }

    /// Whether everything that is wanted is known of the present state.
    pub(super) fn knows_forces(&self) -> bool {
        self.study_left().is_none() && self.law_left().is_none()
    }

    /// Takes what an analyst found, unless something else is wanted by now.
    pub(super) fn learn_forces(&mut self, studied: Option<Studied>, law: Option<Law>) {
        if let Some(studied) = studied.filter(|studied| studied.asked == self.sight.wanted.asked) {
            self.sight.studied = Some(studied);
        }
        if let Some(law) = law.filter(|law| self.laws_wanted().is(law)) {
            self.sight.law = Arc::new(law);
        }
    }

    /// What is known belongs to other settings or another line.
    pub(super) fn forget_forces(&mut self) {
        self.sight.studied = None;
    }

    /// The study of what is wanted now; in a large run of a step a little before.
    fn studied(&self) -> Option<&Studied> {
        self.sight.studied.as_ref().filter(|studied| studied.asked == self.sight.wanted.asked)
    }

    /// The row in numbers.
    pub(super) fn inspection(&self) -> Inspection {
        match (self.studied(), self.sight.wanted.asked.inspected) {
            (_, None) => Inspection::Nothing,
            (Some(studied), _) => studied.inspection.clone(),
            (None, Some(_)) => Inspection::Coming,
        }
    }

    pub(super) fn law(&self) -> &Arc<Law> {
        &self.sight.law
    }

    /// The arrows in the picture.
    pub(super) fn arrows(&self, axes: &Projection) -> Forces {
        match self.studied() {
            Some(studied) => studied.project(axes, &self.points, self.weights.as_deref()),
            None => Forces { kind: self.sight.wanted.asked.arrows, ..Forces::default() },
        }
    }
}
