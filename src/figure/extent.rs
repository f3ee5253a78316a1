//! The size of a figure as a user types it: in pixels, or in millimetres on paper.

use std::str::FromStr;

use super::{FigureError, Size};

/// A size in pixels, or in millimetres that only become pixels at some resolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// Pixels.
    Pixels(Size),
    /// Width and height in millimetres.
    Millimetres(f64, f64),
}

/// Dots an inch where nothing else is said: what journals ask for.
pub const USUAL_DPI: u32 = 300;

impl Extent {
    /// The size in pixels; `dpi` matters to millimetres only.
    ///
    /// # Errors
    /// [`FigureError::SizeBounds`] if a side has too few or too many pixels at this resolution.
    pub fn at(self, dpi: u32) -> Result<Size, FigureError> {
        match self {
            Self::Pixels(size) => Ok(size),
            Self::Millimetres(width, height) => {
                let dots = |mm: f64| (mm / 25.4 * f64::from(dpi)).round().clamp(0.0, 1e9) as u32;
                Ok(Size::new(dots(width), dots(height))?.printed(dpi))
            }
        }
    }
}

impl Extent {
    /// The same shape, longer by a factor, in whole pixels or millimetres.
    #[must_use]
    pub fn enlarged(self, factor: f64) -> Self {
        let longer = |side: f64| (side * factor).ceil();
        match self {
            Self::Pixels(size) => {
                let [width, height] =
                    [size.width(), size.height()].map(|side| longer(f64::from(side)) as u32);
                Self::Pixels(Size::new(width, height).unwrap_or(size))
            }
            Self::Millimetres(width, height) => Self::Millimetres(longer(width), longer(height)),
        }
    }
}

impl std::fmt::Display for Extent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pixels(size) => write!(f, "{}x{}", size.width(), size.height()),
            Self::Millimetres(width, height) => write!(f, "{width}x{height}mm"),
        }
    }
}

impl FromStr for Extent {
    type Err = FigureError;

    /// Reads `800x600`, or `85x60mm` with at most two decimals.
    fn from_str(text: &str) -> Result<Self, FigureError> {
        let Some(sides) = text.strip_suffix("mm") else { return Ok(Self::Pixels(text.parse()?)) };
        let wrong = || FigureError::SizeSyntax { text: text.to_owned() };
        let number = |part: &str| {
            let plain = part.len() <= 8 && part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            part.parse::<f64>().ok().filter(|mm| plain && mm.is_finite() && *mm > 0.0).ok_or_else(wrong)
        };
        let (width, height) = sides.split_once('x').ok_or_else(wrong)?;
        Ok(Self::Millimetres(number(width)?, number(height)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn millimetres_become_pixels_at_a_resolution() {
        let extent: Extent = "85x60mm".parse().unwrap();
        assert_eq!(extent, Extent::Millimetres(85.0, 60.0));
        let size = extent.at(300).unwrap();
        // 85 / 25.4 · 300 = 1003.9 and 60 / 25.4 · 300 = 708.7.
        assert_eq!((size.width(), size.height(), size.dpi()), (1004, 709, Some(300)));
        assert_eq!("800x600".parse::<Extent>().unwrap().at(300).unwrap(), Size::default());
    }

    #[test]
    fn type_is_as_large_on_paper_at_any_size_and_resolution() {
        let unit = |text: &str, dpi: u32| {
            text.parse::<Extent>().unwrap().at(dpi).unwrap().unit() / f64::from(dpi) * 72.0
        };
        for (text, dpi) in [("85x60mm", 300), ("85x60mm", 600), ("180x120mm", 300), ("60x60mm", 150)] {
            assert!((unit(text, dpi) - 0.5).abs() < 1e-9, "{text} at {dpi}: {} pt", unit(text, dpi));
        }
        assert!(unit("841x600mm", 150) > 1.5, "a poster has larger type");
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for wrong in ["mm", "85mm", "85xmm", "x60mm", "-85x60mm", "85x0mm", "1e2x60mm", "85x60 mm", "85x60cm"]
        {
            assert!(wrong.parse::<Extent>().is_err(), "{wrong}");
        }
        let error = "9000x60mm".parse::<Extent>().unwrap().at(300).unwrap_err().to_string();
        assert!(error.contains("width"), "{error}");
    }
}
