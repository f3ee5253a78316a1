//! Legends: a name and a sample for each thing drawn, in a column beside a panel or in rows above it.

use super::font;
use super::mark::{self, LineLook};
use super::picture::{Anchor, Ink, Picture, Place};
use super::projection::Ray;
use super::scale::Scale;

/// What stands before a name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sample {
    /// The mark of a class's points.
    Point(usize),
    /// The mark of class weights, as of the first class.
    Weight,
    /// The ring around points with another given label.
    GivenRing,
    /// The mark of a target direction.
    Target,
    /// A line from the origin, and at its end the mark that it leads to.
    Ray(Ray),
    /// A line with or without its mark.
    Line(LineLook, bool),
    /// A filled box with the line around it.
    Area(Ink, Ink),
    /// The mark of a series without a line.
    Mark(LineLook),
    /// Nothing: "… and 12 more".
    Nothing,
}

/// One line of a legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) sample: Sample,
    pub(super) name: String,
}

impl Entry {
    /// The name, or where that is too long its kind: of "target: convex optimum" the first word, of "class weight" the
    /// second.
    fn name_within(&self, em: f64, limit: f64) -> String {
        let short = match self.sample {
            Sample::Ray(Ray::Mean) => self.name.split_once(',').map(|(kind, _)| kind),
            Sample::Weight | Sample::Ray(Ray::Weight) => self.name.rsplit_once(' ').map(|(_, kind)| kind),
            _ => self.name.split_once(": ").map(|(kind, _)| kind),
        };
        match short.filter(|_| font::width(&self.name, em, false) > limit) {
            Some(short) => font::fitted(short, em, false, limit),
            None => font::fitted(&self.name, em, false, limit),
        }
    }
}

/// A legend with every entry in its place, not yet drawn.
#[derive(Clone, Debug)]
pub(super) struct Legend {
    /// Offsets from the top left corner of the legend to the left end of the entry's middle line.
    entries: Vec<(Place, Entry)>,
    /// The room of samples in a column; in rows each has its own.
    sample_width: Option<f64>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The fewest letters of a name that is cut.
const KEPT: usize = 6;

fn row_height(scale: Scale) -> f64 {
    1.55 * scale.tick
}

fn sample_width(scale: Scale, entries: &[Entry]) -> f64 {
    let width = |entry: &Entry| match entry.sample {
        Sample::Line(..) => 2.6,
        Sample::Ray(_) => 1.9,
        _ => 1.25,
    };
    entries.iter().map(width).fold(1.25, f64::max) * scale.tick
}

impl Legend {
    /// One entry below the other, no wider and no higher than given; what does not fit is counted.
    pub(super) fn column(scale: Scale, entries: &[Entry], width: f64, height: f64) -> Self {
        let rows = (height / row_height(scale)) as usize;
        let sample = sample_width(scale, entries);
        let limit = width - sample - 0.5 * scale.tick;
        let mut placed = Vec::new();
        let mut widest = 0.0f64;
        for (row, entry) in shortened(entries, rows).into_iter().enumerate() {
            let name = entry.name_within(scale.tick, limit);
            widest = widest.max(font::width(&name, scale.tick, false));
            placed.push(([0.0, (row as f64 + 0.5) * row_height(scale)], Entry { name, ..entry }));
        }
        let height = placed.len() as f64 * row_height(scale);
        let width = if placed.is_empty() { 0.0 } else { sample + 0.5 * scale.tick + widest };
        Self { entries: placed, sample_width: Some(sample), width, height }
    }

    /// Entries beside each other, broken into at most `rows` rows; what does not fit is counted.
    pub(super) fn rows(scale: Scale, entries: &[Entry], width: f64, rows: usize) -> Self {
        // The most entries that fit, with the count of the others after them; nobody reads hundreds in rows.
        (0..=entries.len().min(200))
            .rev()
            .map(|kept| {
                let mut shown = entries[..kept].to_vec();
                shown.extend(more(entries.len() - kept));
                Self::flow(scale, &shown, width)
            })
            .find(|legend| legend.height <= (rows as f64 + 0.01) * row_height(scale))
            .unwrap_or_else(|| Self::flow(scale, &[], width))
    }

