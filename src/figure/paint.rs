//! Paints a picture with plotters: into pixels with anti-aliasing, or into SVG text.
//!
//! Plotters works in whole pixels, so both are drawn enlarged: pixels are averaged down again, the SVG keeps
//! its enlarged coordinates behind a `viewBox`. No figure is laid out here.

use std::fmt::Write as _;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, RGBAColor, ShapeStyle};

use super::FigureError;
use super::font;
use super::picture::{Anchor, Ink, Item, Picture, Place, Type};

/// Coordinates in SVG files are multiples of this share of a pixel.
const SVG_STEPS: u32 = 16;

/// A plotters backend with what it needs to be drawn on in fractions of output pixels.
struct Brush<B> {
    backend: B,
    /// Backend units per output pixel.
    factor: f64,
    /// Whether the backend strokes lines and circles itself, well; plotters' bitmap does not.
    strokes: bool,
}

/// The picture as 8-bit RGB, row after row from the top, and 3·width·height bytes long.
pub(super) fn pixels(picture: &Picture, paper: Ink) -> Result<Vec<u8>, FigureError> {
    pixels_sampled(picture, paper, supersampling(picture.size.width(), picture.size.height()))
}

/// The same with so many samples a side of each pixel.
pub(super) fn pixels_sampled(picture: &Picture, paper: Ink, factor: u32) -> Result<Vec<u8>, FigureError> {
    let (width, height) = (picture.size.width(), picture.size.height());
    let mut buffer = vec![255; 3 * (width * factor) as usize * (height * factor) as usize];
    {
        let backend = BitMapBackend::with_buffer(&mut buffer, (width * factor, height * factor));
        Brush { backend, factor: f64::from(factor), strokes: false }.paint(picture, paper)?;
    }
    Ok(if factor == 1 { buffer } else { averaged(&buffer, width as usize, factor as usize) })
}

/// How many samples a side each pixel is averaged from: fewer where the picture is large (at most 144 MB).
fn supersampling(width: u32, height: u32) -> u32 {
    match u64::from(width) * u64::from(height) {
        0..=1_500_000 => 4,
        1_500_001..=5_000_000 => 3,
        5_000_001..=12_000_000 => 2,
        _ => 1,
    }
}

fn averaged(samples: &[u8], width: usize, factor: usize) -> Vec<u8> {
    let row_bytes = 3 * width * factor;
    let share = (factor * factor) as u32;
    let mut pixels = Vec::with_capacity(samples.len() / (factor * factor));
    for band in samples.chunks_exact(row_bytes * factor) {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0;
                for row in band.chunks_exact(row_bytes) {
                    let first = 3 * x * factor + channel;
                    sum += row[first..].iter().step_by(3).take(factor).map(|&s| u32::from(s)).sum::<u32>();
                }
                pixels.push(((sum + share / 2) / share) as u8);
            }
        }
    }
    pixels
}

/// The picture as an SVG document with a title and, where there is any, metadata (`key: value` lines).
pub(super) fn svg(
    picture: &Picture,
    paper: Ink,
    metadata: &[(String, String)],
) -> Result<String, FigureError> {
    let (width, height) = (picture.size.width(), picture.size.height());
    let (wide, high) = (width * SVG_STEPS, height * SVG_STEPS);
    let mut body = String::new();
    {
        let backend = SVGBackend::with_string(&mut body, (wide, high));
        Brush { backend, factor: f64::from(SVG_STEPS), strokes: true }.paint(picture, paper)?;
    }
    // Plotters opens the document with the enlarged size; the first line is ours instead.
    let items = body.split_once('\n').map_or("", |(_, items)| items);
    let sides = match picture.size.dpi() {
        // Paper has lengths, not pixels.
        Some(dpi) => [width, height].map(|side| format!("{:.3}mm", f64::from(side) / f64::from(dpi) * 25.4)),
        None => [width, height].map(|side| side.to_string()),
    };
    let [shown_width, shown_height] = sides;
    let mut document = format!(
        "<svg width=\"{shown_width}\" height=\"{shown_height}\" viewBox=\"0 0 {wide} {high}\" \
         xmlns=\"http://www.w3.org/2000/svg\" stroke-linejoin=\"round\" stroke-linecap=\"butt\">\n\
         <title>{}</title>\n",
        escaped(&picture.title)
    );
    if !metadata.is_empty() {
        document.push_str("<metadata>\n");
        for (key, value) in metadata {
            // Writing to a string cannot fail.
            let _ = writeln!(document, "{}: {}", escaped(key), escaped(value));
        }
        document.push_str("</metadata>\n");
    }
    document.push_str(items);
    Ok(document)
}

