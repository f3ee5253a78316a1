//! Forces on the screen: which arrows, which point in numbers, which laws lie over that of the run.

use crossterm::event::{KeyCode, KeyEvent};

use super::keys::Action;
use super::{App, Command, Overlay, Pane};
use crate::objectives::Objective;
use crate::snapshot::{Arrows, Inspection, Request, Status};

/// The laws that are laid over at once: cross-entropy without a margin, with one in the cosine, with one in the angle.
const COMPARED: [&str; 3] = ["normface", "cosface", "arcface"];
/// More laws than this could not be told apart.
const MOST_LAWS: usize = 6;

/// What is looked at of the forces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForceLook {
    /// The arrows.
    pub arrows: Arrows,
    /// Objectives whose laws lie over that of the run.
    pub laws: Vec<&'static str>,
    /// Whether the law pane shows the target's logit; else the pull.
    pub logits: bool,
    /// The row that the simulation was told of.
    told: Option<u32>,
}

impl App {
    /// Does what an action about forces means.
    pub(super) fn force_action(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::Forces => {
                let next = self.forces.arrows.next(self.snapshot.weights.is_some());
                self.say(next.says());
                return self.show_arrows(next);
            }
            Action::Inspect => {
                if self.picked.is_none() {
                    self.pick(1);
                }
                if self.picked.is_some() {
                    self.overlay = Some(Overlay::Inspector(0));
                }
            }
            Action::Laws => {
                self.focus_on(Pane::Law);
                let none = self.forces.laws.is_empty();
                self.forces.laws = if none { COMPARED.to_vec() } else { Vec::new() };
                return self.ask_laws();
            }
            Action::LawAxis => {
                self.forces.logits = !self.forces.logits;
                self.say(if self.forces.logits {
                    "the target's logit by angle: what the loss sees of a row so far from its class"
                } else {
                    "the pull toward the own class by angle"
                });
            }
            _ => {}
        }
        Vec::new()
    }

    /// Draws these arrows.
    pub(super) fn show_arrows(&mut self, arrows: Arrows) -> Vec<Command> {
        self.forces.arrows = arrows;
        vec![Command::Ask(Request::Forces(arrows))]
    }

    /// Lays the law of an objective over the others, or takes it away.
    pub(super) fn toggle_law(&mut self, objective: &'static dyn Objective) -> Vec<Command> {
        self.focus_on(Pane::Law);
        let laws = &mut self.forces.laws;
        match laws.iter().position(|name| *name == objective.name()) {
            Some(place) => {
                laws.remove(place);
            }
            None if laws.len() == MOST_LAWS => {
                self.wrong(format!("{MOST_LAWS} laws are laid over already: take one away first"));
                return Vec::new();
            }
            None => laws.push(objective.name()),
        }
        self.ask_laws()
    }

    fn ask_laws(&mut self) -> Vec<Command> {
        let laws = self.forces.laws.clone();
        self.say(if laws.is_empty() {
            "the force law of the run alone".to_owned()
        } else {
            format!("laws of {} at its scale and margin", laws.join(", "))
        });
        vec![Command::Ask(Request::Laws(laws))]
    }

    /// Whether arrows, numbers or laws that were asked for are still on their way.
    pub fn awaits_forces(&self) -> bool {
        let snapshot = &self.snapshot;
        if matches!(snapshot.status, Status::Failed(_)) {
            return false;
        }
        let row_is_told = match &snapshot.inspection {
            Inspection::Nothing => self.picked.is_none(),
            Inspection::Coming => false,
            Inspection::Refused(_) => true,
            Inspection::Known(inspected) => Some(inspected.row) == self.picked,
        };
        let curves = &snapshot.law.curves;
        let is_there = |name: &&str| curves.iter().any(|curve| curve.name == *name);
        let laws_are_there = self.forces.laws.iter().all(is_there) && !curves.is_empty();
        snapshot.picture.forces.kind != self.forces.arrows || !row_is_told || !laws_are_there
    }

    /// Asks about the picked row, if the simulation does not know yet which that is.
    pub(super) fn follow(&mut self) -> Option<Command> {
        (self.forces.told != self.picked).then(|| {
            self.forces.told = self.picked;
            Command::Ask(Request::Inspect(self.picked))
        })
    }

    /// A key while the inspector is open: steps, arrows and other points can be had without closing it.
    pub(super) fn inspector_key(&mut self, line: usize, key: &KeyEvent) -> Vec<Command> {
        let scrolled = match key.code {
            KeyCode::Up => line.saturating_sub(1),
            KeyCode::Down => line.saturating_add(1).min(500),
            KeyCode::PageUp => line.saturating_sub(10),
            KeyCode::PageDown => line.saturating_add(10).min(500),
            _ => {
                return match self.keymap.action(key, Pane::Selected, self.compares()) {
                    Some(
                        action @ (Action::NextPoint
                        | Action::LastPoint
                        | Action::Step
                        | Action::StepBack
                        | Action::Toggle
                        | Action::Forces),
                    ) => self.act(action),
                    Some(
                        Action::Inspect
                        | Action::Back
                        | Action::LeaveComparison
                        | Action::Quit
                        | Action::Enter,
                    ) => {
                        self.overlay = None;
                        Vec::new()
                    }
                    _ => Vec::new(),
                };
            }
        };
        self.overlay = Some(Overlay::Inspector(scrolled));
        Vec::new()
    }
}
