//! Whether a figure can be read at a size, and from which size on it can.
//!
//! A figure is laid out for any size. In a very small one words lie over each other or are left out, or next to nothing
//! remains for the data; who writes a file for paper asks here first.

use super::format::Size;
use super::picture::{Area, Ink, Item, Picture};
use super::{Extent, Figure, USUAL_DPI};

/// The least width and height of what data is drawn in, in units of the smallest type: eight by five millimetres.
const LEAST: [f64; 2] = [60.0, 38.0];
/// By how much a size that is tried is longer than the one before.
const STRIDE: f64 = 1.06;
/// Sizes that are tried: the last is six times as long.
const TRIES: i32 = 32;

impl Figure {
    /// Whether all words are there whole and none lies over another, and the data have room.
    pub fn is_readable(&self, size: Size) -> bool {
        readable(&self.draw(size), size)
    }

    /// The least size of the shape asked for at which the figure can be read; nothing where it can at the size asked for,
    /// or where no size helps.
    pub fn least_extent(&self, asked: Extent, dpi: Option<u32>) -> Option<Extent> {
        let dpi = dpi.unwrap_or(USUAL_DPI);
        let readable = |extent: &Extent| extent.at(dpi).is_ok_and(|size| self.is_readable(size));
        if readable(&asked) {
            return None;
        }
        (1..=TRIES).map(|k| asked.enlarged(STRIDE.powi(k))).find(readable)
    }
}

fn readable(picture: &Picture, size: Size) -> bool {
    let unit = super::panels::smallest_unit(size);
    let roomy = |area: &Area| area.width() >= LEAST[0] * unit && area.height() >= LEAST[1] * unit;
    // Words among data give way to one another where they are placed; halos are their own letters once more.
    let words: Vec<Area> = picture
        .items
        .iter()
        .filter(|item| matches!(item, Item::Text { style, .. } if style.ink != Ink::WHITE))
        .filter_map(Item::text_area)
        .filter(|area| !picture.data.iter().any(|data| data.contains(area.centre())))
        .collect();
    let apart = |(k, area): (usize, &Area)| words[k + 1..].iter().all(|other| !area.overlaps(*other));
    picture.lost == 0 && picture.data.iter().all(roomy) && words.iter().enumerate().all(apart)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::tests::samples::samples;

    #[test]
    fn every_kind_can_be_read_in_a_column_of_a_paper_and_says_from_which_size_on() {
        let column: Extent = "85x65mm".parse().unwrap();
        for (name, figure) in samples() {
            // A comparison is a page wide; the others fit into a column.
            let asked = if name == "comparison" { "180x114mm".parse().unwrap() } else { column };
            assert_eq!(figure.least_extent(asked, None), None, "{name}");
            let tiny: Extent = "16x12mm".parse().unwrap();
            let least = figure.least_extent(tiny, None).unwrap_or_else(|| panic!("{name} at {tiny}"));
            assert!(figure.is_readable(least.at(USUAL_DPI).unwrap()), "{name}: {least}");
            assert!(matches!(least, Extent::Millimetres(w, h) if w >= 20.0 && h >= 15.0), "{name}: {least}");
        }
    }

    #[test]
    fn a_halo_around_a_letter_is_no_word_over_another() {
        use crate::figure::{ProjectedWeight, Projection};
        // Weights in a row at the lower border, where letters stand close to the frame.
        let at = |class: usize| [0.3 * class as f64, if class < 6 { 0.0 } else { 1.0 }];
        let weights = (0..12).map(|class| ProjectedWeight { at: at(class), class }).collect();
        let class_names = (0..12).map(|class| format!("class {class}")).collect();
        let figure = Figure::Projection(Projection { class_names, weights, ..Projection::default() });
        assert_eq!(figure.least_extent("85x65mm".parse().unwrap(), None), None);
    }

    #[test]
    fn a_size_is_written_as_it_is_read() {
        for text in ["85x60mm", "800x600"] {
            assert_eq!(text.parse::<Extent>().unwrap().to_string(), text);
        }
        assert_eq!("40x30mm".parse::<Extent>().unwrap().enlarged(1.06).to_string(), "43x32mm");
    }
}
