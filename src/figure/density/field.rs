//! How dense it is, as a field of colour: along the circle, or on a map of the sphere. Neighbours of one tone are one
//! piece, which lies a little under the next, so that no seam shows.

use super::super::panel::Panel;
use super::super::picture::{Anchor, Area, Ink, Picture, Place};
use super::super::scale::Scale;
use super::{Density, Group};

/// Tones of a field.
const TONES: f64 = 30.0;
/// Darker than in proportion: what is half as dense is seen, on dark paper too.
const CURVE: f64 = 0.65;
/// How far the field along the circle reaches to both sides of it, as a share of its radius.
const BAND: f64 = 0.24;
/// Densities below this share of the greatest are left blank.
const FAINTEST: f64 = 0.004;
/// Rings that it is made of.
const RINGS: usize = 12;

/// The tone of a density, from 0 to [`TONES`], where the greatest has the last.
fn tone(value: f64, most: f64) -> usize {
    let share = if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
    if share.is_nan() || share < FAINTEST { 0 } else { (share.powf(CURVE) * TONES).round() as usize }
}

fn ink_of(tone: usize, ink: Ink) -> Ink {
    ink.tinted(tone as f64 / TONES)
}

/// Runs of one tone that is not the first: where each begins, where it ends, and its tone.
fn runs(tones: &[usize]) -> Vec<(usize, usize, usize)> {
    let mut from = 0;
    let mut runs = Vec::new();
    for run in tones.chunk_by(|a, b| a == b) {
        if run[0] > 0 {
            runs.push((from, from + run.len(), run[0]));
        }
        from += run.len();
    }
    runs
}

/// Draws the density of a group, of which the greatest of all groups has the full colour.
pub(super) fn draw(
    picture: &mut Picture,
    panel: &Panel,
    density: &Density,
    group: &Group,
    most: f64,
    ink: Ink,
) {
    if density.is_circle() {
        draw_ring(picture, panel, group, most, ink);
    } else {
        draw_cells(picture, panel, density, group, most, ink);
    }
}

fn draw_ring(picture: &mut Picture, panel: &Panel, group: &Group, most: f64, ink: Ink) {
    let centre = panel.place([0.0, 0.0]);
    let radius = panel.place([1.0, 0.0])[0] - centre[0];
    let count = group.heat.len();
    let at = |share: f64, far: f64| {
        let (sin, cos) = ((share - 0.5) * std::f64::consts::TAU).sin_cos();
        [centre[0] + far * cos, centre[1] - far * sin]
    };
    for ring in 0..RINGS {
        let edge = |k: usize| 1.0 - BAND + 2.0 * BAND * k as f64 / RINGS as f64;
        let (near, far) = (radius * edge(ring), radius * edge(ring + 1));
        // Across the circle it fades as a kernel does.
        let off = (f64::midpoint(edge(ring), edge(ring + 1)) - 1.0) / (0.45 * BAND);
        let fade = (-0.5 * off * off).exp();
        let tones: Vec<usize> = group.heat.iter().map(|value| tone(fade * value, most)).collect();
        for (from, to, tone) in runs(&tones) {
            let share = |k: usize| k as f64 / count as f64;
            // A little under the next ones, along the circle and outward.
            let beyond = 0.6 / (radius * std::f64::consts::TAU);
            let ends = |far: f64| {
                let places = (from..to).map(move |k| at(share(k), far));
                places.chain([at(share(to) + beyond, far)])
            };
            let mut outline: Vec<Place> = ends(near).collect();
            let outer: Vec<Place> = ends(far + 0.5).collect();
            outline.extend(outer.into_iter().rev());
            picture.polygon(outline, ink_of(tone, ink));
        }
    }
}

fn draw_cells(picture: &mut Picture, panel: &Panel, density: &Density, group: &Group, most: f64, ink: Ink) {
    let ([across, down], [half, high]) = (density.cells, density.ground.half);
    for (row, heat) in group.heat.chunks(across.max(1)).enumerate() {
        let tones: Vec<usize> = heat.iter().map(|value| tone(*value, most)).collect();
        let y = |k: usize| high * (1.0 - 2.0 * k as f64 / down as f64);
        let (top, bottom) = (y(row), y(row + 1));
        // The map's border at a height: what lies beyond it is cut off.
        let reach = |y: f64| half * (1.0 - (y / high).powi(2)).max(0.0).sqrt();
        for (from, to, tone) in runs(&tones) {
            let x = |k: usize| half * (2.0 * k as f64 / across as f64 - 1.0);
            let corner = |x: f64, y: f64| panel.place([x.clamp(-reach(y), reach(y)), y]);
            let mut outline =
                [corner(x(from), top), corner(x(to), top), corner(x(to), bottom), corner(x(from), bottom)];
            if to < across {
                outline[1][0] += 0.5;
                outline[2][0] += 0.5;
            }
            if row + 1 < down {
                outline[2][1] += 0.5;
                outline[3][1] += 0.5;
            }
            picture.polygon(outline.to_vec(), ink_of(tone, ink));
        }
    }
}

