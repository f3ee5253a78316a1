//! A drawing as plain data: filled polygons, discs, lines and texts at positions in output pixels.
//!
//! Figures are laid out here once and painted twice (pixels, SVG); nothing in this file knows plotters.

use super::font;
use super::format::Size;

/// A colour with its opacity (1 is opaque).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    pub(super) rgb: (u8, u8, u8),
    pub(super) alpha: f64,
    /// Whether it stands for a value on a map whose middle is the colour of the paper.
    pub(super) mapped: bool,
    /// How much of it the paper is covered with; unlike what is faded, it lets nothing of what lies under it through.
    pub(super) tint: f64,
}

impl Ink {
    pub(super) const BLACK: Self = Self::grey(0);
    pub(super) const WHITE: Self = Self::grey(255);
    /// Titles, labels and numbers: softer than black.
    pub(super) const TEXT: Self = Self::grey(0x22);
    /// Frames, ticks.
    pub(super) const FRAME: Self = Self::grey(0x55);
    /// Subtitles and remarks, still readable on paper.
    pub(super) const QUIET: Self = Self::grey(0x5c);
    /// Grid lines.
    pub(super) const GRID: Self = Self::grey(0xe4);

    pub(super) const fn opaque(rgb: (u8, u8, u8)) -> Self {
        Self { rgb, alpha: 1.0, mapped: false, tint: 1.0 }
    }

    pub(super) const fn grey(level: u8) -> Self {
        Self::opaque((level, level, level))
    }

    pub(super) fn faded(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    pub(super) fn tinted(self, tint: f64) -> Self {
        Self { tint, ..self }
    }

    pub(super) const fn mapped(self) -> Self {
        Self { mapped: true, ..self }
    }

    /// A mixture with black: 0 leaves the colour, 1 is black.
    pub(super) fn darkened(self, share: f64) -> Self {
        let darker = |level: u8| (f64::from(level) * (1.0 - share)).round() as u8;
        Self { rgb: (darker(self.rgb.0), darker(self.rgb.1), darker(self.rgb.2)), ..self }
    }
}

/// A position in output pixels: x to the right, y down.
pub(super) type Place = [f64; 2];

/// Which point of a text's baseline its position names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks, apart from where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Type {
    /// Font size in pixels per em.
    pub(super) em: f64,
    pub(super) bold: bool,
    pub(super) ink: Ink,
    pub(super) anchor: Anchor,
}

impl Type {
    pub(super) fn new(em: f64, anchor: Anchor) -> Self {
        Self { em, bold: false, ink: Ink::TEXT, anchor }
    }

    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    pub(super) fn width(self, text: &str) -> f64 {
        font::width(text, self.em, self.bold)
    }
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// A closed filled outline that does not cross itself.
    Polygon { outline: Vec<Place>, ink: Ink },
    /// A filled disc.
    Disc { centre: Place, radius: f64, ink: Ink },
    /// An open line with round joins; always opaque, so that its pieces may overlap.
    Line { points: Vec<Place>, width: f64, ink: Ink },
    /// A text on its baseline; `upward` texts are turned a quarter to the left.
    Text { at: Place, text: String, style: Type, upward: bool },
}

/// A whole figure: its size, its title for readers that do not see it, and its items from back to front.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) size: Size,
    pub(super) title: String,
    pub(super) items: Vec<Item>,
    /// Where data is drawn: who asks whether the figure can be read looks at these.
    pub(super) data: Vec<Area>,
    /// How many texts had no room, or not for all of their letters.
    pub(super) lost: usize,
}

impl Picture {
    pub(super) fn new(size: Size, title: &str) -> Self {
        Self { size, title: font::printable(title), items: Vec::new(), data: Vec::new(), lost: 0 }
    }

    pub(super) fn polygon(&mut self, outline: Vec<Place>, ink: Ink) {
        self.items.push(Item::Polygon { outline, ink });
    }

    pub(super) fn rectangle(&mut self, area: Area, ink: Ink) {
        let Area { left, top, right, bottom } = area;
        self.polygon(vec![[left, top], [right, top], [right, bottom], [left, bottom]], ink);
    }

    pub(super) fn disc(&mut self, centre: Place, radius: f64, ink: Ink) {
        self.items.push(Item::Disc { centre, radius, ink });
    }

    pub(super) fn line(&mut self, points: Vec<Place>, width: f64, ink: Ink) {
        if points.len() > 1 {
            self.items.push(Item::Line { points, width, ink });
        }
    }

    /// A circle's outline, its sides too short to see.
    pub(super) fn ring(&mut self, centre: Place, radius: f64, width: f64, ink: Ink) {
        let sides = (radius.max(1.0).sqrt() * 10.0).clamp(16.0, 256.0) as usize;
        let corner = |k: usize| {
            let angle = k as f64 * std::f64::consts::TAU / sides as f64;
            [centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin()]
        };
        self.line((0..=sides).map(corner).collect(), width, ink);
    }

    /// The outline of a rectangle.
    pub(super) fn frame(&mut self, area: Area, width: f64, ink: Ink) {
        let Area { left, top, right, bottom } = area;
        let corners = vec![[left, top], [right, top], [right, bottom], [left, bottom], [left, top]];
        self.line(corners, width, ink);
    }

