//! Sizes of text, lines and gaps for a figure of a given size, and its heading.
//!
//! Everything grows in proportion above 800×600; below, text shrinks more slowly, so that it stays readable.

use super::font;
use super::picture::{Anchor, Area, Ink, Picture, Type};

/// The measures of one figure, in output pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// 1 at 800×600; line widths, marks and gaps are multiples of it.
    pub(super) unit: f64,
    /// Em size of numbers at ticks and of legends.
    pub(super) tick: f64,
    /// Em size of axis labels.
    pub(super) label: f64,
    /// Em size of the title.
    pub(super) title: f64,
    /// Distance kept from the border of the picture.
    pub(super) pad: f64,
}

impl Scale {
    pub(super) fn of(picture: &Picture) -> Self {
        let unit = picture.size.unit();
        Self {
            unit,
            tick: (13.0 * unit).max(9.0),
            label: (14.5 * unit).max(9.5),
            title: (17.0 * unit).max(11.0),
            pad: 12.0 * unit,
        }
    }

    /// The whole picture without the border that is kept free.
    pub(super) fn page(self, picture: &Picture) -> Area {
        Area {
            left: self.pad,
            top: self.pad,
            right: f64::from(picture.size.width()) - self.pad,
            bottom: f64::from(picture.size.height()) - self.pad,
        }
    }

    pub(super) fn tick_type(self, anchor: Anchor) -> Type {
        Type::new(self.tick, anchor)
    }

    pub(super) fn label_type(self, anchor: Anchor) -> Type {
        Type::new(self.label, anchor)
    }
}

/// Title and subtitle, broken into lines but not yet drawn.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    lines: Vec<(String, Type)>,
    gap: f64,
}

/// The most of a figure's height that its heading takes, where a line can be spared.
const HEADING: f64 = 0.27;

impl Heading {
    /// Breaks a title (bold) and a subtitle (quiet) for a page, at most two lines each. A subtitle is broken between its
    /// phrases, which ` · ` parts. In a low figure it has one line, or none.
    pub(super) fn new(scale: Scale, title: &str, subtitle: &str, page: Area) -> Self {
        let title_type = Type::new(scale.title, Anchor::Start).bold();
        let subtitle_type = Type::new(scale.tick, Anchor::Start).ink(Ink::QUIET);
        let made = |[titles, subtitles]: [usize; 2]| {
            let title = font::wrapped(title, title_type.em, true, page.width(), titles);
            let subtitle = font::phrases(subtitle, subtitle_type.em, page.width(), subtitles);
            let lines = title.into_iter().map(|line| (line, title_type));
            let lines = lines.chain(subtitle.into_iter().map(|line| (line, subtitle_type)));
            Self { lines: lines.collect(), gap: 8.0 * scale.unit }
        };
        let ways = [[2, 2], [2, 1], [1, 1]].map(made);
        ways.into_iter()
            .find(|heading| heading.height() <= HEADING * page.height())
            .unwrap_or_else(|| made([1, 0]))
    }

    /// The height of all lines and the gap beneath them.
    pub(super) fn height(&self) -> f64 {
        if self.lines.is_empty() {
            0.0
        } else {
            self.lines.iter().map(|(_, t)| t.em * 1.3).sum::<f64>() + self.gap
        }
    }

    /// Draws the lines from `top` on, beginning at `left` or further left where they need the room.
    pub(super) fn draw(&self, picture: &mut Picture, page: Area, left: f64, top: f64) {
        let widest = self.lines.iter().map(|(line, style)| style.width(line)).fold(0.0, f64::max);
        let start = left.min(page.right - widest).max(page.left);
        let mut baseline = top;
        for (line, style) in &self.lines {
            baseline += style.em * 1.3;
            picture.text([start, baseline - 0.35 * style.em], line, *style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Extent;

    #[test]
    fn a_subtitle_breaks_between_phrases_and_has_no_line_in_a_low_figure() {
        let lines = |size: &str| {
            let size = size.parse::<Extent>().unwrap().at(300).unwrap();
            let picture = Picture::new(size, "");
            let scale = Scale::of(&picture);
            let words =
                "hidden variance 33 % · step 3000 · 200 rows · 3 dimensions · 4 classes · a long remark";
            let heading = Heading::new(scale, "normface(scale=4)", words, scale.page(&picture));
            heading.lines.into_iter().map(|(line, _)| line).collect::<Vec<_>>()
        };
        let column = lines("85x60mm");
        let second = "4 classes · a long remark";
        assert_eq!(column[1..], ["hidden variance 33 % · step 3000 · 200 rows · 3 dimensions", second]);
        assert_eq!(lines("85x40mm")[1..], ["hidden variance 33 % · step 3000 · 200 rows · 3 dimensions · …"]);
        assert_eq!(lines("85x25mm"), ["normface(scale=4)"]);
    }
}
