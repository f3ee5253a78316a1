//! Films as GIF: one palette, and of each frame only the rectangle that changed, its unchanged pixels left through.

use std::borrow::Cow;
use std::io::Write;

use super::indexed::Palette;
use super::{Figure, FigureError, Size, Theme, paint};

/// What all frames of a film have in common; paints frames, on as many threads as one likes.
#[derive(Clone, Debug)]
pub struct Stage {
    size: Size,
    theme: Theme,
    palette: Palette,
}

/// Samples a side of a pixel: frames pass by quickly.
const SAMPLES: u32 = 3;

impl Stage {
    /// A stage whose palette is that of some frames, such as the first and the last.
    pub fn new(size: Size, theme: Theme, like: &[&Figure]) -> Self {
        let pictures: Vec<_> = like.iter().map(|figure| theme.applied(figure.draw(size))).collect();
        Self { size, theme, palette: Palette::of(&pictures, theme.paper()) }
    }

    /// A frame: a palette place for each pixel.
    ///
    /// # Errors
    /// [`FigureError::Paint`] if the painter fails, which no data should bring about.
    pub fn paint(&self, figure: &Figure) -> Result<Vec<u8>, FigureError> {
        let picture = self.theme.applied(figure.draw(self.size));
        let pixels = paint::pixels_sampled(&picture, self.theme.paper(), SAMPLES)?;
        Ok(self.palette.places(&pixels))
    }
}

/// A GIF that is being written. It loops.
pub struct Animation<W: Write> {
    encoder: gif::Encoder<W>,
    size: Size,
    /// What a viewer shows now.
    shown: Vec<u8>,
    /// The last frame, which stays longer where the next is the same.
    waiting: Option<gif::Frame<'static>>,
}

impl<W: Write> Animation<W> {
    /// Begins a film, with pairs of key and value as lines of a comment before its first frame.
    ///
    /// # Errors
    /// [`FigureError::Paint`] where the size is beyond what GIF can hold or `out` takes nothing.
    pub fn new(out: W, stage: &Stage, metadata: &[(String, String)]) -> Result<Self, FigureError> {
        let sides = u16::try_from(stage.size.width()).ok().zip(u16::try_from(stage.size.height()).ok());
        let (width, height) = sides
            .ok_or_else(|| FigureError::Paint { reason: "a GIF has at most 65535 pixels a side".into() })?;
        let palette: Vec<u8> = stage.palette.colours().iter().flatten().copied().collect();
        let mut encoder = gif::Encoder::new(out, width, height, &palette).map_err(failed)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(failed)?;
        if !metadata.is_empty() {
            let lines: String = metadata.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
            let comment = gif::AnyExtension(gif::Extension::Comment as u8);
            encoder.write_raw_extension(comment, &[lines.as_bytes()]).map_err(failed)?;
        }
        Ok(Self { encoder, size: stage.size, shown: Vec::new(), waiting: None })
    }

    /// Adds a frame of [`Stage::paint`] that stays for so many hundredths of a second.
    ///
    /// # Errors
    /// [`FigureError::Paint`] where `out` takes no more.
    pub fn push(&mut self, frame: &[u8], hundredths: u16) -> Result<(), FigureError> {
        let (width, height) = (self.size.width() as usize, self.size.height() as usize);
        let changed = |x: usize, y: usize| {
            let at = y * width + x;
            self.shown.get(at).is_none_or(|shown| *shown != frame[at])
        };
        let row_changed = |y: &usize| (0..width).any(|x| changed(x, *y));
        let Some(top) = (0..height).find(row_changed) else {
            if let Some(waiting) = &mut self.waiting {
                waiting.delay = waiting.delay.saturating_add(hundredths);
            }
            return Ok(());
        };
        let bottom = (top..height).rev().find(row_changed).unwrap_or(top);
        let column_changed = |x: &usize| (top..=bottom).any(|y| changed(*x, y));
        let left = (0..width).find(column_changed).unwrap_or(0);
        let right = (left..width).rev().find(column_changed).unwrap_or(left);
        let first = self.shown.is_empty();
        let mut buffer = Vec::with_capacity((bottom - top + 1) * (right - left + 1));
        for y in top..=bottom {
            for x in left..=right {
                buffer.push(if first || changed(x, y) { frame[y * width + x] } else { Palette::NOTHING });
            }
        }
        self.shown.clear();
        self.shown.extend_from_slice(frame);
        let next = gif::Frame {
            delay: hundredths,
            dispose: gif::DisposalMethod::Keep,
            transparent: (!first).then_some(Palette::NOTHING),
            left: left as u16,
            top: top as u16,
            width: (right - left + 1) as u16,
            height: (bottom - top + 1) as u16,
            buffer: Cow::Owned(buffer),
            ..gif::Frame::default()
        };
        match self.waiting.replace(next) {
            Some(frame) => self.encoder.write_frame(&frame).map_err(failed),
            None => Ok(()),
        }
    }