/// Marks of the rows themselves, inside the circle.
pub(super) fn draw_marks(picture: &mut Picture, scale: Scale, panel: &Panel, group: &Group, ink: Ink) {
    let centre = panel.place([0.0, 0.0]);
    let radius = panel.place([1.0, 0.0])[0] - centre[0];
    for angle in group.marks.iter().filter(|angle| angle.is_finite()) {
        let (sin, cos) = angle.to_radians().sin_cos();
        let at = |far: f64| [centre[0] + far * radius * cos, centre[1] - far * radius * sin];
        picture.line(vec![at(0.66), at(0.73)], 0.7 * scale.unit, ink);
    }
}

/// The colour bar: its words, its ends, and where the uniform density lies.
pub(super) struct Bar {
    most: f64,
    words: &'static str,
    high: String,
}

/// The length of the bar in ems of ticks.
const LENGTH: f64 = 7.0;

impl Bar {
    /// The bar of fields whose greatest density, in multiples of the uniform one, is this.
    pub(super) fn new(most: f64) -> Self {
        Self { most, words: "density / uniform", high: super::super::significant(most, 2) }
    }

    fn parts(&self, scale: Scale) -> [f64; 3] {
        let style = scale.tick_type(Anchor::Start);
        [style.width(self.words), style.width("0"), style.width(&self.high)]
    }

    /// The density at its upper end.
    pub(super) fn most(&self) -> f64 {
        self.most
    }

    pub(super) fn width(&self, scale: Scale) -> f64 {
        self.parts(scale).iter().sum::<f64>() + (LENGTH + 1.5) * scale.tick
    }

    /// Draws it from a place on, which is on its baseline at its left end.
    pub(super) fn draw(&self, picture: &mut Picture, scale: Scale, [left, baseline]: Place) {
        let style = scale.tick_type(Anchor::Start);
        let [words, zero, _] = self.parts(scale);
        let gap = 0.4 * scale.tick;
        picture.text([left, baseline], self.words, style.ink(Ink::QUIET));
        let at_zero = left + words + 1.5 * gap;
        picture.text([at_zero, baseline], "0", style);
        let from = at_zero + zero + gap;
        let to = from + LENGTH * scale.tick;
        let area = Area { left: from, right: to, top: baseline - 0.75 * scale.tick, bottom: baseline };
        let steps = TONES as usize;
        for k in 0..steps {
            let x = |k: usize| from + (to - from) * k as f64 / steps as f64;
            let value = self.most * (k as f64 + 0.5) / steps as f64;
            let right = (x(k + 1) + 0.5).min(to);
            let cell = Area { left: x(k), right, ..area };
            picture.rectangle(cell, ink_of(tone(value, self.most), Ink::grey(0x33)));
        }
        picture.frame(area, scale.unit, Ink::FRAME);
        if self.most > 1.0 {
            // Where rows are spread evenly.
            let x = from + (to - from) / self.most;
            picture.line(
                vec![[x, area.top - 0.2 * scale.tick], [x, area.bottom + 0.2 * scale.tick]],
                1.4 * scale.unit,
                Ink::BLACK,
            );
        }
        picture.text([to + gap, baseline], &self.high, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_tone_are_one_piece_and_nothing_is_left_blank() {
        assert_eq!(runs(&[0, 3, 3, 0, 5]), [(1, 3, 3), (4, 5, 5)]);
        assert!(runs(&[0, 0]).is_empty() && runs(&[]).is_empty());
        assert_eq!([tone(0.0, 2.0), tone(2.0, 2.0), tone(9.0, 2.0), tone(1.0, 0.0)], [0, 30, 30, 0]);
        assert_eq!(tone(f64::NAN, 1.0), 0);
        assert!(tone(0.5, 1.0) > 15, "darker than in proportion");
    }
}
