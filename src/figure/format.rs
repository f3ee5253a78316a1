//! The two file formats of a figure and its size in pixels, both parsed strictly from what a user types.

use std::path::Path;
use std::str::FromStr;

use super::FigureError;

/// What a figure is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels, 8-bit RGB on white.
    Png,
    /// Vectors with real text, for papers.
    Svg,
}

impl Format {
    /// Reads the format off the extension of a file name, in any case.
    ///
    /// # Errors
    /// [`FigureError::Format`] for any other extension or none; the sentence names the nearest right one.
    pub fn from_path(path: &Path) -> Result<Self, FigureError> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        match extension.as_str() {
            "png" => Ok(Self::Png),
            "svg" => Ok(Self::Svg),
            _ => Err(FigureError::Format {
                name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
                nearest: nearest_extension(&extension),
            }),
        }
    }
}

/// Vector formats lead to SVG, everything else to whichever is spelled more alike.
fn nearest_extension(extension: &str) -> &'static str {
    if matches!(extension, "pdf" | "eps" | "ps" | "emf" | "svgz") {
        return ".svg";
    }
    if strsim::levenshtein(extension, "svg") < strsim::levenshtein(extension, "png") {
        ".svg"
    } else {
        ".png"
    }
}

/// Width and height of a figure in pixels (CSS pixels for SVG), each within [`Size::BOUNDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
    /// Dots an inch, where the figure is to be printed in a given size.
    dpi: Option<u32>,
    /// The unit of text and lines in thousandths of a pixel, where the size alone does not say it.
    unit: Option<u32>,
}

impl Size {
    /// The sides a figure may have, in pixels.
    pub const BOUNDS: std::ops::RangeInclusive<u32> = 64..=8192;

    /// A size from its sides in pixels.
    ///
    /// # Errors
    /// [`FigureError::SizeBounds`] if a side is outside [`Size::BOUNDS`].
    pub fn new(width: u32, height: u32) -> Result<Self, FigureError> {
        for (side, pixels) in [("width", width), ("height", height)] {
            if !Self::BOUNDS.contains(&pixels) {
                return Err(FigureError::SizeBounds { side, pixels: pixels.to_string() });
            }
        }
        Ok(Self { width, height, dpi: None, unit: None })
    }

    /// The same, to be printed at so many dots an inch: type is as large on paper whatever the size.
    #[must_use]
    pub(super) fn printed(self, dpi: u32) -> Self {
        Self { dpi: Some(dpi), ..self }
    }

    /// The same for a part of a larger figure: text and lines are multiples of the larger one's unit.
    #[must_use]
    pub(super) fn with_unit(self, unit: f64) -> Self {
        Self { unit: Some((1000.0 * unit).round().max(1.0) as u32), ..self }
    }

    /// A part of a figure, as small as it comes.
    pub(super) fn part(width: f64, height: f64, unit: f64) -> Self {
        let side = |x: f64| (x.floor() as u32).clamp(1, *Self::BOUNDS.end());
        Self { width: side(width), height: side(height), dpi: None, unit: None }.with_unit(unit)
    }

    /// Whether it is that of a part of a larger figure.
    pub(super) fn is_part(self) -> bool {
        self.unit.is_some()
    }

    /// Dots an inch, where the figure is to be printed in a given size.
    pub fn dpi(self) -> Option<u32> {
        self.dpi
    }

    /// The unit that text, lines and gaps are multiples of: 1 at 800×600 pixels, half a point on paper.
    pub(super) fn unit(self) -> f64 {
        if let Some(unit) = self.unit {
            return f64::from(unit) / 1000.0;
        }
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        if let Some(dpi) = self.dpi {
            // Journals set figures in 6 to 8 points up to a page's width; posters are read from farther away.
            let page = 8.3 * f64::from(dpi);
            return f64::from(dpi) / 144.0 * (width / page).max(1.0);
        }
        let share = (width / 800.0).min(height / 600.0);
        if share >= 1.0 { share } else { share.powf(0.55) }
    }

    /// The width in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// The height in pixels.
    pub fn height(self) -> u32 {
        self.height
    }
}

impl Default for Size {
    /// 800×600 pixels.
    fn default() -> Self {
        Self { width: 800, height: 600, dpi: None, unit: None }
    }
}

impl FromStr for Size {
    type Err = FigureError;

    /// Reads `WxH`: two whole numbers with a small `x` between them and nothing else.
    fn from_str(text: &str) -> Result<Self, FigureError> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (width, height) = text
            .split_once('x')
            .filter(|(width, height)| is_number(width) && is_number(height))
            .ok_or_else(|| FigureError::SizeSyntax { text: text.to_owned() })?;
        let pixels = |side, digits: &str| {
            let too_long = FigureError::SizeBounds { side, pixels: digits.to_owned() };
            digits.parse::<u32>().map_err(|_| too_long)
        };
        Self::new(pixels("width", width)?, pixels("height", height)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_in_any_case() {
        assert_eq!(Format::from_path(Path::new("out/a.b.PNG")).unwrap(), Format::Png);
        assert_eq!(Format::from_path(Path::new("fig.svg")).unwrap(), Format::Svg);
    }

    #[test]
    fn another_extension_is_refused_with_the_nearest_right_one() {
        let sentence = |name: &str| Format::from_path(Path::new(name)).unwrap_err().to_string();
        assert_eq!(
            sentence("d/fig.pdf"),
            "a figure is written as .png or .svg, which fig.pdf is not: try .svg"
        );
        assert!(sentence("fig.pgn").ends_with("try .png"));
        assert!(sentence("fig.sgv").ends_with("try .svg"));
        assert!(sentence("fig").ends_with("try .png"));
    }

    #[test]
    fn a_size_is_two_numbers_and_an_x() {
        assert_eq!("1600x900".parse::<Size>().unwrap(), Size::new(1600, 900).unwrap());
        for wrong in [
            "",
            "x",
            "800",
            "800x",
            "x600",
            "800X600",
            "800×600",
            " 800x600",
            "+800x600",
            "800x600x2",
            "8e2x600",
        ] {
            let sentence = wrong.parse::<Size>().unwrap_err().to_string();
            assert!(sentence.contains("WxH"), "{wrong}: {sentence}");
        }
    }

    #[test]
    fn a_size_out_of_bounds_says_which_side() {
        let sentence = |text: &str| text.parse::<Size>().unwrap_err().to_string();
        assert_eq!(sentence("63x600"), "the width of a figure must be 64 to 8192 pixels, not 63");
        assert_eq!(sentence("800x8193"), "the height of a figure must be 64 to 8192 pixels, not 8193");
        assert!(sentence("99999999999999999999x600").contains("width"));
        assert!("64x8192".parse::<Size>().is_ok());
    }
}