    /// A line broken by a pattern of lengths (drawn, left out, drawn, …) in pixels; empty means unbroken.
    pub(super) fn dashed(&mut self, points: &[Place], pattern: &[f64], width: f64, ink: Ink) {
        if pattern.iter().sum::<f64>() <= 0.0 {
            return self.line(points.to_vec(), width, ink);
        }
        let mut phase = 0;
        let mut left_in_phase = pattern[0];
        let mut dash: Vec<Place> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let [from, to] = [pair[0], pair[1]];
            let length = (to[0] - from[0]).hypot(to[1] - from[1]);
            let mut done = 0.0;
            while length - done > left_in_phase {
                done += left_in_phase;
                let share = done / length;
                let here = [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
                if phase % 2 == 0 {
                    dash.push(here);
                    self.line(std::mem::take(&mut dash), width, ink);
                }
                dash = vec![here];
                phase = (phase + 1) % pattern.len();
                left_in_phase = pattern[phase];
            }
            left_in_phase -= length - done;
            if phase % 2 == 0 {
                dash.push(to);
            }
        }
        if phase % 2 == 0 {
            self.line(dash, width, ink);
        }
    }

    /// A text on its baseline. One that would be cut by the border of the picture is left out.
    pub(super) fn text(&mut self, at: Place, text: &str, style: Type) {
        self.put_text(at, text, style, false);
    }

    /// A text turned a quarter to the left, so that it reads upward; `at[0]` is its baseline.
    pub(super) fn upward(&mut self, at: Place, text: &str, style: Type) {
        self.put_text(at, text, style, true);
    }

    fn put_text(&mut self, at: Place, text: &str, style: Type, upward: bool) {
        let text = font::printable(text);
        if text.trim().is_empty() {
            return;
        }
        let item = Item::Text { at, text, style, upward };
        if item.text_area().is_some_and(|area| area.lies_within(self.size)) {
            self.items.push(item);
        } else {
            self.lost += 1;
        }
    }
}

impl Item {
    /// The area a text covers, in pixels; nothing for other items.
    pub(super) fn text_area(&self) -> Option<Area> {
        let Self::Text { at: [x, y], text, style, upward } = self else { return None };
        let length = style.width(text);
        let before = match style.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => length / 2.0,
            Anchor::End => length,
        };
        let (above, below) = (font::ASCENT * style.em, font::DESCENT * style.em);
        Some(if *upward {
            Area { left: x - above, right: x + below, top: y - (length - before), bottom: y + before }
        } else {
            Area { left: x - before, right: x + length - before, top: y - above, bottom: y + below }
        })
    }
}

/// A rectangle in output pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Smallest x.
    pub left: f64,
    /// Smallest y.
    pub top: f64,
    /// Largest x.
    pub right: f64,
    /// Largest y.
    pub bottom: f64,
}

impl Area {
    pub(super) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(self) -> f64 {
        self.bottom - self.top
    }

    /// Whether two areas have more than a border in common.
    pub(super) fn overlaps(self, other: Self) -> bool {
        let apart = self.right <= other.left || other.right <= self.left;
        !apart && self.bottom > other.top && other.bottom > self.top
    }

    pub(super) fn shifted(self, [right, down]: Place) -> Self {
        Self {
            left: self.left + right,
            right: self.right + right,
            top: self.top + down,
            bottom: self.bottom + down,
        }
    }

    pub(super) fn contains(self, [x, y]: Place) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    pub(super) fn centre(self) -> Place {
        [f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom)]
    }

    fn lies_within(self, size: Size) -> bool {
        // A tenth of a pixel is rounding, not clipping.
        self.left >= -0.1
            && self.top >= -0.1
            && self.right <= f64::from(size.width()) + 0.1
            && self.bottom <= f64::from(size.height()) + 0.1
    }

    /// The area with its sides apart, at least a pixel, even where margins have eaten the whole picture.
    pub(super) fn at_least_a_pixel(self) -> Self {
        Self { right: self.right.max(self.left + 1.0), bottom: self.bottom.max(self.top + 1.0), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_what_the_pattern_says() {
        let mut picture = Picture::new(Size::default(), "");
        picture.dashed(&[[0.0, 0.0], [6.0, 0.0], [10.0, 0.0]], &[4.0, 3.0], 1.0, Ink::BLACK);
        let dashes: Vec<_> = picture
            .items
            .iter()
            .map(|item| match item {
                Item::Line { points, .. } => (points[0][0], points[points.len() - 1][0]),
                other => panic!("{other:?} is no line"),
            })
            .collect();
        assert_eq!(dashes, [(0.0, 4.0), (7.0, 10.0)]);
    }

    #[test]
    fn a_negative_number_is_drawn_and_measured_with_its_minus_sign() {
        let mut picture = Picture::new(Size::default(), "");
        let style = Type::new(12.0, Anchor::Start);
        picture.text([10.0, 300.0], "arcface(margin=-0.5) -0.00 a-b", style);
        let Item::Text { text, .. } = &picture.items[0] else { panic!("{:?}", picture.items) };
        assert_eq!(text, "arcface(margin=−0.5) 0.00 a-b");
        assert_eq!(style.width("-0.5"), style.width("−0.5"));
        assert!(style.width("-0.5") > style.width("a-b") - style.width("ab") + style.width("0.5"));
    }

    #[test]
    fn a_text_over_the_border_is_left_out() {
        let mut picture = Picture::new(Size::default(), "");
        let style = Type::new(12.0, Anchor::Start);
        picture.text([795.0, 300.0], "wide", style);
        picture.text([10.0, 2.0], "high", style);
        assert!(picture.items.is_empty());
        picture.text([10.0, 300.0], "inside", style);
        picture.upward([30.0, 300.0], "inside", style);
        assert_eq!(picture.items.len(), 2);
    }
}
