//! Colours and characters, for every kind of terminal. The default colours of text are the terminal's own.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::app::look::{Ink, Inks};
use crate::app::{App, Colours, Marks};
use crate::palette;

/// How everything looks on this terminal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    pub(super) colours: Colours,
    pub(super) marks: Marks,
    inks: Inks,
}

const ASCII_PLAIN: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

const ASCII_FOCUS: border::Set<'static> =
    border::Set { horizontal_top: "=", horizontal_bottom: "=", ..ASCII_PLAIN };

impl Theme {
    pub(super) fn of(app: &App) -> Self {
        let colours = app.look.depth(app.colours);
        Self { colours, marks: app.marks, inks: app.look.inks(colours) }
    }

    /// The same in all colours, whatever the terminal's text can have.
    pub(super) fn full(app: &App) -> Self {
        Self { colours: Colours::Full, inks: app.look.inks(Colours::Full), ..Self::of(app) }
    }

    pub(super) fn ascii(self) -> bool {
        self.marks == Marks::Ascii
    }

    /// One character, by what the terminal can draw.
    pub(super) fn pick(self, symbol: char, ascii: char) -> char {
        if self.ascii() { ascii } else { symbol }
    }

    pub(super) fn border(self, focused: bool) -> border::Set<'static> {
        match (self.ascii(), focused) {
            (true, true) => ASCII_FOCUS,
            (true, false) => ASCII_PLAIN,
            (false, true) => border::DOUBLE,
            (false, false) => border::ROUNDED,
        }
    }

    /// The style of an entry of [`ROLES`](crate::app::look::ROLES).
    fn role(self, place: usize) -> Style {
        match self.colours {
            Colours::Mono => Style::new(),
            _ => inked(self.inks.roles[place]),
        }
    }

    /// Lines and words that should stay in the background.
    pub(super) fn quiet(self) -> Style {
        match self.colours {
            Colours::Mono => Style::new().add_modifier(Modifier::DIM),
            _ => self.role(5),
        }
    }

    #[expect(clippy::unused_self, reason = "asked for like the other styles")]
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What has the focus, and keys.
    pub(super) fn accent(self) -> Style {
        self.role(0).add_modifier(Modifier::BOLD)
    }

    pub(super) fn wrong(self) -> Style {
        self.role(1).add_modifier(Modifier::BOLD)
    }

    pub(super) fn good(self) -> Style {
        self.role(2).add_modifier(Modifier::BOLD)
    }

    /// The loss curve.
    pub(super) fn curve(self) -> Style {
        self.role(3)
    }

    /// Floors and targets.
    pub(super) fn target(self) -> Style {
        self.role(4)
    }

    /// A run of those side by side.
    pub(super) fn run(self, run: usize) -> Style {
        match run {
            0 => self.curve(),
            1 => self.good(),
            2 => self.accent(),
            _ => self.wrong(),
        }
    }

    /// A class; `depth` from −1 (back) to 1 (front) fades what is behind.
    pub(super) fn class(self, class: usize, depth: f32) -> Style {
        let back = depth < -0.15;
        let ink = self.inks.classes[class % self.inks.classes.len()];
        match (self.colours, ink) {
            (Colours::Mono, _) if back => Style::new().add_modifier(Modifier::DIM),
            (Colours::Mono, _) => Style::new(),
            (Colours::Full, Ink::Rgb(r, g, b)) => {
                // Toward a grey that stands back on dark and on light backgrounds alike.
                let share = (0.5 - 0.5 * depth).clamp(0.0, 1.0) * 0.72;
                let mixed = |level: u8| (f32::from(level) * (1.0 - share) + 108.0 * share) as u8;
                Style::new().fg(Color::Rgb(mixed(r), mixed(g), mixed(b)))
            }
            (_, ink) if back => inked(ink).add_modifier(Modifier::DIM),
            (_, ink) => inked(ink),
        }
    }

    /// The character of a class.
    pub(super) fn glyph(self, class: usize) -> char {
        let shape = palette::shape(class);
        self.pick(shape.glyph(), shape.ascii())
    }
}

fn inked(ink: Ink) -> Style {
    match ink {
        Ink::Plain => Style::new(),
        Ink::Own(number) => Style::new().fg(OWN[usize::from(number) % OWN.len()]),
        Ink::Rgb(r, g, b) => Style::new().fg(Color::Rgb(r, g, b)),
    }
}

/// The terminal's own colours by number: named, so that the oldest codes are sent for them.
const OWN: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The nearest printable ASCII character, for terminals without others.
pub(super) fn to_ascii(c: char) -> char {
    match c {
        c if c.is_ascii() => c,
        '·' | '…' | '┄' => '.',
        '←' | '‹' | '≤' | '◂' => '<',
        '→' | '▶' | '›' | '≥' | '▸' => '>',
        '↑' | '▲' => '^',
        '↓' | '▼' => 'v',
        'λ' => 'l',
        '×' => 'x',
        '≈' => '~',
        '−' | '─' | '–' => '-',
        '│' | '‖' => '|',
        '█' | '■' => '#',
        'θ' | '○' => 'o',
        'τ' => 't',
        'γ' => 'g',
        'α' => 'a',
        'β' => 'b',
        'π' => 'p',
        '°' => ' ',
        'Σ' => 'S',
        'σ' => 's',
        '∂' => 'd',
        '²' => '2',
        '✓' => '*',
        _ => '?',
    }
}
