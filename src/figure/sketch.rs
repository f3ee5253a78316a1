//! A drawing that somebody else lays out, for a terminal with real pixels: lines, marks and words at places in pixels.

use super::indexed::{Indexed, Palette};
use super::mark;
use super::paint;
use super::picture::{Anchor, Ink, Picture, Type};
use super::{FigureError, Size};
use crate::palette::Shape;

/// Red, green, blue.
pub(super) type Rgb = (u8, u8, u8);

/// A drawing, back to front.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    picture: Picture,
    paper: Rgb,
}

impl Sketch {
    /// An empty drawing of so many pixels on a paper.
    pub fn new(width: u32, height: u32, paper: Rgb) -> Self {
        Self { picture: Picture::new(Size::part(f64::from(width), f64::from(height), 1.0), ""), paper }
    }

    /// Its sides in pixels.
    pub fn size(&self) -> Size {
        self.picture.size
    }

    /// A line of a width.
    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], width: f64, rgb: Rgb) {
        self.picture.line(vec![from, to], width, Ink::opaque(rgb));
    }

    /// A broken line of a width.
    pub fn dashed(&mut self, from: [f64; 2], to: [f64; 2], width: f64, rgb: Rgb) {
        self.picture.dashed(&[from, to], &[3.0 * width, 3.0 * width], width, Ink::opaque(rgb));
    }

    /// A disc.
    pub fn disc(&mut self, at: [f64; 2], radius: f64, rgb: Rgb) {
        self.picture.disc(at, radius, Ink::opaque(rgb));
    }

    /// A circle's outline.
    pub fn ring(&mut self, at: [f64; 2], radius: f64, width: f64, rgb: Rgb) {
        self.picture.ring(at, radius, width, Ink::opaque(rgb));
    }

    /// The mark of a class.
    pub fn mark(&mut self, shape: Shape, at: [f64; 2], radius: f64, rgb: Rgb) {
        mark::filled(&mut self.picture, shape, at, radius, Ink::opaque(rgb));
    }

    /// A word with its middle at a place.
    pub fn word(&mut self, at: [f64; 2], em: f64, text: &str, rgb: Rgb) {
        let style = Type::new(em, Anchor::Middle).bold().ink(Ink::opaque(rgb));
        self.picture.text([at[0], at[1] + 0.36 * em], text, style);
    }

    /// The pixels.
    ///
    /// # Errors
    /// [`FigureError::Paint`] if the painter fails, which no data should bring about.
    pub fn indexed(&self) -> Result<Indexed, FigureError> {
        let paper = Ink::opaque(self.paper);
        let palette = Palette::of([&self.picture], paper);
        let pixels = palette.places(&paint::pixels_sampled(&self.picture, paper, 2)?);
        Ok(Indexed { size: self.picture.size, palette, pixels })
    }
}
