//! Which colours: themes, and the colours of each, as plain data. The background is the terminal's own, so every
//! colour that may stand on an unknown one is readable on white and on black. How they are drawn stands in `view`.

use super::Colours;
use crate::palette::COLOURS;

/// A colour of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The terminal's own colour of text.
    Plain,
    /// One of the terminal's own sixteen.
    Own(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// What text stands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Background {
    /// Nobody has said.
    #[default]
    Unknown,
    /// Something dark.
    Dark,
    /// Something light.
    Light,
}

/// A set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Hues of Okabe and Ito, as light as the background needs.
    #[default]
    Auto,
    /// The terminal's own sixteen.
    Terminal,
    /// The colours of Okabe and Ito, as they are.
    OkabeIto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// No colour.
    Mono,
}

impl Theme {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("auto", Self::Auto),
        ("terminal", Self::Terminal),
        ("okabe-ito", Self::OkabeIto),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("mono", Self::Mono),
    ];

    /// A line about it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Auto => "hues of Okabe and Ito, as light as the background needs",
            Self::Terminal => "the terminal's own sixteen colours",
            Self::OkabeIto => "the colours of Okabe and Ito, as they are",
            Self::Dark => "for a dark background",
            Self::Light => "for a light background",
            Self::Mono => "no colour",
        }
    }
}

/// The colour of everything that has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inks {
    /// By the place of [`ROLES`].
    pub roles: [Ink; ROLES.len()],
    /// Classes, in turn.
    pub classes: [Ink; 8],
}

/// What has a colour beside classes.
pub const ROLES: [&str; 6] = ["accent", "wrong", "good", "curve", "target", "quiet"];

/// A theme with a person's own colours over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The theme.
    pub theme: Theme,
    /// What the terminal stands on.
    pub background: Background,
    /// Its colour, where the terminal said it: red, green, blue.
    pub paper: Option<(u8, u8, u8)>,
    /// Own colours for [`ROLES`].
    pub roles: [Option<Ink>; ROLES.len()],
    /// Own colours for classes.
    pub classes: [Option<Ink>; 8],
}

/// Readable on white and on black: hues of Okabe and Ito, brought to a middle lightness where they are not.
const MIDDLE: [Ink; 8] = [
    Ink::Rgb(0, 114, 178),
    Ink::Rgb(213, 94, 0),
    Ink::Rgb(0, 158, 115),
    Ink::Rgb(198, 112, 160),
    Ink::Rgb(178, 122, 0),
    Ink::Rgb(58, 142, 196),
    Ink::Rgb(128, 128, 128),
    Ink::Rgb(150, 138, 20),
];
const MIDDLE_ROLES: [Ink; 6] = [
    Ink::Rgb(58, 142, 196),
    Ink::Rgb(213, 94, 0),
    Ink::Rgb(0, 150, 108),
    Ink::Rgb(58, 142, 196),
    Ink::Rgb(178, 122, 0),
    Ink::Rgb(118, 118, 118),
];
const LIGHT: [Ink; 8] = [
    Ink::Rgb(0, 94, 148),
    Ink::Rgb(184, 76, 0),
    Ink::Rgb(0, 122, 88),
    Ink::Rgb(168, 80, 130),
    Ink::Rgb(146, 98, 0),
    Ink::Rgb(30, 112, 166),
    Ink::Rgb(0, 0, 0),
    Ink::Rgb(116, 106, 0),
];
const LIGHT_ROLES: [Ink; 6] = [
    Ink::Rgb(0, 94, 148),
    Ink::Rgb(184, 60, 0),
    Ink::Rgb(0, 112, 80),
    Ink::Rgb(0, 94, 148),
    Ink::Rgb(146, 98, 0),
    Ink::Rgb(105, 105, 105),
];
const DARK_ROLES: [Ink; 6] = [
    Ink::Rgb(86, 180, 233),
    Ink::Rgb(233, 114, 20),
    Ink::Rgb(0, 178, 130),
    Ink::Rgb(86, 180, 233),
    Ink::Rgb(230, 159, 0),
    Ink::Rgb(138, 138, 138),
];

const BLUE: Ink = Ink::Own(12);
const RED: Ink = Ink::Own(9);
const DARK_RED: Ink = Ink::Own(1);
const MAGENTA: Ink = Ink::Own(5);
const PINK: Ink = Ink::Own(13);
const GREY: Ink = Ink::Own(8);