    /// Whether boxes with such names have room beside each other.
    pub(super) fn fits_a_row(scale: Scale, names: &[&str], width: f64) -> bool {
        let sample = Sample::Area(Ink::WHITE, Ink::WHITE);
        let entry = |name: &&str| Entry { sample: sample.clone(), name: (*name).to_owned() };
        let entries: Vec<Entry> = names.iter().map(entry).collect();
        Self::flow(scale, &entries, width).height < 1.5 * row_height(scale)
    }

    fn flow(scale: Scale, entries: &[Entry], width: f64) -> Self {
        let gap = 1.2 * scale.tick;
        let mut placed = Vec::new();
        let (mut x, mut row, mut widest) = (0.0, 0.0, 0.0f64);
        for entry in entries {
            let sample = sample_width(scale, std::slice::from_ref(entry));
            let name = font::fitted(
                &entry.name,
                scale.tick,
                false,
                (width - sample - 0.5 * scale.tick).min(width * 0.7),
            );
            let own = sample + 0.5 * scale.tick + font::width(&name, scale.tick, false);
            if x > 0.0 && x + own > width {
                x = 0.0;
                row += 1.0;
            }
            placed.push(([x, (row + 0.5) * row_height(scale)], Entry { name, sample: entry.sample.clone() }));
            widest = widest.max(x + own);
            x += own + gap;
        }
        let height = if placed.is_empty() { 0.0 } else { (row + 1.0) * row_height(scale) };
        Self { entries: placed, sample_width: None, width: widest, height }
    }