    /// Ends the film; the last frame stays for two seconds more.
    ///
    /// # Errors
    /// [`FigureError::Paint`] where `out` takes no more.
    pub fn finish(mut self) -> Result<W, FigureError> {
        if let Some(mut frame) = self.waiting.take() {
            frame.delay = frame.delay.saturating_add(200);
            self.encoder.write_frame(&frame).map_err(failed)?;
        }
        self.encoder.into_inner().map_err(|error| FigureError::Paint { reason: error.to_string() })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: gif::EncodingError) -> FigureError {
    FigureError::Paint { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{ProjectedPoint, Projection};

    fn frame(x: f64) -> Figure {
        let point = |class, at| ProjectedPoint { at, class, given: None };
        Figure::Projection(Projection {
            points: vec![point(0, [x, 0.0]), point(1, [0.0, 0.5])],
            radius: Some(1.0),
            ..Projection::default()
        })
    }

    /// Plays a GIF as a viewer does: the whole picture after each frame, and how long it stays.
    fn played(bytes: &[u8]) -> Vec<(Vec<[u8; 3]>, u16)> {
        let mut decoder = gif::DecodeOptions::new().read_info(bytes).unwrap();
        let palette = decoder.global_palette().unwrap().to_vec();
        let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
        let mut canvas = vec![[0u8; 3]; width * height];
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            for (k, &place) in frame.buffer.iter().enumerate() {
                if frame.transparent != Some(place) {
                    let (x, y) = (k % usize::from(frame.width), k / usize::from(frame.width));
                    let at = (y + usize::from(frame.top)) * width + x + usize::from(frame.left);
                    let first = 3 * usize::from(place);
                    canvas[at].copy_from_slice(&palette[first..first + 3]);
                }
            }
            frames.push((canvas.clone(), frame.delay));
        }
        frames
    }

    #[test]
    fn a_viewer_sees_the_frames_that_were_painted_and_a_still_one_takes_no_room() {
        let size: Size = "320x200".parse().unwrap();
        let figures = [frame(-0.8), frame(-0.8), frame(0.0), frame(0.7)];
        for theme in [Theme::Light, Theme::Dark] {
            let stage = Stage::new(size, theme, &[&figures[0], &figures[3]]);
            let mut animation = Animation::new(Vec::new(), &stage, &[]).unwrap();
            let painted: Vec<Vec<u8>> = figures.iter().map(|figure| stage.paint(figure).unwrap()).collect();
            for frame in &painted {
                animation.push(frame, 5).unwrap();
            }
            let seen = played(&animation.finish().unwrap());
            assert_eq!(seen.iter().map(|(_, delay)| *delay).collect::<Vec<_>>(), [10, 5, 205]);
            for ((canvas, _), painted) in seen.iter().zip(&painted[1..]) {
                let wanted: Vec<[u8; 3]> =
                    painted.iter().map(|&place| stage.palette.colours()[usize::from(place)]).collect();
                assert!(*canvas == wanted, "a frame differs from what was painted");
            }
        }
    }

    #[test]
    fn a_film_cut_short_is_whole() {
        let stage = Stage::new("320x200".parse().unwrap(), Theme::Light, &[&frame(0.0)]);
        let mut animation = Animation::new(Vec::new(), &stage, &[]).unwrap();
        animation.push(&stage.paint(&frame(0.0)).unwrap(), 5).unwrap();
        assert_eq!(played(&animation.finish().unwrap()).len(), 1);
    }
}