/// Of the sixteen only these stand out from white and from black alike; shapes tell apart what is left.
const OWN: [Ink; 8] = [BLUE, RED, MAGENTA, Ink::Plain, PINK, GREY, DARK_RED, Ink::Own(4)];
const OWN_MIDDLE: [Ink; 8] = [BLUE, RED, MAGENTA, Ink::Plain, PINK, GREY, DARK_RED, Ink::Plain];
const OWN_MIDDLE_ROLES: [Ink; 6] = [BLUE, RED, Ink::Plain, BLUE, MAGENTA, GREY];
const OWN_DARK: [Ink; 8] =
    [BLUE, RED, Ink::Own(2), MAGENTA, Ink::Own(3), Ink::Own(6), Ink::Plain, Ink::Own(11)];
const OWN_DARK_ROLES: [Ink; 6] = [Ink::Own(6), RED, Ink::Own(2), Ink::Own(6), Ink::Own(3), GREY];

impl Look {
    /// The background that counts: a theme may settle it.
    fn ground(&self) -> Background {
        match self.theme {
            Theme::Dark => Background::Dark,
            Theme::Light => Background::Light,
            _ => self.background,
        }
    }

    /// What a picture between the text stands on: the terminal's own colour where it is known, so that no edge shows,
    /// else what is near enough to most terminals.
    pub fn paper(&self) -> (u8, u8, u8) {
        let light = self.ground() == Background::Light;
        let settled = self.ground() != Background::Unknown;
        let fits = |&paper: &(u8, u8, u8)| !settled || is_light(paper) == light;
        self.paper.filter(fits).unwrap_or(if light { (255, 255, 255) } else { (16, 16, 18) })
    }

    /// The same look on a terminal that said its colour, if it did.
    #[must_use]
    pub fn on(self, paper: Option<(u8, u8, u8)>) -> Self {
        let Some(said) = paper else { return self };
        Self { background: if is_light(said) { Background::Light } else { Background::Dark }, paper, ..self }
    }

    /// What colours there are on a terminal that shows so many.
    pub fn inks(&self, colours: Colours) -> Inks {
        let ground = self.ground();
        let few = colours == Colours::Sixteen || self.theme == Theme::Terminal;
        let exact = |light: bool| {
            COLOURS.map(|colour| {
                let (r, g, b) = if light { colour.rgb } else { colour.on_dark };
                Ink::Rgb(r, g, b)
            })
        };
        let (roles, classes) = match (few, ground) {
            (true, Background::Dark) => (OWN_DARK_ROLES, OWN_DARK),
            (true, Background::Light) => (OWN_MIDDLE_ROLES, OWN),
            (true, Background::Unknown) => (OWN_MIDDLE_ROLES, OWN_MIDDLE),
            (false, Background::Dark) => (DARK_ROLES, exact(false)),
            (false, Background::Light) if self.theme == Theme::OkabeIto => (LIGHT_ROLES, exact(true)),
            (false, Background::Unknown) if self.theme == Theme::OkabeIto => (MIDDLE_ROLES, exact(false)),
            (false, Background::Light) => (LIGHT_ROLES, LIGHT),
            (false, Background::Unknown) => (MIDDLE_ROLES, MIDDLE),
        };
        let mut inks = Inks { roles, classes };
        let own = self.roles.iter().zip(&mut inks.roles).chain(self.classes.iter().zip(&mut inks.classes));
        for (own, ink) in own {
            *ink = own.unwrap_or(*ink);
        }
        inks
    }

    /// How many colours are left of those the terminal has: none where the theme is without any.
    pub fn depth(&self, colours: Colours) -> Colours {
        match self.theme {
            Theme::Mono => Colours::Mono,
            Theme::Terminal if colours == Colours::Full => Colours::Sixteen,
            _ => colours,
        }
    }
}

/// Whether dark text is the one to read on this colour.
pub fn is_light((r, g, b): (u8, u8, u8)) -> bool {
    0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b) > 127.0
}

/// What the environment says of the background: `COLORFGBG` ends in its colour; the Linux console is black.
pub fn background(env: impl Fn(&str) -> Option<String>) -> Background {
    let of_pair = env("COLORFGBG").and_then(|pair| pair.rsplit(';').next()?.trim().parse::<u8>().ok());
    match of_pair {
        Some(7 | 15) => Background::Light,
        Some(0..=6 | 8) => Background::Dark,
        _ if env("TERM").as_deref() == Some("linux") => Background::Dark,
        _ => Background::Unknown,
    }
}

