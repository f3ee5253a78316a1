//! What was changed on the way of a run, over its curves: a tick at each step, with its words or, where those have no
//! room beside one another, a number that the line under the title explains.

use super::panel::Panel;
use super::picture::{Anchor, Area, Ink, Picture, Type};
use super::scale::Scale;

/// The most changes that are told one by one under the title.
const TOLD: usize = 6;
/// Beyond so many they have ticks alone, and no line down.
const LINED: usize = 12;
/// Beyond so many they have no labels: one would say "1–97".
const LABELLED: usize = 60;
/// The height of their row, in ems of ticks.
const ROW: f64 = 1.9;

/// Changes as they are marked: by words or by numbers.
pub(super) struct Marked<'a> {
    edits: &'a [(f64, String)],
    numbered: bool,
}

impl<'a> Marked<'a> {
    /// Chooses words or numbers for a page so broad, on which a step lies at a share of its width.
    pub(super) fn of(
        edits: &'a [(f64, String)],
        scale: Scale,
        page: Area,
        share: impl Fn(f64) -> f64,
    ) -> Self {
        let words = Self { edits, numbered: false };
        // About what the upright axis leaves.
        let left = page.left + 5.0 * scale.tick;
        let room = [left, page.right];
        let at = |step: f64| left + share(step) * (page.right - left);
        let groups = words.groups(scale, room, at);
        let broad = |group: &Group| group.width > 0.6 * (page.right - left);
        let numbered = groups.iter().any(broad) || groups.len() > 1 && groups.iter().any(|g| g.members > 2);
        Self { numbered, ..words }
    }

    /// The height of the row they stand in.
    pub(super) fn height(&self, scale: Scale) -> f64 {
        if self.edits.is_empty() { 0.0 } else { ROW * scale.tick }
    }

    /// Phrases for the line under the title.
    pub(super) fn phrases(&self) -> Vec<String> {
        let told = |(k, (step, words)): (usize, &(f64, String))| {
            let number = if self.numbered && self.edits.len() <= LABELLED {
                format!("{}: ", k + 1)
            } else {
                String::new()
            };
            format!("{number}{words} at step {step}")
        };
        let mut phrases: Vec<String> = self.edits.iter().enumerate().map(told).take(TOLD).collect();
        let more = self.edits.len().saturating_sub(TOLD);
        if more > 0 {
            phrases.push(format!("{more} more changes"));
        }
        phrases
    }

    /// Labels of changes that lie together are one.
    fn groups(&self, scale: Scale, [left, right]: [f64; 2], at: impl Fn(f64) -> f64) -> Vec<Group> {
        if self.edits.len() > LABELLED {
            return Vec::new();
        }
        let style = style(scale);
        let made = |members: &[usize]| {
            let (first, last) = (members[0], members[members.len() - 1]);
            let text = match (self.numbered, last - first) {
                (true, 0) => (first + 1).to_string(),
                (true, 1) => format!("{}, {}", first + 1, last + 1),
                (true, _) => format!("{}–{}", first + 1, last + 1),
                (false, _) => members.iter().map(|k| self.edits[*k].1.clone()).collect::<Vec<_>>().join(", "),
            };
            let width = style.width(&text);
            let middle = members.iter().map(|k| at(self.edits[*k].0)).sum::<f64>() / members.len() as f64;
            let middle = middle.min(right - width / 2.0).max(left + width / 2.0);
            Group { text, middle, width, members: members.len() }
        };
        let mut members: Vec<Vec<usize>> = (0..self.edits.len()).map(|k| vec![k]).collect();
        loop {
            let groups: Vec<Group> = members.iter().map(|own| made(own)).collect();
            let meet = groups.windows(2).position(|two| {
                two[1].middle - two[0].middle < f64::midpoint(two[0].width, two[1].width) + 0.8 * style.em
            });
            let Some(k) = meet else { return groups };
            let next = members.remove(k + 1);
            members[k].extend(next);
        }
    }

