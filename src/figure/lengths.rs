//! Lengths of class means and class weights, as they are and as they are predicted.

use super::axis::{Axis, extent};
use super::legend::{Entry, Legend, Sample};
use super::mark::{self, LineLook};
use super::panel::{Grid, Panel, lay};
use super::picture::{Anchor, Area, Ink, Picture};
use super::scale::{Heading, Scale};
use super::{Size, class_name};

/// A pair of rows of numbers, one a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predicted {
    /// What they are: "class means".
    pub name: String,
    /// As they are.
    pub seen: Vec<f64>,
    /// As they are predicted.
    pub predicted: Vec<f64>,
}

/// Lengths over classes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassLengths {
    /// Bold, above the panel.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// The name of each class; missing ones are numbered.
    pub class_names: Vec<String>,
    /// What is compared.
    pub groups: Vec<Predicted>,
}

impl ClassLengths {
    /// Where the panel lies in a figure of a size.
    pub fn panel(&self, size: Size) -> Panel {
        draw(self, size).1
    }
}

/// Lays out and draws the figure; also where its panel is.
pub(super) fn draw(lengths: &ClassLengths, size: Size) -> (Picture, Panel) {
    let mut picture = Picture::new(size, &lengths.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &lengths.title, &lengths.subtitle, page);
    let look = |group: usize| LineLook::of(group, false);
    let mut entries = vec![Entry { sample: Sample::Target, name: "predicted".into() }];
    entries.extend(
        lengths
            .groups
            .iter()
            .enumerate()
            .map(|(k, group)| Entry { sample: Sample::Mark(look(k)), name: group.name.clone() }),
    );
    let legend = Legend::rows(scale, &entries, page.width() - 2.0 * scale.tick, 3);
    let values = lengths.groups.iter().flat_map(|group| group.seen.iter().chain(&group.predicted)).copied();
    let y = Axis::linear("length", extent(values.chain([0.0])), 0.0, 0.14);
    let classes = lengths.groups.iter().map(|group| group.seen.len()).max().unwrap_or(0);
    let x = Axis::places("class", classes);
    let legend_top = page.top + heading.height();
    let outer = Area { top: legend_top + legend.height, ..page };
    let named = lengths.class_names.iter().any(|name| !name.trim().is_empty());
    let panel = lay(&mut picture, scale, outer, x, y, Grid::Both);
    heading.draw(&mut picture, page, panel.area.left, page.top);
    legend.draw(
        &mut picture,
        scale,
        [panel.area.left.min(page.right - legend.width).max(page.left), legend_top],
    );
    let many = classes > 40;
    for (k, group) in lengths.groups.iter().enumerate() {
        for (class, (&seen, &predicted)) in group.seen.iter().zip(&group.predicted).enumerate() {
            // Groups stand side by side within a class.
            let shift = (k as f64 - (lengths.groups.len() as f64 - 1.0) / 2.0) * 0.16;
            let at = |value: f64| panel.place([class as f64 + shift, value]);
            let radius = if many { 2.4 } else { 4.6 } * scale.unit;
            if seen.is_finite() {
                mark::filled(&mut picture, look(k).shape, at(seen), radius, look(k).ink);
            }
            if predicted.is_finite() {
                super::legend::target(&mut picture, at(predicted), 2.2 * radius);
            }
        }
    }
    if named && classes <= 24 {
        let style = scale.tick_type(Anchor::Middle).ink(Ink::QUIET);
        for class in 0..classes {
            let [x, _] = panel.place([class as f64, 0.0]);
            let name = class_name(&lengths.class_names, class);
            let room = panel.area.width() / classes as f64;
            let name = super::font::fitted(&name, scale.tick, false, room);
            picture.text([x, panel.area.top + 1.3 * scale.tick], &name, style);
        }
    }
    if classes == 0 {
        let style = scale.label_type(Anchor::Middle).ink(Ink::QUIET);
        picture.text(panel.area.centre(), "no lengths", style);
    }
    (picture, panel)
}