/// The colour of a name: one of the terminal's own (`red`, `bright-red`, …, `default`), of Okabe and Ito where
/// that is another (`vermillion`, `sky blue`), or `#rrggbb`.
pub fn ink(name: &str) -> Option<Ink> {
    let small = name.to_lowercase();
    if let Some(hex) = small.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii()) {
        let level = |k: usize| u8::from_str_radix(&hex[2 * k..2 * k + 2], 16).ok();
        return Some(Ink::Rgb(level(0)?, level(1)?, level(2)?));
    }
    if let Some(place) = NAMES.iter().position(|known| *known == small) {
        return Some(if place == 16 { Ink::Plain } else { Ink::Own(place as u8) });
    }
    COLOURS.iter().find(|colour| colour.name == small).map(|colour| {
        let (r, g, b) = colour.on_dark;
        Ink::Rgb(r, g, b)
    })
}

/// The names of the terminal's own colours, by number, and of the colour of text.
pub const NAMES: [&str; 17] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
    "default",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The values xterm gives its sixteen.
    const XTERM: [(u8, u8, u8); 16] = [
        (0, 0, 0),
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        (229, 229, 229),
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ];

    /// Relative luminance and contrast as WCAG 2 defines them.
    fn luminance((r, g, b): (u8, u8, u8)) -> f64 {
        let linear = |level: u8| {
            let x = f64::from(level) / 255.0;
            if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn least_contrast(look: Look, colours: Colours, ground: (u8, u8, u8)) -> (f64, Ink) {
        let inks = look.inks(colours);
        let rgb = |ink| match ink {
            Ink::Plain => None,
            Ink::Own(number) => Some(XTERM[usize::from(number)]),
            Ink::Rgb(r, g, b) => Some((r, g, b)),
        };
        let all = inks.roles.into_iter().chain(inks.classes);
        let of = all.filter_map(|ink| Some((contrast(rgb(ink)?, ground), ink)));
        of.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
    }

    #[test]
    fn what_may_stand_on_anything_is_readable_on_white_and_on_black() {
        let (white, black) = ((255, 255, 255), (0, 0, 0));
        assert!((contrast(white, black) - 21.0).abs() < 1e-9);
        for theme in [Theme::Auto, Theme::Terminal] {
            for colours in [Colours::Sixteen, Colours::Full] {
                for ground in [white, black] {
                    let look = Look { theme, ..Look::default() };
                    let (least, ink) = least_contrast(look, colours, ground);
                    assert!(least >= 3.0, "{theme:?} {colours:?} {ink:?} on {ground:?}: {least}");
                }
            }
        }
    }

    #[test]
    fn a_theme_for_one_background_is_readable_there() {
        for colours in [Colours::Sixteen, Colours::Full] {
            for (theme, ground) in [(Theme::Dark, (0, 0, 0)), (Theme::Light, (255, 255, 255))] {
                let (least, ink) = least_contrast(Look { theme, ..Look::default() }, colours, ground);
                assert!(least >= 3.0, "{theme:?} {colours:?} {ink:?}: {least}");
            }
        }
    }

    #[test]
    fn the_environment_may_name_the_background() {
        let of = |pair: &'static str, term: &'static str| {
            background(|name| Some(if name == "TERM" { term } else { pair }.to_owned()))
        };
        assert_eq!((of("15;0", "xterm"), of("0;15", "xterm")), (Background::Dark, Background::Light));
        assert_eq!((of("0;default;15", ""), of("", "xterm")), (Background::Light, Background::Unknown));
        assert_eq!(of("nonsense", "linux"), Background::Dark);
    }

    #[test]
    fn own_colours_go_over_the_theme() {
        assert_eq!(ink("#0072b2"), Some(Ink::Rgb(0, 114, 178)));
        assert_eq!((ink("Sky Blue"), ink("bright-red")), (Some(Ink::Rgb(86, 180, 233)), Some(Ink::Own(9))));
        assert_eq!((ink("#12345"), ink("#ééé"), ink("blurple")), (None, None, None));
        let mut look = Look::default();
        look.roles[0] = Some(Ink::Own(3));
        look.classes[1] = Some(Ink::Plain);
        let inks = look.inks(Colours::Full);
        assert_eq!((inks.roles[0], inks.classes[1]), (Ink::Own(3), Ink::Plain));
        assert_eq!(inks.classes[0], MIDDLE[0]);
    }
}
