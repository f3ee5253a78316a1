//! How the points are looked at: projections, the tour, the class plane, trails; and what the simulation is told of it.

use super::keys::Action;
use super::{App, Command, Marked};
use crate::describe::selection::class_name;
use crate::geometry::projection::{PROJECTIONS, Tour, place};
use crate::snapshot::{MOST_TRAIL_BYTES, Request, Shown, TRAIL_STEPS};

impl App {
    /// What the picture is to show, beside the projection and forces.
    fn wanted(&self) -> Shown {
        let snapshot = &self.snapshot;
        // All rows are shown anyway where there are few.
        let thinned = snapshot.picture.rows.len() < snapshot.points.rows;
        let classes = snapshot.cast.classes as u32;
        Shown {
            plane: self.plane.filter(|plane| plane.iter().all(|class| *class < classes)),
            touring: self.touring && place(Tour::NAME) == Some(snapshot.picture.chosen),
            picked: self.picked.filter(|_| self.trails || thinned),
            trails: self.trails,
        }
    }

    /// Asks for what the picture is to show, where that has changed.
    pub(super) fn tell_what_to_show(&mut self) -> Option<Command> {
        let wanted = self.wanted();
        let before = self.told.replace(wanted);
        (before != Some(wanted)).then_some(Command::Ask(Request::Show(wanted)))
    }

    /// Does what an action about the view means.
    pub(super) fn look_action(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::NextProjection => return self.project(1),
            Action::LastProjection => return self.project(PROJECTIONS.len() - 1),
            Action::Tour => return self.tour(),
            Action::Plane => return self.choose_plane(),
            Action::Trails => {
                self.trails = !self.trails;
                self.say(if self.trails {
                    format!(
                        "trails of the last {TRAIL_STEPS} steps: class means, the picked point and some others; at \
                         most {} MiB beside the states kept for going back",
                        MOST_TRAIL_BYTES >> 20
                    )
                } else {
                    "trails hidden".to_owned()
                });
            }
            _ => {
                self.spin = !self.spin;
                self.say(if self.spin {
                    "the view turns while the run goes"
                } else {
                    "the view stands still"
                });
            }
        }
        Vec::new()
    }

    /// The projection that was asked for and is still being computed.
    pub fn sought(&self) -> Option<&'static str> {
        self.sought.map(|sought| PROJECTIONS[sought].name)
    }

    fn project(&mut self, by: usize) -> Vec<Command> {
        let at = self.sought.unwrap_or(self.snapshot.picture.chosen);
        self.project_to((at + by) % PROJECTIONS.len())
    }

    pub(super) fn project_to(&mut self, chosen: usize) -> Vec<Command> {
        let kind = PROJECTIONS[chosen];
        self.say(format!("{}: {}", kind.name, kind.description));
        self.sought = Some(chosen);
        vec![Command::Ask(Request::Project(chosen))]
    }

    /// Sets out on the tour, or stands still on it, or goes on.
    fn tour(&mut self) -> Vec<Command> {
        let Some(tour) = place(Tour::NAME) else { return Vec::new() };
        if self.snapshot.picture.chosen == tour && self.snapshot.picture.projection == Tour::NAME {
            self.touring = !self.touring;
            self.say(if self.touring {
                "the tour goes on"
            } else {
                "the tour stands still: <tour> goes on, <next-projection> looks elsewhere"
            });
            return Vec::new();
        }
        let dim = self.snapshot.points.cols;
        if dim < 3 {
            self.say(format!("in {dim} dimensions everything is in sight: there is nothing to tour"));
            return Vec::new();
        }
        self.touring = true;
        self.project_to(tour)
    }

    /// The plane through the means of what is picked and the classes nearest to it; with nothing picked the next three.
    fn choose_plane(&mut self) -> Vec<Command> {
        let present = self.classes_present();
        let Some(at) = place("class-plane").filter(|_| self.snapshot.cast.labelled && present.len() >= 3)
        else {
            self.wrong(format!("a plane needs three classes; there are {}", present.len()));
            return Vec::new();
        };
        let own = self.picked.and_then(|row| self.snapshot.cast.labels.get(row as usize).copied());
        let picked: Vec<u32> = match (self.marked, own) {
            (Some(Marked::Pair(a, b)), _) => vec![a, b],
            (Some(Marked::Class(class)), _) | (None, Some(class)) => vec![class],
            (None, None) => Vec::new(),
        };
        let plane = if picked.is_empty() {
            next_three(&present, self.snapshot.picture.plane)
        } else {
            self.with_neighbours(&picked, &present)
        };
        self.plane = Some(plane);
        let names = plane.map(|class| class_name(&self.snapshot, class)).join(", ");
        self.say(format!("the plane through the means of {names}"));
        if self.snapshot.picture.chosen == at { Vec::new() } else { vec![Command::Ask(Request::Project(at))] }
    }

    /// Three classes: the picked ones first, then those whose means lie nearest to the first in angle.
    fn with_neighbours(&self, picked: &[u32], present: &[u32]) -> [u32; 3] {
        let mut others: Vec<u32> = present.iter().copied().filter(|class| !picked.contains(class)).collect();
        if let Some(gram) = &self.snapshot.geometry.gram {
            let at = |class: u32| gram.labels.binary_search(&class).ok();
            let cosine = |class: u32| match (at(picked[0]), at(class)) {
                (Some(k), Some(l)) => gram.cosine(k, l),
                _ => f64::NEG_INFINITY,
            };
            others.sort_by(|a, b| cosine(*b).total_cmp(&cosine(*a)));
        }
        let mut all = picked.iter().copied().chain(others);
        std::array::from_fn(|k| all.next().unwrap_or(present[k]))
    }
}

/// The three classes after three, in the order of their numbers; the first ones at first.
fn next_three(present: &[u32], now: Option<[u32; 3]>) -> [u32; 3] {
    let count = present.len();
    let places = now.map(|now| now.map(|class| present.binary_search(&class).ok()));
    let Some([Some(a), Some(b), Some(c)]) = places else { return [present[0], present[1], present[2]] };
    let mut three = [a, b, c];
    three.sort_unstable();
    let [a, b, c] = three;
    let next = if c + 1 < count {
        [a, b, c + 1]
    } else if b + 2 < count {
        [a, b + 1, b + 2]
    } else if a + 3 < count {
        [a + 1, a + 2, a + 3]
    } else {
        [0, 1, 2]
    };
    next.map(|place| present[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_three_of_five_classes_come_in_turn() {
        let present = [2, 3, 5, 7, 11];
        let mut seen = vec![next_three(&present, None)];
        while let Some(last) = seen.last().copied() {
            let next = next_three(&present, Some(last));
            if next == seen[0] {
                break;
            }
            assert!(!seen.contains(&next), "{seen:?} {next:?}");
            seen.push(next);
        }
        assert_eq!((seen.len(), seen[0], seen[9]), (10, [2, 3, 5], [5, 7, 11]));
    }
}