fn escaped(text: &str) -> String {
    font::printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn style(ink: Ink, width: u32) -> ShapeStyle {
    let (r, g, b) = ink.rgb;
    ShapeStyle { color: RGBAColor(r, g, b, ink.alpha), filled: true, stroke_width: width }
}

impl<B: DrawingBackend> Brush<B> {
    fn paint(mut self, picture: &Picture, paper: Ink) -> Result<(), FigureError> {
        let size = self.backend.get_size();
        let corner = (size.0.cast_signed(), size.1.cast_signed());
        self.backend.draw_rect((0, 0), corner, &style(paper, 1), true).map_err(paint_error)?;
        for item in &picture.items {
            match item {
                Item::Polygon { outline, ink } => self.polygon(outline, *ink),
                Item::Disc { centre, radius, ink } => self.disc(*centre, *radius, *ink),
                Item::Line { points, width, ink } => self.line(points, *width, *ink),
                Item::Text { at, text, style, upward } => self.text(*at, text, *style, *upward),
            }?;
        }
        self.backend.present().map_err(paint_error)
    }

    fn at(&self, [x, y]: Place) -> (i32, i32) {
        ((x * self.factor).round() as i32, (y * self.factor).round() as i32)
    }

    fn polygon(&mut self, outline: &[Place], ink: Ink) -> Result<(), FigureError> {
        let corners: Vec<_> = outline.iter().map(|&place| self.at(place)).collect();
        self.backend.fill_polygon(corners, &style(ink, 1)).map_err(paint_error)
    }

    fn disc(&mut self, centre: Place, radius: f64, ink: Ink) -> Result<(), FigureError> {
        if self.strokes {
            let radius = (radius * self.factor).round().max(1.0) as u32;
            return self
                .backend
                .draw_circle(self.at(centre), radius, &style(ink, 1), true)
                .map_err(paint_error);
        }
        // Plotters' own disc blends some pixels twice, which shows where it is not opaque.
        let sides = (radius * self.factor).sqrt().mul_add(6.0, 8.0).min(256.0) as usize;
        let corner = |k: usize| {
            let angle = (k as f64 + 0.5) * std::f64::consts::TAU / sides as f64;
            [centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin()]
        };
        let outline: Vec<Place> = (0..sides).map(corner).collect();
        self.polygon(&outline, ink)
    }

    fn line(&mut self, points: &[Place], width: f64, ink: Ink) -> Result<(), FigureError> {
        if self.strokes {
            let width = (width * self.factor).round().max(1.0) as u32;
            let path: Vec<_> = points.iter().map(|&place| self.at(place)).collect();
            return self.backend.draw_path(path, &style(ink, width)).map_err(paint_error);
        }
        // Plotters' bitmap turns a path into one polygon, with holes where it crosses itself: draw the
        // segments one by one, with a disc on each joint.
        for pair in points.windows(2) {
            let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
            let length = (x1 - x0).hypot(y1 - y0);
            if length > 0.0 {
                let (nx, ny) = ((y1 - y0) / length * width / 2.0, (x0 - x1) / length * width / 2.0);
                let outline =
                    [[x0 + nx, y0 + ny], [x1 + nx, y1 + ny], [x1 - nx, y1 - ny], [x0 - nx, y0 - ny]];
                self.polygon(&outline, ink)?;
            }
        }
        if points.len() > 2 {
            for &joint in &points[1..points.len() - 1] {
                self.disc(joint, width / 2.0, ink)?;
            }
        }
        Ok(())
    }

    fn text(&mut self, at: Place, text: &str, look: Type, upward: bool) -> Result<(), FigureError> {
        let em = look.em * self.factor;
        // Plotters' bitmap takes the height from ascent to descent and puts the baseline half of it below
        // the position; its SVG divides by 1.24 and puts it 0.76 em below. Both are undone here.
        let (height, drop) =
            if self.strokes { (em * 1.24, em * 0.76) } else { (em * font::HEIGHT, em * font::HEIGHT / 2.0) };
        let (x, y) = (at[0] * self.factor, at[1] * self.factor);
        let position = if upward { (x - drop, y) } else { (x, y - drop) };
        let turn = if upward { FontTransform::Rotate270 } else { FontTransform::None };
        let horizontal = match look.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let (r, g, b) = look.ink.rgb;
        let mut text_style =
            font::describe(height, look.bold).transform(turn).color(&RGBAColor(r, g, b, look.ink.alpha));
        text_style.pos = Pos::new(horizontal, VPos::Top);
        self.backend
            .draw_text(text, &text_style, (position.0.round() as i32, position.1.round() as i32))
            .map_err(paint_error)
    }
}

fn paint_error(error: impl std::fmt::Display) -> FigureError {
    FigureError::Paint { reason: error.to_string() }
}
