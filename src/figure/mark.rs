//! What a class looks like in a figure: the outline of each shape, and how lines of series differ.
//!
//! Which class has which shape and colour is decided in the palette, together with the terminal.

use super::picture::{Ink, Picture, Place};
use crate::palette::{self, Shape};

/// The outlines of a shape of radius 1, disjoint, y down; a disc has none, it is drawn as such.
fn outlines(shape: Shape) -> Vec<Vec<Place>> {
    /// Half the thickness of a stroke.
    const S: f64 = 0.28;
    let regular = |corners: u32, radius: f64, start: f64| {
        let corner = |k: u32| {
            let angle = (start + f64::from(k) * 360.0 / f64::from(corners)).to_radians();
            [radius * angle.cos(), radius * angle.sin()]
        };
        (0..corners).map(corner).collect::<Vec<Place>>()
    };
    let plus = [
        [-S, -1.0],
        [S, -1.0],
        [S, -S],
        [1.0, -S],
        [1.0, S],
        [S, S],
        [S, 1.0],
        [-S, 1.0],
        [-S, S],
        [-1.0, S],
        [-1.0, -S],
        [-S, -S],
    ];
    match shape {
        Shape::Circle => Vec::new(),
        Shape::Plus => vec![plus.to_vec()],
        Shape::Cross => {
            let turn = std::f64::consts::FRAC_1_SQRT_2;
            vec![plus.iter().map(|[x, y]| [turn * (x - y), turn * (x + y)]).collect()]
        }
        Shape::Star => {
            let (outer, inner) = (regular(5, 1.15, -90.0), regular(5, 0.5, -54.0));
            vec![outer.into_iter().zip(inner).flat_map(|(far, near)| [far, near]).collect()]
        }
        Shape::Square => vec![regular(4, 1.15, 45.0)],
        Shape::Triangle => vec![regular(3, 1.15, -90.0)],
        Shape::Diamond => vec![regular(4, 1.12, 0.0)],
        Shape::Hash => {
            let bar = |left: f64, top: f64, right: f64, bottom: f64| {
                vec![[left, top], [right, top], [right, bottom], [left, bottom]]
            };
            // Two whole bars across, and the pieces of two bars down that show between them.
            let (near, far) = (0.22, 0.56);
            let mut bars = vec![bar(-1.0, -far, 1.0, -near), bar(-1.0, near, 1.0, far)];
            for left in [-far, near] {
                let right = left + far - near;
                bars.push(bar(left, -1.0, right, -far));
                bars.push(bar(left, -near, right, near));
                bars.push(bar(left, far, right, 1.0));
            }
            bars
        }
        Shape::Wedge => vec![regular(3, 1.15, 90.0)],
    }
}

fn placed(outline: &[Place], centre: Place, radius: f64) -> Vec<Place> {
    outline.iter().map(|[x, y]| [centre[0] + radius * x, centre[1] + radius * y]).collect()
}

/// A mark filled with an ink.
pub(super) fn filled(picture: &mut Picture, shape: Shape, centre: Place, radius: f64, ink: Ink) {
    if shape == Shape::Circle {
        picture.disc(centre, 0.92 * radius, ink);
    }
    for outline in outlines(shape) {
        picture.polygon(placed(&outline, centre, radius), ink);
    }
}

/// A mark with a line of some width around it.
pub(super) fn outlined(
    picture: &mut Picture,
    shape: Shape,
    centre: Place,
    radius: f64,
    ink: Ink,
    width: f64,
    line: Ink,
) {
    if shape == Shape::Circle {
        picture.disc(centre, 0.92 * radius + width, line);
    }
    for outline in outlines(shape) {
        let mut around = placed(&outline, centre, radius);
        around.push(around[0]);
        around.push(around[1]);
        picture.line(around, 2.0 * width, line);
    }
    filled(picture, shape, centre, radius, ink);
}

/// The mark of a point of a class; colours too light for paper get a dark line around.
pub(super) fn point(picture: &mut Picture, class: usize, centre: Place, radius: f64, alpha: f64) {
    let colour = palette::colour(class);
    let ink = Ink::opaque(colour.rgb).faded(alpha);
    if colour.is_light() && alpha < 1.0 {
        // Lines around crowded marks would hide their colour.
        filled(picture, palette::shape(class), centre, radius, ink.darkened(0.12));
    } else if colour.is_light() {
        let line = Ink::opaque(colour.rgb).darkened(0.45);
        outlined(picture, palette::shape(class), centre, radius, ink, 0.16 * radius, line);
    } else {
        filled(picture, palette::shape(class), centre, radius, ink);
    }
}

/// The mark of a class weight: the shape of the class, larger, in a white and a black line.
pub(super) fn weight(picture: &mut Picture, class: usize, centre: Place, radius: f64) {
    let (shape, ink) = (palette::shape(class), Ink::opaque(palette::colour(class).rgb));
    // The light line parts the weight from points of its own colour around it.
    outlined(picture, shape, centre, radius, ink, 0.36 * radius, Ink::WHITE);
    outlined(picture, shape, centre, radius, ink, 0.2 * radius, Ink::BLACK);
}

/// How the line of one series looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LineLook {
    pub(super) ink: Ink,
    /// Lengths drawn and left out, in units of the scale; empty for an unbroken line.
    pub(super) dashes: &'static [f64],
    /// The mark put on the line here and there.
    pub(super) shape: Shape,
}

const DASHES: [&[f64]; 5] = [&[], &[9.0, 4.0], &[2.5, 2.5], &[9.0, 3.0, 2.5, 3.0], &[16.0, 4.0]];

impl LineLook {
    /// Series differ in colour and in mark; with `dashed` also in how the line is broken.
    pub(super) fn of(series: usize, dashed: bool) -> Self {
        let colour = palette::colour(series);
        let ink = Ink::opaque(colour.rgb);
        Self {
            ink: if colour.is_light() { ink.darkened(0.25) } else { ink },
            dashes: if dashed { DASHES[series % DASHES.len()] } else { &[] },
            shape: palette::shape(series),
        }
    }

    /// Lines that differ in tone and in how they are broken, and leave all colours to classes.
    pub(super) fn neutral(series: usize) -> Self {
        const TONES: [u8; 3] = [0x14, 0x70, 0x42];
        Self {
            ink: Ink::grey(TONES[series % TONES.len()]),
            dashes: DASHES[series % DASHES.len()],
            shape: Shape::Circle,
        }
    }

    /// The line through places in pixels.
    pub(super) fn draw(&self, picture: &mut Picture, places: &[Place], unit: f64) {
        let pattern: Vec<f64> = self.dashes.iter().map(|length| length * unit).collect();
        picture.dashed(places, &pattern, 2.0 * unit, self.ink);
    }

    /// A mark on the line, parted from it by a white line.
    pub(super) fn mark(&self, picture: &mut Picture, centre: Place, unit: f64) {
        outlined(picture, self.shape, centre, 4.2 * unit, self.ink, 1.1 * unit, Ink::WHITE);
    }
}
