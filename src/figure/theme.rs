//! Light and dark paper: how the inks of a picture change, all in one place. Pictures are laid out for light paper.

use super::picture::{Ink, Item, Picture};
use crate::palette;

/// The paper of a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// White, for papers.
    #[default]
    Light,
    /// Nearly black, for slides and screens.
    Dark,
}

impl Theme {
    /// What the picture is drawn on.
    pub(super) fn paper(self) -> Ink {
        self.ink(Ink::WHITE)
    }

    /// An ink as it looks on this paper.
    pub(super) fn ink(self, ink: Ink) -> Ink {
        let full = self.full(ink);
        if ink.tint >= 1.0 {
            return full;
        }
        let paper = self.full(Ink::WHITE).rgb;
        let mixed =
            |of: u8, on: u8| (f64::from(on) + ink.tint * (f64::from(of) - f64::from(on))).round() as u8;
        let (of, on) = (full.rgb, paper);
        Ink { rgb: (mixed(of.0, on.0), mixed(of.1, on.1), mixed(of.2, on.2)), tint: 1.0, ..full }
    }

    /// An ink as it looks where it covers all of this paper.
    fn full(self, ink: Ink) -> Ink {
        if self == Self::Light {
            return ink;
        }
        let (r, g, b) = ink.rgb;
        let rgb = if r == g && g == b {
            // Greys change places, from the paper (0x14) up to nearly white.
            let grey = (f64::from(255 - r) * (0xf2 - 0x14) as f64 / 255.0 + 20.0).round() as u8;
            (grey, grey, grey)
        } else if ink.mapped {
            turned((r, g, b))
        } else {
            palette::COLOURS.iter().find(|colour| colour.rgb == ink.rgb).map_or(ink.rgb, |c| c.on_dark)
        };
        Ink { rgb, ..ink }
    }

    /// The picture with all its inks as they look on this paper.
    pub(super) fn applied(self, mut picture: Picture) -> Picture {
        for item in &mut picture.items {
            match item {
                Item::Polygon { ink, .. } | Item::Disc { ink, .. } | Item::Line { ink, .. } => {
                    *ink = self.ink(*ink);
                }
                Item::Text { style, .. } => style.ink = self.ink(style.ink),
            }
        }
        picture
    }
}

/// Light for dark at the same hue: each channel reflected about the middle of the brightest and the darkest.
fn turned((r, g, b): (u8, u8, u8)) -> (u8, u8, u8) {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let shift = 255 - i32::from(most) - i32::from(least);
    // The paper is not black: what was white becomes the paper.
    let lifted = |level: u8| {
        let level = f64::from((i32::from(level) + shift).clamp(0, 255));
        (20.0 + level * (242.0 - 20.0) / 255.0).round() as u8
    };
    (lifted(r), lifted(g), lifted(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::colour_map::{diverging, readable_on};

    fn luminance(ink: Ink) -> f64 {
        let (r, g, b) = ink.rgb;
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    #[test]
    fn dark_paper_turns_greys_round_and_keeps_the_colours_of_classes() {
        let dark = |ink| Theme::Dark.ink(ink).rgb;
        assert_eq!(dark(Ink::WHITE), (20, 20, 20));
        assert_eq!(dark(Ink::BLACK), (242, 242, 242));
        let orange = palette::COLOURS[4];
        assert_eq!(dark(Ink::opaque(orange.rgb)), orange.rgb);
        assert_eq!(Theme::Light.ink(Ink::GRID), Ink::GRID);
    }

    #[test]
    fn a_tint_lies_between_the_paper_and_the_colour_of_its_class() {
        for colour in palette::COLOURS.iter().filter(|colour| colour.rgb != (0, 0, 0)) {
            let ink = Ink::opaque(colour.rgb);
            for theme in [Theme::Light, Theme::Dark] {
                let [none, half, all] = [0.0, 0.5, 1.0].map(|tint| theme.ink(ink.tinted(tint)));
                assert_eq!((none.rgb, all.rgb), (theme.paper().rgb, theme.ink(ink).rgb));
                assert!(half.alpha == 1.0 && half.tint == 1.0);
            }
            // What is densest stands out from dark paper as far as it does in points.
            assert!(luminance(Theme::Dark.ink(ink)) > 80.0, "{}", colour.name);
        }
    }

    #[test]
    fn numbers_on_the_map_stay_readable() {
        for step in -20..=20 {
            let cell = diverging(f64::from(step) / 20.0);
            let (cell, text) = (Theme::Dark.ink(cell), Theme::Dark.ink(readable_on(cell)));
            assert!((luminance(cell) - luminance(text)).abs() > 60.0, "{step}: {cell:?} {text:?}");
        }
    }
}
