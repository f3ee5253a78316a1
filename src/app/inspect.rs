//! All charts read at one step: which step lies under a cell, and what the curves are there.

use super::{App, Layout, Pane, places, time};
use crate::describe::number;
use crate::palette;
use crate::snapshot::Sample;

impl App {
    /// The curves of the charts over steps, each with its name: of runs side by side the letter, else that of the line
    /// of steps, the present one first.
    fn curves(&self) -> impl Iterator<Item = (String, &[Sample])> {
        let compares = self.compares();
        let time = &self.snapshot.time;
        let here = time.here().map_or_else(String::new, |branch| branch.name.clone());
        let runs = (0..self.snapshot.runs()).map(move |run| {
            let name = if compares { palette::letter(run).to_string() } else { here.clone() };
            (name, &**self.snapshot.beside(run).history)
        });
        let others = time.branches.iter().filter(move |branch| !compares && branch.id != time.branch);
        runs.chain(others.map(|branch| (branch.name.clone(), &**branch.curve)))
    }

    /// The step at the right end of charts over steps.
    pub fn last_step(&self) -> u64 {
        self.curves().filter_map(|(_, curve)| curve.last()).map(|sample| sample.step).max().unwrap_or(0)
    }

    /// What the curves are at a step, or at the nearest one that is kept of each; of those that go so far.
    pub fn read_at(&self, step: u64) -> Vec<(String, Sample)> {
        let at = |(name, curve): (String, &[Sample])| {
            let there = curve.last().is_some_and(|last| last.step >= step);
            let nearest = curve.iter().min_by_key(|sample| sample.step.abs_diff(step)).filter(|_| there);
            nearest.map(|sample| (name, *sample))
        };
        self.curves().filter_map(at).collect()
    }

    /// The kept step nearest to that under a cell of a chart over steps: the loss, or the line of time.
    fn step_under(&self, layout: &Layout, x: u16, y: u16) -> Option<u64> {
        let chart = layout.area(Pane::Loss).filter(|area| area.contains(x, y)).map(places::inside);
        let step = if let Some(plot) = chart {
            let share = f64::from(x.saturating_sub(plot.x)) / f64::from(plot.width.max(2) - 1);
            (share.min(1.0) * self.last_step() as f64).round() as u64
        } else if layout.time.contains(x, y) {
            let newest = self.snapshot.time.newest;
            time::step_at(time::track(layout.time, newest), newest, x)
        } else {
            return None;
        };
        let steps = self.curves().flat_map(|(_, curve)| curve.iter().map(|sample| sample.step));
        steps.min_by_key(|kept| kept.abs_diff(step))
    }

    /// Reads all charts at the step under a cell; where there is none, they are as they were.
    pub(super) fn inspect(&mut self, layout: &Layout, x: u16, y: u16) {
        self.inspected = self.step_under(layout, x, y);
        let Some(step) = self.inspected else { return };
        let read = self.read_at(step);
        let words = match read.as_slice() {
            [(_, Sample { loss, floor, .. })] => {
                let word = self.snapshot.floor.word();
                let above =
                    |floor: &f64| format!(", {word} {}, {} above it", number(*floor), number(loss - floor));
                format!("loss {}{}", number(*loss), floor.as_ref().map_or_else(String::new, above))
            }
            several => {
                let one = |(name, sample): &(String, Sample)| format!("{name} {}", number(sample.loss));
                format!("loss of {}", several.iter().map(one).collect::<Vec<_>>().join(", "))
            }
        };
        self.say(format!("at step {step}: {words}"));
    }
}
