//! Pictures in few colours, a byte a pixel: what GIF files and terminals take. One palette for all frames of a film.

use std::collections::HashMap;

use super::Size;
use super::picture::{Ink, Item, Picture};

/// Up to 256 colours. The first stands for "nothing here", the second is the paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    colours: Vec<[u8; 3]>,
}

/// A picture of palette places, row after row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Its sides.
    pub size: Size,
    /// What the bytes stand for.
    pub palette: Palette,
    /// A byte a pixel.
    pub pixels: Vec<u8>,
}

impl Palette {
    /// The place that stands for no colour.
    pub const NOTHING: u8 = 0;
    /// The place of the paper.
    pub const PAPER: u8 = 1;

    /// The inks of pictures, each also mixed with the paper in steps, as smooth edges need it.
    pub(super) fn of<'a>(pictures: impl IntoIterator<Item = &'a Picture>, paper: Ink) -> Self {
        let paper = paper.rgb;
        let mut uses: HashMap<(u8, u8, u8), usize> = HashMap::new();
        for item in pictures.into_iter().flat_map(|picture| &picture.items) {
            let ink = match item {
                Item::Polygon { ink, .. } | Item::Disc { ink, .. } | Item::Line { ink, .. } => *ink,
                Item::Text { style, .. } => style.ink,
            };
            *uses.entry(mixed(paper, ink.rgb, ink.alpha)).or_default() += 1;
        }
        uses.remove(&paper);
        let mut inks: Vec<_> = uses.into_iter().collect();
        // The most used first; among equals by value, so that the palette is the same every time.
        inks.sort_by_key(|(rgb, count)| (std::cmp::Reverse(*count), *rgb));
        inks.truncate(127);
        let steps = (254 / inks.len().max(1)).clamp(1, 10);
        let mut colours = vec![paper, paper];
        for (rgb, _) in &inks {
            for step in (1..=steps).rev() {
                let colour = mixed(paper, *rgb, step as f64 / steps as f64);
                if colours.len() < 256 && !colours[1..].contains(&colour) {
                    colours.push(colour);
                }
            }
        }
        Self { colours: colours.into_iter().map(|(r, g, b)| [r, g, b]).collect() }
    }

    /// Its colours by place.
    pub fn colours(&self) -> &[[u8; 3]] {
        &self.colours
    }

    /// The nearest place of each pixel of 8-bit RGB.
    pub(super) fn places(&self, pixels: &[u8]) -> Vec<u8> {
        let mut known: HashMap<[u8; 3], u8> = HashMap::new();
        let mut last = ([0; 3], self.nearest([0; 3]));
        let place = |pixel: &[u8]| {
            let rgb = [pixel[0], pixel[1], pixel[2]];
            if rgb != last.0 {
                last = (rgb, *known.entry(rgb).or_insert_with(|| self.nearest(rgb)));
            }
            last.1
        };
        pixels.chunks_exact(3).map(place).collect()
    }

    fn nearest(&self, rgb: [u8; 3]) -> u8 {
        let distance = |colour: &[u8; 3]| {
            colour.iter().zip(rgb).map(|(&a, b)| (i32::from(a) - i32::from(b)).pow(2)).sum::<i32>()
        };
        let found = self.colours.iter().enumerate().skip(1).min_by_key(|(_, colour)| distance(colour));
        found.map_or(Self::PAPER, |(place, _)| place as u8)
    }
}

fn mixed(paper: (u8, u8, u8), ink: (u8, u8, u8), share: f64) -> (u8, u8, u8) {
    let mix = |from: u8, to: u8| (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u8;
    (mix(paper.0, ink.0), mix(paper.1, ink.1), mix(paper.2, ink.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ink_and_the_paper_have_their_own_place_and_mixtures_the_nearest() {
        let mut picture = Picture::new(Size::default(), "");
        picture.disc([1.0, 1.0], 1.0, Ink::opaque((213, 94, 0)));
        picture.disc([1.0, 1.0], 1.0, Ink::BLACK);
        let palette = Palette::of([&picture], Ink::WHITE);
        let places = palette.places(&[255, 255, 255, 213, 94, 0, 0, 0, 0, 234, 175, 128]);
        assert_eq!(places[0], Palette::PAPER);
        assert_eq!(palette.colours()[usize::from(places[1])], [213, 94, 0]);
        assert_eq!(palette.colours()[usize::from(places[2])], [0, 0, 0]);
        assert_eq!(palette.colours()[usize::from(places[3])], [234, 175, 128], "halfway to the paper");
    }
}