    /// Draws the legend with its top left corner at a place.
    pub(super) fn draw(&self, picture: &mut Picture, scale: Scale, corner: Place) {
        for (offset, entry) in &self.entries {
            // A long name is known by its beginning; a few letters of one, or of a count, say nothing.
            let kept = entry.name.strip_suffix('…').map(|name| name.chars().count());
            let counts = entry.sample == Sample::Nothing;
            picture.lost += usize::from(kept.is_some_and(|kept| counts || kept < KEPT));
            let [x, y] = [corner[0] + offset[0], corner[1] + offset[1]];
            let sample =
                self.sample_width.unwrap_or_else(|| sample_width(scale, std::slice::from_ref(entry)));
            draw_sample(picture, scale, &entry.sample, [x, y], sample);
            let name_x = x + sample + 0.5 * scale.tick;
            let baseline = y + font::CAP_HEIGHT / 2.0 * scale.tick;
            picture.text([name_x, baseline], &entry.name, scale.tick_type(Anchor::Start));
        }
    }
}

/// As many entries as there are rows, the last one counting those left out.
fn shortened(entries: &[Entry], rows: usize) -> Vec<Entry> {
    if entries.len() <= rows {
        return entries.to_vec();
    }
    let kept = rows.saturating_sub(1);
    let mut shown = entries[..kept].to_vec();
    shown.extend(more(entries.len() - kept).filter(|_| rows > 0));
    shown
}

fn more(left_out: usize) -> Option<Entry> {
    (left_out > 0).then(|| Entry { sample: Sample::Nothing, name: format!("… and {left_out} more") })
}

fn draw_sample(picture: &mut Picture, scale: Scale, sample: &Sample, [x, y]: Place, width: f64) {
    let middle = [x + width / 2.0, y];
    let em = scale.tick;
    match sample {
        Sample::Point(class) => mark::point(picture, *class, middle, 0.36 * em, 1.0),
        Sample::Weight => draw_weight(picture, middle, em),
        Sample::Ray(ray) => {
            let end = [x + width - 0.5 * em, y];
            let begin = [x, y];
            ray.draw(
                picture,
                scale.unit,
                [begin, if *ray == Ray::Mean { [x + width, y] } else { end }],
                Ink::grey(0x66),
            );
            match ray {
                Ray::Mean => {}
                Ray::Weight => draw_weight(picture, end, em),
                Ray::Target => target(picture, end, 0.46 * em),
            }
        }
        Sample::GivenRing => {
            picture.disc(middle, 0.22 * em, Ink::grey(0xaa));
            picture.ring(middle, 0.44 * em, 0.11 * em, Ink::FRAME);
        }
        Sample::Target => target(picture, middle, 0.46 * em),
        Sample::Line(look, marked) => {
            look.draw(picture, &[[x, y], [x + width, y]], scale.unit);
            if *marked {
                look.mark(picture, middle, scale.unit);
            }
        }
        Sample::Mark(look) => mark::filled(picture, look.shape, middle, 0.36 * em, look.ink),
        Sample::Area(fill, line) => {
            let area = super::picture::Area {
                left: x + 0.1 * em,
                right: x + width - 0.1 * em,
                top: y - 0.36 * em,
                bottom: y + 0.36 * em,
            };
            picture.rectangle(area, *fill);
            picture.frame(area, 1.2 * scale.unit, *line);
        }
        Sample::Nothing => {}
    }
}

fn draw_weight(picture: &mut Picture, middle: Place, em: f64) {
    let shape = crate::palette::Shape::Circle;
    mark::outlined(picture, shape, middle, 0.4 * em, Ink::grey(0xcc), 0.09 * em, Ink::BLACK);
}

/// The mark of a target direction: an open ring with a cross of hair lines reaching out of it.
pub(super) fn target(picture: &mut Picture, [x, y]: Place, radius: f64) {
    let (inner, width) = (0.64 * radius, 0.12 * radius);
    picture.ring([x, y], inner, width, Ink::grey(0x33));
    for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
        let reach = |r: f64| [x + r * radius * dx, y + r * radius * dy];
        picture.line(vec![reach(0.64), reach(1.15)], width, Ink::grey(0x33));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Size;

    fn entries(count: usize) -> Vec<Entry> {
        (0..count).map(|k| Entry { sample: Sample::Point(k), name: format!("class {k}") }).collect()
    }

    fn scale() -> Scale {
        Scale::of(&Picture::new(Size::default(), ""))
    }

    #[test]
    fn a_column_counts_what_it_leaves_out() {
        let legend = Legend::column(scale(), &entries(30), 200.0, 10.5 * row_height(scale()));
        assert_eq!(legend.entries.len(), 10);
        assert_eq!(legend.entries[9].1.name, "… and 21 more");
        assert_eq!(Legend::column(scale(), &entries(3), 200.0, 300.0).entries.len(), 3);
        assert!(Legend::column(scale(), &entries(3), 200.0, 0.0).entries.is_empty());
    }

    #[test]
    fn a_name_too_long_for_its_column_keeps_its_first_word_whole() {
        let entry = Entry { sample: Sample::Target, name: "target: convex optimum".into() };
        assert_eq!(entry.name_within(10.0, 500.0), "target: convex optimum");
        assert_eq!(entry.name_within(10.0, 80.0), "target");
        let entry = Entry { sample: Sample::Weight, name: "class weight".into() };
        assert_eq!(entry.name_within(10.0, 50.0), "weight");
    }

    #[test]
    fn rows_break_and_count_what_they_leave_out() {
        let legend = Legend::rows(scale(), &entries(30), 400.0, 2);
        assert!(legend.height <= 2.01 * row_height(scale()));
        assert!(legend.width <= 400.0);
        let last = &legend.entries[legend.entries.len() - 1].1.name;
        assert_eq!(*last, format!("… and {} more", 30 - (legend.entries.len() - 1)));
    }
}
