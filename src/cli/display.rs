//! How the lab is shown: options of the lab alone, none of which changes a run.

use clap::{Args, ValueEnum};

use crate::app::Marks;
use crate::lab::Options;
use crate::terminal::graphics::{Protocol, Wanted};

/// How the lab is shown.
#[derive(Args, Clone, Debug, Default)]
pub struct Display {
    /// Real pixels in the view: what the terminal has, or this, or none
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Screen")]
    pub graphics: Option<Graphics>,
    /// The characters that points and lines are made of
    #[arg(long, value_enum, value_name = "MARKER", help_heading = "Screen")]
    pub marker: Option<Marker>,
}

/// Ways to send pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Graphics {
    /// What the terminal has
    Auto,
    /// kitty's protocol: kitty, Ghostty
    Kitty,
    /// iTerm2's protocol: iTerm2, WezTerm
    Iterm,
    /// Sixels: foot, mlterm, xterm with them
    Sixel,
    /// Characters only
    None,
}

/// Characters to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Marker {
    /// Braille, 2x4 dots a cell
    Braille,
    /// Octants, 2x4 solid blocks a cell, in the newest fonts
    Octant,
    /// Half blocks, 1x2 a cell
    Half,
    /// One dot a cell
    Dot,
    /// Printable ASCII only
    Ascii,
}

impl Display {
    /// The same for the lab.
    pub fn options(&self) -> Options {
        let graphics = match self.graphics {
            None | Some(Graphics::Auto) => Wanted::Auto,
            Some(Graphics::Kitty) => Wanted::This(Protocol::Kitty),
            Some(Graphics::Iterm) => Wanted::This(Protocol::Iterm),
            Some(Graphics::Sixel) => Wanted::This(Protocol::Sixel),
            Some(Graphics::None) => Wanted::Nothing,
        };
        // Characters that were asked for are what is wanted to be seen.
        let graphics =
            if self.marker.is_some() && self.graphics.is_none() { Wanted::Nothing } else { graphics };
        let marks = self.marker.map(|marker| match marker {
            Marker::Braille => Marks::Braille,
            Marker::Octant => Marks::Octant,
            Marker::Half => Marks::HalfBlock,
            Marker::Dot => Marks::Dot,
            Marker::Ascii => Marks::Ascii,
        });
        Options { graphics, marks, ..Options::default() }
    }
}
