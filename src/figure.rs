//! Figures fit for a paper: plain data in, the bytes of a PNG or SVG file out.
//!
//! Each figure is a struct of numbers and names with its own file beneath; whoever has a run or features
//! fills it in. Nothing here knows the simulation or writes to disk. Plotters appears in this module only.

mod angles;
mod animation;
mod axis;
mod colour_map;
mod comparison;
mod curves;
mod density;
mod edits;
mod extent;
mod font;
mod force_law;
mod format;
mod gram;
mod indexed;
mod legend;
mod legible;
mod lengths;
mod mark;
mod paint;
mod panel;
mod panels;
mod phase;
mod picture;
mod powers;
mod projection;
mod raster;
mod scale;
mod series;
mod sketch;
mod table;
#[cfg(test)]
mod tests;
mod theme;

pub use angles::Angles;
pub use animation::{Animation, Stage};
pub use axis::significant;
pub use comparison::{Band, Comparison, Trajectories};
pub use curves::{Curves, Floor, XScale, YScale};
pub use density::{Density, Group};
pub use extent::{Extent, USUAL_DPI};
pub use force_law::ForceLaw;
pub use format::{Format, Size};
pub use gram::Gram;
pub use indexed::{Indexed, Palette};
pub use lengths::{ClassLengths, Predicted};
pub use panel::Panel;
pub use panels::{Pane, Panels};
pub use phase::PhaseDiagram;
pub use picture::Area;
pub use projection::{
    Gauge, Map, PickedPoint, ProjectedArrow, ProjectedPoint, ProjectedTrail, ProjectedWeight, Projection,
    TurnedAxis,
};
pub use series::Series;
pub use sketch::Sketch;
pub use table::Table;
pub use theme::Theme;

use picture::Picture;

/// Any figure losslab can draw.
#[expect(clippy::large_enum_variant, reason = "there are a handful of figures at a time")]
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// Points projected to two dimensions.
    Projection(Projection),
    /// Losses over steps.
    Curves(Curves),
    /// Cosines between classes.
    Gram(Gram),
    /// Histograms of angles.
    Angles(Angles),
    /// Where rows lie on the circle or the sphere.
    Density(Density),
    /// Coupling over angle.
    ForceLaw(ForceLaw),
    /// Lengths as they are and as they are predicted.
    Lengths(ClassLengths),
    /// Final states over two knobs.
    Phase(PhaseDiagram),
    /// Names and values.
    Table(Table),
    /// Several of them in one.
    Panels(Panels),
    /// Several runs side by side.
    Comparison(Comparison),
}

/// Why a figure could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// The file name has no extension known here.
    #[error("a figure is written as .png or .svg, which {name} is not: try {nearest}")]
    Format {
        /// The file name as given.
        name: String,
        /// The extension that is nearest.
        nearest: &'static str,
    },
    /// A size that is not two numbers.
    #[error(
        "the size of a figure is written WxH in pixels, like 800x600, or in mm, like 85x60mm, not \"{text}\""
    )]
    SizeSyntax {
        /// What was given.
        text: String,
    },
    /// A size that is too small or too large.
    #[error("the {side} of a figure must be {} to {} pixels, not {pixels}", Size::BOUNDS.start(), Size::BOUNDS.end())]
    SizeBounds {
        /// Width or height.
        side: &'static str,
        /// What was given, perhaps beyond any integer.
        pixels: String,
    },
    /// A metadata key that PNG does not allow.
    #[error("a metadata key of a PNG has 1 to 79 Latin characters, which one of these has not: {key}")]
    Metadata {
        /// The keys given.
        key: String,
    },
    /// The painter or the encoder failed: a fault of the program, not of the data.
    #[error("the figure could not be painted: {reason}")]
    Paint {
        /// What it said.
        reason: String,
    },
}

/// Draws a figure on light paper and returns the bytes of the file.
///
/// The same figure, format and size give the same bytes, on every machine.
///
/// # Errors
/// [`FigureError::Paint`] if the painter fails, which no data should bring about.
pub fn render(figure: &Figure, format: Format, size: Size) -> Result<Vec<u8>, FigureError> {
    render_with(figure, format, size, Theme::Light, &[])
}

