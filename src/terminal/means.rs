//! What the lab is shown with: colours, marks and pictures, by what was asked for, what the environment says, and what
//! the terminal answers.

use super::graphics::{Answer, Protocol, Rgb, Wanted, choose};
use super::{ColourMode, Glyphs, capabilities};
use crate::app::{Colours, Marks};
use crate::config::{Config, Graphics};

/// How this terminal is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// How pictures are sent, where they are.
    pub protocol: Option<Protocol>,
    /// The colour that pictures stand on, where the terminal has said it.
    pub paper: Option<Rgb>,
    /// The colours of text.
    pub colour: ColourMode,
}

/// A variable of the environment.
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Decides, and asks the terminal if need be: call before the screen is opened. `colour` is what was asked for.
pub fn ask(config: &Config, colour: ColourMode) -> Means {
    let Answer { protocol, paper } = choose(wanted(config), environment);
    let colour = match capabilities(environment).colour {
        // What takes pictures takes all colours too, whatever it says of itself, and one class should not have two.
        ColourMode::Sixteen | ColourMode::Indexed if protocol.is_some() && colour == ColourMode::Auto => {
            ColourMode::TrueColour
        }
        _ => colour,
    };
    Means { protocol, paper, colour }
}

/// How pictures are to be sent. Characters that were asked for are what is wanted to be seen.
fn wanted(config: &Config) -> Wanted {
    match config.graphics {
        Graphics::Auto if config.marks.is_some() => Wanted::Nothing,
        Graphics::Auto => Wanted::Auto,
        Graphics::Kitty => Wanted::This(Protocol::Kitty),
        Graphics::Iterm => Wanted::This(Protocol::Iterm),
        Graphics::Sixel => Wanted::This(Protocol::Sixel),
        Graphics::None => Wanted::Nothing,
    }
}

/// The colours that the lab draws in where so many are sent.
pub fn colours(mode: ColourMode) -> Colours {
    match mode {
        ColourMode::Mono => Colours::Mono,
        ColourMode::Sixteen => Colours::Sixteen,
        ColourMode::Auto | ColourMode::Indexed | ColourMode::TrueColour => Colours::Full,
    }
}

/// The marks that the environment lets expect to be drawn.
pub fn marks() -> Marks {
    match capabilities(environment).glyphs {
        Glyphs::Braille => Marks::Braille,
        Glyphs::HalfBlock => Marks::HalfBlock,
        Glyphs::Ascii => Marks::Ascii,
    }
}