    /// Draws ticks and labels over a panel, and pale lines down.
    pub(super) fn draw(&self, picture: &mut Picture, scale: Scale, panel: &Panel) {
        let area = panel.area;
        let x_of = |step: f64| panel.place([step, 0.0])[0];
        for (step, _) in self.edits {
            let x = x_of(*step);
            if self.edits.len() <= LINED {
                let pattern = [2.0 * scale.unit, 3.0 * scale.unit];
                picture.dashed(
                    &[[x, area.top], [x, area.bottom]],
                    &pattern,
                    0.9 * scale.unit,
                    Ink::grey(0x99),
                );
            }
            picture.line(vec![[x, area.top], [x, area.top - 0.4 * scale.tick]], 1.5 * scale.unit, Ink::FRAME);
        }
        let page = scale.page(picture);
        for group in self.groups(scale, [area.left.min(page.right), page.right], x_of) {
            picture.text([group.middle, area.top - 0.75 * scale.tick], &group.text, style(scale));
        }
    }
}

/// One label.
struct Group {
    text: String,
    middle: f64,
    width: f64,
    members: usize,
}

fn style(scale: Scale) -> Type {
    let plain = scale.tick_type(Anchor::Middle);
    Type { em: 0.9 * plain.em, ..plain }.ink(Ink::FRAME)
}

#[cfg(test)]
mod tests {
    use super::super::curves::draw;
    use super::*;
    use crate::figure::picture::Item;
    use crate::figure::{Curves, Extent, Series, Size};

    fn curves(edits: &[(f64, &str)]) -> Curves {
        let points = (0..=720).map(|k| [f64::from(k), 1.0 / (1.0 + f64::from(k))]).collect();
        Curves {
            series: vec![Series { name: String::new(), points }],
            edits: edits.iter().map(|(step, words)| (*step, (*words).to_owned())).collect(),
            ..Curves::default()
        }
    }

    fn texts(curves: &Curves, size: Size) -> Vec<String> {
        let text = |item: &Item| match item {
            Item::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        draw(curves, size).0.items.iter().filter_map(text).collect()
    }

    #[test]
    fn a_change_and_its_undo_stand_over_their_steps_and_under_the_title() {
        let size: Size = "85x60mm".parse::<Extent>().unwrap().at(300).unwrap();
        let texts = texts(&curves(&[(685.0, "s 4 > 4.49"), (688.0, "s 4.49 > 4")]), size);
        assert!(texts.contains(&"s 4 > 4.49, s 4.49 > 4".to_owned()), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("s 4.49 > 4 at step 688")), "{texts:?}");
    }

    #[test]
    fn many_changes_are_numbered_in_the_order_of_their_steps_and_no_labels_meet() {
        let many: Vec<(f64, &str)> = (1..=9).map(|k| (f64::from(k * k * 8), "s 4 > 4.49")).collect();
        for size in ["85x60mm", "170x120mm"] {
            let size = size.parse::<Extent>().unwrap().at(300).unwrap();
            let figure = curves(&many);
            let (picture, panel) = draw(&figure, size);
            let mut labels: Vec<(String, Area)> = Vec::new();
            for item in &picture.items {
                let Item::Text { text, at, .. } = item else { continue };
                let above = panel.area.top - at[1];
                if (1.0..0.05 * f64::from(size.height())).contains(&above) && at[0] > panel.area.left {
                    labels.push((text.clone(), item.text_area().unwrap()));
                }
            }
            assert!(labels.len() > 2 && labels[0].0.starts_with('1'), "{labels:?}");
            assert!(labels.windows(2).all(|two| two[0].1.right < two[1].1.left), "{labels:?}");
            assert!(labels.last().unwrap().0.ends_with('9'), "{labels:?}");
            assert!(texts(&figure, size).iter().any(|text| text.contains("1: s 4 > 4.49 at step 8")));
        }
    }

    #[test]
    fn without_changes_there_is_no_row_for_them() {
        let top = |edits: &[(f64, &str)]| draw(&curves(edits), Size::default()).1.area.top;
        assert!(top(&[(9.0, "lr 1 > 2")]) > top(&[]) + 10.0);
    }
}