/// As [`render`], with pairs of key and value stored in the file: text chunks in PNG, `<metadata>` in SVG.
///
/// # Errors
/// As [`render_with`].
pub fn render_with_metadata(
    figure: &Figure,
    format: Format,
    size: Size,
    metadata: &[(String, String)],
) -> Result<Vec<u8>, FigureError> {
    render_with(figure, format, size, Theme::Light, metadata)
}

/// As [`render_with_metadata`], on light or dark paper.
///
/// # Errors
/// [`FigureError::Metadata`] if PNG does not allow a key; [`FigureError::Paint`] as [`render`].
pub fn render_with(
    figure: &Figure,
    format: Format,
    size: Size,
    theme: Theme,
    metadata: &[(String, String)],
) -> Result<Vec<u8>, FigureError> {
    let picture = theme.applied(figure.draw(size));
    match format {
        Format::Png => raster::encode(&paint::pixels(&picture, theme.paper())?, size, metadata),
        Format::Svg => Ok(paint::svg(&picture, theme.paper(), metadata)?.into_bytes()),
    }
}

impl Figure {
    /// The size of the figure where nobody said how large it is to be, for a page at the usual resolution.
    pub fn natural_size(&self) -> Size {
        let [width, height] = match self {
            Self::Projection(projection) => return projection.natural_size(),
            Self::Density(density) => return density.natural_size(),
            Self::Gram(_) => [110.0, 95.0],
            Self::Panels(panels) => match panels.panels.len() {
                0 | 1 => [120.0, 90.0],
                2 => [170.0, 72.0],
                3 => [180.0, 62.0],
                4 => [170.0, 128.0],
                _ => [180.0, 110.0],
            },
            Self::Comparison(_) => [180.0, 114.0],
            _ => [120.0, 90.0],
        };
        Extent::Millimetres(width, height).at(USUAL_DPI).unwrap_or_default()
    }

    fn draw(&self, size: Size) -> Picture {
        match self {
            Self::Projection(projection) => projection::draw(projection, size).0,
            Self::Curves(curves) => curves::draw(curves, size).0,
            Self::Gram(gram) => gram::draw(gram, size),
            Self::Angles(angles) => angles::draw(angles, size).0,
            Self::Density(density) => density::draw(density, size),
            Self::ForceLaw(law) => force_law::draw(law, size).0,
            Self::Lengths(lengths) => lengths::draw(lengths, size).0,
            Self::Phase(phase) => phase::draw(phase, size).0,
            Self::Table(table) => table::draw(table, size),
            Self::Panels(panels) => panels::draw(panels, size),
            Self::Comparison(runs) => comparison::draw(runs, size),
        }
    }

    /// The title, as it stands above the figure.
    pub fn title(&self) -> &str {
        match self {
            Self::Projection(Projection { title, .. })
            | Self::Curves(Curves { title, .. })
            | Self::Gram(Gram { title, .. })
            | Self::Angles(Angles { title, .. })
            | Self::Density(Density { title, .. })
            | Self::ForceLaw(ForceLaw { title, .. })
            | Self::Lengths(ClassLengths { title, .. })
            | Self::Phase(PhaseDiagram { title, .. })
            | Self::Table(Table { title, .. })
            | Self::Panels(Panels { title, .. })
            | Self::Comparison(Comparison { title, .. }) => title,
        }
    }

    /// The same, to be changed.
    pub fn title_mut(&mut self) -> &mut String {
        match self {
            Self::Projection(Projection { title, .. })
            | Self::Curves(Curves { title, .. })
            | Self::Gram(Gram { title, .. })
            | Self::Angles(Angles { title, .. })
            | Self::Density(Density { title, .. })
            | Self::ForceLaw(ForceLaw { title, .. })
            | Self::Lengths(ClassLengths { title, .. })
            | Self::Phase(PhaseDiagram { title, .. })
            | Self::Table(Table { title, .. })
            | Self::Panels(Panels { title, .. })
            | Self::Comparison(Comparison { title, .. }) => title,
        }
    }
}

/// The name of a class, or its number where it has none.
fn class_name(names: &[String], class: usize) -> String {
    names
        .get(class)
        .filter(|name| !name.trim().is_empty())
        .cloned()
        .unwrap_or_else(|| format!("class {class}"))
}
